//! A fake copy service. It creates copies in the background; each copy belongs to one request.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::call::{IncomingCall, Reply};

#[derive(Debug, Default)]
pub(super) struct Copies {
    copies: HashMap<String, Copy>,
    pub(super) created: usize,
    /// How long new copies take.
    pub(super) duration: Duration,
}

#[derive(Debug)]
struct Copy {
    template: Value,
    request_id: Value,
    progress: Progress,
}

#[derive(Debug)]
enum Progress {
    ReadyAt(Instant),
    Stuck,
    Failed,
}

impl Copy {
    fn state(&self) -> &'static str {
        match self.progress {
            Progress::ReadyAt(at) if at <= Instant::now() => "ready",
            Progress::ReadyAt(_) | Progress::Stuck => "running",
            Progress::Failed => "failed",
        }
    }

    fn record(&self) -> Value {
        json!({ "state": self.state(), "requestId": self.request_id, "template": self.template })
    }
}

impl Copies {
    pub(super) fn handle(&mut self, call: &IncomingCall) -> Reply {
        let database = call.key(0);
        match call.method {
            Method::GET => match self.record(database) {
                Some(record) => Reply::ok(record),
                None => Reply::error(StatusCode::NOT_FOUND),
            },
            Method::PUT => self.put(database, &call.body),
            Method::DELETE => match self.copies.remove(database) {
                Some(_) => Reply::new(StatusCode::NO_CONTENT, Value::Null),
                None => Reply::error(StatusCode::NOT_FOUND),
            },
            _ => Reply::error(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn put(&mut self, database: &str, body: &Value) -> Reply {
        let (template, request_id) = (&body["template"], &body["requestId"]);
        if !template.is_string() || !request_id.is_string() {
            return Reply::error(StatusCode::BAD_REQUEST);
        }
        let before = self.copies.get(database);
        if before.is_some_and(|copy| copy.request_id != *request_id) {
            return Reply::error(StatusCode::CONFLICT);
        }
        if before.is_none_or(|copy| copy.state() == "failed") {
            let progress = Progress::ReadyAt(Instant::now() + self.duration);
            let copy = Copy { template: template.clone(), request_id: request_id.clone(), progress };
            self.copies.insert(database.to_owned(), copy);
            self.created += 1;
        }
        let record = self.copies[database].record();
        let status = if record["state"] == "ready" { StatusCode::OK } else { StatusCode::ACCEPTED };
        Reply::new(status, record)
    }

    pub(super) fn effects(&self) -> usize {
        self.copies.values().filter(|copy| copy.state() != "failed").count()
    }

    pub(super) fn is_ready(&self, database: &str) -> bool {
        self.copies.get(database).is_some_and(|copy| copy.state() == "ready")
    }

    pub(super) fn insert_record(&mut self, database: &str, value: &Value) {
        let progress = match value["state"].as_str() {
            Some("ready") => Progress::ReadyAt(Instant::now()),
            Some("failed") => Progress::Failed,
            _ => Progress::Stuck,
        };
        let copy =
            Copy { template: value["template"].clone(), request_id: value["requestId"].clone(), progress };
        self.copies.insert(database.to_owned(), copy);
    }

    pub(super) fn record(&self, database: &str) -> Option<Value> {
        self.copies.get(database).map(Copy::record)
    }
}
