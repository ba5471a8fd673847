//! The address of another server.

use redis::{ConnectionAddr, ConnectionInfo};

/// The server at that address, spoken to as that other one is; an empty host is the other's.
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
