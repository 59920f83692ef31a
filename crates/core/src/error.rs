//! What the domain can answer instead of a result.

use std::borrow::Cow;

use crate::{HashError, ProviderType, QueryError, ScheduleError, StoreError};

/// Why a verb was refused.
///
/// [`code`](Error::code) is the stable type of the service's error catalogue, which clients branch on; the
/// message is for people.
///
/// ```
/// use rollbook_core::Email;
///
/// let error = Email::parse("ann").unwrap_err();
/// assert_eq!(error.code(), "general_argument_invalid");
/// assert_eq!(error.to_string(), "invalid `email`: Value must be a valid email address");
/// ```
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument breaks a rule. The reason is worded as on the wire.
    #[error("invalid `{field}`: {reason}")]
    InvalidArgument {
        /// The argument, by its name on the wire.
        field: Cow<'static, str>,
        /// What would be right.
        reason: Cow<'static, str>,
    },
    /// A query breaks a rule.
    #[error("invalid `{field}`: {0}", field = query_field(.0))]
    Query(#[from] QueryError),
    /// A password hash is not what it is said to be, or costs more than the limits allow.
    #[error("invalid `password`: {0}")]
    Hash(#[from] HashError),
    /// No user has this id.
    #[error("user with the requested id could not be found")]
    UserNotFound,
    /// The id, the e-mail or the phone number of the new user is taken.
    #[error("a user with the same id, email, or phone already exists")]
    UserAlreadyExists,
    /// Another user, or an identity of another user, has this e-mail.
    #[error("a user with the same email already exists")]
    EmailAlreadyExists,
    /// The new e-mail is one of those that are thrown away.
    #[error("disposable email addresses are not allowed; use another one")]
    EmailDisposable,
    /// The new e-mail is one that everybody can have.
    #[error("email addresses of free providers are not allowed; use another one")]
    EmailFree,
    /// The new e-mail is another spelling of an address.
    #[error("aliases of email addresses are not allowed; use the address itself")]
    EmailNotCanonical,
    /// The new e-mail is not that of a company.
    #[error("only email addresses of companies are allowed; use another one")]
    EmailNotCorporate,
    /// Another user has this phone number.
    #[error("a user with the same phone number already exists")]
    PhoneAlreadyExists,
    /// The new password contains something of the user: id, e-mail, name or phone number.
    #[error("the password contains personal data; choose one without your name, email or phone")]
    PasswordPersonalData,
    /// The new password is one of the last ones.
    #[error("the password was used recently; choose another")]
    PasswordRecentlyUsed,
    /// There is no such user, the user has no password, or the password is wrong; which, is not told.
    #[error("invalid credentials; check the email or phone and the password")]
    InvalidCredentials,
    /// The password is right, but the user is blocked.
    #[error("the user has been blocked")]
    UserBlocked,
    /// No session of the user has this id.
    #[error("the session could not be found")]
    SessionNotFound,
    /// No identity has this id.
    #[error("identity could not be found")]
    IdentityNotFound,
    /// The account at the provider is linked already, to this user or to another.
    #[error("the account at the provider is linked to a user already")]
    IdentityAlreadyExists,
    /// There are tokens to store, or factors to seal, and no keys to do it with.
    #[error("there are no keys to seal with; set them up with `UsersBuilder::sealing_keys`")]
    NoSealingKeys,
    /// A stored secret is sealed with a key that is not here.
    #[error("there is no sealing key {key:?}; add it to the `SealingKeys`")]
    UnknownSealingKey {
        /// The id of the key.
        key: String,
    },
    /// A stored secret is not what the key sealed at this place, or the key is another than its id says.
    #[error("what the key {key:?} sealed was altered or moved")]
    SealBroken {
        /// The id of the key.
        key: String,
    },
    /// No team has this id.
    #[error("team with the requested id could not be found")]
    TeamNotFound,
    /// The id of the new team is taken.
    #[error("a team with the same id already exists")]
    TeamAlreadyExists,
    /// No membership has this id.
    #[error("membership with the requested id could not be found")]
    MembershipNotFound,
    /// The user is in the team, or invited to it.
    #[error("the user has already been invited or is already a member of this team")]
    MembershipAlreadyExists,
    /// The user has joined before.
    #[error("the membership has already been confirmed")]
    MembershipAlreadyConfirmed,
    /// The invitation has another secret.
    #[error("the team invitation secret is invalid")]
    InvalidInvitation,
    /// The identifier of a target is no e-mail or no phone number.
    #[error("invalid `identifier`: {}", identifier_rule(*provider_type))]
    InvalidIdentifier {
        /// What it should be one of.
        provider_type: ProviderType,
    },
    /// No target of the user has this id.
    #[error("the target could not be found")]
    TargetNotFound,
    /// Another target has the id or the identifier.
    #[error("a target with the same id or identifier already exists")]
    TargetAlreadyExists,
    /// The user has no such token, it was used, or its time is over.
    #[error("invalid token passed in the request")]
    InvalidToken,
    /// The user has no authenticator, or none that is verified.
    #[error("the authenticator could not be found")]
    AuthenticatorNotFound,
    /// The user's authenticator is verified; to replace it, delete it first.
    #[error("the authenticator is already verified")]
    AuthenticatorAlreadyVerified,
    /// The user has no recovery codes.
    #[error("the recovery codes could not be found")]
    RecoveryCodesNotFound,
    /// The user has recovery codes; new ones are made by regenerating.
    #[error("the recovery codes already exist")]
    RecoveryCodesAlreadyExist,
    /// There were too many wrong codes of an authenticator; it can be tried again later.
    #[error("too many wrong codes; try again in a quarter of an hour")]
    TooManyAttempts,
    /// A message is to be sent, and nothing was set up that sends.
    #[error("there is no sender; set one up with `UsersBuilder::sender`")]
    NoSender,
    /// A message could not be sent.
    #[error("the message could not be sent: {0}")]
    Sender(#[source] std::sync::Arc<dyn std::error::Error + Send + Sync>),
    /// No API key has this id.
    #[error("the API key could not be found")]
    ApiKeyNotFound,
    /// The time of the API key is over.
    #[error("the API key has expired")]
    ApiKeyExpired,
    /// There is no key for JWTs.
    #[error("there is no key to sign with; set one up with `UsersBuilder::jwt_key`")]
    NoJwtKey,
    /// Nobody is known by this secret: there is no such session, or it has ended.
    #[error("the current user is not authorized to perform the requested action")]
    Unauthorized,
    /// No record has the id that the page should start from, or one that is not of this list has it. Worded
    /// as on the wire.
    #[error("{record} '{id}' for the 'cursor' value not found.")]
    CursorNotFound {
        /// What was looked for: `User`, `Target`, `Membership` or `Team`; `User` also for an identity, as the
        /// service has it.
        record: &'static str,
        /// The id.
        id: String,
    },
    /// There are more passwords to hash than the bounds let through; try again later.
    #[error(transparent)]
    Schedule(#[from] ScheduleError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The library itself failed; the cause is a bug or a lack of memory.
    #[error("internal error: {0}")]
    Internal(Cow<'static, str>),
}

/// The parameter that a query comes in.
const fn query_field(error: &QueryError) -> &'static str {
    match error {
        QueryError::SearchLength | QueryError::NoSearch { .. } => "search",
        _ => "queries",
    }
}

/// What an identifier of this kind must be.
const fn identifier_rule(provider_type: ProviderType) -> &'static str {
    match provider_type {
        ProviderType::Email => "Value must be a valid email address",
        ProviderType::Sms => "Value must be a valid phone number, with a leading '+'",
        ProviderType::Push => "Value must be a valid string",
    }
}

impl Error {
    /// The stable type of the error catalogue.
    pub fn code(&self) -> &'static str {
        match self {
            // The service finds it out when it runs the query, which is valid as such.
            Self::Query(QueryError::NoIndex { .. }) => "general_query_invalid",
            Self::InvalidArgument { .. }
            | Self::InvalidIdentifier { provider_type: ProviderType::Push }
            | Self::Query(_)
            | Self::Hash(_) => "general_argument_invalid",
            Self::UserNotFound => "user_not_found",
            // The catalogue has no word for a linked account.
            Self::UserAlreadyExists | Self::IdentityAlreadyExists => "user_already_exists",
            Self::EmailAlreadyExists => "user_email_already_exists",
            Self::EmailDisposable => "user_email_disposable",
            Self::EmailFree => "user_email_free",
            Self::EmailNotCanonical => "user_email_not_canonical",
            Self::EmailNotCorporate => "user_email_not_corporate",
            Self::PhoneAlreadyExists => "user_phone_already_exists",
            Self::PasswordPersonalData => "password_personal_data",
            Self::PasswordRecentlyUsed => "password_recently_used",
            Self::InvalidCredentials => "user_invalid_credentials",
            Self::UserBlocked => "user_blocked",
            Self::SessionNotFound => "user_session_not_found",
            Self::IdentityNotFound => "user_identity_not_found",
            Self::TeamNotFound => "team_not_found",
            Self::TeamAlreadyExists => "team_already_exists",
            Self::MembershipNotFound => "membership_not_found",
            Self::MembershipAlreadyExists => "team_invite_already_exists",
            Self::MembershipAlreadyConfirmed => "membership_already_confirmed",
            Self::InvalidInvitation => "team_invalid_secret",
            Self::InvalidIdentifier { provider_type: ProviderType::Email } => {
                "general_invalid_email"
            }
            Self::InvalidIdentifier { provider_type: ProviderType::Sms } => "general_invalid_phone",
            Self::TargetNotFound => "user_target_not_found",
            Self::TargetAlreadyExists => "user_target_already_exists",
            Self::Unauthorized => "user_unauthorized",
            Self::ApiKeyNotFound => "key_not_found",
            Self::ApiKeyExpired => "project_key_expired",
            Self::InvalidToken => "user_invalid_token",
            Self::AuthenticatorNotFound => "user_authenticator_not_found",
            Self::AuthenticatorAlreadyVerified => "user_authenticator_already_verified",
            Self::RecoveryCodesNotFound => "user_recovery_codes_not_found",
            Self::RecoveryCodesAlreadyExist => "user_recovery_codes_already_exists",
            Self::CursorNotFound { .. } => "general_cursor_not_found",
            // The catalogue has no word for a busy server; who is told to slow down does the right thing.
            Self::TooManyAttempts | Self::Schedule(ScheduleError::Overloaded { .. }) => {
                "general_rate_limit_exceeded"
            }
            Self::Store(StoreError::Stale { .. }) => "general_resource_locked",
            Self::NoSender
            | Self::Sender(_)
            | Self::NoJwtKey
            | Self::NoSealingKeys
            | Self::UnknownSealingKey { .. }
            | Self::SealBroken { .. }
            | Self::Schedule(_)
            | Self::Store(_)
            | Self::Internal(_) => "general_unknown",
        }
    }

    /// The argument that is to blame, by its name on the wire, if it is one.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::InvalidArgument { field, .. } => Some(field),
            Self::Query(error) => Some(query_field(error)),
            Self::Hash(_) | Self::PasswordPersonalData | Self::PasswordRecentlyUsed => {
                Some("password")
            }
            Self::InvalidIdentifier { .. } => Some("identifier"),
            Self::EmailAlreadyExists
            | Self::EmailDisposable
            | Self::EmailFree
            | Self::EmailNotCanonical
            | Self::EmailNotCorporate => Some("email"),
            Self::PhoneAlreadyExists => Some("phone"),
            _ => None,
        }
    }

    /// An [`Error::InvalidArgument`].
    pub fn invalid(
        field: impl Into<Cow<'static, str>>,
        reason: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self::InvalidArgument { field: field.into(), reason: reason.into() }
    }
}
