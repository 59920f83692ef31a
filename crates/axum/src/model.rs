//! What answers consist of: the response models of the API.

use crate::format::Removed;

/// A response model.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) name: &'static str,
    /// Its keys, each with its type, in their order.
    pub(crate) keys: &'static [(&'static str, Type)],
    /// The keys that hold lists of another model.
    pub(crate) lists: &'static [(&'static str, &'static Model)],
    /// The keys that older versions don't have.
    pub(crate) removed: &'static [Removed],
    /// The keys that hold times, which the oldest version writes as seconds.
    pub(crate) times: &'static [&'static str],
}

/// The type of a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Type {
    Text,
    Nullable(&'static Type),
    Bool,
    Int,
    Time,
    Texts,
    Object,
    List(&'static Model),
}

use Type::{Bool, Int, List, Nullable, Object, Text, Texts, Time};

const PLAIN: Model = Model { name: "", keys: &[], lists: &[], removed: &[], times: &[] };

/// Nothing: an answer of 204.
pub(crate) static NONE: Model = Model { name: "none", ..PLAIN };

pub(crate) static USER: Model = Model {
    name: "user",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("$updatedAt", Time),
        ("name", Text),
        ("password", Nullable(&Text)),
        ("hash", Nullable(&Text)),
        ("hashOptions", Nullable(&Object)),
        ("registration", Time),
        ("status", Bool),
        ("labels", Texts),
        ("passwordUpdate", Time),
        ("email", Text),
        ("phone", Text),
        ("emailVerification", Bool),
        ("emailCanonical", Nullable(&Text)),
        ("emailIsFree", Nullable(&Bool)),
        ("emailIsDisposable", Nullable(&Bool)),
        ("emailIsCorporate", Nullable(&Bool)),
        ("emailIsCanonical", Nullable(&Bool)),
        ("phoneVerification", Bool),
        ("mfa", Bool),
        ("prefs", Object),
        ("targets", List(&TARGET)),
        ("accessedAt", Time),
        ("impersonator", Bool),
        ("impersonatorUserId", Nullable(&Text)),
    ],
    lists: &[("targets", &TARGET)],
    removed: &[
        Removed::before((1, 0, 0), &["password", "hash", "hashOptions"]),
        Removed::before((1, 4, 0), &["labels", "accessedAt"]),
        Removed::before((1, 5, 0), &["targets", "mfa"]),
        Removed::before((1, 9, 0), &["impersonator", "impersonatorUserId"]),
        Removed::before(
            (1, 9, 5),
            &[
                "emailCanonical",
                "emailIsFree",
                "emailIsDisposable",
                "emailIsCorporate",
                "emailIsCanonical",
            ],
        ),
    ],
    times: &["$createdAt", "$updatedAt", "registration", "passwordUpdate"],
};

/// A user as it sees itself: without what its password is stored as.
pub(crate) static ACCOUNT: Model = Model {
    name: "account",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("$updatedAt", Time),
        ("name", Text),
        ("registration", Time),
        ("status", Bool),
        ("labels", Texts),
        ("passwordUpdate", Time),
        ("email", Text),
        ("phone", Text),
        ("emailVerification", Bool),
        ("emailCanonical", Nullable(&Text)),
        ("emailIsFree", Nullable(&Bool)),
        ("emailIsDisposable", Nullable(&Bool)),
        ("emailIsCorporate", Nullable(&Bool)),
        ("emailIsCanonical", Nullable(&Bool)),
        ("phoneVerification", Bool),
        ("mfa", Bool),
        ("prefs", Object),
        ("targets", List(&TARGET)),
        ("accessedAt", Time),
        ("impersonator", Bool),
        ("impersonatorUserId", Nullable(&Text)),
    ],
    ..USER
};

pub(crate) static USER_LIST: Model = Model {
    name: "userList",
    keys: &[("total", Int), ("users", List(&USER))],
    lists: &[("users", &USER)],
    ..PLAIN
};

pub(crate) static SESSION: Model = Model {
    name: "session",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("$updatedAt", Time),
        ("userId", Text),
        ("expire", Time),
        ("provider", Text),
        ("providerUid", Text),
        ("providerAccessToken", Text),
        ("providerAccessTokenExpiry", Time),
        ("providerRefreshToken", Text),
        ("ip", Text),
        ("osCode", Text),
        ("osName", Text),
        ("osVersion", Text),
        ("clientType", Text),
        ("clientCode", Text),
        ("clientName", Text),
        ("clientVersion", Text),
        ("clientEngine", Text),
        ("clientEngineVersion", Text),
        ("deviceName", Text),
        ("deviceBrand", Text),
        ("deviceModel", Text),
        ("countryCode", Text),
        ("countryName", Text),
        ("current", Bool),
        ("factors", Texts),
        ("secret", Text),
        ("mfaUpdatedAt", Time),
    ],
    removed: &[
        Removed::before((1, 0, 0), &["$updatedAt"]),
        Removed::before((1, 5, 0), &["factors", "secret", "mfaUpdatedAt"]),
    ],
    times: &["$createdAt", "expire", "providerAccessTokenExpiry"],
    ..PLAIN
};

pub(crate) static SESSION_LIST: Model = Model {
    name: "sessionList",
    keys: &[("total", Int), ("sessions", List(&SESSION))],
    lists: &[("sessions", &SESSION)],
    ..PLAIN
};

