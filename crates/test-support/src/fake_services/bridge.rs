//! A fake metadata bridge. It stores one record for each tenant code; each record belongs to one request.

use std::collections::HashMap;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::call::{IncomingCall, Reply};

/// The state of the fake metadata bridge.
#[derive(Debug, Default)]
pub(super) struct Bridge {
    /// The records by tenant code.
    tenants: HashMap<String, Value>,
    pub(super) created: usize,
}

impl Bridge {
    pub(super) fn handle(&mut self, call: &IncomingCall) -> Reply {
        let code = call.key(0);
        match call.method {
            Method::GET => match self.record(code) {
                Some(record) => Reply::ok(record),
                None => Reply::error(StatusCode::NOT_FOUND),
            },
            Method::PUT => self.put(code, &call.body),
            Method::DELETE => match self.tenants.remove(code) {
                Some(_) => Reply::new(StatusCode::NO_CONTENT, Value::Null),
                None => Reply::error(StatusCode::NOT_FOUND),
            },
            _ => Reply::error(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn put(&mut self, code: &str, record: &Value) -> Reply {
        if record["code"] != json!(code) || !record["requestId"].is_string() {
            return Reply::error(StatusCode::BAD_REQUEST);
        }
        match self.tenants.insert(code.to_owned(), record.clone()) {
            None => {
                self.created += 1;
                Reply::new(StatusCode::CREATED, record.clone())
            }
            Some(before) if before["requestId"] == record["requestId"] => Reply::ok(record.clone()),
            Some(before) => {
                self.tenants.insert(code.to_owned(), before);
                Reply::error(StatusCode::CONFLICT)
            }
        }
    }

    pub(super) fn effects(&self) -> usize {
        self.tenants.len()
    }

    pub(super) fn insert_record(&mut self, code: &str, record: Value) {
        self.tenants.insert(code.to_owned(), record);
    }

    pub(super) fn record(&self, code: &str) -> Option<Value> {
        self.tenants.get(code).cloned()
    }
}
