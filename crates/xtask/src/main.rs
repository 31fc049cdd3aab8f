//! Tasks of the workspace, run as `cargo xtask <task>`; see `docs/adr/0003-build-the-site-with-xtask.md`.

mod budget;
mod bundle;
mod compress;
mod files;
mod frontend;
mod hash;
mod hoist;
mod leb128;
mod postgres;
mod public;
mod queries;
mod result;
mod site;
mod stub;
mod style;
mod temporary_directory;
mod tools;

use std::{env, process::ExitCode};

pub(crate) use result::Result;

const USAGE: &str = "usage: cargo xtask <task>

  site                build the site into $CARGO_TARGET_DIR/site and check the download budgets
  site --style-only   update only the style sheet and the files of public/ in an existing site
  queries             regenerate .sqlx from a temporary PostgreSQL cluster
  queries --check     fail if .sqlx differs from the code and the migrations";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words.as_slice() {
        ["site"] => site::build(site::Scope::Everything),
        ["site", "--style-only"] => site::build(site::Scope::Style),
        ["queries"] => queries::run(queries::Mode::Write),
        ["queries", "--check"] => queries::run(queries::Mode::Check),
        _ => Err(USAGE.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
