//! The methods of Odoo's models.

use hyper::StatusCode;
use serde_json::{Value, json};

use super::{
    database::{Database, Row},
    error::OdooError,
    model::Model,
};

impl Database {
    /// Calls a method with named arguments.
    pub(super) fn call(&mut self, model: Model, method: &str, args: &Row) -> Result<Value, OdooError> {
        let known = Model::arguments(method).ok_or_else(|| OdooError::not_found(method))?;
        if let Some(name) = args.keys().find(|name| *name != "context" && !known.contains(&name.as_str())) {
            return Err(OdooError::validation(format!("{method} has no argument {name}")));
        }
        match method {
            "search" => Ok(json!(self.search(model, args)?)),
            "search_count" => Ok(json!(self.search(model, args)?.len())),
            "search_read" => self.read(model, &self.search(model, args)?, &field_names(args)),
            "read" => self.read(model, &self.existing_ids(model, args)?, &field_names(args)),
            "fields_get" => Ok(self.describe_fields(model, args)),
            "create" => self.create(model, args.get("vals_list").unwrap_or(&Value::Null)),
            "write" => self.write(model, args),
            _ => self.unlink(model, args),
        }
    }

    fn describe_fields(&self, model: Model, args: &Row) -> Value {
        let wanted = args.get("allfields").and_then(Value::as_array);
        let is_wanted = |field: &str| wanted.is_none_or(|wanted| wanted.contains(&json!(field)));
        let fields = self.fields(model).into_iter().filter(|field| is_wanted(field));
        fields.map(|field| (field.to_owned(), json!({}))).collect::<Row>().into()
    }

