//! What a copy has in common with its template, and what it must not have in common.

use connectors::{TenantStep, settings::CopyStrategy};
use domain::jobs::FailureKind;
use sqlx::{Connection, PgConnection};
use test_support::wait::wait_for_value;
use uuid::Uuid;

use crate::copy::{CopyFixture, job};

/// The secrets and users of an Odoo template, as its tables store them.
const ODOO_TABLES: &str = "
    INSERT INTO ir_config_parameter VALUES ('web.base.url', 'https://template.example'), ('web.base.url.freeze', 'True');
    CREATE TABLE res_users (id int PRIMARY KEY, login text, password text, active bool, totp_secret text);
    INSERT INTO res_users VALUES (1, '__system__', NULL, false, NULL), (2, 'admin', 'hash', true, 'SECRET'),
        (4, 'public', '', false, NULL), (7, 'consultant@template.example', 'hash', true, 'SECRET'), (8, 'provisioner', 'hash', true, NULL);
    CREATE TABLE ir_model_data (id int PRIMARY KEY, module text, name text, model text, res_id int);
    INSERT INTO ir_model_data VALUES (1, 'base', 'user_root', 'res.users', 1), (2, 'base', 'user_admin', 'res.users', 2),
        (3, 'base', 'public_user', 'res.users', 4);
    CREATE TABLE res_users_apikeys (id int); INSERT INTO res_users_apikeys VALUES (1);
    CREATE TABLE auth_totp_device (id int); INSERT INTO auth_totp_device VALUES (1);
    CREATE TABLE auth_passkey_key (id int); INSERT INTO auth_passkey_key VALUES (1);
    CREATE TABLE mail_mail (id int, state text); INSERT INTO mail_mail VALUES (1, 'outgoing'), (2, 'exception'), (3, 'sent');
    CREATE TABLE ir_mail_server (id int, smtp_pass text); INSERT INTO ir_mail_server VALUES (1, 'secret');
    CREATE TABLE fetchmail_server (id int, password text); INSERT INTO fetchmail_server VALUES (1, 'secret')";

#[tokio::test]
async fn a_copy_has_no_secrets_no_mails_and_no_other_users_of_its_template() {
    let (fixture, job) = (CopyFixture::new().await, job());
    fixture.run(Some(&fixture.template), ODOO_TABLES).await;
    let step = fixture.step(CopyStrategy::WalLog).with_admin_login(Some("provisioner".into()));
    step.act(&job).await.unwrap();
    let remaining = "SELECT concat_ws(' ', (SELECT string_agg(key, ',' ORDER BY key) FROM ir_config_parameter),
        (SELECT string_agg(login, ',' ORDER BY id) FROM res_users WHERE active), (SELECT count(*) FROM res_users),
        (SELECT count(*) FROM res_users WHERE totp_secret IS NOT NULL OR (password <> '' AND login NOT IN ('admin', 'provisioner'))),
        (SELECT count(*) FROM res_users_apikeys), (SELECT count(*) FROM auth_totp_device), (SELECT count(*) FROM auth_passkey_key),
        (SELECT string_agg(state, ',') FROM mail_mail), (SELECT count(*) FROM ir_mail_server),
        (SELECT count(*) FROM fetchmail_server))";
    assert_eq!(
        fixture.text(Some(&job.database()), remaining).await.as_deref(),
        Some("database.secret,database.uuid,other admin,provisioner 5 0 0 0 0 sent 0 0")
    );
    fixture.clean_up(&[&job]).await;
}

