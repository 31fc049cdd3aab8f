//! Compares the audit log with its chain, and the chain with its signed head.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use sqlx::{Connection, PgConnection};

use super::{
    chain::{GENESIS, chain_hash, entry_hash},
    entry::{StoredEntry, load_entries},
    erasures::ErasedValues,
    finding::{AuditFinding, Tampering},
    head_file::SignedHead,
    leaves::Hash,
};
use crate::{Engine, Error};

/// How many positions one statement reads.
const BATCH: i64 = 2_000;
/// How many findings of one kind are reported.
const MAX_FINDINGS: usize = 100;

/// The result of a verification.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditVerification {
    /// The number of positions of the chain that were compared with their entries.
    pub verified: i64,
    /// The chain hash of the last position, in hexadecimal digits. Empty for an empty chain.
    pub chain_hash: String,
    /// The position of the signed head with which the chain was compared. `None` without a head: a removed end of
    /// the log was not looked for.
    #[serde(default)]
    pub head_position: Option<i64>,
    /// The number of entries that are not in the chain yet.
    pub pending: i64,
    /// The number of entries from which personal data were erased. The rest of these entries is verified.
    pub erased: i64,
    /// What does not match, in the order of the positions.
    pub findings: Vec<AuditFinding>,
}

/// A row of the chain.
struct Position {
    position: i64,
    entry_id: i64,
    entry_hash: Hash,
    chain_hash: Hash,
}

/// The state of a verification.
struct Verifier {
    connection: PgConnection,
    /// The position before the next one, and its stored chain hash.
    previous: (i64, Hash),
    result: AuditVerification,
    erased: ErasedValues,
}

/// Compares every entry with the chain, and the chain with `head`, if there is one. Reads the log in batches,
/// so that no snapshot is held for the whole time. An intact log has no findings. Each kind of finding is listed
/// at most 100 times.
///
/// # Errors
/// The database's error.
pub async fn verify_audit_log(
    engine: &Engine,
    head: Option<&SignedHead>,
) -> Result<AuditVerification, Error> {
    let mut connection = engine.connect().await?;
    sqlx::raw_sql("SET statement_timeout = 0; SET work_mem = '64MB'").execute(&mut connection).await?;
    let previous = (0, GENESIS);
    let (result, erased) = (AuditVerification::default(), ErasedValues::default());
    let mut verifier = Verifier { connection, previous, result, erased };
    while verifier.verify_batch(head).await? {}
    verifier.find_inserted().await?;
    verifier.find_unrecorded_erasures().await?;
    verifier.check_end(engine, head);
    verifier.connection.close().await?;
    let mut result = verifier.result;
    result.findings.sort_by_key(|finding| finding.position.unwrap_or(i64::MAX));
    Ok(result)
}

impl Verifier {
    /// Verifies the next positions. Returns whether others may follow.
    async fn verify_batch(&mut self, head: Option<&SignedHead>) -> Result<bool, Error> {
        let positions = self.next_positions().await?;
        let ids: Vec<i64> = positions.iter().map(|position| position.entry_id).collect();
        let entries = load_entries(&mut self.connection, &ids).await?;
        let entries: HashMap<i64, StoredEntry> = entries.into_iter().map(|entry| (entry.id, entry)).collect();
        for position in &positions {
            self.verify_link(position, head);
            self.verify_entry(position, entries.get(&position.entry_id)).await?;
            self.previous = (position.position, position.chain_hash);
            self.result.verified += 1;
        }
        Ok(!positions.is_empty())
    }

    async fn next_positions(&mut self) -> Result<Vec<Position>, Error> {
        let rows = sqlx::query!(
            "SELECT position, entry_id, entry_hash, chain_hash FROM audit_chain WHERE position > $1
             ORDER BY position LIMIT $2",
            self.previous.0,
            BATCH
        )
        .fetch_all(&mut self.connection)
        .await?;
        let positions = rows.into_iter().map(|row| Position {
            position: row.position,
            entry_id: row.entry_id,
            // The table has a constraint on the lengths.
            entry_hash: row.entry_hash.try_into().unwrap_or_default(),
            chain_hash: row.chain_hash.try_into().unwrap_or_default(),
        });
        Ok(positions.collect())
    }

