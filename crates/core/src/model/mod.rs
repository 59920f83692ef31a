//! The record types: one file each, and one line in [`SCHEMAS`].

mod activity;
mod api_key;
mod authenticator;
mod canonical;
mod challenge;
mod client;
mod country;
mod credential;
mod email;
mod email_class;
mod id;
mod identity;
mod kept;
mod membership;
mod phone;
mod prefs;
mod recovery_codes;
mod sealed;
mod session;
mod target;
mod team;
mod text;
mod token;
mod user;

pub use activity::Activity;
pub use api_key::{ApiKey, Scope};
pub use authenticator::Authenticator;
pub use challenge::{Challenge, Factor};
pub use client::Client;
pub use credential::Credential;
pub use email::Email;
pub use email_class::EmailClass;
pub use id::{Id, IdSource, TimeIds};
pub use identity::Identity;
pub use kept::KeptSecret;
pub use membership::Membership;
pub use phone::Phone;
pub use prefs::Prefs;
pub use recovery_codes::RecoveryCodes;
pub use sealed::Sealed;
pub use session::{SecretDigest, Session};
pub use target::{ProviderType, Target};
pub use team::Team;
pub use token::{Token, TokenKind};
pub use user::User;

pub(crate) use canonical::brand;
pub(crate) use kept::Kept;
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
    Identity::SCHEMA,
    Authenticator::SCHEMA,
    RecoveryCodes::SCHEMA,
    Challenge::SCHEMA,
    Team::SCHEMA,
    Membership::SCHEMA,
    Target::SCHEMA,
    ApiKey::SCHEMA,
];
