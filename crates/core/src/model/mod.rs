//! The record types: one file each, and one line in [`SCHEMAS`].

mod activity;
mod client;
mod credential;
mod email;
mod id;
mod membership;
mod phone;
mod prefs;
mod session;
mod target;
mod team;
mod text;
mod token;
mod user;

pub use activity::Activity;
pub use client::Client;
pub use credential::Credential;
pub use email::Email;
pub use id::{Id, IdSource, TimeIds};
pub use membership::Membership;
pub use phone::Phone;
pub use prefs::Prefs;
pub use session::{SecretDigest, Session};
pub use target::{ProviderType, Target};
pub use team::Team;
pub use token::{Token, TokenKind};
pub use user::User;

pub(crate) use membership::check_roles;
pub(crate) use prefs::check as check_prefs;
pub(crate) use user::{check_labels, check_name};

use crate::{Record, Schema};

/// The schemas of all record types: what a store is opened with.
pub static SCHEMAS: &[&Schema] = &[
    User::SCHEMA,
    Activity::SCHEMA,
    Session::SCHEMA,
    Token::SCHEMA,
    Team::SCHEMA,
    Membership::SCHEMA,
    Target::SCHEMA,
];
