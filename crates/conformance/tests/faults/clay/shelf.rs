//! What is stored, and how a batch changes it.

use std::sync::Arc;

use rollbook_core::{
    AnyRecord, Committed, Document, Expect, Filter, ID, Op, Query, Schema, StoreError, Value,
};

use super::Schemas;
use super::ways::{Check, Update, Ways};

/// What is stored, and what was.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shelf {
    pub(crate) schemas: Schemas,
    pub(crate) documents: Vec<Document>,
    pub(crate) past: Vec<(Past, Document)>,
    pub(crate) sequence: u64,
    /// How often it was opened again.
    pub(crate) reopened: u32,
}

/// Why a document is as it is no more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Past {
    Updated,
    Deleted,
    /// Deleted with its owner.
    Fallen,
    /// Put by a batch that failed.
    Failed,
}

impl Shelf {
    pub(crate) fn of(&self, schema: &Schema) -> Vec<Document> {
        let all = self.documents.iter();
        all.filter(|document| document.record().schema() == schema).cloned().collect()
    }

    /// The past documents of a schema.
    pub(crate) fn gone(&self, schema: &Schema, why: Past) -> Vec<Document> {
        let past = self.past.iter().filter(|(past, _)| *past == why).map(|(_, document)| document);
        past.filter(|document| document.record().schema() == schema).cloned().collect()
    }

    /// The shelf as if it had been written and read with other schemas.
    pub(crate) fn decoded(self, schemas: Schemas) -> Self {
        let read = |document: Document| {
            let mut body = Vec::new();
            document.record().encode(&mut body);
            let schema = known(schemas, document.record().schema());
            let record =
                (schema.decode)(schema, &body).expect("the kit's schemas read their own bodies");
            Document::new(document.revision(), document.sequence(), record)
        };
        let documents = self.documents.into_iter().map(read).collect();
        let past = self.past.into_iter().map(|(why, document)| (why, read(document))).collect();
        let (sequence, reopened) = (self.sequence, self.reopened + 1);
        Self { schemas, documents, past, sequence, reopened }
    }

    pub(super) fn rows(&self, ways: &Ways, query: &Query) -> Vec<Document> {
        let mut rows = (ways.candidates)(self, query);
        rows.retain(|row| query.filters().iter().all(|filter| self.holds(ways, filter, row)));
        rows
    }

    fn holds(&self, ways: &Ways, filter: &Filter, row: &Document) -> bool {
        (ways.holds)(self, filter, row).unwrap_or_else(|| match filter {
            Filter::And { filters, .. } => filters.iter().all(|part| self.holds(ways, part, row)),
            Filter::Or { filters, .. } => filters.iter().any(|part| self.holds(ways, part, row)),
            Filter::Not { field, filter, .. } => {
                !field.read(row).is_null() && !self.holds(ways, filter, row)
            }
            filter => filter.matches(row),
        })
    }

    pub(super) fn apply(
        &mut self,
        ways: &Ways,
        op: Op,
        committed: &mut Committed,
    ) -> Result<(), StoreError> {
        match op {
            Op::Put { record, expect } => committed.documents.push(self.put(ways, record, expect)?),
            Op::Delete { schema, filters } => {
                let query = Query::new(schema).filters_all((ways.narrowed)(filters));
                let doomed = (ways.doomed)(self.rows(ways, &query));
                let fallen = self.remove(ways, &doomed, Past::Deleted, 0);
                committed.deleted += (ways.deleted)(doomed.len() as u64, fallen);
            }
        }
        Ok(())
    }

