//! From a request to its answer: who calls, what is asked, the verb, and the words of the client's version.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use http_body_util::{BodyExt as _, Limited};
use rollbook_core::{Actor, Id, SecretDigest, Users};
use serde_json::Value;

use crate::arguments::{Arguments, Input, read_body, read_form};
use crate::auth::{Caller, project, text};
use crate::call::{Call, PLAIN, Reply};
use crate::error::Refusal;
use crate::format::Format;
use crate::options::Options;
use crate::rate::Rates;
use crate::route::{Access, Route, Verb};

/// What every request needs.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) users: Users,
    pub(crate) options: Options,
    pub(crate) rates: Rates,
}

/// Who calls, and on what: a request that may go on.
pub(crate) struct Admitted {
    /// The users of the project, acted on as the caller.
    pub(crate) users: Users,
    caller: Caller,
    project: String,
}

/// What the service tells of itself.
const METRIC_REQUESTS: &str = "rollbook_http_requests_total";
const METRIC_SECONDS: &str = "rollbook_http_request_duration_seconds";

impl Server {
    /// Answers a request to `route`.
    pub(crate) async fn answer(
        self: Arc<Self>,
        route: &'static Route,
        path: Vec<(String, String)>,
        request: Request<Body>,
    ) -> Response {
        let start = Instant::now();
        let mut format = stated_format(request.headers());
        let reply = self.reply(route, path, request, &mut format);
        let reply = tokio::time::timeout(self.options.timeout, reply).await;
        let reply = match reply.unwrap_or_else(|_| Err(too_slow())) {
            Ok(reply) => success(route, reply, format),
            Err(refusal) => refusal.into_reply(format),
        };
        count(route.name, start, &reply);
        reply
    }

    async fn reply(
        &self,
        route: &'static Route,
        path: Vec<(String, String)>,
        request: Request<Body>,
        format: &mut Format,
    ) -> Result<Reply, Refusal> {
        let (head, body) = request.into_parts();
        let headers = &head.headers;
        let Admitted { users, caller, project } = self.admit(&head, route.access).await?;
        let mut input = if route.verb == Verb::Get {
            read_form(head.uri.query().unwrap_or_default().as_bytes())
        } else {
            let body = Limited::new(body, self.options.most_body_bytes).collect().await;
            let body = body.map_err(|_| too_long(&self.options))?;
            read_body(headers, &body.to_bytes())
        };
        if route.verb == Verb::Get && *format == Format::NEWEST && is_plain(route, &input) {
            *format = Format::PLAIN;
        }
        input.extend(path.into_iter().map(|(name, value)| (name, Value::String(value))));
        let arguments = Arguments::check(route.params, input, *format)?;
        let secure = text(headers, "x-forwarded-proto") == Some("https");
        let call = Call { users, caller, arguments, format: *format, project, secure };
        (route.run)(call).await
    }

    /// Finds out who calls, counts the call, and refuses who may not do what `access` asks for.
    pub(crate) async fn admit(&self, head: &Parts, access: Access) -> Result<Admitted, Refusal> {
        let headers = &head.headers;
        let address = self.address(headers, head.extensions.get());
        let project = project(headers).to_owned();
        let users = self.users_of(&project)?;
        let key = text(headers, "x-appwrite-key").map(SecretDigest::of);
        // Who has no key is counted before it costs anything.
        if key.is_none() {
            self.rates.of_address(address)?;
        }
        let caller = Caller::of(headers, key.as_ref(), &users, &self.options).await?;
        if let Some(key) = &key {
            let counted = if caller.is_key() {
                self.rates.of_key(key)
            } else {
                self.rates.of_address(address)
            };
            counted?;
        }
        caller.check(access)?;
        let users = users.acting_as(actor(headers, &caller, address));
        Ok(Admitted { users, caller, project })
    }

