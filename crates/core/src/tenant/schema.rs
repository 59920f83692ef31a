//! The schemas of what belongs to tenants, made of those of the records.

use std::sync::OnceLock;

use super::record::{Tenanted, decode, parts, whole_id};
use crate::{ApiKey, Document, Field, Kind, Owner, Record as _, SCHEMAS, Schema, Unique, Value};

/// The field of the tenant.
const TENANT: &str = "$tenant";
/// The id that the record has for its tenant, for what looks at parts of it.
const PLAIN_ID: &str = "$plainId";
/// What `tenant` and the plain id come to before the fields that hold owners.
const BEFORE_OWNERS: usize = 2;
/// One reader for each owner that a record may have.
const OWNERS: [for<'a> fn(&'a Document) -> Value<'a>; 4] =
    [owner::<0>, owner::<1>, owner::<2>, owner::<3>];

/// All record types of rollbook, [`SCHEMAS`](crate::SCHEMAS), and again within tenants: what a store is opened
/// with for [`Users::tenant`](crate::Users::tenant).
///
/// A file without tenants can be opened with them, and one with tenants without them: they are not seen then,
/// and not touched.
///
/// ```
/// use rollbook_core::{SCHEMAS, all_schemas};
///
/// assert!(SCHEMAS.iter().all(|schema| all_schemas().contains(schema)));
/// assert!(all_schemas().iter().any(|schema| schema.name == "tenant_users"));
/// ```
pub fn all_schemas() -> &'static [&'static Schema] {
    static ALL: OnceLock<&[&Schema]> = OnceLock::new();
    ALL.get_or_init(|| [SCHEMAS, tenant_schemas()].concat().leak())
}

/// The record types that tenants have: a key is the server's, and opens tenants.
fn of_tenants() -> impl Iterator<Item = &'static Schema> {
    SCHEMAS.iter().copied().filter(|schema| *schema != ApiKey::SCHEMA)
}

/// The same within tenants.
pub(crate) fn tenant_schemas() -> &'static [&'static Schema] {
    static MADE: OnceLock<&[&Schema]> = OnceLock::new();
    MADE.get_or_init(|| tenanted(&of_tenants().collect::<Vec<_>>()))
}

/// The schemas of the same records within tenants, and of what owns them.
///
/// They have all fields of the records, the tenant, and the ids as a whole; `$id` is `<tenant>/<id>`. They are
/// made once for a program, and are there until it ends: don't call it for every request.
///
/// ```
/// use rollbook_core::{Record, Session, User, tenanted};
///
/// let schemas = tenanted(&[User::SCHEMA, Session::SCHEMA]);
/// assert_eq!(schemas[1].name, "tenant_sessions");
/// assert_eq!(schemas[1].within_tenant(), Some(Session::SCHEMA));
/// assert_eq!(schemas[1].owners[0].schema, schemas[0]);
/// ```
///
/// # Panics
///
/// If a record has more than four owners.
pub fn tenanted(schemas: &[&'static Schema]) -> &'static [&'static Schema] {
    let mut made = Vec::with_capacity(schemas.len());
    for of in schemas {
        make(of, &mut made);
    }
    made.leak()
}

/// The schema of `of` within tenants, made if it is not among those that are. No record type owns itself.
fn make(of: &'static Schema, made: &mut Vec<&'static Schema>) -> &'static Schema {
    if let Some(schema) = made.iter().find(|schema| schema.within_tenant() == Some(of)) {
        return schema;
    }
    assert!(of.owners.len() <= OWNERS.len(), "the {} have more than four owners", of.name);
    let mut fields = vec![
        Field::new(TENANT, Kind::Text, |d| parts(d.id()).0.into()).indexed().telling_tenants_of(of),
        Field::new(PLAIN_ID, Kind::Text, |d| parts(d.id()).1.into()),
    ];
    let mut owners = Vec::new();
    for (owner, read) in of.owners.iter().zip(OWNERS) {
        let field = leaked(format!("{TENANT}/{}", owner.field));
        fields.push(Field::new(field, Kind::Text, read));
        owners.push(Owner { field, schema: make(owner.schema, made) });
    }
    fields.extend(of.fields.iter().map(Field::copied));
    let uniques = of.uniques.iter().map(|unique| {
        let fields = [TENANT].iter().chain(unique.fields).copied();
        Unique { name: unique.name, fields: fields.collect::<Vec<_>>().leak() }
    });
    let schema: &'static Schema = Box::leak(Box::new(Schema {
        name: leaked(format!("tenant_{}", of.name)),
        fields: fields.leak(),
        uniques: uniques.collect::<Vec<_>>().leak(),
        search: of.search,
        owners: owners.leak(),
        decode,
    }));
    made.push(schema);
    schema
}

