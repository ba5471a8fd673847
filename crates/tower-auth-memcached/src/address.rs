//! Where the server is.

use std::io;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

use crate::builder::ConfigError;

/// The port of an address that names none.
const PORT: u16 = 11211;

/// A host and a port, or a socket's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    Tcp(String),
    #[cfg(unix)]
    Unix(std::path::PathBuf),
}

/// What commands are written to, and answers are read from.
pub(crate) type Connection = Box<dyn Duplex>;

pub(crate) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Duplex for S {}

impl Address {
    /// Reads `memcached://host:port`, `tcp://host:port` or `unix:///path`.
    pub(crate) fn parse(text: &str) -> Result<Self, ConfigError> {
        match text.split_once("://") {
            Some(("memcached" | "tcp", rest)) => Self::tcp(rest.strip_suffix('/').unwrap_or(rest)),
            #[cfg(unix)]
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            _ => Err(ConfigError::Address),
        }
    }

    fn tcp(rest: &str) -> Result<Self, ConfigError> {
        let (host, port) = match rest.rsplit_once(':') {
            // The colons within brackets are those of an IPv6 address.
            Some((host, port)) if !port.ends_with(']') => {
                (host, port.parse().map_err(|_| ConfigError::Address)?)
            }
            _ => (rest, PORT),
        };
        let is_host = |byte: u8| byte.is_ascii_graphic() && !b"/@?#".contains(&byte);
        if host.is_empty() || !host.bytes().all(is_host) {
            return Err(ConfigError::Address);
        }
        Ok(Self::Tcp(format!("{host}:{port}")))
    }

    pub(crate) async fn connect(&self) -> io::Result<Connection> {
        match self {
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                // Each command is one message.
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
            #[cfg(unix)]
            Self::Unix(path) => Ok(Box::new(tokio::net::UnixStream::connect(path).await?)),
        }
    }
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
            "tcp://a:b",
            "tcp://a:65536",
            "tcp://a/b",
            "tcp://user:secret@a:1",
            "tcp://a b:1",
            "unix://relative",
        ] {
            assert_eq!(Address::parse(text), Err(ConfigError::Address), "{text:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_socket_is_named_by_its_path() {
        let path = Address::Unix("/run/memcached.sock".into());
        assert_eq!(Address::parse("unix:///run/memcached.sock"), Ok(path));
    }
}
