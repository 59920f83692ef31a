//! A store in an afternoon, as `GUIDE.md` tells it: `store.rs` is the store, and here it is used and tested.
//!
//! `cargo run --example toy_store` signs a user in; `cargo test --example toy_store` runs the kit.

mod store;

use std::sync::Arc;

use rollbook_core::{Error, NewUser, SCHEMAS, Users};
use store::ToyStore;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("users.json");
    let users = Users::new(Arc::new(ToyStore::open(path.clone(), SCHEMAS)?));
    users.create(NewUser::new().email("ann@example.com").password("correct horse")).await?;
    drop(users);

    let users = Users::new(Arc::new(ToyStore::open(path, SCHEMAS)?));
    users.sign_in("ann@example.com", "correct horse").await?;
    let refused = users.sign_in("ann@example.com", "wrong horse").await;
    assert!(matches!(refused, Err(Error::InvalidCredentials)));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rollbook_conformance::{Harness, conformance};
    use rollbook_core::{Schema, UserStore};
    use tempfile::TempDir;

    use crate::store::ToyStore;

    /// A store in a directory of its own.
    struct Toy {
        store: Arc<ToyStore>,
        directory: TempDir,
    }

    impl Toy {
        fn at(directory: TempDir, schemas: &'static [&'static Schema]) -> Self {
            let path = directory.path().join("users.json");
            let store = ToyStore::open(path, schemas).expect("the file can be read");
            Self { store: Arc::new(store), directory }
        }
    }

    impl Harness for Toy {
        async fn open(schemas: &'static [&'static Schema]) -> Self {
            Self::at(tempfile::tempdir().expect("a directory"), schemas)
        }

        fn store(&self) -> Arc<dyn UserStore> {
            self.store.clone()
        }

        async fn reopen(self, schemas: &'static [&'static Schema]) -> Option<Self> {
            Some(Self::at(self.directory, schemas))
        }
    }

    conformance!(Toy);
}
