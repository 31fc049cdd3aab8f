//! Tests of the rules: tables of valid and invalid input, and properties that hold for any input.
#![expect(clippy::unwrap_used, reason = "a test that cannot create its input has failed")]

mod api_key;
mod catalog;
mod custom_domain;
mod defaults;
mod email;
mod fingerprint;
mod idempotency_key;
mod lifecycle;
mod password;
mod plans;
mod problem;
mod profile;
mod rollback;
mod sign_up;
mod slug;
mod suggestions;
mod tenant_code;
