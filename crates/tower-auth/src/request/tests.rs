use std::sync::Arc;

use http::Request;
use tower_auth_core::{Auth, AuthContext, AuthState, Identity, Misconfigured};

use super::{AuthSource, Context, LayerFlag, RequestScope};

#[test]
fn d21_a_layer_nested_in_itself_is_refused_and_a_retry_passes() {
    let mut request = Request::new(());
    let outer = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
    let first = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    assert_eq!(
        RequestScope::enter(&mut request, LayerFlag::Session).err().unwrap().layer,
        "SessionLayer"
    );
    drop(first);
    assert!(RequestScope::enter(&mut request, LayerFlag::Session).is_ok());
    assert!(RequestScope::enter(&mut request, LayerFlag::Cookie).is_err());
    drop(outer);
}

#[test]
fn unknown_beats_known_and_removes_the_identity() {
    let mut request = Request::new(());
    let _cookies = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
    assert!(matches!(AuthState::of(request.extensions()), Err(Misconfigured { .. })));
    let _session = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    let _bearer = RequestScope::enter(&mut request, LayerFlag::Bearer).unwrap();
    let context = Context::of(request.extensions()).unwrap();
    let alice = AuthState::Known(Identity::local("alice").build());

    // Entered, and without an answer so far.
    assert!(matches!(AuthState::of(request.extensions()), Err(Misconfigured { .. })));
    context
        .authenticate(AuthSource::Bearer, AuthState::Anonymous, request.extensions_mut())
        .unwrap();
    assert!(matches!(AuthState::of(request.extensions()), Ok(AuthState::Anonymous)));
    context.authenticate(AuthSource::Bearer, alice.clone(), request.extensions_mut()).unwrap();
    assert!(matches!(AuthState::of(request.extensions()), Ok(AuthState::Known(_))));
    context
        .authenticate(AuthSource::Session, AuthState::Unknown, request.extensions_mut())
        .unwrap();
    assert!(matches!(AuthState::of(request.extensions()), Ok(AuthState::Unknown)));
    assert!(request.extensions().get::<Identity>().is_none());
    // A known answer that comes later is not accepted.
    context.authenticate(AuthSource::Bearer, alice, request.extensions_mut()).unwrap();
    assert!(request.extensions().get::<Identity>().is_none());
}

#[test]
fn a_layer_that_left_takes_its_answer_with_it() {
    let mut request = Request::new(());
    let _outer = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
    let session = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    let context = session.context().clone();
    context
        .authenticate(AuthSource::Session, AuthState::Anonymous, request.extensions_mut())
        .unwrap();
    assert!(AuthState::of(request.extensions()).is_ok());
    drop(session);
    assert!(AuthState::of(request.extensions()).is_err());
    let _again = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    assert!(AuthState::of(request.extensions()).is_err(), "the previous attempt's answer");
}

#[test]
fn d17_a_request_that_was_dropped_takes_no_cookie_any_more() {
    let mut request = Request::new(());
    let owner = RequestScope::enter(&mut request, LayerFlag::Csrf).unwrap();
    let inner = RequestScope::enter(&mut request, LayerFlag::Cookie).unwrap();
    let context = inner.context().clone();
    // An inner layer leaves the jar open, the owner closes it.
    drop(inner);
    assert!(context.jar.write(context.jar.writer(), ("a", "1").into()).is_ok());
    drop(owner);
    assert!(context.jar.write(context.jar.writer(), ("a", "1").into()).is_err());
    assert!(context.jar.written("a").is_none());
}

#[test]
fn each_layers_answer_stands_beside_the_others() {
    let mut request = Request::new(());
    let _scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
    let context = Context::of(request.extensions()).unwrap();
    let extensions = request.extensions_mut();
    context.authenticate(AuthSource::Session, AuthState::Unknown, extensions).unwrap();
    context.authenticate(AuthSource::Bearer, AuthState::Anonymous, extensions).unwrap();
    assert!(matches!(AuthState::of(request.extensions()), Ok(AuthState::Unknown)));
}

#[test]
fn what_another_users_layer_found_still_counts() {
    struct Outer(AuthState);
    impl AuthContext for Outer {
        fn state(&self) -> Result<AuthState, Misconfigured> {
            Ok(self.0.clone())
        }
    }
    let behind = |state| {
        let mut request = Request::new(());
        request.extensions_mut().insert(Auth(Arc::new(Outer(state))));
        let scope = RequestScope::enter(&mut request, LayerFlag::Session).unwrap();
        (request, scope)
    };
    let (request, _scope) = behind(AuthState::Anonymous);
    assert!(matches!(AuthState::of(request.extensions()), Ok(AuthState::Anonymous)));

    let (mut request, scope) = behind(AuthState::Unknown);
    let alice = AuthState::Known(Identity::local("alice").build());
    let context = scope.context().clone();
    context.authenticate(AuthSource::Session, alice, request.extensions_mut()).unwrap();
    assert!(matches!(AuthState::of(request.extensions()), Ok(AuthState::Unknown)));
    assert!(request.extensions().get::<Identity>().is_none());
}
