//! Which state allows what, and the sentence for those that do not.

use super::state::{
    ByBearer, BySession, Cookies, Guarded, Identified, Open, Refreshing, Required, Start,
};

/// Shared settings may be given.
#[diagnostic::on_unimplemented(
    message = "shared settings of an AuthStack come before its first layer",
    label = "a layer was added already, and was built without this",
    note = "`.issuer`, `.public_origin`, `.clock`, `.realm`, `.refuse_with` and \
            `.insecure_allow_plain_http` come right after `AuthStack::new(&keys)`; what concerns \
            one layer alone goes into its closure, as in `.session_with(store, |b| b.realm(\"app\"))`"
)]
pub trait TakesSettings {}
impl TakesSettings for Start {}

/// `.cookies()` may come.
#[diagnostic::on_unimplemented(
    message = "`.cookies()` comes first in an AuthStack, and once",
    label = "other layers are outside of it already",
    note = "it writes the cookies that the layers inside set, so put it before all others: \
            `AuthStack::new(&keys).cookies().csrf().session(store)`"
)]
pub trait TakesCookies {}
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
impl TakesCsrf for Start {}
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
impl TakesRefresh for Start {}
impl TakesRefresh for Cookies {}
impl TakesRefresh for Guarded {}

/// A session may come as far as the other layers are concerned.
#[diagnostic::on_unimplemented(
    message = "`.session(…)` comes once in an AuthStack, before `.require`",
    label = "too late, or the second time",
    note = "`.require` asks for what `.session` proves: \
            `AuthStack::new(&keys).cookies().csrf().session(store).require()`"
)]
pub trait TakesSession {}
impl TakesSession for Start {}
impl TakesSession for Cookies {}
impl TakesSession for Guarded {}
impl<G> TakesSession for Refreshing<G> {}
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
impl IsGuarded for Guarded {}
impl IsGuarded for Refreshing<Guarded> {}
impl<By> IsGuarded for Identified<Guarded, By> {}
// It had its own error before.
impl IsGuarded for Identified<Open, BySession> {}
impl IsGuarded for Identified<Open, super::state::ByBoth> {}
// It gets another.
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
impl TakesBearer for Start {}
impl TakesBearer for Cookies {}
impl TakesBearer for Guarded {}
impl<G> TakesBearer for Refreshing<G> {}
impl<G> TakesBearer for Identified<G, BySession> {}

/// Something proves an identity.
#[diagnostic::on_unimplemented(
    message = "`.require` in an AuthStack needs `.session(…)` or `.bearer(…)` before it",
    label = "nothing proves an identity yet: nobody could pass",
    note = "put it last: `AuthStack::new(&keys).cookies().csrf().session(store).require()`",
    note = "where a layer of your own proves the identity, put a `RequireLayer` inside it"
)]
pub trait Identifies {}
impl<G, By> Identifies for Identified<G, By> {}
impl Identifies for Required {}

/// There is a layer to build.
#[diagnostic::on_unimplemented(
    message = "this AuthStack has no layers",
    label = "nothing to build",
    note = "add what the application needs: \
            `AuthStack::new(&keys).cookies().csrf().session(store).build()?`"
)]
pub trait HasLayers {}
impl HasLayers for Cookies {}
impl HasLayers for Guarded {}
impl<G> HasLayers for Refreshing<G> {}
impl<G, By> HasLayers for Identified<G, By> {}
impl HasLayers for Required {}

/// Implemented by nothing: a builder is no layer.
#[diagnostic::on_unimplemented(
    message = "this AuthStack is not built yet",
    label = "call `.build()?` first",
    note = "`.build()?` checks the settings together and gives the layer; settings that \
            contradict each other must stop the application at its start"
)]
pub trait IsBuilt {}
