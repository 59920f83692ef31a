//! Queries and deletions as statements.

use std::borrow::Cow;

use rollbook_core::{Direction, Field, Filter, ID, Kind, Query, SEQUENCE, Schema, Shuffle, Value};

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
    writer.order(query);
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
    table: String,
    sql: String,
    params: Vec<Param<'q>>,
}

impl<'q, 'd> Writer<'q, 'd> {
    fn new(verb: &str, schema: &Schema, dialect: &'d dyn Dialect) -> Self {
        let table = quoted(schema.name);
        Self { dialect, sql: format!("{verb} FROM {table}"), table, params: Vec::new() }
    }

    fn finish(self) -> Statement<'q> {
        Statement { sql: self.sql, params: self.params }
    }

    fn order(&mut self, query: &Query) {
        if let Some(shuffle) = query.shuffle() {
            let rank = self.rank(shuffle);
            self.sql += &format!(" ORDER BY {rank}, \"$sequence\"");
        }
        for (place, order) in query.orders().iter().enumerate() {
            let field = order.field;
            self.sql += if place == 0 { " ORDER BY " } else { ", " };
            self.sql += &quoted(field.name());
            // Nulls are the smallest values, whatever the engine thinks; `$id` and `$sequence` have none.
            let null = field != &ID && field != &SEQUENCE;
            self.sql += match (order.direction, null) {
                (Direction::Ascending, false) => " ASC",
                (Direction::Ascending, true) => " ASC NULLS FIRST",
                (Direction::Descending, false) => " DESC",
                (Direction::Descending, true) => " DESC NULLS LAST",
            };
        }
    }

    /// What [`Shuffle::rank`] computes; the numbers are bound, so that all seeds share a statement.
    fn rank(&mut self, shuffle: &Shuffle) -> String {
        let modulus = Shuffle::MODULUS;
        let (factor, addends) = shuffle.numbers();
        let factor = self.next(Param::Int(factor));
        let line = format!("(\"$sequence\" % {modulus} * {factor} % {modulus})");
        addends.into_iter().fold(line, |x, addend| {
            let addend = self.next(Param::Int(addend));
            format!("(({x} * {x} + {addend}) % {modulus})")
        })
    }

    fn conditions(&mut self, filters: &'q [Filter]) {
        if !filters.is_empty() {
            self.sql += " WHERE ";
            self.joined(filters, " AND ");
        }
    }

    fn filter(&mut self, filter: &'q Filter) {
        match filter {
            Filter::Equal { field, values, .. } => match values.as_slice() {
                [value] => self.comparison(field, " = ", value),
                values => {
                    let list = self.next(Param::several(values));
                    self.sql += &self.dialect.any_of(&quoted(field.name()), &list);
                }
            },
            Filter::NotEqual { field, value, .. } => self.comparison(field, " <> ", value),
            Filter::Less { field, value, .. } => self.comparison(field, " < ", value),
            Filter::LessEqual { field, value, .. } => self.comparison(field, " <= ", value),
            Filter::Greater { field, value, .. } => self.comparison(field, " > ", value),
            Filter::GreaterEqual { field, value, .. } => self.comparison(field, " >= ", value),
            Filter::StartsWith { field, prefix, .. } => self.starts_with(field, prefix),
            Filter::EndsWith { field, suffix, .. } => self.ends_with(field, suffix),
            Filter::Contains { field, parts, .. } => self.contains(field, parts),
            Filter::ContainsAll { field, elements, .. } => {
                let list = self.next(Param::texts(elements));
                self.sql += &self.dialect.contains_all(&quoted(field.name()), &list);
            }
            Filter::Not { field, filter, .. } => {
                self.sql += &format!("({} IS NOT NULL AND NOT (", quoted(field.name()));
                self.filter(filter);
                self.sql += "))";
            }
            Filter::IsNull { field, .. } => self.sql += &(quoted(field.name()) + " IS NULL"),
            Filter::IsNotNull { field, .. } => self.sql += &(quoted(field.name()) + " IS NOT NULL"),
            Filter::Search { .. } => self.sql += "FALSE",
            Filter::And { filters, .. } => self.all(filters, " AND ", "TRUE"),
            Filter::Or { filters, .. } => self.all(filters, " OR ", "FALSE"),
        }
    }

    fn all(&mut self, filters: &'q [Filter], operator: &str, none: &str) {
        if filters.is_empty() {
            self.sql += none;
            return;
        }
        self.sql += "(";
        self.joined(filters, operator);
        self.sql += ")";
    }

    /// The filters with the operator between them. Many are halved: an engine reads a chain as a tree as
    /// deep as it is long, and SQLite refuses one of a thousand.
    fn joined(&mut self, filters: &'q [Filter], operator: &str) {
        if filters.len() > MOST_IN_A_CHAIN {
            let (left, right) = filters.split_at(filters.len() / 2);
            self.all(left, operator, "");
            self.sql += operator;
            self.all(right, operator, "");
            return;
        }
        for (place, filter) in filters.iter().enumerate() {
            self.sql += if place == 0 { "" } else { operator };
            self.filter(filter);
        }
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

    fn ends_with(&mut self, field: &Field, suffix: &'q str) {
        let column = quoted(field.name());
        let condition = if suffix.is_empty() {
            format!("{column} IS NOT NULL")
        } else {
            let suffix = self.next(Param::Text(Cow::Borrowed(suffix)));
            self.dialect.ends_with(&column, &suffix)
        };
        self.sql += &condition;
    }

    fn contains(&mut self, field: &Field, parts: &'q [String]) {
        let column = quoted(field.name());
        let condition = match (field.kind(), parts) {
            (Kind::List, parts) => {
                let list = self.next(Param::texts(parts));
                self.dialect.contains_any(&column, &list)
            }
            (_, [part]) => {
                let part = self.next(Param::Text(Cow::Borrowed(part)));
                self.dialect.has_part(&column, &part)
            }
            (_, parts) => {
                let list = self.next(Param::texts(parts));
                self.dialect.has_any_part(&format!("{}.{column}", self.table), &list)
            }
        };
        self.sql += &condition;
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

/// How many conditions stand side by side.
const MOST_IN_A_CHAIN: usize = 100;

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
                field("email").ends_with("@x.co")?,
                field("email").ends_with("")?,
                field("name").contains(["%"])?,
                field("name").contains(["a", "b"])?,
                field("name").not_starts_with("An")?,
                field("labels").not_contains(["vip"])?,
                field("labels").contains_all(["vip", "pro"])?,
                field("registration").not_between(time, time)?,
                field("registration").equal([time, time])?,
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
        SELECT "$sequence", "$revision", body FROM "users" WHERE "email" = ?1 AND "name" IN (SELECT value FROM json_each(?2)) AND "status" <> ?3 AND "registration" < ?4 AND "registration" <= ?5 AND "$createdAt" > ?6 AND "$updatedAt" >= ?7 AND ("name" >= ?8 AND "name" < ?9) AND ("name" >= ?10) AND substr(CAST("email" AS BLOB), -length(CAST(?11 AS BLOB))) IS CAST(?11 AS BLOB) AND "email" IS NOT NULL AND instr("name", ?12) > 0 AND EXISTS (SELECT 1 FROM json_each(?13) WHERE instr("users"."name", value) > 0) AND ("name" IS NOT NULL AND NOT (("name" >= ?14 AND "name" < ?15))) AND ("labels" IS NOT NULL AND NOT (EXISTS (SELECT 1 FROM json_each("labels") WHERE value IN (SELECT value FROM json_each(?16))))) AND NOT EXISTS (SELECT value FROM json_each(?17) EXCEPT SELECT value FROM json_each("labels")) AND ("registration" < ?18 OR "registration" > ?19) AND "registration" IN (SELECT value FROM json_each(?20)) AND EXISTS (SELECT 1 FROM json_each("labels") WHERE value IN (SELECT value FROM json_each(?21))) AND EXISTS (SELECT 1 FROM json_each("labels") WHERE value IN (SELECT value FROM json_each(?22))) AND "phone" IS NULL AND "passwordUpdate" IS NOT NULL AND ("$id" = ?23 AND "$sequence" > ?24) AND ("$id" < ?25 OR TRUE OR FALSE) ORDER BY "name" ASC NULLS FIRST, "phone" DESC NULLS LAST, "$sequence" ASC LIMIT 25 OFFSET 50
        ?1: Text("ann@example.com")
        ?2: Texts(["Ann", "Zoë"])
        ?3: Int(0)
        ?4: Int(1602743880000)
        ?5: Int(1602743880000)
        ?6: Int(1602743880000)
        ?7: Int(1602743880000)
        ?8: Text("An")
        ?9: Text("Ao")
        ?10: Text("\u{10ffff}")
        ?11: Text("@x.co")
        ?12: Text("%")
        ?13: Texts(["a", "b"])
        ?14: Text("An")
        ?15: Text("Ao")
        ?16: Texts(["vip"])
        ?17: Texts(["vip", "pro"])
        ?18: Int(1602743880000)
        ?19: Int(1602743880000)
        ?20: Ints([1602743880000, 1602743880000])
        ?21: Texts(["vip"])
        ?22: Texts(["a", "b"])
        ?23: Text("u1")
        ?24: Int(7)
        ?25: Text("u")
        "#);
    }

    #[test]
    fn orders_by_what_is_never_null() {
        let query = Query::new(User::SCHEMA).order(ID.descending()).offset(u64::MAX);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"SELECT "$sequence", "$revision", body FROM "users" ORDER BY "$id" DESC LIMIT 9223372036854775807 OFFSET 9223372036854775807"#);
    }

    #[test]
    fn a_random_order_is_arithmetic() {
        let query = Query::new(User::SCHEMA).shuffled(Shuffle::new(7)).limit(3);
        insta::assert_snapshot!(text(&select(&query, &Sqlite)), @r#"
        SELECT "$sequence", "$revision", body FROM "users" ORDER BY ((((((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) * ((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) + ?3) % 2147483647) * ((((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) * ((("$sequence" % 2147483647 * ?1 % 2147483647) * ("$sequence" % 2147483647 * ?1 % 2147483647) + ?2) % 2147483647) + ?3) % 2147483647) + ?4) % 2147483647), "$sequence" LIMIT 3
        ?1: Int(1496452568)
        ?2: Int(1950115359)
        ?3: Int(984689157)
        ?4: Int(1732127180)
        "#);
    }

    #[test]
    fn many_conditions_are_halved() {
        let filters = || (0..401).map(|n| SEQUENCE.equal([n]).expect("it is a number"));
        let query = Query::new(User::SCHEMA).filter(Filter::or(filters())).filters_all(filters());
        let sql = count(&query, &Sqlite).sql;
        let (mut depth, mut deepest) = (0, 0);
        for byte in sql.bytes() {
            depth += i32::from(byte == b'(') - i32::from(byte == b')');
            deepest = deepest.max(depth);
        }
        assert_eq!((depth, deepest), (0, 6));
        assert!(sql.split(['(', ')']).all(|chain| chain.matches(" AND ").count() <= 100));
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
