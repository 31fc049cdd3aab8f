use std::sync::Arc;

use domain::jobs::StepFailure;
use serde_json::{Map, Value, json};
use tokio::sync::OnceCell;

use super::{JsonRpc, json2::Json2};
use crate::pipeline::{Outbound, settings::Odoo19Settings};

/// A record's fields, or those to give it.
pub type Record = Map<String, Value>;

/// The records of one Odoo: by JSON-2 where the server has it, else by JSON-RPC with the same key as
/// the password.
#[derive(Debug, Clone)]
pub struct Records {
    json2: Json2,
    json_rpc: JsonRpc,
    settings: Odoo19Settings,
    /// Who we are by JSON-RPC, once the server turned out to have nothing else.
    uid: Arc<OnceCell<i64>>,
}

impl Records {
    /// # Errors
    /// When no HTTP client can be made.
    pub fn new(outbound: Outbound, settings: Odoo19Settings) -> Result<Self, reqwest::Error> {
        Ok(Self {
            json2: Json2::new(settings.url.clone(), &settings.database, settings.key.clone())?,
            json_rpc: JsonRpc::new(outbound, settings.url.clone(), &settings.database),
            settings,
            uid: Arc::default(),
        })
    }

    /// The records of a model that a domain selects, such as `[["code", "=", "TEN-00000001"]]`, the
    /// oldest first, with their ids and these fields.
    ///
    /// # Errors
    /// As every call here: when it was refused, or Odoo cannot be asked.
    pub async fn find(
        &self,
        model: &str,
        domain: &Value,
        fields: &[&str],
    ) -> Result<Vec<Record>, StepFailure> {
        let named = json!({"domain": domain, "fields": fields, "order": "id"});
        let found = self.call(model, "search_read", named).await?;
        serde_json::from_value(found).map_err(|_| self.strange("search_read"))
    }

    /// Makes a record, and answers its id.
    pub async fn create(&self, model: &str, values: &Record) -> Result<i64, StepFailure> {
        let made = self.call(model, "create", json!({"vals_list": [values]})).await?;
        made.get(0).and_then(Value::as_i64).ok_or_else(|| self.strange("create"))
    }

    /// Gives records these values.
    pub async fn write(&self, model: &str, ids: &[i64], values: &Record) -> Result<(), StepFailure> {
        self.call(model, "write", json!({"ids": ids, "vals": values})).await.map(drop)
    }

    /// Removes records.
    pub async fn unlink(&self, model: &str, ids: &[i64]) -> Result<(), StepFailure> {
        self.call(model, "unlink", json!({"ids": ids})).await.map(drop)
    }

    async fn call(&self, model: &str, method: &str, named: Value) -> Result<Value, StepFailure> {
        if !self.uid.initialized()
            && let Some(answer) = self.json2.call(model, method, &named).await?
        {
            return Ok(answer);
        }
        let uid = *self.uid.get_or_try_init(|| self.sign_in()).await?;
        let (args, kwargs) = by_place(named);
        self.json_rpc.execute((uid, &self.settings.key), (model, method), args, kwargs).await
    }

    async fn sign_in(&self) -> Result<i64, StepFailure> {
        let Odoo19Settings { url, login, key, database, .. } = &self.settings;
        let uid = self.json_rpc.authenticate(login, key).await?;
        uid.ok_or_else(|| {
            StepFailure::permanent(format!(
                "Odoo at {} refuses the configured key for {database}",
                url.authority()
            ))
        })
    }

    fn strange(&self, method: &str) -> StepFailure {
        StepFailure::transient(format!(
            "Odoo at {} gave a strange answer to {method}",
            self.settings.url.authority()
        ))
    }
}

/// JSON-RPC wants a method's own records, and new ones, by place.
fn by_place(named: Value) -> (Value, Value) {
    let Value::Object(mut kwargs) = named else { return (json!([]), json!({})) };
    let first = kwargs.remove("ids").or_else(|| kwargs.remove("vals_list"));
    (first.into_iter().collect(), kwargs.into())
}

/// The id in a record, or none where it has none.
pub fn id_of(record: &Record) -> Option<i64> {
    record.get("id")?.as_i64()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_go_by_place_and_the_rest_by_name() {
        let written = by_place(json!({"ids": [7], "vals": {"name": "x"}}));
        assert_eq!(written, (json!([[7]]), json!({"vals": {"name": "x"}})));
        let made = by_place(json!({"vals_list": [{"name": "x"}]}));
        assert_eq!(made, (json!([[{"name": "x"}]]), json!({})));
        let found = by_place(json!({"domain": [], "fields": []}));
        assert_eq!(found, (json!([]), json!({"domain": [], "fields": []})));
    }
}
