//! Two processes, each with its sessions in its own memory. One of them is killed.

use serde_json::Value;
use tower_auth_fixtures::Program;
use tower_auth_fixtures::server::Nginx;

use crate::settings;
use crate::through::{Browser, browser};

const ALICE: [(&str, &str); 2] = [("username", "alice"), ("password", "wonderland")];
const ROOT: [(&str, &str); 2] = [("username", "root"), ("password", "looking-glass")];

/// Both nodes have the same key ring, because they are one application.
fn nodes(name: &str, store: &str) -> [Program; 2] {
    let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&directory);
    std::fs::create_dir_all(&directory).unwrap();
    let keys = directory.join("keys").to_string_lossy().into_owned();
    let args = ["--listen", "127.0.0.1:0", "--keys", &keys, "--store", store];
    let is_up = |line: &str| line == "Stop with Ctrl-C.";
    [(); 2].map(|()| Program::start(env!("CARGO_BIN_EXE_showcase"), args, is_up))
}

fn address(node: &Program) -> &str {
    node.base().strip_prefix("http://").unwrap()
}

fn in_front(nodes: &[Program; 2]) -> Nginx {
    Nginx::start(&settings("Sticky", [address(&nodes[0]), address(&nodes[1])]))
}

/// The identity of this browser at that address.
async fn who(browser: &Browser) -> Option<String> {
    let me = browser.get("/me").await;
    if me.status() == 401 {
        return None;
    }
    assert_eq!(me.status(), 200);
    Some(me.json::<Value>()["subject"].as_str().unwrap().to_owned())
}

async fn log_in(browser: &Browser, who: &[(&str, &str)]) {
    assert_eq!(browser.post("/login").form(who).await.status(), 303);
}

/// The index of the node that has the session, which is only in one node's memory.
async fn place(browser: &Browser, nodes: [&Program; 2]) -> usize {
    let mut at = Vec::new();
    for (number, node) in nodes.into_iter().enumerate() {
        let port = address(node).rsplit_once(':').unwrap().1.parse().unwrap();
        // The same cookies, without the proxy.
        let direct = crate::through::browser(port);
        direct.edit_jar(|jar| *jar = browser.jar());
        if who(&direct).await.is_some() {
            at.push(number);
        }
    }
    assert_eq!(at.len(), 1);
    at[0]
}

/// Two visitors at different nodes: the browsers of alice and of root.
async fn one_at_each(port: u16, nodes: [&Program; 2]) -> [Browser; 2] {
    let alice = browser(port);
    log_in(&alice, &ALICE).await;
    let there = place(&alice, nodes).await;
    for _ in 0..64 {
        let root = browser(port);
        log_in(&root, &ROOT).await;
        if place(&root, nodes).await != there {
            return if there == 0 { [alice, root] } else { [root, alice] };
        }
    }
    panic!("nginx sent every visitor to the same node");
}

#[tokio::test]
async fn a_visitor_stays_at_one_node_through_login_and_logout() {
    let nodes = nodes("sticky-stays", "memory:");
    let nginx = in_front(&nodes);
    for _ in 0..4 {
        let browser = browser(nginx.port());
        assert_eq!(browser.put("/session/data/colour").json("blue").await.status(), 204);
        // The session's own cookie changes here; the proxy's cookie does not.
        let route = || browser.jar().get("route").unwrap().value().into_owned();
        let before = route();
        log_in(&browser, &ALICE).await;
        assert_eq!(route(), before);
        for _ in 0..3 {
            assert_eq!(who(&browser).await.as_deref(), Some("alice"));
        }
        assert_eq!(browser.get("/session/data/colour").await.json::<String>(), "blue");
        browser.post("/logout").await;
        assert_eq!(who(&browser).await, None);
    }
}

#[tokio::test]
async fn a_node_that_dies_takes_its_sessions_along_and_no_one_elses() {
    let [one, two] = nodes("sticky-dies", "memory:");
    let nodes = [one, two];
    let nginx = in_front(&nodes);
    let [one, two] = nodes;
    let [here, there] = one_at_each(nginx.port(), [&one, &two]).await;
    let (mine, yours) = (who(&here).await.unwrap(), who(&there).await.unwrap());
    assert_ne!(mine, yours);
    drop(one);

    // No error: the other node responds, and this cookie proves nothing there.
    let page = here.get("/").await;
    assert_eq!(page.status(), 200);
    assert!(page.text().contains("You are not logged in"), "{}", page.text());
    assert_eq!(who(&here).await, None);
    assert_eq!(who(&there).await, Some(yours));
    // The user only needs to log in again, at the other node.
    let credentials = if mine == "alice" { ALICE } else { ROOT };
    log_in(&here, &credentials).await;
    assert_eq!(who(&here).await, Some(mine));
}

/// The nodes share a store, so the proxy's choice does not matter, and nothing is lost.
#[tokio::test]
async fn a_node_that_dies_takes_nothing_along_from_a_shared_store() {
    let redis = tower_auth_fixtures::server::Redis::start();
    let [one, two] = nodes("sticky-shared", &format!("{}?near_cache=16MiB", redis.url()));
    let nodes = [one, two];
    let nginx = in_front(&nodes);
    let [one, two] = nodes;
    let browsers = [(); 4].map(|()| browser(nginx.port()));
    for browser in &browsers {
        log_in(browser, &ALICE).await;
    }
    drop(one);
    for browser in &browsers {
        assert_eq!(who(browser).await.as_deref(), Some("alice"));
    }
    drop(two);
}

/// A documented limit: nginx's `$cookie_…` finds no cookie whose name contains a dash, in any
/// spelling, so nginx sends every visitor to the same node.
#[tokio::test]
async fn a_cookie_with_a_dash_in_its_name_is_none_to_a_variable() {
    let nginx = Nginx::start(
        "server { listen 127.0.0.1:PORT; location / {
             return 200 \"$cookie_route,$cookie___Host_session,$cookie___host_session\";
         } }",
    );
    let cookies = "route=there; __Host-showcase-session=there";
    let answer = browser(nginx.port()).get("/").header("cookie", cookies).await;
    assert_eq!(answer.text(), "there,,");
}
