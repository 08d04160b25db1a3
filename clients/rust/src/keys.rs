//! CURVE keys: where they come from, and how a socket is given them.

use crate::error::RegistryError;
use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{compiler_fence, Ordering};
use std::sync::Arc;

const KEY_BYTES: usize = 32;
const KEY_CHARACTERS: usize = 40;
const LONGEST_FILE: u64 = 64 * 1024;
/// ZeroMQ RFC 32.
const Z85: &[u8; 85] =
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";

/// By which keys a client speaks with a registry whose endpoints are encrypted (CURVE; docs/security.md). They hold for
/// every endpoint of the client that is given them. Secrets are wiped when the last copy goes, and nothing prints them.
///
/// A connection that is refused for its keys is an error by name, not a silence:
/// [`KeyNotAccepted`](RegistryError::KeyNotAccepted), [`HandshakeFailed`](RegistryError::HandshakeFailed).
#[derive(Clone)]
pub struct CurveKeys {
    server: Key,
    /// None: a fresh pair for each connection.
    own: Option<Arc<Pair>>,
}

impl CurveKeys {
    /// `server_key` is the registry's public key: its 40 characters (Z85), or the path of a certificate that has it, such as
    /// `registry.key`. The client has a fresh pair for each connection, which encrypts and makes sure of the registry, to
    /// which the client is a stranger. Fails with `UnusableKey`.
    pub fn new(server_key: &str) -> Result<CurveKeys, RegistryError> {
        Ok(CurveKeys {
            server: server_key_of(server_key)?,
            own: None,
        })
    }

    /// The client's own certificate with its secret key, such as `client.key_secret`, which nobody but its owner may read
    /// or write; a credential that systemd made for this service will do (`LoadCredential=`). Fails with `UnusableKey`. That its two
    /// keys do not belong together is found out in the handshake alone: `HandshakeFailed`.
    pub fn with_key_file(self, key_file: impl AsRef<Path>) -> Result<CurveKeys, RegistryError> {
        let path = key_file.as_ref();
        match read_certificate(path, Readers::Owner)? {
            Certificate {
                public_key: Some(public),
                secret_key: Some(secret),
            } => Ok(CurveKeys {
                own: Some(Arc::new(Pair { public, secret })),
                ..self
            }),
            _ => Err(unusable(
                path,
                "expected a certificate with a public-key and a secret-key",
            )),
        }
    }

    /// What `REGISTRY_SERVER_KEY` and `REGISTRY_KEY_FILE` name; none where neither is set. Fails with `UnusableKey`.
    pub fn from_environment() -> Result<Option<CurveKeys>, RegistryError> {
        let named = |name| std::env::var(name).unwrap_or_default();
        from_texts(&named("REGISTRY_SERVER_KEY"), &named("REGISTRY_KEY_FILE")).map_err(|error| {
            RegistryError::UnusableKey(format!("REGISTRY_SERVER_KEY, REGISTRY_KEY_FILE: {error}"))
        })
    }

    /// Before the socket connects.
    pub(crate) fn apply(&self, socket: &zmq::Socket) -> zmq::Result<()> {
        socket.set_curve_serverkey(&self.server.0)?;
        match &self.own {
            Some(pair) => {
                socket.set_curve_publickey(&pair.public.0)?;
                socket.set_curve_secretkey(&pair.secret.0)
            }
            None => {
                let mut fresh = zmq::CurveKeyPair::new()?;
                let secret = Key(fresh.secret_key);
                fresh.secret_key.fill(0);
                socket.set_curve_publickey(&fresh.public_key)?;
                socket.set_curve_secretkey(&secret.0)
            }
        }
    }
}

impl fmt::Debug for CurveKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CurveKeys").finish_non_exhaustive()
    }
}

/// What a client has: none, or why it can't have what it was told to use.
pub(crate) type Keys = Result<Option<CurveKeys>, RegistryError>;

struct Pair {
    public: Key,
    secret: Key,
}

/// Wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
struct Key([u8; KEY_BYTES]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.fill(0);
        compiler_fence(Ordering::SeqCst); // so that it is not left out as a thing that nobody reads
    }
}

