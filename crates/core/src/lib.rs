//! The user domain, queries, password hashes and the store contract of rollbook.
//!
//! This crate knows no storage engine and no HTTP. [`Users`] has the verbs of the Users service and
//! works on any [`UserStore`]; [`PasswordHash`] imports, recognises and verifies password hashes;
//! [`Query`] says which records and in which order. Applications depend on the crate `rollbook`, which
//! brings the stores along; authors of stores depend on this one.

mod batch;
mod collection;
mod error;
mod hash;
mod hex;
pub mod import;
pub mod metrics;
mod model;
mod nearest;
mod query;
mod random;
mod record;
mod schema;
mod store;
mod tenant;
mod time;
mod users;
mod value;

pub use batch::{Batch, Committed, Expect, Op};
pub use collection::Collection;
pub use error::Error;
pub use hash::{
    Argon2Params, Cost, CostClass, Explanation, HashError, HashOptions, HashScheduler, Limits,
    Many, Parsed, PasswordHash, SCHEMES, ScheduleError, SchedulerOptions, SchedulerStats, Scheme,
    Standing, VerifyError, Weak, Work, Wrapping, schemes, verify_many,
};
pub use model::{
    Activity, ApiKey, Authenticator, Challenge, Client, Credential, Email, EmailClass, Factor, Id,
    IdSource, Identity, KeptSecret, Membership, Phone, Prefs, ProviderType, RecoveryCodes, SCHEMAS,
    Scope, Sealed, SecretDigest, Session, Target, Team, TimeIds, Token, TokenKind, User,
};
pub use query::{
    Attribute, Condition, Cursor, Direction, Filter, MAX_SEARCH_CHARACTERS, MAX_VALUES, Operand,
    Order, Ordered, Query, QueryError, QuerySyntax, Search, SearchWord, Shuffle, Sort, SyntaxError,
    tokens,
};
pub use random::{OsRandom, Random, SeededRandom};
pub use record::{AnyRecord, Document, Record, Stored, decode};
pub use schema::{Decode, Field, ID, Kind, Owner, SEQUENCE, Schema, Searched, Unique};
pub use store::{StoreError, UserStore};
pub use tenant::{Tenant, all_schemas, tenanted};
pub use time::{Clock, ManualClock, SystemClock, Timestamp, TimestampError};
pub use users::{
    Actor, CommonPasswords, Countries, EmailDomains, EmailPolicy, FactorPolicy, Factors,
    IdentityTokens, ImportedUser, JwtKey, JwtSession, KnownDomains, List, ListLogs, ListUsers,
    LogList, LogPolicy, Message, NewApiKey, NewAuthenticator, NewIdentity, NewSession, NewTarget,
    NewTeam, NewToken, NewUser, Page, Password, PasswordDictionary, PasswordPolicy, Peppers,
    Policies, SealingKeys, Secret, Sender, SessionPolicy, Strength, TargetChange, Usage,
    UsagePoint, UsageRange, UserList, Users, UsersBuilder,
};
#[cfg(feature = "maxmind")]
pub use users::{MaxMind, MaxMindError};
pub use value::{Value, list_text};
