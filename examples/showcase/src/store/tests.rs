use super::*;

fn parse(url: &str) -> Result<Backend, UnknownStore> {
    url.parse()
}

fn location(url: &str) -> Location {
    parse(url).unwrap().location
}

#[test]
fn each_kind_is_understood() {
    assert_eq!(parse("memory:"), Ok(Backend::MEMORY));
    assert!(parse("cookie:").unwrap().is_the_client());
    assert!(
        location("redis://127.0.0.1:6379/1") == Location::Redis("redis://127.0.0.1:6379/1".into())
    );
    let nodes = vec!["redis://a:1".to_owned(), "redis://b:2".to_owned()];
    let sentinel = Location::Sentinel { addresses: nodes.clone(), name: "main".into() };
    assert!(location("redis+sentinel://a:1,b:2/main") == sentinel);
    assert!(location("redis+cluster://a:1,b:2") == Location::Cluster(nodes));
    let postgres = "postgres://u:p@h:5432/d?sslmode=disable";
    assert!(location(postgres) == Location::Postgres(postgres.into()));
    assert!(location("sqlite:///var/lib/s.db") == Location::Sqlite("/var/lib/s.db".into()));
    assert!(location("memcached://a:1") == Location::Memcached("memcached://a:1".into()));
    assert!(location("sqlite://s.db") == Location::Sqlite("s.db".into()));
}

#[test]
fn the_login_goes_to_every_node() {
    let nodes = ["redis://u:p@ss@a:1", "redis://u:p@ss@b:2"].map(ToOwned::to_owned);
    assert!(location("redis+cluster://u:p@ss@a:1,b:2") == Location::Cluster(nodes.into()));
}

#[test]
fn a_near_cache_is_taken_out_of_the_query() {
    let near = |url: &str| parse(url).unwrap().near;
    assert_eq!(near("redis://a"), None);
    assert_eq!(near("redis://a?near_cache=64MiB"), Some("64MiB".parse().unwrap()));
    assert_eq!(near("redis+cluster://a:1,b:2?near_cache=2GiB"), Some("2GiB".parse().unwrap()));
    let postgres = "postgres://h/d?sslmode=disable&near_cache=1MiB&application_name=x";
    assert!(near(postgres).is_some());
    let rest = "postgres://h/d?sslmode=disable&application_name=x";
    assert!(location(postgres) == Location::Postgres(rest.into()));
}

#[test]
fn what_no_one_would_read_is_refused() {
    for url in [
        "redis://a?near_cashe=64MiB",
        "redis://a?near_cache=64MiB&x=1",
        "redis+cluster://a:1,b:2?x",
        "sqlite://s.db?mode=rwc",
        "memcached://a:1?",
    ] {
        assert_eq!(parse(url), Err(UnknownStore::Option), "{url}");
    }
}

#[test]
fn a_near_cache_is_refused_where_nothing_feeds_it() {
    for url in [
        "memory:?near_cache=64MiB",
        "cookie:?near_cache=64MiB",
        "sqlite://s.db?near_cache=64MiB",
        "memcached://a:1?near_cache=64MiB",
    ] {
        assert_eq!(parse(url), Err(UnknownStore::NoFeed), "{url}");
    }
    for size in ["", "64", "64MB", "-1MiB", "1e3MiB", "99999999999999999GiB"] {
        assert_eq!(parse(&format!("redis://a?near_cache={size}")), Err(UnknownStore::Near));
    }
    let twice = "redis://a?near_cache=1MiB&near_cache=2MiB";
    assert_eq!(parse(twice), Err(UnknownStore::Near));
}

#[test]
fn what_is_not_understood_is_told_and_not_shown() {
    for url in [
        "",
        "memory",
        "hunter2",
        "mysql://u:hunter2@h/d",
        "redis://",
        "redis+sentinel://u:hunter2@a:1,b:2",
        "redis+sentinel://u:hunter2@a:1,b:2/",
        "redis+cluster://u:hunter2@a:1,,b:2",
        "redis+cluster://",
        "sqlite://",
        "memcached://",
        "redis://u:hunter2@a?near_cache=lots",
        "memory:?near_cache=1MiB",
    ] {
        let error = parse(url).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
    let error = parse("mysql://u:hunter2@h/d").unwrap_err().to_string();
    for scheme in ["memory:", "redis://", "redis+sentinel://", "redis+cluster://", "postgres://"] {
        assert!(error.contains(scheme), "{error}");
    }
    assert!(error.contains("sqlite://"), "{error}");
}

#[test]
fn d08_no_output_shows_the_address() {
    let text = format!("{:?}", parse("redis://u:hunter2@a?near_cache=1MiB"));
    assert_eq!(text, "Ok(Backend(redis))");
}

#[tokio::test]
async fn what_cannot_be_opened_says_why_and_not_where() {
    for (url, reason) in [
        ("redis://u:hunter2@127.0.0.1:1", "no Redis primary"),
        ("redis+cluster://u:hunter2@127.0.0.1:1", "no Redis primary"),
        ("redis+sentinel://u:hunter2@127.0.0.1:1/main", "no Redis primary"),
        ("redis://u:hunter2@:no:host", "Redis URL"),
        ("memcached://127.0.0.1:1", "connection refused"),
        ("postgres://u:hunter2@127.0.0.1:1/d", "connection refused"),
        ("postgres://u:hunter2@127.0.0.1:port/d", "postgres://user:password"),
        // A file's name is no secret, and the error is useless without it.
        ("sqlite:///nowhere/to/be/found", "\"/nowhere/to/be/found\" cannot be used"),
    ] {
        let opened = parse(url).unwrap().open(Clock::system()).await;
        let error = opened.err().unwrap().to_string();
        assert!(error.starts_with("the store: ") && error.contains(reason), "{url}: {error}");
        assert!(!error.contains("hunter2") && !error.contains("127.0.0.1"), "{url}: {error}");
    }
}
