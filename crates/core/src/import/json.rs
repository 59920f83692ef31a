//! JSON values read strictly: scalars that remember what they are, objects without duplicate keys, and
//! the texts of the values inside a text.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// A value of which only a scalar is of interest.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Integer(i64),
    Number,
    Text(Cow<'a, str>),
    List,
    Object,
}

impl Scalar<'_> {
    /// What it is, for a message.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) | Self::Number => "a number",
            Self::Text(_) => "a text",
            Self::List => "a list",
            Self::Object => "an object",
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Scalar<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ScalarVisitor)
    }
}

struct ScalarVisitor;

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Integer(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Scalar::Number, Scalar::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Number)
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::List)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Self::Value, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Object)
    }
}

/// Any value, in which no object has a key twice.
pub(super) struct Strict(pub(super) Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = list.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(key) = object.next_key::<String>()? {
            if values.contains_key(&key) {
                return Err(A::Error::custom(format_args!("the key {key:?} occurs twice")));
            }
            let Strict(value) = object.next_value()?;
            values.insert(key, value);
        }
        Ok(Value::Object(values))
    }
}

/// What a value is, for a message.
pub(super) fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The keys and the texts of the values of an object, from a text that is known to be JSON; `None` if
/// it is no object.
pub(super) fn members(text: &str) -> Option<Vec<(String, &str)>> {
    let mut rest = text.trim_start().strip_prefix('{')?.trim_start();
    let mut members = Vec::new();
    while !rest.starts_with('}') {
        let (key, after) = first(rest)?;
        let (value, after) = first(after.strip_prefix(':')?)?;
        members.push((serde_json::from_str(key).ok()?, value));
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(members)
}

/// The texts of the elements of a list, from a text that is known to be JSON; `None` if it is no list.
pub(super) fn elements(text: &str) -> Option<Vec<&str>> {
    let mut rest = text.trim_start().strip_prefix('[')?.trim_start();
    let mut elements = Vec::new();
    while !rest.starts_with(']') {
        let (element, after) = first(rest)?;
        elements.push(element);
        rest = after.strip_prefix(',').unwrap_or(after).trim_start();
    }
    Some(elements)
}

/// The text of the first value, and what follows it.
fn first(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    let (value, rest) = text.split_at(values.byte_offset());
    Some((value, rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn strict(text: &str) -> Result<Value, String> {
        match serde_json::from_str(text) {
            Ok(Strict(value)) => Ok(value),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn scalars_remember_what_they_are() {
        let check = |text, expected| {
            assert_eq!(serde_json::from_str::<Scalar<'_>>(text).unwrap(), expected, "{text}");
        };
        check("null", Scalar::Null);
        check("true", Scalar::Bool(true));
        check("-1", Scalar::Integer(-1));
        check("18446744073709551615", Scalar::Number);
        check("1.0", Scalar::Number);
        check(r#""a""#, Scalar::Text("a".into()));
        check(r#""\u00e9""#, Scalar::Text("é".into()));
        check("[1,{}]", Scalar::List);
        check(r#"{"a":[]}"#, Scalar::Object);
    }

    #[test]
    fn duplicate_keys_are_refused_at_any_depth() {
        assert!(strict(r#"{"a":{"b":1},"b":[{"a":1}]}"#).is_ok());
        insta::assert_snapshot!(strict(r#"{"a":1,"a":1}"#).unwrap_err(), @r#"the key "a" occurs twice at line 1 column 10"#);
        insta::assert_snapshot!(strict(r#"[{"x":{"a":1,"a":1}}]"#).unwrap_err(), @r#"the key "a" occurs twice at line 1 column 16"#);
    }

    #[test]
    fn texts_of_members_and_elements() {
        assert_eq!(
            members(r#" { "a" : [1, "}"] ,"\u0062":{"c":"\""}, "d":-1.5e3 } "#).unwrap(),
            [
                ("a".to_owned(), r#"[1, "}"]"#),
                ("b".to_owned(), r#"{"c":"\""}"#),
                ("d".to_owned(), "-1.5e3"),
            ]
        );
        assert_eq!(
            elements(r#"[1, "],", {"a":[]},null]"#).unwrap(),
            ["1", r#""],""#, r#"{"a":[]}"#, "null"]
        );
        assert_eq!(members("{}"), Some(vec![]));
        assert_eq!(elements(" [ ] "), Some(vec![]));
        assert_eq!(members("[]"), None);
        assert_eq!(elements("{}"), None);
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_are_read_and_taken_apart_as_serde_does(value in value()) {
            for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
                let value: Value = serde_json::from_str(&text).unwrap();
                prop_assert_eq!(strict(&text).unwrap(), value.clone());
                let parts = match &value {
                    Value::Object(object) => {
                        let members = members(&text).unwrap();
                        prop_assert!(object.keys().eq(members.iter().map(|(key, _)| key)));
                        members.into_iter().map(|(_, text)| text).collect()
                    }
                    Value::Array(_) => elements(&text).unwrap(),
                    _ => continue,
                };
                let values: Vec<_> = match &value {
                    Value::Object(object) => object.values().collect(),
                    value => value.as_array().unwrap().iter().collect(),
                };
                prop_assert_eq!(parts.len(), values.len());
                for (part, value) in parts.iter().zip(values) {
                    prop_assert_eq!(strict(part).unwrap().to_string(), value.to_string());
                }
            }
        }

        #[test]
        fn any_text_is_taken_apart_without_a_panic(text: String) {
            members(&text);
            elements(&text);
        }
    }
}
