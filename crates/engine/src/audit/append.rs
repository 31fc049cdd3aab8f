use database::Transaction;
use sqlx::PgConnection;

use super::{
    chain::{GENESIS, chain_hash, entry_hash},
    entry::{StoredEntry, load_entries},
    leaves::{Hash, Salt, hash_with_seed},
};
use crate::{Engine, Error};

/// How many entries one transaction appends.
const BATCH: i64 = 1_000;

/// The end of the chain.
#[derive(Debug, Clone, Copy)]
struct Tail {
    position: i64,
    chain_hash: Hash,
}

/// The entries that one transaction appends, as columns.
#[derive(Debug, Default)]
struct Batch {
    positions: Vec<i64>,
    entry_ids: Vec<i64>,
    entry_hashes: Vec<Vec<u8>>,
    chain_hashes: Vec<Vec<u8>>,
    seeds: Vec<Vec<u8>>,
}

/// Appends all visible entries that are not in the chain, and returns their number. Returns 0 at once while
/// another process appends entries.
///
/// # Errors
/// The database's error.
pub async fn append_new_entries(engine: &Engine) -> Result<usize, Error> {
    let mut total = 0;
    // Each batch continues after the previous one, so that a long backlog is read once. The last batch reads from
    // the settled ID again.
    let mut after = None;
    while has_new_entries(engine).await? {
        let ids = append_batch(engine, after).await?;
        total += ids.len();
        let is_full = i64::try_from(ids.len()).is_ok_and(|count| count == BATCH);
        if !is_full && after.is_none() {
            break;
        }
        after = ids.last().copied().filter(|_| is_full);
    }
    Ok(total)
}

/// Keeps other connections from appending entries and from erasing values until the transaction ends, however
/// long that takes.
///
/// # Errors
/// The database's error.
pub(crate) async fn lock_audit_chain(transaction: &mut PgConnection) -> Result<(), sqlx::Error> {
    sqlx::raw_sql("SET LOCAL idle_in_transaction_session_timeout = 0; SELECT lock_audit_chain()")
        .execute(transaction)
        .await?;
    Ok(())
}

/// Whether an ID was assigned that is not settled.
async fn has_new_entries(engine: &Engine) -> Result<bool, Error> {
    let has_new = sqlx::query_scalar!(
        r#"SELECT last_value > (SELECT settled_id FROM audit_chain_progress) AND is_called AS "has_new!"
           FROM audit_log_id_seq"#
    );
    Ok(has_new.fetch_one(&engine.pool()).await?)
}

/// Appends the next entries, and returns their IDs. Only one process appends at a time, and no value is erased
/// meanwhile. With `after`, appends only entries with higher IDs. Entries with lower IDs may have become visible
/// since, so only a batch without it settles IDs.
async fn append_batch(engine: &Engine, after: Option<i64>) -> Result<Vec<i64>, Error> {
    let mut transaction = engine.pool().begin().await?;
    // The last ID is read before the transaction ID below.
    let begun = sqlx::query!(
        r#"SELECT last_value AS "last_id!", pg_try_advisory_xact_lock(7305) AS "is_locked!" FROM audit_log_id_seq"#
    )
    .fetch_one(&mut transaction)
    .await?;
    if !begun.is_locked {
        transaction.rollback().await?;
        return Ok(Vec::new());
    }
    let progress = sqlx::query!(
        r#"SELECT settled_id, pg_snapshot_xmin(pg_current_snapshot()) >= candidate_xid AS "may_settle!",
             pg_snapshot_xmax(pg_current_snapshot()) < candidate_xid AS "is_restored!",
             pg_snapshot_xmax(pg_current_snapshot())::text AS "next_xid!"
           FROM audit_chain_progress"#
    )
    .fetch_one(&mut transaction)
    .await?;
    let ids = find_new_entries(&mut transaction, after.unwrap_or(progress.settled_id)).await?;
    let entries = load_entries(&mut transaction, &ids).await?;
    let tail = read_tail(&mut transaction).await?;
    store(&mut transaction, batch(tail, &entries)?).await?;
    let is_complete = after.is_none() && i64::try_from(entries.len()).is_ok_and(|count| count < BATCH);
    // The transaction IDs of a restored database can be lower than the stored one.
    if is_complete && (progress.may_settle || progress.is_restored) {
        settle(&mut transaction, progress.may_settle, begun.last_id, &progress.next_xid).await?;
    }
    transaction.commit().await?;
    Ok(ids)
}

async fn find_new_entries(transaction: &mut Transaction, settled_id: i64) -> Result<Vec<i64>, Error> {
    let ids = sqlx::query_scalar!(
        "SELECT id FROM audit_log WHERE id > $1 AND NOT EXISTS (SELECT FROM audit_chain WHERE entry_id = id)
         ORDER BY id LIMIT $2",
        settled_id,
        BATCH
    );
    Ok(ids.fetch_all(transaction).await?)
}

async fn read_tail(transaction: &mut Transaction) -> Result<Tail, Error> {
    let row = sqlx::query!("SELECT position, chain_hash FROM audit_chain ORDER BY position DESC LIMIT 1")
        .fetch_optional(transaction)
        .await?;
    Ok(match row {
        Some(row) => {
            Tail { position: row.position, chain_hash: row.chain_hash.try_into().unwrap_or(GENESIS) }
        }
        None => Tail { position: 0, chain_hash: GENESIS },
    })
}

/// Hashes the entries. Each gets a random seed.
fn batch(mut tail: Tail, entries: &[StoredEntry]) -> Result<Batch, Error> {
    let mut batch = Batch::default();
    for entry in entries {
        let seed: Salt = rand::random();
        let entry_hash = entry_hash(entry, &hash_with_seed(&seed, &entry.leaves()?));
        let position = tail.position + 1;
        tail = Tail { position, chain_hash: chain_hash(&tail.chain_hash, position, entry.id, &entry_hash) };
        batch.positions.push(position);
        batch.entry_ids.push(entry.id);
        batch.entry_hashes.push(entry_hash.to_vec());
        batch.chain_hashes.push(tail.chain_hash.to_vec());
        batch.seeds.push(seed.to_vec());
    }
    Ok(batch)
}

async fn store(transaction: &mut Transaction, batch: Batch) -> Result<(), Error> {
    if batch.positions.is_empty() {
        return Ok(());
    }
    sqlx::query!(
        "INSERT INTO audit_chain (position, entry_id, entry_hash, chain_hash)
         SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bytea[])",
        &batch.positions,
        &batch.entry_ids,
        &batch.entry_hashes,
        &batch.chain_hashes
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "INSERT INTO audit_salts (entry_id, seed) SELECT * FROM unnest($1::bigint[], $2::bytea[])",
        &batch.entry_ids,
        &batch.seeds
    )
    .execute(transaction)
    .await?;
    Ok(())
}

/// Settles the former candidate if all its transactions have ended, and chooses the next one: the last ID of the
/// previous round. Every transaction that has taken this ID has its transaction ID by now, which precedes `next_xid`.
async fn settle(
    transaction: &mut Transaction,
    may_settle: bool,
    last_id: i64,
    next_xid: &str,
) -> Result<(), Error> {
    sqlx::query!(
        "UPDATE audit_chain_progress SET settled_id = CASE WHEN $1 THEN candidate_id ELSE settled_id END,
             candidate_id = observed_id, observed_id = $2, candidate_xid = $3::text::xid8",
        may_settle,
        last_id,
        next_xid
    )
    .execute(transaction)
    .await?;
    Ok(())
}
