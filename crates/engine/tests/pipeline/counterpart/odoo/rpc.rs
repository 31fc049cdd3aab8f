//! The calls of `/jsonrpc`.

use serde_json::{Map, Value};

use super::{
    super::fault::{DeadStepAction, Place},
    Odoo,
    model::Model,
    raised::Raised,
};

#[derive(Debug)]
pub(in super::super) enum Rpc {
    Version,
    Authenticate {
        database: String,
        login: String,
        password: String,
    },
    Execute {
        database: String,
        user: i64,
        password: String,
        model: String,
        method: String,
        /// By name.
        args: Map<String, Value>,
    },
}

impl Rpc {
    /// What a call is for, also one that is refused.
    pub(in super::super) fn kind_of(body: &Value) -> (Place, DeadStepAction) {
        let args = &body["params"]["args"];
        match body["params"]["service"].as_str() {
            Some("common") => (Place::OdooSession, DeadStepAction::Look),
            Some("object") => (
                Odoo::place(args[3].as_str().unwrap_or_default()),
                Odoo::deed(args[4].as_str().unwrap_or_default()),
            ),
            _ => (Place::Elsewhere, DeadStepAction::Look),
        }
    }

    pub(super) fn read(body: &Value) -> Result<Self, Raised> {
        let (params, args) = (&body["params"], &body["params"]["args"]);
        let text = |at: usize| args[at].as_str().unwrap_or_default().to_owned();
        match (params["service"].as_str(), params["method"].as_str()) {
            (Some("common"), Some("version")) => Ok(Self::Version),
            (Some("common"), Some("authenticate" | "login")) => {
                Ok(Self::Authenticate { database: text(0), login: text(1), password: text(2) })
            }
            (Some("object"), Some("execute_kw")) => Ok(Self::Execute {
                database: text(0),
                user: args[1].as_i64().unwrap_or_default(),
                password: text(2),
                model: text(3),
                args: named(&text(4), &args[5], &args[6])?,
                method: text(4),
            }),
            (service, method) => Err(Raised::value(format!("{service:?} {method:?} is not played"))),
        }
    }

    pub(super) fn database(&self) -> &str {
        match self {
            Self::Version => "",
            Self::Authenticate { database, .. } | Self::Execute { database, .. } => database,
        }
    }
}

/// Arguments by place and by name as arguments by name.
fn named(method: &str, by_place: &Value, by_name: &Value) -> Result<Map<String, Value>, Raised> {
    let names = Model::arguments(method).ok_or_else(|| Raised::value(format!("{method} is not played")))?;
    let by_place = by_place.as_array().map(Vec::as_slice).unwrap_or_default();
    if by_place.len() > names.len() {
        return Err(Raised::value(format!("{method} takes {} arguments", names.len())));
    }
    let mut args: Map<_, _> =
        names.iter().map(|name| (*name).to_owned()).zip(by_place.iter().cloned()).collect();
    args.extend(by_name.as_object().cloned().unwrap_or_default());
    Ok(args)
}
