use std::sync::Arc;

use domain::jobs::StepFailure;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::{json_rpc::JsonRpc, json2::Json2};
use crate::{Outbound, settings::Odoo19Settings};

/// Field values of a record.
pub(crate) type Record = Map<String, Value>;

/// The records of one Odoo database. Uses JSON-2 if the server supports it, otherwise JSON-RPC with the API
/// key as the password.
#[derive(Debug, Clone)]
pub(crate) struct Records {
    json2: Json2,
    json_rpc: JsonRpc,
    settings: Odoo19Settings,
    /// The ID of our user, for JSON-RPC. Set after a call showed that the server does not support JSON-2.
    uid: Arc<OnceCell<i64>>,
}

impl Records {
    pub(crate) fn new(outbound: Outbound, settings: Odoo19Settings) -> Self {
        let Odoo19Settings { url, database, key, .. } = &settings;
        Self {
            json2: Json2::new(outbound.clone(), url.clone(), database, key.clone()),
            json_rpc: JsonRpc::new(outbound, url.clone(), database),
            settings,
            uid: Arc::default(),
        }
    }

    /// Finds the records of a model that match a search filter, which Odoo calls a domain, such as
    /// `[["code", "=", "TEN-00000001"]]`. Returns their IDs and the given fields, oldest first.
    ///
    /// # Errors
    /// If Odoo refuses the call or cannot be reached. The other methods fail in the same cases.
    pub(crate) async fn find(
        &self,
        model: &str,
        domain: &Value,
        fields: &[&str],
    ) -> Result<Vec<Record>, StepFailure> {
        let arguments = json!({"domain": domain, "fields": fields, "order": "id"});
        let found = self.call(model, "search_read", arguments).await?;
        serde_json::from_value(found).map_err(|_| self.unexpected("search_read"))
    }

    /// Finds the records of a model that match a search filter, and returns their IDs, oldest first.
    pub(crate) async fn find_ids(&self, model: &str, domain: &Value) -> Result<Vec<i64>, StepFailure> {
        Ok(self.find(model, domain, &["id"]).await?.iter().filter_map(id_of).collect())
    }

    /// Whether a model has a field.
    pub(crate) async fn has_field(&self, model: &str, field: &str) -> Result<bool, StepFailure> {
        let arguments = json!({"allfields": [field], "attributes": ["type"]});
        let fields = self.call(model, "fields_get", arguments).await?;
        match fields.as_object() {
            Some(fields) => Ok(fields.contains_key(field)),
            None => Err(self.unexpected("fields_get")),
        }
    }

    /// Creates a record and returns its ID.
    pub(crate) async fn create(&self, model: &str, values: &Record) -> Result<i64, StepFailure> {
        let ids = self.call(model, "create", json!({"vals_list": [values]})).await?;
        ids.get(0).and_then(Value::as_i64).ok_or_else(|| self.unexpected("create"))
    }

    /// Sets field values of records.
    pub(crate) async fn write(&self, model: &str, ids: &[i64], values: &Record) -> Result<(), StepFailure> {
        self.call(model, "write", json!({"ids": ids, "vals": values})).await.map(drop)
    }

    /// Deletes records.
    pub(crate) async fn unlink(&self, model: &str, ids: &[i64]) -> Result<(), StepFailure> {
        self.call(model, "unlink", json!({"ids": ids})).await.map(drop)
    }

    async fn call(&self, model: &str, method: &str, arguments: Value) -> Result<Value, StepFailure> {
        if !self.uid.initialized()
            && let Some(result) = self.json2.call(model, method, &arguments).await?
        {
            return Ok(result);
        }
        let uid = *self.uid.get_or_try_init(|| self.sign_in()).await?;
        let (args, kwargs) = split_arguments(arguments);
        self.json_rpc.execute((uid, &self.settings.key), (model, method), args, kwargs).await
    }

    async fn sign_in(&self) -> Result<i64, StepFailure> {
        let Odoo19Settings { url, login, key, database, .. } = &self.settings;
        let uid = self.json_rpc.authenticate(login, key).await?;
        uid.ok_or_else(|| {
            StepFailure::permanent(format!(
                "Odoo at {} refuses the configured API key for the database {database}",
                url.authority()
            ))
        })
    }

    fn unexpected(&self, method: &str) -> StepFailure {
        StepFailure::transient(format!(
            "Odoo at {} sent an unexpected response to {method}",
            self.settings.url.authority()
        ))
    }
}

/// Converts named arguments for JSON-RPC, which takes `ids` and `vals_list` as positional arguments.
fn split_arguments(named: Value) -> (Value, Value) {
    let Value::Object(mut kwargs) = named else { return (json!([]), json!({})) };
    let first = kwargs.remove("ids").or_else(|| kwargs.remove("vals_list"));
    (first.into_iter().collect(), kwargs.into())
}

/// Returns the ID of a record.
pub(crate) fn id_of(record: &Record) -> Option<i64> {
    record.get("id")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_and_new_records_are_positional_arguments_and_others_are_named() {
        let written = split_arguments(json!({"ids": [7], "vals": {"name": "x"}}));
        assert_eq!(written, (json!([[7]]), json!({"vals": {"name": "x"}})));
        let created = split_arguments(json!({"vals_list": [{"name": "x"}]}));
        assert_eq!(created, (json!([[{"name": "x"}]]), json!({})));
        let found = split_arguments(json!({"domain": [], "fields": []}));
        assert_eq!(found, (json!([]), json!({"domain": [], "fields": []})));
    }
}
