//! The names of the commands in a stream of RESP: arrays of bulk strings, as clients send them.

/// Received bytes that do not yet form a whole command.
#[derive(Debug, Default)]
pub(super) struct Commands {
    waiting: Vec<u8>,
}

impl Commands {
    /// Returns the names of the commands that are now whole. The name of a script is `EVALSHA`. A
    /// name with a sub-command has both words.
    pub(super) fn read(&mut self, bytes: &[u8]) -> Vec<String> {
        self.waiting.extend_from_slice(bytes);
        let mut names = Vec::new();
        let mut at = 0;
        while let Some((name, end)) = command(&self.waiting[at..]) {
            names.push(name);
            at += end;
        }
        self.waiting.drain(..at);
        names
    }
}

/// Returns the name of the first command, and its end.
fn command(bytes: &[u8]) -> Option<(String, usize)> {
    let (count, mut at) = number(bytes, b'*')?;
    let mut words = Vec::new();
    for _ in 0..count {
        let (len, start) = number(&bytes[at..], b'$')?;
        let (from, to) = (at + start, at + start + len);
        let word = bytes.get(from..to)?;
        bytes.get(to..to + 2)?;
        if words.len() < 2 {
            words.push(String::from_utf8_lossy(word).to_uppercase());
        }
        at = to + 2;
    }
    let has_second = ["CLIENT", "CLUSTER", "CONFIG", "SCRIPT", "SENTINEL"];
    let name = match &words[..] {
        [] => String::new(),
        [first, second] if has_second.contains(&first.as_str()) => format!("{first} {second}"),
        [first, ..] => first.clone(),
    };
    Some((name, at))
}

/// Parses a number such as `*3\r\n`, and returns it with its end.
fn number(bytes: &[u8], mark: u8) -> Option<(usize, usize)> {
    if *bytes.first()? != mark {
        return None;
    }
    let end = bytes.windows(2).position(|it| it == b"\r\n")?;
    let number = std::str::from_utf8(&bytes[1..end]).ok()?.parse().ok()?;
    Some((number, end + 2))
}

#[test]
fn commands_are_read_however_they_are_cut() {
    let stream =
        b"*2\r\n$3\r\nGET\r\n$1\r\nk\r\n*3\r\n$6\r\nclient\r\n$7\r\nsetname\r\n$2\r\n\r\n\r\n";
    for cut in 0..stream.len() {
        let mut commands = Commands::default();
        let mut names = commands.read(&stream[..cut]);
        names.extend(commands.read(&stream[cut..]));
        assert_eq!(names, ["GET", "CLIENT SETNAME"]);
    }
}
