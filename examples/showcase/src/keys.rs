//! The key ring, and the key that signs access tokens. Both come from files that only their owner
//! can read, or are random.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use tower_auth::keys::KeyRingError;
use tower_auth::{KeyRing, Secret};

/// An error of a key file.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeysError {
    /// The file cannot be read or created.
    Io(PathBuf, io::Error),
    /// Users other than its owner may read or write the file.
    TooOpen,
    /// The file does not contain a key ring.
    Ring(KeyRingError),
    /// The file of the signing key does not contain a P-256 private key.
    SigningKey(rcgen::Error),
}

impl std::fmt::Display for KeysError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(path, error) => write!(f, "the key file {}: {error}", path.display()),
            Self::TooOpen => f.write_str(
                "users other than its owner can read the key file, and forge sessions with it. \
                 `chmod 600` it. If others may have read it, delete it to get new keys",
            ),
            Self::Ring(error) => write!(f, "the key file: {error}"),
            Self::SigningKey(error) => write!(f, "the signing key's file: {error}"),
        }
    }
}

impl std::error::Error for KeysError {}

/// Reads the ring in the file, or creates the file with mode 0600. Without a file, the ring is
/// random.
///
/// # Errors
/// See [`KeysError`].
pub fn open(path: Option<&Path>) -> Result<KeyRing, KeysError> {
    let Some(path) = path else { return Ok(KeyRing::random()) };
    let text = read_or_make(path, || {
        let remark = "# The newest key stands first and signs; every key here verifies.";
        Ok(Secret::new(format!("{remark}\n{}\n", KeyRing::generate_key().expose())))
    })?;
    KeyRing::parse(text.expose()).map_err(KeysError::Ring)
}

/// A P-256 private key. It has no `Debug`.
#[derive(Clone)]
pub struct SigningKey {
    /// The key's id, a prefix of the public key, so that another key has another id.
    pub(crate) kid: String,
    pub(crate) pem: Secret<String>,
}

/// Reads the key that signs access tokens, from the file next to the ring's (`keys` → `keys.jwt`),
/// or creates that file with mode 0600. Without a file, the key is random.
///
/// # Errors
/// See [`KeysError`].
pub fn signing_key(ring: Option<&Path>) -> Result<SigningKey, KeysError> {
    let make = || {
        let pair = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(KeysError::SigningKey)?;
        Ok(Secret::new(pair.serialize_pem()))
    };
    let pem = match ring {
        Some(ring) => read_or_make(&beside(ring), make)?,
        None => make()?,
    };
    let pair = KeyPair::from_pem(pem.expose()).map_err(KeysError::SigningKey)?;
    // Skips the first byte, which only encodes the format of the point.
    let name = pair.public_key_raw().get(1..10).unwrap_or_default();
    Ok(SigningKey { kid: URL_SAFE_NO_PAD.encode(name), pem })
}

fn beside(ring: &Path) -> PathBuf {
    let mut path = ring.as_os_str().to_owned();
    path.push(".jwt");
    path.into()
}

/// Reads the file, or creates it for its owner only.
fn read_or_make(
    path: &Path,
    make: impl FnOnce() -> Result<Secret<String>, KeysError>,
) -> Result<Secret<String>, KeysError> {
    let io = |error| KeysError::Io(path.to_owned(), error);
    if !path.try_exists().map_err(io)? {
        match create(path, &make()?) {
            // If two processes start at once, one creates the file and both read it.
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(io(error));
            }
            _ => {}
        }
    }
    let mut file = File::open(path).map_err(io)?;
    // Checks the open file, not the path, so that the file cannot be exchanged in between.
    if is_open_to_others(&file).map_err(io)? {
        return Err(KeysError::TooOpen);
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(io)?;
    Ok(Secret::new(text))
}

/// Returns a warning about the keys to print at start, if there is one.
#[must_use]
pub fn remark(path: Option<&Path>, store_outlives_the_process: bool) -> Option<&'static str> {
    (path.is_none() && store_outlives_the_process).then_some(
        "The keys are random and lost with this process, but the sessions are stored. To keep users \
         logged in after a restart, name a file with --keys.",
    )
}

fn create(path: &Path, text: &Secret<String>) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.expose().as_bytes())?;
    file.sync_all()
}

#[cfg(unix)]
fn is_open_to_others(file: &File) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

/// Other systems apply the access rules of the directory.
#[cfg(not(unix))]
fn is_open_to_others(_: &File) -> io::Result<bool> {
    Ok(false)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::path::PathBuf;

    use super::*;

    /// A fresh directory for one test.
    fn directory(name: &str) -> PathBuf {
        let path = std::env::temp_dir().join(format!("showcase-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir(&path).unwrap();
        path
    }

    #[test]
    fn a_new_key_file_is_its_owners_alone_and_is_read_again() {
        let path = directory("new-keys").join("keys");
        open(Some(&path)).unwrap();
        let text = fs::read(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        open(Some(&path)).unwrap();
        assert_eq!(fs::read(&path).unwrap(), text, "a second start keeps the keys");
    }

    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        let path = directory("open-keys").join("keys");
        open(Some(&path)).unwrap();
        for mode in [0o640, 0o604, 0o620] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(open(Some(&path)), Err(KeysError::TooOpen)), "{mode:o}");
        }
    }

    #[test]
    fn a_new_signing_key_is_its_owners_alone_and_is_read_again() {
        let ring = directory("new-signing-key").join("keys");
        let (first, second) =
            (signing_key(Some(&ring)).unwrap(), signing_key(Some(&ring)).unwrap());
        assert_eq!((&first.kid, first.pem.expose()), (&second.kid, second.pem.expose()));
        let path = beside(&ring);
        assert_eq!(path.file_name().unwrap(), "keys.jwt");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(signing_key(Some(&ring)), Err(KeysError::TooOpen)));
    }

    #[test]
    fn what_is_no_signing_key_is_refused() {
        let ring = directory("no-signing-key").join("keys");
        signing_key(Some(&ring)).unwrap();
        fs::write(beside(&ring), "nonsense").unwrap();
        assert!(matches!(signing_key(Some(&ring)), Err(KeysError::SigningKey(_))));
    }

    #[test]
    fn another_signing_key_has_another_name() {
        assert_ne!(signing_key(None).unwrap().kid, signing_key(None).unwrap().kid);
    }

    #[test]
    fn random_keys_are_remarked_only_where_they_lose_something() {
        let file = Some(Path::new("keys"));
        assert!(remark(None, true).is_some());
        assert!(remark(None, false).is_none() && remark(file, true).is_none());
    }
}
