//! The endpoints of the Users service, a file for each kind of thing.

mod attributes;
mod create;
mod identities;
mod logs;
mod memberships;
mod mfa;
mod sessions;
mod targets;
mod users;

pub(crate) use sessions::JWT_SECONDS;

use rollbook_core::Scope;

use crate::param::{Param, Rule};
use crate::route::{Access, Route};

/// All of them.
pub(crate) const ROUTES: [&[Route]; 9] = [
    users::ROUTES,
    create::ROUTES,
    attributes::ROUTES,
    sessions::ROUTES,
    memberships::ROUTES,
    logs::ROUTES,
    identities::ROUTES,
    targets::ROUTES,
    mfa::ROUTES,
];

const READ: Access = Access::Key(&[Scope::UsersRead]);
const WRITE: Access = Access::Key(&[Scope::UsersWrite]);
const USER_ID: Param = Param::path("userId", Rule::Id);

// What every list takes.
const QUERIES: Param = Param::optional("queries", Rule::Queries);
const SEARCH: Param = Param::optional("search", Rule::SEARCH);
const TOTAL: Param = Param::optional("total", Rule::Flag);
