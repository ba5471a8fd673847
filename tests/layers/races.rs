//! Concurrent requests on one session, on several threads: each acknowledged change is stored once.

use std::convert::Infallible;
use std::sync::Arc;

use http::header::{COOKIE, SET_COOKIE};
use http::{Request, Response, StatusCode};
use tokio::sync::Barrier;
use tower::{ServiceBuilder, ServiceExt as _};
use tower_auth::{CookieLayer, CsrfLayer, KeyRing, MemoryStore, Session, SessionLayer, Settings};
use tower_auth_test::{FaultyStore, TestClock};

use crate::fixture::{Act, answer, perform};

const TASKS: usize = 64;

/// Several processes that share a store, and a session in it.
struct Cluster {
    nodes: Vec<SessionLayer>,
    csrf: CsrfLayer,
    cookie: String,
    time: TestClock,
    store: FaultyStore<MemoryStore>,
}

/// The result of one request.
struct Outcome {
    status: StatusCode,
    gave_cookie: bool,
    cookie: Option<String>,
}

impl Cluster {
    async fn new(nodes: usize, begin: &[Act]) -> Self {
        let time = TestClock::new();
        let store = FaultyStore::new(MemoryStore::new(time.clock()));
        let keys = KeyRing::insecure_from_seed(7);
        let node = || {
            let builder = SessionLayer::builder(store.clone(), &keys);
            builder.settings(&Settings::new().clock(time.clock())).build().unwrap()
        };
        let nodes = (0..nodes).map(|_| node()).collect();
        let csrf = CsrfLayer::new(&keys);
        let store = store.clone();
        let mut cluster = Self { nodes, csrf, cookie: String::new(), time, store };
        cluster.cookie = cluster.send(0, begin.to_vec()).await.cookie.unwrap();
        cluster
    }

    async fn send(&self, node: usize, acts: Vec<Act>) -> Outcome {
        let service = ServiceBuilder::new()
            .layer(CookieLayer::new())
            .layer(self.csrf.clone())
            .layer(self.nodes[node % self.nodes.len()].clone())
            .service_fn(move |request: Request<()>| {
                let session = Session::of(request.extensions()).unwrap();
                let acts = acts.clone();
                async move {
                    let mut done = Ok(());
                    for act in acts {
                        if done.is_ok() {
                            done = perform(&session, act).await;
                        }
                    }
                    // Lets other requests run in between.
                    tokio::task::yield_now().await;
                    Ok::<_, Infallible>(answer(done))
                }
            });
        let mut request =
            Request::post("/").header("sec-fetch-site", "same-origin").body(()).unwrap();
        if !self.cookie.is_empty() {
            let line = format!("__Host-session={}", self.cookie).parse().unwrap();
            request.headers_mut().insert(COOKIE, line);
        }
        let response: Response<String> = service.oneshot(request).await.unwrap();
        let cookie = response.headers().get(SET_COOKIE).and_then(|line| {
            let value = line.to_str().unwrap().strip_prefix("__Host-session=")?;
            value.split(';').next().filter(|value| !value.is_empty()).map(String::from)
        });
        Outcome { status: response.status(), gave_cookie: cookie.is_some(), cookie }
    }

    /// Sends all requests at once, on the nodes in turn.
    async fn all(self: &Arc<Self>, acts: impl Fn(usize) -> Vec<Act>) -> Vec<Outcome> {
        let start = Arc::new(Barrier::new(TASKS));
        let tasks: Vec<_> = (0..TASKS)
            .map(|at| {
                let (cluster, acts, start) = (self.clone(), acts(at), start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    cluster.send(at, acts).await
                })
            })
            .collect();
        let mut outcomes = Vec::new();
        for task in tasks {
            outcomes.push(task.await.unwrap());
        }
        outcomes
    }

    async fn count(&self) -> Option<u32> {
        let (put, got) = std::sync::mpsc::channel();
        let service = ServiceBuilder::new().layer(self.nodes[0].clone()).service_fn(
            move |request: Request<()>| {
                let session = Session::of(request.extensions()).unwrap();
                put.send(session.get::<u32>("count").unwrap()).unwrap();
                async { Ok::<_, Infallible>(Response::new(String::new())) }
            },
        );
        let request = Request::get("/")
            .header(COOKIE, format!("__Host-session={}", self.cookie))
            .body(())
            .unwrap();
        service.oneshot(request).await.unwrap();
        got.recv().unwrap()
    }
}

