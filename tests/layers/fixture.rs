//! The whole stack over a store that waits at each step, with a clock that only the test moves.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderMap, Request, Response, StatusCode};
use tower::{ServiceBuilder, ServiceExt as _};
use tower_auth::session::SessionError;
use tower_auth::{
    CookieLayer, CsrfLayer, Identity, KeyRing, MemoryStore, Rejection, Session, SessionLayer,
    Settings,
};
use tower_auth_core::store::{Key, Load, RecordId, RecordKind, Store, StoreError};
use tower_auth_test::intercept::{Answer, Call, Intercept, Interceptor};
use tower_auth_test::{FaultyStore, TestClock};

/// Makes its caller wait once *after* each step as well: the step is done and its answer has not
/// arrived. That is the worst moment to drop a future.
#[derive(Default)]
pub(crate) struct Late(AtomicBool);

impl<S: Store> Interceptor<S> for Late {
    async fn call(&self, store: &S, call: Call<'_>) -> Result<Answer, StoreError> {
        let answer = call.run(store).await;
        if self.0.load(Ordering::Relaxed) {
            once_pending().await;
        }
        answer
    }
}

async fn once_pending() {
    let mut waited = false;
    poll_fn(|task| {
        if std::mem::replace(&mut waited, true) {
            return Poll::Ready(());
        }
        task.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// One action of a handler.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Insert(&'static str),
    Count,
    Login(&'static str),
    Logout,
    Commit,
    /// Polls a commit this number of times, then drops it and continues.
    CommitFor(usize),
    LogoutFor(usize),
    /// Records whether the session is still the one of the request.
    Read,
}

pub(crate) async fn perform(session: &Session, act: Act) -> Result<(), SessionError> {
    match act {
        Act::Insert(key) => session.insert(key, &1),
        Act::Count => session.update("count", |count: Option<u32>| count.unwrap_or(0) + 1),
        Act::Login(who) => session.login(Identity::local(who).build()),
        Act::Logout => session.logout().await,
        Act::Commit => session.commit().await,
        Act::CommitFor(times) => give_up(session.commit(), times).await,
        Act::LogoutFor(times) => give_up(session.logout(), times).await,
        Act::Read => session.get::<u32>("count").map(drop),
    }
}

/// Polls `times` times, like the losing branch of a `select`, and then drops the future.
async fn give_up(
    future: impl Future<Output = Result<(), SessionError>>,
    times: usize,
) -> Result<(), SessionError> {
    let mut future = pin!(future);
    for _ in 0..times {
        let polled = poll_fn(|task| Poll::Ready(future.as_mut().poll(task))).await;
        if let Poll::Ready(done) = polled {
            return done;
        }
        once_pending().await;
    }
    Ok(())
}

pub(crate) type Sent = Pin<Box<dyn Future<Output = Reply> + Send>>;

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

impl Reply {
    /// Returns the session cookie that the response sets.
    pub(crate) fn credential(&self) -> Option<String> {
        let lines = self.headers.get_all(SET_COOKIE).iter();
        let mut values = lines.filter_map(|line| {
            let value = line.to_str().unwrap().strip_prefix("__Host-session=")?;
            value.split(';').next().filter(|value| !value.is_empty()).map(String::from)
        });
        let value = values.next();
        assert!(values.next().is_none(), "a name was set twice");
        value
    }
}

pub(crate) struct Fixture {
    pub(crate) store: FaultyStore<Intercept<MemoryStore, Late>>,
    pub(crate) time: TestClock,
    pub(crate) session: SessionLayer,
    pub(crate) csrf: CsrfLayer,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let time = TestClock::new();
        let memory = MemoryStore::new(time.clock());
        let store = FaultyStore::new(Intercept::with(memory, Late::default()));
        let keys = KeyRing::insecure_from_seed(7);
        let session = SessionLayer::builder(store.clone(), &keys)
            .settings(&Settings::new().clock(time.clock()))
            .build()
            .unwrap();
        Self { store, time, session, csrf: CsrfLayer::new(&keys) }
    }

    /// Makes every later store step pending once before it is done, and once after.
    pub(crate) fn slow(&self) {
        self.store.pending_once();
        self.store.inner().interceptor().0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn request(cookie: Option<&str>) -> Request<()> {
        let mut request =
            Request::post("/").header("sec-fetch-site", "same-origin").body(()).unwrap();
        if let Some(cookie) = cookie {
            let line = format!("__Host-session={cookie}").parse().unwrap();
            request.headers_mut().insert(COOKIE, line);
        }
        request
    }

    /// Sends a request through the whole stack. Nothing happens before the first poll.
    pub(crate) fn send(&self, cookie: Option<&str>, acts: &[Act]) -> Sent {
        let acts = acts.to_vec();
        self.send_to(cookie, move |session| {
            let acts = acts.clone();
            async move {
                for act in acts {
                    perform(&session, act).await?;
                }
                Ok(())
            }
        })
    }

    pub(crate) fn send_to<F, Fut>(&self, cookie: Option<&str>, handler: F) -> Sent
    where
        F: Fn(Session) -> Fut + Clone + Send + 'static,
        Fut: Future<Output = Result<(), SessionError>> + Send + 'static,
    {
        let service = ServiceBuilder::new()
            .layer(CookieLayer::new())
            .layer(self.csrf.clone())
            .layer(self.session.clone())
            .service_fn(move |request: Request<()>| {
                let done = handler(Session::of(request.extensions()).unwrap());
                async move { Ok::<_, Infallible>(answer(done.await)) }
            });
        let request = Self::request(cookie);
        Box::pin(async move {
            let response = service.oneshot(request).await.unwrap();
            Reply { status: response.status(), headers: response.headers().clone() }
        })
    }

    /// Returns a summary of the session that the next request with this cookie sees.
    pub(crate) fn look(&self, cookie: &str) -> String {
        let (put, look) = std::sync::mpsc::channel();
        let now = self.time.now();
        let reply = finish(self.send_to(Some(cookie), move |session| {
            let mut words = Vec::new();
            if let Some(expires) = session.expires_at() {
                let who = session.identity().unwrap();
                words.push(who.map_or("anonymous".into(), |it| it.subject().to_owned()));
                words.push(format!("{}m", expires.since(now).as_secs() / 60));
            }
            if let Some(count) = session.get::<u32>("count").unwrap() {
                words.push(format!("count={count}"));
            }
            let keys = ["a", "b"].into_iter();
            words.extend(
                keys.filter(|key| session.get::<u32>(key).unwrap().is_some()).map(String::from),
            );
            put.send(words.join(" ")).unwrap();
            async { Ok(()) }
        }));
        assert_eq!(reply.status, StatusCode::OK, "a request that only reads failed");
        let look = look.recv().unwrap();
        if look.is_empty() { "nothing".into() } else { look }
    }

    /// Returns the id of the record that belongs to a cookie.
    pub(crate) fn id(&self, cookie: &str) -> RecordId {
        let (put, name) = std::sync::mpsc::channel();
        finish(self.send_to(Some(cookie), move |session| {
            put.send(session.id()).unwrap();
            async { Ok(()) }
        }));
        name.recv().unwrap().expect("a live session")
    }

    /// Returns the record itself, directly from the store.
    pub(crate) fn record(&self, id: RecordId) -> Load {
        let key = Key::new(RecordKind::Session, id);
        self.store.inner().inner().load_now(&key).expect("memory knows")
    }
}

/// Answers a handler's error as an application would.
pub(crate) fn answer(done: Result<(), SessionError>) -> Response<String> {
    let mut response = Response::new(String::new());
    if let Err(error) = done {
        *response.status_mut() = Rejection::from(error).status();
    }
    response
}

/// Polls up to `times` times. Returns `None` if the future is not done by then, and drops it.
pub(crate) fn poll_times(mut future: Sent, times: usize) -> Option<Reply> {
    let mut task = Context::from_waker(Waker::noop());
    (0..times).find_map(|_| match future.as_mut().poll(&mut task) {
        Poll::Ready(reply) => Some(reply),
        Poll::Pending => None,
    })
}

/// Polls until the future is done. Panics if it does not complete.
pub(crate) fn finish(future: Sent) -> Reply {
    poll_times(future, 1000).expect("the request never completes: a lock or a place is still held")
}
