//! Uploads of archives: the archive itself as the body, or a form with the archive and other fields.

use std::collections::HashMap;

use axum::{body::Bytes, extract::Request, http::header};
use domain::{
    FieldProblem,
    import::{MAX_ARCHIVE, MAX_FILE},
};
use futures_util::stream;
use multer::Multipart;

use super::{error::ApiError, limits::read_upload};

/// The maximum size of a form: the archive, the owners file and the text fields with their headers.
const MAX_FORM: usize = MAX_ARCHIVE + MAX_FILE + 64 * 1024;
/// The maximum number of fields of a form.
const MAX_FIELDS: usize = 20;
const FORM: &str = "multipart/form-data";
/// The content types of archives. The content decides which kind it is.
const ARCHIVES: [&str; 7] = [
    "application/zip",
    "application/x-zip-compressed",
    "application/gzip",
    "application/x-gzip",
    "application/x-tar",
    "application/x-compressed-tar",
    "application/octet-stream",
];

/// A file of an upload.
#[derive(Debug, Clone, Default)]
pub(crate) struct UploadedFile {
    /// The name, if the client sent one.
    pub name: String,
    pub content: Bytes,
}

/// The fields of an upload. The body of an upload without a form is the file `archive`.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    files: HashMap<String, UploadedFile>,
    texts: HashMap<String, String>,
}

impl Upload {
    /// Reads an upload.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` for a body that is too large, incomplete or has another content type, and for a form with
    /// an unknown or repeated field.
    pub(crate) async fn read(request: Request, files: &[&str], texts: &[&str]) -> Result<Self, ApiError> {
        let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let media_type = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        if media_type == FORM {
            let boundary = multer::parse_boundary(&content_type).map_err(|_| invalid_form())?;
            let body = read_upload(request.into_body(), MAX_FORM).await?;
            return Self::from_form(body, boundary, files, texts).await;
        }
        if !ARCHIVES.contains(&media_type.as_str()) {
            return Err(ApiError::content_type(
                "Send the archive with the content type application/zip or application/gzip, or a form with \
                 multipart/form-data.",
            ));
        }
        let content = read_upload(request.into_body(), MAX_ARCHIVE).await?;
        let archive = UploadedFile { name: String::new(), content };
        Ok(Self { files: HashMap::from([("archive".to_owned(), archive)]), texts: HashMap::new() })
    }

    async fn from_form(
        body: Bytes,
        boundary: String,
        files: &[&str],
        texts: &[&str],
    ) -> Result<Self, ApiError> {
        let body = stream::iter([Ok::<_, std::io::Error>(body)]);
        let (mut form, mut upload) = (Multipart::new(body, boundary), Self::default());
        let mut fields = 0;
        while let Some(field) = form.next_field().await.map_err(|_| invalid_form())? {
            fields += 1;
            let name = field.name().unwrap_or_default().to_owned();
            let is_file = files.contains(&name.as_str());
            if fields > MAX_FIELDS || !is_file && !texts.contains(&name.as_str()) {
                let short: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
                let message = format!(
                    "This field does not exist. The fields are: {}.",
                    [files, texts].concat().join(", ")
                );
                return Err(ApiError::from_field(FieldProblem::new(&short, "unknown_field", &message)));
            }
            let file_name = field.file_name().unwrap_or_default().to_owned();
            let content = field.bytes().await.map_err(|_| invalid_form())?;
            let is_repeated = match is_file {
                // A browser sends a file without a name and content for an empty field.
                true if content.is_empty() && file_name.is_empty() => false,
                true => {
                    upload.files.insert(name.clone(), UploadedFile { name: file_name, content }).is_some()
                }
                false => {
                    let text = String::from_utf8(content.to_vec()).map_err(|_| invalid_form())?;
                    upload.texts.insert(name.clone(), text).is_some()
                }
            };
            if is_repeated {
                return Err(ApiError::from_field(FieldProblem::new(
                    &name,
                    "repeated",
                    "Send this field once.",
                )));
            }
        }
        Ok(upload)
    }

    /// Takes a file.
    pub(crate) fn file(&mut self, name: &str) -> Option<UploadedFile> {
        self.files.remove(name)
    }

    /// Takes a text. Empty if the field is missing.
    pub(crate) fn text(&mut self, name: &str) -> String {
        self.texts.remove(name).unwrap_or_default()
    }
}

fn invalid_form() -> ApiError {
    ApiError::from_field(FieldProblem::new("", "form", "The form could not be read. Send it again."))
}
