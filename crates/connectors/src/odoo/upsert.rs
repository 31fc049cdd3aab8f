use domain::jobs::StepFailure;
use serde_json::Value;

use super::records::{Record, Records, id_of};

/// A record that must exist exactly once in Odoo.
///
/// A selected record is *ours* if it contains the mark, and *foreign* otherwise. A foreign record is never
/// changed.
#[derive(Debug)]
pub(crate) struct ManagedRecord {
    pub(crate) model: &'static str,
    /// The name in messages, such as `the tenant TEN-00000001`.
    pub(crate) label: String,
    /// The search filter, which Odoo calls a domain, that selects the record.
    pub(crate) domain: Value,
    /// The field with the mark, and the mark. If `None`, every selected record is ours.
    pub(crate) mark: Option<(&'static str, String)>,
    /// The values that the record must have.
    pub(crate) values: Record,
    /// Values that only a new record gets. People or Odoo may change them later, and a repeated attempt does
    /// not reset them. If they include the mark's field, that value must contain the mark.
    pub(crate) initial_values: Record,
}

impl ManagedRecord {
    /// Returns the ID of the record if it exists once and has the required values.
    ///
    /// # Errors
    /// A permanent failure if a selected record is foreign. Also fails if Odoo refuses the call or cannot be
    /// reached.
    pub(crate) async fn probe(&self, records: &Records) -> Result<Option<i64>, StepFailure> {
        match self.require_our_records(records).await?.as_slice() {
            [record] if self.has_values(record) => Ok(id_of(record)),
            _ => Ok(None),
        }
    }

    /// Creates or updates the record. If several records are selected and all are ours, deletes all but the
    /// oldest. If two workers create the record at the same time, each reads the records again after its own
    /// write, so at least one worker finds both records and deletes the newer one.
    ///
    /// # Errors
    /// The errors of [`probe`](Self::probe).
    pub(crate) async fn upsert(&self, records: &Records) -> Result<(), StepFailure> {
        let written = match self.require_our_ids(records).await?.first() {
            Some(oldest) => {
                records.write(self.model, &[*oldest], &self.values).await?;
                Ok(())
            }
            None => {
                let mut values = self.values.clone();
                values.extend(self.initial_values.clone());
                if let Some((field, text)) = &self.mark {
                    values.entry(*field).or_insert_with(|| text.as_str().into());
                }
                records.create(self.model, &values).await.map(drop)
            }
        };
        let ids = self.require_our_ids(records).await?;
        match (ids.split_first(), written) {
            // A failed create is an error only if no record exists afterwards. If Odoo enforces uniqueness
            // and two workers create the record at the same time, Odoo refuses one of them, and the record
            // of the other remains.
            (None, Err(failure)) => Err(failure),
            (Some((_, duplicates)), _) if !duplicates.is_empty() => {
                records.unlink(self.model, duplicates).await
            }
            _ => Ok(()),
        }
    }

    /// Deletes our records. Does not delete foreign records.
    ///
    /// # Errors
    /// If Odoo refuses the call or cannot be reached.
    pub(crate) async fn delete(&self, records: &Records) -> Result<(), StepFailure> {
        let ids = self.find_our_ids(records).await?;
        if ids.is_empty() { Ok(()) } else { records.unlink(self.model, &ids).await }
    }

    /// Returns the IDs of our records, oldest first. Ignores foreign records.
    ///
    /// # Errors
    /// If Odoo refuses the call or cannot be reached.
    pub(crate) async fn find_our_ids(&self, records: &Records) -> Result<Vec<i64>, StepFailure> {
        let found = self.select(records).await?;
        Ok(found.iter().filter(|record| self.is_ours(record)).filter_map(id_of).collect())
    }

    /// Returns the IDs of our records, oldest first. Fails if a selected record is foreign.
    ///
    /// # Errors
    /// The errors of [`probe`](Self::probe).
    pub(crate) async fn require_our_ids(&self, records: &Records) -> Result<Vec<i64>, StepFailure> {
        Ok(self.require_our_records(records).await?.iter().filter_map(id_of).collect())
    }

    /// Returns our records, oldest first. Fails if a selected record is foreign.
    async fn require_our_records(&self, records: &Records) -> Result<Vec<Record>, StepFailure> {
        let found = self.select(records).await?;
        match found.iter().all(|record| self.is_ours(record)) {
            true => Ok(found),
            false => Err(StepFailure::permanent(format!(
                "{} exists in Odoo but belongs to another request",
                self.label
            ))),
        }
    }

    async fn select(&self, records: &Records) -> Result<Vec<Record>, StepFailure> {
        let mark = self.mark.iter().map(|(field, _)| *field);
        let fields: Vec<&str> = self.values.keys().map(String::as_str).chain(mark).collect();
        records.find(self.model, &self.domain, &fields).await
    }

    /// Whether the record contains the mark. People may add text before and after the mark.
    fn is_ours(&self, record: &Record) -> bool {
        self.mark.as_ref().is_none_or(|(field, mark)| {
            record.get(*field).and_then(Value::as_str).is_some_and(|text| text.contains(mark))
        })
    }

    fn has_values(&self, record: &Record) -> bool {
        self.values.iter().all(|(field, value)| match record.get(field) {
            // Odoo returns a reference to another record as its ID and its name.
            Some(Value::Array(reference)) => reference.first() == Some(value),
            found => found == Some(value),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record(value: Value) -> Record {
        serde_json::from_value(value).unwrap()
    }

    fn managed() -> ManagedRecord {
        ManagedRecord {
            model: "x",
            label: "x".into(),
            domain: json!([]),
            mark: Some(("notes", "request 7".into())),
            values: record(json!({"name": "Spoon", "tenant_id": 3})),
            initial_values: Record::new(),
        }
    }

    #[test]
    fn a_record_is_ours_if_it_contains_the_mark() {
        for (notes, is_ours) in [
            (json!("request 7"), true),
            (json!("<p>request 7</p>\ncall back on Monday"), true),
            (json!("request 8"), false),
            (json!(false), false),
        ] {
            assert_eq!(managed().is_ours(&record(json!({"id": 1, "notes": notes}))), is_ours, "{notes}");
        }
    }

    #[test]
    fn references_are_compared_by_id() {
        assert!(managed().has_values(&record(json!({"name": "Spoon", "tenant_id": [3, "Golden"], "id": 1}))));
        assert!(!managed().has_values(&record(json!({"name": "Spoon", "tenant_id": [4, "Golden"]}))));
        assert!(!managed().has_values(&record(json!({"name": false, "tenant_id": [3, "Golden"]}))));
    }
}
