//! Pages for people: refusals in HTML, and a login page that leads back to the requested page.

mod login;
mod refusals;

use axum::Router;
use axum::response::Html;
use axum::routing::{get, post};
use maud::{DOCTYPE, Markup, html};
use tower_auth::refuse::with_request;
use tower_auth::{AuthStack, Clock, Identity, KeyRing, MemoryStore, RequireLayer};

/// Returns a page with this heading.
fn page(heading: &str, content: &Markup) -> Html<String> {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head { title { (heading) } }
            body { h1 { (heading) } (content) }
        }
    };
    Html(page.into_string())
}

async fn home() -> Html<String> {
    page("Welcome", &html! { p { a href="/account" { "Your account" } } })
}

async fn account(identity: Identity) -> Html<String> {
    let form = html! { form method="post" action="/logout" { button { "Log out" } } };
    page(&format!("The account of {}", identity.subject()), &form)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (keys, store) = (KeyRing::random(), MemoryStore::new(Clock::system()));

    // Redirects browsers to the login page. Every other refusal becomes a page.
    let guard = RequireLayer::builder().login_page_with_return("/login", "next").build()?;
    let editors = RequireLayer::builder().role("editor").build()?;
    let stack = AuthStack::new(&keys)
        .refuse_with(with_request(refusals::page))
        .cookies()
        .csrf()
        // A name of its own, because other applications on this host have cookies too.
        .session_with(store, |session| session.cookie_name("__Host-pages-session"))
        .build()?;

    let app = Router::new()
        .route("/", get(home))
        .route("/account", get(account).layer(guard))
        .route("/drafts", get(account).layer(editors))
        .route("/login", get(login::show).post(login::log_in))
        .route("/logout", post(login::log_out))
        .layer(stack);

    let address = std::env::args().nth(1).unwrap_or_else(|| "127.0.0.1:3006".into());
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
