//! Odoo over HTTP: JSON-RPC for Odoo 18, and JSON-2 for Odoo 19 with JSON-RPC as the fallback for older
//! servers.

mod endpoint;
mod exception;
mod json2;
mod json_rpc;
mod records;
mod redact;
mod upsert;

pub(crate) use self::{
    endpoint::web_client,
    json_rpc::JsonRpc,
    records::{Record, Records},
    redact::redact,
    upsert::ManagedRecord,
};
