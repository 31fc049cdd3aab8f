//! As much of Odoo as the steps use: signing in, users, and the two models of the vendor's add-on, by
//! JSON-RPC as 18 and 19 have it and by 19's JSON-2. What it does not play it refuses as an error of
//! Odoo, so that a step that needs more does not pass by accident.

mod database;
mod methods;
mod model;
mod raised;
mod rpc;

use std::collections::HashMap;

use hyper::StatusCode;
use serde_json::{Map, Value, json};

pub(super) use self::rpc::Rpc;
use self::{database::Database, model::Model, raised::Raised};
use super::{
    ODOO18_LOGIN, ODOO18_PASSWORD, ODOO19_DATABASE, ODOO19_KEY, ODOO19_LOGIN,
    fault::{DeadStepAction, Place},
    world::{Answer, Asked},
};

/// The template's admin, and the user who keeps the list of tenants.
const USER: i64 = 2;

#[derive(Debug)]
pub(super) struct Odoo {
    databases: HashMap<String, Database>,
    pub(super) json2: bool,
}

impl Default for Odoo {
    fn default() -> Self {
        Self { databases: HashMap::new(), json2: true }
    }
}

impl Odoo {
    pub(super) fn place(model: &str) -> Place {
        Model::named(model).map_or(Place::Elsewhere, Model::place)
    }

    pub(super) fn deed(method: &str) -> DeadStepAction {
        match method {
            "create" | "write" => DeadStepAction::Make,
            "unlink" => DeadStepAction::Undo,
            _ => DeadStepAction::Look,
        }
    }

    /// A database, which begins as a copy of the template or as the one with the list of tenants.
    fn database(&mut self, name: &str) -> &mut Database {
        let (login, password) = match name {
            ODOO19_DATABASE => (ODOO19_LOGIN, ODOO19_KEY),
            _ => (ODOO18_LOGIN, ODOO18_PASSWORD),
        };
        self.databases.entry(name.to_owned()).or_insert_with(|| Database::new(USER, login, password))
    }

    pub(super) fn allow_doubles(&mut self) {
        self.database(ODOO19_DATABASE).doubles = true;
    }

    /// The copy is gone, and its users with it.
    pub(super) fn forget(&mut self, database: &str) {
        self.databases.remove(database);
    }

    /// `POST /jsonrpc`; `serves` tells which databases there are.
    pub(super) fn jsonrpc(&mut self, asked: &Asked, serves: impl Fn(&str) -> bool) -> Answer {
        let result = Rpc::read(&asked.body).and_then(|rpc| self.perform(rpc, serves));
        let id = asked.body["id"].clone();
        Answer::ok(match result {
            Ok(result) => json!({ "jsonrpc": "2.0", "id": id, "result": result }),
            Err(raised) => json!({ "jsonrpc": "2.0", "id": id, "error": {
                "code": 200,
                "message": "Odoo Server Error",
                "data": { "name": raised.name, "message": raised.message, "debug": "Traceback", "context": {} },
            }}),
        })
    }

    fn perform(&mut self, rpc: Rpc, serves: impl Fn(&str) -> bool) -> Result<Value, Raised> {
        let (name, is_list) = (rpc.database().to_owned(), rpc.database() == ODOO19_DATABASE);
        if !matches!(rpc, Rpc::Version) && !is_list && !serves(&name) {
            let message = format!("FATAL:  database \"{name}\" does not exist");
            return Err(Raised::new(StatusCode::INTERNAL_SERVER_ERROR, "psycopg2.OperationalError", message));
        }
        match rpc {
            Rpc::Version => Ok(json!({ "server_version": "18.0", "protocol_version": 1 })),
            Rpc::Authenticate { login, password, .. } => {
                let user = self.database(&name).sign_in(&login, &password);
                Ok(user.map_or(json!(false), |user| json!(user)))
            }
            Rpc::Execute { user, password, model, method, args, .. } => {
                let database = self.database(&name);
                if !database.knows(user, &password) {
                    return Err(Raised::access_denied());
                }
                let model = Model::named(&model).filter(|model| is_list || *model == Model::Users);
                let model = model.ok_or_else(|| Raised::value("the model does not exist"))?;
                let one = args.get("vals_list").is_some_and(Value::is_object);
                let result = database.call(model, &method, &args)?;
                // What is created from one set of values comes back as one id.
                Ok(if one { result[0].clone() } else { result })
            }
        }
    }

    /// `POST /json/2/{model}/{method}`, always on the database with the list of tenants.
    pub(super) fn json2(&mut self, asked: &Asked) -> Answer {
        if !self.json2 {
            // A page for people.
            return Answer::new(StatusCode::NOT_FOUND, Value::Null);
        }
        let result = match (asked.has_token(ODOO19_KEY), Model::named(asked.key(0)), &asked.body) {
            (false, ..) => Err(Raised::new(
                StatusCode::UNAUTHORIZED,
                "werkzeug.exceptions.Unauthorized",
                "Invalid apikey",
            )),
            (true, None, _) => Err(Raised::not_found("the model")),
            (true, Some(model), Value::Object(args)) => {
                self.database(ODOO19_DATABASE).call(model, asked.key(1), args)
            }
            (true, Some(_), _) => Err(Raised::validation("the body is no object")),
        };
        match result {
            Ok(result) => Answer::ok(result),
            Err(Raised { status, name, message }) => {
                let body =
                    json!({ "name": name, "message": message, "arguments": [], "context": {}, "debug": "" });
                Answer::new(status, body)
            }
        }
    }

    /// The tenants' copies.
    fn copies(&self) -> impl Iterator<Item = &Database> {
        self.databases.iter().filter(|(name, _)| *name != ODOO19_DATABASE).map(|(_, database)| database)
    }

    pub(super) fn effects(&self, place: Place) -> usize {
        match Model::at(place) {
            None => 0,
            Some(Model::Users) => {
                let fresh = Database::new(USER, ODOO18_LOGIN, ODOO18_PASSWORD);
                let template = fresh.row(Model::Users, USER);
                self.copies().filter(|copy| copy.row(Model::Users, USER) != template).count()
            }
            Some(model) => self.databases.get(ODOO19_DATABASE).map_or(0, |list| list.count(model)),
        }
    }

    pub(super) fn made(&self, place: Place) -> usize {
        match Model::at(place) {
            None => 0,
            Some(Model::Users) => self.copies().map(|copy| copy.user_writes).sum(),
            Some(model) => self.databases.get(ODOO19_DATABASE).map_or(0, |list| list.created(model)),
        }
    }

    pub(super) fn plant(&mut self, place: Place, key: &str, value: Value) {
        let model = Model::at(place).unwrap();
        let Value::Object(fields) = value else { panic!("fields are an object") };
        match model {
            Model::Users => self.database(key).overwrite(USER, fields),
            _ => drop(self.database(ODOO19_DATABASE).insert(model, fields)),
        }
    }

    pub(super) fn record(&self, place: Place, key: &str) -> Option<Value> {
        let row: Option<&Map<_, _>> = match Model::at(place)? {
            Model::Users => self.databases.get(key)?.row(Model::Users, USER),
            model => self.databases.get(ODOO19_DATABASE)?.find(model, key),
        };
        row.cloned().map(Value::Object)
    }
}
