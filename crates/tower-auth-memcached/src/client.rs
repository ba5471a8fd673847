//! A connection with the two commands that a step needs: meta get (`mg`) and meta set (`ms`).

use std::io;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::address::{Address, Connection};
use crate::failure::Failure;

/// The longest line that is read, in bytes. The longest lines are error messages.
const LONGEST_LINE: u64 = 4096;

pub(crate) struct Client {
    stream: BufReader<Connection>,
    /// Whether the answer to the last command was read to its end. It was not if the step was
    /// dropped midway; the next command would then read that answer as its own.
    in_step: bool,
    /// The longest value that is read, in bytes, so that an answer cannot exhaust the memory.
    longest: u64,
}

impl Client {
    pub(crate) async fn connect(address: &Address, longest: u64) -> Result<Self, Failure> {
        let stream = address.connect().await.map_err(|error| Failure::of(&error))?;
        Ok(Self { stream: BufReader::new(stream), in_step: true, longest })
    }

    /// Whether the connection can be used for another command. If the server sent more than one
    /// answer, the next command would read the surplus as its own answer.
    pub(crate) fn is_in_step(&self) -> bool {
        self.in_step && self.stream.buffer().is_empty()
    }

    /// Reads a value and its change number (CAS); `None` if the key has no value.
    ///
    /// The server repeats the key beside the value, and this method checks it. An answer for
    /// another key, left over on the connection or sent twice, would be another user's record.
    pub(crate) async fn get(&mut self, key: &str) -> Result<Option<(Vec<u8>, u64)>, Failure> {
        let head = self.ask(format!("mg {key} k v c\r\n").as_bytes()).await?;
        let mut words = head.split(' ');
        match words.next() {
            Some("EN") if may_be_of(words.clone(), key) => self.done(None),
            Some("VA") => {
                let len = words.next().and_then(|it| it.parse().ok());
                if words.clone().find_map(|it| it.strip_prefix('k')) != Some(key) {
                    return Err(Failure::Refused);
                }
                let len = len.filter(|it| *it <= self.longest).ok_or(Failure::Refused)?;
                let change = words.find_map(|it| it.strip_prefix('c'));
                let change = change.and_then(|it| it.parse().ok()).ok_or(Failure::Refused)?;
                let value = self.value(len).await?;
                self.done(Some((value, change)))
            }
            _ => Err(self.refused(&head)),
        }
    }

    /// Writes a value if the conditions in `flags` hold; returns `false` if they do not.
    pub(crate) async fn set(
        &mut self,
        key: &str,
        value: &[u8],
        flags: [&str; 2],
    ) -> Result<bool, Failure> {
        let [ttl, only] = flags;
        let mut command = format!("ms {key} {} k {ttl} {only}\r\n", value.len()).into_bytes();
        command.extend_from_slice(value);
        command.extend_from_slice(b"\r\n");
        let head = self.ask(&command).await?;
        let mut words = head.split(' ');
        match words.next() {
            Some("HD") if may_be_of(words.clone(), key) => self.done(true),
            Some("NS" | "EX" | "NF") if may_be_of(words.clone(), key) => self.done(false),
            _ => Err(self.refused(&head)),
        }
    }

    /// Sends a command and returns the first line of the answer.
    async fn ask(&mut self, command: &[u8]) -> Result<String, Failure> {
        self.in_step = false;
        let head = async {
            self.stream.write_all(command).await?;
            self.stream.flush().await?;
            self.line().await
        };
        head.await.map_err(|error| Failure::of(&error))
    }

    async fn line(&mut self) -> io::Result<String> {
        let mut line = String::new();
        (&mut self.stream).take(LONGEST_LINE).read_line(&mut line).await?;
        match line.strip_suffix("\r\n") {
            Some(line) => Ok(line.to_owned()),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Reads a value of `len` bytes and the end of its line.
    async fn value(&mut self, len: u64) -> Result<Vec<u8>, Failure> {
        let mut value = Vec::new();
        let read = async {
            // Allocates as data arrives, regardless of the announced length.
            (&mut self.stream).take(len).read_to_end(&mut value).await?;
            self.line().await
        };
        let end = read.await.map_err(|error| Failure::of(&error))?;
        if end.is_empty() { Ok(value) } else { Err(Failure::Refused) }
    }

    /// Records that the answer was read to its end, and returns it.
    const fn done<T>(&mut self, answer: T) -> Result<T, Failure> {
        self.in_step = true;
        Ok(answer)
    }

    /// Turns an error line into a failure. A `SERVER_ERROR` line completes the answer; after any
    /// other line the connection is closed.
    fn refused(&mut self, head: &str) -> Failure {
        let Some(text) = head.strip_prefix("SERVER_ERROR") else { return Failure::Refused };
        self.in_step = true;
        if text.contains("too large") {
            Failure::TooLarge
        } else if text.contains("out of memory") {
            Failure::Full
        } else {
            Failure::Refused
        }
    }
}

/// Whether an answer without a value can be for `key`: it can unless it names another key. Older
/// servers repeat the key only beside a value.
fn may_be_of<'w>(mut words: impl Iterator<Item = &'w str>, key: &str) -> bool {
    words.find_map(|it| it.strip_prefix('k')).is_none_or(|named| named == key)
}

#[cfg(test)]
mod tests {
    use tokio::io::{DuplexStream, duplex};

    use super::*;

    fn client() -> (Client, DuplexStream) {
        let (ours, server) = duplex(1 << 16);
        (Client { stream: BufReader::new(Box::new(ours)), in_step: true, longest: 1 << 21 }, server)
    }