impl Key {
    /// None where it is no key's text.
    fn parse(text: &str) -> Option<Key> {
        let text = text.as_bytes();
        if text.len() != KEY_CHARACTERS {
            return None;
        }
        let mut key = Key([0; KEY_BYTES]);
        for (five, four) in text.chunks(5).zip(key.0.chunks_mut(4)) {
            let digit = |c: &u8| Z85.iter().position(|z| z == c).map(|place| place as u64);
            let number = five
                .iter()
                .try_fold(0, |number, c| digit(c).map(|digit| number * 85 + digit))?;
            four.copy_from_slice(&u32::try_from(number).ok()?.to_be_bytes());
        }
        Some(key)
    }
}

#[derive(Default)]
struct Certificate {
    public_key: Option<Key>,
    secret_key: Option<Key>,
}

impl Certificate {
    /// The ZPL format (ZeroMQ RFC 4) of czmq and of pyzmq's zmq.auth.
    fn parse(text: &str) -> Certificate {
        let mut certificate = Certificate::default();
        for line in text.lines().map(str::trim) {
            if let Some((name, value)) = line.split_once('=') {
                let key = Key::parse(value.trim_matches(|c| " \t\"'".contains(c)));
                match name.trim() {
                    "public-key" => certificate.public_key = key,
                    "secret-key" => certificate.secret_key = key,
                    _ => {}
                }
            }
        }
        certificate
    }
}

#[derive(PartialEq)]
enum Readers {
    Anybody,
    Owner,
}

fn from_texts(server_key: &str, key_file: &str) -> Keys {
    match (server_key, key_file) {
        ("", "") => Ok(None),
        ("", file) => Err(unusable(
            Path::new(file),
            "is of no use without the registry's public key",
        )),
        (key, "") => CurveKeys::new(key).map(Some),
        (key, file) => CurveKeys::new(key)?.with_key_file(file).map(Some),
    }
}

/// What begins as a path does may be a key all the same: 2 of Z85's 85 characters are '/' and '.'.
fn server_key_of(text: &str) -> Result<Key, RegistryError> {
    let path = Path::new(text);
    match Key::parse(text) {
        Some(key) if !path.exists() => return Ok(key),
        None if !path.exists() && !text.starts_with(&['/', '.'][..]) => {
            return Err(RegistryError::UnusableKey(
                "the registry's key: expected 40 characters (Z85), or a certificate's path".into(),
            ))
        }
        _ => {}
    }
    read_certificate(path, Readers::Anybody)?
        .public_key
        .ok_or_else(|| unusable(path, "expected a certificate with a public-key"))
}

fn unusable(path: &Path, why: &str) -> RegistryError {
    RegistryError::UnusableKey(format!("{}: {why}", path.display()))
}

/// Whether systemd made it for this service alone (systemd.exec(5), LoadCredential=): nobody else comes into the folder.
/// That a group may read the file is then the mask of an ACL which names the service's user.
fn is_credential(path: &Path) -> bool {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").unwrap_or_default();
    !folder.is_empty() && path.parent() == Some(Path::new(&folder))
}

fn read_certificate(path: &Path, readers: Readers) -> Result<Certificate, RegistryError> {
    let failed = |error: std::io::Error| unusable(path, &error.to_string());
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(unusable(path, "no file")); // and might be waited for
    }
    let file = File::open(path).map_err(failed)?;
    let mode = file.metadata().map_err(failed)?.permissions().mode();
    let others = if is_credential(path) { 0o037 } else { 0o077 };
    if readers == Readers::Owner && mode & others != 0 {
        let why = format!(
            "holds a secret key, and others than its owner may use it; chmod 600 {}",
            path.display()
        );
        return Err(unusable(path, &why));
    }
    let mut bytes = Vec::with_capacity(LONGEST_FILE as usize + 1); // which never moves, and leaves nothing behind
    file.take(LONGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LONGEST_FILE {
        return Err(unusable(path, "too long for a certificate"));
    }
    let certificate = std::str::from_utf8(&bytes).map(Certificate::parse);
    bytes.fill(0);
    compiler_fence(Ordering::SeqCst);
    certificate.map_err(|_| unusable(path, "expected a certificate"))
}

#[cfg(test)]
mod tests {
    use super::*;

