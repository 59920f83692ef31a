//! Ways to look at values wrongly.

use std::cmp::Ordering;
use std::sync::Arc;

use rollbook_core::{AnyRecord, Direction, Document, Field, Filter, Order, Query, Value};
use serde_json::{Map, Value as Json};

/// What a filter on texts says if each text is seen through `view`; `None` if it is on something else.
pub(crate) fn texts_as(
    filter: &Filter,
    row: &Document,
    view: impl Fn(&str) -> String,
) -> Option<bool> {
    let stored = |field: &Field| match field.read(row) {
        Value::Text(text) => Some(view(&text)),
        _ => None,
    };
    let compared = |field: &Field, value: &Value<'_>, accept: fn(Ordering) -> bool| {
        let Value::Text(value) = value else { return None };
        Some(stored(field).is_some_and(|text| accept(text.cmp(&view(value)))))
    };
    match filter {
        Filter::Equal { field, values, .. } if matches!(values[..], [Value::Text(_), ..]) => {
            let found = |value: &Value<'_>| compared(field, value, Ordering::is_eq) == Some(true);
            Some(values.iter().any(found))
        }
        Filter::NotEqual { field, value, .. } => compared(field, value, Ordering::is_ne),
        Filter::Less { field, value, .. } => compared(field, value, Ordering::is_lt),
        Filter::LessEqual { field, value, .. } => compared(field, value, Ordering::is_le),
        Filter::Greater { field, value, .. } => compared(field, value, Ordering::is_gt),
        Filter::GreaterEqual { field, value, .. } => compared(field, value, Ordering::is_ge),
        Filter::StartsWith { field, prefix, .. } => {
            Some(stored(field).is_some_and(|text| text.starts_with(&view(prefix))))
        }
        Filter::EndsWith { field, suffix, .. } => {
            Some(stored(field).is_some_and(|text| text.ends_with(&view(suffix))))
        }
        Filter::Contains { field, parts, .. } => {
            let text = stored(field)?;
            Some(parts.iter().any(|part| text.contains(&view(part))))
        }
        _ => None,
    }
}

/// What a comparison of numbers or times says if each is seen through `view`.
pub(crate) fn numbers_as<K: PartialOrd>(
    filter: &Filter,
    row: &Document,
    view: impl Fn(i64) -> K,
) -> Option<bool> {
    let number = |value: &Value<'_>| match value {
        Value::Int(number) => Some(view(*number)),
        Value::Time(time) => Some(view(time.as_millis())),
        _ => None,
    };
    let compared = |field: &Field, value: &Value<'_>, accept: fn(Ordering) -> bool| {
        let value = number(value)?;
        let stored = number(&field.read(row));
        Some(stored.and_then(|stored| stored.partial_cmp(&value)).is_some_and(accept))
    };
    match filter {
        Filter::Equal { field, values, .. } => {
            number(values.first()?)?;
            let found = |value: &Value<'_>| compared(field, value, Ordering::is_eq) == Some(true);
            Some(values.iter().any(found))
        }
        Filter::NotEqual { field, value, .. } => compared(field, value, Ordering::is_ne),
        Filter::Less { field, value, .. } => compared(field, value, Ordering::is_lt),
        Filter::LessEqual { field, value, .. } => compared(field, value, Ordering::is_le),
        Filter::Greater { field, value, .. } => compared(field, value, Ordering::is_gt),
        Filter::GreaterEqual { field, value, .. } => compared(field, value, Ordering::is_ge),
        _ => None,
    }
}

/// Sorts by the keys of a query, each compared by `compare`.
pub(crate) fn by_keys(
    query: &Query,
    a: &Document,
    b: &Document,
    compare: impl Fn(&Order, &Value<'_>, &Value<'_>) -> Ordering,
) -> Ordering {
    if query.shuffle().is_some() {
        return query.compare(a, b);
    }
    let keys = query.orders().iter();
    let by_key = keys.map(|key| compare(key, &key.field.read(a), &key.field.read(b)));
    by_key.into_iter().find(|ordering| ordering.is_ne()).unwrap_or(Ordering::Equal)
}

/// Sorts by the keys, with texts seen through `view`.
pub(crate) fn by_texts<K: Ord>(
    query: &Query,
    a: &Document,
    b: &Document,
    view: impl Fn(&str) -> K,
) -> Ordering {
    by_keys(query, a, b, |key, a, b| match (a, b) {
        (Value::Text(a), Value::Text(b)) => directed(key, view(a).cmp(&view(b))),
        _ => directed(key, a.order(b)),
    })
}

pub(crate) fn directed(key: &Order, ordering: Ordering) -> Ordering {
    match key.direction {
        Direction::Ascending => ordering,
        Direction::Descending => ordering.reverse(),
    }
}

/// The record with a change of its JSON.
pub(crate) fn rewritten(
    record: &dyn AnyRecord,
    change: impl FnOnce(&mut Map<String, Json>),
) -> Arc<dyn AnyRecord> {
    let mut json = json(record);
    change(&mut json);
    let body = serde_json::to_vec(&json).expect("JSON prints as JSON");
    (record.schema().decode)(record.schema(), &body).expect("the faults keep the types of a record")
}

pub(crate) fn json(record: &dyn AnyRecord) -> Map<String, Json> {
    let mut body = Vec::new();
    record.encode(&mut body);
    serde_json::from_slice(&body).expect("a record is a JSON object")
}

/// The record with every text of it, at any depth, but the id, seen through `view`.
pub(crate) fn with_texts(
    record: &dyn AnyRecord,
    view: impl Fn(&str) -> String,
) -> Arc<dyn AnyRecord> {
    rewritten(record, |fields| {
        for (name, value) in fields.iter_mut() {
            if name != "id" && name != "note" && name != "member" {
                change_texts(value, &view);
            }
        }
    })
}

fn change_texts(value: &mut Json, view: &dyn Fn(&str) -> String) {
    match value {
        Json::String(text) => *text = view(text),
        Json::Array(values) => values.iter_mut().for_each(|value| change_texts(value, view)),
        Json::Object(fields) => fields.values_mut().for_each(|value| change_texts(value, view)),
        _ => {}
    }
}

/// The text up to its first NUL, as an engine written in C may take it.
pub(crate) fn until_nul(text: &str) -> String {
    text.split('\0').next().unwrap_or_default().to_owned()
}

/// The text with its accents put together.
pub(crate) fn composed(text: &str) -> String {
    text.replace("a\u{301}", "á").replace("e\u{301}", "é")
}

/// The first characters.
pub(crate) fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
