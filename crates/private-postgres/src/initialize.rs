//! Creates the data of a new cluster, with the role and the database that Tenantry uses.

use std::{fs, io::ErrorKind};

use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::{ClusterError, IoContext},
    home::Home,
    programs::Programs,
};

pub(crate) const ROLE: &str = "tenantry";
pub(crate) const DATABASE: &str = "tenantry";
/// The role that owns the cluster. Tenantry does not connect as this role.
const SUPERUSER: &str = "postgres";
/// The temporary name of PostgreSQL's data directory.
const NEW: &str = "data.new";

/// Creates PostgreSQL's data directory unless it exists. The directory has a temporary name until it is
/// complete. A directory with the final name is therefore complete, even if a process was killed.
pub(crate) fn create_data(
    programs: &Programs,
    home: &Home,
    password: &SecretString,
) -> Result<(), ClusterError> {
    let pgdata = home.pgdata();
    if pgdata.exists() {
        return Ok(());
    }
    let mut failure = String::new();
    // Not every system has the locale C.UTF-8.
    for locale in ["--locale=C.UTF-8", "--locale=C"] {
        let mut created = run_initdb(programs, home, locale)?;
        if created.is_ok() {
            created = create_role_and_database(programs, home, password)?;
        }
        match created {
            Ok(()) => return fs::rename(home.path.join(NEW), &pgdata).context("create", &pgdata),
            Err(output) => failure = output,
        }
    }
    Err(ClusterError::Initialize { pgdata, output: failure })
}

fn run_initdb(programs: &Programs, home: &Home, locale: &str) -> Result<Result<(), String>, ClusterError> {
    let new = home.path.join(NEW);
    match fs::remove_dir_all(&new) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).context("delete", &new),
        _ => {}
    }
    let arguments = [
        "-D",
        NEW,
        "-U",
        SUPERUSER,
        "--pwfile=password",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--data-checksums",
        locale,
    ];
    programs.run(home, "initdb", arguments)
}

/// Creates the role and the database. The role may create databases and roles but is not a superuser, so that
/// row-level security applies to the role, as on a managed PostgreSQL.
fn create_role_and_database(
    programs: &Programs,
    home: &Home,
    password: &SecretString,
) -> Result<Result<(), String>, ClusterError> {
    // The password has only characters that need no escaping. In single-user mode, a statement ends at the
    // end of line.
    let statements = SecretString::from(format!(
        "CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE PASSWORD '{}'\nCREATE DATABASE {DATABASE} OWNER {ROLE}\n",
        password.expose_secret()
    ));
    let arguments = ["--single", "-D", NEW, "-c", "exit_on_error=on", "postgres"];
    programs.run_with_input(home, "postgres", arguments, &statements)
}
