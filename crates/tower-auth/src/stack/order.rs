//! The layers that each state allows, and the compiler's message if a state does not allow one.

use super::pending_layer::Stacked;
use super::state::{
    ByBearer, BySession, Cookies, Guarded, Identified, Refreshing, Required, Start,
};

/// Allows shared settings.
#[diagnostic::on_unimplemented(
    message = "shared settings of an AuthStack come before its first layer",
    label = "a layer was already added, and was built without this",
    note = "`.settings`, `.public_origin`, `.refuse_with` and `.insecure_without_no_store` come \
            right after `AuthStack::new(&keys)`; settings of a single layer go into its \
            closure, as in `.session_with(store, |b| b.realm(\"app\"))`"
)]
pub trait TakesSettings {}
#[diagnostic::do_not_recommend]
impl TakesSettings for Start {}

/// Allows `.cookies()`.
#[diagnostic::on_unimplemented(
    message = "`.cookies()` comes first in an AuthStack, and once",
    label = "other layers are already outside of it",
    note = "it writes the cookies that the layers inside set, so put it before all others: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`"
)]
pub trait TakesCookies {}
#[diagnostic::do_not_recommend]
impl TakesCookies for Start {}

/// Allows `.csrf()`.
#[diagnostic::on_unimplemented(
    message = "`.csrf()` comes once in an AuthStack, before `.refresh`, `.session`, `.bearer` and \
               `.require`",
    label = "too late, or the second time",
    note = "it refuses requests of other sites before anything is loaded for them: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`"
)]
pub trait TakesCsrf {}
#[diagnostic::do_not_recommend]
impl TakesCsrf for Start {}
#[diagnostic::do_not_recommend]
impl TakesCsrf for Cookies {}

/// Allows `.refresh()`.
#[diagnostic::on_unimplemented(
    message = "`.refresh(…)` comes once in an AuthStack, before `.session`, `.bearer` and \
               `.require`",
    label = "too late, or the second time",
    note = "a client refreshes with an expired access token, which a layer outside would refuse: \
            `AuthStack::new(&keys).cookies().csrf().refresh(refresh).session(store)`"
)]
pub trait TakesRefresh {}
#[diagnostic::do_not_recommend]
impl TakesRefresh for Start {}
#[diagnostic::do_not_recommend]
impl TakesRefresh for Cookies {}
#[diagnostic::do_not_recommend]
impl TakesRefresh for Guarded {}

/// Allows a session with respect to the other layers.
#[diagnostic::on_unimplemented(
    message = "`.session(…)` comes once in an AuthStack, before `.require`",
    label = "too late, or the second time",
    note = "`.require` checks the identity that `.session` proves: \
            `AuthStack::new(&keys).cookies().csrf().session(store).require()`"
)]
pub trait TakesSession {}
#[diagnostic::do_not_recommend]
impl TakesSession for Start {}
#[diagnostic::do_not_recommend]
impl TakesSession for Cookies {}
#[diagnostic::do_not_recommend]
impl TakesSession for Guarded {}
#[diagnostic::do_not_recommend]
impl<G> TakesSession for Refreshing<G> {}
#[diagnostic::do_not_recommend]
impl<G> TakesSession for Identified<G, ByBearer> {}

/// Protects credentials in cookies against other sites.
#[diagnostic::on_unimplemented(
    message = "a session in an AuthStack needs `.csrf()` before it",
    label = "no `.csrf()` outside of this session",
    note = "browsers attach the session's cookie to requests that other sites cause: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`",
    note = "if a layer or a proxy in front refuses such requests, call `.insecure_without_csrf()` \
            instead of `.csrf()`; bearer tokens alone need neither"
)]
pub trait IsGuarded {}
#[diagnostic::do_not_recommend]
impl IsGuarded for Guarded {}
#[diagnostic::do_not_recommend]
impl IsGuarded for Refreshing<Guarded> {}
#[diagnostic::do_not_recommend]
impl<By> IsGuarded for Identified<Guarded, By> {}
// A session after `.require` has its own error.
#[diagnostic::do_not_recommend]
impl IsGuarded for Required {}

/// Allows `.bearer()`.
#[diagnostic::on_unimplemented(
    message = "`.bearer(…)` comes once in an AuthStack, before `.require`",
    label = "too late, or the second time",
    note = "`.require` checks the identity that `.bearer` proves: \
            `AuthStack::new(&keys).bearer_of(&issuer).require()`; for tokens of several issuers use \
            `.bearer_any([…])` once"
)]
pub trait TakesBearer {}
#[diagnostic::do_not_recommend]
impl TakesBearer for Start {}
#[diagnostic::do_not_recommend]
impl TakesBearer for Cookies {}
#[diagnostic::do_not_recommend]
impl TakesBearer for Guarded {}
#[diagnostic::do_not_recommend]
impl<G> TakesBearer for Refreshing<G> {}
#[diagnostic::do_not_recommend]
impl<G> TakesBearer for Identified<G, BySession> {}

/// Proves an identity.
#[diagnostic::on_unimplemented(
    message = "`.require` in an AuthStack needs `.session(…)` or `.bearer(…)` before it",
    label = "nothing proves an identity yet: no request could pass",
    note = "put it last: `AuthStack::new(&keys).cookies().csrf().session(store).require()`",
    note = "if your own layer proves the identity, put a `RequireLayer` inside it"
)]
pub trait Identifies {}
#[diagnostic::do_not_recommend]
impl<G, By> Identifies for Identified<G, By> {}
#[diagnostic::do_not_recommend]
impl Identifies for Required {}

/// Has at least one layer.
#[diagnostic::on_unimplemented(
    message = "this AuthStack has no layers",
    label = "nothing to build",
    note = "add what the application needs: \
            `AuthStack::new(&keys).cookies().csrf().session(store).build()?`"
)]
pub trait HasLayers {}
impl<Outer, Inner> HasLayers for Stacked<Outer, Inner> {}

/// Has no implementations, because a builder is no layer. The bound is on the service, not on the
/// builder: a `ServiceBuilder` then finds its method first, and afterwards reports this message.
#[diagnostic::on_unimplemented(
    message = "this AuthStack is not built yet",
    label = "call `.build()?` on the stack first",
    note = "`.build()?` checks the settings together and returns the layer; contradictory \
            settings must stop the application at its start"
)]
pub trait WrappedBy<Layer> {
    /// Never called.
    fn never<T>(builder: &Layer) -> T;
}
