//! Key files that other users may open, and the sinks that receive the event.

use std::fs::{Permissions, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::sync::{Arc, Mutex};

use tower_auth_core::Events;
use tower_auth_core::event::{Event, EventKind};

use super::super::KeyRing;

/// Creates a ring from a file with this mode.
fn ring(mode: u32) -> KeyRing {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), KeyRing::generate_key().expose()).unwrap();
    // Set last, so that the mode does not stop the write. The owner's own permissions do not
    // matter.
    set_permissions(file.path(), Permissions::from_mode(mode)).unwrap();
    KeyRing::from_file(file.path()).unwrap()
}

type Emitted = (EventKind, Option<&'static str>);

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Emitted>>>);

impl Log {
    fn events(&self) -> Events {
        let log = self.0.clone();
        Events::new(move |event: &Event<'_>| log.lock().unwrap().push((event.kind, event.reason)))
    }

    fn take(&self) -> Vec<(EventKind, Option<&'static str>)> {
        std::mem::take(&mut self.0.lock().unwrap())
    }
}

#[test]
fn a_file_that_others_may_open_is_reported() {
    let open = |mode, reason| {
        let log = Log::default();
        ring(mode).report(&log.events());
        assert_eq!(log.take(), [(EventKind::KeyFileOpen, Some(reason))], "{mode:o}");
    };
    for mode in [0o644, 0o604, 0o602, 0o646] {
        open(mode, "open_to_everyone");
    }
    for mode in [0o640, 0o660, 0o620] {
        open(mode, "open_to_group");
    }
}

#[test]
fn an_open_files_event_names_the_file_and_what_to_do() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), KeyRing::generate_key().expose()).unwrap();
    set_permissions(file.path(), Permissions::from_mode(0o644)).unwrap();
    let log = tower_auth_test::EventLog::new();
    KeyRing::from_file(file.path()).unwrap().report(&log.events());
    let path = file.path().display();
    let line = "WARN key_file_open KeyRing reason=open_to_everyone";
    assert_eq!(log.take(), [format!("{line} detail={path}: run `chmod 600` on it")]);
}

#[test]
fn a_file_of_its_owners_alone_and_keys_of_no_file_are_not_reported() {
    let log = Log::default();
    for ring in [ring(0o600), ring(0o400), ring(0o700), KeyRing::random()] {
        ring.report(&log.events());
    }
    assert_eq!(log.take(), []);
}

#[test]
fn a_sink_hears_of_it_once_and_the_first_that_there_is() {
    let (ring, log) = (ring(0o644), Log::default());
    ring.report(&Events::none());
    ring.clone().report(&log.events());
    ring.report(&log.events());
    assert_eq!(log.take().len(), 1);
}

/// The layer that is built first reports the file, whatever layer it is.
#[test]
#[cfg(feature = "full")]
fn every_layer_that_takes_a_ring_reports_it() {
    use crate::{
        AnyStore, AuthStack, Clock, CookieLayer, CsrfLayer, MemoryStore, Refresh, SessionLayer,
        Settings,
    };

    let store = || AnyStore::new(MemoryStore::new(Clock::system()));
    let mint = |_: &crate::Identity| Err(crate::refresh::MintError::new("not asked for"));
    type Build<'a> = &'a dyn Fn(&KeyRing, &Settings);
    let build: [(&str, Build<'_>); 6] = [
        ("cookie", &|keys, settings| {
            let _ = CookieLayer::builder().keys(keys).settings(settings).build().unwrap();
        }),
        ("csrf", &|keys, settings| {
            let _ = CsrfLayer::builder(keys).settings(settings).build().unwrap();
        }),
        ("session", &|keys, settings| {
            let _ = SessionLayer::builder(store(), keys).settings(settings).build().unwrap();
        }),
        ("session in a cookie", &|keys, settings| {
            let _ = SessionLayer::in_cookie(keys).settings(settings).build().unwrap();
        }),
        ("refresh", &|keys, settings| {
            Refresh::builder(store(), keys, mint).settings(settings).build().unwrap();
        }),
        ("stack", &|keys, settings| {
            let stack = AuthStack::new(keys).settings(settings).cookies().csrf().session(store());
            let _ = stack.build().unwrap();
        }),
    ];
    for (name, build) in build {
        let (ring, log) = (ring(0o644), Log::default());
        build(&ring, &Settings::new().events(log.events()));
        assert_eq!(log.take().len(), 1, "{name}");
    }
}
