use crate::Error;

/// Why an adoption could not run. Each message says what the operator has to do.
#[derive(Debug, thiserror::Error)]
pub enum AdoptionError {
    /// The text is not the URL of a database.
    #[error("the URL of the earlier database is not valid; enter one such as postgres://user@host/database")]
    InvalidUrl(#[source] sqlx::Error),
    /// The earlier database cannot be reached.
    #[error("the earlier database could not be reached; check the URL")]
    Unreachable(#[source] sqlx::Error),
    /// The earlier database rejected a statement, or the connection was lost.
    #[error("reading the earlier database failed; nothing was changed in it, and you can repeat the command")]
    Read(#[source] sqlx::Error),
    /// Tables or columns are missing.
    #[error(
        "this database does not contain the earlier system; missing: {}. Check the URL",
        .0.join(", ")
    )]
    Missing(Vec<String>),
    /// A role may not read columns.
    #[error(
        "the role {role} may not read {}. As the owner of these tables, run: {}",
        .columns.join(", "), .statements.join(" ")
    )]
    Unreadable {
        /// The role of the URL, or that of `DATABASE_URL`.
        role: String,
        /// The columns that it may not read, such as `auth.users.email`.
        columns: Vec<String>,
        /// The statements that grant the privileges.
        statements: Vec<String>,
    },
    /// Row level security hides rows from a role.
    #[error(
        "row level security hides rows of {} from the role {role}, so that slugs and addresses would be missed. Use a \
         role with BYPASSRLS, or the owner of the tables",
        .tables.join(", ")
    )]
    HiddenRows {
        /// The role of the URL, or that of `DATABASE_URL`.
        role: String,
        /// The tables.
        tables: Vec<String>,
    },
    /// Another adoption runs.
    #[error("another adoption is running; wait until it has ended, then repeat the command")]
    InProgress,
    /// Rows could not be adopted, so the function stays.
    #[error(
        "the function provision_tenant was not dropped, because {count} tenants of the earlier system were not adopted. \
         Correct them there and repeat the command, or acknowledge them with --accept-not-adopted"
    )]
    Incomplete {
        /// The number of tenants.
        count: usize,
        /// What the run did before.
        report: Box<super::AdoptionReport>,
    },
    /// The function could not be dropped.
    #[error("the function provision_tenant could not be dropped; the tenants were adopted")]
    Retire(#[source] sqlx::Error),
    /// Tenantry's own database failed.
    #[error(
        "the adoption was interrupted; the tenants that it has adopted remain, and you can repeat the command"
    )]
    Engine(#[from] Error),
}

impl From<sqlx::Error> for AdoptionError {
    fn from(error: sqlx::Error) -> Self {
        Self::Engine(error.into())
    }
}
