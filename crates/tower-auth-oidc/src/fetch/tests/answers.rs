//! Answers that are not a success.

use tower_auth_test::TestClock;

use super::{MAX_BYTES, TIMEOUT, content, fetch, refused};
use crate::error::ProviderErrorKind::{Answer as Bad, TimedOut, Unreachable};
use crate::test_server::{Answer, TestServer};

#[tokio::test]
async fn an_answer_is_returned_whole() {
    let (server, _arrivals) = TestServer::start().await;
    let text = "ä".repeat(MAX_BYTES / 2);
    server.set("/a", Answer::ok(&text));
    server.set("/b", Answer::unbounded(&text));
    let fetch = fetch(&TestClock::new());
    for path in ["/a", "/b"] {
        let content = content(&fetch, &server.url(path)).await.expect("it answers");
        assert_eq!(content.text, text);
        assert_eq!(content.etag, None);
    }
    let request = &server.received()[0];
    assert!(request.header("accept").expect("set").contains("application/json"));
    assert!(request.header("user-agent").expect("set").starts_with("tower-auth-oidc/"));
    assert_eq!(request.header("authorization"), None);
    assert_eq!(request.header("accept-encoding"), None);
    assert_eq!(request.header("if-none-match"), None);
}

#[tokio::test]
async fn jw_32_a_redirect_is_an_error_that_names_the_target() {
    let (server, _arrivals) = TestServer::start().await;
    let target = server.url("/target");
    server.set("/target", Answer::ok("{}"));
    for status in ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"] {
        server.set("/keys", Answer::with(status, &[("Location", &target)], ""));
        let error = refused(&fetch(&TestClock::new()), &server.url("/keys")).await;
        assert_eq!(error.kind(), Bad);
        let text = error.to_string();
        assert!(text.contains(&target) && text.contains("redirects are not followed"), "{text}");
    }
    assert!(server.received().iter().all(|it| it.path == "/keys"));
}

#[tokio::test]
async fn jw_32_a_server_that_never_answers_is_given_up_on() {
    let (server, mut arrivals) = TestServer::start().await;
    let slow = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{".to_vec();
    for answer in [Answer::Hang(Vec::new()), Answer::Hang(slow)] {
        server.set("/keys", answer);
        let time = TestClock::new();
        let fetch = fetch(&time);
        let url = server.url("/keys");
        let fetching = tokio::spawn(async move { refused(&fetch, &url).await });
        arrivals.recv().await.expect("the request arrives");
        time.advance(TIMEOUT);
        let error = fetching.await.expect("no panic");
        assert_eq!(error.kind(), TimedOut);
        assert!(error.to_string().contains("within 10s"), "{error}");
    }
}

#[tokio::test]
async fn jw_32_an_answer_that_is_too_large_is_refused_while_it_is_read() {
    let (server, _arrivals) = TestServer::start().await;
    let body = vec![b' '; MAX_BYTES + 1];
    // The length is announced, is not announced, and is announced but never arrives.
    server.set("/a", Answer::ok(&body));
    server.set("/b", Answer::unbounded(vec![b' '; 1 << 20]));
    server.set("/c", Answer::unbounded(&body));
    let announced = "HTTP/1.1 200 OK\r\nContent-Length: 9999999999\r\n\r\n";
    server.set("/d", Answer::Hang(announced.into()));
    for path in ["/a", "/b", "/c", "/d"] {
        let error = refused(&fetch(&TestClock::new()), &server.url(path)).await;
        assert_eq!(error.kind(), Bad, "{error}");
        assert!(error.to_string().contains("more than 1000 bytes"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_ends_early_is_refused() {
    let (server, _arrivals) = TestServer::start().await;
    let truncated = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\nConnection: close\r\n\r\n{\"keys\"";
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n";
    for bytes in ["", "HTTP/1.1 200 OK\r\n", "not http\r\n\r\n", truncated, chunked] {
        server.set("/keys", Answer::Bytes(bytes.into()));
        let error = refused(&fetch(&TestClock::new()), &server.url("/keys")).await;
        assert_eq!(error.kind(), Bad, "{bytes:?}: {error}");
        assert!(error.to_string().contains("incomplete answer"), "{error}");
    }
}

#[tokio::test]
async fn an_answer_that_is_not_text_is_refused() {
    let (server, _arrivals) = TestServer::start().await;
    server.set("/keys", Answer::ok(b"{\"\xff\": 1}"));
    let error = refused(&fetch(&TestClock::new()), &server.url("/keys")).await;
    assert!(error.to_string().contains("not UTF-8"), "{error}");
    let gzip = [("Content-Encoding", "gzip")];
    server.set("/keys", Answer::with("200 OK", &gzip, b"\x1f\x8b"));
    let error = refused(&fetch(&TestClock::new()), &server.url("/keys")).await;
    assert!(error.to_string().contains("compressed (\"gzip\")"), "{error}");
}

#[tokio::test]
async fn a_status_that_is_not_success_is_explained() {
    let (server, _arrivals) = TestServer::start().await;
    for (status, advice) in [
        ("400 Bad Request", "check the address"),
        ("401 Unauthorized", ".bearer_token_file"),
        ("403 Forbidden", ".bearer_token_file"),
        ("404 Not Found", "check the address"),
        ("429 Too Many Requests", "overloaded"),
        ("500 Internal Server Error", "down"),
        ("503 Service Unavailable", "down"),
        // Not asked for.
        ("304 Not Modified", "check the address"),
        ("204 No Content", "check the address"),
        ("206 Partial Content", "check the address"),
    ] {
        server.set("/keys", Answer::Bytes(format!("HTTP/1.1 {status}\r\n\r\n").into()));
        let error = refused(&fetch(&TestClock::new()), &server.url("/keys")).await;
        assert_eq!(error.kind(), Bad);
        let text = error.to_string();
        assert!(text.contains(status) && text.contains(advice), "{text}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable() {
    let url = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        format!("http://127.0.0.1:{}/keys", listener.local_addr().expect("bound").port())
    };
    let error = refused(&fetch(&TestClock::new()), &url).await;
    assert_eq!(error.kind(), Unreachable, "{error}");
    assert!(error.to_string().contains("cannot connect"), "{error}");
}
