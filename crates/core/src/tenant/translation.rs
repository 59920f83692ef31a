//! Questions about the records of a tenant, as questions about all of them.

use super::record::whole_id;
use super::schema::stand;
use crate::{Field, Filter, ID, Order, Query, SEQUENCE, Schema, Value};

/// How what is asked about the records of one type is asked about those of all tenants.
pub(super) struct Translation<'t> {
    /// The schema within tenants.
    pub(super) schema: &'static Schema,
    pub(super) tenant: &'t str,
}

impl Translation<'_> {
    /// The query that selects the same of the tenant's records.
    pub(super) fn query(&self, query: &Query) -> Query {
        let mut filters = self.filters(query.filters());
        if query.orders().first().is_some_and(|first| first.field == &ID) {
            // Those of a tenant lie together.
            filters.push(Filter::StartsWith { field: &ID, prefix: whole_id(self.tenant, "") });
        }
        let start = query.start().map(|values| {
            let values = query.orders().iter().zip(values);
            values.map(|(order, value)| self.value(order.field, value)).collect()
        });
        query.translated(self.schema, filters, |order| self.order(order), start)
    }

    /// That it is the tenant's, and the filters. In this order, since the first costs little to test, and a
    /// search a lot.
    pub(super) fn filters(&self, filters: &[Filter]) -> Vec<Filter> {
        let tenants = self.schema.tenant().map(|field| Filter::Equal {
            field,
            values: vec![Value::from(self.tenant.to_owned())],
        });
        tenants.into_iter().chain(filters.iter().map(|filter| self.filter(filter))).collect()
    }

    fn order(&self, order: &Order) -> Order {
        Order { field: self.whole(order.field), ..*order }
    }

    /// The field that is compared instead of `field`.
    fn whole(&self, field: &'static Field) -> &'static Field {
        // Every schema has it.
        if field == &SEQUENCE { field } else { stand(self.schema, field).whole }
    }

    fn plain(&self, field: &'static Field) -> &'static Field {
        if field == &SEQUENCE { field } else { stand(self.schema, field).plain }
    }

    /// The text that an id of a tenant's begins with instead of `text`.
    fn text(&self, field: &'static Field, text: &str) -> String {
        let is_id = field != &SEQUENCE && stand(self.schema, field).is_id;
        if is_id { whole_id(self.tenant, text) } else { text.to_owned() }
    }

    fn value(&self, field: &'static Field, value: &Value<'static>) -> Value<'static> {
        match value {
            Value::Text(text) => self.text(field, text).into(),
            value => value.clone(),
        }
    }

    fn filter(&self, filter: &Filter) -> Filter {
        let all = |filters: &[Filter]| filters.iter().map(|filter| self.filter(filter)).collect();
        match filter {
            Filter::Equal { field, values } => Filter::Equal {
                field: self.whole(field),
                values: values.iter().map(|value| self.value(field, value)).collect(),
            },
            Filter::NotEqual { field, value } => {
                Filter::NotEqual { field: self.whole(field), value: self.value(field, value) }
            }
            Filter::Less { field, value } => {
                Filter::Less { field: self.whole(field), value: self.value(field, value) }
            }
            Filter::LessEqual { field, value } => {
                Filter::LessEqual { field: self.whole(field), value: self.value(field, value) }
            }
            Filter::Greater { field, value } => {
                Filter::Greater { field: self.whole(field), value: self.value(field, value) }
            }
            Filter::GreaterEqual { field, value } => {
                Filter::GreaterEqual { field: self.whole(field), value: self.value(field, value) }
            }
            Filter::StartsWith { field, prefix } => {
                Filter::StartsWith { field: self.whole(field), prefix: self.text(field, prefix) }
            }
            // The tenant's name is no part of what these look into.
            Filter::EndsWith { field, suffix } => {
                Filter::EndsWith { field: self.plain(field), suffix: suffix.clone() }
            }
            Filter::Contains { field, parts } => {
                Filter::Contains { field: self.plain(field), parts: parts.clone() }
            }
            Filter::ContainsAll { field, elements } => {
                Filter::ContainsAll { field: self.plain(field), elements: elements.clone() }
            }
            // Both stand for the field, and are null together.
            Filter::Not { field, filter } => Filter::Not {
                field: match &**filter {
                    Filter::EndsWith { .. }
                    | Filter::Contains { .. }
                    | Filter::ContainsAll { .. } => self.plain(field),
                    _ => self.whole(field),
                },
                filter: Box::new(self.filter(filter)),
            },
            Filter::IsNull { field } => Filter::IsNull { field: self.whole(field) },
            Filter::IsNotNull { field } => Filter::IsNotNull { field: self.whole(field) },
            Filter::Search { search, .. } => {
                Filter::Search { schema: self.schema, search: search.clone() }
            }
            Filter::And { filters } => Filter::And { filters: all(filters) },
            Filter::Or { filters } => Filter::Or { filters: all(filters) },
        }
    }
}
