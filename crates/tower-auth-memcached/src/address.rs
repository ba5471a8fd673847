//! The address of the server.

use std::io;
use std::net::SocketAddrV6;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::error::MemcachedConfigError;

/// The port if the address has none.
const PORT: u16 = 11211;
/// Characters that a host without brackets cannot contain, because they delimit other parts of an
/// address.
const NOT_OF_A_HOST: [char; 6] = ['/', '@', '?', '#', '[', ']'];

/// A host and a port, or a socket's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(String),
    #[cfg(unix)]
    Unix(std::path::PathBuf),
}

/// A connection to the server, over TCP or a Unix socket.
pub(crate) type Connection = Box<dyn Duplex>;

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

impl Address {
    /// Reads `memcached://host:port`, `tcp://host:port` or `unix:///path`.
    pub(crate) fn parse(text: &str) -> Result<Self, MemcachedConfigError> {
        match text.split_once("://") {
            Some(("memcached" | "tcp", rest)) => Self::tcp(rest.strip_suffix('/').unwrap_or(rest)),
            #[cfg(unix)]
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            _ => Err(MemcachedConfigError::Address),
        }
    }

    fn tcp(rest: &str) -> Result<Self, MemcachedConfigError> {
        // An IPv6 address split at its last colon would lose its last group to the port.
        if rest.matches(':').count() > 1 && !rest.contains(NOT_OF_A_HOST) {
            return Err(MemcachedConfigError::Brackets);
        }
        let (host, port) = match rest.rsplit_once(':') {
            // Colons within brackets belong to an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => (host, self::port(port)?),
            _ => (rest, PORT),
        };
        let address = format!("{host}:{port}");
        let is_host = if host.starts_with('[') {
            // Uses the same parser as the standard library does when it connects.
            address.parse::<SocketAddrV6>().is_ok()
        } else {
            let is_graphic = host.bytes().all(|byte| byte.is_ascii_graphic());
            !host.is_empty() && is_graphic && !host.contains(NOT_OF_A_HOST) && !host.contains(':')
        };
        if is_host { Ok(Self::Tcp(address)) } else { Err(MemcachedConfigError::Address) }
    }

    pub(crate) async fn connect(&self) -> io::Result<Connection> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                // A command is sent in one write, so waiting for more data would only delay it.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
        }
    }
}

/// Parses a port from 1 to 65535. Only digits are allowed; the standard library also accepts a
/// sign.
fn port(text: &str) -> Result<u16, MemcachedConfigError> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(MemcachedConfigError::Address);
    }
    text.parse().ok().filter(|port| *port != 0).ok_or(MemcachedConfigError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_name_its_port() {
        for (text, address) in [
            ("memcached://cache.internal:11212", "cache.internal:11212"),
            ("memcached://localhost", "localhost:11211"),
            ("tcp://127.0.0.1:1/", "127.0.0.1:1"),
            ("tcp://[::1]:11212", "[::1]:11212"),
            ("tcp://[::1]", "[::1]:11211"),
            ("memcached://[fe80::1%2]:11212", "[fe80::1%2]:11212"),
            ("memcached://[::ffff:10.0.0.1]/", "[::ffff:10.0.0.1]:11211"),
            ("tcp://localhost:65535", "localhost:65535"),
        ] {
            assert_eq!(Address::parse(text), Ok(Address::Tcp(address.into())), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "localhost:11211",
            "http://localhost",
            "memcached://",
            "memcached://:1",
            "unix://",
            "tcp://a:",
            "tcp://a:b",
            "tcp://a:+1",
            "tcp://[]",
            "tcp://[::1",
            "tcp://[::1]x:1",
            "tcp://[localhost]:1",
            "tcp://[127.0.0.1]:1",
            "tcp://a[::1]",
            "tcp://a/b",
            "tcp://user:secret@a:1",
            "tcp://a b:1",
            "unix://relative",
        ] {
            assert_eq!(Address::parse(text), Err(MemcachedConfigError::Address), "{text:?}");
        }
    }

    #[test]
    fn an_ipv6_address_stands_in_brackets() {
        for text in [
            "memcached://::1",
            "memcached://::1/",
            "memcached://::1:11211",
            "memcached://::",
            "tcp://fd00::7",
            "tcp://fd00:0:0:0:0:0:0:7",
            "tcp://a:1:2",
        ] {
            assert_eq!(Address::parse(text), Err(MemcachedConfigError::Brackets), "{text:?}");
        }
    }

    #[test]
    fn a_port_is_one_that_a_server_can_listen_at() {
        for text in
            ["tcp://a:0", "tcp://a:00/", "tcp://[::1]:0", "tcp://a:65536", "tcp://a:99999999"]
        {
            assert_eq!(Address::parse(text), Err(MemcachedConfigError::Port), "{text:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_named_by_its_path() {
        let path = Address::Unix("/run/memcached.sock".into());
        assert_eq!(Address::parse("unix:///run/memcached.sock"), Ok(path));
    }
}
