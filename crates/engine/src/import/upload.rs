//! Accepts archives that are imported in the background.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use connectors::EncryptedSecret;
use domain::{
    ErrorCode, FieldProblem, Problem, Timestamp,
    idempotency_key::IdempotencyKey,
    import::{AcceptedImport, MAX_ARCHIVE, MAX_FILE},
};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::{ImportSource, audit::record_started, read_archive};
use crate::{
    Engine, Error,
    access::{Actor, Employee},
};

/// The field under which the vault encrypts an upload.
const FIELD: &str = "import upload";
/// How many uploads a process checks at the same time. Each needs up to 100 MiB: the archive of 16 MiB, and its files
/// of up to 64 MiB or, after these, the archive in base64 and its ciphertext.
static CHECKS: Semaphore = Semaphore::const_new(2);
/// The longest stored name of an archive, in characters.
const MAX_NAME: usize = 100;

/// An archive with its options.
#[derive(Debug, Clone, Default)]
pub struct ImportUpload {
    /// The name of the archive, for people. May be empty.
    pub file_name: String,
    /// The archive.
    pub archive: Vec<u8>,
    /// The owners file. It replaces the one in the archive.
    pub owners: Option<Vec<u8>>,
    /// Whether nothing is changed.
    pub dry_run: bool,
    /// Whether literal secrets are stored encrypted.
    pub encrypt_secrets: bool,
    /// The beginning of the links in invitations.
    pub origin: String,
}

/// The content of an upload, as it is encrypted.
#[derive(Deserialize)]
struct Content {
    archive: String,
    owners: Option<String>,
}

/// Checks an archive and stores it, encrypted, until a process has imported it. A repeated call with the same
/// key and upload stores nothing, and returns the import of the first call and true.
///
/// # Errors
/// `FORBIDDEN`; `VALIDATION_ERROR` for an archive that cannot be read or is not safe; `IDEMPOTENCY_KEY_REUSED`;
/// the database's error.
pub async fn accept_import(
    engine: &Engine,
    by: &Employee,
    key: &IdempotencyKey,
    upload: ImportUpload,
) -> Result<(AcceptedImport, bool), Error> {
    by.require_provisioning()?;
    let fingerprint = fingerprint(engine, &upload);
    if let Some(accepted) = find_accepted(engine, key, fingerprint).await? {
        return Ok((accepted, true));
    }
    let id = Uuid::now_v7();
    let checked = check(engine, id, upload).await?;
    let CheckedUpload { upload, total, sealed } = checked;
    let mut transaction = engine.pool().begin().await?;
    let inserted = sqlx::query!(
        "INSERT INTO imports (id, idempotency_key, fingerprint, employee_id, file_name, dry_run, encrypt_secrets, origin,
             wrapped_key, ciphertext, total)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (idempotency_key) DO NOTHING",
        id,
        key.uuid(),
        &fingerprint[..],
        by.id,
        shown_name(&upload.file_name),
        upload.dry_run,
        upload.encrypt_secrets,
        upload.origin,
        sealed.wrapped_key,
        sealed.ciphertext,
        total
    )
    .execute(&mut transaction)
    .await?;
    if inserted.rows_affected() > 0 {
        let actor = Actor::from(by.clone());
        record_started(&mut transaction, &actor, id, upload.dry_run, total).await?;
    }
    transaction.commit().await?;
    engine.uploads().notify_one();
    let accepted = find_accepted(engine, key, fingerprint).await?.ok_or(ErrorCode::ResourceNotFound)?;
    Ok((accepted, inserted.rows_affected() == 0))
}

