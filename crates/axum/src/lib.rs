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

mod account;
mod arguments;
mod auth;
mod call;
mod dispatch;
mod endpoints;
mod error;
mod format;
mod model;
mod openapi;
mod options;
mod param;
mod rate;
mod route;
mod router;
mod serve;
mod service;

pub use options::Options;
pub use route::{Access, Route, Verb, routes};
pub use router::router;
pub use serve::serve;
