//! The parameters of a request, as they come and as they were found right.

use axum::http::{HeaderMap, header};
use rollbook_core::Prefs;
use serde_json::{Map, Value};

use crate::error::Refusal;
use crate::format::Format;
use crate::param::{Param, flag, texts, whole};

/// The most pairs of a form or a query, and the most brackets in one name.
const MOST_PAIRS: usize = 2000;
const MOST_DEPTH: usize = 8;

/// What a request brings, by name.
pub(crate) type Input = Map<String, Value>;

/// Reads a body. What is malformed counts as nothing, as in the service: a parameter is missing then.
pub(crate) fn read_body(headers: &HeaderMap, body: &[u8]) -> Input {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return serde_json::from_slice(body).unwrap_or_default();
    }
    if kind.is_empty() || kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return read_form(body);
    }
    Input::new()
}

/// Reads a form or a query: `a=1`, `a[]=1`, `a[0]=1`, `a[b][c]=1`.
pub(crate) fn read_form(text: &[u8]) -> Input {
    let mut input = Input::new();
    for (name, value) in form_urlencoded::parse(text).take(MOST_PAIRS) {
        let (name, brackets) = match name.split_once('[') {
            Some((name, rest)) if rest.ends_with(']') && !name.is_empty() => {
                (name, rest[..rest.len() - 1].split("][").collect())
            }
            _ => (&*name, Vec::new()),
        };
        if brackets.len() > MOST_DEPTH {
            continue;
        }
        let mut place = input.entry(name).or_insert(Value::Null);
        for bracket in brackets {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            let Value::Object(object) = place else { break };
            let key =
                if bracket.is_empty() { object.len().to_string() } else { bracket.to_owned() };
            place = object.entry(key).or_insert(Value::Null);
        }
        *place = Value::String(value.into_owned());
    }
    input
}

/// Parameters that were found right.
#[derive(Debug, Default)]
pub(crate) struct Arguments(Input);

impl Arguments {
    /// Checks `input` against `params`, in their order: the first that is wrong is told.
    ///
    /// A `null` counts as nothing, and so does an empty text for the oldest versions.
    pub(crate) fn check(
        params: &[Param],
        mut input: Input,
        format: Format,
    ) -> Result<Self, Refusal> {
        let mut checked = Input::new();
        for param in params {
            let value = input.remove(param.name).filter(|value| {
                !(value.is_null() || (format.is_lenient() && value.as_str() == Some("")))
            });
            match value {
                Some(value) => {
                    param
                        .rule
                        .check(&value)
                        .map_err(|reason| Refusal::param(param.name, reason))?;
                    checked.insert(param.name.to_owned(), value);
                }
                None if param.required => {
                    let missing = format!("Param \"{}\" is not optional.", param.name);
                    return Err(Refusal::of("general_argument_invalid").saying(missing));
                }
                None => {}
            }
        }
        Ok(Self(checked))
    }

    /// A text, if it was given.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// A text that is required, so that it is there.
    pub(crate) fn required(&self, name: &str) -> &str {
        self.text(name).unwrap_or_default()
    }

    /// A truth value, if it was given.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        flag(self.0.get(name)?)
    }

    /// A number that is not negative, if it was given.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        u64::try_from(whole(self.0.get(name)?)?).ok()
    }

    /// The texts of an array, if it was given.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let texts = self.0.get(name).and_then(texts).unwrap_or_default();
        texts.into_iter().map(str::to_owned).collect()
    }

    /// An object; an empty array is one.
    pub(crate) fn object(&self, name: &str) -> Prefs {
        match self.0.get(name) {
            Some(Value::Object(object)) => {
                object.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
            }
            _ => Prefs::default(),
        }
    }

    /// The value as it came.
    pub(crate) fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The parameters of these names, as texts.
    pub(crate) fn plain(&self, names: &[&'static str]) -> Vec<(&'static str, String)> {
        let text = |value: &Value| match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        names.iter().filter_map(|name| Some((*name, text(self.0.get(*name)?)))).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::param::Rule;

    #[test]
    fn forms_have_brackets() {
        let form = |text: &str| Value::Object(read_form(text.as_bytes()));
        assert_eq!(form("a=1&b=x%20y"), json!({"a": "1", "b": "x y"}));
        assert_eq!(form("q[]=1&q[]=2"), json!({"q": {"0": "1", "1": "2"}}));
        assert_eq!(form("q[1]=b&q[0]=a"), json!({"q": {"1": "b", "0": "a"}}));
        assert_eq!(form("p[a][b]=1&p[a][c]=2"), json!({"p": {"a": {"b": "1", "c": "2"}}}));
        assert_eq!(form("a=1&a[b]=2&a=3"), json!({"a": "3"}));
        assert_eq!(form("a[=1&[b]=2&]=3"), json!({"a[": "1", "[b]": "2", "]": "3"}));
        let deep = format!("a{}=1", "[b]".repeat(9));
        assert_eq!(form(&deep), json!({}));
    }

    #[test]
    fn bodies_that_are_none_bring_nothing() {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, "application/json; charset=utf-8".parse().unwrap());
        assert_eq!(Value::Object(read_body(&headers, br#"{"a":1}"#)), json!({"a": 1}));
        for body in ["", "[]", "{", "1", "null"] {
            assert!(read_body(&headers, body.as_bytes()).is_empty(), "{body}");
        }
        headers.insert(header::CONTENT_TYPE, "text/plain".parse().unwrap());
        assert!(read_body(&headers, b"a=1").is_empty());
        assert_eq!(read_body(&HeaderMap::new(), b"a=1").len(), 1);
    }

    #[test]
    fn the_first_parameter_that_is_wrong_is_told() {
        const PARAMS: &[Param] = &[
            Param::required("userId", Rule::NewId),
            Param::optional("email", Rule::Email { empty: false }),
        ];
        let said = |input: Value, format| {
            let input = input.as_object().cloned().unwrap_or_default();
            format!("{:?}", Arguments::check(PARAMS, input, format).map(|_| ()))
        };
        let newest = Format::NEWEST;
        assert!(said(json!({}), newest).contains(r#"Param \"userId\" is not optional."#));
        assert!(said(json!({"userId": null}), newest).contains("is not optional"));
        assert!(said(json!({"userId": "_", "email": "_"}), newest).contains("userId"));
        assert!(said(json!({"userId": "a", "email": ""}), newest).contains("email"));
        assert_eq!(said(json!({"userId": "a", "email": ""}), Format::PLAIN), "Ok(())");
        assert_eq!(said(json!({"userId": "a", "email": null, "x": 1}), newest), "Ok(())");
    }
}
