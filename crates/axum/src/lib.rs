//! The Users REST API over [`rollbook_core::Users`], as a router that the official SDKs work with unchanged.
//!
//! ```
//! # use std::sync::Arc;
//! # use rollbook::{MemoryStore, Users};
//! # use axum::{body::Body, http::Request};
//! # use tower::ServiceExt as _;
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let users = Users::new(Arc::new(MemoryStore::new()));
//! let options = rollbook_axum::Options::new().api_key("secret");
//! // Mounted in another application: everything of it lies under `/v1`.
//! let app = axum::Router::new().merge(rollbook_axum::router(users, options));
//!
//! let request = Request::get("/v1/users")
//!     .header("X-Appwrite-Project", "default")
//!     .header("X-Appwrite-Key", "secret");
//! let reply = app.oneshot(request.body(Body::empty())?).await?;
//! assert_eq!(reply.status(), 200);
//! # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
//! ```
//!
//! Which routes there are stands in [`routes`]; the same table makes the description at `/v1/openapi.json`.
//!
//! One more is not in the table, since it takes and answers streams: `POST /v1/users/import`, for a key with
//! the scope `users.write`. Its body is a file as [`rollbook_core::import`] reads it, a user per line; the flags
//! `ignoreUnknown`, `allowWeak` and `wrap` of its query are those of the program. The answer has a line per
//! thousands of users, and the summary at the end:
//!
//! ```text
//! {"rows":10000,"imported":9999,"rejected":1,"bytes":4177920}
//! {"rows":11000,"imported":10999,"rejected":1,"bytes":4590012,"complete":true,"rejects":[
//!     {"line":7,"field":"email","code":"general_argument_invalid","reason":"Value must be a valid email address"}]}
//! ```
//!
//! (in one line, with the first hundred rejects). What `imported` counts is in the store. If `complete` is
//! false, `error` says why.

mod account;
#[cfg(feature = "admin")]
mod admin;
mod arguments;
mod auth;
mod call;
mod dispatch;
mod endpoints;
mod error;
mod format;
mod import;
mod model;
mod openapi;
mod options;
mod param;
mod rate;
mod route;
mod router;
mod serve;
mod service;

#[cfg(feature = "admin")]
pub use admin::admin;
pub use options::Options;
pub use route::{Access, Route, Verb, routes};
pub use router::router;
pub use serve::serve;
