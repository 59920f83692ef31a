//! Tables: what a schema looks like in SQL, and the statements that write it.

use rollbook_core::{Document, Field, Schema, Unique};

use crate::dialect::Dialect;
use crate::param::Param;
use crate::statement::Statement;

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

    /// Inserts a row; the parameters are [`row`].
    pub fn insert(&self) -> &str {
        &self.insert
    }

    /// Rewrites the row with the same sequence; the parameters are [`row`].
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

/// The parameters of [`Table::insert`] and [`Table::update`]: a document and its encoded record.
pub fn row<'a>(document: &'a Document, body: &'a str) -> impl Iterator<Item = Param<'a>> {
    let system = [
        Param::Int(document.sequence().cast_signed()),
        Param::Text(document.id().into()),
        Param::Int(document.revision().cast_signed()),
        Param::Text(body.into()),
    ];
    let fields = document.record().schema().fields.iter();
    system.into_iter().chain(fields.map(|field| field.read(document).into()))
}

/// Finds another row than that of `document` with the same values in `unique`: the statement, or nothing
/// if a null exempts the document.
pub fn rival<'a>(
    document: &'a Document,
    unique: &'static Unique,
    dialect: &dyn Dialect,
) -> Option<Statement<'a>> {
    let schema = document.record().schema();
    let mut params = vec![Param::Int(document.sequence().cast_signed())];
    let (table, first) = (quoted(schema.name), dialect.placeholder(1));
    let mut sql = format!("SELECT 1 FROM {table} WHERE \"$sequence\" <> {first}");
    for field in schema.unique_fields(unique) {
        let param = Param::from(field.read(document));
        if param == Param::Null {
            return None;
        }
        params.push(param);
        sql += &format!(" AND {} = {}", quoted(field.name()), dialect.placeholder(params.len()));
    }
    Some(Statement { sql, params })
}

/// The columns, in the order of [`row`].
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

#[cfg(test)]
mod tests {
    use rollbook_core::{Kind, Owner, Record, User, Value, decode};

    use super::*;
    use crate::Sqlite;

    // Files with these tables are out there: a change here needs another fingerprint or another format.
    #[test]
    fn the_tables_of_the_users() {
        let table = Table::new(User::SCHEMA, &Sqlite);
        let mut statements = vec![table.create("users", &Sqlite)];
        statements.extend(table.create_indexes());
        insta::assert_snapshot!(statements.join("\n"), @r#"
        CREATE TABLE "users" ("$sequence" INTEGER PRIMARY KEY, "$id" TEXT NOT NULL UNIQUE, "$revision" INTEGER NOT NULL, body TEXT NOT NULL, "name" TEXT, "email" TEXT, "phone" TEXT, "status" INTEGER, "labels" TEXT, "passwordUpdate" INTEGER, "registration" INTEGER, "emailVerification" INTEGER, "phoneVerification" INTEGER, "accessedAt" INTEGER, "$createdAt" INTEGER, "$updatedAt" INTEGER) STRICT
        CREATE UNIQUE INDEX "users unique email" ON "users" ("email")
        CREATE UNIQUE INDEX "users unique phone" ON "users" ("phone")
        "#);
    }

    #[test]
    fn the_statements_that_write_users() {
        let table = Table::new(User::SCHEMA, &Sqlite);
        let statements = [table.insert(), table.update(), table.find()];
        insta::assert_snapshot!(statements.join("\n"), @r#"
        INSERT INTO "users" ("$sequence", "$id", "$revision", "body", "name", "email", "phone", "status", "labels", "passwordUpdate", "registration", "emailVerification", "phoneVerification", "accessedAt", "$createdAt", "$updatedAt") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
        UPDATE "users" SET "$id" = ?2, "$revision" = ?3, "body" = ?4, "name" = ?5, "email" = ?6, "phone" = ?7, "status" = ?8, "labels" = ?9, "passwordUpdate" = ?10, "registration" = ?11, "emailVerification" = ?12, "phoneVerification" = ?13, "accessedAt" = ?14, "$createdAt" = ?15, "$updatedAt" = ?16 WHERE "$sequence" = ?1
        SELECT "$sequence", "$revision" FROM "users" WHERE "$id" = ?1
        "#);
    }

    static NOTES: Schema = Schema {
        name: "notes",
        fields: &[
            Field::new("author", Kind::Text, |_| Value::Null),
            Field::new("odd \"name\"", Kind::Int, |_| Value::Int(1)).indexed(),
            Field::new("place", Kind::Int, |_| Value::Int(2)),
        ],
        uniques: &[Unique { name: "place", fields: &["author", "place"] }],
        search: None,
        owner: Some(Owner { field: "author", schema: User::SCHEMA }),
        decode: decode::<User>,
    };

    #[test]
    fn owners_pairs_and_indexes() {
        let table = Table::new(&NOTES, &Sqlite);
        let mut statements = vec![table.create("notes new", &Sqlite)];
        statements.extend(table.create_indexes());
        insta::assert_snapshot!(statements.join("\n"), @r#"
        CREATE TABLE "notes new" ("$sequence" INTEGER PRIMARY KEY, "$id" TEXT NOT NULL UNIQUE, "$revision" INTEGER NOT NULL, body TEXT NOT NULL, "author" TEXT REFERENCES "users" ("$id") ON DELETE CASCADE, "odd ""name""" INTEGER, "place" INTEGER) STRICT
        CREATE UNIQUE INDEX "notes unique place" ON "notes" ("author", "place")
        CREATE INDEX "notes by author" ON "notes" ("author", "$sequence")
        CREATE INDEX "notes by odd ""name""" ON "notes" ("odd ""name""", "$sequence")
        "#);
    }

    #[test]
    fn rivals_have_the_same_values() {
        let ann =
            br#"{"$id": "ann", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true,
            "email": "ann@example.com"}"#;
        let ann = Document::new(1, 7, (User::SCHEMA.decode)(ann).unwrap());
        let [email, phone] = User::SCHEMA.uniques else { panic!("users have two") };
        let Statement { sql, params } = rival(&ann, email, &Sqlite).unwrap();
        insta::assert_snapshot!(format!("{sql}\n{params:?}"), @r#"
        SELECT 1 FROM "users" WHERE "$sequence" <> ?1 AND "email" = ?2
        [Int(7), Text("ann@example.com")]
        "#);
        assert_eq!(rival(&ann, phone, &Sqlite), None);
        assert_eq!(row(&ann, "{}").count(), columns(User::SCHEMA).len());
    }
}
