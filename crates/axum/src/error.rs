//! What a client is told when a request fails.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use rollbook_core::Error;
use serde_json::{Value, json};

use crate::format::Format;

/// A refusal: a status, a type of the catalogue, and a message for people.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) kind: &'static str,
    message: String,
    /// The parameter that is to blame, whose message is worded around it.
    param: Option<String>,
}

/// The types, each with its status and with its message where that is not the error's own.
const CATALOGUE: &[(&str, u16, &str)] = &[
    ("database_query_order_null", 400, ""),
    ("general_access_forbidden", 401, "Access to this API is forbidden."),
    ("general_argument_invalid", 400, ""),
    ("general_cursor_not_found", 400, ""),
    ("general_invalid_email", 400, "Value must be a valid email address"),
    (
        "general_invalid_phone",
        400,
        "Phone number must start with a '+' can have a maximum of fifteen digits.",
    ),
    ("general_query_invalid", 400, ""),
    ("general_rate_limit_exceeded", 429, RATE_LIMIT),
    (
        "general_resource_locked",
        409,
        "The requested resource is locked due to a concurrent modification.",
    ),
    (
        "general_route_not_found",
        404,
        "The requested route was not found. Please refer to the API docs and try again.",
    ),
    ("general_unauthorized_scope", 401, ""),
    ("general_unknown", 500, "Server Error"),
    ("membership_already_confirmed", 409, ""),
    ("membership_not_found", 404, "Membership with the requested ID could not be found."),
    (
        "password_personal_data",
        400,
        "The password you are trying to use contains references to your name, email, phone or userID. \
         For your security, please choose a different password and try again.",
    ),
    (
        "password_recently_used",
        400,
        "The password you are trying to use is similar to your previous password. For your security, \
         please choose a different password and try again.",
    ),
    ("project_key_expired", 401, "The project key has expired. Please generate a new key."),
    (
        "project_not_found",
        404,
        "Project with the requested ID could not be found. Please check the value of the \
         X-Appwrite-Project header to ensure the correct project ID is being used.",
    ),
    ("team_already_exists", 409, ""),
    ("team_invalid_secret", 401, ""),
    ("team_invite_already_exists", 409, ""),
    ("team_not_found", 404, "Team with the requested ID could not be found."),
    (
        "user_already_exists",
        409,
        "A user with the same id, email, or phone already exists in this project.",
    ),
    (
        "user_api_key_and_session_set",
        403,
        "API key and session used in the same request. Use either `setSession` or `setKey`.",
    ),
    ("user_authenticator_already_verified", 409, ""),
    ("user_authenticator_not_found", 404, "Authenticator could not be found on the current user."),
    (
        "user_blocked",
        403,
        "The current user has been blocked. You can unblock the user by making a request to the User \
         API's \"Update User Status\" endpoint or in the Appwrite Console's Auth section.",
    ),
    (
        "user_email_already_exists",
        409,
        "A user with the same email already exists in the current project.",
    ),
    ("user_email_disposable", 400, ""),
    ("user_email_free", 400, ""),
    ("user_email_not_canonical", 400, ""),
    ("user_email_not_corporate", 400, ""),
    (
        "user_identity_not_found",
        404,
        "Identity could not be found. Please sign in with OAuth provider to create identity first.",
    ),
    ("user_invalid_credentials", 401, "Invalid credentials. Please check the email and password."),
    ("user_invalid_token", 401, "Invalid token passed in the request."),
    ("user_jwt_invalid", 401, "The JWT token is invalid."),
    ("user_passkey_not_found", 404, "The passkey could not be found."),
    (
        "user_more_factors_required",
        401,
        "More factors are required to complete the sign in process.",
    ),
    ("user_not_found", 404, "User with the requested ID could not be found."),
    (
        "user_phone_already_exists",
        409,
        "A user with the same phone number already exists in the current project.",
    ),
    (
        "user_recovery_codes_already_exists",
        409,
        "The current user already generated recovery codes and they can only be read once for security \
         reasons.",
    ),
    (
        "user_recovery_codes_not_found",
        404,
        "The current user has no recovery codes. Please generate them first.",
    ),
    ("user_session_not_found", 404, "The current user session could not be found."),
    ("user_target_already_exists", 409, "A target with the same ID already exists."),
    ("user_target_not_found", 404, "The target could not be found."),
    (
        "user_unauthorized",
        401,
        "The current user is not authorized to perform the requested action.",
    ),
];

