//! The JSON syntax: `{"method": "equal", "attribute": "name", "values": ["Ann"]}`.

use serde_json::{Map, Value};

use super::method::{Act, Method};
use super::{ParsedQuery, ParsedValue, SyntaxError};

/// The query that `text` is. Keys that it doesn't know are ignored, those that are missing are empty.
pub(super) fn parse(text: &str) -> Result<ParsedQuery, SyntaxError> {
    // The parser refuses what is nested more than 128 deep.
    query(serde_json::from_str(text).map_err(|_| SyntaxError::Json)?)
}

fn query(value: Value) -> Result<ParsedQuery, SyntaxError> {
    let mut map = match value {
        Value::Object(map) => map,
        // To PHP a list is an array like any other, without the keys asked for.
        Value::Array(_) => Map::new(),
        value => return Err(SyntaxError::Object { got: type_of(&value) }),
    };
    let mut take = |key: &str| map.remove(key).filter(|value| !value.is_null());
    let name = match take("method") {
        None => String::new(),
        Some(Value::String(name)) => name,
        Some(value) => return Err(SyntaxError::MethodType { got: type_of(&value) }),
    };
    let Some(method) = Method::named(&name) else {
        return Err(SyntaxError::Method { method: name });
    };
    let attribute = match take("attribute") {
        None => String::new(),
        Some(Value::String(attribute)) => attribute,
        Some(value) => return Err(SyntaxError::AttributeType { got: type_of(&value) }),
    };
    let values: Vec<Value> = match take("values") {
        None => Vec::new(),
        Some(Value::Array(values)) => values,
        Some(Value::Object(values)) => values.into_iter().map(|(_, value)| value).collect(),
        Some(value) => return Err(SyntaxError::ValuesType { got: type_of(&value) }),
    };
    let value = |value| match method.act {
        Act::Group(_) => query(value).map(ParsedValue::Query),
        _ => Ok(ParsedValue::Plain(value)),
    };
    let values = values.into_iter().map(value).collect::<Result<_, _>>()?;
    Ok(ParsedQuery { method: name, attribute, values })
}

/// What PHP calls the type.
fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() => "integer",
        Value::Number(_) => "double",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}
