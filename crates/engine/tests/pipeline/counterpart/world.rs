//! What exists outside, and who asks for what.

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::{
    TOKEN,
    bridge::Bridge,
    copies::Copies,
    fault::{DeadStepAction, Place},
    odoo::{Odoo, Rpc},
};

/// A call, as far as it is understood.
#[derive(Debug, Clone)]
pub(super) struct Asked {
    pub(super) place: Place,
    pub(super) deed: DeadStepAction,
    pub(super) method: Method,
    pub(super) path: String,
    /// The path with the names of its variable parts.
    pub(super) template: &'static str,
    /// The variable parts.
    keys: Vec<String>,
    /// What follows `Bearer` in `Authorization`.
    token: Option<String>,
    pub(super) body: Value,
}

/// What is answered to it.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Value,
}

impl Answer {
    pub(super) fn new(status: StatusCode, body: Value) -> Self {
        Self { status, body }
    }

    pub(super) fn ok(body: Value) -> Self {
        Self::new(StatusCode::OK, body)
    }

    /// In the words that Odoo's JSON-2 has for such a status.
    pub(super) fn refusal(status: StatusCode) -> Self {
        let reason = status.canonical_reason().unwrap_or_default();
        let name = format!("werkzeug.exceptions.{}", reason.replace(' ', ""));
        Self::new(status, json!({ "name": name, "message": reason }))
    }
}

impl Asked {
    pub(super) fn new(method: Method, path: &str, token: Option<String>, body: Value) -> Self {
        let parts: Vec<_> = path.split('/').skip(1).collect();
        let (place, deed, template, keys) = match parts.as_slice() {
            ["tenants", code] => (Place::Bridge, deed(&method), "/tenants/{code}", vec![*code]),
            ["copies", database] => (Place::Copies, deed(&method), "/copies/{database}", vec![*database]),
            ["jsonrpc"] => {
                let (place, deed) = Rpc::kind_of(&body);
                (place, deed, "/jsonrpc", vec![])
            }
            ["json", "2", model, doing] => {
                let template = "/json/2/{model}/{method}";
                (Odoo::place(model), Odoo::deed(doing), template, vec![*model, *doing])
            }
            _ => (Place::Elsewhere, DeadStepAction::Look, "", vec![]),
        };
        let keys = keys.into_iter().map(str::to_owned).collect();
        Self { place, deed, method, path: path.to_owned(), template, keys, token, body }
    }

    pub(super) fn key(&self, at: usize) -> &str {
        self.keys.get(at).map_or("", String::as_str)
    }

    pub(super) fn has_token(&self, token: &str) -> bool {
        self.token.as_deref() == Some(token)
    }
}

fn deed(method: &Method) -> DeadStepAction {
    match *method {
        Method::GET => DeadStepAction::Look,
        Method::DELETE => DeadStepAction::Undo,
        _ => DeadStepAction::Make,
    }
}

/// All that the counterpart plays.
#[derive(Debug, Default)]
pub(super) struct World {
    pub(super) bridge: Bridge,
    pub(super) copies: Copies,
    pub(super) odoo: Odoo,
    pub(super) only_copies: bool,
}

impl World {
    /// Does what is asked.
    pub(super) fn act(&mut self, asked: &Asked) -> Answer {
        match asked.template {
            "/tenants/{code}" if asked.has_token(TOKEN) => self.bridge.act(asked),
            "/copies/{database}" if asked.has_token(TOKEN) => {
                let answer = self.copies.act(asked);
                if asked.method == Method::DELETE && answer.status.is_success() {
                    self.odoo.forget(asked.key(0));
                }
                answer
            }
            "/tenants/{code}" | "/copies/{database}" => Answer::refusal(StatusCode::UNAUTHORIZED),
            "/jsonrpc" => self.odoo.jsonrpc(asked, |name| !self.only_copies || self.copies.is_ready(name)),
            "/json/2/{model}/{method}" => self.odoo.json2(asked),
            _ => Answer::refusal(StatusCode::NOT_FOUND),
        }
    }

    pub(super) fn effects(&self, place: Place) -> usize {
        match place {
            Place::Bridge => self.bridge.effects(),
            Place::Copies => self.copies.effects(),
            _ => self.odoo.effects(place),
        }
    }

    pub(super) fn made(&self, place: Place) -> usize {
        match place {
            Place::Bridge => self.bridge.made,
            Place::Copies => self.copies.made,
            _ => self.odoo.made(place),
        }
    }

    pub(super) fn plant(&mut self, place: Place, key: &str, value: Value) {
        match place {
            Place::Bridge => self.bridge.plant(key, value),
            Place::Copies => self.copies.plant(key, &value),
            _ => self.odoo.plant(place, key, value),
        }
    }

    pub(super) fn record(&self, place: Place, key: &str) -> Option<Value> {
        match place {
            Place::Bridge => self.bridge.record(key),
            Place::Copies => self.copies.record(key),
            _ => self.odoo.record(place, key),
        }
    }
}
