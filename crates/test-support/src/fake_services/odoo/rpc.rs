//! The calls of `/jsonrpc`.

use serde_json::{Map, Value};

use super::{
    super::fault::{CallKind, Endpoint},
    error::OdooError,
    model::Model,
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
        /// Named arguments.
        args: Map<String, Value>,
    },
}

impl Rpc {
    /// Returns the endpoint and the kind of a call, including a call that is not valid.
    pub(in super::super) fn kind_of(body: &Value) -> (Endpoint, CallKind) {
        let args = &body["params"]["args"];
        match body["params"]["service"].as_str() {
            Some("common") => (Endpoint::OdooSession, CallKind::Read),
            Some("object") => (
                Model::endpoint_of(args[3].as_str().unwrap_or_default()),
                Model::kind_of(args[4].as_str().unwrap_or_default()),
            ),
            _ => (Endpoint::Unknown, CallKind::Read),
        }
    }

    pub(super) fn read(body: &Value) -> Result<Self, OdooError> {
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
                args: named_arguments(&text(4), &args[5], &args[6])?,
                method: text(4),
            }),
            (service, method) => Err(OdooError::value(format!("{service:?} {method:?} is not implemented"))),
        }
    }

    pub(super) fn database(&self) -> &str {
        match self {
            Self::Version => "",
            Self::Authenticate { database, .. } | Self::Execute { database, .. } => database,
        }
    }
}

/// Converts positional and named arguments to named arguments.
fn named_arguments(
    method: &str,
    positional: &Value,
    keyword: &Value,
) -> Result<Map<String, Value>, OdooError> {
    let names =
        Model::arguments(method).ok_or_else(|| OdooError::value(format!("{method} is not implemented")))?;
    let positional = positional.as_array().map(Vec::as_slice).unwrap_or_default();
    if positional.len() > names.len() {
        return Err(OdooError::value(format!("{method} takes {} arguments", names.len())));
    }
    let mut args: Map<_, _> =
        names.iter().map(|name| (*name).to_owned()).zip(positional.iter().cloned()).collect();
    args.extend(keyword.as_object().cloned().unwrap_or_default());
    Ok(args)
}