/// Imports the archive of a dry run, and deletes it. The idempotency key depends only on the dry run, so a repeated
/// call returns the same import.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND` if there is no such dry run, or its archive was deleted; the errors of
/// [`accept_import`].
pub async fn import_after_dry_run(
    engine: &Engine,
    by: &Employee,
    dry_run: Uuid,
    origin: &str,
) -> Result<AcceptedImport, Error> {
    by.require_provisioning()?;
    let key = &key_after(dry_run)?;
    let repeated =
        sqlx::query_scalar!("SELECT fingerprint FROM imports WHERE idempotency_key = $1", key.uuid())
            .fetch_optional(&engine.pool())
            .await?;
    if let Some(fingerprint) = repeated.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
        return find_accepted(engine, key, fingerprint)
            .await?
            .ok_or_else(|| ErrorCode::ResourceNotFound.into());
    }
    let row = sqlx::query!(
        r#"SELECT file_name, encrypt_secrets, wrapped_key AS "wrapped_key!", ciphertext AS "ciphertext!" FROM imports
           WHERE id = $1 AND dry_run AND state = 'completed' AND ciphertext IS NOT NULL"#,
        dry_run
    )
    .fetch_optional(&engine.pool())
    .await?
    .ok_or(ErrorCode::ResourceNotFound)?;
    let sealed = EncryptedSecret { wrapped_key: row.wrapped_key, ciphertext: row.ciphertext };
    let (archive, owners) = open(engine, dry_run, &sealed)?;
    let upload = ImportUpload {
        file_name: row.file_name,
        archive,
        owners,
        dry_run: false,
        encrypt_secrets: row.encrypt_secrets,
        origin: origin.to_owned(),
    };
    let (accepted, _) = accept_import(engine, by, key, upload).await?;
    sqlx::query!("UPDATE imports SET wrapped_key = NULL, ciphertext = NULL WHERE id = $1", dry_run)
        .execute(&engine.pool())
        .await?;
    Ok(accepted)
}

/// The idempotency key of the import after a dry run.
fn key_after(dry_run: Uuid) -> Result<IdempotencyKey, Error> {
    let digest = Sha256::digest(format!("tenantry import after dry run\n{dry_run}"));
    let bytes: [u8; 16] = std::array::from_fn(|index| digest[index]);
    IdempotencyKey::from_uuid(uuid::Builder::from_custom_bytes(bytes).into_uuid())
        .map_err(|problem| Error::unexpected("key", problem))
}

/// The files of a stored upload.
pub(super) async fn read_source(
    engine: &Engine,
    id: Uuid,
    sealed: &EncryptedSecret,
) -> Result<ImportSource, Error> {
    let (archive, owners) = open(engine, id, sealed)?;
    tokio::task::spawn_blocking(move || to_source(&archive, owners.as_deref()))
        .await
        .map_err(|panic| Error::UnexpectedResponse(panic.to_string()))?
}

/// The import with this key, if it exists.
async fn find_accepted(
    engine: &Engine,
    key: &IdempotencyKey,
    fingerprint: [u8; 32],
) -> Result<Option<AcceptedImport>, Error> {
    let found = sqlx::query!(
        r#"SELECT id, fingerprint, file_name, dry_run, encrypt_secrets, total,
             (extract(epoch FROM created_at) * 1000000)::bigint AS "created_us!"
           FROM imports WHERE idempotency_key = $1"#,
        key.uuid()
    )
    .fetch_optional(&engine.pool())
    .await?;
    match found {
        None => Ok(None),
        Some(row) if row.fingerprint != fingerprint => Err(ErrorCode::IdempotencyKeyReused.into()),
        Some(row) => Ok(Some(AcceptedImport {
            id: row.id,
            file_name: row.file_name,
            dry_run: row.dry_run,
            encrypt_secrets: row.encrypt_secrets,
            total: row.total.try_into().unwrap_or_default(),
            created_at: Timestamp::from_microseconds(row.created_us),
        })),
    }
}

/// An upload that can be stored. Its files are empty, because they are in `sealed`.
struct CheckedUpload {
    upload: ImportUpload,
    /// The number of folders.
    total: i32,
    sealed: EncryptedSecret,
}

