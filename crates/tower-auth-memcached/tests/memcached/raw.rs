//! Direct access to the server with its text protocol, bypassing the store.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use tower_auth_fixtures::server::Memcached;

struct Connection(BufReader<TcpStream>);

impl Connection {
    fn to(server: &Memcached) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", server.port())).expect("it listens");
        Self(BufReader::new(stream))
    }

    fn say(&mut self, command: &str) {
        self.0.get_mut().write_all(format!("{command}\r\n").as_bytes()).expect("it reads");
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).expect("it answers");
        line.trim_end().to_owned()
    }

    /// Lists the keys on the server, one line for each.
    fn dump(&mut self) -> Vec<String> {
        loop {
            self.say("lru_crawler metadump all");
            let mut lines = Vec::new();
            let end = loop {
                let line = self.line();
                if !line.starts_with("key=") {
                    break line;
                }
                lines.push(line);
            };
            match &*end {
                "END" => return lines,
                // The server runs one dump at a time. Another test's dump is running and will end.
                busy if is_busy(busy) => std::thread::yield_now(),
                other => panic!("the server dumps nothing: {other:?}"),
            }
        }
    }
}

/// The server's answer while it dumps for another connection.
fn is_busy(line: &str) -> bool {
    line.starts_with("BUSY")
}

/// Returns the value under `key`, or an empty one.
pub(crate) fn get(server: &Memcached, key: &str) -> Vec<u8> {
    let mut connection = Connection::to(server);
    connection.say(&format!("mg {key} v"));
    let head = connection.line();
    let Some(len) = head.strip_prefix("VA ") else { return Vec::new() };
    let mut value = vec![0; len.trim().parse().expect("a length")];
    connection.0.read_exact(&mut value).expect("as long as it says");
    value
}

/// Shortens the expiry of each key with `prefix`, as if `passed` had elapsed.
pub(crate) fn grow_older(server: &Memcached, prefix: &str, passed: Duration) {
    let mut connection = Connection::to(server);
    let now =
        SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let mut keys = Vec::new();
    for line in connection.dump() {
        let mut fields = line.split(' ');
        // The dump escapes `:`.
        let key = fields.next().and_then(|it| it.strip_prefix("key=")).expect("a key first");
        let key = key.replace("%3A", ":");
        let expires =
            fields.next().and_then(|it| it.strip_prefix("exp=")).expect("then its expiry");
        // A key without expiry has -1.
        if let (true, Ok(expires)) = (key.starts_with(prefix), expires.parse::<u64>()) {
            keys.push((key, expires));
        }
    }
    for (key, expires) in keys {
        let expires = expires.saturating_sub(passed.as_secs());
        if expires <= now {
            connection.say(&format!("md {key}"));
            assert_eq!(connection.line(), "HD");
        } else {
            // The server reads a number this large as a Unix time.
            connection.say(&format!("mg {key} T{expires}"));
            assert_eq!(connection.line(), "HD");
        }
    }
}
