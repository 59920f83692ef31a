//! Names: which tables and indexes follow from a schema, and what they are called.

use rollbook_core::{Field, ID, Kind, Schema, Unique};

use crate::dialect::Dialect;

/// Whether there is an index that begins with `field`, or with the tenant and the field.
pub(crate) fn has_index(schema: &'static Schema, field: &Field) -> bool {
    let owner = schema.owner_fields().any(|(owner, _)| owner == field);
    let list = field.kind() == Kind::List;
    field == &ID || own_unique(schema, field).is_some() || owner || (field.is_indexed() && !list)
}

/// Whether the elements of `field` have a table.
pub(crate) fn has_table(field: &Field) -> bool {
    field.kind() == Kind::List && field.is_indexed()
}

/// The name of the index of `field`, which has one.
pub(crate) fn index_name(schema: &'static Schema, field: &Field, dialect: &dyn Dialect) -> String {
    match own_unique(schema, field) {
        _ if field == &ID => dialect.id_index(schema.name),
        Some(unique) => unique_index(schema, unique),
        None => field_index(schema, field),
    }
}

/// The unique tuple that is `field` alone, or with the tenant before it.
pub(crate) fn own_unique(schema: &Schema, field: &Field) -> Option<&'static Unique> {
    let tenant = schema.tenant().map(Field::name);
    schema.uniques.iter().find(|unique| match *unique.fields {
        [name] => name == field.name(),
        [first, name] => Some(first) == tenant && name == field.name(),
        _ => false,
    })
}

/// Whether the index of `field` has the tenant before the field: nobody reads the records of several tenants.
/// That of an owner has not, since a deletion follows it.
pub(crate) fn is_led(schema: &'static Schema, field: &Field) -> bool {
    schema.tenant().is_some_and(|tenant| tenant != field && field != &ID)
        && schema.owner_fields().all(|(owner, _)| owner != field)
}

pub(crate) fn unique_index(schema: &Schema, unique: &Unique) -> String {
    format!("{} unique {}", schema.name, unique.name)
}

pub(crate) fn field_index(schema: &Schema, field: &Field) -> String {
    format!("{} by {}", schema.name, field.name())
}

pub(crate) fn lists(schema: &'static Schema) -> impl Iterator<Item = &'static Field> {
    schema.fields.iter().filter(|field| has_table(field))
}

pub(crate) fn search_table(schema: &Schema) -> String {
    format!("{} search", schema.name)
}

pub(crate) fn element_table(schema: &Schema, field: &Field) -> String {
    format!("{}{}", element_prefix(schema), field.name())
}

pub(crate) fn element_prefix(schema: &Schema) -> String {
    format!("{} each ", schema.name)
}

/// A text in quotes.
pub(crate) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An identifier in quotes.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
