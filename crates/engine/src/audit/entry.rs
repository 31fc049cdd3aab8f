use std::collections::BTreeMap;

use serde_json::value::RawValue;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::leaves::{Leaves, Salts};
use crate::Error;

/// An audit entry with what is stored about its values.
#[derive(Debug)]
pub(super) struct StoredEntry {
    pub id: i64,
    /// Microseconds since 1970-01-01T00:00:00Z.
    pub at_us: i64,
    pub actor_id: Option<Uuid>,
    pub actor_name: String,
    pub client_address: Option<String>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    pub request_id: Option<Uuid>,
    /// A JSON object, as PostgreSQL prints it.
    pub before: Option<String>,
    /// A JSON object, as PostgreSQL prints it.
    pub after: Option<String>,
    /// `None` if the entry is not in the chain.
    pub salts: Option<Salts>,
}

impl StoredEntry {
    /// The values that are hashed one by one. The SQL function `audit_leaves` returns the same.
    ///
    /// # Errors
    /// If a value is not a JSON object.
    pub(super) fn leaves(&self) -> Result<Leaves, Error> {
        let mut leaves = Leaves::new();
        leaves.insert("actor".to_owned(), serde_json::to_string(&self.actor_name)?);
        if let Some(address) = &self.client_address {
            leaves.insert("address".to_owned(), serde_json::to_string(address)?);
        }
        for (name, values) in [("before", &self.before), ("after", &self.after)] {
            let Some(values) = values else { continue };
            let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(values)?;
            leaves
                .extend(members.iter().map(|(key, value)| (format!("{name}.{key}"), value.get().to_owned())));
        }
        Ok(leaves)
    }
}

/// Loads the entries with these IDs, as far as they exist.
pub(super) async fn load_entries(
    executor: impl PgExecutor<'_>,
    ids: &[i64],
) -> Result<Vec<StoredEntry>, Error> {
    let rows = sqlx::query!(
        r#"SELECT entry.id, (extract(epoch FROM entry.at) * 1000000)::bigint AS "at_us!", entry.actor_id,
             entry.actor_name, entry.client_address, entry.action, entry.subject_kind, entry.subject_id,
             entry.request_id, entry.before::text, entry.after::text, salts.seed AS "seed?", salts.leaves AS "leaves?"
           FROM audit_log entry LEFT JOIN audit_salts salts ON salts.entry_id = entry.id
           WHERE entry.id = ANY ($1) ORDER BY entry.id"#,
        ids
    )
    .fetch_all(executor)
    .await?;
    let entries = rows.into_iter().map(|row| {
        Ok(StoredEntry {
            id: row.id,
            at_us: row.at_us,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            client_address: row.client_address,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            request_id: row.request_id,
            before: row.before,
            after: row.after,
            salts: match (row.seed.and_then(|seed| seed.try_into().ok()), row.leaves) {
                (Some(seed), _) => Some(Salts::Seed(seed)),
                (None, Some(leaves)) => Some(Salts::Leaves(serde_json::from_value(leaves)?)),
                (None, None) => None,
            },
        })
    });
    entries.collect()
}
