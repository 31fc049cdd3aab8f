//! Chores of the workspace, run as `cargo xtask <chore>`; see `docs/adr/0003-xtask-beside-cargo-leptos.md`.

mod cluster;
mod files;
mod public;
mod queries;
mod script;
mod site;
mod style;
mod tools;

use std::{env, error::Error, process::ExitCode};

pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;

const USAGE: &str = "usage: cargo xtask <chore>

  site                what browsers download, in $CARGO_TARGET_DIR/site
  site --style-only   the style sheet of it alone
  queries             makes .sqlx anew from a throw-away PostgreSQL
  queries --check     fails when .sqlx is not what the code and the migrations need";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["site"] => site::build(site::Scope::Everything),
        ["site", "--style-only"] => site::build(site::Scope::Style),
        ["queries"] => queries::run(queries::Mode::Write),
        ["queries", "--check"] => queries::run(queries::Mode::Check),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