async fn count_exactly(nodes: usize, slow: bool) {
    let mut busy = 0;
    for _ in 0..10 {
        let cluster = Arc::new(Cluster::new(nodes, &[Act::Count]).await);
        if slow {
            cluster.store.pending_once();
        }
        let outcomes = cluster.all(|_| vec![Act::Count]).await;
        let of = |status| outcomes.iter().filter(|it| it.status == status).count();
        let counted = of(StatusCode::OK);
        // 503 means that nothing was saved, and is the only other documented status.
        assert_eq!(counted + of(StatusCode::SERVICE_UNAVAILABLE), TASKS);
        busy += TASKS - counted;
        let expected = u32::try_from(1 + counted).unwrap();
        assert_eq!(cluster.count().await, Some(expected), "a change was lost or repeated");
        assert!(outcomes.iter().all(|it| !it.gave_cookie), "a request renewed the session");
    }
    println!("{nodes} nodes, slow store {slow}: {busy} of {} were refused as busy", 10 * TASKS);
    // On one node the writers queue after a conflict, and succeed.
    assert!(nodes > 1 || busy < TASKS / 10, "{busy} writers were turned away");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn se_18_d03_sixty_four_writers_count_exactly_on_one_node() {
    count_exactly(1, false).await;
    count_exactly(1, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn se_18_d03_sixty_four_writers_count_exactly_on_two_nodes() {
    count_exactly(2, false).await;
    count_exactly(2, true).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn se_18_a_logout_among_sixty_four_writers_stays() {
    for nodes in [1, 2] {
        for _ in 0..10 {
            let cluster = Arc::new(Cluster::new(nodes, &[Act::Login("alice"), Act::Count]).await);
            let acts = |at| vec![if at == TASKS / 2 { Act::Logout } else { Act::Count }];
            let outcomes = cluster.all(acts).await;
            assert_eq!(outcomes[TASKS / 2].status, StatusCode::OK, "the logout");
            for (at, outcome) in outcomes.iter().enumerate() {
                // Before the logout: done. During it: refused as ended. After it: a new session.
                let status = outcome.status.as_u16();
                assert!([200, 401, 503].contains(&status), "{at}: {status}");
            }
            assert_eq!(cluster.count().await, None, "a writer revived the session");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn se_02_sixty_four_logins_at_once_all_succeed() {
    for nodes in [1, 2] {
        let cluster = Arc::new(Cluster::new(nodes, &[Act::Count]).await);
        let outcomes = cluster.all(|_| vec![Act::Login("alice")]).await;
        let mut cookies: Vec<_> = outcomes.iter().filter_map(|it| it.cookie.clone()).collect();
        assert!(outcomes.iter().all(|it| it.status == StatusCode::OK));
        cookies.sort();
        cookies.dedup();
        assert_eq!(cookies.len(), TASKS, "two logins share a credential");
        let mut kept = 0;
        for cookie in cookies {
            let heir = Cluster {
                nodes: cluster.nodes.clone(),
                csrf: cluster.csrf.clone(),
                cookie,
                time: cluster.time.clone(),
                store: cluster.store.clone(),
            };
            kept += usize::from(heir.count().await == Some(1));
        }
        // One login renewed the session and has its data; the others began a new one.
        assert_eq!(kept, 1);
        assert_eq!(cluster.count().await, None, "the old secret is dead");
    }
}
