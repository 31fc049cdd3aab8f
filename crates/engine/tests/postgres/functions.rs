//! Repeatable migrations: the functions in `migrations/functions` are applied when they change.

use database::Database;
use domain::ErrorCode;
use engine::{Engine, MasterKey, schema};
use test_support::{requests::assert_error, test_database::TestDatabase};
use tokio::task::{JoinSet, LocalSet};

/// Makes the database look as if a version with another `tenant_code` had applied its functions last.
const OTHER_VERSION: &str = "
    INSERT INTO function_sets
    SELECT '\\x00', names || '{obsolete}'::text[], clock_timestamp() FROM function_sets;
    CREATE OR REPLACE FUNCTION tenant_code(p_number bigint) RETURNS text LANGUAGE sql AS $$ SELECT 'other' $$;";
const TENANT_CODE: &str = "SELECT tenant_code(1)";

#[tokio::test]
async fn ten_starting_servers_apply_a_changed_function_once() {
    let db = TestDatabase::new().await;
    db.run(OTHER_VERSION).await;
    db.run(
        "CREATE TABLE applications (checksum bytea);
         CREATE FUNCTION count_application() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN INSERT INTO applications VALUES (NEW.checksum); RETURN NULL; END $$;
         CREATE TRIGGER count_application AFTER INSERT OR UPDATE ON function_sets
             FOR EACH ROW EXECUTE FUNCTION count_application()",
    )
    .await;
    let migrate_all = async {
        let mut servers = JoinSet::new();
        for _ in 0..10 {
            let engine = Engine::new(db.options(), 1, 1, MasterKey::new([1; 32]));
            servers.spawn_local(async move { engine.migrate().await.unwrap() });
        }
        servers.join_all().await
    };
    LocalSet::new().run_until(migrate_all).await;
    assert_eq!(db.number("SELECT count(*) FROM applications").await, 1);
    assert_eq!(db.text(TENANT_CODE).await, "TEN-00000001");
}

#[tokio::test]
async fn a_changed_function_makes_the_schema_out_of_date() {
    let db = TestDatabase::new().await;
    db.run(OTHER_VERSION).await;
    assert_error(db.engine.check_schema().await, ErrorCode::SchemaOutOfDate);
    db.engine.migrate().await.unwrap();
    db.engine.check_schema().await.unwrap();
}

#[tokio::test]
async fn a_function_that_the_database_rejects_leaves_every_function_unchanged() {
    let db = TestDatabase::new().await;
    db.run(OTHER_VERSION).await;
    // `verify_integrity` is applied after `tenant_code`. Because no earlier set contains `verify_integrity`,
    // `migrate` does not drop it, and PostgreSQL refuses to change its return type.
    db.run(
        "UPDATE function_sets SET names = array_remove(names, 'verify_integrity');
         DROP FUNCTION verify_integrity;
         CREATE FUNCTION verify_integrity() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
    )
    .await;
    let error = db.engine.migrate().await.unwrap_err();
    assert!(matches!(error, engine::Error::Function { name: "verify_integrity", .. }), "{error:?}");
    assert_eq!(db.text(TENANT_CODE).await, "other");
    assert_error(db.engine.check_schema().await, ErrorCode::SchemaOutOfDate);

    db.run("DROP FUNCTION verify_integrity").await;
    db.engine.migrate().await.unwrap();
    assert_eq!(db.text(TENANT_CODE).await, "TEN-00000001");
}

#[tokio::test]
async fn a_function_whose_return_type_changed_is_replaced() {
    let db = TestDatabase::new().await;
    db.run(OTHER_VERSION).await;
    db.run(
        "DROP FUNCTION tenant_code;
         CREATE FUNCTION tenant_code(p_number bigint) RETURNS bigint LANGUAGE sql AS $$ SELECT p_number $$",
    )
    .await;
    db.engine.migrate().await.unwrap();
    assert_eq!(db.text(TENANT_CODE).await, "TEN-00000001");
}

#[tokio::test]
async fn a_function_without_a_file_is_dropped() {
    let db = TestDatabase::new().await;
    db.run(OTHER_VERSION).await;
    db.run(
        "CREATE FUNCTION obsolete() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
         CREATE FUNCTION tenant_code(p_number text) RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;
         CREATE FUNCTION unrelated() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$",
    )
    .await;
    db.engine.migrate().await.unwrap();
    let remaining =
        "SELECT coalesce(string_agg(oid::regprocedure::text, ' ' ORDER BY proname), '') FROM pg_proc
        WHERE proname IN ('obsolete', 'tenant_code', 'unrelated')";
    assert_eq!(db.text(remaining).await, "tenant_code(bigint) unrelated()");
}

#[tokio::test]
async fn a_running_server_keeps_the_functions_of_a_version_that_started_later() {
    let db = TestDatabase::new().await;
    db.run(OTHER_VERSION).await;
    let database = Database::new(db.options(), 1);
    schema::migrate_unless_superseded(&database).await.unwrap();
    assert_eq!(db.text(TENANT_CODE).await, "other");

    // After a restore from a backup that is older than this version, the functions are applied again.
    db.run("DELETE FROM function_sets WHERE checksum <> '\\x00'").await;
    schema::migrate_unless_superseded(&database).await.unwrap();
    assert_eq!(db.text(TENANT_CODE).await, "TEN-00000001");
}
