//! Row level security in every table with the rows of tenants: what the role of tenants' programs can do with
//! the rows of another tenant.

use std::fmt::Write as _;

use database::Pool;
use sqlx::{AssertSqlSafe, Row};
use test_support::test_database::TestDatabase;
use uuid::Uuid;

use crate::row_level_security::{begin_as_tenant, pool, two_tenants};

/// A column, and what the role may do with it.
struct Column {
    name: String,
    is_readable: bool,
    is_insertable: bool,
    is_updatable: bool,
}

/// A table with the column `tenant_id`.
struct Table {
    name: String,
    is_deletable: bool,
    columns: Vec<Column>,
}

impl Table {
    fn may(&self, right: impl Fn(&Column) -> bool) -> bool {
        self.columns.iter().any(right)
    }

    /// Copies a row of the tenant `from` to the tenant `to`.
    fn copy_statement(&self, from: Uuid, to: Uuid) -> String {
        let (mut names, mut values) = (String::new(), String::new());
        for Column { name, is_readable, .. } in self.columns.iter().filter(|column| column.is_insertable) {
            let value = match (name.as_str(), is_readable) {
                ("tenant_id", _) => format!("'{to}'"),
                (name, true) => name.to_owned(),
                // The hash of a secret.
                (_, false) => "sha256('a secret')".to_owned(),
            };
            write!(names, "{name}, ").unwrap();
            write!(values, "{value}, ").unwrap();
        }
        let [names, values] = [names, values].map(|list| list.trim_end_matches(", ").to_owned());
        let table = &self.name;
        format!(
            "INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE tenant_id = '{from}' LIMIT 1"
        )
    }
}

async fn tables_of_tenants(db: &TestDatabase) -> Vec<Table> {
    let sql = "
        SELECT c.relname::text, has_table_privilege('tenantry_tenant', c.oid, 'DELETE'), a.attname::text,
            has_column_privilege('tenantry_tenant', c.oid, a.attname, 'SELECT'),
            has_column_privilege('tenantry_tenant', c.oid, a.attname, 'INSERT'),
            has_column_privilege('tenantry_tenant', c.oid, a.attname, 'UPDATE')
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = 'tenantry'::regnamespace AND a.attgenerated = ''
          AND EXISTS (
              SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped)
        ORDER BY c.relname, a.attnum";
    let mut tables: Vec<Table> = Vec::new();
    for row in sqlx::query(sql).fetch_all(&db.pool).await.unwrap() {
        let name: String = row.get(0);
        let column = Column {
            name: row.get(2),
            is_readable: row.get(3),
            is_insertable: row.get(4),
            is_updatable: row.get(5),
        };
        match tables.last_mut().filter(|table| table.name == name) {
            Some(table) => table.columns.push(column),
            None => tables.push(Table { name, is_deletable: row.get(1), columns: vec![column] }),
        }
    }
    tables
}

/// Runs a statement as a program of a tenant, rolls it back, and returns how many rows it changed, or the
/// message of its refusal.
async fn try_as(pool: &Pool, tenant: Uuid, sql: String) -> Result<u64, String> {
    let mut transaction = begin_as_tenant(pool, "app.tenant_id", &tenant.to_string()).await;
    let result = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut transaction).await;
    transaction.rollback().await.unwrap();
    result
        .map(|done| done.rows_affected())
        .map_err(|error| error.as_database_error().unwrap().message().to_owned())
}

async fn count_as(pool: &Pool, tenant: Uuid, table: &str, of: Uuid) -> i64 {
    let mut transaction = begin_as_tenant(pool, "app.tenant_id", &tenant.to_string()).await;
    let sql = format!("SELECT count(*) FROM {table} WHERE tenant_id = '{of}'");
    let count = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&mut transaction).await.unwrap();
    transaction.commit().await.unwrap();
    count
}

/// Gives both tenants rows in the tables that provisioning leaves empty.
async fn fill(db: &TestDatabase) {
    db.run(
        "INSERT INTO tenant_usage (tenant_id, metric, period, used) SELECT id, 'storage_bytes', '', 7 FROM tenants;
         INSERT INTO tenant_calls (tenant_id, idempotency_key, fingerprint, response)
         SELECT id, gen_random_uuid(), sha256('x'), '{}' FROM tenants;",
    )
    .await;
}

#[tokio::test]
async fn a_program_neither_sees_nor_changes_nor_adds_a_row_of_another_tenant_in_any_table() {
    let (db, _, [one, two]) = two_tenants().await;
    fill(&db).await;
    let pool = pool(db.options());
    let mut seen = Vec::new();
    for table in tables_of_tenants(&db).await {
        let name = table.name.as_str();
        if table.may(|column| column.is_readable) {
            assert_eq!(count_as(&pool, one, name, two).await, 0, "{name}");
            // The same statement finds the own rows. Requests are for employees.
            if count_as(&pool, two, name, two).await > 0 {
                seen.push(name.to_owned());
            }
        }
        for Column { name: column, .. } in table.columns.iter().filter(|column| column.is_updatable) {
            let change = |of| format!("UPDATE {name} SET {column} = {column} WHERE tenant_id = '{of}'");
            assert_eq!(try_as(&pool, one, change(two)).await, Ok(0), "{name}.{column}");
            assert!(try_as(&pool, one, change(one)).await.unwrap() > 0, "{name}.{column}");
        }
        if table.is_deletable {
            let delete = |of| format!("DELETE FROM {name} WHERE tenant_id = '{of}'");
            assert_eq!(try_as(&pool, one, delete(two)).await, Ok(0), "{name}");
            assert!(try_as(&pool, one, delete(one)).await.unwrap() > 0, "{name}");
        }
        if table.may(|column| column.name == "tenant_id" && column.is_insertable) {
            let policy =
                format!("new row violates row-level security policy \"own_rows\" for table \"{name}\"");
            let refusal = try_as(&pool, one, table.copy_statement(one, two)).await.unwrap_err();
            assert_eq!(refusal, policy, "{name}");
            // For the own tenant, another rule refuses the copy: the primary key.
            let own = try_as(&pool, one, table.copy_statement(one, one)).await.unwrap_err();
            assert!(own.starts_with("duplicate key value"), "{name}: {own}");
        }
    }
    let expected = [
        "api_keys",
        "memberships",
        "packages",
        "segments",
        "tenant_branding",
        "tenant_calls",
        "tenant_resources",
        "tenant_settings",
        "tenant_usage",
    ];
    for table in expected {
        assert!(seen.iter().any(|name| name == table), "{table} is not in {seen:?}");
    }
    db.assert_invariants().await;
}
