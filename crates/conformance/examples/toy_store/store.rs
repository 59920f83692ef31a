//! The store: all of it in memory, and all of it written anew with every commit.

use std::sync::Arc;
use std::{fs, io, path::PathBuf};

use async_trait::async_trait;
use rollbook_core::{
    AnyRecord, Batch, Committed, Document, Expect, ID, Op, Query, Schema, StoreError, UserStore,
    Value,
};
use tokio::sync::Mutex;

type Schemas = &'static [&'static Schema];

#[derive(Debug)]
pub(crate) struct ToyStore {
    path: PathBuf,
    schemas: Schemas,
    state: Mutex<State>,
}

/// What is stored, and the last sequence that was given.
#[derive(Clone, Debug, Default)]
struct State {
    rows: Vec<Document>,
    last: u64,
}

/// A document as it rests in the file: schema, revision, sequence, body.
type Line = (String, u64, u64, String);

impl ToyStore {
    pub(crate) fn open(path: PathBuf, schemas: Schemas) -> io::Result<Self> {
        let mut state = State::default();
        if path.exists() {
            let (last, lines): (u64, Vec<Line>) = serde_json::from_slice(&fs::read(&path)?)?;
            for (name, revision, sequence, body) in lines {
                let known = schemas.iter().find(|schema| schema.name == name);
                let known = known.ok_or(io::ErrorKind::InvalidData)?;
                let record = (known.decode)(known, body.as_bytes())?;
                state.rows.push(Document::new(revision, sequence, record));
            }
            state.last = last;
        }
        Ok(Self { path, schemas, state: Mutex::new(state) })
    }

    /// Writes a new file and puts it in the place of the old one.
    fn save(&self, state: &State) -> io::Result<()> {
        let line = |row: &Document| -> Line {
            let (mut body, record) = (Vec::new(), row.record());
            record.encode(&mut body);
            let body = String::from_utf8(body).expect("JSON is UTF-8");
            (record.schema().name.to_owned(), row.revision(), row.sequence(), body)
        };
        let new = self.path.with_extension("new");
        let lines: Vec<Line> = state.rows.iter().map(line).collect();
        fs::write(&new, serde_json::to_vec(&(state.last, lines))?)?;
        fs::File::open(&new)?.sync_all()?;
        fs::rename(new, &self.path)
    }
}

#[async_trait]
impl UserStore for ToyStore {
    async fn select(&self, query: &Query) -> Result<Vec<Document>, StoreError> {
        Ok(query.run(self.state.lock().await.of(query.schema())))
    }

    async fn count(&self, query: &Query) -> Result<u64, StoreError> {
        Ok(self.state.lock().await.of(query.schema()).filter(|row| query.matches(row)).count()
            as u64)
    }

    async fn commit(
        &self,
        batches: Vec<Batch>,
    ) -> Result<Vec<Result<Committed, StoreError>>, StoreError> {
        let mut state = self.state.lock().await;
        let mut next = state.clone();
        let one = |batch: Batch| {
            let before = (batch.ops().len() > 1).then(|| next.clone());
            let outcome = next.apply(self.schemas, batch);
            if let (Err(_), Some(before)) = (&outcome, before) {
                next = before;
            }
            outcome
        };
        let outcomes = batches.into_iter().map(one).collect();
        self.save(&next).map_err(StoreError::backend)?;
        *state = next;
        Ok(outcomes)
    }
}

impl State {
    fn of<'a>(&'a self, schema: &'a Schema) -> impl Iterator<Item = &'a Document> {
        self.rows.iter().filter(move |row| row.record().schema() == schema)
    }

    fn apply(&mut self, schemas: Schemas, batch: Batch) -> Result<Committed, StoreError> {
        let mut committed = Committed::default();
        for op in batch.into_ops() {
            match op {
                Op::Put { record, expect } => committed.documents.push(self.put(record, expect)?),
                Op::Delete { schema, filters } => {
                    let doomed = Query::new(schema).filters_all(filters).run(self.of(schema));
                    for row in &doomed {
                        self.delete(schemas, row);
                    }
                    committed.deleted += doomed.len() as u64;
                }
            }
        }
        Ok(committed)
    }

    fn put(&mut self, record: Arc<dyn AnyRecord>, expect: Expect) -> Result<Document, StoreError> {
        let (schema, id) = (record.schema(), record.id().to_owned());
        let taken = |key| Err(StoreError::Conflict { schema: schema.name, key });
        let missing = |schema: &Schema, id| Err(StoreError::NotFound { schema: schema.name, id });
        let new = match (self.of(schema).find(|row| row.id() == id), expect) {
            (Some(_), Expect::Absent) => return taken(ID.name()),
            (None, Expect::Revision(_)) => return missing(schema, id),
            (Some(old), Expect::Revision(revision)) if old.revision() != revision => {
                return Err(StoreError::Stale { schema: schema.name, id });
            }
            (Some(old), _) => Document::new(old.revision() + 1, old.sequence(), record),
            (None, _) => Document::new(1, self.last + 1, record),
        };
        for (field, owner) in schema.owner_fields() {
            if let Value::Text(id) = field.read(&new)
                && !self.of(owner).any(|row| row.id() == id)
            {
                return missing(owner, id.into_owned());
            }
        }
        for unique in schema.uniques {
            let fields: Vec<_> = schema.unique_fields(unique).map(|f| (f, f.read(&new))).collect();
            let same = |row: &Document| fields.iter().all(|(f, value)| f.read(row) == *value);
            let exempt = fields.iter().any(|(_, value)| value.is_null());
            if !exempt && self.of(schema).any(|row| same(row) && row.id() != id) {
                return taken(unique.name);
            }
        }
        if new.revision() > 1 {
            self.rows.retain(|row| row.sequence() != new.sequence());
        }
        self.last = self.last.max(new.sequence());
        self.rows.push(new.clone());
        Ok(new)
    }

    /// Deletes a document and what it owns, directly or not.
    fn delete(&mut self, schemas: Schemas, row: &Document) {
        self.rows.retain(|other| other.sequence() != row.sequence());
        let owners =
            schemas.iter().flat_map(|owned| owned.owner_fields().map(move |of| (*owned, of)));
        for (owned, (field, owner)) in owners {
            let named = |child: &&Document| field.read(child) == Value::from(row.id());
            if owner == row.record().schema() {
                for child in self.of(owned).filter(named).cloned().collect::<Vec<_>>() {
                    self.delete(schemas, &child);
                }
            }
        }
    }
}
