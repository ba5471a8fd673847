//! Cookies with the same name in several scopes, and the log behind them.

use cookie::time::Duration;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Request, Response};
use proptest::prelude::*;
use tower::{Layer, ServiceExt, service_fn};

use super::{CookieLayer, block_on, lines, pair, through, writing};
use crate::cookie::{Cookie, CookieBuilder, CookieError, Cookies};
use crate::jar::{Jar, is_removal, removal};

fn at(path: &str) -> CookieBuilder<'static> {
    Cookie::build(("a", "1")).path(path.to_owned())
}

#[test]
fn ck_03_each_scope_of_a_name_has_one_line_and_its_last_write_counts() {
    let (_, lines) = writing(|cookies| {
        cookies.set(at("/")).unwrap();
        cookies.set(at("/x")).unwrap();
        cookies.set(at("/").domain("app.example")).unwrap();
        // The same three cookies again: case and a leading dot do not change the domain.
        cookies.set(at("/x").http_only(false)).unwrap();
        cookies.set(at("/").domain(".APP.example").max_age(Duration::DAY)).unwrap();
        cookies.remove(at("/")).unwrap();
    });
    assert_eq!(lines.len(), 3, "{lines:?}");
    let line = |scope: &str| lines.iter().find(|line| line.contains(scope)).unwrap();
    assert!(line("Max-Age=0").starts_with("a=;") && !line("Max-Age=0").contains("Domain"));
    assert!(!line("Path=/x").contains("HttpOnly"));
    assert!(line("Domain=APP.example").contains("Max-Age=86400"));
}

#[test]
fn a_cookie_moves_to_another_scope_in_one_response() {
    let read = |work: fn(&Cookies)| {
        let read = |cookies: &Cookies| {
            work(cookies);
            cookies.get("a").map(|it| it.value().to_owned())
        };
        through(&CookieLayer::new(), &[b"a=came"], read).0
    };
    // In either order, a read returns the cookie that was set.
    assert_eq!(read(|it| it.set(at("/")).and(it.remove(at("/old"))).unwrap()).unwrap(), "1");
    assert_eq!(read(|it| it.remove(at("/old")).and(it.set(at("/"))).unwrap()).unwrap(), "1");
    assert_eq!(read(|it| it.set(at("/")).and(it.remove(at("/"))).unwrap()), None);
    assert_eq!(read(|it| it.remove(at("/old")).unwrap()), None);
    // Of two set cookies, a read returns the newer one, or the older one once the newer is removed.
    let two = |it: &Cookies| {
        it.set(("a", "older")).unwrap();
        it.set(at("/x")).unwrap();
    };
    let (values, _) = writing(|cookies| {
        two(cookies);
        let newer = cookies.get("a").unwrap().value().to_owned();
        cookies.remove(at("/x")).unwrap();
        [newer, cookies.get("a").unwrap().value().to_owned()]
    });
    assert_eq!(values, ["1", "older"]);
}

#[test]
fn ck_03_a_handlers_own_line_in_another_scope_stays() {
    let own = ["a=theirs; Path=/x", "a=theirs; Path=/; Domain=app.example", "a=theirs; Path=/"];
    let handler = service_fn(async |request: Request<()>| {
        let cookies = Cookies::of(request.extensions()).unwrap();
        cookies.set(("a", "ours"))?;
        let mut response = Response::new(());
        for line in own {
            response.headers_mut().append(SET_COOKIE, HeaderValue::from_static(line));
        }
        Ok::<_, CookieError>(response)
    });
    let response = block_on(CookieLayer::new().layer(handler).oneshot(Request::new(()))).unwrap();
    let lines = lines(response.headers());
    assert_eq!(lines[..2], own[..2]);
    assert!(lines.len() == 3 && lines[2].starts_with("a=ours"), "{lines:?}");
}

