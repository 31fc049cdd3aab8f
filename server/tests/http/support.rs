//! A running server, and requests to it.

pub(crate) mod contract;
mod data_directory;
mod reply;
mod server;

pub(crate) use reply::Reply;
pub(crate) use server::TestServer;

use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "violet kettle harbour nine";

/// A valid body with a new slug and a new owner.
pub(crate) fn valid_body() -> Value {
    body_for(&format!("t{}", &Uuid::new_v4().simple().to_string()[..20]))
}

pub(crate) fn body_for(slug: &str) -> Value {
    json!({
        "name": "Golden Spoon",
        "slug": slug,
        "plan": "pro",
        "timeZone": "Europe/Berlin",
        "currency": "EUR",
        "owner": { "name": "Ada Lovelace", "email": format!("owner@{slug}.example") },
        "commission": 12.5,
    })
}

pub(crate) fn new_key() -> String {
    Uuid::new_v4().to_string()
}