    fn put(
        &mut self,
        ways: &Ways,
        record: Arc<dyn AnyRecord>,
        expect: Expect,
    ) -> Result<Document, StoreError> {
        let schema = known(self.schemas, record.schema());
        let id = record.id().to_owned();
        let stored = self.documents.iter().find(|row| (ways.is)(row, schema, &id)).cloned();
        let record = (ways.record)(stored.as_ref(), record);
        let revision = (ways.revision)(self, stored.as_ref(), &id);
        let new = Document::new(revision, (ways.sequence)(self, stored.as_ref()), record);
        for check in ways.checks {
            match check {
                Check::Expectation => {
                    let expect = (ways.expect)(expect, stored.as_ref().map(Document::revision));
                    expected(schema, &id, expect, stored.as_ref())?;
                }
                Check::Owner => self.check_owner(ways, schema, &new, stored.as_ref())?,
                Check::Unique => self.check_uniques(ways, schema, &new, stored.as_ref())?,
            }
        }
        match &stored {
            Some(stored) => {
                if let Update::Anew = ways.update {
                    self.remove(ways, std::slice::from_ref(stored), Past::Updated, 0);
                }
                self.documents.retain(|row| !(ways.is)(row, schema, &id));
                self.past.push((Past::Updated, stored.clone()));
            }
            None => self.sequence = self.sequence.max(new.sequence()),
        }
        self.documents.push(new.clone());
        Ok(new)
    }

    fn check_owner(
        &self,
        ways: &Ways,
        schema: &'static Schema,
        new: &Document,
        stored: Option<&Document>,
    ) -> Result<(), StoreError> {
        for (field, owner) in schema.owner_fields() {
            match field.read(new) {
                Value::Text(id) if !(ways.housed)(self, owner, &id, stored) => {
                    let id = id.into_owned();
                    return Err(StoreError::NotFound { schema: owner.name, id });
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn check_uniques(
        &self,
        ways: &Ways,
        schema: &'static Schema,
        new: &Document,
        stored: Option<&Document>,
    ) -> Result<(), StoreError> {
        for unique in (ways.tuples)(schema) {
            let values = |document: &Document| -> Vec<Value<'static>> {
                let fields = schema.unique_fields(unique);
                fields.map(|field| field.read(document).into_owned()).collect()
            };
            let new_values = values(new);
            if (ways.exempt)(&new_values) {
                continue;
            }
            let rivals = (ways.rivals)(self, new, stored);
            if rivals.iter().any(|other| (ways.clash)(&new_values, &values(other))) {
                return Err(StoreError::Conflict { schema: schema.name, key: unique.name });
            }
        }
        Ok(())
    }

    /// Removes documents and what they own; tells how many fell with them.
    fn remove(&mut self, ways: &Ways, doomed: &[Document], why: Past, depth: usize) -> u64 {
        let same = |a: &Document, b: &Document| {
            a.sequence() == b.sequence() && a.record().schema() == b.record().schema()
        };
        self.documents.retain(|row| !doomed.iter().any(|gone| same(gone, row)));
        self.past.extend(doomed.iter().map(|gone| (why, gone.clone())));
        let mut fallen = 0;
        for owner in doomed {
            let owners = self
                .schemas
                .iter()
                .flat_map(|child| child.owner_fields().map(move |of| (*child, of)));
            for (child, (field, schema)) in owners.collect::<Vec<_>>() {
                if schema != owner.record().schema() {
                    continue;
                }
                let mut owned = self.of(child);
                owned.retain(|row| (ways.owned)(depth, &field.read(row), owner));
                fallen += owned.len() as u64 + self.remove(ways, &owned, Past::Fallen, depth + 1);
            }
        }
        fallen
    }
}

fn known(schemas: Schemas, schema: &Schema) -> &'static Schema {
    schemas.iter().find(|known| **known == schema).expect("the kit names schemas that it opened")
}

fn expected(
    schema: &Schema,
    id: &str,
    expect: Expect,
    stored: Option<&Document>,
) -> Result<(), StoreError> {
    let (schema, id) = (schema.name, id.to_owned());
    match (expect, stored) {
        (Expect::Absent, Some(_)) => Err(StoreError::Conflict { schema, key: ID.name() }),
        (Expect::Revision(_), None) => Err(StoreError::NotFound { schema, id }),
        (Expect::Revision(revision), Some(stored)) if stored.revision() != revision => {
            Err(StoreError::Stale { schema, id })
        }
        _ => Ok(()),
    }
}