    // ZeroMQ's own documentation has these.
    const SERVER: &str = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7";
    const PUBLIC: &str = "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID";
    const SECRET: &str = "D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs";

    fn unusable_text(result: Result<CurveKeys, RegistryError>) -> String {
        match result {
            Err(RegistryError::UnusableKey(text)) => text,
            other => panic!("{other:?}"),
        }
    }

    struct Folder(std::path::PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("actors-registry-{}-{name}", std::process::id()));
            fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn file(&self, name: &str, text: &str, mode: u32) -> String {
            let path = self.0.join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path.to_str().unwrap().to_owned()
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn certificate(public: &str, secret: &str) -> String {
        format!("#  a comment with = in it\n\nmetadata\n    name = \"me\"\ncurve\n    public-key = \"{public}\"\n    secret-key = \"{secret}\"\n")
    }

    #[test]
    fn a_key_is_40_characters_of_z85() {
        let bytes = Key::parse(SERVER).unwrap();
        assert_eq!(zmq::z85_encode(&bytes.0).unwrap(), SERVER);
        for text in [
            "",
            &SERVER[1..],
            &SERVER.replace('r', "~"),
            &"#".repeat(40),
            &"ä".repeat(20),
        ] {
            assert!(Key::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn keys_come_from_texts_and_files() {
        let folder = Folder::new("keys_come");
        let public = folder.file("r.key", &certificate(SERVER, ""), 0o644);
        let secret = folder.file("c.key_secret", &certificate(PUBLIC, SECRET), 0o600);
        for server in [SERVER, &public] {
            let keys = CurveKeys::new(server).unwrap().with_key_file(&secret).unwrap();
            assert!(keys.server == Key::parse(SERVER).unwrap());
            let pair = keys.own.unwrap();
            assert!(pair.public == Key::parse(PUBLIC).unwrap() && pair.secret == Key::parse(SECRET).unwrap());
        }
        assert!(from_texts("", "").unwrap().is_none());
        assert!(from_texts(SERVER, &secret).unwrap().unwrap().own.is_some());
        assert!(from_texts(SERVER, "").unwrap().unwrap().own.is_none());
        assert!(from_texts("", &secret).is_err());
    }

    #[test]
    fn what_can_t_be_used_is_said_without_a_key_in_it() {
        let folder = Folder::new("what_can_t");
        let readable = folder.file("readable", &certificate(PUBLIC, SECRET), 0o640);
        let half = folder.file("half", &certificate(PUBLIC, "nonsense"), 0o600);
        let long = folder.file("long", &certificate(PUBLIC, SECRET).repeat(1000), 0o600);
        let directory = folder.0.to_str().unwrap();
        let keys = || CurveKeys::new(SERVER).unwrap();
        let cases = [
            (CurveKeys::new(&SERVER[1..]), "40 characters"),
            (CurveKeys::new(directory), "no file"),
            (CurveKeys::new("/nowhere/at.key"), "No such file"),
            (keys().with_key_file(&readable), "chmod 600"),
            (keys().with_key_file(half), "secret-key"),
            (keys().with_key_file(long), "too long"),
        ];
        for (result, expected) in cases {
            let text = unusable_text(result);
            assert!(text.contains(expected), "{text}");
            assert!(!text.contains(SECRET) && !text.contains(&SERVER[1..]), "{text}");
        }
    }

    #[test]
    fn nothing_prints_keys() {
        assert_eq!(
            format!("{:?}", CurveKeys::new(SERVER).unwrap()),
            "CurveKeys { .. }"
        );
    }

    /// A fuzzer of a few lines: the same bytes in each run.
    #[test]
    fn no_text_does_harm() {
        let good = certificate(PUBLIC, SECRET);
        let mut state = 88_172_645_463_325_252_u64;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state as usize
        };
        for _ in 0..20_000 {
            let mut bytes = good.clone().into_bytes();
            for _ in 0..1 + random() % 4 {
                let at = random() % bytes.len();
                match random() % 3 {
                    0 => bytes[at] = random() as u8,
                    1 => bytes.truncate(at + 1),
                    _ => bytes.insert(at, b"=\"'#\n ~"[random() % 7]),
                }
            }
            let _ = Certificate::parse(&String::from_utf8_lossy(&bytes));
        }
    }
}
