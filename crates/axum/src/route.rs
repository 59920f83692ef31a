//! The routes: one table that the router, the description and the tests read.

use std::future::Future;
use std::pin::Pin;

use rollbook_core::Scope;

use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::model::Model;
use crate::param::Param;
use crate::{account, endpoints, service};

/// A method of HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verb {
    /// Reads.
    Get,
    /// Makes.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Verb {
    /// The method in capital letters.
    ///
    /// ```
    /// assert_eq!(rollbook_axum::Verb::Patch.name(), "PATCH");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// Who may call a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// A key with one of these scopes.
    Key(&'static [Scope]),
    /// A user with a session or a JWT, who has shown a second factor if there is one.
    User,
    /// A user with a session or a JWT, also before the second factor.
    FirstFactor,
    /// Anyone.
    Anyone,
}

/// A route: what it is called, who may call it, what it takes and what it answers.
#[derive(Debug)]
#[non_exhaustive]
pub struct Route {
    /// The method.
    pub verb: Verb,
    /// The path below `/v1`, with its parameters in braces.
    pub path: &'static str,
    /// What the SDKs call it, in camel case.
    pub name: &'static str,
    /// What it does, in a sentence.
    pub summary: &'static str,
    /// Who may call it.
    pub access: Access,
    /// The status of its success.
    pub status: u16,
    pub(crate) params: &'static [Param],
    pub(crate) model: &'static Model,
    pub(crate) run: fn(Call) -> Running,
}

pub(crate) type Running = Pin<Box<dyn Future<Output = Result<Reply, Refusal>> + Send>>;

/// Every route there is.
///
/// ```
/// let routes: Vec<_> = rollbook_axum::routes().collect();
/// assert!(routes.iter().any(|route| route.path == "/users/{userId}/mfa/factors"));
/// ```
pub fn routes() -> impl Iterator<Item = &'static Route> {
    endpoints::ROUTES.iter().copied().chain([account::ROUTES, service::ROUTES]).flatten()
}

/// Writes a route down: method, path, name, summary, access, status and model, parameters, and the function
/// that answers.
macro_rules! route {
    (
        $verb:ident $path:literal $name:literal $summary:literal $access:expr =>
        $status:literal $model:ident, [$($param:expr),* $(,)?], $run:path
    ) => {
        $crate::route::Route {
            verb: $crate::route::Verb::$verb,
            path: $path,
            name: $name,
            summary: $summary,
            access: $access,
            status: $status,
            params: &[$($param),*],
            model: &$crate::model::$model,
            run: |call| Box::pin($run(call)),
        }
    };
}
pub(crate) use route;