pub(crate) static MEMBERSHIP: Model = Model {
    name: "membership",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("$updatedAt", Time),
        ("userId", Text),
        ("userName", Text),
        ("userEmail", Text),
        ("userPhone", Text),
        ("teamId", Text),
        ("teamName", Text),
        ("invited", Time),
        ("joined", Time),
        ("confirm", Bool),
        ("mfa", Bool),
        ("userAccessedAt", Time),
        ("roles", Texts),
    ],
    removed: &[
        Removed::before((1, 5, 0), &["mfa"]),
        Removed::before((1, 9, 2), &["userPhone", "userAccessedAt"]),
    ],
    times: &["$createdAt", "$updatedAt", "invited", "joined"],
    ..PLAIN
};

pub(crate) static MEMBERSHIP_LIST: Model = Model {
    name: "membershipList",
    keys: &[("total", Int), ("memberships", List(&MEMBERSHIP))],
    lists: &[("memberships", &MEMBERSHIP)],
    ..PLAIN
};

pub(crate) static LOG: Model = Model {
    name: "log",
    keys: &[
        ("event", Text),
        ("userId", Text),
        ("userEmail", Text),
        ("userName", Text),
        ("mode", Text),
        ("userType", Text),
        ("ip", Text),
        ("time", Time),
        ("osCode", Text),
        ("osName", Text),
        ("osVersion", Text),
        ("clientType", Text),
        ("clientCode", Text),
        ("clientName", Text),
        ("clientVersion", Text),
        ("clientEngine", Text),
        ("clientEngineVersion", Text),
        ("deviceName", Text),
        ("deviceBrand", Text),
        ("deviceModel", Text),
        ("countryCode", Text),
        ("countryName", Text),
    ],
    removed: &[Removed::before((1, 9, 0), &["userType"])],
    times: &["time"],
    ..PLAIN
};

pub(crate) static LOG_LIST: Model = Model {
    name: "logList",
    keys: &[("total", Int), ("logs", List(&LOG))],
    lists: &[("logs", &LOG)],
    ..PLAIN
};

pub(crate) static IDENTITY: Model = Model {
    name: "identity",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("$updatedAt", Time),
        ("userId", Text),
        ("provider", Text),
        ("providerUid", Text),
        ("providerEmail", Text),
        ("providerAccessToken", Text),
        ("providerAccessTokenExpiry", Time),
        ("providerRefreshToken", Text),
    ],
    ..PLAIN
};

pub(crate) static IDENTITY_LIST: Model = Model {
    name: "identityList",
    keys: &[("total", Int), ("identities", List(&IDENTITY))],
    lists: &[("identities", &IDENTITY)],
    ..PLAIN
};

pub(crate) static TARGET: Model = Model {
    name: "target",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("$updatedAt", Time),
        ("name", Text),
        ("userId", Text),
        ("providerId", Nullable(&Text)),
        ("providerType", Text),
        ("identifier", Text),
        ("expired", Bool),
    ],
    ..PLAIN
};

pub(crate) static TARGET_LIST: Model = Model {
    name: "targetList",
    keys: &[("total", Int), ("targets", List(&TARGET))],
    lists: &[("targets", &TARGET)],
    ..PLAIN
};

pub(crate) static TOKEN: Model = Model {
    name: "token",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("userId", Text),
        ("secret", Text),
        ("expire", Time),
        ("phrase", Text),
    ],
    removed: &[Removed::before((1, 5, 0), &["phrase"])],
    ..PLAIN
};

pub(crate) static JWT: Model = Model { name: "jwt", keys: &[("jwt", Text)], ..PLAIN };

/// Preferences have whatever keys their user has.
pub(crate) static PREFERENCES: Model = Model { name: "preferences", ..PLAIN };

pub(crate) static MFA_FACTORS: Model = Model {
    name: "mfaFactors",
    keys: &[
        ("totp", Bool),
        ("phone", Bool),
        ("email", Bool),
        ("recoveryCode", Bool),
        ("custom", Bool),
    ],
    ..PLAIN
};

pub(crate) static RECOVERY_CODES: Model =
    Model { name: "mfaRecoveryCodes", keys: &[("recoveryCodes", Texts)], ..PLAIN };

pub(crate) static CHALLENGE: Model = Model {
    name: "mfaChallengeSecret",
    keys: &[
        ("$id", Text),
        ("$createdAt", Time),
        ("userId", Text),
        ("expire", Time),
        ("code", Text),
    ],
    ..PLAIN
};

pub(crate) static USAGE_POINT: Model =
    Model { name: "metric", keys: &[("value", Int), ("date", Time)], ..PLAIN };

pub(crate) static USAGE: Model = Model {
    name: "usageUsers",
    keys: &[
        ("range", Text),
        ("usersTotal", Int),
        ("sessionsTotal", Int),
        ("users", List(&USAGE_POINT)),
        ("sessions", List(&USAGE_POINT)),
    ],
    ..PLAIN
};

pub(crate) static PASSKEY_LIST: Model =
    Model { name: "passkeyList", keys: &[("total", Int), ("passkeys", List(&NONE))], ..PLAIN };

pub(crate) static HEALTH: Model = Model {
    name: "healthStatus",
    keys: &[("name", Text), ("ping", Int), ("status", Text)],
    ..PLAIN
};

/// The description of the routes.
pub(crate) static OPENAPI: Model = Model { name: "openapi", ..PLAIN };
