//! The nodes of a Cluster, as one of them reports them.

use redis::aio::MultiplexedConnection;
use redis::{ConnectionAddr, ConnectionInfo, Value};

use crate::server::Unavailable;
use crate::topology::address::at;

/// One node's view of the Cluster (`CLUSTER NODES`).
pub(super) struct View(Vec<Node>);

pub(super) struct Node {
    id: String,
    host: String,
    /// The host name of its certificate, if the node reports it.
    name: Option<String>,
    port: u16,
    /// Whether this is the node that answered.
    is_myself: bool,
    is_primary: bool,
}

impl View {
    pub(super) fn read(answer: Value) -> Result<Self, Unavailable> {
        let text: String = redis::from_redis_value(answer).map_err(Unavailable::new)?;
        Ok(Self(text.lines().filter_map(Node::read).collect()))
    }

    pub(super) fn primaries(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(|it| it.is_primary)
    }
}

impl Node {
    /// Parses `id host:port@bus,… flags primary ping pong epoch link slot…`.
    fn read(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let [id, address, flags, _, _, _, _, _, slots @ ..] = &words[..] else { return None };
        let (host, port) = address.split(['@', ',']).next()?.rsplit_once(':')?;
        let name = address.split(',').nth(1).filter(|it| !it.is_empty() && !it.contains('='));
        let is = |flag: &str| flags.split(',').any(|it| it == flag);
        // A failed node without slots takes no writes. A failed node that still has slots counts as
        // a primary without a connection, because another node may take over its slots at any
        // moment.
        let is_gone = (is("fail") || is("noaddr") || is("handshake")) && slots.is_empty();
        Some(Self {
            id: (*id).to_owned(),
            host: host.to_owned(),
            name: name.map(str::to_owned),
            port: port.parse().ok()?,
            is_myself: is("myself"),
            is_primary: is("master") && !is_gone,
        })
    }

    pub(super) fn info(&self, like: &ConnectionInfo) -> ConnectionInfo {
        let is_tls = matches!(like.addr(), ConnectionAddr::TcpTls { .. });
        let name = self.name.as_ref().filter(|_| is_tls);
        at(like, name.unwrap_or(&self.host), self.port)
    }
}

pub(super) async fn ask(connection: &mut MultiplexedConnection) -> Result<View, Unavailable> {
    let mut ask = redis::cmd("CLUSTER");
    View::read(ask.arg("NODES").query_async(connection).await.map_err(Unavailable::new)?)
}

/// Checks that every primary in any view has given a view of its own.
pub(super) fn all_followed(views: &[View]) -> Result<(), Unavailable> {
    let followed = |node: &Node| {
        let mut asked = views.iter().flat_map(|view| &view.0);
        asked.any(|it| it.is_myself && it.id == node.id)
    };
    if !views.is_empty() && views.iter().flat_map(View::primaries).all(followed) {
        Ok(())
    } else {
        Err(Unavailable::new("a primary has no feed connection"))
    }
}

#[test]
fn who_is_a_primary_and_where() {
    let text = "\
        a1 10.0.0.1:6379@16379,one.example,shard-id=x myself,master - 0 1 1 connected 0-5460 [93->-b2]\n\
        b2 10.0.0.2:6379@16379 master - 0 1 2 connected\n\
        c3 10.0.0.3:6379@16379 slave a1 0 1 1 connected\n\
        d4 10.0.0.4:6379@16379 master,fail - 0 1 3 disconnected\n\
        e5 10.0.0.5:6379@16379 master,fail - 0 1 3 disconnected 5461-16383\n\
        f6 :0@0 master,noaddr - 0 1 3 disconnected\n";
    let read = |text: &str| View::read(Value::BulkString(text.into()));
    let view = read(text).unwrap_or(View(Vec::new()));
    let ids: Vec<_> = view.primaries().map(|it| &*it.id).collect();
    assert_eq!(ids, ["a1", "b2", "e5"]);
    // The first node's view alone leaves two primaries without a connection.
    assert!(all_followed(&[view]).is_err());
    let alone = read("a1 10.0.0.1:6379@16379 myself,master - 0 1 1 connected 0-16383\n");
    assert!(all_followed(&[alone.unwrap_or(View(Vec::new()))]).is_ok());
    assert!(all_followed(&[]).is_err());

    let at = |like: &str| {
        use redis::IntoConnectionInfo;
        let like = like.into_connection_info().ok()?;
        let node = Node::read(text.lines().next()?)?;
        Some(node.info(&like).addr().to_string())
    };
    assert_eq!(at("redis://10.0.0.9:1").as_deref(), Some("10.0.0.1:6379"));
}
