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
    use super::*;

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
