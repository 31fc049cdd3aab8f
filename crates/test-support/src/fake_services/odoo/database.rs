//! The records of an Odoo database.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};

use super::model::Model;

pub(super) type Row = Map<String, Value>;

#[derive(Debug, Default)]
pub(super) struct Database {
    pub(super) tables: HashMap<Model, Table>,
    /// How many times a user was updated.
    pub(super) user_writes: usize,
    /// Whether several records may have the same key, as if the add-on had no constraints.
    pub(super) allow_duplicates: bool,
    /// Whether the models of the add-on lack the field `active`, so that their records cannot be archived.
    pub(super) without_archive: bool,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: BTreeMap<i64, Row>,
    last_id: i64,
    /// How many records callers have created.
    pub(super) created: usize,
}

impl Database {
    /// A database with one user.
    pub(super) fn new(user: i64, login: &str, password: &str) -> Self {
        let mut database = Self::default();
        let fields = json!({ "login": login, "name": "Administrator", "password": password, "active": true });
        let Value::Object(fields) = fields else { unreachable!() };
        let users = database.tables.entry(Model::Users).or_default();
        users.rows.insert(user, fields);
        users.last_id = user;
        database
    }

    pub(super) fn sign_in(&self, login: &str, password: &str) -> Option<i64> {
        let (id, _) = self
            .rows(Model::Users)
            .find(|(id, row)| row["login"] == login && self.authenticates(*id, password))?;
        Some(id)
    }

    pub(super) fn authenticates(&self, user: i64, password: &str) -> bool {
        let row = self.row(Model::Users, user);
        row.is_some_and(|row| row["password"] == password && row["active"] == true)
    }

    /// The fields of a model, except for `id` and `display_name`.
    pub(super) fn fields(&self, model: Model) -> Vec<&'static str> {
        let lacks_active = self.without_archive && model != Model::Users;
        model.fields().iter().copied().filter(|field| !lacks_active || *field != "active").collect()
    }

    pub(super) fn row(&self, model: Model, id: i64) -> Option<&Row> {
        self.tables.get(&model)?.rows.get(&id)
    }

    pub(super) fn find(&self, model: Model, key: &str) -> Option<&Row> {
        self.rows(model)
            .find(|(_, row)| row.get(model.key()).is_some_and(|value| value == key))
            .map(|(_, row)| row)
    }

    pub(super) fn count(&self, model: Model) -> usize {
        self.rows(model).count()
    }

    pub(super) fn created(&self, model: Model) -> usize {
        self.tables.get(&model).map_or(0, |table| table.created)
    }

    pub(super) fn rows(&self, model: Model) -> impl Iterator<Item = (i64, &Row)> {
        self.tables.get(&model).into_iter().flat_map(|table| table.rows.iter().map(|(id, row)| (*id, row)))
    }

    /// Inserts a record without checks.
    pub(super) fn insert(&mut self, model: Model, fields: Row) -> i64 {
        let table = self.tables.entry(model).or_default();
        table.last_id += 1;
        table.rows.insert(table.last_id, fields);
        table.last_id
    }

    /// Updates a user without checks.
    pub(super) fn overwrite(&mut self, user: i64, fields: Row) {
        let table = self.tables.entry(Model::Users).or_default();
        table.rows.entry(user).or_default().extend(fields);
    }
}