/// A header of 150 KiB, which servers accept, contains 16,000 pairs.
#[test]
fn ck_25_reading_and_removing_all_that_came_costs_in_proportion() {
    let came: Vec<_> = (0..16_000).map(|at| format!("c{at:x}=1;")).collect();
    let (left, headers) = through(&CookieLayer::new(), &[came.concat().as_bytes()], |cookies| {
        let names: Vec<_> = cookies.iter().map(|it| it.name().to_owned()).collect();
        for name in &names {
            cookies.set((name.clone(), "")).unwrap_or_default();
            cookies.remove(name.clone()).unwrap();
        }
        names.iter().filter(|name| cookies.encoded().get(name).is_some()).count()
    });
    assert_eq!((left, lines(&headers).len()), (0, 16_000));
}

/// A cookie that is set repeatedly takes the space of one.
#[test]
fn ck_25_setting_one_cookie_again_and_again_costs_in_proportion() {
    let (_, lines) = writing(|cookies| {
        for turn in 0..50_000 {
            cookies.set(("a", turn.to_string())).unwrap();
            cookies.remove("a").unwrap();
        }
    });
    assert_eq!(lines.len(), 1);
}

fn jar() -> Jar {
    Jar::new(&mut HeaderMap::new())
}

fn flushed(jar: &Jar) -> Vec<String> {
    let mut headers = HeaderMap::new();
    jar.flush(http::StatusCode::OK, &mut headers);
    lines(&headers)
}

#[test]
fn a_removal_elsewhere_stands_beside_the_cookie_and_is_seen_by_no_read() {
    let jar = jar();
    jar.remove_elsewhere(at("/").domain("example").build()).unwrap();
    assert!(jar.written("a").is_none(), "what came stays");
    jar.write_credential(at("/").build()).unwrap();
    jar.remove_elsewhere(at("/x").build()).unwrap();
    assert_eq!(jar.written("a").unwrap().value(), "1");
    let lines = flushed(&jar);
    // The removals come first, because some old clients take a `Domain` for the host.
    assert_eq!(lines.iter().map(|it| pair(it)).collect::<Vec<_>>(), ["a=", "a=", "a=1"]);
    assert!(lines[0].contains("Domain=example") && lines[1].contains("Path=/x"));
}

#[test]
fn a_removal_elsewhere_takes_away_nothing_that_is_set() {
    for elsewhere_first in [true, false] {
        let jar = jar();
        let elsewhere = || jar.remove_elsewhere(at("/").build()).unwrap();
        if elsewhere_first {
            elsewhere();
        }
        jar.write_credential(at("/").build()).unwrap();
        if !elsewhere_first {
            elsewhere();
        }
        assert_eq!(flushed(&jar).iter().map(|it| pair(it)).collect::<Vec<_>>(), ["a=1"]);
    }
}

/// A call to a jar.
#[derive(Clone, Debug)]
enum Step {
    Write {
        name: usize,
        path: usize,
        value: usize,
        remove: bool,
    },
    Elsewhere {
        name: usize,
        path: usize,
    },
    #[cfg(feature = "session")]
    Withdraw {
        name: usize,
    },
    LayerFlag,
    RollBack,
}

fn step() -> impl Strategy<Value = Step> {
    let (name, path) = (|| 0..12_usize, || 0..3_usize);
    let write = (name(), path(), 0..30_usize, any::<bool>());
    let write = write
        .prop_map(|(name, path, value, remove)| Step::Write { name, path, value, remove })
        .boxed();
    let elsewhere = (name(), path()).prop_map(|(name, path)| Step::Elsewhere { name, path });
    prop_oneof![
        8 => write,
        2 => elsewhere,
        #[cfg(feature = "session")]
        1 => name().prop_map(|name| Step::Withdraw { name }),
        1 => Just(Step::LayerFlag),
        1 => Just(Step::RollBack),
    ]
}

fn cookie(name: usize, path: usize, value: usize) -> Cookie<'static> {
    let cookie = Cookie::build((format!("c{name}"), "v".repeat(value)));
    cookie.path(format!("/{path}")).build()
}

