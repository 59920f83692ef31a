//! A record as it rests in a store with tenants.

use std::any::Any;
use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::value::RawValue;

use crate::{AnyRecord, Document, Schema};

/// What stands between the tenant and the record's own id; no tenant has it in its name.
const SLASH: char = '/';

/// A record of a tenant.
#[derive(Debug)]
pub(crate) struct Tenanted {
    schema: &'static Schema,
    id: String,
    record: Arc<dyn AnyRecord>,
}

/// The `$id` that the record `id` of a tenant has.
pub(super) fn whole_id(tenant: &str, id: &str) -> String {
    format!("{tenant}{SLASH}{id}")
}

/// The tenant that an `$id` names, and the id of its record.
pub(super) fn parts(whole_id: &str) -> (&str, &str) {
    whole_id.split_once(SLASH).unwrap_or(("", whole_id))
}

impl Tenanted {
    /// `record`, of `tenant`, under the schema that [`tenanted`](super::tenanted) made of its own.
    pub(super) fn new(schema: &'static Schema, tenant: &str, record: Arc<dyn AnyRecord>) -> Self {
        Self { schema, id: whole_id(tenant, record.id()), record }
    }

    /// The record of `document`, if it is of a tenant.
    pub(crate) fn of(document: &Document) -> Option<&Self> {
        let record: &dyn Any = document.record().as_ref();
        record.downcast_ref()
    }

    /// What it is for its tenant.
    pub(super) fn record(&self) -> &Arc<dyn AnyRecord> {
        &self.record
    }

    /// The same, as the type that it is.
    pub(crate) fn typed<T: Any>(&self) -> Option<&T> {
        let record: &dyn Any = self.record.as_ref();
        record.downcast_ref()
    }
}

impl AnyRecord for Tenanted {
    fn schema(&self) -> &'static Schema {
        self.schema
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn encode(&self, bytes: &mut Vec<u8>) {
        bytes.extend_from_slice(br#"{"tenant":"#);
        serde_json::to_writer(&mut *bytes, parts(&self.id).0).expect("texts print as JSON");
        bytes.extend_from_slice(br#","record":"#);
        self.record.encode(bytes);
        bytes.push(b'}');
    }
}

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    tenant: Cow<'a, str>,
    #[serde(borrow)]
    record: &'a RawValue,
}

/// Reads what [`Tenanted::encode`] wrote.
pub(super) fn decode(
    schema: &'static Schema,
    bytes: &[u8],
) -> Result<Arc<dyn AnyRecord>, serde_json::Error> {
    let Body { tenant, record } = serde_json::from_slice(bytes)?;
    let of = schema.within_tenant().ok_or_else(|| {
        serde_json::Error::custom(format_args!("the {} are not of tenants", schema.name))
    })?;
    if tenant.contains(SLASH) {
        let message = format_args!("{tenant:?} is the name of no tenant: it has a `{SLASH}`");
        return Err(serde_json::Error::custom(message));
    }
    let record = (of.decode)(of, record.get().as_bytes())?;
    Ok(Arc::new(Tenanted::new(schema, &tenant, record)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Id, Record as _, Timestamp, User, tenanted};

    fn schema() -> &'static Schema {
        tenanted(&[User::SCHEMA])[0]
    }

    fn encoded(record: &dyn AnyRecord) -> String {
        let mut bytes = Vec::new();
        record.encode(&mut bytes);
        String::from_utf8(bytes).unwrap()
    }

    // This shape rests on the disks of others.
    #[test]
    fn the_stored_form_is_the_records_own_with_the_tenant() {
        let user = User::empty(Id::parse("ann").unwrap(), Timestamp::from_millis(0).unwrap());
        let record = Tenanted::new(schema(), "acme", Arc::new(user.clone()));
        let text = encoded(&record);
        insta::assert_snapshot!(text, @r#"{"tenant":"acme","record":{"$id":"ann","$createdAt":0,"$updatedAt":0,"registration":0,"status":true,"emailVerification":false,"phoneVerification":false}}"#);
        let document = Document::new(1, 1, decode(schema(), text.as_bytes()).unwrap());
        assert_eq!((document.id(), document.typed::<User>()), ("acme/ann", &user));
        assert_eq!(encoded(document.record().as_ref()), text);
    }

    #[test]
    fn what_is_no_record_of_a_tenant_is_refused() {
        let refused = |schema, text: &str| decode(schema, text.as_bytes()).unwrap_err().to_string();
        let user =
            r#"{"$id": "b", "$createdAt": 0, "$updatedAt": 0, "registration": 0, "status": true}"#;
        let text = |tenant: &str| format!(r#"{{"tenant": "{tenant}", "record": {user}}}"#);
        let refusals = [
            refused(schema(), &text("a/b")),
            refused(User::SCHEMA, &text("a")),
            refused(schema(), user),
            refused(schema(), r#"{"tenant": "a", "record": {}}"#),
        ];
        insta::assert_snapshot!(refusals.join("\n"), @r#"
        "a/b" is the name of no tenant: it has a `/`
        the users are not of tenants
        missing field `tenant` at line 1 column 81
        missing field `$id` at line 1 column 2
        "#);
    }
}
