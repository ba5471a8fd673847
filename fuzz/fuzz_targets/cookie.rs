//! Cookies, in and out.
//!
//! The first byte of an input selects the mode.
//!
//! - 0: the rest is `Cookie` lines, separated by line feeds. They must be read as a second, naive
//!   reader reads them, and the protected views return only values that this application created.
//! - 1: a cookie to be set, as a byte for the view, two for attributes, and name, value, path and
//!   domain, separated by 0xFF. The response has exactly that cookie, or no cookie and an error.
#![no_main]

use std::convert::Infallible;
use std::sync::LazyLock;

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response};
use tower::{Layer as _, ServiceExt as _, service_fn};
use tower_auth::KeyRing;
use tower_auth::cookie::{Cookie, CookieError, CookieLayer, Cookies, SameSite};
use tower_auth_fuzz::{SEPARATOR, field, run};

static LAYER: LazyLock<CookieLayer> = LazyLock::new(|| {
    let ring = KeyRing::insecure_from_seeds([7, 6]);
    CookieLayer::builder().keys(&ring).build().expect("a layer")
});

/// `plan=gold`, signed: the same in every process.
static PLAN: LazyLock<String> = LazyLock::new(|| {
    let (_, lines) = serve(&[], |cookies| cookies.signed()?.set(("plan", "gold")));
    pair(&lines[0]).1
});

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let Some((mode, data)) = data.split_first() else { return };
    if mode % 2 == 0 { read(data) } else { write(data) }
});

/// Gives the cookies of these lines to a handler. Returns its result and the `Set-Cookie` lines.
fn serve<T: Clone + Send + Sync + 'static>(
    lines: &[HeaderValue],
    handler: impl Fn(Cookies) -> T,
) -> (T, Vec<String>) {
    #[derive(Clone)]
    struct Result<T>(T);
    let mut request = Request::new(());
    for line in lines {
        request.headers_mut().append(COOKIE, line.clone());
    }
    let inner = service_fn(|request: Request<()>| {
        let result =
            handler(Cookies::of(request.extensions()).expect("a layer around the handler"));
        let mut response = Response::new(());
        response.extensions_mut().insert(Result(result));
        async { Ok::<_, Infallible>(response) }
    });
    let response = run(LAYER.layer(inner).oneshot(request));
    let mut response = response.unwrap_or_else(|never| match never {});
    let result = response.extensions_mut().remove::<Result<T>>().expect("the handler ran").0;
    let lines = response.headers().get_all(SET_COOKIE).iter();
    let lines = lines.map(|it| it.to_str().expect("visible ASCII").to_owned()).collect();
    (result, lines)
}

