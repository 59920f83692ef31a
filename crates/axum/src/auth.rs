//! Who calls: a key, a user, or nobody known.

use axum::http::{HeaderMap, header};
use constant_time_eq::constant_time_eq;
use rollbook_core::{Error, Scope, SecretDigest, Session, Stored, User, Users};

use crate::error::Refusal;
use crate::options::Options;
use crate::route::Access;

/// Who calls.
#[derive(Debug)]
pub(crate) enum Caller {
    Guest,
    /// A key, with what it may do.
    Key(Key),
    User(Box<SignedIn>),
}

/// What a key may do.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    /// All of them, if there are none listed.
    scopes: Option<Vec<Scope>>,
}

/// A user that calls.
#[derive(Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: Stored<User>,
    pub(crate) session: Option<Stored<Session>>,
    /// Who acts as the user, if it is another.
    pub(crate) impersonator: Option<String>,
    /// Whether who calls has a second factor and did not show it in this session.
    lacks_factor: bool,
}

/// A header as a text that is not empty.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().filter(|text| !text.is_empty())
}

/// The project that a request names.
pub(crate) fn project(headers: &HeaderMap) -> &str {
    text(headers, "x-appwrite-project").unwrap_or("default")
}

impl Caller {
    /// Finds out who calls: with this key, or as a user of the project, whose `users` these are.
    pub(crate) async fn of(
        headers: &HeaderMap,
        key: Option<&SecretDigest>,
        users: &Users,
        options: &Options,
    ) -> Result<Self, Refusal> {
        let secret = session_secret(headers);
        let jwt = text(headers, "x-appwrite-jwt");
        if let Some(key) = key {
            if secret.is_some() || jwt.is_some() {
                return Err(Refusal::of("user_api_key_and_session_set"));
            }
            return Self::of_key(key, users, options, project(headers)).await;
        }
        let found = match (jwt, secret) {
            (Some(jwt), _) => users.validate_jwt(jwt).await.map_err(|error| match error {
                Error::Unauthorized | Error::NoJwtKey => Refusal::of("user_jwt_invalid"),
                error => error.into(),
            })?,
            (None, Some(secret)) => match users.validate_session(&secret).await {
                Ok((user, session)) => (user, Some(session)),
                // A cookie that is out of date makes nobody else of a guest.
                Err(Error::Unauthorized) => return Ok(Self::Guest),
                Err(error) => return Err(error.into()),
            },
            (None, None) => return Ok(Self::Guest),
        };
        let (user, session) = found;
        let lacks_factor = lacks_factor(users, &user, session.as_ref()).await?;
        let signed_in = SignedIn { user, session, impersonator: None, lacks_factor };
        Ok(Self::User(Box::new(signed_in.impersonating(headers, users).await?)))
    }

    async fn of_key(
        key: &SecretDigest,
        users: &Users,
        options: &Options,
        project: &str,
    ) -> Result<Self, Refusal> {
        // All are compared, so that the time tells nothing.
        let is_it = |master: &&SecretDigest| {
            constant_time_eq(master.as_str().as_bytes(), key.as_str().as_bytes())
        };
        let matching = options.master_keys.iter().filter(is_it);
        if matching.count() > 0 {
            return Ok(Self::Key(Key { name: "app".to_owned(), scopes: None }));
        }
        let Some(key) = users.find_api_key_by_digest(key).await? else { return Ok(Self::Guest) };
        // A key of another project is none here.
        if key.project.as_ref().is_some_and(|own| own.as_str() != project) {
            return Ok(Self::Guest);
        }
        Ok(Self::Key(Key { name: key.name.clone(), scopes: Some(key.scopes.clone()) }))
    }

