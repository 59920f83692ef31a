//! Creating users, with a password or with a hash from elsewhere.

use rollbook_core::{HashOptions, NewUser};
use serde_json::Value;

use super::WRITE;
use super::users::answer;
use crate::call::{Call, Reply};
use crate::error::Refusal;
use crate::param::{Param, Rule};
use crate::route::{Route, route};

const NEW_ID: Param = Param::required("userId", Rule::NewId);
const EMAIL: Rule = Rule::Email { empty: false };
const PASSWORD: Rule = Rule::Password { empty: false };
const NAME: Param = Param::optional("name", Rule::Text { least: 1, most: 128 });
const HASHED_EMAIL: Param = Param::required("email", EMAIL);
const HASH: Param = Param::required("password", PASSWORD);
const OPTION: Rule = Rule::Text { least: 1, most: 128 };

const SHA_VERSIONS: &[&str] = &[
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512/224",
    "sha512/256",
    "sha512",
    "sha3-224",
    "sha3-256",
    "sha3-384",
    "sha3-512",
];

pub(crate) const ROUTES: &[Route] = &[
    route!(Post "/users" "create" "Creates a user." WRITE => 201 USER, [
        NEW_ID,
        Param::optional("email", EMAIL),
        Param::optional("phone", Rule::Phone { empty: false }),
        Param::optional("password", PASSWORD),
        NAME,
    ], create),
    route!(Post "/users/argon2" "createArgon2User" "Creates a user with an Argon2 hash." WRITE =>
        201 USER, [NEW_ID, HASHED_EMAIL, HASH, NAME], create_argon2),
    route!(Post "/users/bcrypt" "createBcryptUser" "Creates a user with a bcrypt hash." WRITE =>
        201 USER, [NEW_ID, HASHED_EMAIL, HASH, NAME], create_bcrypt),
    route!(Post "/users/md5" "createMD5User" "Creates a user with an MD5 hash." WRITE =>
        201 USER, [NEW_ID, HASHED_EMAIL, HASH, NAME], create_md5),
    route!(Post "/users/phpass" "createPHPassUser" "Creates a user with a phpass hash." WRITE =>
        201 USER, [NEW_ID, HASHED_EMAIL, HASH, NAME], create_phpass),
    route!(Post "/users/scrypt" "createScryptUser" "Creates a user with a scrypt hash." WRITE =>
        201 USER, [
        NEW_ID,
        HASHED_EMAIL,
        HASH,
        Param::required("passwordSalt", OPTION),
        Param::required("passwordCpu", Rule::Int),
        Param::required("passwordMemory", Rule::Int),
        Param::required("passwordParallel", Rule::Int),
        Param::required("passwordLength", Rule::Int),
        NAME,
    ], create_scrypt),
    route!(Post "/users/scrypt-modified" "createScryptModifiedUser"
        "Creates a user with a hash of Firebase's scrypt." WRITE => 201 USER, [
        NEW_ID,
        HASHED_EMAIL,
        HASH,
        Param::required("passwordSalt", OPTION),
        Param::required("passwordSaltSeparator", OPTION),
        Param::required("passwordSignerKey", OPTION),
        NAME,
    ], create_scrypt_modified),
    route!(Post "/users/sha" "createSHAUser" "Creates a user with a SHA hash." WRITE => 201 USER, [
        NEW_ID,
        HASHED_EMAIL,
        HASH,
        Param::optional("passwordVersion", Rule::OneOf(SHA_VERSIONS)),
        NAME,
    ], create_sha),
];

/// What all creations have in common.
fn new_user(call: &Call) -> NewUser {
    let text = |name: &str| call.arguments.text(name).map(str::to_owned);
    let mut new = NewUser::new().id(call.user_id());
    if let Some(email) = text("email") {
        new = new.email(email);
    }
    if let Some(phone) = text("phone") {
        new = new.phone(phone);
    }
    if let Some(name) = text("name") {
        new = new.name(name);
    }
    new
}

async fn create(call: Call) -> Result<Reply, Refusal> {
    let mut new = new_user(&call);
    if let Some(password) = call.arguments.text("password") {
        new = new.password(password);
    }
    let user = call.users.create(new).await?;
    answer(&call, &user).await
}

/// Creates a user with a hash. `options` are the names of parameters and what the scheme calls them.
async fn create_hashed(
    call: Call,
    scheme: &'static str,
    options: &[(&'static str, &'static str)],
) -> Result<Reply, Refusal> {
    let given = options.iter().filter_map(|(param, name)| {
        let value = match call.arguments.value(param)? {
            // Its versions may come in whatever case.
            Value::String(version) if *name == "version" => version.to_ascii_lowercase().into(),
            value => value.clone(),
        };
        Some(((*name).to_owned(), value))
    });
    let options: HashOptions = given.collect();
    let hash = call.users.import_hash(scheme, call.arguments.required("password"), &options);
    let hash = hash.map_err(rollbook_core::Error::from)?;
    let user = call.users.create(new_user(&call).password_hash(hash)).await?;
    answer(&call, &user).await
}

async fn create_argon2(call: Call) -> Result<Reply, Refusal> {
    create_hashed(call, "argon2", &[]).await
}

async fn create_bcrypt(call: Call) -> Result<Reply, Refusal> {
    create_hashed(call, "bcrypt", &[]).await
}

async fn create_md5(call: Call) -> Result<Reply, Refusal> {
    create_hashed(call, "md5", &[]).await
}

async fn create_phpass(call: Call) -> Result<Reply, Refusal> {
    create_hashed(call, "phpass", &[]).await
}

async fn create_scrypt(call: Call) -> Result<Reply, Refusal> {
    let options = [
        ("passwordSalt", "salt"),
        ("passwordCpu", "costCpu"),
        ("passwordMemory", "costMemory"),
        ("passwordParallel", "costParallel"),
        ("passwordLength", "length"),
    ];
    create_hashed(call, "scrypt", &options).await
}

async fn create_scrypt_modified(call: Call) -> Result<Reply, Refusal> {
    let options = [
        ("passwordSalt", "salt"),
        ("passwordSaltSeparator", "saltSeparator"),
        ("passwordSignerKey", "signerKey"),
    ];
    create_hashed(call, "scryptMod", &options).await
}

async fn create_sha(call: Call) -> Result<Reply, Refusal> {
    create_hashed(call, "sha", &[("passwordVersion", "version")]).await
}
