//! The description of the routes, as `OpenAPI` 3.1 has it, made from the table that the router is made from.

use rollbook_core::Scope;
use serde_json::{Map, Value, json};

use crate::import;
use crate::model::{Model, Type};
use crate::param::{Param, Place, Rule};
use crate::route::{Access, Route, Verb, routes};

/// The statuses that any route can answer with: a parameter, the caller, a key and a session at once, an unknown
/// project or a user that a header names, a slow client, a conflict with another writer, too many requests, the
/// server's own failure.
const REFUSALS: [u16; 8] = [400, 401, 403, 404, 408, 409, 429, 500];

/// The whole document.
pub(crate) fn document() -> Value {
    let mut paths = Map::new();
    let mut schemas = Map::new();
    schemas.insert("error".to_owned(), error());
    for route in routes() {
        collect(route.model, &mut schemas);
        let path = paths.entry(format!("/v1{}", route.path)).or_insert_with(|| json!({}));
        path[route.verb.name().to_ascii_lowercase()] = operation(route);
    }
    paths.insert(format!("/v1{}", import::PATH), json!({ "post": importing() }));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "rollbook",
            "summary": "The Users API over rollbook.",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "Key": { "type": "apiKey", "in": "header", "name": "X-Appwrite-Key" },
                "Project": { "type": "apiKey", "in": "header", "name": "X-Appwrite-Project" },
                "Session": { "type": "apiKey", "in": "header", "name": "X-Appwrite-Session" },
                "JWT": { "type": "apiKey", "in": "header", "name": "X-Appwrite-JWT" },
            },
        },
    })
}

/// The import is no route of the table: file and answer are streams of lines.
fn importing() -> Value {
    let parameter =
        |param: &Param| json!({ "name": param.name, "in": "query", "schema": schema(param.rule) });
    let parameters: Vec<_> = import::PARAMS.iter().map(parameter).collect();
    let lines = |schema: Value| json!({ "application/x-ndjson": { "schema": schema } });
    let error =
        json!({ "application/json": { "schema": { "$ref": "#/components/schemas/error" } } });
    let mut responses = Map::new();
    let told = "Lines of progress, and a summary as the last one. Without it the import broke off.";
    responses.insert(
        "200".to_owned(),
        json!({ "description": told, "content": lines(json!({ "type": "string" })) }),
    );
    for status in REFUSALS.into_iter().chain([413]) {
        let refusal = json!({ "description": description(status), "content": error });
        responses.insert(status.to_string(), refusal);
    }
    json!({
        "operationId": import::NAME,
        "summary": "Imports users with their password hashes. Not part of the Users API.",
        "security": [{ "Project": [], "Key": [] }],
        "x-scopes": import::SCOPES,
        "parameters": parameters,
        "requestBody": { "required": true, "content": lines(json!({ "type": "string" })) },
        "responses": responses,
    })
}

fn operation(route: &Route) -> Value {
    let (security, scopes): (Value, &[Scope]) = match route.access {
        Access::Key(scopes) => (json!([{ "Project": [], "Key": [] }]), scopes),
        Access::User | Access::FirstFactor => {
            (json!([{ "Project": [], "Session": [] }, { "Project": [], "JWT": [] }]), &[])
        }
        Access::Anyone => (json!([{ "Project": [] }, {}]), &[]),
    };
    let mut operation = json!({
        "operationId": route.name,
        "summary": route.summary,
        "security": security,
        "parameters": parameters(route),
        "responses": responses(route),
    });
    if !scopes.is_empty() {
        operation["x-scopes"] = json!(scopes);
    }
    if let Some(body) = body(route) {
        operation["requestBody"] = body;
    }
    operation
}

fn parameters(route: &Route) -> Vec<Value> {
    let in_url = |param: &&Param| param.place == Place::Path || route.verb == Verb::Get;
    let parameter = |param: &Param| {
        let (place, name) = match param.place {
            Place::Path => ("path", param.name.to_owned()),
            Place::Input if matches!(param.rule, Rule::Queries) => {
                ("query", format!("{}[]", param.name))
            }
            Place::Input => ("query", param.name.to_owned()),
        };
        json!({ "name": name, "in": place, "required": param.required, "schema": schema(param.rule) })
    };
    route.params.iter().filter(in_url).map(parameter).collect()
}

fn body(route: &Route) -> Option<Value> {
    if route.verb == Verb::Get {
        return None;
    }
    let inputs = || route.params.iter().filter(|param| param.place == Place::Input);
    let properties: Map<String, Value> =
        inputs().map(|param| (param.name.to_owned(), schema(param.rule))).collect();
    if properties.is_empty() {
        return None;
    }
    let required: Vec<_> =
        inputs().filter(|param| param.required).map(|param| param.name).collect();
    let schema = json!({ "type": "object", "properties": properties, "required": required });
    let needed = !required.is_empty();
    Some(json!({ "required": needed, "content": { "application/json": { "schema": schema } } }))
}

