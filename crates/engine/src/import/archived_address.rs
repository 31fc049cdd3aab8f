use connectors::EncryptedSecret;
use domain::import::ImportState;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{source::SourceFile, upload::read_source};
use crate::{Engine, Error};

/// The stored archives that contain an address.
#[derive(Debug, Default)]
pub(crate) struct ArchivesWithAddress {
    /// The imports that have ended. Their archives are kept for a further import.
    pub finished: Vec<Uuid>,
    /// The names of the archives that are being imported.
    pub running: Vec<String>,
}

/// Finds the stored archives, which are encrypted, that contain one of these addresses in lower case. An archive
/// that cannot be read counts as one of them.
///
/// # Errors
/// The database's error.
pub(crate) async fn find_archives_with(
    connection: &mut PgConnection,
    engine: &Engine,
    addresses: &[String],
) -> Result<ArchivesWithAddress, Error> {
    let ids = sqlx::query_scalar!("SELECT id FROM imports WHERE ciphertext IS NOT NULL ORDER BY id")
        .fetch_all(&mut *connection)
        .await?;
    let mut found = ArchivesWithAddress::default();
    // One by one, because an archive can have 16 MiB.
    for id in ids {
        let row = sqlx::query!(
            r#"SELECT file_name, state, wrapped_key AS "wrapped_key!", ciphertext AS "ciphertext!"
               FROM imports WHERE id = $1 AND ciphertext IS NOT NULL"#,
            id
        );
        let Some(row) = row.fetch_optional(&mut *connection).await? else { continue };
        let sealed = EncryptedSecret { wrapped_key: row.wrapped_key, ciphertext: row.ciphertext };
        let contains = match read_source(engine, id, &sealed).await {
            Ok(source) => {
                let clients = source.clients.iter().map(|client| &client.file);
                clients.chain(source.owners.as_deref()).any(|file| contains_any(file, addresses))
            }
            Err(error) => {
                tracing::warn!(import.id = %id, ?error, "the archive of an import could not be read");
                true
            }
        };
        let has_ended = ImportState::from_text(&row.state).is_some_and(ImportState::is_terminal);
        match (contains, has_ended) {
            (false, _) => {}
            (true, true) => found.finished.push(id),
            (true, false) => found.running.push(row.file_name),
        }
    }
    Ok(found)
}

/// Whether a file contains one of the addresses. A file that cannot be decoded may contain them.
fn contains_any(file: &SourceFile, addresses: &[String]) -> bool {
    file.content.as_ref().map_or(true, |content| {
        let content = content.to_lowercase();
        addresses.iter().any(|address| content.contains(address.as_str()))
    })
}
