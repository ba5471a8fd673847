//! Which state allows what, and the sentence for those that do not.

use super::part::And;
use super::state::{
    ByBearer, BySession, Cookies, Guarded, Identified, Refreshing, Required, Start,
};

/// Shared settings may be given.
#[diagnostic::on_unimplemented(
    message = "shared settings of an AuthStack come before its first layer",
    label = "a layer was added already, and was built without this",
    note = "`.settings`, `.public_origin`, `.refuse_with` and `.insecure_without_no_store` come \
            right after `AuthStack::new(&keys)`; what concerns one layer alone goes into its \
            closure, as in `.session_with(store, |b| b.realm(\"app\"))`"
)]
pub trait TakesSettings {}
#[diagnostic::do_not_recommend]
impl TakesSettings for Start {}

/// `.cookies()` may come.
#[diagnostic::on_unimplemented(
    message = "`.cookies()` comes first in an AuthStack, and once",
    label = "other layers are outside of it already",
    note = "it writes the cookies that the layers inside set, so put it before all others: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`"
)]
pub trait TakesCookies {}
#[diagnostic::do_not_recommend]
impl TakesCookies for Start {}

/// `.csrf()` may come.
#[diagnostic::on_unimplemented(
    message = "`.csrf()` comes once in an AuthStack, before `.refresh`, `.session`, `.bearer` and \
               `.require`",
    label = "too late, or the second time",
    note = "it refuses what another site sent before anything is loaded for it: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`"
)]
pub trait TakesCsrf {}
#[diagnostic::do_not_recommend]
impl TakesCsrf for Start {}
#[diagnostic::do_not_recommend]
impl TakesCsrf for Cookies {}

/// `.refresh()` may come.
#[diagnostic::on_unimplemented(
    message = "`.refresh(…)` comes once in an AuthStack, before `.session`, `.bearer` and \
               `.require`",
    label = "too late, or the second time",
    note = "who refreshes has an access token that expired, which a layer outside would refuse: \
            `AuthStack::new(&keys).cookies().csrf().refresh(refresh).session(store)`"
)]
pub trait TakesRefresh {}
#[diagnostic::do_not_recommend]
impl TakesRefresh for Start {}
#[diagnostic::do_not_recommend]
impl TakesRefresh for Cookies {}
#[diagnostic::do_not_recommend]
impl TakesRefresh for Guarded {}

/// A session may come as far as the other layers are concerned.
#[diagnostic::on_unimplemented(
    message = "`.session(…)` comes once in an AuthStack, before `.require`",
    label = "too late, or the second time",
    note = "`.require` asks for what `.session` proves: \
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

/// What authenticates by cookie is guarded against other sites.
#[diagnostic::on_unimplemented(
    message = "a session in an AuthStack needs `.csrf()` before it",
    label = "no `.csrf()` outside of this session",
    note = "browsers attach the session's cookie to what other sites make them send: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`",
    note = "if something else in front refuses such requests, say `.insecure_without_csrf()` in \
            the place of `.csrf()`; bearer tokens alone need neither"
)]
pub trait IsGuarded {}
#[diagnostic::do_not_recommend]
impl IsGuarded for Guarded {}
#[diagnostic::do_not_recommend]
impl IsGuarded for Refreshing<Guarded> {}
#[diagnostic::do_not_recommend]
impl<By> IsGuarded for Identified<Guarded, By> {}
// It gets an error of its own.
#[diagnostic::do_not_recommend]
impl IsGuarded for Required {}

/// `.bearer()` may come.
#[diagnostic::on_unimplemented(
    message = "`.bearer(…)` comes once in an AuthStack, before `.require`",
    label = "too late, or the second time",
    note = "`.require` asks for what `.bearer` proves: \
            `AuthStack::new(&keys).bearer_of(&issuer).require()`; tokens of two issuers want two \
            stacks, on routes of their own"
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

/// Something proves an identity.
#[diagnostic::on_unimplemented(
    message = "`.require` in an AuthStack needs `.session(…)` or `.bearer(…)` before it",
    label = "nothing proves an identity yet: nobody could pass",
    note = "put it last: `AuthStack::new(&keys).cookies().csrf().session(store).require()`",
    note = "where a layer of your own proves the identity, put a `RequireLayer` inside it"
)]
pub trait Identifies {}
#[diagnostic::do_not_recommend]
impl<G, By> Identifies for Identified<G, By> {}
#[diagnostic::do_not_recommend]
impl Identifies for Required {}

/// There is a layer to build.
#[diagnostic::on_unimplemented(
    message = "this AuthStack has no layers",
    label = "nothing to build",
    note = "add what the application needs: \
            `AuthStack::new(&keys).cookies().csrf().session(store).build()?`"
)]
pub trait HasLayers {}
impl<Outer, Inner> HasLayers for And<Outer, Inner> {}

/// Implemented by nothing: a builder is no layer. (The service is what implements it, and not the
/// builder, so that a `ServiceBuilder` finds its method first and this sentence then.)
#[diagnostic::on_unimplemented(
    message = "this AuthStack is not built yet",
    label = "call `.build()?` on the stack first",
    note = "`.build()?` checks the settings together and gives the layer; settings that \
            contradict each other must stop the application at its start"
)]
pub trait WrappedBy<Layer> {
    /// Never called.
    fn never<T>(builder: &Layer) -> T;
}
