//! Tallies: how many rows there are, and how many have each value of a field, counted as they are written.

use rollbook_core::{Document, Field, Filter, Schema, Value};

use crate::dialect::Dialect;
use crate::name::{literal, quoted};
use crate::param::Param;
use crate::statement::Statement;

/// Creates the table of all tallies, if it is not there.
///
/// The row of no field counts all rows of a schema. In the others a value is 0 for false, 1 for true and
/// -1 for null.
pub const CREATE_TALLIES: &str = "CREATE TABLE IF NOT EXISTS rollbook_tallies (schema TEXT NOT NULL, \
     field TEXT NOT NULL, value INTEGER NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (schema, field, value))";

const TOTAL: (&str, i64) = ("", 0);
const VALUES: [i64; 3] = [-1, 0, 1];

/// What writes have changed in the tallies of a schema, and [`changes`](Tally::changes) has not told yet.
///
/// Deletions are not among it: the trigger of the table counts them, since owned rows fall without a word.
#[derive(Clone, Debug)]
pub struct Tally {
    schema: &'static Schema,
    fields: Vec<&'static Field>,
    // The total, then those of each field in the order of `VALUES`.
    numbers: Vec<i64>,
}

impl Tally {
    /// No change to the tallies of `schema`; of a schema that is not tallied there never is one.
    pub fn new(schema: &'static Schema) -> Self {
        let fields: Vec<_> = schema.tallied().collect();
        let slots = if schema.is_tallied() { 1 + fields.len() * VALUES.len() } else { 0 };
        Self { schema, fields, numbers: vec![0; slots] }
    }

    /// Counts a document that came, or that took the place of `before`.
    pub fn count(&mut self, before: Option<&Document>, document: &Document) {
        if let Some(before) = before {
            self.add(before, -1);
        }
        self.add(document, 1);
    }

    fn add(&mut self, document: &Document, number: i64) {
        let Some(total) = self.numbers.first_mut() else { return };
        *total += number;
        for (place, field) in self.fields.iter().enumerate() {
            let value = slot(&field.read(document));
            let at = VALUES.iter().position(|known| *known == value).unwrap_or_default();
            self.numbers[1 + place * VALUES.len() + at] += number;
        }
    }

    /// Forgets all changes.
    pub fn clear(&mut self) {
        self.numbers.fill(0);
    }

    /// The statements that bring the changes into the table.
    pub fn changes(&self, dialect: &dyn Dialect) -> impl Iterator<Item = Statement<'static>> {
        let change = format!(
            "UPDATE rollbook_tallies SET n = n + {} WHERE {}",
            dialect.placeholder(1),
            row(2, dialect)
        );
        let slots = self.slots().zip(&self.numbers).filter(|(_, number)| **number != 0);
        slots.map(move |((field, value), number)| Statement {
            sql: change.clone(),
            params: vec![
                Param::Int(*number),
                Param::Text(self.schema.name.into()),
                Param::Text(field.into()),
                Param::Int(value),
            ],
        })
    }

    /// The statements that set all tallies of the schema to nothing.
    pub fn reset(&self) -> Vec<String> {
        let schema = literal(self.schema.name);
        let mut statements = vec![format!("DELETE FROM rollbook_tallies WHERE schema = {schema}")];
        statements.extend(self.slots().map(|(field, value)| {
            let field = literal(field);
            format!("INSERT INTO rollbook_tallies VALUES ({schema}, {field}, {value}, 0)")
        }));
        statements
    }

    fn slots(&self) -> impl Iterator<Item = (&'static str, i64)> {
        let fields = self.fields.iter().flat_map(|field| VALUES.map(|value| (field.name(), value)));
        std::iter::once(TOTAL).chain(fields).take(self.numbers.len())
    }
}

/// The condition on the key of a tally, whose parameters begin with the n-th.
fn row(n: usize, dialect: &dyn Dialect) -> String {
    let [schema, field, value] = [n, n + 1, n + 2].map(|n| dialect.placeholder(n));
    format!("schema = {schema} AND field = {field} AND value = {value}")
}

