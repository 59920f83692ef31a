//! The routes as a router of axum.

use std::any::Any;
use std::collections::BTreeSet;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::RawPathParams;
use axum::http::{HeaderName, HeaderValue, Method, Request, header};
use axum::response::Response;
use axum::routing::{MethodFilter, MethodRouter};
use rollbook_core::Users;
use tower::{Layer as _, ServiceBuilder};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::normalize_path::NormalizePathLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;

use crate::dispatch::{Server, stated_format};
use crate::error::Refusal;
use crate::import;
use crate::options::Options;
use crate::rate::Rates;
use crate::route::{Route, Verb, routes};

/// The API over `users`, all of it under `/v1`.
///
/// The router has no state and no fallback, so that it can be merged into another. A server that wants to
/// count requests by address serves it with `into_make_service_with_connect_info::<SocketAddr>()`.
///
/// # Panics
///
/// Never; the routes are fixed.
pub fn router(users: Users, options: Options) -> Router {
    let cors = cors(&options);
    let rates = Rates::new(&options);
    let server = Arc::new(Server { users, options, rates });

    let mut router = Router::new();
    for place in places() {
        let mut methods = MethodRouter::new();
        for (route, known) in routes_at(&place) {
            let server = Arc::clone(&server);
            let answer = move |path: RawPathParams, request: Request<Body>| {
                let server = Arc::clone(&server);
                let named = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                let known = known.iter().map(|(name, id)| ((*name).to_owned(), id.clone()));
                let named: Vec<_> = named.chain(known).collect();
                async move { server.answer(route, named, request).await }
            };
            methods = methods.on(filter(route.verb), answer);
        }
        if place == import::PATH {
            let server = Arc::clone(&server);
            let import = move |request: Request<Body>| import::answer(Arc::clone(&server), request);
            methods = methods.on(MethodFilter::POST, import);
        }
        router = router.route(&place, methods);
    }
    let router = router.fallback(not_found).method_not_allowed_fallback(not_found);

    let request_id = HeaderName::from_static("x-request-id");
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(request_id.clone(), MakeRequestUuid))
        .layer(TraceLayer::new_for_http().make_span_with(span))
        .layer(PropagateRequestIdLayer::new(request_id))
        .layer(SetResponseHeaderLayer::if_not_present(
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ))
        .layer(cors)
        .layer(CatchPanicLayer::custom(panicked));
    // A slash at the end and empty segments don't count.
    let normalized = NormalizePathLayer::trim_trailing_slash().layer(router.layer(layers));
    Router::new().nest_service("/v1", normalized)
}

/// All places at which routes lie: their paths, and where two of them meet, so that none hides another.
/// `/users/{userId}` and `/users/argon2` meet at the latter, which has a POST of its own; a GET there is of the
/// user with the id `argon2`. `/users/{userId}/name` and `/users/identities/{identityId}` meet at
/// `/users/identities/name`.
fn places() -> BTreeSet<String> {
    let paths = || routes().map(|route| route.path).chain([import::PATH]);
    paths().flat_map(|path| paths().filter_map(|other| meeting(path, other))).collect()
}

/// The most general path that is one of `path` and one of `other`.
fn meeting(path: &str, other: &str) -> Option<String> {
    let segments = pairs(path, other)?.map(|(own, other)| match (own, other) {
        _ if own == other || is_parameter(other) => Some(own),
        _ => is_parameter(own).then_some(other),
    });
    Some(segments.collect::<Option<Vec<_>>>()?.join("/"))
}

/// The segments of two paths side by side, if there are as many.
fn pairs<'a, 'b>(
    path: &'a str,
    other: &'b str,
) -> Option<impl Iterator<Item = (&'a str, &'b str)>> {
    let pairs = path.split('/').zip(other.split('/'));
    (path.split('/').count() == other.split('/').count()).then_some(pairs)
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

/// The parameters that a route has at a place, and the ids that they are there.
type Known = Vec<(&'static str, String)>;

/// The routes at a place, one of each method: that whose path has a fixed segment where the others' have parameters.
fn routes_at(place: &str) -> Vec<(&'static Route, Known)> {
    let mut found: Vec<_> =
        routes().filter_map(|route| Some((route, known_at(place, route.path)?))).collect();
    let shape = |path: &str| -> Vec<bool> { path.split('/').map(is_parameter).collect() };
    found.sort_by_key(|(route, _)| shape(route.path));
    let mut seen = Vec::new();
    found.retain(|(route, _)| {
        let first = !seen.contains(&route.verb);
        seen.push(route.verb);
        first
    });
    found
}

/// The ids that a place has for parameters of a path; nothing if the place is none of the path.
fn known_at(place: &str, path: &'static str) -> Option<Known> {
    let mut known = Vec::new();
    for (own, there) in pairs(path, place)? {
        if own == there {
            continue;
        }
        let name = own.strip_prefix('{')?.strip_suffix('}')?;
        known.push((name, there.to_owned()));
    }
    Some(known)
}

fn filter(verb: Verb) -> MethodFilter {
    match verb {
        Verb::Get => MethodFilter::GET,
        Verb::Post => MethodFilter::POST,
        Verb::Put => MethodFilter::PUT,
        Verb::Patch => MethodFilter::PATCH,
        Verb::Delete => MethodFilter::DELETE,
    }
}

async fn not_found(request: Request<Body>) -> Response {
    Refusal::of("general_route_not_found").into_reply(stated_format(request.headers()))
}

/// A bug must not take the connection with it.
fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    Refusal::of("general_unknown").into_reply(crate::format::Format::NEWEST)
}

/// Without the query, which may hold what is searched for, and without headers.
fn span(request: &Request<Body>) -> tracing::Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok());
    tracing::info_span!(
        target: "rollbook",
        "request",
        method = %request.method(),
        id = id.unwrap_or_default(),
    )
}

fn cors(options: &Options) -> CorsLayer {
    let methods =
        [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    let named = |names: &[&'static str]| -> Vec<HeaderName> {
        names.iter().copied().map(HeaderName::from_static).collect()
    };
    let cors = CorsLayer::new()
        .allow_methods(methods)
        .allow_headers(named(&[
            "content-type",
            "x-appwrite-impersonate-user-email",
            "x-appwrite-impersonate-user-id",
            "x-appwrite-impersonate-user-phone",
            "x-appwrite-jwt",
            "x-appwrite-key",
            "x-appwrite-locale",
            "x-appwrite-project",
            "x-appwrite-response-format",
            "x-appwrite-session",
            "x-fallback-cookies",
            "x-requested-with",
            "x-sdk-language",
            "x-sdk-name",
            "x-sdk-platform",
            "x-sdk-version",
        ]))
        .expose_headers(named(&["x-appwrite-session", "x-fallback-cookies", "x-request-id"]));
    if options.any_origin {
        cors.allow_origin(AllowOrigin::any())
    } else {
        cors.allow_origin(AllowOrigin::list(options.origins.iter().cloned()))
            .allow_credentials(true)
    }
}
