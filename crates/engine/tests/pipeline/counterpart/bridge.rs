//! The metadata bridge: one record per tenant code, and a record is its request's alone.

use std::collections::HashMap;

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Answer, Asked};

#[derive(Debug, Default)]
pub(super) struct Bridge {
    tenants: HashMap<String, Value>,
    pub(super) made: usize,
}

impl Bridge {
    pub(super) fn act(&mut self, asked: &Asked) -> Answer {
        let code = asked.key(0);
        match asked.method {
            Method::GET => match self.record(code) {
                Some(record) => Answer::ok(record),
                None => Answer::refusal(StatusCode::NOT_FOUND),
            },
            Method::PUT => self.put(code, &asked.body),
            Method::DELETE => match self.tenants.remove(code) {
                Some(_) => Answer::new(StatusCode::NO_CONTENT, Value::Null),
                None => Answer::refusal(StatusCode::NOT_FOUND),
            },
            _ => Answer::refusal(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn put(&mut self, code: &str, record: &Value) -> Answer {
        if record["code"] != json!(code) || !record["requestId"].is_string() {
            return Answer::refusal(StatusCode::BAD_REQUEST);
        }
        match self.tenants.insert(code.to_owned(), record.clone()) {
            None => {
                self.made += 1;
                Answer::new(StatusCode::CREATED, record.clone())
            }
            Some(before) if before["requestId"] == record["requestId"] => Answer::ok(record.clone()),
            Some(before) => {
                self.tenants.insert(code.to_owned(), before);
                Answer::refusal(StatusCode::CONFLICT)
            }
        }
    }

    pub(super) fn effects(&self) -> usize {
        self.tenants.len()
    }

    pub(super) fn plant(&mut self, code: &str, record: Value) {
        self.tenants.insert(code.to_owned(), record);
    }

    pub(super) fn record(&self, code: &str) -> Option<Value> {
        self.tenants.get(code).cloned()
    }
}
