//! Which tables and columns of the earlier system exist, and which of them a role may read.

use std::collections::BTreeSet;

use sqlx::{Connection, PgConnection, Row};

use super::AdoptionError;
use crate::{Engine, Error};

/// The columns without which nothing can be adopted.
const REQUIRED: [(&str, &[&str]); 3] = [
    ("public.tenants", &["id", "name", "slug"]),
    ("public.auto_provisioning", &["user_id", "tenant_id", "restaurant_name", "restaurant_slug"]),
    ("auth.users", &["id", "email"]),
];

const READ_COLUMNS: &str = "
    SELECT n.nspname || '.' || c.relname || '.' || a.attname AS name,
        has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT') AS is_readable,
        row_security_active(c.oid) AS is_filtered, n.nspname || '.' || c.relname AS table_name,
        current_user::text AS role
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname || '.' || c.relname
          IN ('public.tenants', 'public.auto_provisioning', 'auth.users', 'public.profiles', 'public.employees')
        AND a.attnum > 0 AND NOT a.attisdropped";

/// The columns of the earlier system, as one role sees them.
#[derive(Debug, Default)]
pub(super) struct Shape {
    role: String,
    /// Names such as `public.tenants.slug`.
    all: BTreeSet<String>,
    readable: BTreeSet<String>,
    /// The tables of which row level security hides rows.
    filtered: BTreeSet<String>,
}

impl Shape {
    pub(super) async fn read(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let mut shape = Self::default();
        for row in sqlx::query(READ_COLUMNS).fetch_all(connection).await? {
            let name: String = row.try_get("name")?;
            if row.try_get("is_readable")? {
                shape.readable.insert(name.clone());
            }
            if row.try_get("is_filtered")? {
                shape.filtered.insert(row.try_get("table_name")?);
            }
            shape.all.insert(name);
            shape.role = row.try_get("role")?;
        }
        Ok(shape)
    }

    /// Whether the role may read the column of a table, such as `public.tenants`.
    pub(super) fn has(&self, table: &str, column: &str) -> bool {
        self.readable.contains(&format!("{table}.{column}"))
    }

    /// Whether the role may read a column of the table.
    pub(super) fn has_table(&self, table: &str) -> bool {
        self.readable.iter().any(|name| name.rsplit_once('.').is_some_and(|(owner, _)| owner == table))
    }

    /// The column as text, or null if it does not exist.
    pub(super) fn text_or_null(&self, table: &str, column: &str) -> String {
        match self.has(table, column) {
            true => format!("{column}::text"),
            false => "NULL::text".to_owned(),
        }
    }

    /// Checks that all required columns exist, and that the role sees all their rows.
    ///
    /// # Errors
    /// [`AdoptionError::Missing`], [`AdoptionError::Unreadable`] or [`AdoptionError::HiddenRows`], which name
    /// everything that is wrong.
    pub(super) fn check(&self) -> Result<(), AdoptionError> {
        let required = || {
            REQUIRED
                .iter()
                .flat_map(|(table, columns)| columns.iter().map(move |column| format!("{table}.{column}")))
        };
        let missing: Vec<_> = required().filter(|name| !self.all.contains(name)).collect();
        if !missing.is_empty() {
            return Err(AdoptionError::Missing(missing));
        }
        let columns: Vec<_> = required().filter(|name| !self.readable.contains(name)).collect();
        if !columns.is_empty() {
            let role = self.role.clone();
            let statements = grants(&columns, &role);
            return Err(AdoptionError::Unreadable { role, columns, statements });
        }
        let is_required = |table: &&String| REQUIRED.iter().any(|(required, _)| required == table);
        let tables: Vec<_> = self.filtered.iter().filter(is_required).cloned().collect();
        match tables.is_empty() {
            true => Ok(()),
            false => Err(AdoptionError::HiddenRows { role: self.role.clone(), tables }),
        }
    }

    /// Whether the database has the tables that make it that of the earlier system.
    fn is_present(&self) -> bool {
        ["public.tenants.slug", "public.auto_provisioning.restaurant_slug"]
            .iter()
            .all(|name| self.all.contains(*name))
    }
}

/// The statements that let the role read the tables of these columns.
fn grants(columns: &[String], role: &str) -> Vec<String> {
    let role = format!("\"{}\"", role.replace('"', "\"\""));
    let tables: BTreeSet<_> =
        columns.iter().filter_map(|name| name.rsplit_once('.')).map(|(table, _)| table).collect();
    let schemas: BTreeSet<_> =
        tables.iter().filter_map(|table| table.split_once('.')).map(|(schema, _)| schema).collect();
    let usage = schemas.iter().map(|schema| format!("GRANT USAGE ON SCHEMA {schema} TO {role};"));
    usage.chain(tables.iter().map(|table| format!("GRANT SELECT ON {table} TO {role};"))).collect()
}

/// Returns why Tenantry's own database contains the earlier system and Tenantry's role does not see its rows: the
/// slugs and addresses of the earlier system then do not count as taken. `None` if they count, or if there is no
/// earlier system.
///
/// # Errors
/// The database's error.
pub async fn hidden_earlier_system(engine: &Engine) -> Result<Option<AdoptionError>, Error> {
    let mut connection = engine.connect().await?;
    let shape = Shape::read(&mut connection).await?;
    connection.close().await?;
    Ok(if shape.is_present() { shape.check().err() } else { None })
}