    #[tokio::test]
    async fn each_answer_is_understood() {
        let (mut client, mut server) = client();
        for (said, found, in_step) in [
            ("EN\r\n", Ok(None), true),
            ("EN kkey\r\n", Ok(None), true),
            ("VA 0 kkey c9\r\n\r\n", Ok(Some((&b""[..], 9))), true),
            (
                "VA 4 kkey c18446744073709551615 kkey\r\n\r\n\0x\r\n",
                Ok(Some((b"\r\n\0x", u64::MAX))),
                true,
            ),
            ("SERVER_ERROR out of memory storing object\r\n", Err("no memory"), true),
            ("SERVER_ERROR object too large for cache\r\n", Err("too large"), true),
            ("SERVER_ERROR\r\n", Err("refused"), true),
            ("ERROR\r\n", Err("refused"), false),
            ("CLIENT_ERROR bad command line format\r\n", Err("refused"), false),
            ("VA 4 kkey\r\nfour\r\n", Err("refused"), false),
            ("VA four kkey c1\r\nfour\r\n", Err("refused"), false),
            ("VA 2097153 kkey c1\r\n", Err("refused"), false),
            ("VA 18446744073709551615 kkey c1\r\n", Err("refused"), false),
            // An answer for another key, or without a key.
            ("EN kother\r\n", Err("refused"), false),
            ("EN kke\r\n", Err("refused"), false),
            ("VA 4 kother c1\r\nfour\r\n", Err("refused"), false),
            ("VA 4 kkey2 c1\r\nfour\r\n", Err("refused"), false),
            ("VA 4 c1\r\nfour\r\n", Err("refused"), false),
            // An answer sent twice: the second would be read as the answer to the next command.
            ("EN\r\nEN\r\n", Ok(None), false),
            ("\r\n", Err("refused"), false),
        ] {
            server.write_all(said.as_bytes()).await.unwrap();
            let answer = client.get("key").await;
            assert_eq!(client.is_in_step(), in_step, "{said:?}");
            match (answer, found) {
                (Ok(its), Ok(found)) => {
                    assert_eq!(its.as_ref().map(|it| (&it.0[..], it.1)), found, "{said:?}");
                }
                (Err(failure), Err(text)) => {
                    assert!(failure.to_string().contains(text), "{said:?}")
                }
                (its, _) => panic!("{said:?}: {its:?}"),
            }
            // Skips the rest of an unexpected answer. The store would close such a connection.
            client = Client { in_step: true, ..client };
            while !client.stream.buffer().is_empty() {
                client.line().await.unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_value_or_a_line_that_is_cut_short_is_a_lost_connection() {
        for said in
            ["", "EN", "VA 4 kkey c1\r\nfou", "VA 4 kkey c1\r\nfour", "VA 2097152 kkey c1\r\nx"]
        {
            let (mut client, mut server) = client();
            server.write_all(said.as_bytes()).await.unwrap();
            drop(server);
            let failure = client.get("key").await.unwrap_err();
            assert!(matches!(failure, Failure::Connection(_)), "{said:?}: {failure}");
            assert!(!client.is_in_step());
        }
        let (mut client, mut server) = client();
        server.write_all(&[b'x'; 5000]).await.unwrap();
        assert!(client.get("key").await.is_err(), "a line without an end");
    }

    #[tokio::test]
    async fn a_value_is_sent_with_its_length_and_conditions() {
        let (mut client, mut server) = client();
        for (answer, done) in [
            ("HD kkey\r\n", true),
            ("HD\r\n", true),
            ("EX kkey\r\n", false),
            ("EX\r\n", false),
            ("NF\r\n", false),
            ("NS kkey\r\n", false),
        ] {
            server.write_all(answer.as_bytes()).await.unwrap();
            assert_eq!(client.set("key", b"a\r\n", ["T60", "C7"]).await.unwrap(), done);
            let mut sent = [0; 24];
            server.read_exact(&mut sent).await.unwrap();
            assert_eq!(sent, *b"ms key 3 k T60 C7\r\na\r\n\r\n");
        }
    }

    /// A repeated answer that arrives after the first was read: the connection looks in step.
    #[tokio::test]
    async fn an_answer_that_came_twice_is_not_the_next_keys() {
        for (doubled, of) in [
            ("VA 3 kone c1\r\nold\r\n", "get"),
            ("EN kone\r\n", "get"),
            ("HD kone\r\n", "set"),
            ("NS kone\r\n", "set"),
        ] {
            let (mut client, mut server) = client();
            server.write_all(doubled.as_bytes()).await.unwrap();
            match of {
                "get" => drop(client.get("one").await.unwrap()),
                _ => drop(client.set("one", b"", ["T60", "ME"]).await.unwrap()),
            }
            assert!(client.is_in_step());
            server.write_all(doubled.as_bytes()).await.unwrap();
            match of {
                "get" => drop(client.get("two").await.unwrap_err()),
                _ => drop(client.set("two", b"", ["T60", "ME"]).await.unwrap_err()),
            }
            assert!(!client.is_in_step(), "{doubled:?}");
        }
    }

    /// Otherwise the next step would read the answer as its own: another user's record.
    #[tokio::test]
    async fn a_command_that_was_dropped_leaves_the_connection_unusable() {
        let (mut client, mut server) = client();
        tokio::select! {
            biased;
            _ = client.get("key") => panic!("nothing was answered"),
            () = std::future::ready(()) => {}
        }
        assert!(!client.is_in_step());
        server.write_all(b"EN\r\n").await.unwrap();
    }
}
