//! The names of the commands in a stream of RESP: arrays of bulk strings, as clients speak it.

/// What came and is not a whole command yet.
#[derive(Debug, Default)]
pub(super) struct Commands {
    waiting: Vec<u8>,
}

impl Commands {
    /// The names of the commands that are whole now. Of a script it is `EVALSHA`; with a
    /// sub-command, both words.
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

/// The first command's name, and where it ends.
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

/// `*3\r\n` is 3, and where it ends.
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
