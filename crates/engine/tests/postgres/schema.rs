//! Migrations, and the check that the schema matches this version.

use domain::ErrorCode;

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::TestDatabase,
};

#[tokio::test]
async fn a_database_without_the_schema_is_out_of_date() {
    let db = TestDatabase::empty().await;
    assert_error(db.engine.check_schema().await, ErrorCode::SchemaOutOfDate);
}

#[tokio::test(flavor = "multi_thread")]
async fn migrations_can_run_concurrently_and_repeatedly() {
    let db = TestDatabase::empty().await;
    let other = engine::Engine::new(db.options(), 2, 1, engine::MasterKey::new([1; 32]));
    let (one, two) = tokio::join!(db.engine.migrate(), other.migrate());
    one.unwrap();
    two.unwrap();
    let applied =
        "SELECT string_agg(version || ' ' || installed_on, ',' ORDER BY version) FROM _sqlx_migrations";
    let before = db.text(applied).await;
    db.engine.migrate().await.unwrap();
    assert_eq!(db.text(applied).await, before);
    other.check_schema().await.unwrap();
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
}

#[tokio::test]
async fn a_missing_unknown_or_changed_migration_prevents_provisioning() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("CREATE TABLE backup AS TABLE _sqlx_migrations").await;
    for damage in [
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
        "INSERT INTO _sqlx_migrations SELECT version + 1, description, installed_on, success, checksum, execution_time FROM backup ORDER BY version DESC LIMIT 1",
        "UPDATE _sqlx_migrations SET checksum = '\\x00' WHERE version = (SELECT min(version) FROM _sqlx_migrations)",
    ] {
        db.run(damage).await;
        assert_error(db.engine.check_schema().await, ErrorCode::SchemaOutOfDate);
        let problem = assert_error(
            db.provision(&admin, &provision_request(draft("golden-spoon"))).await,
            ErrorCode::SchemaOutOfDate,
        );
        assert_eq!(problem.retry_after_seconds(), Some(2));
        db.run("TRUNCATE _sqlx_migrations; INSERT INTO _sqlx_migrations TABLE backup").await;
        db.engine.check_schema().await.unwrap();
    }
    db.assert_complete_tenants(0).await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
}

#[tokio::test]
async fn an_upgrade_normalises_stored_names_and_time_zones() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let zones = [
        ("one", "EUROPE/BERLIN"),
        ("two", "posix/Europe/Berlin"),
        ("three", "Europe/Berlin"),
        ("four", "Etc/GMT+5"),
    ];
    for (slug, zone) in zones {
        let provisioned = assert_created(db.provision(&admin, &provision_request(draft(slug))).await);
        let tenant = provisioned.tenant.id;
        db.run(&format!("UPDATE tenant_settings SET time_zone = '{zone}' WHERE tenant_id = '{tenant}'"))
            .await;
    }
    db.run("UPDATE provisioning_requests SET name = E'Cafe\\u0301'").await;
    db.run("DELETE FROM _sqlx_migrations WHERE version = 20261126110000").await;
    db.engine.migrate().await.unwrap();

    let stored =
        "SELECT string_agg(time_zone, ' ' ORDER BY code) FROM tenant_settings JOIN tenants ON id = tenant_id";
    assert_eq!(db.text(stored).await, "Europe/Berlin Europe/Berlin Europe/Berlin Etc/GMT+5");
    assert_eq!(db.number("SELECT count(*) FROM provisioning_requests WHERE name = 'Café'").await, 4);
}

#[tokio::test]
async fn a_missing_function_means_an_outdated_schema() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    db.run("ALTER FUNCTION provision_tenant_atomic RENAME TO provision_tenant_renamed").await;
    assert_error(
        db.provision(&admin, &provision_request(draft("golden-spoon"))).await,
        ErrorCode::SchemaOutOfDate,
    );
}
