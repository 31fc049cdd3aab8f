//! The directory of a cluster, its owner and its password.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write},
    os::unix::{
        ffi::OsStrExt,
        fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, symlink},
    },
    path::{Path, PathBuf},
};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::{
    error::{ClusterError, IoContext},
    os_user::OsUser,
};

/// The parent directory of a cluster if PostgreSQL's user cannot enter Tenantry's data directory.
const FALLBACK_PARENT: &str = "/var/lib/tenantry-postgres";
/// The maximum length of a socket's directory. macOS and BSD limit the path of a socket to 104 bytes,
/// including the final NUL; 100 leaves a margin.
const MAX_SOCKET_DIRECTORY_BYTES: usize = 100 - "/.s.PGSQL.5432".len();

/// The directory of one cluster. It contains `data`, `run`, `password` and `postgres.log`.
#[derive(Debug, Clone)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) os_user: OsUser,
    /// A message with the location of the home if the home is not in Tenantry's data directory.
    pub(crate) notice: Option<String>,
}

impl Home {
    /// Opens the home in Tenantry's data directory `data_dir` (absolute, existing), and creates it unless it
    /// exists.
    ///
    /// The home is `<data_dir>/postgres`. If PostgreSQL's user cannot enter `data_dir`, that name is a
    /// symbolic link to a directory in `/var/lib/tenantry-postgres`. Later starts follow the link, so that a
    /// change of the permissions does not create a second database.
    pub(crate) fn open(data_dir: &Path) -> Result<Self, ClusterError> {
        let name = data_dir.join("postgres");
        let path = match fs::read_link(&name) {
            Ok(target) => target,
            Err(_) if name.exists() => name.clone(),
            Err(_) if OsUser::for_home(&name)?.can_enter(data_dir).context("enter", data_dir)? => {
                name.clone()
            }
            Err(_) => {
                let target = Path::new(FALLBACK_PARENT).join(hex(&rand::random::<[u8; 8]>()));
                symlink(&target, &name).context("create the link", &name)?;
                target
            }
        };
        let os_user = OsUser::for_home(&path)?;
        create_private(&path, &os_user)?;
        if !os_user.can_enter(&path).context("enter", &path)? {
            return Err(ClusterError::HomeNotAccessible { path, user: os_user.name() });
        }
        let notice = (path != name).then(|| {
            format!(
                "the database is in {}, because PostgreSQL runs as the user \"{}\", who could not enter {} at the first start",
                path.display(),
                os_user.name(),
                data_dir.display()
            )
        });
        Ok(Self { path, os_user, notice })
    }

    /// PostgreSQL's data directory (`PGDATA`).
    pub(crate) fn pgdata(&self) -> PathBuf {
        self.path.join("data")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.path.join("postgres.log")
    }

    /// Returns the password of the cluster's roles. The password consists of letters and digits. Generates it
    /// if the cluster has no data yet.
    pub(crate) fn password(&self) -> Result<SecretString, ClusterError> {
        let path = self.path.join("password");
        match fs::read_to_string(&path) {
            Ok(text) if !text.trim().is_empty() => return Ok(text.trim().into()),
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).context("read", &path);
            }
            _ if self.pgdata().exists() => {
                return Err(ClusterError::PasswordLost { pgdata: self.pgdata(), password: path });
            }
            _ => {}
        }
        let password = SecretString::from(hex(&rand::random::<[u8; 32]>()));
        self.write_password(&path, &password)?;
        Ok(password)
    }

    /// Writes the file under another name and renames it, so that it is complete or does not exist.
    fn write_password(&self, path: &Path, password: &SecretString) -> Result<(), ClusterError> {
        let new = path.with_extension("new");
        match fs::remove_file(&new) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error).context("delete", &new)?,
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
            .context("write", &new)?;
        self.os_user.change_owner(&new)?;
        fs::rename(&new, path).context("write", path)
    }

    /// Returns the directory for the Unix socket, and creates it unless it exists. Only its owner can enter
    /// it.
    pub(crate) fn socket_directory(&self) -> Result<PathBuf, ClusterError> {
        let inside = self.path.join("run");
        let directory = if is_valid_socket_directory(&inside) {
            inside
        } else {
            let hash = Sha256::digest(self.path.as_os_str().as_bytes());
            let hash = hash.get(..8).unwrap_or_default();
            // Uses `/tmp` and not `$TMPDIR`, which may be too long or not accessible to PostgreSQL's user.
            Path::new("/tmp").join(format!("tenantry-{}", hex(hash)))
        };
        create_private(&directory, &self.os_user)?;
        Ok(directory)
    }
}

/// Creates `directory` with mode 0700 for `os_user` unless it exists. Fails if a file or a link has this
/// path, or if the directory belongs to another user.
fn create_private(directory: &Path, os_user: &OsUser) -> Result<(), ClusterError> {
    if let Some(parent) = directory.parent() {
        fs::create_dir_all(parent).context("create", parent)?;
    }
    match DirBuilder::new().mode(0o700).create(directory) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            return Err(error).context("create", directory);
        }
        _ => {}
    }
    let found = fs::symlink_metadata(directory).context("read", directory)?;
    if !found.is_dir() {
        return Err(ClusterError::NotADirectory { path: directory.to_owned() });
    }
    match found.uid() {
        owner if owner == os_user.uid() => Ok(()),
        // Root created the directory: either this process, or an earlier process that was killed before it
        // changed the owner.
        0 => os_user.change_owner(directory),
        owner => Err(ClusterError::OwnedByAnother { path: directory.to_owned(), owner }),
    }
}

/// Returns whether the path is short enough for a socket and needs no quoting in the setting
/// `unix_socket_directories`, a comma-separated list, and in pg_ctl's command line.
fn is_valid_socket_directory(directory: &Path) -> bool {
    let bytes = directory.as_os_str().as_bytes();
    bytes.len() <= MAX_SOCKET_DIRECTORY_BYTES
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"/._-+@~".contains(byte))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
