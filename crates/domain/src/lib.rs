//! The types and rules of Tenantry.
//!
//! This crate is pure: it does no I/O and uses neither a clock nor randomness. The browser and the
//! server run the same code, so the form and the server accept the same input.

pub mod access;
pub mod activity;
pub mod api_key;
pub mod audit;
pub mod availability;
pub mod branding;
pub mod catalog;
pub mod custom_domain;
pub mod defaults;
pub mod email;
pub mod erasure;
pub mod error;
pub mod field;
pub mod fingerprint;
pub mod history;
mod host_name;
pub mod idempotency_key;
pub mod import;
pub mod invitation;
pub mod jobs;
pub mod lifecycle;
pub mod list_filter;
pub mod mail;
pub mod member;
pub mod normalization;
#[cfg(feature = "openapi")]
pub mod openapi;
pub mod outcome;
pub mod password;
pub mod paths;
pub mod pipeline;
pub mod plan;
pub mod portal;
pub mod provisioning;
pub mod registry;
pub mod rollback;
pub mod settings;
pub mod sign_up;
pub mod slug;
pub mod stage;
pub mod status;
pub mod suggestions;
pub mod tenant;
pub mod tenant_code;
pub mod tenant_form;
pub mod tenant_key;
mod text_form;
#[cfg(feature = "openapi")]
mod text_schema;
pub mod timestamp;
pub mod usage;
pub mod whole_number;

pub use error::{ErrorCode, Problem};
pub use field::FieldProblem;
pub use stage::Stage;
pub use status::{RequestStatus, Role, StepState, TenantStatus};
pub use timestamp::Timestamp;
