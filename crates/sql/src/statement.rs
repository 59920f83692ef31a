//! Queries and deletions as statements.

use std::borrow::Cow;

use rollbook_core::{Direction, Field, Filter, ID, Query, SEQUENCE, Schema, Value};

use crate::dialect::Dialect;
use crate::param::Param;
use crate::table::quoted;

/// A statement and its parameters, in the order of the placeholders.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "engines take it apart")]
pub struct Statement<'a> {
    /// The text.
    pub sql: String,
    /// What is bound.
    pub params: Vec<Param<'a>>,
}

/// Selects `$sequence`, `$revision` and `body` of what `query` selects.
pub fn select<'q>(query: &'q Query, dialect: &dyn Dialect) -> Statement<'q> {
    let mut writer =
        Writer::new("SELECT \"$sequence\", \"$revision\", body", query.schema(), dialect);
    writer.conditions(query.filters());
    for (place, order) in query.orders().iter().enumerate() {
        let field = order.field;
        writer.sql += if place == 0 { " ORDER BY " } else { ", " };
        writer.sql += &quoted(field.name());
        // Nulls are the smallest values, whatever the engine thinks; `$id` and `$sequence` have none.
        let null = field != &ID && field != &SEQUENCE;
        writer.sql += match (order.direction, null) {
            (Direction::Ascending, false) => " ASC",
            (Direction::Ascending, true) => " ASC NULLS FIRST",
            (Direction::Descending, false) => " DESC",
            (Direction::Descending, true) => " DESC NULLS LAST",
        };
    }
    // Written out, not bound: SQLite plans with the limit, and prepares a statement again whenever a bound
    // one changes, which makes a look-up a third slower.
    let number = |n: u64| n.min(i64::MAX.unsigned_abs());
    if query.max().is_some() || query.skip() > 0 {
        writer.sql += &format!(" LIMIT {}", number(query.max().unwrap_or(u64::MAX)));
    }
    if query.skip() > 0 {
        writer.sql += &format!(" OFFSET {}", number(query.skip()));
    }
    writer.finish()
}

/// Counts what satisfies the filters of `query`.
pub fn count<'q>(query: &'q Query, dialect: &dyn Dialect) -> Statement<'q> {
    let mut writer = Writer::new("SELECT count(*)", query.schema(), dialect);
    writer.conditions(query.filters());
    writer.finish()
}

/// Deletes what satisfies all of `filters`.
pub fn delete<'q>(
    schema: &'static Schema,
    filters: &'q [Filter],
    dialect: &dyn Dialect,
) -> Statement<'q> {
    let mut writer = Writer::new("DELETE", schema, dialect);
    writer.conditions(filters);
    writer.finish()
}

struct Writer<'q, 'd> {
    dialect: &'d dyn Dialect,
    sql: String,
    params: Vec<Param<'q>>,
}

impl<'q, 'd> Writer<'q, 'd> {
    fn new(verb: &str, schema: &Schema, dialect: &'d dyn Dialect) -> Self {
        let sql = format!("{verb} FROM {}", quoted(schema.name));
        Self { dialect, sql, params: Vec::new() }
    }

