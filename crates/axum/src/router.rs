//! The routes as a router of axum.

use std::any::Any;
use std::collections::BTreeMap;
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

    let mut paths: BTreeMap<&str, MethodRouter> = BTreeMap::new();
    for route in routes() {
        for (path, known) in places(route) {
            let server = Arc::clone(&server);
            let answer = move |path: RawPathParams, request: Request<Body>| {
                let server = Arc::clone(&server);
                let named = path.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
                let named = named.chain(known.map(|(name, id)| (name.to_owned(), id.to_owned())));
                let named: Vec<_> = named.collect();
                async move { server.answer(route, named, request).await }
            };
            let methods = paths.remove(path).unwrap_or_default();
            paths.insert(path, methods.on(filter(route.verb), answer));
        }
    }
    let import = move |request: Request<Body>| import::answer(Arc::clone(&server), request);
    let methods = paths.remove(import::PATH).unwrap_or_default();
    paths.insert(import::PATH, methods.on(MethodFilter::POST, import));
    let router = paths
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(path, methods));
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

/// Where a route lies: at its path, and at each path that would hide it. `/users/argon2` has a POST of its own;
/// a GET there is of the user with the id `argon2`.
fn places(
    route: &'static Route,
) -> impl Iterator<Item = (&'static str, Option<(&'static str, &'static str)>)> {
    let beside = || routes().map(|own| (own.path, own.verb)).chain([(import::PATH, Verb::Post)]);
    let hidden = route.path.strip_suffix('}').and_then(|path| path.rsplit_once("/{"));
    let hiding = hidden.into_iter().flat_map(move |(parent, name)| {
        let ids = beside().filter_map(move |(path, _)| {
            let id = path.strip_prefix(parent)?.strip_prefix('/')?;
            let taken = beside().any(|own| own == (path, route.verb));
            (!id.contains(['/', '{']) && !taken).then_some((path, id))
        });
        // Of two methods at one path it is still one.
        let ids: BTreeMap<_, _> = ids.collect();
        ids.into_iter().map(move |(path, id)| (path, Some((name, id))))
    });
    std::iter::once((route.path, None)).chain(hiding)
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
