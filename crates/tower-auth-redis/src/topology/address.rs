//! The address of another server.

use redis::{ConnectionAddr, ConnectionInfo};

/// Returns `like` with another host and port. An empty host keeps the host of `like`.
pub(crate) fn at(like: &ConnectionInfo, host: &str, port: u16) -> ConnectionInfo {
    let mut address = like.addr().clone();
    match &mut address {
        ConnectionAddr::Tcp(its, its_port)
        | ConnectionAddr::TcpTls { host: its, port: its_port, .. } => {
            *its_port = port;
            if !host.is_empty() && host != "?" {
                *its = host.to_owned();
            }
        }
        _ => address = ConnectionAddr::Tcp(host.to_owned(), port),
    }
    like.clone().set_addr(address)
}