/// The specification of the log: a plain list that is searched, without index, counters or
/// replacement.
#[derive(Default)]
struct Model(Vec<(Cookie<'static>, bool, bool)>);

impl Model {
    fn in_force(&self) -> Vec<(&Cookie<'static>, bool)> {
        let mut all: Vec<(&Cookie<'static>, bool)> = Vec::new();
        for (cookie, elsewhere, _) in self.0.iter().filter(|(.., withdrawn)| !withdrawn) {
            let key = |it: &Cookie<'_>| (it.name().to_owned(), it.path().map(str::to_owned));
            let same = all.iter().position(|(it, _)| key(it) == key(cookie));
            match same {
                Some(same) if *elsewhere && !all[same].1 => {}
                Some(same) => all[same] = (cookie, *elsewhere),
                None => all.push((cookie, *elsewhere)),
            }
        }
        all
    }

    fn written(&self, name: &str) -> Option<Cookie<'static>> {
        let newest = |removed: bool| {
            let in_force = self.in_force();
            let is_it = |it: &&(Cookie<'static>, bool, bool)| {
                it.0.name() == name
                    && is_removal(&it.0) == removed
                    && !it.2
                    && in_force.iter().any(|(c, elsewhere)| std::ptr::eq(*c, &it.0) && !elsewhere)
            };
            self.0.iter().rev().find(is_it).map(|it| it.0.clone())
        };
        newest(false).or_else(|| newest(true))
    }
}

proptest! {
    #[test]
    fn ck_03_the_log_is_what_a_search_through_all_writes_finds(
        steps in proptest::collection::vec(step(), 0..80),
    ) {
        let (jar, mut model) = (jar(), Model::default());
        let mut marks = vec![(jar.mark(), 0)];
        for step in steps {
            match step {
                Step::Write { name, path, value, remove } => {
                    let set = cookie(name, path, value);
                    let cookie = if remove { removal(set) } else { set };
                    jar.write_credential(cookie.clone()).unwrap();
                    model.0.push((cookie, false, false));
                }
                Step::Elsewhere { name, path } => {
                    jar.remove_elsewhere(cookie(name, path, 0)).unwrap();
                    model.0.push((removal(cookie(name, path, 0)), true, false));
                }
                #[cfg(feature = "session")]
                Step::Withdraw { name } => {
                    jar.withdraw(&format!("c{name}"));
                    let named = model.0.iter_mut().filter(|it| it.0.name() == format!("c{name}"));
                    named.for_each(|it| it.2 = true);
                }
                Step::LayerFlag => marks.push((jar.mark(), model.0.len())),
                Step::RollBack => {
                    let (mark, length) = marks.pop().unwrap();
                    jar.roll_back(mark);
                    model.0.truncate(length);
                    if marks.is_empty() {
                        marks.push((jar.mark(), 0));
                    }
                }
            }
        }
        for name in (0..12).map(|it| format!("c{it}")) {
            let (one, other) = (jar.written(&name), model.written(&name));
            // Of two removals, either is correct: they state the same about the name.
            let told = |it: Option<Cookie<'_>>| it.map(|it| (is_removal(&it), it.to_string()));
            let is_removed = other.as_ref().is_some_and(is_removal);
            if is_removed {
                prop_assert!(one.is_some_and(|it| is_removal(&it)));
            } else {
                prop_assert_eq!(told(one), told(other));
            }
        }
        let mut expected: Vec<_> =
            model.in_force().iter().map(|(cookie, _)| cookie.to_string()).collect();
        let mut sent = flushed(&jar);
        // Compares only name and scope, because `Expires` depends on the time.
        let scope = |line: &mut String| line.truncate(line.find("; Expires").unwrap_or(line.len()));
        expected.iter_mut().for_each(scope);
        sent.iter_mut().for_each(scope);
        expected.sort_unstable();
        sent.sort_unstable();
        prop_assert_eq!(sent, expected);
    }
}
