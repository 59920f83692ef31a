//! The verbs of `Users`, each test on every store.
//!
//! - `create`: what a new user is, what is refused, and what is taken
//! - `update`: one verb for each attribute, and what it leaves alone
//! - `sign_in`: passwords, blocks, upgrades, access times
//! - `list`: pages, cursors, filters, totals
//! - `policy`: what a new password must be
//! - `wrap`: Argon2id around what is no protection
//! - `import`: many at once, each on its own
//! - `sessions`: sessions and JWTs
//! - `tokens`: secrets that are used once, and what is sent
//! - `targets`: where messages reach a user
//! - `teams`: teams, invitations and members
//! - `logs`: what was done, and by whom

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

#[path = "users/create.rs"]
mod create;
#[path = "users/import.rs"]
mod import;
#[path = "users/list.rs"]
mod list;
#[path = "users/logs.rs"]
mod logs;
#[path = "users/policy.rs"]
mod policy;
#[path = "users/sessions.rs"]
mod sessions;
#[path = "users/sign_in.rs"]
mod sign_in;
#[path = "users/targets.rs"]
mod targets;
#[path = "users/teams.rs"]
mod teams;
#[path = "users/tokens.rs"]
mod tokens;
#[path = "users/update.rs"]
mod update;
#[path = "users/wrap.rs"]
mod wrap;