    /// The users of a project.
    fn users_of(&self, project: &str) -> Result<Users, Refusal> {
        let unknown = |_| Refusal::of("project_not_found");
        // Also where its name is all that there is to it: cookies are called after it.
        Id::parse(project).map_err(unknown)?;
        if self.options.tenants {
            self.users.tenant(project).map_err(unknown)
        } else {
            Ok(self.users.clone())
        }
    }

    /// Where a request comes from.
    fn address(
        &self,
        headers: &HeaderMap,
        peer: Option<&ConnectInfo<SocketAddr>>,
    ) -> Option<IpAddr> {
        let forwarded = || {
            let last = text(headers, "x-forwarded-for")?.rsplit(',').next()?;
            last.trim().parse().ok()
        };
        let forwarded = if self.options.trust_proxy { forwarded() } else { None };
        forwarded.or_else(|| Some(peer?.0.ip().to_canonical()))
    }
}

/// Counts an answered request.
pub(crate) fn count(route: &'static str, start: Instant, reply: &Response) {
    let labels = [("route", route.to_owned()), ("status", reply.status().as_u16().to_string())];
    metrics::counter!(METRIC_REQUESTS, &labels).increment(1);
    metrics::histogram!(METRIC_SECONDS, "route" => route).record(start.elapsed());
}

fn too_long(options: &Options) -> Refusal {
    longer_than(options.most_body_bytes as u64)
}

pub(crate) fn longer_than(most: u64) -> Refusal {
    let message = format!("The body is longer than {most} bytes.");
    Refusal::of("general_argument_invalid").saying(message).status(StatusCode::PAYLOAD_TOO_LARGE)
}

pub(crate) fn too_slow() -> Refusal {
    let message = "The request took too long to arrive or to answer.";
    Refusal::of("general_argument_invalid").saying(message).status(StatusCode::REQUEST_TIMEOUT)
}

/// The version that the client says it speaks; what is no version is ignored, as in the service.
pub(crate) fn stated_format(headers: &HeaderMap) -> Format {
    let stated = text(headers, "x-appwrite-response-format");
    stated.and_then(|text| text.parse().ok()).unwrap_or(Format::NEWEST)
}

/// Whether a list is asked for with parameters that only the oldest version had.
fn is_plain(route: &Route, input: &Input) -> bool {
    let lists = route.params.iter().any(|param| PLAIN.contains(&param.name));
    lists && !input.contains_key("queries") && PLAIN.iter().any(|name| input.contains_key(*name))
}

/// Who the activity log says it was.
fn actor(headers: &HeaderMap, caller: &Caller, address: Option<IpAddr>) -> Actor {
    let forwarded = if caller.is_key() { text(headers, "x-forwarded-user-agent") } else { None };
    let client = forwarded.or_else(|| text(headers, "user-agent")).unwrap_or_default();
    let mut actor = Actor::new().user_agent(client);
    if let Some(address) = address {
        actor = actor.ip(address);
    }
    match caller.name() {
        Some(name) => actor.name(name),
        None => actor,
    }
}

fn success(route: &Route, reply: Reply, format: Format) -> Response {
    let status = StatusCode::from_u16(route.status).unwrap_or(StatusCode::OK);
    let Reply { body, headers } = reply;
    let mut response = match body {
        // Clients look at the type before they look at the status; JSON would have to have a body.
        None => {
            let text = HeaderValue::from_static("text/plain; charset=UTF-8");
            (status, [(header::CONTENT_TYPE, text)]).into_response()
        }
        Some(mut body) => {
            format.filter(route.model, &mut body);
            let json = HeaderValue::from_static("application/json; charset=UTF-8");
            // Through `Display` it would be looked at twice.
            let text = serde_json::to_vec(&body).expect("a value is JSON");
            (status, [(header::CONTENT_TYPE, json)], text).into_response()
        }
    };
    for (name, value) in headers {
        response.headers_mut().append(name, value);
    }
    response
}
