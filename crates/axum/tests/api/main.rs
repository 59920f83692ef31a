//! The routes, called as a client calls them.

#![expect(clippy::unwrap_used, reason = "a test stops at what it can't set up")]

mod account;
#[cfg(feature = "admin")]
mod admin;
mod auth;
mod dialects;
mod import;
mod reads;
mod table;
mod users;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response};
use http_body_util::BodyExt as _;
use rollbook::testing::TestUsers;
use rollbook::{JwtKey, Users};
use rollbook_axum::Options;
use serde_json::Value;
use tower::ServiceExt as _;

/// A client of a router over a store in memory.
pub(crate) struct Client {
    pub(crate) router: Router,
    pub(crate) users: Users,
    headers: Vec<(&'static str, String)>,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The type of a refusal with its status, `200` for what is none.
    pub(crate) fn said(&self) -> String {
        match self.body["type"].as_str() {
            Some(kind) if self.status >= 400 => format!("{} {kind}", self.status),
            _ => self.status.to_string(),
        }
    }
}

pub(crate) const KEY: &str = "the-key-of-all-keys";

impl Client {
    /// A client with the key that may do everything.
    pub(crate) fn new() -> Self {
        Self::with(Options::new())
    }

    pub(crate) fn with(options: Options) -> Self {
        let users = TestUsers::with(|users| users.jwt_key(JwtKey::new([7; 32]).unwrap()));
        Self::over(&users, options)
    }

    pub(crate) fn over(users: &Users, options: Options) -> Self {
        let users = users.clone();
        let router = rollbook_axum::router(users.clone(), options.api_key(KEY));
        let headers = vec![("x-appwrite-key", KEY.to_owned())];
        Self { router, users, headers }
    }

    /// The same server, with this header besides; an empty one is taken away.
    pub(crate) fn header(&self, name: &'static str, value: impl Into<String>) -> Self {
        let mut headers: Vec<_> =
            self.headers.iter().filter(|(other, _)| *other != name).cloned().collect();
        let value = value.into();
        if !value.is_empty() {
            headers.push((name, value));
        }
        Self { router: self.router.clone(), users: self.users.clone(), headers }
    }

    /// The same server, without a key.
    pub(crate) fn guest(&self) -> Self {
        self.header("x-appwrite-key", "")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, None).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send("DELETE", path, None).await
    }

    pub(crate) async fn call(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(method, path, Some(("application/json", body.to_string()))).await
    }

    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        body: Option<(&str, String)>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(format!("/v1{path}"));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let body = match body {
            None => Body::empty(),
            Some((kind, body)) => {
                request = request.header("content-type", kind);
                Body::from(body)
            }
        };
        let response: Response<Body> =
            self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let json = serde_json::from_slice(&body);
        let body = if body.is_empty() { Value::Null } else { json.expect("answers are JSON") };
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }
}
