//! A TCP proxy that records the commands of Redis clients, and simulates a bad network.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

mod ports;
mod resp;

use ports::Ports;
use resp::Commands;

/// A proxy between clients and a server, on the loopback.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// The commands, each with the number of its round.
    said: Vec<(usize, String)>,
    round: usize,
    /// Whether the server has sent something since the last command.
    answered: bool,
    /// Whether bytes are received but not passed on.
    black_hole: bool,
    closed: bool,
    open: Vec<TcpStream>,
}

impl Proxy {
    /// Starts a proxy for the server on port `server`.
    ///
    /// # Panics
    /// Panics if the loopback has no free port.
    #[must_use]
    pub fn start(server: u16) -> Self {
        let (proxy, listener) = Self::bind();
        proxy.serve(listener, server, Arc::default());
        proxy
    }

    /// Starts one proxy for each of `servers`, in their order. In the servers' replies, each proxy
    /// replaces the servers' ports by the proxies' ports. A client that Sentinels or a Cluster
    /// redirect therefore never bypasses the proxies. (A port is replaced if no other digit is next
    /// to it; all ports have five digits.)
    ///
    /// # Panics
    /// Panics if the loopback has no free port, or if a server's port does not have five digits.
    #[must_use]
    pub fn in_front_of(servers: &[u16]) -> Vec<Self> {
        let bound: Vec<_> = servers.iter().map(|_| Self::bind()).collect();
        let pair = |(server, (proxy, _)): (&u16, &(Self, _))| Ports::new(*server, proxy.port);
        let ports: Arc<[Ports]> = servers.iter().zip(&bound).map(pair).collect();
        let serve = |((proxy, listener), server): ((Self, _), &u16)| {
            proxy.serve(listener, *server, ports.clone());
            proxy
        };
        bound.into_iter().zip(servers).map(serve).collect()
    }

    fn bind() -> (Self, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        (Self { port, shared: Arc::default() }, listener)
    }

    fn serve(&self, listener: TcpListener, server: u16, ports: Arc<[Ports]>) {
        let accepting = self.shared.clone();
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let Ok(client) = client else { continue };
                if accepting.with(|it| it.closed) {
                    return;
                }
                // If the server is down, the client's connection is closed.
                if let Ok(server) = TcpStream::connect(("127.0.0.1", server)) {
                    accepting.join(client, server, ports.clone());
                }
            }
        });
    }

    /// Returns the port of the proxy on the loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns the names of the commands since the last call, in order, over all connections.
    #[must_use]
    pub fn take(&self) -> Vec<String> {
        self.take_rounds().into_iter().flatten().collect()
    }

    /// Returns the names of the commands since the last call, by rounds. A round ends when the
    /// server sends something. A client that sends two commands and then waits makes one round of
    /// them.
    #[must_use]
    pub fn take_rounds(&self) -> Vec<Vec<String>> {
        let said = self.shared.with(|it| std::mem::take(&mut it.said));
        let rounds = said.chunk_by(|(one, _), (other, _)| one == other);
        rounds.map(|round| round.iter().map(|(_, name)| name.clone()).collect()).collect()
    }

    /// Receives all bytes from now on but passes none on, in both directions, like a network that
    /// drops packets. No connection is closed. The bytes are passed on when the black hole ends.
    pub fn black_hole(&self, on: bool) {
        self.shared.with(|it| it.black_hole = on);
        self.shared.changed.notify_all();
    }

    /// Closes every open connection.
    pub fn cut(&self) {
        let open = self.shared.with(|it| std::mem::take(&mut it.open));
        for stream in open {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.with(|it| {
            it.closed = true;
            it.black_hole = false;
        });
        self.shared.changed.notify_all();
        self.cut();
        // Wakes up the listener's thread, which then sees `closed`.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

impl Shared {
    fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        f(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn join(self: &Arc<Self>, client: TcpStream, server: TcpStream, ports: Arc<[Ports]>) {
        let _ = (client.set_nodelay(true), server.set_nodelay(true));
        let both = |it: &TcpStream| it.try_clone().expect("a stream can be shared");
        let (from_client, from_server) = (both(&client), both(&server));
        self.with(|it| it.open.extend([both(&client), both(&server)]));
        let (up, down) = (self.clone(), self.clone());
        std::thread::spawn(move || up.pass(from_client, server, Some(Commands::default()), &[]));
        std::thread::spawn(move || down.pass(from_server, client, None, &ports));
    }

    fn pass(
        &self,
        mut from: TcpStream,
        mut to: TcpStream,
        mut commands: Option<Commands>,
        ports: &[Ports],
    ) {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(len @ 1..) = from.read(&mut buffer) {
            self.wait_for_network();
            if let Some(commands) = &mut commands {
                let said = commands.read(&buffer[..len]);
                self.with(|it| {
                    if !said.is_empty() && std::mem::take(&mut it.answered) {
                        it.round += 1;
                    }
                    let round = it.round;
                    it.said.extend(said.into_iter().map(|name| (round, name)));
                });
            } else {
                self.with(|it| it.answered = true);
            }
            ports.iter().for_each(|it| it.replace(&mut buffer[..len]));
            if to.write_all(&buffer[..len]).is_err() {
                break;
            }
        }
        let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
    }

    fn wait_for_network(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        while state.black_hole {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }
}