    /// Refuses who may not do what a route asks for.
    pub(crate) fn check(&self, access: Access) -> Result<(), Refusal> {
        let lacks_factor = matches!(self, Self::User(caller) if caller.lacks_factor);
        if lacks_factor && !matches!(access, Access::Anyone | Access::FirstFactor) {
            return Err(Refusal::of("user_more_factors_required"));
        }
        let Access::Key(scopes) = access else {
            return match (access, self) {
                (Access::User | Access::FirstFactor, Self::User(_)) | (Access::Anyone, _) => Ok(()),
                (_, Self::Key(key)) => Err(missing("app", "applications", &key.name, "account")),
                _ => Err(missing("User", "guests", "", "account")),
            };
        };
        let allowed = match self {
            Self::Guest => false,
            Self::Key(key) => match &key.scopes {
                None => true,
                Some(own) => own.iter().any(|own| scopes.contains(own)),
            },
            // So that it can choose as whom to act.
            Self::User(caller) => caller.user.impersonator && scopes.contains(&Scope::UsersRead),
        };
        if allowed {
            return Ok(());
        }
        let scope = scopes.first().map_or("", |scope| scope.as_str());
        Err(match self {
            Self::Guest => missing("User", "guests", "", scope),
            Self::Key(key) => missing("app", "applications", &key.name, scope),
            Self::User(_) => missing("User", "users", "", scope),
        })
    }

    /// What the activity log calls the caller, unless it is the user itself.
    pub(crate) fn name(&self) -> Option<&str> {
        match self {
            Self::Key(key) => Some(&key.name),
            Self::User(caller) => caller.impersonator.as_deref(),
            Self::Guest => None,
        }
    }

    pub(crate) fn is_key(&self) -> bool {
        matches!(self, Self::Key(_))
    }
}

/// Whether the user wants two factors, has a second, and showed one in this session.
async fn lacks_factor(
    users: &Users,
    user: &User,
    session: Option<&Stored<Session>>,
) -> Result<bool, Refusal> {
    let shown = session.map_or(0, |session| session.factors.len());
    if !user.mfa || shown >= 2 {
        return Ok(false);
    }
    let factors = users.list_factors(&user.id).await?;
    Ok(factors.totp || factors.email || factors.phone)
}

fn missing(who: &str, role: &str, name: &str, scope: &str) -> Refusal {
    let name = if name.is_empty() || name == "app" { String::new() } else { format!(" {name:?}") };
    let message = format!("{who}{name} (role: {role}) missing scopes ([\"{scope}\"])");
    Refusal::of("general_unauthorized_scope").saying(message)
}

impl SignedIn {
    /// As the user that the headers name, if the caller may. Without the capability they are ignored.
    async fn impersonating(self, headers: &HeaderMap, users: &Users) -> Result<Self, Refusal> {
        if !self.user.impersonator {
            return Ok(self);
        }
        let header = |name: &str| text(headers, name);
        let target = if let Some(id) = header("x-appwrite-impersonate-user-id") {
            Some(users.get(id).await?)
        } else if let Some(email) = header("x-appwrite-impersonate-user-email") {
            Some(users.find_by_email(email).await?.ok_or(Error::UserNotFound)?)
        } else if let Some(phone) = header("x-appwrite-impersonate-user-phone") {
            Some(users.find_by_phone(phone).await?.ok_or(Error::UserNotFound)?)
        } else {
            None
        };
        Ok(match target {
            None => self,
            Some(user) => {
                let impersonator = Some(self.user.id.to_string());
                Self { user, impersonator, ..self }
            }
        })
    }
}

/// The secret of a session, from its header or its cookie.
fn session_secret(headers: &HeaderMap) -> Option<String> {
    if let Some(secret) = text(headers, "x-appwrite-session") {
        return Some(secret.to_owned());
    }
    let name = cookie_name(project(headers));
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs =
        cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    let (_, secret) = pairs.find(|(found, _)| found.trim() == name)?;
    Some(secret.trim().to_owned()).filter(|secret| !secret.is_empty())
}

/// The cookie that holds the secret of a project's session.
pub(crate) fn cookie_name(project: &str) -> String {
    format!("a_session_{}", project.to_ascii_lowercase())
}
