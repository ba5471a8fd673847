//! The requests that a client sends, and the actions of the handler.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// An action of the handler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Nothing,
    Read,
    Write,
    Login(&'static str),
    Logout,
    Update,
    SetCookies,
    IssueToken,
    BeginRefresh,
    EndOwnSession,
    Commit,
    PassSessionError,
    Unauthorized,
    Forbidden,
    Extract,
    Fail,
    Panic,
    PanicInCall,
}

/// The contents of the cookie header, besides the browser's jar.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cookies {
    Jar,
    None,
    WithJunk,
    Twice,
    InConflict,
    Forged,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Authorization {
    Valid(&'static str),
    Expired,
    Malformed,
    Basic,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Token {
    Right,
    Wrong,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    /// Seconds since the previous request.
    pub(crate) later: u64,
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) fetch_site: Option<&'static str>,
    pub(crate) navigates: bool,
    pub(crate) origin: Option<&'static str>,
    pub(crate) cookies: Cookies,
    pub(crate) authorization: Option<Authorization>,
    pub(crate) token: Option<Token>,
    pub(crate) content_type: Option<&'static str>,
    /// Sends the refresh token in a form instead of a cookie.
    pub(crate) form: bool,
    pub(crate) act: Act,
    /// The handler is pending once, and this many seconds pass meanwhile.
    pub(crate) waits: Option<u64>,
    /// Each store step is pending before and after it takes effect.
    pub(crate) slow: bool,
    /// This store step of the request fails.
    pub(crate) fails: Option<usize>,
    /// The future is dropped after this number of polls.
    pub(crate) dropped: Option<usize>,
}

#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// The application holds `Sessions`.
    pub(crate) watched: bool,
    pub(crate) steps: Vec<Step>,
}

/// Most clients log in first. If the stack requires an identity, they use a token to reach the
/// handler.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    let first = prop::sample::subsequence(vec![Act::Login("alice"), Act::BeginRefresh], 0..=2);
    (any::<bool>(), first, vec(step(), 2..8)).prop_map(|(watched, first, mut steps)| {
        let first = first.into_iter().map(|act| Step {
            later: 0,
            method: "POST",
            path: "/",
            fetch_site: Some("same-origin"),
            navigates: false,
            origin: Some("https://app.example"),
            cookies: Cookies::Jar,
            authorization: Some(Authorization::Valid("alice")),
            token: None,
            content_type: None,
            form: false,
            act,
            waits: None,
            slow: false,
            fails: None,
            dropped: None,
        });
        steps.splice(0..0, first);
        Case { watched, steps }
    })
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        2 => Just(Act::Nothing),
        2 => Just(Act::Read),
        3 => Just(Act::Write),
        4 => Just(Act::Login("alice")),
        2 => Just(Act::Login("bob")),
        2 => Just(Act::BeginRefresh),
        2 => Just(Act::IssueToken),
        10 => prop::sample::select(vec![
            Act::Logout,
            Act::Update,
            Act::SetCookies,
            Act::EndOwnSession,
            Act::Commit,
            Act::PassSessionError,
            Act::Unauthorized,
            Act::Forbidden,
            Act::Extract,
            Act::Fail,
            Act::Panic,
            Act::PanicInCall,
        ]),
    ]
}

fn line() -> impl Strategy<Value = (&'static str, &'static str, Option<&'static str>, bool)> {
    (
        prop_oneof![3 => Just("GET"), 6 => Just("POST"), 1 => Just("PUT"), 1 => Just("OPTIONS")],
        prop_oneof![
            12 => Just("/"),
            2 => Just("/tokened"),
            3 => Just("/auth/refresh"),
            1 => Just("/auth/revoke"),
        ],
        prop_oneof![
            6 => Just(Some("same-origin")),
            1 => Just(Some("none")),
            1 => Just(Some("same-site")),
            1 => Just(Some("cross-site")),
            2 => Just(None),
        ],
        any::<bool>(),
    )
}

fn carried()
-> impl Strategy<Value = (Option<&'static str>, Cookies, Option<Authorization>, Option<Token>)> {
    (
        prop_oneof![
            3 => Just(None),
            5 => Just(Some("https://app.example")),
            1 => Just(Some("https://evil.example")),
            1 => Just(Some("null")),
        ],
        prop_oneof![
            12 => Just(Cookies::Jar),
            1 => Just(Cookies::None),
            1 => Just(Cookies::WithJunk),
            1 => Just(Cookies::Twice),
            2 => Just(Cookies::InConflict),
            1 => Just(Cookies::Forged),
        ],
        prop_oneof![
            5 => Just(None),
            4 => Just(Some(Authorization::Valid("alice"))),
            1 => Just(Some(Authorization::Valid("bob"))),
            1 => Just(Some(Authorization::Expired)),
            1 => Just(Some(Authorization::Malformed)),
            1 => Just(Some(Authorization::Basic)),
        ],
        prop_oneof![
            3 => Just(None),
            3 => Just(Some(Token::Right)),
            1 => Just(Some(Token::Wrong)),
        ],
    )
}

fn weather() -> impl Strategy<Value = (u64, Option<u64>, bool, Option<usize>, Option<usize>)> {
    (
        prop::sample::select(vec![0, 0, 1, 15, 90, 200, 1000, 2000]),
        weighted(0.3, prop::sample::select(vec![0, 1, 900, 1000])),
        any::<bool>(),
        weighted(0.15, 0..4_usize),
        weighted(0.15, 0..6_usize),
    )
}

prop_compose! {
    fn any_step()(
        (method, path, fetch_site, navigates) in line(),
        (origin, cookies, authorization, token) in carried(),
        content_type in prop_oneof![
            6 => Just(None),
            1 => Just(Some("application/grpc")),
            1 => Just(Some("application/grpc-web+json")),
        ],
        form in weighted(0.3, Just(())),
        act in act(),
        (later, waits, slow, fails, dropped) in weather(),
    ) -> Step {
        Step {
            later, method, path, fetch_site, navigates, origin, cookies, authorization, token,
            content_type, form: form.is_some(), act, waits, slow, fails, dropped,
        }
    }
}

/// Half of the requests are ordinary, so that the others have something to disturb.
fn step() -> impl Strategy<Value = Step> {
    let ordinary = any_step().prop_map(|step| Step {
        fetch_site: Some("same-origin"),
        navigates: false,
        origin: Some("https://app.example"),
        cookies: Cookies::Jar,
        authorization: step.authorization.filter(|it| matches!(it, Authorization::Valid(_))),
        token: Some(Token::Right),
        content_type: None,
        fails: None,
        dropped: None,
        ..step
    });
    prop_oneof![any_step(), ordinary]
}
