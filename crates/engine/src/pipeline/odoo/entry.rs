use domain::jobs::StepFailure;
use serde_json::Value;

use super::{Record, Records, id_of};

/// A record that should be there once, and how to know it.
#[derive(Debug)]
pub struct Entry {
    pub model: &'static str,
    /// What it is for people, such as `the tenant TEN-00000001`.
    pub label: String,
    /// What selects it.
    pub domain: Value,
    /// A field and the words in it that make a record ours. Without one, all that the domain selects
    /// is ours.
    pub mark: Option<(&'static str, String)>,
    /// What its fields should hold.
    pub wanted: Record,
    /// What a new record gets too; then it is the other side's, and no late try may turn it back.
    pub besides: Record,
}

impl Entry {
    /// The id of the record, when it is there once and as wanted.
    ///
    /// # Errors
    /// A lasting failure when there is one that is not ours; else when Odoo cannot be asked.
    pub async fn probe(&self, records: &Records) -> Result<Option<i64>, StepFailure> {
        match self.ours(records).await?.as_slice() {
            [one] if self.is_as_wanted(one) => Ok(id_of(one)),
            _ => Ok(None),
        }
    }

    /// Makes or changes the record, and removes our own doubles: of two workers that made one at the
    /// same moment, each looks again after its own, so the later look sees both. The oldest stays.
    ///
    /// # Errors
    /// As [`probe`](Self::probe).
    pub async fn put(&self, records: &Records) -> Result<(), StepFailure> {
        let made = match self.ids(records).await?.first() {
            Some(oldest) => {
                records.write(self.model, &[*oldest], &self.wanted).await?;
                Ok(())
            }
            None => {
                let mut values = self.wanted.clone();
                values.extend(self.besides.clone());
                if let Some((field, words)) = &self.mark {
                    values.insert((*field).into(), words.as_str().into());
                }
                records.create(self.model, &values).await.map(drop)
            }
        };
        let ids = self.ids(records).await?;
        match (ids.split_first(), made) {
            // Where Odoo itself forbids doubles, whoever comes second is refused: it is there, then.
            (None, Err(refused)) => Err(refused),
            (Some((_, doubles)), _) if !doubles.is_empty() => records.unlink(self.model, doubles).await,
            _ => Ok(()),
        }
    }

    /// Removes what is ours. What is not ours stays, and is no failure.
    ///
    /// # Errors
    /// When Odoo cannot be asked, or refuses.
    pub async fn remove(&self, records: &Records) -> Result<(), StepFailure> {
        let ids = self.marked(records).await?;
        if ids.is_empty() { Ok(()) } else { records.unlink(self.model, &ids).await }
    }

    /// The ids of ours, also beside others', the oldest first.
    ///
    /// # Errors
    /// When Odoo cannot be asked.
    pub async fn marked(&self, records: &Records) -> Result<Vec<i64>, StepFailure> {
        let found = self.all(records).await?;
        Ok(found.iter().filter(|record| self.is_ours(record)).filter_map(id_of).collect())
    }

    /// The ids of ours, the oldest first, where there is nothing else.
    ///
    /// # Errors
    /// As [`probe`](Self::probe).
    pub async fn ids(&self, records: &Records) -> Result<Vec<i64>, StepFailure> {
        Ok(self.ours(records).await?.iter().filter_map(id_of).collect())
    }

    async fn ours(&self, records: &Records) -> Result<Vec<Record>, StepFailure> {
        let found = self.all(records).await?;
        match found.iter().all(|record| self.is_ours(record)) {
            true => Ok(found),
            false => Err(StepFailure::permanent(format!("{} is there in Odoo and is not ours", self.label))),
        }
    }

    async fn all(&self, records: &Records) -> Result<Vec<Record>, StepFailure> {
        let mark = self.mark.iter().map(|(field, _)| *field);
        let fields: Vec<&str> = self.wanted.keys().map(String::as_str).chain(mark).collect();
        records.find(self.model, &self.domain, &fields).await
    }

    /// Words that people have added to the mark do not make it another's.
    fn is_ours(&self, record: &Record) -> bool {
        self.mark.as_ref().is_none_or(|(field, words)| {
            record.get(*field).and_then(Value::as_str).is_some_and(|text| text.contains(words))
        })
    }

    fn is_as_wanted(&self, record: &Record) -> bool {
        self.wanted.iter().all(|(field, wanted)| match record.get(field) {
            // A link to another record: its id and its name.
            Some(Value::Array(link)) => link.first() == Some(wanted),
            found => found == Some(wanted),
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

    fn entry() -> Entry {
        Entry {
            model: "x",
            label: "x".into(),
            domain: json!([]),
            mark: Some(("notes", "request 7".into())),
            wanted: record(json!({"name": "Spoon", "tenant_id": 3})),
            besides: Record::new(),
        }
    }

    #[test]
    fn ours_is_what_bears_our_mark_whatever_people_add() {
        for (notes, is_ours) in [
            (json!("request 7"), true),
            (json!("<p>request 7</p>\ncall back on Monday"), true),
            (json!("request 8"), false),
            (json!(false), false),
        ] {
            assert_eq!(entry().is_ours(&record(json!({"id": 1, "notes": notes}))), is_ours, "{notes}");
        }
    }

    #[test]
    fn links_are_compared_by_id() {
        assert!(entry().is_as_wanted(&record(json!({"name": "Spoon", "tenant_id": [3, "Golden"], "id": 1}))));
        assert!(!entry().is_as_wanted(&record(json!({"name": "Spoon", "tenant_id": [4, "Golden"]}))));
        assert!(!entry().is_as_wanted(&record(json!({"name": false, "tenant_id": [3, "Golden"]}))));
    }
}
