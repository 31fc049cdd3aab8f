/// Why a connection cannot be used until the configuration is corrected. Connection attempts
/// return this error inside an [`sqlx::Error::Configuration`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnusableServer {
    /// Without a direct URL, a pooler cannot be used: migrations, notifications and locks need a session.
    #[error(
        "DATABASE_URL leads to a connection pooler, such as PgBouncer. Set TENANTRY_DATABASE_DIRECT_URL to the URL of PostgreSQL itself"
    )]
    DirectUrlMissing,
    /// The direct URL leads to a pooler.
    #[error(
        "TENANTRY_DATABASE_DIRECT_URL leads to a connection pooler, such as PgBouncer. Set it to the URL of PostgreSQL itself"
    )]
    DirectUrlOfPooler,
    /// The server is too old. The number is its major version.
    #[error("the server is PostgreSQL {0}. Tenantry needs PostgreSQL 15 or later")]
    Version(u32),
}

impl From<UnusableServer> for sqlx::Error {
    fn from(error: UnusableServer) -> Self {
        Self::Configuration(error.into())
    }
}
