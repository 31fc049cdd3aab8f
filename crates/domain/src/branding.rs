//! The branding of a tenant (`docs/specification.md`, section 7). The theme is in
//! [`defaults`](crate::defaults).

mod color;

pub use color::{Color, ColorProblem};
