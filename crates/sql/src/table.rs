//! Tables: what a schema looks like in SQL, and the statements that write it.

use rollbook_core::{Document, Field, Kind, Schema, Unique};

use crate::dialect::Dialect;
use crate::name::{
    element_prefix, element_table, field_index, has_index, is_led, lists, own_unique, quoted,
    search_table, unique_index,
};
use crate::param::Param;
use crate::statement::Statement;
use crate::tally::untally;

/// The table of a record type.
///
/// Its columns are `$sequence` (the key), `$id`, `$revision`, `body` (the record as JSON, which is the
/// truth), and a copy of every queryable field. Beside it stand tables of what is searched and of the
/// elements of indexed lists, and the tallies ([`Tally`](crate::Tally)): who puts a row writes them too, a
/// trigger follows deletions.
#[derive(Debug)]
pub struct Table {
    schema: &'static Schema,
    insert: String,
    find: String,
    search: Option<SearchTable>,
    elements: Vec<Elements>,
}

/// The table of what is searched: a text for each row, as [`search_text`](crate::search_text) has it.
#[derive(Debug)]
#[non_exhaustive]
pub struct SearchTable {
    /// Adds the text of a new row; the parameters are its sequence and the text.
    pub insert: String,
    /// Puts another text in its place; the parameters are the same. It costs more than an insertion.
    pub replace: String,
}