fn read(data: &[u8]) {
    let lines: Option<Vec<_>> =
        data.split(|byte| *byte == b'\n').map(|it| HeaderValue::from_bytes(it).ok()).collect();
    let Some(lines) = lines else { return };
    let (read, set) = serve(&lines, |cookies| {
        let all: Vec<(String, String)> =
            cookies.iter().map(|it| (it.name().to_owned(), it.value().to_owned())).collect();
        // A look-up by name returns the first of all cookies with this name.
        for (name, _) in all.iter().take(64) {
            let named = all.iter().filter(|it| it.0 == *name).map(|it| &*it.1);
            assert!(cookies.all(name).map(|it| it.value().to_owned()).eq(named.clone()));
            let first = cookies.get(name).map(|it| it.value().to_owned());
            assert_eq!(first.as_deref(), named.clone().next());
            let signed = cookies.signed().expect("keys").get(name);
            if let Some(cookie) = &signed {
                assert_eq!(cookie.name_value(), ("plan", "gold"), "a signature was forged");
                assert_eq!(cookie.name(), name);
                assert_eq!(first.as_deref(), Some(&**PLAN));
            }
            assert_eq!(cookies.encrypted().expect("keys").get_bytes(name), None);
            let _ = cookies.encoded().get_bytes(name);
        }
        for name in ["", "=", ";", " ", "__Host-session", "nobody's"] {
            let there = all.iter().any(|it| it.0 == name);
            assert_eq!(cookies.get(name).is_some(), there);
        }
        all
    });
    assert!(set.is_empty(), "reading sets a cookie");

    let mut expected = Vec::new();
    for part in lines.iter().flat_map(|line| line.as_bytes().split(|byte| *byte == b';')) {
        let Some(equals) = part.iter().position(|byte| *byte == b'=') else { continue };
        let texts = (str::from_utf8(&part[..equals]), str::from_utf8(&part[equals + 1..]));
        let (Ok(name), Ok(value)) = texts else { continue };
        let (name, value) = (name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']));
        if !name.is_empty() {
            expected.push((name.to_owned(), value.to_owned()));
        }
    }
    assert_eq!(read, expected);
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum View {
    Plain,
    Signed,
    Encrypted,
    Encoded,
}

fn write(data: &[u8]) {
    let Some((&[view, flags, more], data)) = data.split_first_chunk() else { return };
    let view = [View::Plain, View::Signed, View::Encrypted, View::Encoded][view as usize % 4];
    let mut fields = data.splitn(4, |byte| *byte == SEPARATOR);
    let (name, value) = (field(&mut fields), field(&mut fields));
    let (path, domain) = (field(&mut fields), field(&mut fields));

    let mut meant = Cookie::new(name.clone(), value.clone());
    if flags & 1 != 0 {
        meant.set_path(path);
    }
    if flags & 2 != 0 {
        meant.set_domain(domain);
    }
    if flags & 4 != 0 {
        meant.set_secure(flags & 8 != 0);
    }
    if flags & 16 != 0 {
        meant.set_http_only(flags & 32 != 0);
    }
    if flags & 64 != 0 {
        meant.set_partitioned(true);
    }
    match more & 3 {
        0 => {}
        1 => meant.set_same_site(SameSite::Strict),
        2 => meant.set_same_site(SameSite::Lax),
        _ => meant.set_same_site(SameSite::None),
    }
    let (result, lines) = serve(&[], |cookies| match view {
        View::Plain => cookies.set(meant.clone()),
        View::Signed => cookies.signed()?.set(meant.clone()),
        View::Encrypted => cookies.encrypted()?.set(meant.clone()),
        View::Encoded => cookies.encoded().set(meant.clone()),
    });
    match result {
        Err(error) => assert!(lines.is_empty(), "{error}, but also {lines:?}"),
        Ok(()) => {
            assert_eq!(lines.len(), 1, "{lines:?}");
            left(&meant, view, &lines[0]);
        }
    }
    let (result, lines) = serve(&[], |cookies| cookies.remove(meant.clone()));
    match result {
        Err(_) => assert!(lines.is_empty()),
        Ok(()) => {
            assert_eq!(lines.len(), 1);
            assert_eq!(pair(&lines[0]), (name, String::new()));
            assert!(attributes(&lines[0]).contains(&("Max-Age", "0")));
        }
    }
}

/// Asserts that the line contains exactly the cookie's values, and that the cookie can be read
/// back.
fn left(meant: &Cookie<'_>, view: View, line: &str) {
    let (name, value) = pair(line);
    assert_eq!(name, meant.name());
    assert!(name.len() + value.len() <= 4096);
    if view == View::Plain {
        assert_eq!(value, meant.value());
    }
    let same_site = meant.same_site().unwrap_or(SameSite::Lax).to_string();
    let mut expected = vec![("SameSite", &*same_site), ("Path", meant.path().unwrap_or("/"))];
    expected.push(("Secure", ""));
    if meant.http_only() != Some(false) {
        expected.push(("HttpOnly", ""));
    }
    if meant.partitioned() == Some(true) {
        expected.push(("Partitioned", ""));
    }
    expected.extend(meant.domain().map(|domain| ("Domain", domain)));
    expected.sort_unstable();
    let mut said = attributes(line);
    said.sort_unstable();
    assert_eq!(said, expected);

    let back = HeaderValue::try_from(format!("a=b; {name}={value}; c=d")).expect("a header");
    let (read, _) = serve(&[back], |cookies| {
        let cookie = match view {
            View::Plain => cookies.get(&name),
            View::Signed => cookies.signed()?.get(&name),
            View::Encrypted => cookies.encrypted()?.get(&name),
            View::Encoded => cookies.encoded().get(&name),
        };
        Ok::<_, CookieError>(cookie.map(|it| it.value().to_owned()))
    });
    // The result differs for a name that the header already holds.
    if !["a", "c"].contains(&&*name) {
        assert_eq!(read.expect("keys").as_deref(), Some(meant.value()));
    }
}

/// Returns name and value, as a browser reads them (RFC 6265bis, 5.6).
fn pair(line: &str) -> (String, String) {
    let pair = line.split(';').next().unwrap_or_default();
    let (name, value) = pair.split_once('=').expect("a pair");
    (name.trim_matches([' ', '\t']).to_owned(), value.trim_matches([' ', '\t']).to_owned())
}

fn attributes(line: &str) -> Vec<(&str, &str)> {
    line.split(';')
        .skip(1)
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (name.trim_matches([' ', '\t']), value.trim_matches([' ', '\t']))
        })
        .collect()
}
