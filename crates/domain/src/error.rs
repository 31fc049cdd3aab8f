//! The error table (SPEC section 5): every code with its HTTP status, its sentence, its next
//! step, and whether a retry can help. The API, the pages, the docs and the tests read this one.

mod code;
mod problem;

pub use code::{Entry, ErrorCode, NextAction, Origin, Retry};
pub use problem::{Conflict, EmailReason, Problem, ProblemJson};