/// The statement of a trigger that takes a deleted row out of the tallies.
pub(crate) fn untally(schema: &'static Schema) -> Option<String> {
    let (field, value) = TOTAL;
    let total = format!("({}, {value})", literal(field));
    let fields = schema.tallied().map(|field| {
        let (name, column) = (literal(field.name()), quoted(field.name()));
        format!("({name}, ifnull(OLD.{column}, -1))")
    });
    let slots = std::iter::once(total).chain(fields).collect::<Vec<_>>().join(", ");
    let schema_name = literal(schema.name);
    schema.is_tallied().then(|| {
        format!(
            "UPDATE rollbook_tallies SET n = n - 1 WHERE schema = {schema_name} \
             AND (field, value) IN (VALUES {slots})"
        )
    })
}

/// The tally that counts what satisfies `filters`, if there is one.
pub(crate) fn tally(
    schema: &'static Schema,
    filters: &[Filter],
    dialect: &dyn Dialect,
) -> Option<Statement<'static>> {
    if !schema.is_tallied() {
        return None;
    }
    let tallied = |field: &Field| schema.tallied().find(|tallied| *tallied == field);
    let (field, value) = match filters {
        [] => TOTAL,
        [Filter::Equal { field, values, .. }] => match values.as_slice() {
            [value] => (tallied(field)?.name(), slot(value)),
            _ => return None,
        },
        [Filter::IsNull { field, .. }] => (tallied(field)?.name(), slot(&Value::Null)),
        _ => return None,
    };
    Some(Statement {
        sql: format!("SELECT n FROM rollbook_tallies WHERE {}", row(1, dialect)),
        params: vec![Param::Text(schema.name.into()), Param::Text(field.into()), Param::Int(value)],
    })
}

fn slot(value: &Value<'_>) -> i64 {
    match value {
        Value::Bool(value) => i64::from(*value),
        _ => -1,
    }
}

#[cfg(test)]
mod tests {
    use rollbook_core::{Record, User};

    use super::*;
    use crate::Sqlite;

    fn user(status: bool) -> Document {
        let text = format!(
            r#"{{"$id": "ann", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": {status}}}"#
        );
        Document::new(1, 1, (User::SCHEMA.decode)(User::SCHEMA, text.as_bytes()).unwrap())
    }

    fn told(tally: &Tally) -> String {
        let line = |statement: Statement<'_>| match &statement.params[..] {
            [Param::Int(number), _, Param::Text(field), Param::Int(value)] => {
                format!("{field} {value}: {number}")
            }
            params => panic!("{params:?}"),
        };
        tally.changes(&Sqlite).map(line).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn changes_are_those_of_the_values() {
        let mut tally = Tally::new(User::SCHEMA);
        assert_eq!(told(&tally), "");
        tally.count(None, &user(true));
        tally.count(None, &user(true));
        insta::assert_snapshot!(told(&tally), @" 0: 2, status 1: 2, emailVerification 0: 2, phoneVerification 0: 2, impersonator 0: 2");
        tally.clear();
        tally.count(Some(&user(true)), &user(false));
        insta::assert_snapshot!(told(&tally), @"status 0: 1, status 1: -1");
    }

    #[test]
    fn the_trigger_and_the_first_rows() {
        insta::assert_snapshot!(untally(User::SCHEMA).unwrap(), @r#"UPDATE rollbook_tallies SET n = n - 1 WHERE schema = 'users' AND (field, value) IN (VALUES ('', 0), ('status', ifnull(OLD."status", -1)), ('emailVerification', ifnull(OLD."emailVerification", -1)), ('phoneVerification', ifnull(OLD."phoneVerification", -1)), ('impersonator', ifnull(OLD."impersonator", -1)))"#);
        let first = Tally::new(User::SCHEMA).reset();
        insta::assert_snapshot!(format!("{}\n{}", first.len(), first[..3].join("\n")), @r"
        14
        DELETE FROM rollbook_tallies WHERE schema = 'users'
        INSERT INTO rollbook_tallies VALUES ('users', '', 0, 0)
        INSERT INTO rollbook_tallies VALUES ('users', 'status', -1, 0)
        ");
    }
}
