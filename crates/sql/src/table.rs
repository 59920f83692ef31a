//! Tables: what a schema looks like in SQL, and the statements that write it.

use rollbook_core::{Document, Field, Schema};

use crate::dialect::Dialect;
use crate::param::Param;

/// The table of a record type.
///
/// Its columns are `$sequence` (the key), `$id`, `$revision`, `body` (the record as JSON, which is the
/// truth), and a copy of every queryable field.
#[derive(Debug)]
pub struct Table {
    schema: &'static Schema,
    insert: String,
    update: String,
    find: String,
}

impl Table {
    /// The table of `schema`.
    pub fn new(schema: &'static Schema, dialect: &dyn Dialect) -> Self {
        let name = quoted(schema.name);
        let columns = columns(schema);
        let placeholders = list(1..=columns.len(), |n| dialect.placeholder(n));
        let insert = format!(
            "INSERT INTO {name} ({}) VALUES ({placeholders})",
            list(&columns, |c| quoted(c))
        );
        // The first column, the sequence, says which row.
        let assignments = list(columns.iter().enumerate().skip(1), |(place, column)| {
            format!("{} = {}", quoted(column), dialect.placeholder(place + 1))
        });
        let first = dialect.placeholder(1);
        let update = format!("UPDATE {name} SET {assignments} WHERE \"$sequence\" = {first}");
        let find =
            format!("SELECT \"$sequence\", \"$revision\" FROM {name} WHERE \"$id\" = {first}");
        Self { schema, insert, update, find }
    }

    /// The record type.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Inserts a row; the parameters are [`Row::params`].
    pub fn insert(&self) -> &str {
        &self.insert
    }

    /// Rewrites the row with the same sequence; the parameters are [`Row::params`].
    pub fn update(&self) -> &str {
        &self.update
    }

    /// Selects sequence and revision of the row with an id.
    pub fn find(&self) -> &str {
        &self.find
    }

    /// Creates the table under the name `name`, without its indexes.
    pub fn create(&self, name: &str, dialect: &dyn Dialect) -> String {
        let owner = self.schema.owner_field();
        let fields = self.schema.fields.iter().map(|field| {
            let mut column =
                format!("{} {}", quoted(field.name()), dialect.column_type(field.kind()));
            if let Some((_, owner)) = owner.filter(|(owned, _)| *owned == field) {
                column +=
                    &format!(" REFERENCES {} (\"$id\") ON DELETE CASCADE", quoted(owner.name));
            }
            column
        });
        let columns: Vec<String> = [
            "\"$sequence\" INTEGER PRIMARY KEY".to_owned(),
            "\"$id\" TEXT NOT NULL UNIQUE".to_owned(),
            "\"$revision\" INTEGER NOT NULL".to_owned(),
            "body TEXT NOT NULL".to_owned(),
        ]
        .into_iter()
        .chain(fields)
        .collect();
        let (name, columns) = (quoted(name), columns.join(", "));
        format!("CREATE TABLE {name} ({columns}){}", dialect.table_suffix())
    }

    /// Creates the indexes: one for each unique tuple, the owner, and each field that asks for one.
    pub fn create_indexes(&self) -> Vec<String> {
        let table = self.schema.name;
        let unique = self.schema.uniques.iter().map(|unique| {
            let fields = list(unique.fields, |field| quoted(field));
            let index = quoted(&format!("{table} unique {}", unique.name));
            format!("CREATE UNIQUE INDEX {index} ON {} ({fields})", quoted(table))
        });
        let owner = self.schema.owner_field().map(|(field, _)| field);
        let asked =
            self.schema.fields.iter().filter(|field| field.is_indexed() || owner == Some(field));
        // With the sequence behind it, an index also yields the order in which ties are broken.
        let plain = asked.map(|field: &Field| {
            let index = quoted(&format!("{table} by {}", field.name()));
            let column = quoted(field.name());
            format!("CREATE INDEX {index} ON {} ({column}, \"$sequence\")", quoted(table))
        });
        unique.chain(plain).collect()
    }
}

/// A document as a row of its table.
#[derive(Debug)]
pub struct Row {
    id: String,
    body: String,
    fields: Vec<Param<'static>>,
}

impl Row {
    /// The row of `document`, but for its sequence and revision.
    ///
    /// # Panics
    ///
    /// If a record encodes itself as something other than JSON.
    pub fn of(document: &Document) -> Self {
        let record = document.record();
        let body = String::from_utf8(record.encode()).expect("records are encoded as JSON");
        let fields = record.schema().fields.iter();
        let fields = fields.map(|field| field.read(document).into_owned().into()).collect();
        Self { id: record.id().to_owned(), body, fields }
    }

    /// The parameters of [`Table::insert`] and [`Table::update`].
    pub fn params(&self, sequence: u64, revision: u64) -> impl Iterator<Item = Param<'_>> {
        let system = [
            Param::Int(sequence.cast_signed()),
            Param::Text(self.id.as_str().into()),
            Param::Int(revision.cast_signed()),
            Param::Text(self.body.as_str().into()),
        ];
        system.into_iter().chain(self.fields.iter().cloned())
    }

    /// The record's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Finds a row, other than that of `sequence`, that has the same values in `unique`: the statement
    /// and its parameters, or nothing if a null exempts the row.
    pub fn rival(
        &self,
        schema: &'static Schema,
        unique: &rollbook_core::Unique,
        sequence: u64,
        dialect: &dyn Dialect,
    ) -> Option<(String, Vec<Param<'_>>)> {
        let mut params = vec![Param::Int(sequence.cast_signed())];
        let mut sql = format!(
            "SELECT 1 FROM {} WHERE \"$sequence\" <> {}",
            quoted(schema.name),
            dialect.placeholder(1)
        );
        for name in unique.fields {
            let place = schema.fields.iter().position(|field| field.name() == *name)?;
            let param = self.fields.get(place).filter(|param| **param != Param::Null)?;
            params.push(param.clone());
            sql += &format!(" AND {} = {}", quoted(name), dialect.placeholder(params.len()));
        }
        Some((sql, params))
    }
}

/// The columns, in the order of [`Row::params`].
fn columns(schema: &Schema) -> Vec<&'static str> {
    let system = ["$sequence", "$id", "$revision", "body"];
    system.into_iter().chain(schema.fields.iter().map(Field::name)).collect()
}

/// An identifier in quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list<T>(items: impl IntoIterator<Item = T>, print: impl Fn(T) -> String) -> String {
    items.into_iter().map(print).collect::<Vec<_>>().join(", ")
}
