//! Rows: how records are put into their tables, and into all that stands beside them.

use std::sync::Arc;

use rollbook_core::{Document, Expect, Schema, StoreError, Value};
use rollbook_sql::{Sqlite, Statement, Table, Tally, rival, row, update};
use rusqlite::{Connection, ErrorCode};

use crate::connection::{Bound, document, execute};
use crate::copies;
use crate::job::Put;

/// The tables, and what the running transaction has yet to write about them.
pub(crate) struct Rows {
    tables: Vec<Table>,
    pending: Vec<Pending>,
    // A put wrote its row and then failed.
    torn: bool,
}

/// What is written once, at the end of the transaction, however many rows there are.
#[derive(Clone)]
pub(crate) struct Pending {
    // The last sequence, once it was asked for.
    last: Option<u64>,
    tally: Tally,
}

impl Rows {
    pub(crate) fn new(schemas: &[&'static Schema]) -> Self {
        let tables = schemas.iter().map(|schema| Table::new(schema, &Sqlite)).collect();
        let pending = |schema: &&'static Schema| Pending { last: None, tally: Tally::new(schema) };
        Self { tables, pending: schemas.iter().map(pending).collect(), torn: false }
    }

    /// Begins a transaction.
    pub(crate) fn begin(&mut self) {
        self.torn = false;
        for Pending { last, tally } in &mut self.pending {
            *last = None;
            tally.clear();
        }
    }

    /// Writes what is pending, before the transaction is committed.
    pub(crate) fn end(&self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "UPDATE rollbook_schemas SET last_sequence = ?2 WHERE name = ?1";
        for (table, Pending { last, tally }) in self.tables.iter().zip(&self.pending) {
            if let Some(last) = last {
                let mut statement = connection.prepare_cached(sql)?;
                statement.execute((table.schema().name, last.cast_signed()))?;
            }
            for Statement { sql, params } in tally.changes(&Sqlite) {
                execute(connection, &sql, params)?;
            }
        }
        Ok(())
    }

    /// What is pending now, to be restored if the next batch fails.
    pub(crate) fn pending(&self) -> Vec<Pending> {
        self.pending.clone()
    }

    /// Goes back to what was pending before a batch that was undone.
    pub(crate) fn restore(&mut self, pending: Vec<Pending>) {
        self.pending = pending;
        self.torn = false;
    }

    /// Whether half of a put stands in the transaction, which then must not be committed.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn
    }

    /// Puts a record whose texts lie in `texts`.
    pub(crate) fn put(
        &mut self,
        connection: &Connection,
        put: &Put,
        texts: &str,
    ) -> Result<Document, StoreError> {
        let Put { record, body, searched, expect } = put;
        let (record, expect) = (Arc::clone(record), *expect);
        let schema = record.schema();
        let place = self.place(schema)?;
        let table = &self.tables[place];
        let current = match expect {
            // The insertion itself will tell.
            Expect::Absent => None,
            _ => find(connection, table, record.id())?,
        };
        match (expect, &current) {
            (Expect::Revision(_), None) => {
                return Err(StoreError::NotFound {
                    schema: schema.name,
                    id: record.id().to_owned(),
                });
            }
            (Expect::Revision(expected), Some(current)) if current.revision() != expected => {
                return Err(StoreError::Stale { schema: schema.name, id: record.id().to_owned() });
            }
            _ => {}
        }
        let document = match &current {
            Some(current) => Document::new(current.revision() + 1, current.sequence(), record),
            None => Document::new(1, self.last(connection, place)? + 1, record),
        };
        let table = &self.tables[place];
        let body = &texts[body.clone()];
        let written = match &current {
            Some(current) => {
                let Statement { sql, params } = update(current, &document, body, &Sqlite);
                execute(connection, &sql, params)
            }
            None => execute(connection, table.insert(), row(&document, body)),
        };
        match written {
            Ok(_) => {}
            Err(error) if is_constraint(&error) => {
                let violation = self.violation(connection, place, &document, current.is_none());
                return Err(violation?.unwrap_or_else(|| StoreError::backend(error)));
            }
            Err(error) => return Err(StoreError::backend(error)),
        }
        copies::write(connection, table, current.as_ref(), &document, &texts[searched.clone()])
            .map_err(|error| {
                self.torn = true;
                StoreError::backend(error)
            })?;
        let Pending { last, tally } = &mut self.pending[place];
        tally.count(current.as_ref(), &document);
        if current.is_none() {
            *last = Some(document.sequence());
        }
        Ok(document)
    }

    /// Which rule a refused document breaks, in the order of the contract: id, owner, unique tuples.
    fn violation(
        &self,
        connection: &Connection,
        place: usize,
        document: &Document,
        inserted: bool,
    ) -> Result<Option<StoreError>, StoreError> {
        let schema = document.record().schema();
        if inserted && exists(connection, &self.tables[place], document.id())? {
            return Ok(Some(StoreError::Conflict { schema: schema.name, key: "$id" }));
        }
        for (field, owner) in schema.owner_fields() {
            if let Value::Text(id) = field.read(document)
                && !exists(connection, &self.tables[self.place(owner)?], &id)?
            {
                return Ok(Some(StoreError::NotFound { schema: owner.name, id: id.into_owned() }));
            }
        }
        for unique in schema.uniques {
            let Some(Statement { sql, params }) = rival(document, unique, &Sqlite) else {
                continue;
            };
            let mut statement = connection.prepare_cached(&sql).map_err(StoreError::backend)?;
            let params = rusqlite::params_from_iter(params.into_iter().map(Bound));
            if statement.exists(params).map_err(StoreError::backend)? {
                return Ok(Some(StoreError::Conflict { schema: schema.name, key: unique.name }));
            }
        }
        Ok(None)
    }

    fn place(&self, schema: &Schema) -> Result<usize, StoreError> {
        self.tables.iter().position(|table| table.schema() == schema).ok_or_else(|| {
            StoreError::backend(format!("the store was not opened with the schema {}", schema.name))
        })
    }

    /// The last sequence of a table. It is kept in a row of its own: that of a deleted document is never
    /// given again.
    fn last(&mut self, connection: &Connection, place: usize) -> Result<u64, StoreError> {
        if let Some(last) = self.pending[place].last {
            return Ok(last);
        }
        let sql = "SELECT last_sequence FROM rollbook_schemas WHERE name = ?1";
        let mut statement = connection.prepare_cached(sql).map_err(StoreError::backend)?;
        let name = self.tables[place].schema().name;
        let last: i64 =
            statement.query_row([name], |row| row.get(0)).map_err(StoreError::backend)?;
        self.pending[place].last = Some(last.cast_unsigned());
        Ok(last.cast_unsigned())
    }
}

/// The document with this id.
fn find(connection: &Connection, table: &Table, id: &str) -> Result<Option<Document>, StoreError> {
    let mut statement = connection.prepare_cached(table.find()).map_err(StoreError::backend)?;
    let mut rows = statement.query([id]).map_err(StoreError::backend)?;
    match rows.next().map_err(StoreError::backend)? {
        Some(row) => document(row, table.schema()).map(Some),
        None => Ok(None),
    }
}

/// Whether there is a row with this id.
fn exists(connection: &Connection, table: &Table, id: &str) -> Result<bool, StoreError> {
    let found =
        connection.prepare_cached(table.find()).and_then(|mut statement| statement.exists([id]));
    found.map_err(StoreError::backend)
}

fn is_constraint(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation)
}