fn responses(route: &Route) -> Value {
    let mut responses = Map::new();
    let content = |name: &str| json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    let success = match route.status {
        204 => json!({ "description": "Done." }),
        _ if route.model.name == "none" => json!({ "description": route.summary }),
        _ => json!({ "description": route.summary, "content": content(route.model.name) }),
    };
    responses.insert(route.status.to_string(), success);
    let long = (body(route).is_some()).then_some(413);
    for status in REFUSALS.into_iter().chain(long) {
        let refusal = json!({ "description": description(status), "content": content("error") });
        responses.insert(status.to_string(), refusal);
    }
    // Before it is known what is asked, and so without a body.
    for status in [414, 431] {
        responses.insert(status.to_string(), json!({ "description": description(status) }));
    }
    responses.into()
}

fn description(status: u16) -> &'static str {
    match status {
        400 => "A parameter is wrong or missing.",
        401 => "There is no key, or it lacks the scope, or nobody is signed in.",
        403 => "A key and a session in one request, or a blocked user.",
        404 => "What the path names does not exist.",
        408 => "The request took too long to arrive.",
        409 => "Something else has what must be unique, or was faster.",
        413 => "The body is too long.",
        414 => "The address is too long.",
        429 => "Too many requests.",
        431 => "The head of the request is longer than 64 KiB.",
        _ => "The server failed.",
    }
}

/// The schema of a parameter.
fn schema(rule: Rule) -> Value {
    const ID: &str = "^[A-Za-z0-9][A-Za-z0-9._-]{0,35}$";
    match rule {
        Rule::Id => json!({ "type": "string", "pattern": ID }),
        Rule::NewId => json!({
            "type": "string",
            "pattern": "^([A-Za-z0-9][A-Za-z0-9._-]{0,35}|unique\\(\\))$",
        }),
        Rule::Email { empty: false } => json!({ "type": "string", "format": "email" }),
        Rule::Email { empty: true } => json!({
            "type": "string",
            "anyOf": [{ "format": "email" }, { "maxLength": 0 }],
        }),
        Rule::Phone { empty: false } => {
            json!({ "type": "string", "pattern": "^\\+[1-9][0-9]{6,14}$" })
        }
        Rule::Phone { empty: true } => {
            json!({ "type": "string", "pattern": "^(\\+[1-9][0-9]{6,14})?$" })
        }
        Rule::Password { empty } => {
            json!({ "type": "string", "minLength": if empty { 0 } else { 8 }, "maxLength": 256 })
        }
        Rule::Text { least, most } => {
            json!({ "type": "string", "minLength": least, "maxLength": most })
        }
        Rule::Bool | Rule::Flag => json!({ "type": "boolean" }),
        Rule::Range { least, most } => {
            json!({ "type": "integer", "minimum": least, "maximum": most })
        }
        Rule::Int => json!({ "type": "integer", "format": "int32" }),
        Rule::Object => json!({ "type": "object", "additionalProperties": true }),
        Rule::Labels => json!({
            "type": "array",
            "maxItems": 1000,
            "items": { "type": "string", "pattern": "^[0-9A-Za-z]{1,36}$" },
        }),
        Rule::OneOf(names) => json!({ "type": "string", "enum": names }),
        Rule::Queries => json!({
            "type": "array",
            "maxItems": 100,
            "items": { "type": "string", "maxLength": 4096 },
        }),
        Rule::Plain => json!({ "type": "string" }),
    }
}

/// Adds a model and those that its keys hold.
fn collect(model: &'static Model, schemas: &mut Map<String, Value>) {
    if model.name == "none" || schemas.contains_key(model.name) {
        return;
    }
    let properties: Map<String, Value> =
        model.keys.iter().map(|(key, kind)| ((*key).to_owned(), typed(*kind))).collect();
    // Older versions lack some keys, so that none of those is promised.
    let optional = |key: &&str| model.removed.iter().any(|removed| removed.keys.contains(key));
    let keys = model.keys.iter().map(|(key, _)| *key);
    let required: Vec<_> = keys.filter(|key| !optional(key)).collect();
    let open = model.keys.is_empty();
    let schema = json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": open,
    });
    schemas.insert(model.name.to_owned(), schema);
    for (_, kind) in model.keys {
        if let Type::List(items) = kind {
            collect(items, schemas);
        }
    }
}

fn typed(kind: Type) -> Value {
    match kind {
        Type::Text => json!({ "type": "string" }),
        Type::Nullable(kind) => {
            let mut schema = typed(*kind);
            schema["type"] = json!([schema["type"], "null"]);
            schema
        }
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int => json!({ "type": "integer" }),
        // The oldest version writes seconds.
        Type::Time => json!({ "type": ["string", "integer"] }),
        Type::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        Type::Object => json!({ "type": "object" }),
        Type::List(model) if model.name == "none" => json!({ "type": "array" }),
        Type::List(model) => json!({
            "type": "array",
            "items": { "$ref": format!("#/components/schemas/{}", model.name) },
        }),
    }
}

fn error() -> Value {
    json!({
        "type": "object",
        "properties": {
            "message": { "type": "string" },
            "code": { "type": "integer" },
            "type": { "type": "string" },
            "version": { "type": "string" },
        },
        "required": ["message", "code", "type", "version"],
    })
}