#[tokio::test]
async fn a_copy_has_the_owner_privileges_and_settings_of_its_template() {
    let (fixture, job) = (CopyFixture::new().await, job());
    let (template, role) = (&fixture.template, format!("odoo_{}", Uuid::now_v7().simple()));
    fixture
        .run(
            None,
            &format!(
                "CREATE ROLE {role}; GRANT {role} TO CURRENT_USER; REVOKE CONNECT ON DATABASE {template} FROM PUBLIC;
                 GRANT CONNECT ON DATABASE {template} TO pg_monitor WITH GRANT OPTION;
                 ALTER DATABASE {template} SET statement_timeout = '42s';
                 ALTER DATABASE {template} SET search_path TO 'Odoo schema', public;
                 ALTER ROLE {role} IN DATABASE {template} SET lock_timeout = '7s';
                 ALTER DATABASE {template} OWNER TO {role}"
            ),
        )
        .await;
    fixture.step(CopyStrategy::FileCopy).act(&job).await.unwrap();
    let options = |database: &str| {
        format!(
            "SELECT concat_ws(' ', datdba::regrole, datallowconn, (
                 SELECT string_agg(privilege::text, ',' ORDER BY privilege::text) FROM aclexplode(datacl) privilege), (
                 SELECT string_agg(concat(setrole, setconfig), ',' ORDER BY setrole)
                 FROM pg_db_role_setting WHERE setdatabase = d.oid))
             FROM pg_database d WHERE datname = '{database}'"
        )
    };
    let of_copy = fixture.text(None, &options(&job.database())).await.unwrap();
    let of_template = fixture.text(None, &options(template)).await.unwrap();
    assert_eq!(of_copy, of_template.replace(&format!("{role} f "), &format!("{role} t ")));
    assert!(
        of_copy.contains("42s") && of_copy.contains("7s") && of_copy.contains("Odoo schema"),
        "{of_copy}"
    );
    for database in [&job.database(), template] {
        fixture.drop_database(database).await;
    }
    fixture.run(None, &format!("DROP ROLE {role}")).await;
}

#[tokio::test]
async fn a_template_with_an_outdated_collation_version_is_a_permanent_failure_that_names_the_command() {
    let (fixture, job) = (CopyFixture::new().await, job());
    let mut superuser =
        PgConnection::connect_with(&fixture.db.cluster().superuser_options("postgres")).await.unwrap();
    sqlx::query("UPDATE pg_database SET datcollversion = '1' WHERE datname = $1")
        .bind(&fixture.template)
        .execute(&mut superuser)
        .await
        .unwrap();
    let failure = fixture.step(CopyStrategy::WalLog).act(&job).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    let command = format!("ALTER DATABASE \"{}\" REFRESH COLLATION VERSION", fixture.template);
    assert!(failure.to_string().contains(&command), "{failure}");
    fixture.clean_up(&[&job]).await;
}

/// While a template has this comment, its copies wait before their identity is changed.
const HOLD_COMMENT: &str = "wait";

#[tokio::test]
async fn nobody_can_connect_to_an_incomplete_copy() {
    let (fixture, job) = (CopyFixture::new().await, job());
    let template = &fixture.template;
    fixture
        .run(
            Some(template),
            &format!(
                "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$
                 BEGIN
                     WHILE (SELECT shobj_description(oid, 'pg_database') = '{HOLD_COMMENT}'
                            FROM pg_database WHERE datname = '{template}') LOOP
                         PERFORM pg_sleep(0.01);
                     END LOOP;
                     RETURN NEW;
                 END $$;
                 CREATE TRIGGER wait BEFORE UPDATE ON ir_config_parameter FOR EACH ROW EXECUTE FUNCTION wait()"
            ),
        )
        .await;
    fixture.run(None, &format!("COMMENT ON DATABASE {template} IS '{HOLD_COMMENT}'")).await;
    let copying = {
        let (step, job) = (fixture.step(CopyStrategy::WalLog), job.clone());
        tokio::spawn(async move { step.act(&job).await })
    };
    let held = format!(
        "SELECT datname::text FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname LIKE '{}--%'",
        job.database()
    );
    let name = wait_for_value("the incomplete copy", async || fixture.text(None, &held).await).await;
    let refused = PgConnection::connect_with(&fixture.options(&name)).await.unwrap_err();
    assert_eq!(refused.as_database_error().unwrap().code().as_deref(), Some("55000"), "{refused}");
    fixture.run(None, &format!("COMMENT ON DATABASE {template} IS NULL")).await;
    copying.await.unwrap().unwrap();
    fixture.connect(Some(&job.database())).await.close().await.unwrap();
    fixture.clean_up(&[&job]).await;
}
