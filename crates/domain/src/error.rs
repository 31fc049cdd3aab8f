//! The error table (`docs/specification.md`, section 5): each code's HTTP status, title, next step,
//! and whether a retry can help. The API, the pages and the tests read this table.

mod code;
mod problem;

pub use code::{Entry, ErrorCode, NextAction, Retry, Usage};
pub use problem::{Conflict, EmailReason, Problem, ProblemJson};
