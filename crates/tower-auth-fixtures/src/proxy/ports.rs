//! Replacement of a server's port by its proxy's port.

/// The two ports in decimal, as in servers' replies.
#[derive(Debug)]
pub(super) struct Ports {
    server: [u8; 5],
    proxy: [u8; 5],
}

impl Ports {
    pub(super) fn new(server: u16, proxy: u16) -> Self {
        let digits = |port: u16| port.to_string().into_bytes().try_into();
        let digits = |port| digits(port).expect("a port from the system has five digits");
        Self { server: digits(server), proxy: digits(proxy) }
    }

    /// Replaces each occurrence of the server's port that has no digit next to it.
    pub(super) fn replace(&self, said: &mut [u8]) {
        let is_digit = |it: Option<&u8>| it.is_some_and(u8::is_ascii_digit);
        for at in 0..said.len().saturating_sub(4) {
            let end = at + self.server.len();
            if said[at..end] == self.server
                && !is_digit(at.checked_sub(1).and_then(|it| said.get(it)))
                && !is_digit(said.get(end))
            {
                said[at..end].copy_from_slice(&self.proxy);
            }
        }
    }
}

#[test]
fn a_port_is_replaced_where_it_stands_alone() {
    let ports = Ports::new(40_001, 50_002);
    let mut said = *b"$9 127.0.0.1:40001@40003 :40001\r\n 140001 400012 40001";
    ports.replace(&mut said);
    assert_eq!(&said, b"$9 127.0.0.1:50002@40003 :50002\r\n 140001 400012 50002");
    ports.replace(&mut []);
}