/// The table of the elements of a list field: one row for each element of each list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Elements {
    /// The list.
    pub field: &'static Field,
    /// Adds an element, if it is not there; the parameters are the element and the sequence.
    pub insert: String,
    /// Takes an element away; the parameters are the same.
    pub delete: String,
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
        let first = dialect.placeholder(1);
        let find = format!(
            "SELECT \"$sequence\", \"$revision\", body FROM {name} WHERE \"$id\" = {first}"
        );
        let search = schema.search.map(|_| SearchTable {
            insert: dialect.insert_search(&search_table(schema)),
            replace: dialect.replace_search(&search_table(schema)),
        });
        let elements = lists(schema).map(|field| {
            let (table, second) = (quoted(&element_table(schema, field)), dialect.placeholder(2));
            Elements {
                field,
                insert: format!(
                    "INSERT INTO {table} VALUES ({first}, {second}) ON CONFLICT DO NOTHING"
                ),
                delete: format!(
                    "DELETE FROM {table} WHERE element = {first} AND sequence = {second}"
                ),
            }
        });
        let elements = elements.collect();
        Self { schema, insert, find, search, elements }
    }

    /// The record type.
    pub fn schema(&self) -> &'static Schema {
        self.schema
    }

    /// Inserts a row; the parameters are [`row`].
    pub fn insert(&self) -> &str {
        &self.insert
    }

    /// Selects sequence, revision and body of the row with an id.
    pub fn find(&self) -> &str {
        &self.find
    }

    /// The table of what is searched, if anything is.
    pub fn search(&self) -> Option<&SearchTable> {
        self.search.as_ref()
    }

    /// The tables of elements.
    pub fn elements(&self) -> &[Elements] {
        &self.elements
    }

    /// All that the tables of the schema follow from, as one text: the schema's fingerprint and the layout
    /// of this version.
    pub fn fingerprint(&self) -> String {
        format!("{}; layout {LAYOUT}", self.schema.fingerprint())
    }

    /// Creates the table under the name `name`, without its indexes.
    pub fn create(&self, name: &str, dialect: &dyn Dialect) -> String {
        let fields = self.schema.fields.iter().map(|field| {
            let mut column =
                format!("{} {}", quoted(field.name()), dialect.column_type(field.kind()));
            if let Some((_, owner)) = self.schema.owner_fields().find(|(owned, _)| *owned == field)
            {
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

    /// Creates the indexes: one for each unique tuple, then one for the owner and for each field that asks
    /// for one, unless it is unique by itself.
    pub fn create_indexes(&self) -> Vec<String> {
        let (schema, table) = (self.schema, quoted(self.schema.name));
        let unique = schema.uniques.iter().map(|unique| {
            let fields = list(unique.fields, |field| quoted(field));
            let index = quoted(&unique_index(schema, unique));
            format!("CREATE UNIQUE INDEX {index} ON {table} ({fields})")
        });
        let plain = schema.fields.iter().filter(|field| has_index(schema, field));
        let plain = plain.filter(|field| own_unique(schema, field).is_none());
        let plain = plain.map(|field| {
            let index = quoted(&field_index(schema, field));
            // With the sequence behind it, an index also yields the order in which ties are broken. Flags
            // cost a byte each, and save a look at every row that they rule out.
            let flags = schema
                .fields
                .iter()
                .filter(|flag| flag.kind() == Kind::Bool && flag.is_indexed() && *flag != field);
            let columns = ["$sequence"].into_iter().chain(flags.map(Field::name));
            let tenant = schema.tenant().filter(|_| is_led(schema, field)).map(Field::name);
            let columns = tenant.into_iter().chain([field.name()]).chain(columns);
            format!("CREATE INDEX {index} ON {table} ({})", list(columns, quoted))
        });
        unique.chain(plain).collect()
    }

    /// Creates the tables that stand beside this one. To be filled by whoever writes the rows.
    pub fn create_copies(&self, dialect: &dyn Dialect) -> Vec<String> {
        let search = self.schema.search.map(|_| dialect.create_search(&search_table(self.schema)));
        let elements = lists(self.schema).map(|field| {
            let (text, number) = (dialect.column_type(Kind::Text), dialect.column_type(Kind::Int));
            let (table, suffix) =
                (quoted(&element_table(self.schema, field)), dialect.key_table_suffix());
            format!(
                "CREATE TABLE {table} (element {text} NOT NULL, sequence {number} NOT NULL, \
                 PRIMARY KEY (element, sequence)){suffix}"
            )
        });
        search.into_iter().flatten().chain(elements).collect()
    }

    /// Creates the trigger that takes deleted rows out of all that is beside the table, if there is any.
    pub fn create_trigger(&self, dialect: &dyn Dialect) -> Option<String> {
        let schema = self.schema;
        let search = schema
            .search
            .map(|_| dialect.delete_search(&search_table(schema), "OLD.\"$sequence\""));
        let elements = lists(schema).map(|field| {
            let table = quoted(&element_table(schema, field));
            let elements = dialect.elements(&format!("OLD.{}", quoted(field.name())));
            format!(
                "DELETE FROM {table} WHERE element IN ({elements}) AND sequence = OLD.\"$sequence\""
            )
        });
        let statements: Vec<String> =
            search.into_iter().chain(elements).chain(untally(schema)).collect();
        (!statements.is_empty()).then(|| dialect.after_delete(schema.name, &statements))
    }

    /// Whether `table` is one that stands beside this one, now or with other fields: to be dropped before
    /// [`create_copies`](Self::create_copies) makes it anew.
    pub fn is_copy(&self, table: &str) -> bool {
        let elements = element_prefix(self.schema);
        table == search_table(self.schema) || table.starts_with(&elements)
    }
}

/// The number of the layout that [`Table`] makes of a schema. Whatever changes it counts it up.
const LAYOUT: u32 = 2;

/// The parameters of [`Table::insert`]: a document and its encoded record.
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

/// Puts `document`, encoded as `body`, in the place of `before`, its revision until now.
///
/// Columns that stay as they are are not named: an engine writes every index of those that are, and of a
/// user's fourteen most changes touch one.
pub fn update<'a>(
    before: &Document,
    document: &'a Document,
    body: &'a str,
    dialect: &dyn Dialect,
) -> Statement<'a> {
    let schema = document.record().schema();
    let mut params = vec![
        Param::Int(document.sequence().cast_signed()),
        Param::Int(document.revision().cast_signed()),
        Param::Text(body.into()),
    ];
    let [sequence, revision, text] = [1, 2, 3].map(|n| dialect.placeholder(n));
    let mut sql =
        format!("UPDATE {} SET \"$revision\" = {revision}, body = {text}", quoted(schema.name));
    for field in schema.fields {
        let value = field.read(document);
        if value != field.read(before) {
            params.push(value.into());
            sql += &format!(", {} = {}", quoted(field.name()), dialect.placeholder(params.len()));
        }
    }
    sql += &format!(" WHERE \"$sequence\" = {sequence}");
    Statement { sql, params }
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

fn list<T>(items: impl IntoIterator<Item = T>, print: impl Fn(T) -> String) -> String {
    items.into_iter().map(print).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use rollbook_core::{Owner, Record, Session, User, Value, decode, tenanted};

    use super::*;
    use crate::Sqlite;

    // Files with these tables are out there: a change here needs another fingerprint or another format.
    #[test]
    fn the_tables_of_the_users() {
        let table = Table::new(User::SCHEMA, &Sqlite);
        let mut statements = vec![table.create("users", &Sqlite)];
        statements.extend(table.create_indexes());
        statements.extend(table.create_copies(&Sqlite));
        statements.extend(table.create_trigger(&Sqlite));
        insta::assert_snapshot!(statements.join("\n"), @r#"
        CREATE TABLE "users" ("$sequence" INTEGER PRIMARY KEY, "$id" TEXT NOT NULL UNIQUE, "$revision" INTEGER NOT NULL, body TEXT NOT NULL, "name" TEXT, "email" TEXT, "phone" TEXT, "status" INTEGER, "labels" TEXT, "passwordUpdate" INTEGER, "registration" INTEGER, "emailVerification" INTEGER, "phoneVerification" INTEGER, "impersonator" INTEGER, "accessedAt" INTEGER, "$createdAt" INTEGER, "$updatedAt" INTEGER) STRICT
        CREATE UNIQUE INDEX "users unique email" ON "users" ("email")
        CREATE UNIQUE INDEX "users unique phone" ON "users" ("phone")
        CREATE INDEX "users by name" ON "users" ("name", "$sequence", "status", "emailVerification", "phoneVerification", "impersonator")
        CREATE INDEX "users by status" ON "users" ("status", "$sequence", "emailVerification", "phoneVerification", "impersonator")
        CREATE INDEX "users by passwordUpdate" ON "users" ("passwordUpdate", "$sequence", "status", "emailVerification", "phoneVerification", "impersonator")
        CREATE INDEX "users by registration" ON "users" ("registration", "$sequence", "status", "emailVerification", "phoneVerification", "impersonator")
        CREATE INDEX "users by emailVerification" ON "users" ("emailVerification", "$sequence", "status", "phoneVerification", "impersonator")
        CREATE INDEX "users by phoneVerification" ON "users" ("phoneVerification", "$sequence", "status", "emailVerification", "impersonator")
        CREATE INDEX "users by impersonator" ON "users" ("impersonator", "$sequence", "status", "emailVerification", "phoneVerification")
        CREATE INDEX "users by accessedAt" ON "users" ("accessedAt", "$sequence", "status", "emailVerification", "phoneVerification", "impersonator")
        CREATE INDEX "users by $createdAt" ON "users" ("$createdAt", "$sequence", "status", "emailVerification", "phoneVerification", "impersonator")
        CREATE INDEX "users by $updatedAt" ON "users" ("$updatedAt", "$sequence", "status", "emailVerification", "phoneVerification", "impersonator")
        CREATE VIRTUAL TABLE "users search" USING fts5(tokens, content = '', contentless_delete = 1, tokenize = 'ascii', prefix = '2')
        INSERT INTO "users search" ("users search", rank) VALUES ('automerge', 16)
        CREATE TABLE "users each labels" (element TEXT NOT NULL, sequence INTEGER NOT NULL, PRIMARY KEY (element, sequence)) STRICT, WITHOUT ROWID
        CREATE TRIGGER "users deleted" AFTER DELETE ON "users" BEGIN DELETE FROM "users search" WHERE rowid = OLD."$sequence"; DELETE FROM "users each labels" WHERE element IN (SELECT value FROM json_each(OLD."labels")) AND sequence = OLD."$sequence"; UPDATE rollbook_tallies SET n = n - 1 WHERE schema = 'users' AND (field, value) IN (VALUES ('', 0), ('status', ifnull(OLD."status", -1)), ('emailVerification', ifnull(OLD."emailVerification", -1)), ('phoneVerification', ifnull(OLD."phoneVerification", -1)), ('impersonator', ifnull(OLD."impersonator", -1))); END
        "#);
    }

    #[test]
    fn the_statements_that_write_users() {
        let table = Table::new(User::SCHEMA, &Sqlite);
        let mut statements = vec![table.insert(), table.find()];
        if let Some(search) = table.search() {
            statements.extend([&*search.insert, &*search.replace]);
        }
        for elements in table.elements() {
            statements.extend([&*elements.insert, &*elements.delete]);
        }
        insta::assert_snapshot!(statements.join("\n"), @r#"
        INSERT INTO "users" ("$sequence", "$id", "$revision", "body", "name", "email", "phone", "status", "labels", "passwordUpdate", "registration", "emailVerification", "phoneVerification", "impersonator", "accessedAt", "$createdAt", "$updatedAt") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
        SELECT "$sequence", "$revision", body FROM "users" WHERE "$id" = ?1
        INSERT INTO "users search" (rowid, tokens) VALUES (?1, ?2)
        INSERT OR REPLACE INTO "users search" (rowid, tokens) VALUES (?1, ?2)
        INSERT INTO "users each labels" VALUES (?1, ?2) ON CONFLICT DO NOTHING
        DELETE FROM "users each labels" WHERE element = ?1 AND sequence = ?2
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
        owners: &[Owner { field: "author", schema: User::SCHEMA }],
        decode: decode::<User>,
    };

    #[test]
    fn owners_pairs_and_indexes() {
        let table = Table::new(&NOTES, &Sqlite);
        let mut statements = vec![table.create("notes new", &Sqlite)];
        statements.extend(table.create_indexes());
        statements.extend(table.create_copies(&Sqlite));
        statements.extend(table.create_trigger(&Sqlite));
        insta::assert_snapshot!(statements.join("\n"), @r#"
        CREATE TABLE "notes new" ("$sequence" INTEGER PRIMARY KEY, "$id" TEXT NOT NULL UNIQUE, "$revision" INTEGER NOT NULL, body TEXT NOT NULL, "author" TEXT REFERENCES "users" ("$id") ON DELETE CASCADE, "odd ""name""" INTEGER, "place" INTEGER) STRICT
        CREATE UNIQUE INDEX "notes unique place" ON "notes" ("author", "place")
        CREATE INDEX "notes by author" ON "notes" ("author", "$sequence")
        CREATE INDEX "notes by odd ""name""" ON "notes" ("odd ""name""", "$sequence")
        "#);
    }

    #[test]
    fn an_update_names_what_changes() {
        let user = |revision, rest: &str| {
            let text = format!(
                r#"{{"$id": "ann", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true{rest}}}"#
            );
            Document::new(
                revision,
                7,
                (User::SCHEMA.decode)(User::SCHEMA, text.as_bytes()).unwrap(),
            )
        };
        let before = user(1, r#", "phone": "+14155550100""#);
        let after = user(2, r#", "accessedAt": 5"#);
        let Statement { sql, params } = update(&before, &after, "{}", &Sqlite);
        insta::assert_snapshot!(format!("{sql}\n{params:?}"), @r#"
        UPDATE "users" SET "$revision" = ?2, body = ?3, "phone" = ?4, "accessedAt" = ?5 WHERE "$sequence" = ?1
        [Int(7), Int(2), Text("{}"), Null, Int(5)]
        "#);
    }

    #[test]
    fn indexes_within_tenants_begin_with_the_tenant_but_for_those_of_owners() {
        let [_, sessions] = tenanted(&[Session::SCHEMA]) else { panic!("users own sessions") };
        let table = Table::new(sessions, &Sqlite);
        insta::assert_snapshot!(table.create_indexes().join("\n"), @r#"
        CREATE UNIQUE INDEX "tenant_sessions unique secret" ON "tenant_sessions" ("$tenant", "secret")
        CREATE INDEX "tenant_sessions by $tenant" ON "tenant_sessions" ("$tenant", "$sequence")
        CREATE INDEX "tenant_sessions by $tenant/userId" ON "tenant_sessions" ("$tenant/userId", "$sequence")
        CREATE INDEX "tenant_sessions by $createdAt" ON "tenant_sessions" ("$tenant", "$createdAt", "$sequence")
        CREATE INDEX "tenant_sessions by expire" ON "tenant_sessions" ("$tenant", "expire", "$sequence")
        "#);
        assert_eq!(table.create_trigger(&Sqlite), None);
    }

    #[test]
    fn rivals_have_the_same_values() {
        let ann =
            br#"{"$id": "ann", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true,
            "email": "ann@example.com"}"#;
        let ann = Document::new(1, 7, (User::SCHEMA.decode)(User::SCHEMA, ann).unwrap());
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