    fn search(&self, model: Model, args: &Row) -> Result<Vec<i64>, OdooError> {
        let domain = args.get("domain").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        // Odoo hides archived records unless the domain has a term for them.
        let shows_archived =
            domain.iter().any(|term| term[0] == "active") || !self.fields(model).contains(&"active");
        let mut found = Vec::new();
        for (id, row) in self.rows(model) {
            let mut matches = shows_archived || row.get("active") != Some(&json!(false));
            for term in domain {
                matches &= self.matches(model, id, row, term)?;
            }
            if matches {
                found.push(id);
            }
        }
        let number =
            |name: &str| args.get(name).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok());
        let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(usize::MAX);
        Ok(found.into_iter().skip(number("offset").unwrap_or(0)).take(limit).collect())
    }

    /// Whether a record satisfies one term of a domain, which is Odoo's search filter. All terms of a domain
    /// must be true; `|` and `!` are not implemented.
    fn matches(&self, model: Model, id: i64, row: &Row, term: &Value) -> Result<bool, OdooError> {
        let (Some(field), Some(operator)) = (term[0].as_str(), term[1].as_str()) else {
            return if term == "&" {
                Ok(true)
            } else {
                Err(OdooError::value(format!("{term} is not implemented")))
            };
        };
        let (value, wanted) = (self.value(model, id, row, field)?, &term[2]);
        let is_in = || wanted.as_array().is_some_and(|wanted| wanted.contains(&value));
        match operator {
            "=" => Ok(value == *wanted),
            "!=" => Ok(value != *wanted),
            "in" => Ok(is_in()),
            "not in" => Ok(!is_in()),
            "=ilike" => Ok(text(&value).eq_ignore_ascii_case(text(wanted))),
            _ => Err(OdooError::value(format!("the operator {operator} is not implemented"))),
        }
    }

    fn value(&self, model: Model, id: i64, row: &Row, field: &str) -> Result<Value, OdooError> {
        if field == "id" {
            return Ok(json!(id));
        }
        if let (Model::TenantUsers, Some(field)) = (model, field.strip_prefix("tenant_id.")) {
            let tenant = row.get("tenant_id").and_then(Value::as_i64).unwrap_or_default();
            let row = self.row(Model::Tenants, tenant).ok_or_else(|| OdooError::not_found("the tenant"))?;
            return self.value(Model::Tenants, tenant, row, field);
        }
        match self.fields(model).contains(&field) {
            // New records are active.
            true if field == "active" => Ok(row.get(field).cloned().unwrap_or(json!(true))),
            true => Ok(row.get(field).cloned().unwrap_or(json!(false))),
            false => Err(OdooError::value(format!("Invalid field '{field}'"))),
        }
    }

    fn read(&self, model: Model, ids: &[i64], fields: &[&str]) -> Result<Value, OdooError> {
        let all_fields = self.fields(model);
        let fields = if fields.is_empty() { &all_fields[..] } else { fields };
        let mut records = Vec::new();
        for id in ids {
            let row = self.row(model, *id).ok_or_else(|| OdooError::not_found("the record"))?;
            let mut record = Row::from_iter([("id".to_owned(), json!(id))]);
            for field in fields {
                let value = match (*field, self.value(model, *id, row, field)?) {
                    ("password", _) => json!(false),
                    ("tenant_id", tenant) => {
                        let row = self.row(Model::Tenants, tenant.as_i64().unwrap_or_default());
                        json!([tenant, row.and_then(|row| row.get("name"))])
                    }
                    (_, value) => value,
                };
                record.insert((*field).to_owned(), value);
            }
            records.push(Value::Object(record));
        }
        Ok(Value::Array(records))
    }

    fn create(&mut self, model: Model, values: &Value) -> Result<Value, OdooError> {
        let values = match values {
            Value::Array(values) => values.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut rows = Vec::new();
        for value in values {
            let row = value.as_object().ok_or_else(|| OdooError::value("the values must be an object"))?;
            self.check(model, row, None)?;
            rows.push(row.clone());
        }
        self.tables.entry(model).or_default().created += rows.len();
        Ok(rows.into_iter().map(|row| json!(self.insert(model, row))).collect())
    }

    fn write(&mut self, model: Model, args: &Row) -> Result<Value, OdooError> {
        let ids = self.existing_ids(model, args)?;
        let changes = args.get("vals").and_then(Value::as_object);
        let changes = changes.ok_or_else(|| OdooError::value("the values must be an object"))?;
        for id in ids {
            let mut row = self.row(model, id).cloned().unwrap_or_default();
            row.extend(changes.clone());
            self.check(model, &row, Some(id))?;
            self.tables.entry(model).or_default().rows.insert(id, row);
        }
        self.user_writes += usize::from(model == Model::Users);
        Ok(json!(true))
    }

    fn unlink(&mut self, model: Model, args: &Row) -> Result<Value, OdooError> {
        for id in self.existing_ids(model, args)? {
            self.tables.entry(model).or_default().rows.remove(&id);
            if model == Model::Tenants {
                let users = self.tables.entry(Model::TenantUsers).or_default();
                users.rows.retain(|_, row| row.get("tenant_id").and_then(Value::as_i64) != Some(id));
            }
        }
        Ok(json!(true))
    }

    /// The IDs in the arguments. All records must exist.
    fn existing_ids(&self, model: Model, args: &Row) -> Result<Vec<i64>, OdooError> {
        let ids: Vec<_> = match args.get("ids") {
            Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_i64).collect(),
            Some(id) => id.as_i64().into_iter().collect(),
            None => Vec::new(),
        };
        match ids.iter().find(|id| self.row(model, **id).is_none()) {
            None => Ok(ids),
            Some(_) => Err(OdooError::new(
                StatusCode::NOT_FOUND,
                "odoo.exceptions.MissingError",
                "The record does not exist",
            )),
        }
    }

    /// Checks that a record may be stored. `id` is the record's ID if the record already exists.
    fn check(&self, model: Model, row: &Row, id: Option<i64>) -> Result<(), OdooError> {
        if let Some(field) = row.keys().find(|field| !self.fields(model).contains(&field.as_str())) {
            return Err(OdooError::value(format!("Invalid field '{field}'")));
        }
        if model.required().iter().any(|field| row.get(*field).is_none_or(|value| *value == json!(false))) {
            return Err(OdooError::validation("Missing required value"));
        }
        let tenant = row.get("tenant_id").and_then(Value::as_i64);
        if model == Model::TenantUsers && tenant.is_none_or(|id| self.row(Model::Tenants, id).is_none()) {
            return Err(OdooError::validation("The tenant does not exist"));
        }
        let same = |other: &Row| model.unique().iter().all(|field| other.get(*field) == row.get(*field));
        let is_taken = self.rows(model).any(|(other, row)| Some(other) != id && same(row));
        match is_taken && !self.allow_duplicates {
            true => Err(OdooError::validation("Another record has these values")),
            false => Ok(()),
        }
    }
}

fn field_names(args: &Row) -> Vec<&str> {
    args.get("fields").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
