//! Serving a router: connections, slow clients, and an orderly end.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tower::ServiceExt as _;

/// The most bytes of a head.
const MOST_HEAD_BYTES: usize = 64 << 10;
/// How long requests that are being answered may take when the server ends.
const LAST_SECONDS: u64 = 10;

/// Serves `router` until `shutdown` is ready; what is being answered then is finished, for up to ten seconds.
///
/// A connection on which no head of a request comes within `timeout`, or one of more than 64 KiB, is closed; how
/// long bodies and answers may take is among the router's [`Options`](crate::Options). The router learns the
/// addresses of clients.
///
/// ```no_run
/// # use std::time::Duration;
/// # async fn example(router: axum::Router) -> std::io::Result<()> {
/// let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
/// let stop = async { _ = tokio::signal::ctrl_c().await };
/// rollbook_axum::serve(listener, router, Duration::from_secs(30), stop).await;
/// # Ok(()) }
/// ```
pub async fn serve(
    listener: TcpListener,
    router: Router,
    timeout: Duration,
    shutdown: impl Future<Output = ()>,
) {
    let connections = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let (stream, peer) = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // A client that is gone already, or no file descriptor left: others end in a moment.
                    tracing::warn!(target: "rollbook", %error, "a connection could not be accepted");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            },
        };
        // Small answers go out at once.
        _ = stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(timeout)
            .max_buf_size(MOST_HEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service(router.clone(), peer));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(target: "rollbook", %error, "a connection ended");
            }
        });
    }
    drop(listener);
    let last = Duration::from_secs(LAST_SECONDS);
    if tokio::time::timeout(last, connections.shutdown()).await.is_err() {
        tracing::warn!(target: "rollbook", "requests were still being answered at the end");
    }
}

/// The router for one connection, which knows where it comes from.
fn service(
    router: Router,
    peer: SocketAddr,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> {
    service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    })
}