    /// Verifies that a position continues the previous one, and has the hash of the signed head.
    fn verify_link(&mut self, position: &Position, head: Option<&SignedHead>) {
        let (previous, previous_hash) = self.previous;
        let found = |tampering| AuditFinding {
            tampering,
            position: Some(position.position),
            entry_id: Some(position.entry_id),
            other_position: None,
        };
        if position.position != previous + 1 {
            let (first, last) = (Some(previous + 1), Some(position.position - 1));
            let tampering = Tampering::PositionsRemoved;
            self.report(AuditFinding { tampering, position: first, entry_id: None, other_position: last });
        } else if chain_hash(&previous_hash, position.position, position.entry_id, &position.entry_hash)
            != position.chain_hash
        {
            self.report(found(Tampering::BrokenLink));
        }
        let at_head = head.filter(|head| head.position == position.position);
        if at_head.is_some_and(|head| head.chain_hash != hex::encode(position.chain_hash)) {
            self.report(found(Tampering::Replaced));
        }
    }

    /// Compares the entry of a position with its hash.
    async fn verify_entry(&mut self, position: &Position, entry: Option<&StoredEntry>) -> Result<(), Error> {
        let found = |tampering, other_position| AuditFinding {
            tampering,
            position: Some(position.position),
            entry_id: Some(position.entry_id),
            other_position,
        };
        let Some(entry) = entry else {
            self.report(found(Tampering::Removed, None));
            return Ok(());
        };
        let hash = hash_of(entry);
        let matches = hash == Some(position.entry_hash);
        if self.erased.add(position.position, entry, matches)? && matches {
            self.result.erased += 1;
        }
        if !matches {
            // The look-up reads the whole chain.
            let is_listed = self.count(Tampering::Changed) + self.count(Tampering::Reordered) < MAX_FINDINGS;
            let other = match hash.filter(|_| is_listed) {
                Some(hash) => self.position_with_hash(&hash).await?,
                None => None,
            };
            let tampering = if other.is_some() { Tampering::Reordered } else { Tampering::Changed };
            self.report(found(tampering, other));
        }
        Ok(())
    }

    /// The position whose entry had this content.
    async fn position_with_hash(&mut self, hash: &Hash) -> Result<Option<i64>, Error> {
        let position = sqlx::query_scalar!(
            "SELECT position FROM audit_chain WHERE entry_hash = $1 ORDER BY position LIMIT 1",
            &hash[..]
        );
        Ok(position.fetch_optional(&mut self.connection).await?)
    }

    /// Finds entries that are not in the chain: new ones, and those whose ID is too low to be new.
    async fn find_inserted(&mut self) -> Result<(), Error> {
        let rows = sqlx::query!(
            r#"SELECT id, id <= (SELECT settled_id FROM audit_chain_progress) AS "is_inserted!"
               FROM audit_log entry WHERE NOT EXISTS (SELECT FROM audit_chain WHERE entry_id = entry.id)
               ORDER BY id"#
        )
        .fetch_all(&mut self.connection)
        .await?;
        for row in rows {
            match row.is_inserted {
                true => self.report(AuditFinding {
                    tampering: Tampering::Inserted,
                    position: None,
                    entry_id: Some(row.id),
                    other_position: None,
                }),
                false => self.result.pending += 1,
            }
        }
        Ok(())
    }

    /// Finds entries whose values were erased although no other entry explains it.
    async fn find_unrecorded_erasures(&mut self) -> Result<(), Error> {
        for (position, id) in self.erased.find_unrecorded(&mut self.connection).await? {
            self.report(AuditFinding {
                tampering: Tampering::ErasedWithoutRecord,
                position: Some(position),
                entry_id: Some(id),
                other_position: None,
            });
        }
        Ok(())
    }

    /// Compares the end of the chain with the signed head.
    fn check_end(&mut self, engine: &Engine, head: Option<&SignedHead>) {
        let (last, last_hash) = self.previous;
        if last > 0 {
            self.result.chain_hash = hex::encode(last_hash);
        }
        let Some(head) = head else { return };
        self.result.head_position = Some(head.position);
        let found = |tampering| AuditFinding {
            tampering,
            position: Some(last),
            entry_id: None,
            other_position: Some(head.position),
        };
        if !head.is_signed_by(&engine.master_key) {
            self.report(found(Tampering::HeadNotSigned));
        }
        if head.position > last {
            self.report(found(Tampering::Cut));
        }
    }

    fn count(&self, tampering: Tampering) -> usize {
        self.result.findings.iter().filter(|finding| finding.tampering == tampering).count()
    }

    fn report(&mut self, finding: AuditFinding) {
        if self.count(finding.tampering) < MAX_FINDINGS {
            self.result.findings.push(finding);
        }
    }
}

/// The hash of the content of an entry. `None` if the values do not match what is stored about them.
fn hash_of(entry: &StoredEntry) -> Option<Hash> {
    let leaves = entry.leaves().ok()?;
    let hashes = entry.salts.as_ref()?.hash(&leaves)?;
    Some(entry_hash(entry, &hashes))
}
