//! What a call must have come to.

use serde_json::{Map, Value};

/// The response models, key by key.
pub(crate) struct Models(Map<String, Value>);

/// A version as numbers, so that 1.10 comes after 1.9.
fn version(text: &str) -> Vec<u32> {
    text.split('.').map(|part| part.parse().unwrap()).collect()
}

impl Models {
    pub(crate) fn read() -> Self {
        Self(serde_json::from_str(include_str!("models.json")).unwrap())
    }

    /// Checks what `line` says that a client of version `format` got, against its step.
    pub(crate) fn check(&self, step: &Value, line: &Value, format: &str, context: &str) {
        let context = format!("{context}: {line} of {step}");
        if let Some(expected) = step.get("error") {
            assert_eq!(line["error"]["code"], expected["code"], "{context}");
            assert_eq!(line["error"]["type"], expected["type"], "{context}");
            return;
        }
        assert!(line.get("error").is_none(), "{context}");
        let answer = &line["answer"];
        if let Some(expected) = step.get("answer") {
            assert_eq!(answer, expected, "{context}");
            return;
        }
        if let Some(model) = step["model"].as_str() {
            self.model(model, answer, format, &context);
        }
        for (path, expected) in step["expect"].as_object().into_iter().flatten() {
            // A `+` says that the key may lack what this version could not be given.
            let (path, optional) = match path.strip_suffix('+') {
                Some(path) => (path, true),
                None => (path.as_str(), false),
            };
            let found = path.split('.').try_fold(answer, |value, key| match value {
                Value::Array(items) => items.get(key.parse::<usize>().unwrap()),
                value => value.get(key),
            });
            match found {
                Some(found) if optional && *found == "" => {}
                Some(found) => assert_eq!(found, expected, "{path} in {context}"),
                // Which keys there must be, the model has said.
                None => assert!(step.get("model").is_some(), "{path} in {context}"),
            }
        }
    }

    /// Checks that `value` has the keys of `model` in this version, and no others, each of its type.
    fn model(&self, model: &str, value: &Value, format: &str, context: &str) {
        let keys = self.0[model].as_object().unwrap();
        let there: Vec<_> = keys
            .iter()
            .filter(|(_, rule)| version(rule[1].as_str().unwrap()) <= version(format))
            .collect();
        let mut expected: Vec<_> = there.iter().map(|(key, _)| key.as_str()).collect();
        let object = value.as_object().unwrap_or_else(|| panic!("no {model}: {context}"));
        let mut found: Vec<_> = object.keys().map(String::as_str).collect();
        expected.sort_unstable();
        found.sort_unstable();
        assert_eq!(found, expected, "the keys of {model} in {context}");
        for (key, rule) in there {
            let kind = rule[0].as_str().unwrap();
            assert!(self.is(kind, &object[key], format, context), "{key} is no {kind}: {context}");
        }
    }

    fn is(&self, kind: &str, value: &Value, format: &str, context: &str) -> bool {
        if let Some(kind) = kind.strip_suffix('?') {
            return value.is_null() || self.is(kind, value, format, context);
        }
        if let Some(model) = kind.strip_prefix("list:") {
            let items = value.as_array().unwrap_or_else(|| panic!("no list: {context}"));
            for item in items {
                self.model(model, item, format, context);
            }
            return true;
        }
        match kind {
            "text" => value.is_string(),
            "bool" => value.is_boolean(),
            "int" => value.is_u64(),
            "object" => value.is_object(),
            "texts" => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
            "targets" => self.is("list:target", value, format, context),
            "time" if format.starts_with("0.") => value.is_u64(),
            "time" => value.as_str().is_some_and(|text| text.is_empty() || is_time(text)),
            kind => panic!("there is no kind {kind}"),
        }
    }
}

/// `YYYY-MM-DDTHH:MM:SS.mmm+00:00`.
fn is_time(text: &str) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:dd.ddd+00:00";
    text.len() == pattern.len()
        && text
            .chars()
            .zip(pattern.chars())
            .all(|(c, p)| if p == 'd' { c.is_ascii_digit() } else { c == p })
}
