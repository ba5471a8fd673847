//! Keys as text. This module overwrites all of its copies before it frees their memory.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;

use super::KeyRingError;

const ANY_PADDING: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
const BASE64: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, ANY_PADDING);

/// The maximum size of a key file, in bytes. The buffer has this size from the start, because
/// growth would leave copies in freed memory.
const LONGEST: usize = 64 * 1024;

/// Encodes a key as base64 with padding.
pub(super) fn encode(key: &[u8]) -> String {
    BASE64.encode(key)
}

/// Decodes the keys of a text, between separators; see [`KeyRing::parse`](super::KeyRing::parse).
pub(super) fn decode(
    text: &str,
    separators: &[char],
) -> Result<Vec<Zeroizing<Vec<u8>>>, KeyRingError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut keys = Vec::new();
    for (at, line) in text.split(separators).enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        keys.push(decode_line(line).ok_or(KeyRingError::NotBase64 { line: at + 1 })?);
    }
    Ok(keys)
}

/// Both buffers have their full size from the start, so they leave no copies.
fn decode_line(line: &str) -> Option<Zeroizing<Vec<u8>>> {
    let mut standard = Zeroizing::new(Vec::with_capacity(line.len()));
    standard.extend(line.bytes().map(|byte| match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte,
    }));
    let mut key = Zeroizing::new(vec![0; base64::decoded_len_estimate(standard.len())]);
    let len = BASE64.decode_slice(&*standard, &mut key).ok()?;
    key.truncate(len);
    Some(key)
}

/// Reads the text of a key file, and checks its permissions.
pub(super) fn read(path: &Path) -> io::Result<(Zeroizing<String>, Option<Exposure>)> {
    let mut file = File::open(path)?;
    // Metadata of the open file, not of the path, so the file cannot be replaced in between.
    let exposure = Exposure::of(&file.metadata()?);
    let mut bytes = Zeroizing::new(vec![0; LONGEST + 1]);
    let mut len = 0;
    while len < bytes.len() {
        match file.read(&mut bytes[len..]) {
            Ok(0) => break,
            Ok(read) => len += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    if len > LONGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "longer than 64 KiB"));
    }
    let text = str::from_utf8(&bytes[..len])
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "not UTF-8"))?;
    Ok((Zeroizing::new(text.to_owned()), exposure))
}

/// Reads an environment variable. The environment keeps its own copy.
pub(super) fn read_env(name: &str) -> Option<Zeroizing<String>> {
    // Not `var`: its error would contain a copy of text that is not Unicode.
    let bytes = Zeroizing::new(std::env::var_os(name)?.into_encoded_bytes());
    str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}

/// The other users who may open a key file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exposure {
    /// All users of the machine.
    Everyone,
    /// The file's group.
    Group,
}

impl Exposure {
    /// Checks a regular file. A pipe, such as a shell's `<(…)`, has no permissions to set.
    #[cfg(unix)]
    fn of(file: &std::fs::Metadata) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt as _;

        let mode = file.permissions().mode();
        match () {
            () if !file.is_file() => None,
            () if mode & 0o007 != 0 => Some(Self::Everyone),
            () if mode & 0o070 != 0 => Some(Self::Group),
            () => None,
        }
    }

    /// Returns `None`. On other systems, the access rules of the directory apply.
    #[cfg(not(unix))]
    fn of(_: &std::fs::Metadata) -> Option<Self> {
        None
    }

    /// Returns the code for events.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Everyone => "open_to_everyone",
            Self::Group => "open_to_group",
        }
    }
}
