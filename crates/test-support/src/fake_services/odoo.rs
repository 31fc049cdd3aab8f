//! A fake of the part of Odoo that the steps use: authentication, users, and the two models of the add-on
//! `vendor_ops`, through the JSON-RPC API of Odoo 18 and 19 and the JSON-2 API of Odoo 19. Every other call
//! gets an error, so that the test of the step fails.

mod database;
mod error;
mod methods;
mod model;
mod rpc;

use std::collections::HashMap;

use hyper::StatusCode;
use serde_json::{Map, Value, json};

use self::{database::Database, error::OdooError};
pub(super) use self::{model::Model, rpc::Rpc};
use super::{
    ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN,
    call::{IncomingCall, Reply},
    fault::Endpoint,
};

/// The ID of the template's admin, and of the user that writes the tenant registry.
const USER: i64 = 2;

#[derive(Debug)]
pub(super) struct Odoo {
    databases: HashMap<String, Database>,
    pub(super) json2_enabled: bool,
}

impl Default for Odoo {
    fn default() -> Self {
        Self { databases: HashMap::new(), json2_enabled: true }
    }
}

impl Odoo {
    /// Returns the database with this name. A new database is a copy of the template, or the empty tenant
    /// registry.
    fn database(&mut self, name: &str) -> &mut Database {
        let (login, password) = match name {
            ODOO19_DATABASE => (ODOO19_LOGIN, ODOO19_KEY),
            _ => (ODOO18_LOGIN, ODOO18_PASSWORD),
        };
        self.databases.entry(name.to_owned()).or_insert_with(|| Database::new(USER, login, password))
    }

    pub(super) fn allow_duplicates(&mut self) {
        self.database(ODOO19_DATABASE).allow_duplicates = true;
    }

    pub(super) fn disable_archive(&mut self) {
        self.database(ODOO19_DATABASE).without_archive = true;
    }

    /// Removes the copy of a tenant.
    pub(super) fn remove_database(&mut self, database: &str) {
        self.databases.remove(database);
    }

    /// `POST /jsonrpc`. `exists` returns whether a tenant's database exists.
    pub(super) fn jsonrpc(&mut self, call: &IncomingCall, exists: impl Fn(&str) -> bool) -> Reply {
        let result = Rpc::read(&call.body).and_then(|rpc| self.execute(rpc, exists));
        let id = call.body["id"].clone();
        Reply::ok(match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(error) => json!({ "jsonrpc": "2.0", "id": id, "error": {
                "code": 200,
                "message": "Odoo Server Error",
                "data": { "name": error.name, "message": error.message, "debug": "Traceback", "context": {} },
            }}),
        })
    }

    fn execute(&mut self, rpc: Rpc, exists: impl Fn(&str) -> bool) -> Result<Value, OdooError> {
        let (name, is_registry) = (rpc.database().to_owned(), rpc.database() == ODOO19_DATABASE);
        if !matches!(rpc, Rpc::Version) && !is_registry && !exists(&name) {
            let message = format!("FATAL:  database \"{name}\" does not exist");
            return Err(OdooError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "psycopg2.OperationalError",
                message,
            ));
        }
        match rpc {
            Rpc::Version => Ok(json!({ "server_version": "18.0", "protocol_version": 1 })),
            Rpc::Authenticate { login, password, .. } => {
                let user = self.database(&name).sign_in(&login, &password);
                Ok(user.map_or(json!(false), |user| json!(user)))
            }
            Rpc::Execute { user, password, model, method, args, .. } => {
                let database = self.database(&name);
                if !database.authenticates(user, &password) {
                    return Err(OdooError::access_denied());
                }
                let model = Model::named(&model).filter(|model| is_registry || *model == Model::Users);
                let model = model.ok_or_else(|| OdooError::value("the model does not exist"))?;
                let returns_one = args.get("vals_list").is_some_and(Value::is_object);
                let result = database.call(model, &method, &args)?;
                // `create` with one set of values returns one ID instead of a list.
                Ok(if returns_one { result[0].clone() } else { result })
            }
        }
    }

    /// `POST /json/2/{model}/{method}`, always in the database with the tenant registry.
    pub(super) fn json2(&mut self, call: &IncomingCall) -> Reply {
        if !self.json2_enabled {
            // Odoo responds with an HTML page.
            return Reply::new(StatusCode::NOT_FOUND, Value::Null);
        }
        let result = match (call.has_token(ODOO19_KEY), Model::named(call.key(0)), &call.body) {
            (false, ..) => Err(OdooError::new(
                StatusCode::UNAUTHORIZED,
                "werkzeug.exceptions.Unauthorized",
                "Invalid apikey",
            )),
            (true, None, _) => Err(OdooError::not_found("the model")),
            (true, Some(model), Value::Object(args)) => {
                self.database(ODOO19_DATABASE).call(model, call.key(1), args)
            }
            (true, Some(_), _) => Err(OdooError::validation("the body is not an object")),
        };
        match result {
            Ok(result) => Reply::ok(result),
            Err(OdooError { status, name, message }) => {
                let body =
                    json!({ "name": name, "message": message, "arguments": [], "context": {}, "debug": "" });
                Reply::new(status, body)
            }
        }
    }

    /// The tenants' copies.
    fn copies(&self) -> impl Iterator<Item = &Database> {
        self.databases.iter().filter(|(name, _)| *name != ODOO19_DATABASE).map(|(_, database)| database)
    }

    pub(super) fn effects(&self, endpoint: Endpoint) -> usize {
        match Model::at(endpoint) {
            None => 0,
            Some(Model::Users) => {
                let fresh = Database::new(USER, ODOO18_LOGIN, ODOO18_PASSWORD);
                let template = fresh.row(Model::Users, USER);
                self.copies().filter(|copy| copy.row(Model::Users, USER) != template).count()
            }
            Some(model) => self.databases.get(ODOO19_DATABASE).map_or(0, |registry| registry.count(model)),
        }
    }

    pub(super) fn created(&self, endpoint: Endpoint) -> usize {
        match Model::at(endpoint) {
            None => 0,
            Some(Model::Users) => self.copies().map(|copy| copy.user_writes).sum(),
            Some(model) => self.databases.get(ODOO19_DATABASE).map_or(0, |registry| registry.created(model)),
        }
    }

    pub(super) fn insert_record(&mut self, endpoint: Endpoint, key: &str, value: Value) {
        let model = Model::at(endpoint).unwrap();
        let Value::Object(fields) = value else { panic!("the fields must be an object") };
        match model {
            Model::Users => self.database(key).overwrite(USER, fields),
            _ => drop(self.database(ODOO19_DATABASE).insert(model, fields)),
        }
    }

    pub(super) fn record(&self, endpoint: Endpoint, key: &str) -> Option<Value> {
        let row: Option<&Map<_, _>> = match Model::at(endpoint)? {
            Model::Users => self.databases.get(key)?.row(Model::Users, USER),
            model => self.databases.get(ODOO19_DATABASE)?.find(model, key),
        };
        row.cloned().map(Value::Object)
    }
}
