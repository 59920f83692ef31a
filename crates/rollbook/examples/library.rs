//! Users in a file, without a server: `cargo run -p rollbook --example library -- users.db`

#![expect(clippy::print_stdout, reason = "it is a program")]

use std::sync::Arc;

use rollbook::{Error, ListUsers, NewUser, SqliteStore, User, Users};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = std::env::args().nth(1).ok_or("name a file: library users.db")?;
    let users = Users::new(Arc::new(SqliteStore::open(path)?));

    let new = NewUser::new().email("ann@example.com").password("correct horse").name("Ann");
    match users.create(new).await {
        Ok(ann) => println!("made {}", ann.id),
        // The program ran before.
        Err(Error::UserAlreadyExists) => println!("Ann is there already"),
        Err(error) => return Err(error.into()),
    }

    let signed_in = users.create_password_session("ann@example.com", "correct horse").await?;
    let (ann, session) = users.validate_session(signed_in.secret.as_str()).await?;
    println!("{} is signed in until {}", ann.name, session.expire);

    let newest = ListUsers::new().order(User::CREATED_AT.descending()).limit(10);
    let page = users.list(newest).await?;
    println!("{} users, the newest is {}", page.total, page.users[0].id);
    Ok(())
}