const RATE_LIMIT: &str =
    "Rate limit for the current endpoint has been exceeded. Please try again after some time.";

/// The status of a type; what is not in the catalogue is the server's fault.
fn entry(kind: &str) -> (StatusCode, &'static str) {
    let found = CATALOGUE.iter().find(|(name, ..)| *name == kind);
    let (_, status, message) = found.unwrap_or(&("", 500, "Server Error"));
    (StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), message)
}

impl Refusal {
    /// A refusal of a type of the catalogue, in its words.
    pub(crate) fn of(kind: &'static str) -> Self {
        let (status, message) = entry(kind);
        Self { status, kind, message: message.to_owned(), param: None }
    }

    /// A parameter that is wrong, and what would be right.
    pub(crate) fn param(name: impl Into<String>, reason: impl Into<String>) -> Self {
        let invalid = Self::of("general_argument_invalid");
        Self { message: reason.into(), param: Some(name.into()), ..invalid }
    }

    /// The same refusal in other words.
    pub(crate) fn saying(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// The same refusal with another status.
    pub(crate) fn status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }

    /// The body of the answer to a client that speaks `format`.
    pub(crate) fn into_wire(self, format: Format) -> Value {
        let Self { status, kind, message, param } = self;
        let message = match param {
            None => message,
            Some(name) if format.is_lenient() => format!("Invalid {name}: {message}"),
            Some(name) => format!("Invalid `{name}` param: {message}"),
        };
        json!({
            "message": message,
            "code": status.as_u16(),
            "type": kind,
            "version": env!("CARGO_PKG_VERSION"),
        })
    }

    /// The answer to a client that speaks `format`.
    pub(crate) fn into_reply(self, format: Format) -> Response {
        let status = self.status;
        let mut reply = (status, self.into_wire(format).to_string()).into_response();
        let headers = reply.headers_mut();
        let json = HeaderValue::from_static("application/json; charset=UTF-8");
        headers.insert(header::CONTENT_TYPE, json);
        let no_cache = HeaderValue::from_static("no-cache, no-store, must-revalidate");
        headers.insert(header::CACHE_CONTROL, no_cache);
        headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
        headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
        if status == StatusCode::TOO_MANY_REQUESTS {
            headers.entry(header::RETRY_AFTER).or_insert(HeaderValue::from_static("1"));
        }
        reply
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let kind = error.code();
        let refusal = Self::of(kind);
        match &error {
            Error::InvalidArgument { field, reason } => {
                return Self::param(field.to_string(), reason.to_string());
            }
            Error::Query(reason) if kind == "general_argument_invalid" => {
                return Self::param(error.field().unwrap_or("queries"), reason.to_string());
            }
            Error::Query(reason) => return refusal.saying(reason.to_string()),
            Error::Hash(reason) => return Self::param("password", reason.to_string()),
            _ => {}
        }
        if refusal.status.is_server_error() {
            // The client is not told, so the operator must be.
            tracing::error!(target: "rollbook", error = %error, "a request failed");
        }
        // Its own words, where the catalogue has none.
        if refusal.message.is_empty() { refusal.saying(error.to_string()) } else { refusal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_is_sorted_so_that_nothing_is_in_it_twice() {
        let names: Vec<_> = CATALOGUE.iter().map(|(name, ..)| name).collect();
        let mut unique = names.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), names.len());
    }

    #[test]
    fn what_is_wrong_is_named_as_the_version_does() {
        let error = Refusal::from(Error::invalid("email", "Value must be a valid email address"));
        assert_eq!(error.status, StatusCode::BAD_REQUEST);
        assert_eq!(error.param.as_deref(), Some("email"));
        assert_eq!(Refusal::from(Error::UserNotFound).status, StatusCode::NOT_FOUND);
        assert_eq!(Refusal::from(Error::Internal("secret".into())).message, "Server Error");
    }
}
