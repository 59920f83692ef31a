//! `rollbook serve`

use std::env::{self, VarError};
use std::io::{self, IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use hmac::{Hmac, KeyInit as _, Mac as _};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use rollbook::{JwtKey, OsRandom, Random as _, SealingKeys, Users};
use rollbook_axum::{Options, router};
use sha2::Sha256;
use tokio::net::TcpListener;
use tower::ServiceExt as _;
use tracing_subscriber::EnvFilter;
use zeroize::Zeroizing;

use crate::store::StoreArgs;

/// Serve the Users REST API, as the official Appwrite SDKs speak it
#[derive(Debug, clap::Args)]
#[command(after_help = ENVIRONMENT)]
pub(crate) struct Args {
    #[command(flatten)]
    store: StoreArgs,
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Serve /metrics at this address instead of beside the API
    #[arg(long, value_name = "ADDRESS")]
    metrics_listen: Option<SocketAddr>,
    /// Serve the page for operators at /admin; it asks for a key
    #[arg(long)]
    admin: bool,
    /// How long a client may take to send a request, and an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    timeout: u64,
    /// One project: every project id means the same users
    #[arg(long)]
    single_project: bool,
    /// An origin whose pages may call, as browsers write it; may be given several times
    #[arg(long = "allow-origin", value_name = "ORIGIN")]
    origins: Vec<String>,
    /// The most requests a minute with one key; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    requests_per_key: u32,
    /// The most requests a minute from one address without a key; 0 for no limit
    #[arg(long, value_name = "NUMBER", default_value_t = 600)]
    requests_per_address: u32,
    /// Take addresses of clients from X-Forwarded-For: only behind a proxy of your own
    #[arg(long)]
    trust_proxy: bool,
}

const ENVIRONMENT: &str = "\
Environment:
  ROLLBOOK_API_KEY  A key that may do everything in every project, beside those of `rollbook keys`
  ROLLBOOK_SECRET   What JWTs are signed with and tokens of identities sealed with, 32 characters or more;
                    without it JWTs are void after a restart, and no tokens of identities are stored
  RUST_LOG          What is logged to standard error, such as rollbook=debug";

/// How often what has expired is deleted.
const SWEEP: Duration = Duration::from_secs(3600);
/// How often metrics that nobody fetches are put in order.
const UPKEEP: Duration = Duration::from_secs(5);
/// The bounds of durations, in seconds.
const BUCKETS: &[f64] = &[
    0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
    5.0,
];

pub(crate) async fn run(args: Args) -> anyhow::Result<ExitCode> {
    tracing_subscriber::fmt()
        .with_env_filter(
            EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn")),
        )
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .init();
    let metrics = metrics()?;
    let users = users(&args)?;
    let listener = bind(args.listen).await?;
    let timeout = Duration::from_secs(args.timeout);
    let api = router(users.clone(), options(&args)?);
    let health = api.clone();
    // Also where those look who know nothing of the API's version.
    let ask =
        move || health.oneshot(Request::get("/v1/health").body(Body::empty()).unwrap_or_default());
    let mut app = api.route("/health", get(ask));
    if args.admin {
        app = app.merge(rollbook_axum::admin());
    }
    let metrics = Router::new().route("/metrics", get(move || async move { metrics.render() }));
    match args.metrics_listen {
        None => app = app.merge(metrics),
        Some(address) => {
            let listener = bind(address).await?;
            tokio::spawn(rollbook_axum::serve(listener, metrics, timeout, std::future::pending()));
        }
    }
    tokio::spawn(sweep(users));
    let mut stdout = io::stdout();
    writeln!(stdout, "listening on http://{}", listener.local_addr()?)?;
    stdout.flush()?;
    rollbook_axum::serve(listener, app, timeout, ended()).await;
    Ok(ExitCode::SUCCESS)
}

async fn bind(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{address} can't be listened on"))
}

fn options(args: &Args) -> anyhow::Result<Options> {
    let mut options = Options::new()
        .timeout(Duration::from_secs(args.timeout))
        .requests_per_key(args.requests_per_key)
        .requests_per_address(args.requests_per_address);
    let key = variable("ROLLBOOK_API_KEY")?;
    if key.is_empty() {
        tracing::warn!(target: "rollbook", "ROLLBOOK_API_KEY is not set; only stored keys are known");
    } else {
        options = options.api_key(&key);
    }
    for origin in &args.origins {
        options = options.allow_origin(origin);
    }
    if !args.single_project {
        options = options.tenants();
    }
    Ok(if args.trust_proxy { options.trust_proxy() } else { options })
}

/// A secret in the environment; empty if it is not there.
fn variable(name: &str) -> anyhow::Result<Zeroizing<String>> {
    match env::var(name) {
        Ok(secret) => Ok(Zeroizing::new(secret)),
        Err(VarError::NotPresent) => Ok(Zeroizing::default()),
        // The error itself would show it.
        Err(VarError::NotUnicode(_)) => anyhow::bail!("{name} is not a text in UTF-8"),
    }
}

/// The users in the store, with keys that follow from the secret.
fn users(args: &Args) -> anyhow::Result<Users> {
    const LEAST: usize = 32;
    let secret = variable("ROLLBOOK_SECRET")?;
    if !secret.is_empty() && secret.len() < LEAST {
        anyhow::bail!("ROLLBOOK_SECRET has {} characters; it needs {LEAST} at least", secret.len());
    }
    let mut users = args.store.url.builder(!args.single_project)?;
    if secret.is_empty() {
        tracing::warn!(target: "rollbook", "ROLLBOOK_SECRET is not set; JWTs are void after a restart");
        let mut key = Zeroizing::new([0; 32]);
        OsRandom.fill(key.as_mut());
        users = users.jwt_key(JwtKey::new(*key)?);
    } else {
        users = users.jwt_key(JwtKey::new(*derived(&secret, "jwt"))?);
        users = users.sealing_keys(SealingKeys::new("secret", *derived(&secret, "sealing")));
    }
    Ok(users.build())
}

/// A key for one purpose, from the secret.
fn derived(secret: &str, purpose: &str) -> Zeroizing<[u8; 32]> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let mac = mac.expect("HMAC takes keys of every length").chain_update(purpose);
    Zeroizing::new(mac.finalize().into_bytes().into())
}

fn metrics() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new();
    let builder =
        builder.set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)?;
    let handle = builder.install_recorder()?;
    let kept = handle.clone();
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(UPKEEP);
        loop {
            interval.tick().await;
            kept.run_upkeep();
        }
    });
    Ok(handle)
}

/// Deletes what has expired, now and then.
async fn sweep(users: Users) {
    let mut interval = tokio::time::interval(SWEEP);
    loop {
        interval.tick().await;
        let swept = async {
            users.delete_expired_sessions().await?;
            users.delete_expired_tokens().await?;
            users.delete_expired_challenges().await
        };
        if let Err(error) = swept.await {
            tracing::error!(target: "rollbook", %error, "what has expired could not be deleted");
        }
    }
}

/// Ready when the program is asked to end.
async fn ended() {
    let interrupted = async { _ = tokio::signal::ctrl_c().await };
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                () = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    interrupted.await;
}
