//! rollbook by the questions of the side-by-side.

use std::fs::{self, File};
use std::future;
use std::io::{self, BufReader};
use std::path::Path;
use std::sync::Arc;

use rollbook::import::{ImportSummary, Importer};
use rollbook::{
    Argon2Params, Batch, Error, Expect, HashOptions, Limits, ListUsers, MemoryStore, NewUser,
    PasswordHash, SecretDigest, Session, SledOptions, SqliteOptions, Stored, Timestamp, User,
    UserStore, Users,
};
use serde_json::json;
use tokio::runtime::Runtime;

use crate::dataset::{Dataset, Person};

/// Users in a store, asked by one caller.
pub(crate) struct Store {
    users: Users,
    engine: Arc<dyn UserStore>,
    runtime: Runtime,
    place: String,
}

impl Store {
    /// Opens the store at `place`, or creates it.
    pub(crate) fn open(kind: &str, place: &str) -> Self {
        let engine: Arc<dyn UserStore> = match kind {
            "memory" => Arc::new(MemoryStore::new()),
            // `synchronous` is FULL by default. The caches have fixed sizes: 128 MiB for the connection that writes
            // and 8 MiB for each of eight that read.
            "sqlite" => Arc::new(SqliteOptions::new().open(place).expect("it opens")),
            "sled" => Arc::new(SledOptions::new().cache(256 << 20).open(place).expect("it opens")),
            unknown => panic!("no store is called {unknown}"),
        };
        // rollbook makes Argon2id hashes only; these are the cheapest, as those of the dataset are.
        let hashing = Argon2Params::new(8, 1, 1).expect("they are legal");
        let users = Users::builder(engine.clone()).hashing(hashing).build();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Self { users, engine, runtime: runtime.expect("a runtime"), place: place.to_owned() }
    }

    /// Removes the store at `place`, whichever it is.
    pub(crate) fn remove(place: &str) {
        // What is not there need not go.
        let _ = fs::remove_dir_all(place);
        for end in ["", "-wal", "-shm"] {
            let _ = fs::remove_file(format!("{place}{end}"));
        }
    }

    /// The size of its files, in MiB.
    pub(crate) fn size_mb(&self) -> f64 {
        fn bytes(path: &Path) -> u64 {
            match fs::read_dir(path) {
                Ok(entries) => entries.flatten().map(|entry| bytes(&entry.path())).sum(),
                Err(_) => fs::metadata(path).map_or(0, |file| file.len()),
            }
        }
        let files = ["", "-wal"].map(|end| bytes(Path::new(&format!("{}{end}", self.place))));
        #[expect(clippy::cast_precision_loss, reason = "a size for people")]
        let mib = files.iter().sum::<u64>() as f64 / 1_048_576.0;
        mib
    }

    pub(crate) fn import(&self, file: &str) -> Result<ImportSummary, Error> {
        let file = BufReader::with_capacity(1 << 20, File::open(file).expect("the file is there"));
        let importer = Importer::new(self.users.clone()).source(&Dataset);
        let mut rejects = io::stderr();
        let import = importer.run(file, &mut rejects, |_| {}, future::pending());
        self.runtime.block_on(import).map_err(|error| Error::Internal(error.to_string().into()))
    }

    pub(crate) fn create(&self, person: &Person) -> Result<(), Error> {
        let new = new_user(person).password(person.password.as_str());
        self.runtime.block_on(self.users.create(new)).map(drop)
    }

    pub(crate) fn create_hashed(&self, person: &Person, hash: &str) -> Result<(), Error> {
        let hash = PasswordHash::import("bcrypt", hash, &HashOptions::new(), &Limits::default())?;
        self.runtime.block_on(self.users.create(new_user(person).password_hash(hash))).map(drop)
    }

    pub(crate) fn by_id(&self, id: &str) -> Result<Option<Stored<User>>, Error> {
        match self.runtime.block_on(self.users.get(id)) {
            Err(Error::UserNotFound) => Ok(None),
            found => found.map(Some),
        }
    }

    pub(crate) fn by_email(&self, email: &str) -> Result<Option<Stored<User>>, Error> {
        self.runtime.block_on(self.users.find_by_email(email))
    }

    /// The secret of a new session. A hash that is not Argon2id is replaced in the same commit.
    pub(crate) fn login(&self, email: &str, password: &str) -> Result<String, Error> {
        let session = self.runtime.block_on(self.users.create_password_session(email, password))?;
        Ok(session.secret.as_str().to_owned())
    }

    /// The id of the user whose session it is.
    pub(crate) fn session(&self, secret: &str) -> Result<Option<String>, Error> {
        match self.runtime.block_on(self.users.validate_session(secret)) {
            Ok((user, _)) => Ok(Some(user.id.to_string())),
            Err(Error::Unauthorized) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Adds so many sessions of one user, many with one flush.
    pub(crate) fn seed_sessions(&self, number: u64) -> Result<(), Error> {
        let first = self.list(ListUsers::new().limit(1).without_total())?;
        let user = first.first().expect("there is a user").id.to_string();
        let now = Timestamp::from_millis(1_700_000_000_000).expect("it is a time");
        for from in (0..number).step_by(10_000) {
            let batches = (from..number.min(from + 10_000)).map(|n| {
                let session = json!({
                    "$id": format!("seed{n}"), "$createdAt": now, "$updatedAt": now, "userId": user,
                    "provider": "email", "secret": SecretDigest::of(&format!("seed{n:060x}")).as_str(),
                    "expire": 4_102_444_800_000_u64, "factors": ["password"], "ip": "127.0.0.1",
                    "userAgent": "bench/1.0", "country": "",
                });
                let session: Session = serde_json::from_value(session).expect("it is a session");
                Batch::new().put(session, Expect::Absent)
            });
            for outcome in self.runtime.block_on(self.engine.commit(batches.collect()))? {
                outcome?;
            }
        }
        Ok(())
    }

    pub(crate) fn list(&self, list: ListUsers) -> Result<Vec<Stored<User>>, Error> {
        self.runtime.block_on(self.users.list(list)).map(|found| found.users)
    }

    pub(crate) fn total(&self, list: ListUsers) -> Result<u64, Error> {
        self.runtime.block_on(self.users.list(list.limit(0))).map(|found| found.total)
    }
}

fn new_user(person: &Person) -> NewUser {
    let Person { id, email, phone, name, .. } = person;
    NewUser::new().id(id.as_str()).email(email.as_str()).phone(phone.as_str()).name(name.as_str())
}
