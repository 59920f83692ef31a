//! Which way a statement takes to its rows.
//!
//! SQLite plans without statistics until it has gathered some, and then takes half of all rows for a few of
//! them. So the way is decided here, from the filters and the order alone:
//!
//! - a search, or one element of an indexed list, leads if there is one: few rows satisfy it;
//! - otherwise an index is named, for reasons of which the first that applies counts: a key is given; a
//!   field is given, or a beginning of three letters; the order is that of an index, so that a page ends
//!   where it is full; a field is null; a flag is given; a field has a bound.
//!
//! A flag is true for half of all rows: it never leads against the order of a field.

use rollbook_core::{Field, Filter, ID, Kind, Order, SEQUENCE, Schema};

use crate::name::{has_index, has_table, is_led};

/// The filters that must hold, those within an `And` as well.
pub(crate) fn conjuncts(filters: &[Filter]) -> Vec<&Filter> {
    let parts = filters.iter().flat_map(|filter| match filter {
        Filter::And { filters, .. } => conjuncts(filters),
        filter => vec![filter],
    });
    parts.collect()
}

/// The filter whose own table is read before that of the rows.
pub(crate) fn lead(filters: &[Filter]) -> Option<&Filter> {
    let conjuncts = conjuncts(filters);
    let search = |filter: &&&Filter| match filter {
        Filter::Search { search, .. } => !search.words.is_empty(),
        _ => false,
    };
    let element = |filter: &&&Filter| match filter {
        Filter::Contains { field, parts: elements, .. }
        | Filter::ContainsAll { field, elements, .. } => has_table(field) && elements.len() == 1,
        _ => false,
    };
    conjuncts.iter().find(search).or_else(|| conjuncts.iter().find(element)).copied()
}

/// The field through whose index the rows are read; nothing where the engine can't go wrong.
pub(crate) fn index(
    schema: &'static Schema,
    filters: &[Filter],
    orders: &[Order],
) -> Option<&'static Field> {
    let conjuncts = conjuncts(filters);
    if has_key(schema, &conjuncts) {
        return None;
    }
    // The tenant is given with every query, and stands before the field in the other indexes.
    let tenant = schema.tenant().filter(|tenant| is_given(&conjuncts, tenant));
    let indexed = |field: &'static Field| {
        let usable = has_index(schema, field) && (tenant.is_some() || !is_led(schema, field));
        usable.then_some(field)
    };
    let find = |wanted: Reason| {
        let fields = conjuncts.iter().filter_map(|filter| reason(filter));
        let fields = fields.filter(|(_, field)| Some(*field) != tenant);
        fields.filter(|(reason, _)| *reason == wanted).find_map(|(_, field)| indexed(field))
    };
    let first = orders.first().map(|order| order.field);
    find(Reason::Value)
        .or_else(|| find(Reason::Beginning))
        .or_else(|| first.filter(|field| *field != &SEQUENCE).and_then(indexed))
        .or_else(|| find(Reason::Null))
        // A count has no use for the order that the rows of a flag stand in.
        .or_else(|| if first.is_some() { find(Reason::Flag) } else { None })
        .or_else(|| find(Reason::Bound))
        .or_else(|| find(Reason::Flag))
        .or(tenant)
}

/// Whether the filters give a key: the id, the sequence, or a unique tuple.
fn has_key(schema: &'static Schema, conjuncts: &[&Filter]) -> bool {
    let given = |field: &Field| is_given(conjuncts, field);
    let mut uniques = schema.uniques.iter();
    given(&ID) || given(&SEQUENCE) || uniques.any(|unique| schema.unique_fields(unique).all(given))
}

fn is_given(conjuncts: &[&Filter], field: &Field) -> bool {
    conjuncts.iter().any(|filter| matches!(filter, Filter::Equal { field: f, .. } if *f == field))
}

/// Why the index of a field is worth reading.
#[derive(PartialEq)]
enum Reason {
    Value,
    Beginning,
    Null,
    Flag,
    Bound,
}

/// The shortest beginning that is taken to be of few texts, in bytes.
const BEGINNING: usize = 3;

fn reason(filter: &Filter) -> Option<(Reason, &'static Field)> {
    Some(match filter {
        Filter::Equal { field, values, .. } => match field.kind() {
            Kind::Bool if values.len() > 1 => return None,
            Kind::Bool => (Reason::Flag, field),
            _ => (Reason::Value, field),
        },
        Filter::StartsWith { field, prefix, .. } if prefix.len() >= BEGINNING => {
            (Reason::Beginning, field)
        }
        Filter::IsNull { field, .. } if field.kind() == Kind::Bool => (Reason::Flag, field),
        Filter::IsNull { field, .. } => (Reason::Null, field),
        Filter::StartsWith { field, .. }
        | Filter::Less { field, .. }
        | Filter::LessEqual { field, .. }
        | Filter::Greater { field, .. }
        | Filter::GreaterEqual { field, .. }
        | Filter::IsNotNull { field, .. }
            if **field != SEQUENCE =>
        {
            (Reason::Bound, field)
        }
        _ => return None,
    })
}
