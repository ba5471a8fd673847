//! Applications with one mistake each: the check names it, and nothing else.

mod app;
mod passing;
mod wrong;

use http::Method;

use super::*;
use app::App;

/// A row for each kind of route that [`App`] has.
fn table() -> Routes {
    Routes::from_iter([
        Route::page(Method::GET, "/", Access::Public),
        Route::api(Method::POST, "/login", Access::Public),
        Route::page(Method::GET, "/account", Access::Authenticated),
        Route::page(Method::POST, "/account", Access::Authenticated),
        Route::api(Method::GET, "/reports/{id}", Access::Scope("reports:read")),
        Route::api(Method::DELETE, "/reports/{id}", Access::Role("admin")),
        Route::grpc("/app.v1.Reports/List", Access::Scope("reports:read")),
    ])
    .login_page("/login")
}

async fn try_all(table: &Routes, app: App) -> Result<(), Mismatches> {
    table.check(&TestClient::new(app.service()), with_identity).await
}

/// The faults of each route, by their codes.
async fn faults(table: &Routes, app: App) -> Vec<String> {
    let Err(mismatches) = try_all(table, app).await else { return Vec::new() };
    let found = mismatches.iter().map(|it| format!("{}: {}", it.route(), it.fault().code()));
    found.collect()
}
