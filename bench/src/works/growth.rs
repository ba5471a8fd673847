//! Works on small and large numbers: the cost must grow no faster than the number.

use std::hint::black_box;

use http::header::SET_COOKIE;
use tower::{Layer as _, service_fn};
use tower_auth::{CookieLayer, Cookies, Identity, KeyRing, Session, SessionLayer};

use super::requests::{alone, get, pair, with_cookie};
use super::session::{layer, live};
use crate::call::{Call, Reply, Request, Response, answer, calls};
use crate::growth::Growth;
use crate::work::Work;

/// The number of runs: each of these works is long.
const TIMES: u32 = 20;
/// The octets of one value in a session of many values.
const VALUE: usize = 56;

/// Every pair, in the order of the table.
pub const GROWTH: &[Growth] = &[
    Growth {
        what: "cookies set in one response",
        few: (50, work("growth: 50 cookies set", plain, set_cookies::<50>)),
        many: (500, work("growth: 500 cookies set", plain, set_cookies::<500>)),
    },
    Growth {
        what: "cookies set and set again in one response",
        few: (50, work("growth: 50 cookies set again", plain, set_again::<50>)),
        many: (500, work("growth: 500 cookies set again", plain, set_again::<500>)),
    },
    Growth {
        what: "cookies removed in one response",
        few: (50, work("growth: 50 cookies removed", plain, remove_cookies::<50>)),
        many: (500, work("growth: 500 cookies removed", plain, remove_cookies::<500>)),
    },
    Growth {
        what: "writes of one value of a session",
        few: (20, work("growth: 20 writes of one value", plain, in_memory::<20, 1>)),
        many: (200, work("growth: 200 writes of one value", plain, in_memory::<200, 1>)),
    },
    Growth {
        what: "writes of as many values of a session",
        few: (20, work("growth: 20 values written", plain, in_memory::<20, 20>)),
        many: (200, work("growth: 200 values written", plain, in_memory::<200, 200>)),
    },
    Growth {
        what: "writes of one value of a session in a cookie",
        few: (20, work("growth: 20 writes in a cookie", plain, in_cookie::<20, 1>)),
        many: (200, work("growth: 200 writes in a cookie", plain, in_cookie::<200, 1>)),
    },
    Growth {
        what: "writes of as many values of a session in a cookie",
        few: (20, work("growth: 20 values in a cookie", plain, in_cookie::<20, 20>)),
        many: (200, work("growth: 200 values in a cookie", plain, in_cookie::<200, 200>)),
    },
    Growth {
        what: "values in a session of which one is read",
        few: (64, work("growth: one read of 4 KB", plain, read_of::<64, 1>)),
        many: (1024, work("growth: one read of 64 KB", plain, read_of::<1024, 1>)),
    },
    Growth {
        what: "values in a session of which one is read five times",
        few: (64, work("growth: five reads of 4 KB", plain, read_of::<64, 5>)),
        many: (1024, work("growth: five reads of 64 KB", plain, read_of::<1024, 5>)),
    },
    Growth {
        what: "reads of one value in a session of 64 KB",
        few: (1, work("growth: one read of 64 KB", plain, read_of::<1024, 1>)),
        many: (5, work("growth: five reads of 64 KB", plain, read_of::<1024, 5>)),
    },
    Growth {
        what: "values in a session of which one is written",
        few: (64, work("growth: one written of 4 KB", plain, write_of::<64>)),
        many: (1024, work("growth: one written of 64 KB", plain, write_of::<1024>)),
    },
];

const fn work(name: &'static str, over: fn() -> Call, make: fn() -> Call) -> Work {
    Work::new(name, over, make).times(TIMES)
}

fn plain() -> Call {
    alone(get(&[]))
}

/// Returns a short name, so that all cookies fit into one response.
fn cookie(number: u32) -> String {
    format!("c{number}")
}

fn cookies_of(request: &Request) -> Cookies {
    Cookies::of(request.extensions()).expect("a layer around the handler")
}

fn set_cookies<const N: u32>() -> Call {
    let set = async |request: Request| -> Reply {
        let cookies = cookies_of(&request);
        for number in 0..N {
            cookies.set((cookie(number), "v")).expect("enough room");
        }
        Ok(Response::default())
    };
    calls(CookieLayer::new().layer(service_fn(set)), get(&[]))
}

fn set_again<const N: u32>() -> Call {
    let set = async |request: Request| -> Reply {
        let cookies = cookies_of(&request);
        for value in ["v", "w"] {
            for number in 0..N {
                cookies.set((cookie(number), value)).expect("enough room");
            }
        }
        Ok(Response::default())
    };
    calls(CookieLayer::new().layer(service_fn(set)), get(&[]))
}

fn remove_cookies<const N: u32>() -> Call {
    let remove = async |request: Request| -> Reply {
        let cookies = cookies_of(&request);
        for number in 0..N {
            cookies.remove(cookie(number)).expect("a valid name");
        }
        Ok(Response::default())
    };
    calls(CookieLayer::new().layer(service_fn(remove)), get(&[]))
}

fn session_of(request: &Request) -> Session {
    Session::of(request.extensions()).expect("a layer around the handler")
}

/// Writes `TIMES` times to `KEYS` keys, in turn.
async fn write<const TIMES: u32, const KEYS: u32>(request: Request) -> Reply {
    let session = session_of(&request);
    for number in 0..TIMES {
        session.insert(&cookie(number % KEYS), &(number % 10)).expect("enough room");
    }
    Ok(Response::default())
}

fn in_memory<const TIMES: u32, const KEYS: u32>() -> Call {
    let (layer, request) = live();
    calls(layer.layer(service_fn(write::<TIMES, KEYS>)), request)
}

/// Creates a new session in each run, because a session in cookies needs another request each time.
fn in_cookie<const TIMES: u32, const KEYS: u32>() -> Call {
    let layer = SessionLayer::in_cookie(&KeyRing::insecure_from_seed(7)).build().expect("sound");
    calls(layer.layer(service_fn(write::<TIMES, KEYS>)), get(&[]))
}

/// Returns a layer whose store holds a session of `VALUES` values, and a request with that session.
fn large<const VALUES: u32>() -> (SessionLayer, Request) {
    let fill = async |request: Request| -> Reply {
        let session = session_of(&request);
        session.login(Identity::local("alice").build()).expect("enough room");
        for number in 0..VALUES {
            session.insert(&cookie(number), &"x".repeat(VALUE)).expect("enough room");
        }
        Ok(Response::default())
    };
    let layer = layer();
    let response = answer(&mut layer.layer(service_fn(fill)), get(&[]));
    let request = with_cookie(pair(&response.headers()[SET_COOKIE]));
    (layer, request)
}

fn read_of<const VALUES: u32, const TIMES: u32>() -> Call {
    let read = async |request: Request| -> Reply {
        let session = session_of(&request);
        for _ in 0..TIMES {
            let value = session.get::<String>(&cookie(VALUES / 2)).expect("a readable value");
            assert!(black_box(value).is_some());
        }
        Ok(Response::default())
    };
    let (layer, request) = large::<VALUES>();
    calls(layer.layer(service_fn(read)), request)
}

fn write_of<const VALUES: u32>() -> Call {
    let write = async |request: Request| -> Reply {
        let key = cookie(VALUES / 2);
        session_of(&request).insert(&key, &"y".repeat(VALUE)).expect("enough room");
        Ok(Response::default())
    };
    let (layer, request) = large::<VALUES>();
    calls(layer.layer(service_fn(write)), request)
}
