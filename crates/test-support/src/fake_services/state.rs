//! The state of all services, and the routes to them.

use hyper::{Method, StatusCode};
use serde_json::Value;

use super::{
    TOKEN,
    bridge::Bridge,
    call::{IncomingCall, Reply},
    copies::Copies,
    fault::{CallKind, Endpoint},
    odoo::{Model, Odoo, Rpc},
};

/// Parses a call by its path.
pub(super) fn parse_call(method: Method, path: &str, token: Option<String>, body: Value) -> IncomingCall {
    let parts: Vec<_> = path.split('/').skip(1).collect();
    let (endpoint, kind, template, keys) = match parts.as_slice() {
        ["tenants", code] => (Endpoint::Bridge, kind_of(&method), "/tenants/{code}", vec![*code]),
        ["copies", database] => (Endpoint::Copies, kind_of(&method), "/copies/{database}", vec![*database]),
        ["jsonrpc"] => {
            let (endpoint, kind) = Rpc::kind_of(&body);
            (endpoint, kind, "/jsonrpc", vec![])
        }
        ["json", "2", model, method_name] => {
            let template = "/json/2/{model}/{method}";
            (Model::endpoint_of(model), Model::kind_of(method_name), template, vec![*model, *method_name])
        }
        _ => (Endpoint::Unknown, CallKind::Read, "", vec![]),
    };
    let keys = keys.into_iter().map(str::to_owned).collect();
    IncomingCall { endpoint, kind, method, path: path.to_owned(), template, keys, token, body }
}

fn kind_of(method: &Method) -> CallKind {
    match *method {
        Method::GET => CallKind::Read,
        Method::DELETE => CallKind::Delete,
        _ => CallKind::Write,
    }
}

/// The state of all services.
#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) bridge: Bridge,
    pub(super) copies: Copies,
    pub(super) odoo: Odoo,
    pub(super) only_ready_copies: bool,
}

impl State {
    /// Handles a call.
    pub(super) fn handle(&mut self, call: &IncomingCall) -> Reply {
        match call.template {
            "/tenants/{code}" if call.has_token(TOKEN) => self.bridge.handle(call),
            "/copies/{database}" if call.has_token(TOKEN) => {
                let reply = self.copies.handle(call);
                if call.method == Method::DELETE && reply.status.is_success() {
                    self.odoo.remove_database(call.key(0));
                }
                reply
            }
            "/tenants/{code}" | "/copies/{database}" => Reply::error(StatusCode::UNAUTHORIZED),
            "/jsonrpc" => {
                self.odoo.jsonrpc(call, |name| !self.only_ready_copies || self.copies.is_ready(name))
            }
            "/json/2/{model}/{method}" => self.odoo.json2(call),
            _ => Reply::error(StatusCode::NOT_FOUND),
        }
    }

    pub(super) fn effects(&self, endpoint: Endpoint) -> usize {
        match endpoint {
            Endpoint::Bridge => self.bridge.effects(),
            Endpoint::Copies => self.copies.effects(),
            _ => self.odoo.effects(endpoint),
        }
    }

    pub(super) fn created(&self, endpoint: Endpoint) -> usize {
        match endpoint {
            Endpoint::Bridge => self.bridge.created,
            Endpoint::Copies => self.copies.created,
            _ => self.odoo.created(endpoint),
        }
    }

    pub(super) fn insert_record(&mut self, endpoint: Endpoint, key: &str, value: Value) {
        match endpoint {
            Endpoint::Bridge => self.bridge.insert_record(key, value),
            Endpoint::Copies => self.copies.insert_record(key, &value),
            _ => self.odoo.insert_record(endpoint, key, value),
        }
    }

    pub(super) fn record(&self, endpoint: Endpoint, key: &str) -> Option<Value> {
        match endpoint {
            Endpoint::Bridge => self.bridge.record(key),
            Endpoint::Copies => self.copies.record(key),
            _ => self.odoo.record(endpoint, key),
        }
    }
}
