//! The options of a database that `CREATE DATABASE … TEMPLATE …` does not copy: its owner, its privileges and
//! its settings.

use domain::jobs::StepFailure;
use sqlx::{AssertSqlSafe, PgConnection};

use super::sql::{failure, sqlstate_of};

/// Selects the statements that give the database `$2` the privileges and settings of the database `$1`.
const STATEMENTS: &str = "
    WITH template AS (SELECT oid, datdba, datacl FROM pg_database WHERE datname = $1),
    privileges AS (
        -- PUBLIC has no privileges on the copy yet. By default, PUBLIC may connect.
        SELECT 1 AS place, format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO PUBLIC', $2) AS statement
        FROM template WHERE datacl IS NULL
        UNION ALL
        SELECT 2, format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, $2,
            CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
            CASE WHEN is_grantable AND grantee <> datdba THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM template, aclexplode(datacl)
    ),
    settings AS (
        SELECT 3, format('ALTER %s SET %s TO %s',
            CASE setrole WHEN 0 THEN format('DATABASE %I', $2)
                ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), $2) END,
            quote_ident(name),
            -- The values of these settings are lists, which are stored with quotes.
            CASE WHEN name IN ('search_path', 'temp_tablespaces', 'session_preload_libraries', 'local_preload_libraries')
                THEN value ELSE quote_literal(value) END)
        FROM template JOIN pg_db_role_setting ON setdatabase = oid, unnest(setconfig) setting,
            LATERAL (SELECT split_part(setting, '=', 1) AS name,
                substr(setting, strpos(setting, '=') + 1) AS value) parts
    )
    SELECT statement FROM (SELECT * FROM privileges UNION ALL SELECT * FROM settings) all_statements ORDER BY place";

/// Gives a copy the owner, the privileges and the settings of its template, as far as Tenantry's role
/// has the privilege: only a superuser or a member of the owner's role may change the owner.
pub(super) async fn copy_options(
    connection: &mut PgConnection,
    template: &str,
    copy: &str,
) -> Result<(), StepFailure> {
    let statements: Vec<String> = sqlx::query_scalar(STATEMENTS)
        .bind(template)
        .bind(copy)
        .fetch_all(&mut *connection)
        .await
        .map_err(failure)?;
    for statement in statements {
        run_if_permitted(connection, copy, statement).await?;
    }
    let change_owner: Option<String> = sqlx::query_scalar(
        "SELECT format('ALTER DATABASE %I OWNER TO %I', $2, pg_get_userbyid(datdba)) FROM pg_database
         WHERE datname = $1 AND pg_get_userbyid(datdba) <> current_user AND pg_has_role(datdba, 'USAGE')",
    )
    .bind(template)
    .bind(copy)
    .fetch_optional(&mut *connection)
    .await
    .map_err(failure)?;
    match change_owner {
        Some(statement) => run_if_permitted(connection, copy, statement).await,
        None => Ok(()),
    }
}

/// Runs a statement. If the role lacks the privilege, logs this and continues. The statement is not logged,
/// because the value of a setting may be a secret.
async fn run_if_permitted(
    connection: &mut PgConnection,
    copy: &str,
    statement: String,
) -> Result<(), StepFailure> {
    match sqlx::raw_sql(AssertSqlSafe(statement)).execute(connection).await {
        Ok(_) => Ok(()),
        Err(error) if sqlstate_of(&error).as_deref() == Some("42501") => {
            tracing::warn!(copy, "Tenantry's role lacks the privilege to copy an option of the template");
            Ok(())
        }
        Err(error) => Err(failure(error)),
    }
}
