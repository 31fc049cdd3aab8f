//! Which erased values the log explains: an entry says that the tenant of their entry was purged, or that a person
//! was erased.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use uuid::Uuid;

use super::{entry::StoredEntry, leaves::Leaves};
use crate::Error;

/// The erased values that a verification has found.
#[derive(Debug, Default)]
pub(super) struct ErasedValues {
    /// The positions and IDs of entries with values that were not erased with a person.
    by_purge: Vec<(i64, i64)>,
    by_person: BTreeMap<Uuid, ValuesOfPerson>,
}

/// The values that were erased with one person.
#[derive(Debug, Default)]
struct ValuesOfPerson {
    /// The positions and IDs of the entries.
    entries: Vec<(i64, i64)>,
    /// The IDs of the entries, and the paths of the values in them.
    places: BTreeSet<(i64, String)>,
    /// What replaces the values, in JSON. Null and the mark of a purge are not listed.
    pseudonyms: HashSet<String>,
}

/// What the entry about an erasure records.
struct RecordedErasure {
    pseudonym: String,
    hash: String,
}

impl ErasedValues {
    /// Adds an entry. Returns whether it has erased values. An entry that does not match the chain counts for the
    /// erasure of a person, so that the other entries of the person are still explained.
    pub(super) fn add(&mut self, position: i64, entry: &StoredEntry, matches: bool) -> Result<bool, Error> {
        let Some(salts) = entry.salts.as_ref().filter(|salts| salts.has_erased_values()) else {
            return Ok(false);
        };
        if matches && salts.has_values_without_erasure() {
            self.by_purge.push((position, entry.id));
        }
        let values = if matches { entry.leaves()? } else { Leaves::new() };
        for leaf in salts.leaves_of_persons() {
            let person = self.by_person.entry(leaf.erasure).or_default();
            if matches && person.entries.last() != Some(&(position, entry.id)) {
                person.entries.push((position, entry.id));
            }
            person.places.insert((entry.id, leaf.path.to_owned()));
            let value = values.get(leaf.path).map(String::as_str);
            person.pseudonyms.extend(value.filter(|value| value.starts_with("\"erased-")).map(str::to_owned));
        }
        Ok(true)
    }

    /// Returns the positions and IDs of the entries whose erased values the log does not explain.
    pub(super) async fn find_unrecorded(
        &self,
        connection: &mut PgConnection,
    ) -> Result<BTreeSet<(i64, i64)>, Error> {
        let purged = find_unpurged(connection, &self.by_purge).await?;
        let mut unrecorded: BTreeSet<_> =
            self.by_purge.iter().filter(|(_, id)| purged.contains(id)).copied().collect();
        let ids: Vec<Uuid> = self.by_person.keys().copied().collect();
        let recorded = find_recorded(connection, &ids).await?;
        for (erasure, values) in &self.by_person {
            if !recorded.get(erasure).is_some_and(|recorded| values.are_explained_by(recorded)) {
                unrecorded.extend(&values.entries);
            }
        }
        Ok(unrecorded)
    }
}

impl ValuesOfPerson {
    /// Whether exactly these values were erased.
    fn are_explained_by(&self, recorded: &RecordedErasure) -> bool {
        let pseudonym = format!("\"{}\"", recorded.pseudonym);
        self.pseudonyms.iter().all(|found| *found == pseudonym) && self.hash() == recorded.hash
    }

    /// The hash of the places, as the SQL function `erase_person_from_audit_log` computes it.
    fn hash(&self) -> String {
        let places: Vec<String> = self.places.iter().map(|(id, path)| format!("{id} {path}")).collect();
        hex::encode(Sha256::digest(places.join("\n")))
    }
}

/// The IDs of those of the entries whose tenant was not purged, and is not being purged after its deletion.
async fn find_unpurged(connection: &mut PgConnection, entries: &[(i64, i64)]) -> Result<HashSet<i64>, Error> {
    let ids: Vec<i64> = entries.iter().map(|(_, id)| *id).collect();
    let unpurged = sqlx::query_scalar!(
        "SELECT entry.id FROM audit_log entry WHERE entry.id = ANY ($1) AND NOT EXISTS (
             SELECT FROM tenants t JOIN audit_log purge ON purge.request_id = t.request_id
             JOIN audit_chain ON entry_id = purge.id
             WHERE t.id = entry.subject_id AND entry.subject_kind = 'tenant' AND purge.action = 'tenant.purged'
             UNION ALL SELECT FROM jobs JOIN audit_log deletion
                 ON deletion.subject_id = tenant_id AND deletion.action = 'tenant.deleted'
             JOIN audit_chain ON entry_id = deletion.id
             WHERE kind = 'purge' AND tenant_id = entry.subject_id AND entry.subject_kind = 'tenant')",
        &ids
    );
    Ok(unpurged.fetch_all(connection).await?.into_iter().collect())
}

/// The erasures that the log records.
async fn find_recorded(
    connection: &mut PgConnection,
    ids: &[Uuid],
) -> Result<HashMap<Uuid, RecordedErasure>, Error> {
    let rows = sqlx::query!(
        r#"SELECT subject_id AS "id!", after ->> 'pseudonym' AS "pseudonym!", after ->> 'auditValuesHash' AS "hash!"
           FROM audit_log
           WHERE action = 'person.erased' AND subject_id = ANY ($1)
               AND after ? 'pseudonym' AND after ? 'auditValuesHash'"#,
        ids
    );
    let recorded = rows.fetch_all(connection).await?.into_iter();
    Ok(recorded.map(|row| (row.id, RecordedErasure { pseudonym: row.pseudonym, hash: row.hash })).collect())
}
