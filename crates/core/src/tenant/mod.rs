//! Tenants: several users' worlds in one store, none of which sees another.
//!
//! A record of a tenant rests under a schema of its own, [`tenanted`] makes it: `tenant_users` beside `users`.
//! Its `$id` is `<tenant>/<id>`, which no id is; a field tells the tenant; unique tuples begin with it, and owners
//! are named by their whole `$id`. So a store knows nothing of tenants, and its checks are theirs.
//! [`Tenant`] is the store that one of them sees: it turns every question into one about these records, and every
//! answer back.

mod record;
mod schema;
mod store;
mod translation;

pub(crate) use record::Tenanted;
pub(crate) use schema::tenant_schemas;
pub use schema::{all_schemas, tenanted};
pub use store::Tenant;
