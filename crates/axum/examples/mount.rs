//! The Users API inside an application of one's own: `cargo run -p rollbook-axum --example mount`

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::HeaderMap;
use axum::routing::get;
use rollbook::{MemoryStore, NewUser, Users};
use rollbook_axum::{Options, router, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // To keep them: SqliteStore::open("users.db")?
    let users = Users::new(Arc::new(MemoryStore::new()));
    users
        .create(NewUser::new().id("ann").email("ann@example.com").password("correct horse"))
        .await?;

    // The application's own routes use the library directly; what signs users in does not matter to them.
    let own = users.clone();
    let greeting = move |headers: HeaderMap| async move {
        let secret = headers.get("x-appwrite-session").and_then(|secret| secret.to_str().ok());
        match own.validate_session(secret.unwrap_or_default()).await {
            Ok((user, _)) => format!("good morning, {}\n", user.id),
            Err(_) => "good morning, whoever you are\n".to_owned(),
        }
    };
    let app = Router::new()
        .route("/", get(greeting))
        .merge(router(users, Options::new().api_key("secret")));

    let listener = TcpListener::bind("127.0.0.1:8080").await?;
    serve(listener, app, Duration::from_secs(30), async { _ = tokio::signal::ctrl_c().await })
        .await;
    Ok(())
}
