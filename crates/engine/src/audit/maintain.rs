use std::time::{Duration, Instant};

use super::{
    append::append_new_entries,
    head::sign_head,
    head_file::{HeadError, HeadFile, SignedHead},
    verification::verify_daily,
};
use crate::{Engine, repeated_failure::RepeatedFailure};

/// How often a process looks for new entries. An entry is protected when it is in the chain and its head in the
/// file.
const INTERVAL: Duration = Duration::from_secs(1);
/// How often a process logs the head, and looks whether a verification is due.
const LOG_INTERVAL: Duration = Duration::from_secs(3_600);

/// Why the head was not stored.
#[derive(Debug, thiserror::Error)]
enum StoreFailure {
    #[error("the head of the audit log could not be read from the database")]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    File(#[from] HeadError),
    #[error(
        "the audit log does not contain position {position}, which the file names: its end was removed, or the log \
         was replaced. Run `tenantry audit verify`. If an older backup of the database was restored, move the file away"
    )]
    Tampered { position: i64 },
}

/// Appends new entries to the chain, stores its signed head in the file of the engine and, at most every hour, in the log,
/// and verifies the log every day. Does nothing without a file. Runs until the future is dropped.
///
/// If the chain does not contain the head in the file, the end of the chain was removed or the chain was
/// replaced. The file is then kept as evidence, and an error is logged every hour.
pub async fn maintain_chain(engine: Engine) {
    let Some(file) = engine.audit_head().cloned() else { return };
    let mut failure = RepeatedFailure::default();
    let (mut position, mut logged_at, mut checked_at) = (0, None, None);
    let mut is_file_checked = false;
    loop {
        tokio::time::sleep(INTERVAL).await;
        if engine.require_schema().is_err() {
            continue;
        }
        if !is_file_checked {
            is_file_checked = warn_if_missing(&engine, &file).await.is_ok();
        }
        if let Err(error) = append_new_entries(&engine).await {
            failure.report(&error, "the chain of the audit log could not be continued");
            continue;
        }
        failure.end();
        let stored = store_head(&engine, &file, position).await;
        if let Ok(Some(head)) = &stored {
            position = head.position;
        }
        let is_due = |last: Option<Instant>| last.is_none_or(|at| at.elapsed() >= LOG_INTERVAL);
        if is_due(logged_at) && log(&stored, &file) {
            logged_at = Some(Instant::now());
        }
        if is_due(checked_at) {
            checked_at = Some(Instant::now());
            if let Err(error) = verify_daily(&engine).await {
                tracing::error!(%error, "the verification of the audit log did not start");
            }
        }
    }
}

/// Warns if there is a chain, and no file with its head.
async fn warn_if_missing(engine: &Engine, file: &HeadFile) -> Result<(), StoreFailure> {
    if with_file(file, HeadFile::read).await?.is_none() && sign_head(engine).await?.is_some() {
        tracing::warn!(
            file = %file.path().display(),
            "the file with the head of the audit log does not exist: if it was lost, a removed end of the log is not found"
        );
    }
    Ok(())
}

/// Logs the stored head or the failure. Returns whether there is something to log.
fn log(stored: &Result<Option<SignedHead>, StoreFailure>, file: &HeadFile) -> bool {
    match stored {
        Ok(None) => return false,
        Ok(Some(head)) => tracing::info!(
            position = head.position,
            chain_hash = head.chain_hash,
            signature = head.signature,
            "the head of the audit log"
        ),
        Err(failure) => {
            tracing::error!(file = %file.path().display(), %failure, "the head of the audit log was not stored");
        }
    }
    true
}

/// Signs the head and stores it, if it is newer than the one in the file. Returns the head of the file. Reads
/// the file only if the end of the chain is not at `known_position`.
async fn store_head(
    engine: &Engine,
    file: &HeadFile,
    known_position: i64,
) -> Result<Option<SignedHead>, StoreFailure> {
    let head = sign_head(engine).await?;
    let position = head.as_ref().map_or(0, |head| head.position);
    if position == known_position {
        return Ok(None);
    }
    let former = with_file(file, HeadFile::read).await?;
    if let Some(former) = &former {
        require_in_chain(engine, former).await?;
        // Another process may have stored a newer one since this one was signed.
        if former.position >= position {
            return Ok(Some(former.clone()));
        }
    }
    if let Some(head) = head.clone() {
        with_file(file, move |file| file.write(&head)).await?;
    }
    Ok(head)
}

/// Reads or writes the file on a thread that may block, because a write waits for the disk.
async fn with_file<T: Send + 'static>(
    file: &HeadFile,
    work: impl FnOnce(&HeadFile) -> Result<T, HeadError> + Send + 'static,
) -> Result<T, HeadError> {
    let task_file = file.clone();
    let done = tokio::task::spawn_blocking(move || work(&task_file)).await;
    done.unwrap_or_else(|error| Err(file.io_error(std::io::Error::other(error))))
}

async fn require_in_chain(engine: &Engine, head: &SignedHead) -> Result<(), StoreFailure> {
    let hash = sqlx::query_scalar!("SELECT chain_hash FROM audit_chain WHERE position = $1", head.position)
        .fetch_optional(&engine.pool())
        .await?;
    match hash.map(hex::encode) == Some(head.chain_hash.clone()) {
        true => Ok(()),
        false => Err(StoreFailure::Tampered { position: head.position }),
    }
}
