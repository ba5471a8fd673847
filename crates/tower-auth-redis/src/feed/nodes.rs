//! Who is in a Cluster, by one who is.

use redis::aio::MultiplexedConnection;
use redis::{ConnectionInfo, Value};

use crate::server::Down;
use crate::topology::at;

/// What one node knows of the others (`CLUSTER NODES`).
pub(super) struct View(Vec<Node>);

pub(super) struct Node {
    id: String,
    host: String,
    port: u16,
    /// The one who was asked.
    is_myself: bool,
    is_primary: bool,
}

impl View {
    pub(super) fn read(answer: Value) -> Result<Self, Down> {
        let text: String = redis::from_redis_value(answer).map_err(Down::new)?;
        Ok(Self(text.lines().filter_map(Node::read).collect()))
    }

    pub(super) fn primaries(&self) -> impl Iterator<Item = &Node> {
        self.0.iter().filter(|it| it.is_primary)
    }
}

impl Node {
    /// `id host:port@bus,… flags primary ping pong epoch link slot…`
    fn read(line: &str) -> Option<Self> {
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let [id, address, flags, _, _, _, _, _, slots @ ..] = &words[..] else { return None };
        let (host, port) = address.split(['@', ',']).next()?.rsplit_once(':')?;
        let is = |flag: &str| flags.split(',').any(|it| it == flag);
        // One who failed for good, and keeps nothing, takes no writes. One who failed and still
        // keeps slots is followed by nobody: another may take them over at any moment.
        let is_gone = (is("fail") || is("noaddr") || is("handshake")) && slots.is_empty();
        Some(Self {
            id: (*id).to_owned(),
            host: host.to_owned(),
            port: port.parse().ok()?,
            is_myself: is("myself"),
            is_primary: is("master") && !is_gone,
        })
    }

    pub(super) fn info(&self, like: &ConnectionInfo) -> ConnectionInfo {
        at(like, &self.host, self.port)
    }
}

pub(super) async fn ask(connection: &mut MultiplexedConnection) -> Result<View, Down> {
    let mut ask = redis::cmd("CLUSTER");
    View::read(ask.arg("NODES").query_async(connection).await.map_err(Down::new)?)
}

/// Whether everybody who is a primary in anybody's view gave a view of his own.
pub(super) fn all_followed(views: &[View]) -> Result<(), Down> {
    let followed = |node: &Node| {
        let mut asked = views.iter().flat_map(|view| &view.0);
        asked.any(|it| it.is_myself && it.id == node.id)
    };
    if !views.is_empty() && views.iter().flat_map(View::primaries).all(followed) {
        Ok(())
    } else {
        Err(Down::new("a primary is not followed"))
    }
}
