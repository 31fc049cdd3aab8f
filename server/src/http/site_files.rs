//! The files of the built site. A release binary embeds them; a development build reads a directory.

#[cfg(any(test, feature = "embedded-site"))]
mod embedded;

use std::{
    borrow::Cow,
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::ServiceExt;
use tower_http::services::ServeDir;

/// The output directory of `cargo xtask site` if `CARGO_TARGET_DIR` is not set.
#[cfg(not(feature = "embedded-site"))]
const DEFAULT_DIRECTORY: &str = "target/site";

/// The source of the site's files. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) enum SiteFiles {
    /// The files in the binary.
    #[cfg(feature = "embedded-site")]
    Embedded,
    Directory(Arc<Path>),
}

impl SiteFiles {
    /// Uses the configured directory, if there is one. Otherwise, a release binary uses its embedded files,
    /// and a development build uses `DEFAULT_DIRECTORY`.
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        match directory {
            Some(directory) => Self::Directory(directory.into()),
            #[cfg(feature = "embedded-site")]
            None => Self::Embedded,
            #[cfg(not(feature = "embedded-site"))]
            None => Self::Directory(Path::new(DEFAULT_DIRECTORY).into()),
        }
    }

    /// Reads a file by its path below the root.
    ///
    /// # Errors
    /// When the file does not exist or cannot be read.
    pub(crate) fn read(&self, path: &str) -> io::Result<Cow<'static, [u8]>> {
        match self {
            #[cfg(feature = "embedded-site")]
            Self::Embedded => {
                embedded::read(path).map(Cow::Borrowed).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            Self::Directory(root) => std::fs::read(root.join(path)).map(Cow::Owned),
        }
    }

    /// Whether a file exists, by its path below the root.
    pub(crate) fn contains(&self, path: &str) -> bool {
        match self {
            #[cfg(feature = "embedded-site")]
            Self::Embedded => embedded::read(path).is_some(),
            Self::Directory(root) => root.join(path).is_file(),
        }
    }

    /// Describes the source of the files in error messages.
    pub(crate) fn location(&self) -> String {
        match self {
            #[cfg(feature = "embedded-site")]
            Self::Embedded => "this binary".to_owned(),
            Self::Directory(root) => root.display().to_string(),
        }
    }

    /// Responds to a GET or HEAD request with a file, in the best encoding that the client accepts. The
    /// status is 404 if the file does not exist.
    pub(crate) async fn respond(&self, request: Request) -> Response {
        match self {
            #[cfg(feature = "embedded-site")]
            Self::Embedded => embedded::respond(&request),
            Self::Directory(root) => {
                let files = ServeDir::new(root)
                    .append_index_html_on_directories(false)
                    .precompressed_br()
                    .precompressed_gzip();
                files.oneshot(request).await.into_response()
            }
        }
    }
}
