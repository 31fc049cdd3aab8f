//! The copy service: copies are made in the background, and a copy is its request's alone.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use hyper::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Answer, Asked};

#[derive(Debug, Default)]
pub(super) struct Copies {
    copies: HashMap<String, Copy>,
    pub(super) made: usize,
    /// How long a copy takes that is ordered from now on.
    pub(super) take: Duration,
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
    pub(super) fn act(&mut self, asked: &Asked) -> Answer {
        let database = asked.key(0);
        match asked.method {
            Method::GET => match self.record(database) {
                Some(record) => Answer::ok(record),
                None => Answer::refusal(StatusCode::NOT_FOUND),
            },
            Method::PUT => self.put(database, &asked.body),
            Method::DELETE => match self.copies.remove(database) {
                Some(_) => Answer::new(StatusCode::NO_CONTENT, Value::Null),
                None => Answer::refusal(StatusCode::NOT_FOUND),
            },
            _ => Answer::refusal(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    fn put(&mut self, database: &str, order: &Value) -> Answer {
        let (template, request_id) = (&order["template"], &order["requestId"]);
        if !template.is_string() || !request_id.is_string() {
            return Answer::refusal(StatusCode::BAD_REQUEST);
        }
        let before = self.copies.get(database);
        if before.is_some_and(|copy| copy.request_id != *request_id) {
            return Answer::refusal(StatusCode::CONFLICT);
        }
        if before.is_none_or(|copy| copy.state() == "failed") {
            let progress = Progress::ReadyAt(Instant::now() + self.take);
            let copy = Copy { template: template.clone(), request_id: request_id.clone(), progress };
            self.copies.insert(database.to_owned(), copy);
            self.made += 1;
        }
        let record = self.copies[database].record();
        let status = if record["state"] == "ready" { StatusCode::OK } else { StatusCode::ACCEPTED };
        Answer::new(status, record)
    }

    pub(super) fn effects(&self) -> usize {
        self.copies.values().filter(|copy| copy.state() != "failed").count()
    }

    pub(super) fn is_ready(&self, database: &str) -> bool {
        self.copies.get(database).is_some_and(|copy| copy.state() == "ready")
    }

    pub(super) fn plant(&mut self, database: &str, value: &Value) {
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
