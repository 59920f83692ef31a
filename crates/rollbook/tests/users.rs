//! The verbs of `Users`, each test on every store.
//!
//! - `api_keys`: keys of programs, by project and scope
//! - `attributes`: labels and preferences, and changes of parts of them
//! - `create`: what a new user is, what is refused, and what is taken
//! - `update`: one verb for each attribute, and what it leaves alone
//! - `sign_in`: passwords, blocks, upgrades, access times
//! - `list`: pages, cursors, filters, totals
//! - `search`: recall and precision of labelled searches; `search_rules` is the second opinion
//! - `scan`: pages while others write
//! - `machine`: random verbs, compared with `machine_model`
//! - `policy`: what a new password must be
//! - `wrap`: Argon2id around what is no protection
//! - `import`: many at once, each on its own
//! - `emails`: what an address is, and rules for it
//! - `identities`: accounts at other services, and their sealed tokens
//! - `sessions`: sessions and JWTs
//! - `tokens`: secrets that are used once, and what is sent
//! - `maxmind`: countries from a file
//! - `mfa`: authenticators, recovery codes, factors
//! - `challenges`: second factors asked for and shown
//! - `sealing`: second factors at rest
//! - `usage`: how many there are, and when they came
//! - `targets`: where messages reach a user
//! - `teams`: teams, invitations and members
//! - `tenants`: users of several projects in one store
//! - `logs`: what was done, and by whom
//! - `leaks`: all of the above once more, and what it emitted holds no secret

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

#[path = "users/api_keys.rs"]
mod api_keys;
#[path = "users/attributes.rs"]
mod attributes;
#[path = "users/challenges.rs"]
mod challenges;
#[path = "users/create.rs"]
mod create;
#[path = "users/emails.rs"]
mod emails;
#[path = "users/identities.rs"]
mod identities;
#[path = "users/import.rs"]
mod import;
#[path = "users/leaks.rs"]
mod leaks;
#[path = "users/list.rs"]
mod list;
#[path = "users/logs.rs"]
mod logs;
#[path = "users/machine.rs"]
mod machine;
#[path = "users/machine_model.rs"]
mod machine_model;
#[cfg(feature = "maxmind")]
#[path = "users/maxmind.rs"]
mod maxmind;
#[path = "users/mfa.rs"]
mod mfa;
#[path = "users/policy.rs"]
mod policy;
#[path = "users/scan.rs"]
mod scan;
#[path = "users/sealing.rs"]
mod sealing;
#[path = "users/search.rs"]
mod search;
#[path = "users/search_rules.rs"]
mod search_rules;
#[path = "users/sessions.rs"]
mod sessions;
#[path = "users/sign_in.rs"]
mod sign_in;
#[path = "users/targets.rs"]
mod targets;
#[path = "users/teams.rs"]
mod teams;
#[path = "users/tenants.rs"]
mod tenants;
#[path = "users/tokens.rs"]
mod tokens;
#[path = "users/update.rs"]
mod update;
#[path = "users/usage.rs"]
mod usage;
#[path = "users/wrap.rs"]
mod wrap;