fn leaked(text: String) -> &'static str {
    text.leak()
}

/// Reads the whole `$id` of the n-th owner.
fn owner<const N: usize>(document: &Document) -> Value<'_> {
    let owned = Tenanted::of(document).map(|owned| owned.record().schema());
    let field = owned.and_then(|schema| schema.owner_fields().nth(N));
    match field.map(|(field, _)| field.read(document)) {
        Some(Value::Text(id)) => whole_id(parts(document.id()).0, &id).into(),
        _ => Value::Null,
    }
}

/// The fields that stand for one of the record, in the schema within tenants.
pub(super) struct Stand {
    /// What is compared, and sorted by. With the tenant before it, if it is an id.
    pub(super) whole: &'static Field,
    /// What is looked into.
    pub(super) plain: &'static Field,
    /// Whether the one has the tenant before it.
    pub(super) is_id: bool,
}

/// What stands for `field` of the record type that `schema` was made of.
pub(super) fn stand(schema: &'static Schema, field: &'static Field) -> Stand {
    let named = |name| schema.field(name).expect("it has all fields of the record");
    if field == &crate::ID {
        return Stand { whole: field, plain: named(PLAIN_ID), is_id: true };
    }
    let plain = named(field.name());
    let owners = schema.within_tenant().map_or(&[][..], |of| of.owners);
    match owners.iter().position(|owner| owner.field == field.name()) {
        Some(place) => Stand { whole: &schema.fields[BEFORE_OWNERS + place], plain, is_id: true },
        None => Stand { whole: plain, plain, is_id: false },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Challenge;

    #[test]
    fn what_is_made_of_a_schema() {
        let made = tenanted(&[Challenge::SCHEMA]);
        let fingerprints: Vec<_> = made.iter().map(|schema| schema.fingerprint()).collect();
        insta::assert_snapshot!(fingerprints.join("\n"), @"
        tenant_users; $tenant string indexed; $plainId string; name string indexed; email string indexed; phone string indexed; status boolean indexed; labels array indexed; passwordUpdate datetime indexed; registration datetime indexed; emailVerification boolean indexed; phoneVerification boolean indexed; impersonator boolean indexed; accessedAt datetime indexed; $createdAt datetime indexed; $updatedAt datetime indexed; unique email ($tenant, email); unique phone ($tenant, phone); searched
        tenant_sessions; $tenant string indexed; $plainId string; $tenant/userId string; userId string; secret string; $createdAt datetime indexed; expire datetime indexed; unique secret ($tenant, secret); owner $tenant/userId of tenant_users
        tenant_challenges; $tenant string indexed; $plainId string; $tenant/userId string; $tenant/sessionId string; userId string; sessionId string; expire datetime indexed; owner $tenant/userId of tenant_users; owner $tenant/sessionId of tenant_sessions
        ");
    }

    #[test]
    fn what_rollbook_has_is_there_within_tenants() {
        let of: Vec<_> = tenant_schemas().iter().filter_map(|s| s.within_tenant()).collect();
        assert!(of.into_iter().eq(of_tenants()));
    }
}