    fn finish(self) -> Statement<'q> {
        Statement { sql: self.sql, params: self.params }
    }

    fn conditions(&mut self, filters: &'q [Filter]) {
        for (place, filter) in filters.iter().enumerate() {
            self.sql += if place == 0 { " WHERE " } else { " AND " };
            self.filter(filter);
        }
    }

    fn filter(&mut self, filter: &'q Filter) {
        match filter {
            Filter::Equal { field, values, .. } => match values.as_slice() {
                [value] => self.comparison(field, " = ", value),
                values => {
                    self.sql += &quoted(field.name());
                    self.sql += " IN (";
                    let placeholders = self.list(values.iter().map(borrowed));
                    self.sql += &placeholders;
                    self.sql += ")";
                }
            },
            Filter::NotEqual { field, value, .. } => self.comparison(field, " <> ", value),
            Filter::Less { field, value, .. } => self.comparison(field, " < ", value),
            Filter::LessEqual { field, value, .. } => self.comparison(field, " <= ", value),
            Filter::Greater { field, value, .. } => self.comparison(field, " > ", value),
            Filter::GreaterEqual { field, value, .. } => self.comparison(field, " >= ", value),
            Filter::StartsWith { field, prefix, .. } => self.starts_with(field, prefix),
            Filter::Contains { field, elements, .. } => {
                let elements = elements.iter().map(|text| Param::Text(Cow::Borrowed(text)));
                let placeholders = self.list(elements);
                self.sql += &self.dialect.contains(&quoted(field.name()), &placeholders);
            }
            Filter::IsNull { field, .. } => self.sql += &(quoted(field.name()) + " IS NULL"),
            Filter::IsNotNull { field, .. } => self.sql += &(quoted(field.name()) + " IS NOT NULL"),
            Filter::And { filters, .. } => self.all(filters, " AND ", "TRUE"),
            Filter::Or { filters, .. } => self.all(filters, " OR ", "FALSE"),
        }
    }

    fn all(&mut self, filters: &'q [Filter], operator: &str, none: &str) {
        if filters.is_empty() {
            self.sql += none;
            return;
        }
        for (place, filter) in filters.iter().enumerate() {
            self.sql += if place == 0 { "(" } else { operator };
            self.filter(filter);
        }
        self.sql += ")";
    }

    fn comparison(&mut self, field: &Field, operator: &str, value: &'q Value<'static>) {
        self.sql += &quoted(field.name());
        self.sql += operator;
        self.bind(borrowed(value));
    }

    /// A range, so that an index serves it: texts sort by their bytes.
    fn starts_with(&mut self, field: &Field, prefix: &'q str) {
        let column = quoted(field.name());
        self.sql += &format!("({column} >= ");
        self.bind(Param::Text(Cow::Borrowed(prefix)));
        if let Some(end) = successor(prefix) {
            self.sql += &format!(" AND {column} < ");
            self.bind(Param::Text(Cow::Owned(end)));
        }
        self.sql += ")";
    }

    fn list(&mut self, params: impl Iterator<Item = Param<'q>>) -> String {
        let placeholders: Vec<String> = params.map(|param| self.next(param)).collect();
        placeholders.join(", ")
    }

    fn bind(&mut self, param: Param<'q>) {
        let placeholder = self.next(param);
        self.sql += &placeholder;
    }

    fn next(&mut self, param: Param<'q>) -> String {
        self.params.push(param);
        self.dialect.placeholder(self.params.len())
    }
}

fn borrowed<'q>(value: &'q Value<'static>) -> Param<'q> {
    match value {
        Value::Text(text) => Param::Text(Cow::Borrowed(text)),
        value => Param::from(value.clone()),
    }
}

/// The first text after all that begin with `prefix`; `None` if there is none.
fn successor(prefix: &str) -> Option<String> {
    let trimmed = prefix.trim_end_matches(char::MAX);
    let last = trimmed.chars().next_back()?;
    // The range steps over the surrogates, which no text has.
    let next = (last..=char::MAX).nth(1)?;
    Some(format!("{}{next}", &trimmed[..trimmed.len() - last.len_utf8()]))
}

#[cfg(test)]
mod tests {
    use rollbook_core::{Record, Timestamp, User};

    use super::*;
    use crate::Sqlite;

