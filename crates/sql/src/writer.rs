//! The text of a statement as it is written, and what is bound to it.

use std::borrow::Cow;

use rollbook_core::{Direction, Field, Filter, ID, Kind, Order, SEQUENCE, Schema, Shuffle, Value};

use crate::dialect::Dialect;
use crate::name::{element_table, has_table, index_name, quoted, search_table};
use crate::param::Param;
use crate::plan::{index, lead};
use crate::search::Fit;
use crate::statement::Statement;

/// What the sequence is called in the table that leads.
const LEAD: &str = "\"$lead\"";

pub(crate) struct Writer<'q, 'd> {
    dialect: &'d dyn Dialect,
    schema: &'static Schema,
    pub(crate) sql: String,
    pub(crate) params: Vec<Param<'q>>,
    // How many parameters stand before these.
    before: usize,
    // The filter whose table leads: it holds for every row there is.
    lead: Option<&'q Filter>,
    // How the filter that leads is asked.
    pub(crate) fit: Fit,
}

impl<'q, 'd> Writer<'q, 'd> {
    pub(crate) fn new(schema: &'static Schema, dialect: &'d dyn Dialect) -> Self {
        let (sql, params) = (String::new(), Vec::new());
        Self { dialect, schema, sql, params, before: 0, lead: None, fit: Fit::Exact }
    }

    /// A writer of what stands behind all this, whose filters need not live as long.
    pub(crate) fn continued<'p>(&self) -> Writer<'p, 'd> {
        let before = self.before + self.params.len();
        Writer { before, ..Writer::new(self.schema, self.dialect) }
    }

    pub(crate) fn finish(self) -> Statement<'q> {
        Statement { sql: self.sql, params: self.params }
    }

    pub(crate) fn rows(&mut self, filters: &'q [Filter], orders: &[Order]) {
        self.sql += "SELECT \"$sequence\", \"$revision\", body";
        self.from(filters, orders);
        self.conditions(filters);
        self.ordered(orders);
    }

    /// The rows of a page that others stand before. Those are counted off by what the index has: to look at a
    /// row for its body takes a hundred times as long as to pass it.
    pub(crate) fn page_after(
        &mut self,
        filters: &'q [Filter],
        orders: &[Order],
        max: Option<u64>,
        skip: u64,
    ) {
        let table = quoted(self.schema.name);
        self.sql += &format!("SELECT \"$sequence\", \"$revision\", body FROM {table}");
        self.sql += " WHERE \"$sequence\" IN (SELECT \"$sequence\"";
        self.from(filters, orders);
        self.conditions(filters);
        self.ordered(orders);
        self.page(max, skip);
        self.sql += ")";
        self.lead = None;
        self.ordered(orders);
    }

    fn ordered(&mut self, orders: &[Order]) {
        for (place, order) in orders.iter().enumerate() {
            let field = order.field;
            self.sql += if place == 0 { " ORDER BY " } else { ", " };
            self.sql += &self.column(field);
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

    pub(crate) fn shuffled(&mut self, shuffle: &Shuffle) {
        let rank = self.rank(shuffle);
        self.sql += &format!(" ORDER BY {rank}, \"$sequence\"");
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

    /// Written out, not bound: SQLite plans with the limit, and prepares a statement again whenever a bound
    /// one changes, which makes a look-up a third slower.
    pub(crate) fn page(&mut self, max: Option<u64>, skip: u64) {
        let number = |n: u64| n.min(i64::MAX.unsigned_abs());
        if max.is_some() || skip > 0 {
            self.sql += &format!(" LIMIT {}", number(max.unwrap_or(u64::MAX)));
        }
        if skip > 0 {
            self.sql += &format!(" OFFSET {}", number(skip));
        }
    }

    /// The table, with the way to its rows: behind the table of a filter that leads, or through an index.
    pub(crate) fn from(&mut self, filters: &'q [Filter], orders: &[Order]) {
        let table = quoted(self.schema.name);
        if let Some(lead) = lead(filters) {
            self.read_lead(lead);
            // The engine keeps the order of tables that are joined so.
            self.sql += &format!(" CROSS JOIN {table} ON {table}.\"$sequence\" = {LEAD}");
            return;
        }
        self.sql += &format!(" FROM {table}");
        if let Some(field) = index(self.schema, filters, orders) {
            self.sql += &self.dialect.through(&index_name(self.schema, field, self.dialect));
        }
    }

    /// The table of a filter that leads, alone.
    pub(crate) fn read_lead(&mut self, lead: &'q Filter) {
        let sequences = self.sequences(lead, LEAD, self.fit).expect("what leads has a table");
        self.sql += &format!(" FROM ({sequences})");
        self.lead = Some(lead);
    }

    /// Selects, as `name`, the sequences of the rows that satisfy a filter which has a table of its own.
    fn sequences(&mut self, filter: &'q Filter, name: &str, fit: Fit) -> Option<String> {
        match filter {
            Filter::Search { schema, search, .. } => {
                let search = self.dialect.search(search, fit)?;
                let search = self.next(Param::Text(Cow::Owned(search)));
                Some(self.dialect.found(&search_table(schema), &search, name))
            }
            Filter::Contains { field, parts: elements, .. } if has_table(field) => {
                Some(self.having(field, elements, name))
            }
            Filter::ContainsAll { field, elements, .. } if has_table(field) => {
                let mut different: Vec<&String> = elements.iter().collect();
                different.sort_unstable();
                different.dedup();
                let having = self.having(field, elements, name);
                Some(match different.len() {
                    1 => having,
                    number => format!("{having} GROUP BY sequence HAVING count(*) = {number}"),
                })
            }
            _ => None,
        }
    }

    /// Selects the sequences of lists that have one of `elements`.
    fn having(&mut self, field: &Field, elements: &'q [String], name: &str) -> String {
        let table = quoted(&element_table(self.schema, field));
        let condition = if let [element] = elements {
            format!("element = {}", self.next(Param::Text(Cow::Borrowed(element))))
        } else {
            let list = self.next(Param::texts(elements));
            self.dialect.any_of("element", &list)
        };
        format!("SELECT sequence AS {name} FROM {table} WHERE {condition}")
    }

    /// A column, by its name in the table that leads if it is there.
    fn column(&self, field: &Field) -> String {
        match self.lead {
            Some(_) if field == &SEQUENCE => LEAD.to_owned(),
            _ => quoted(field.name()),
        }
    }

    pub(crate) fn conditions(&mut self, filters: &'q [Filter]) {
        if !filters.is_empty() {
            self.sql += " WHERE ";
            self.joined(filters, " AND ");
        }
    }

    fn filter(&mut self, filter: &'q Filter) {
        if self.lead.is_some_and(|lead| std::ptr::eq(lead, filter)) {
            self.sql += "TRUE";
            return;
        }
        if let Some(sequences) = self.sequences(filter, "sequence", Fit::Exact) {
            self.sql += &format!("\"$sequence\" IN ({sequences})");
            return;
        }
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
            // A search without words finds nothing; the others have a table.
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
        self.sql += &self.column(field);
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
                self.dialect.has_any_part(&format!("{}.{column}", quoted(self.schema.name)), &list)
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
        self.dialect.placeholder(self.before + self.params.len())
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
