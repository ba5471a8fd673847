//! `showcase.v1.Whoami`, called by a tonic client over loopback.

use std::net::SocketAddr;
use std::time::Duration;

use axum::serve::Listener;
use serde_json::{Value, json};
use showcase::tls::TlsListener;
use showcase::{Config, app};
use showcase_proto::watch_reply::Event;
use showcase_proto::whoami_client::WhoamiClient;
use showcase_proto::{GetRequest, WatchRequest};
use tokio::net::TcpListener;
use tonic::transport::Channel;
use tonic::{Code, Request, Status, Streaming};
use tower_auth::{AnyStore, Clock, MemoryStore};
use tower_auth_test::{FaultyStore, TestClock};

use crate::{ALICE, browser_at, config, config_on, tls};

/// Serves the application.
pub(crate) async fn serve(config: &Config) -> SocketAddr {
    serve_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), config).await
}

async fn serve_on<L: Listener<Addr = SocketAddr>>(listener: L, config: &Config) -> SocketAddr {
    let address = listener.local_addr().unwrap();
    let app = app(config.clone()).unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    address
}

async fn whoami(address: SocketAddr) -> WhoamiClient<Channel> {
    let endpoint = Channel::from_shared(format!("http://{address}")).unwrap();
    WhoamiClient::new(endpoint.connect().await.unwrap())
}

/// Returns a request with this metadata entry.
fn with<T>(message: T, name: &'static str, value: &str) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert(name, value.parse().unwrap());
    request
}

/// Alice's access token, as the value of `authorization`.
async fn bearer(config: &Config) -> String {
    let body = json!({ "username": "alice", "password": "wonderland" });
    let answer = browser_at(config.clone()).post("/auth/token").json(&body).await;
    format!("Bearer {}", answer.json::<Value>()["access_token"].as_str().unwrap())
}

/// Alice's session, as the value of `cookie`.
async fn cookie(config: &Config) -> String {
    let browser = browser_at(config.clone());
    assert_eq!(browser.post("/login").form(&ALICE).await.status(), 303);
    let jar = browser.jar();
    format!("__Host-showcase-session={}", jar.get("__Host-showcase-session").unwrap().value())
}

async fn get(
    client: &mut WhoamiClient<Channel>,
    request: Request<GetRequest>,
) -> Result<String, Code> {
    let answer = client.get(request).await.map_err(|status| status.code())?.into_inner();
    Ok(format!("{} via {}", answer.subject, answer.via))
}

async fn next(stream: &mut Streaming<showcase_proto::WatchReply>) -> Result<Event, Status> {
    Ok(stream.message().await?.unwrap().event.unwrap())
}

#[tokio::test]
async fn by_token_and_by_session_alice_is_alice_and_no_one_is_16() {
    let config = config();
    let mut client = whoami(serve(&config).await).await;
    let (bearer, cookie) = (bearer(&config).await, cookie(&config).await);
    let by_token = with(GetRequest {}, "authorization", &bearer);
    assert_eq!(get(&mut client, by_token).await.unwrap(), "alice via bearer");
    let by_session = with(GetRequest {}, "cookie", &cookie);
    assert_eq!(get(&mut client, by_session).await.unwrap(), "alice via session");
    let anonymous = client.get(GetRequest {}).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
    assert_eq!(anonymous.message(), "authentication is required");
    let garbage = with(GetRequest {}, "authorization", "Bearer garbage");
    assert_eq!(get(&mut client, garbage).await, Err(Code::Unauthenticated));
    let anonymous = client.watch(WatchRequest {}).await.unwrap_err();
    assert_eq!(anonymous.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_14_for_sessions_only() {
    let store = FaultyStore::new(MemoryStore::new(Clock::system()));
    let config = config_on(AnyStore::new(store.clone()));
    let mut client = whoami(serve(&config).await).await;
    let (bearer, cookie) = (bearer(&config).await, cookie(&config).await);
    store.down();
    let by_session = with(GetRequest {}, "cookie", &cookie);
    assert_eq!(get(&mut client, by_session).await, Err(Code::Unavailable));
    let by_token = with(GetRequest {}, "authorization", &bearer);
    assert_eq!(get(&mut client, by_token).await.unwrap(), "alice via bearer");
}

#[tokio::test]
async fn watching_begins_with_who_one_is_and_ends_with_the_proof() {
    let time = TestClock::new();
    let mut config = config_on(AnyStore::new(MemoryStore::new(time.clock())));
    config.clock = time.clock();
    let mut client = whoami(serve(&config).await).await;
    let request = with(WatchRequest {}, "authorization", &bearer(&config).await);
    let mut stream = client.watch(request).await.unwrap().into_inner();
    let Event::Identity(who) = next(&mut stream).await.unwrap() else { panic!("who comes first") };
    assert_eq!((who.subject.as_str(), who.via.as_str()), ("alice", "bearer"));
    assert_eq!(next(&mut stream).await.unwrap(), Event::Tick(1));
    // The token's five minutes are over. The ticks follow the real time.
    time.advance(Duration::from_secs(5 * 60));
    let end = loop {
        match next(&mut stream).await {
            // A tick was already on its way.
            Ok(Event::Tick(seconds)) => assert!(seconds < 30, "the stream did not end"),
            Ok(Event::Identity(_)) => panic!("who comes once"),
            Err(status) => break status,
        }
    };
    assert_eq!(end.code(), Code::Unauthenticated);
    assert!(stream.message().await.unwrap().is_none(), "the stream has ended");
}

#[tokio::test]
async fn the_same_over_tls() {
    let config = config();
    let tcp = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let listener = TlsListener::new(tcp, vec!["localhost".into()]).unwrap();
    let address = serve_on(listener, &config).await;
    let mut client = WhoamiClient::new(tls::connect(address).await);
    let by_token = with(GetRequest {}, "authorization", &bearer(&config).await);
    assert_eq!(get(&mut client, by_token).await.unwrap(), "alice via bearer");
    assert_eq!(get(&mut client, Request::new(GetRequest {})).await, Err(Code::Unauthenticated));
    let by_session = with(WatchRequest {}, "cookie", &cookie(&config).await);
    let mut stream = client.watch(by_session).await.unwrap().into_inner();
    let Event::Identity(who) = next(&mut stream).await.unwrap() else { panic!("who comes first") };
    assert_eq!(who.via, "session");
}

#[tokio::test]
async fn another_sites_page_is_7_and_what_is_no_grpc_is_told_in_http() {
    let browser = browser_at(config());
    let path = "/showcase.v1.Whoami/Get";
    let grpc = || browser.post(path).header("content-type", "application/grpc-web");
    let elsewhere = grpc().cross_site("https://evil.example").await;
    assert_eq!((elsewhere.status().as_u16(), elsewhere.header("grpc-status")), (200, Some("7")));
    let here = grpc().await;
    assert_eq!((here.status().as_u16(), here.header("grpc-status")), (200, Some("16")));
    assert_eq!(here.header("content-type"), Some("application/grpc-web"));
    assert_eq!(browser.post(path).await.status(), 401);
    // gRPC does not change the response for an unknown path.
    assert_eq!(browser.get("/nowhere").await.status(), 404);
}