    fn field(name: &str) -> &'static Field {
        User::SCHEMA.field(name).expect("users have it")
    }

    /// The statement, and a line for each parameter.
    fn text(statement: &Statement<'_>) -> String {
        let params = statement.params.iter().enumerate();
        params.fold(statement.sql.clone(), |text, (place, param)| {
            format!("{text}\n{}: {param:?}", Sqlite.placeholder(place + 1))
        })
    }

    /// A filter of each kind.
    fn filters() -> Vec<Filter> {
        let time = Timestamp::from_millis(1_602_743_880_000).expect("it is a time");
        let filters = || {
            Ok::<_, rollbook_core::QueryError>(vec![
                field("email").equal(["ann@example.com"])?,
                field("name").equal(["Ann", "Zoë"])?,
                field("status").not_equal(false)?,
                field("registration").less(time)?,
                field("registration").less_equal(time)?,
                field("$createdAt").greater(time)?,
                field("$updatedAt").greater_equal(time)?,
                field("name").starts_with("An")?,
                field("name").starts_with("\u{10ffff}")?,
                field("labels").contains(["vip"])?,
                field("labels").contains(["a", "b"])?,
                field("phone").is_null(),
                field("passwordUpdate").is_not_null(),
                Filter::and([ID.equal(["u1"])?, SEQUENCE.greater(7)?]),
                Filter::or([ID.less("u")?, Filter::and([]), Filter::or([])]),
            ])
        };
        filters().expect("the values have the types of the fields")
    }

    #[test]
    fn everything_in_order_of_insertion() {
        insta::assert_snapshot!(text(&select(&Query::new(User::SCHEMA), &Sqlite)), @r#"SELECT "$sequence", "$revision", body FROM "users" ORDER BY "$sequence" ASC"#);
    }

    #[test]
    fn filters_orders_and_a_page() {
        let query = Query::new(User::SCHEMA)
            .filters_all(filters())
            .order(field("name").ascending())
            .order(field("phone").descending())
            .limit(25)
            .offset(50);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"
        SELECT "$sequence", "$revision", body FROM "users" WHERE "email" = ?1 AND "name" IN (?2, ?3) AND "status" <> ?4 AND "registration" < ?5 AND "registration" <= ?6 AND "$createdAt" > ?7 AND "$updatedAt" >= ?8 AND ("name" >= ?9 AND "name" < ?10) AND ("name" >= ?11) AND EXISTS (SELECT 1 FROM json_each("labels") WHERE value IN (?12)) AND EXISTS (SELECT 1 FROM json_each("labels") WHERE value IN (?13, ?14)) AND "phone" IS NULL AND "passwordUpdate" IS NOT NULL AND ("$id" = ?15 AND "$sequence" > ?16) AND ("$id" < ?17 OR TRUE OR FALSE) ORDER BY "name" ASC NULLS FIRST, "phone" DESC NULLS LAST, "$sequence" ASC LIMIT 25 OFFSET 50
        ?1: Text("ann@example.com")
        ?2: Text("Ann")
        ?3: Text("Zoë")
        ?4: Int(0)
        ?5: Int(1602743880000)
        ?6: Int(1602743880000)
        ?7: Int(1602743880000)
        ?8: Int(1602743880000)
        ?9: Text("An")
        ?10: Text("Ao")
        ?11: Text("\u{10ffff}")
        ?12: Text("vip")
        ?13: Text("a")
        ?14: Text("b")
        ?15: Text("u1")
        ?16: Int(7)
        ?17: Text("u")
        "#);
    }

    #[test]
    fn orders_by_what_is_never_null() {
        let query = Query::new(User::SCHEMA).order(ID.descending()).offset(u64::MAX);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"SELECT "$sequence", "$revision", body FROM "users" ORDER BY "$id" DESC LIMIT 9223372036854775807 OFFSET 9223372036854775807"#);
    }

    #[test]
    fn a_count_has_no_order_and_no_page() {
        let query = Query::new(User::SCHEMA)
            .filter(field("name").starts_with("An").unwrap())
            .order(field("name").ascending())
            .limit(1)
            .offset(1);
        insta::assert_snapshot!(text(&count(&query, &Sqlite)), @r#"
        SELECT count(*) FROM "users" WHERE ("name" >= ?1 AND "name" < ?2)
        ?1: Text("An")
        ?2: Text("Ao")
        "#);
    }

    #[test]
    fn a_deletion() {
        let filters = [ID.equal(["u1"]).unwrap(), field("status").equal([false]).unwrap()];
        insta::assert_snapshot!(text(&delete(User::SCHEMA, &filters, &Sqlite)), @r#"
        DELETE FROM "users" WHERE "$id" = ?1 AND "status" = ?2
        ?1: Text("u1")
        ?2: Int(0)
        "#);
        insta::assert_snapshot!(text(&delete(User::SCHEMA, &[], &Sqlite)), @r#"DELETE FROM "users""#);
    }

    #[test]
    fn the_successor_ends_the_range_of_a_prefix() {
        let check = |prefix: &str, expected: Option<&str>| {
            assert_eq!(successor(prefix).as_deref(), expected, "{prefix:?}");
        };
        check("ab", Some("ac"));
        check("a\u{10ffff}", Some("b"));
        check("\u{d7ff}", Some("\u{e000}"));
        check("a\u{7f}", Some("a\u{80}"));
        check("\u{10ffff}", None);
        check("", None);
    }
}
