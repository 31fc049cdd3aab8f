//! Gives a copy of an Odoo database its own identity, and removes data that only its template may have.

use domain::jobs::StepFailure;
use sqlx::{AssertSqlSafe, PgConnection};
use uuid::Uuid;

use super::sql::{failure, literal};

/// Statements for a copy, each with the table that it needs. A statement is skipped if its table does not
/// exist, for example because the template does not have the mail module.
const STATEMENTS: [(&str, &str); 6] = [
    ("res_users_apikeys", "DELETE FROM res_users_apikeys;"),
    ("auth_totp_device", "DELETE FROM auth_totp_device;"),
    ("auth_passkey_key", "DELETE FROM auth_passkey_key;"),
    ("mail_mail", "DELETE FROM mail_mail WHERE state IN ('outgoing', 'exception');"),
    ("ir_mail_server", "DELETE FROM ir_mail_server;"),
    ("fetchmail_server", "DELETE FROM fetchmail_server;"),
];

/// Gives a copy its own identity, in one transaction. Sets new values of `database.uuid` and
/// `database.secret`, which two Odoo databases must never share. Removes the template's base URL, API keys,
/// second factors, OAuth accounts, outgoing mail and mail servers. Deactivates every user except Odoo's own
/// users and the user with the login `admin_login`. Does nothing if the database is not an Odoo database.
pub(super) async fn replace_identity(
    copy: &mut PgConnection,
    admin_login: Option<&str>,
) -> Result<(), StepFailure> {
    if !has_column(copy, "ir_config_parameter", "value").await? {
        return Ok(());
    }
    let mut sql = format!(
        "BEGIN;
         -- Odoo sets the base URL again when the tenant's admin signs in.
         DELETE FROM ir_config_parameter WHERE key IN ('web.base.url', 'web.base.url.freeze');
         UPDATE ir_config_parameter SET value = CASE key WHEN 'database.uuid' THEN {} ELSE {} END
         WHERE key IN ('database.uuid', 'database.secret');",
        literal(&Uuid::new_v4().to_string()),
        literal(&Uuid::new_v4().to_string())
    );
    for (table, statement) in STATEMENTS {
        if has_column(copy, table, "id").await? {
            sql.push_str(statement);
        }
    }
    for column in ["totp_secret", "oauth_uid", "oauth_access_token"] {
        if has_column(copy, "res_users", column).await? {
            sql.push_str(&format!("UPDATE res_users SET {column} = NULL WHERE {column} IS NOT NULL;"));
        }
    }
    if has_column(copy, "ir_model_data", "res_id").await? {
        sql.push_str(&deactivate_other_users_sql(admin_login));
    }
    sql.push_str("COMMIT");
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(copy).await.map_err(failure)?;
    Ok(())
}

/// Returns the statement that deactivates every user except the one with the login `admin_login` and Odoo's
/// own users: the admin, the system user and the public user.
fn deactivate_other_users_sql(admin_login: Option<&str>) -> String {
    format!(
        "UPDATE res_users SET active = false, password = NULL
         WHERE active AND login IS DISTINCT FROM {} AND id NOT IN (
             SELECT res_id FROM ir_model_data
             WHERE model = 'res.users' AND module = 'base' AND name IN ('user_admin', 'user_root', 'public_user'));",
        admin_login.map_or("NULL".to_owned(), literal)
    )
}

async fn has_column(copy: &mut PgConnection, table: &str, column: &str) -> Result<bool, StepFailure> {
    sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_attribute
                        WHERE attrelid = to_regclass('public.' || $1) AND attname = $2 AND NOT attisdropped)",
    )
    .bind(table)
    .bind(column)
    .fetch_one(copy)
    .await
    .map_err(failure)
}
