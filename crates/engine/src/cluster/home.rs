//! Where the cluster lives, who owns it and with which password it is opened.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, symlink},
    },
    path::{Path, PathBuf},
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::{
    account::Account,
    error::{ClusterError, Doing},
};

/// Homes for root whose data directory other users cannot enter.
const ELSEWHERE: &str = "/var/lib/tenantry";
/// A socket's path must fit in 104 bytes on every system, its name included.
const LONGEST_SOCKET_FOLDER: usize = 100 - "/.s.PGSQL.5432".len();

/// The folder that holds one cluster: `data`, `run`, `password`, `postgres.log`.
#[derive(Debug, Clone)]
pub(super) struct Home {
    pub(super) path: PathBuf,
    pub(super) account: Account,
    /// Set when the home could not be inside the data directory.
    pub(super) notice: Option<String>,
}

impl Home {
    /// Finds or makes the home of `data_dir` (absolute, existing).
    ///
    /// It is `<data_dir>/postgres`. Where the user who must run PostgreSQL
    /// cannot get there, that name is a link to a folder under
    /// `/var/lib/tenantry`. The link, not a rule, is what a later start goes
    /// by: other permissions or another path never lose a database.
    pub(super) fn open(data_dir: &Path) -> Result<Self, ClusterError> {
        let name = data_dir.join("postgres");
        let path = match fs::read_link(&name) {
            Ok(target) => target,
            Err(_) if name.exists() => name.clone(),
            Err(_) if Account::for_home(&name)?.can_enter(data_dir).doing("enter", data_dir)? => name.clone(),
            Err(_) => {
                let bytes: [u8; 8] = rand::random();
                let target = Path::new(ELSEWHERE).join(hex(&bytes));
                symlink(&target, &name).doing("create the link", &name)?;
                target
            }
        };
        let account = Account::for_home(&path)?;
        make_private(&path, &account)?;
        if !account.can_enter(&path).doing("enter", &path)? {
            return Err(ClusterError::Unreachable { path, user: account.name().to_owned() });
        }
        let notice = (path != name).then(|| {
            format!(
                "the database is in {}, because the user \"{}\", as whom PostgreSQL runs, cannot enter {}",
                path.display(),
                account.name(),
                data_dir.display()
            )
        });
        Ok(Self { path, account, notice })
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(super) fn log(&self) -> PathBuf {
        self.path.join("postgres.log")
    }

    /// The password of the cluster's roles, made at random before the cluster is.
    pub(super) fn password(&self) -> Result<SecretString, ClusterError> {
        let path = self.path.join("password");
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().into()),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).doing("read", &path);
            }
            _ if self.data().exists() => {
                return Err(ClusterError::PasswordLost { data: self.data(), password: path });
            }
            _ => {}
        }
        let bytes: [u8; 32] = rand::random();
        let password = SecretString::from(BASE64_URL_SAFE_NO_PAD.encode(bytes));
        self.write_password(&path, &password)?;
        Ok(password)
    }

    /// Whole or not at all: under another name first.
    fn write_password(&self, path: &Path, password: &SecretString) -> Result<(), ClusterError> {
        let new = path.with_extension("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error).doing("remove", &new)?,
            _ => {}
        }
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&new)
            .and_then(|mut file| {
                writeln!(file, "{}", password.expose_secret())?;
                file.sync_all()
            })
            .doing("write", &new)?;
        self.account.own(&new)?;
        fs::rename(&new, path).doing("write", path)
    }

    /// The folder for the Unix socket, for its owner only.
    pub(super) fn socket_folder(&self) -> Result<PathBuf, ClusterError> {
        let inside = self.path.join("run");
        let folder = if fits(&inside) {
            inside
        } else {
            let hash = Sha256::digest(self.path.as_os_str().as_bytes());
            let hash = hash.get(..8).unwrap_or_default();
            // Not $TMPDIR: it may be long, or closed to the user of PostgreSQL.
            Path::new("/tmp").join(format!("tenantry-{}", hex(hash)))
        };
        make_private(&folder, &self.account)?;
        Ok(folder)
    }
}

/// Makes `folder` with mode 0700 for `account`; refuses one of somebody else.
fn make_private(folder: &Path, account: &Account) -> Result<(), ClusterError> {
    if let Some(parent) = folder.parent() {
        fs::create_dir_all(parent).doing("create", parent)?;
    }
    match DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).doing("create", folder);
        }
        _ => {}
    }
    let found = fs::symlink_metadata(folder).doing("look at", folder)?;
    let refused = ClusterError::OwnedByAnother { path: folder.to_owned(), owner: found.uid() };
    match found.uid() {
        _ if !found.is_dir() => Err(refused),
        owner if owner == account.uid() => Ok(()),
        // Root's own: just made, or left by a start that was killed right here.
        0 => account.own(folder),
        _ => Err(refused),
    }
}

/// Whether the path is short enough for a socket and needs no quoting in
/// PostgreSQL's comma-separated list or on pg_ctl's command line.
fn fits(folder: &Path) -> bool {
    let bytes = folder.as_os_str().as_bytes();
    bytes.len() <= LONGEST_SOCKET_FOLDER
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@~".contains(byte))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
