//! Reads cookies lazily, and writes them with safe defaults: [`CookieLayer`] and [`Cookies`].
//!
//! [`CookieLayer`] guarantees:
//!
//! - **Reading is lazy.** The first read marks the response with `Vary: Cookie`, and scans the
//!   header without copying it. Names are raw bytes, compared case-sensitively and never decoded,
//!   so no other name passes for `__Host-id`. A malformed pair does not affect its neighbours.
//! - **Browsers keep what the handler sets.** [`Cookies::set`] fills in `Secure`, `HttpOnly`,
//!   `SameSite=Lax` and `Path=/` if the handler does not set them. It refuses, with a reason, a
//!   cookie that a browser would drop or misread (RFC 6265bis).
//! - **Each cookie has one `Set-Cookie` line.** A cookie's identity is its name, `Domain` and
//!   `Path`. The line goes only to the response that the handler returned: an error, a panic or a
//!   dropped request sends no cookie.
//! - **Signed and encrypted views** bind a value to the cookie's name. The newest key of the ring
//!   writes, and all keys read.
//!
//! The layer does not authenticate users. `SessionLayer` does, and works without this layer.
//!
//! # Examples
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_auth::cookie::{Cookie, CookieLayer, Cookies};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let service = ServiceBuilder::new().layer(CookieLayer::new()).service(service_fn(
//!     async |request: Request<()>| {
//!         let cookies = Cookies::of(request.extensions()).unwrap();
//!         let visits = cookies.get("visits").and_then(|it| it.value().parse().ok()).unwrap_or(0);
//!         cookies.set(Cookie::new("visits", format!("{}", visits + 1)))?;
//!         Ok::<_, tower_auth::cookie::CookieError>(Response::new(()))
//!     },
//! ));
//!
//! let request = Request::builder().header("cookie", "visits=6").body(()).unwrap();
//! let response = service.oneshot(request).await.unwrap();
//! assert_eq!(
//!     response.headers()["set-cookie"],
//!     "visits=7; HttpOnly; SameSite=Lax; Secure; Path=/"
//! );
//! # }
//! ```
//!
//! With keys, the signed and encrypted views:
//!
//! ```
//! use http::{Request, Response};
//! use tower::{ServiceBuilder, ServiceExt, service_fn};
//! use tower_auth::KeyRing;
//! use tower_auth::cookie::{CookieError, CookieLayer, Cookies};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let layer = CookieLayer::builder().keys(&KeyRing::random()).build()?;
//! let service = ServiceBuilder::new().layer(layer).service(service_fn(
//!     async |request: Request<()>| {
//!         let cookies = Cookies::of(request.extensions()).unwrap();
//!         cookies.signed()?.set(("plan", "gold"))?;
//!         cookies.encrypted()?.set(("note", "for your eyes only"))?;
//!         let note = cookies.encrypted()?.get("note").unwrap();
//!         assert_eq!(note.value(), "for your eyes only");
//!         Ok::<_, CookieError>(Response::new(()))
//!     },
//! ));
//! let response = service.oneshot(Request::new(())).await?;
//! assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
//! # Ok(())
//! # }
//! ```

#[cfg(feature = "axum")]
mod axum;
mod builder;
mod config;
mod cookies;
mod encoded;
mod encrypted;
mod error;
mod flow;
mod layer;
mod signed;
#[cfg(test)]
mod tests;

pub use crate::jar::CookieError;
pub use builder::CookieLayerBuilder;
pub(crate) use config::Config;
pub use cookie::{Cookie, CookieBuilder, Expiration, SameSite};
pub use cookies::Cookies;
pub use encoded::Encoded;
pub use encrypted::Encrypted;
pub use error::CookieConfigError;
pub use layer::{CookieLayer, CookieService};
pub use signed::Signed;