/// Checks the sizes and the archive, counts its folders, and encrypts it.
async fn check(engine: &Engine, id: Uuid, mut upload: ImportUpload) -> Result<CheckedUpload, Error> {
    let too_large = |field: &str, max: usize| -> Error {
        let message = format!("The file is larger than {} KiB. Send a smaller one.", max / 1024);
        Problem::from_fields(vec![FieldProblem::new(field, "too_large", &message)]).into()
    };
    if upload.archive.len() > MAX_ARCHIVE {
        return Err(too_large("archive", MAX_ARCHIVE));
    }
    if upload.owners.as_ref().is_some_and(|owners| owners.len() > MAX_FILE) {
        return Err(too_large("owners", MAX_FILE));
    }
    let _permit = CHECKS.acquire().await.map_err(|closed| Error::UnexpectedResponse(closed.to_string()))?;
    let engine = engine.clone();
    let checked = tokio::task::spawn_blocking(move || {
        let total = to_source(&upload.archive, upload.owners.as_deref())?.len();
        let files = (std::mem::take(&mut upload.archive), upload.owners.take());
        let sealed = seal(&engine, id, files)?;
        Ok::<_, Error>(CheckedUpload { upload, total: i32::try_from(total).unwrap_or(i32::MAX), sealed })
    });
    checked.await.map_err(|panic| Error::UnexpectedResponse(panic.to_string()))?
}

fn to_source(archive: &[u8], owners: Option<&[u8]>) -> Result<ImportSource, Error> {
    let source = read_archive(archive)?;
    Ok(match owners {
        Some(owners) => source.with_owners(domain::import::OWNERS_FILE, owners),
        None => source,
    })
}

fn fingerprint(engine: &Engine, upload: &ImportUpload) -> [u8; 32] {
    let digest = |bytes: &[u8]| BASE64_STANDARD.encode(Sha256::digest(bytes));
    engine.master_key.fingerprint(&json!({
        "import": digest(&upload.archive),
        "owners": upload.owners.as_deref().map(digest),
        "dryRun": upload.dry_run,
        "encryptSecrets": upload.encrypt_secrets,
    }))
}

/// The upload may contain secrets and personal data, so it is never stored in clear. The text is the JSON of
/// [`Content`]; the archive is encoded into it without copies.
fn seal(
    engine: &Engine,
    id: Uuid,
    (archive, owners): (Vec<u8>, Option<Vec<u8>>),
) -> Result<EncryptedSecret, Error> {
    let owners = serde_json::to_string(&owners.map(|owners| BASE64_STANDARD.encode(owners)))?;
    let mut text = String::with_capacity(archive.len().div_ceil(3) * 4 + owners.len() + 32);
    text.push_str(r#"{"archive":""#);
    BASE64_STANDARD.encode_string(&archive, &mut text);
    drop(archive);
    text.push_str(r#"","owners":"#);
    text.push_str(&owners);
    text.push('}');
    let text = SecretString::from(text);
    engine.vault().seal(id, FIELD, &text).map_err(|failure| Error::UnexpectedResponse(failure.message))
}

/// The archive and the owners file of an upload.
fn open(engine: &Engine, id: Uuid, sealed: &EncryptedSecret) -> Result<(Vec<u8>, Option<Vec<u8>>), Error> {
    let text = engine.vault().open(id, FIELD, sealed);
    let text = text.map_err(|failure| Error::UnexpectedResponse(failure.message))?;
    let content: Content = serde_json::from_str(text.expose_secret())?;
    let decode = |text: &str| {
        BASE64_STANDARD.decode(text).map_err(|error| Error::UnexpectedResponse(error.to_string()))
    };
    Ok((decode(&content.archive)?, content.owners.as_deref().map(decode).transpose()?))
}

/// The name of an archive without folders and control characters.
fn shown_name(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let shown: String = name.chars().filter(|c| !c.is_control()).take(MAX_NAME).collect();
    match shown.trim() {
        "" => "archive".to_owned(),
        shown => shown.to_owned(),
    }
}
