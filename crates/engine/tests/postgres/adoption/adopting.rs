use domain::StepState;
use engine::adoption::{AdoptionError, AdoptionOptions, adopt};
use test_support::{
    earlier_system::EarlierSystem,
    pipeline_fixture::PipelineFixture,
    test_database::{ORIGIN, TestDatabase},
};

use super::{adopt_all, both, content, run};

#[tokio::test]
async fn tenants_are_adopted_with_their_owners_and_a_second_run_changes_nothing() {
    let (db, earlier) = both().await;
    let mara = earlier.create_account("Mara@Golden-Spoon.example", "Mara Vogel").await;
    let first = earlier.provision(mara, "Golden Spoon", "golden-spoon").await;
    earlier.provision(mara, "Silver Spoon", "silver-spoon").await;
    earlier.create_tenant("blue-heron").await;
    earlier.run(&format!("INSERT INTO employees (user_id) VALUES ('{mara}')")).await;
    let (rows, catalog) = (earlier.checksums().await, earlier.catalog().await);

    let report = adopt_all(&db).await;
    let adopted: Vec<_> =
        report.adopted.iter().map(|tenant| (tenant.slug.as_str(), tenant.owner_email.as_deref())).collect();
    assert_eq!(
        adopted,
        [
            ("golden-spoon", Some("Mara@Golden-Spoon.example")),
            ("silver-spoon", Some("Mara@Golden-Spoon.example")),
            ("blue-heron", Some("owner@blue-heron.example")),
        ]
    );
    assert!(report.same_database && report.not_adopted.is_empty() && report.notes.is_empty(), "{report:?}");
    assert_eq!((report.earlier_employees, report.not_invited), (Some(1), 2));
    assert_eq!(
        db.text(
            "SELECT concat_ws(' ', t.slug, t.name, t.status, t.plan, u.email, u.name, e.name, j.state)
             FROM tenants t JOIN users u ON u.id = t.owner_id JOIN employees e ON e.id = t.created_by
             JOIN jobs j ON j.tenant_id = t.id WHERE t.slug = 'silver-spoon'"
        )
        .await,
        "silver-spoon Silver Spoon active pro Mara@golden-spoon.example Mara Vogel adoption skipped"
    );
    assert_eq!(
        db.text("SELECT external_id FROM tenants WHERE slug = 'golden-spoon'").await,
        format!("earlier:{first}")
    );
    assert_eq!(db.number("SELECT count(*) FROM users").await, 2);
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages").await, 0);
    db.assert_invariants().await;

    let before = content(&db).await;
    let repeated = adopt_all(&db).await;
    assert_eq!((repeated.adopted.len(), repeated.unchanged), (0, 3));
    assert!(content(&db).await == before, "the second run changed rows");
    assert_eq!((earlier.checksums().await, earlier.catalog().await), (rows, catalog));
}

#[tokio::test]
async fn an_adopted_tenant_has_no_steps_in_external_systems() {
    let fixture = PipelineFixture::new().await;
    let earlier = EarlierSystem::install(fixture.db.options()).await;
    earlier.create_tenant("golden-spoon").await;
    adopt(&fixture.engine, &fixture.db.url(), &AdoptionOptions::default()).await.unwrap();
    // A tenant that is provisioned later shows that the worker has run.
    let provisioned = fixture.provision("silver-spoon").await;
    let worker = fixture.worker();
    fixture.wait_for_job(provisioned.request_id, StepState::Succeeded).await;
    worker.stop().await;
    let steps = fixture.db.text(
        "SELECT string_agg(DISTINCT concat_ws(' ', t.status, j.state, s.state), ',') FROM tenants t
         JOIN jobs j ON j.tenant_id = t.id LEFT JOIN job_steps s ON s.job_id = j.id WHERE slug = 'golden-spoon'",
    );
    assert_eq!(steps.await, "active skipped");
    let attempts = fixture.db.number(
        "SELECT count(*) FROM step_attempts a JOIN jobs j ON j.id = a.job_id JOIN tenants t ON t.id = j.tenant_id
         WHERE slug = 'golden-spoon'",
    );
    assert_eq!(attempts.await, 0);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    let (before, rows) = (content(&db).await, earlier.checksums().await);
    let options = AdoptionOptions {
        dry_run: true,
        retire: true,
        invite_from: Some(ORIGIN.to_owned()),
        ..AdoptionOptions::default()
    };
    let report = run(&db, options).await.unwrap();
    assert_eq!((report.adopted.len(), &report.adopted[0].code), (1, &None));
    assert!(content(&db).await == before && earlier.checksums().await == rows);
    // The next tenant gets the first code: the sequence was not used either.
    assert_eq!(adopt_all(&db).await.adopted[0].code.as_deref(), Some("TEN-00000001"));
}

#[tokio::test]
async fn columns_that_the_specification_does_not_name_may_be_missing() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    earlier
        .run(
            "ALTER TABLE tenants DROP COLUMN status, DROP COLUMN plan, DROP COLUMN created_at, DROP COLUMN updated_at;
             ALTER TABLE auto_provisioning DROP COLUMN created_at;
             DROP TABLE profiles, employees",
        )
        .await;
    let report = adopt_all(&db).await;
    assert_eq!((report.adopted.len(), report.earlier_employees), (1, None));
    // Without a name, the owner gets the first part of the address.
    assert_eq!(db.text("SELECT name FROM users").await, "owner");
}

#[tokio::test]
async fn missing_columns_are_named() {
    let (db, earlier) = both().await;
    earlier.run("ALTER TABLE auto_provisioning DROP COLUMN restaurant_slug; DROP TABLE auth.users").await;
    let Err(AdoptionError::Missing(missing)) = run(&db, AdoptionOptions::default()).await else { panic!() };
    assert_eq!(missing, ["public.auto_provisioning.restaurant_slug", "auth.users.id", "auth.users.email"]);
    let other = TestDatabase::empty().await;
    let error = engine::adoption::adopt(&db.engine, &other.url(), &AdoptionOptions::default()).await;
    assert!(matches!(error, Err(AdoptionError::Missing(missing)) if missing.len() == 9));
}

#[tokio::test]
async fn the_status_in_the_earlier_system_is_kept() {
    let (db, earlier) = both().await;
    for slug in ["golden-spoon", "silver-spoon", "blue-heron"] {
        earlier.create_tenant(slug).await;
    }
    earlier
        .run(
            "UPDATE tenants SET status = 'Suspended' WHERE slug = 'golden-spoon';
             UPDATE tenants SET status = 'archived' WHERE slug = 'silver-spoon'",
        )
        .await;
    let report = adopt_all(&db).await;
    assert_eq!(report.adopted.len(), 2);
    assert_eq!(report.missing(), 0);
    let statuses = "SELECT string_agg(slug || ' ' || status, ', ' ORDER BY slug) FROM tenants";
    assert_eq!(db.text(statuses).await, "blue-heron active, golden-spoon suspended");

    // A tenant that an admin has resumed stays active. One that is suspended there later is suspended.
    engine::tenants::resume_tenant(&db.engine, &engine::access::Actor::Operator, "golden-spoon")
        .await
        .unwrap();
    earlier.run("UPDATE tenants SET status = 'suspended' WHERE slug = 'blue-heron'").await;
    adopt_all(&db).await;
    assert_eq!(db.text(statuses).await, "blue-heron suspended, golden-spoon active");
    db.assert_invariants().await;
}

#[tokio::test]
async fn each_owner_is_invited_once_and_only_on_demand() {
    let (db, earlier) = both().await;
    let mara = earlier.create_account("mara@golden-spoon.example", "Mara Vogel").await;
    earlier.provision(mara, "Golden Spoon", "golden-spoon").await;
    earlier.provision(mara, "Silver Spoon", "silver-spoon").await;
    earlier.create_tenant("blue-heron").await;
    adopt_all(&db).await;
    let messages = "SELECT count(*) FROM outbox_messages";
    assert_eq!(db.number(messages).await, 0);

    let inviting = AdoptionOptions { invite_from: Some(ORIGIN.to_owned()), ..AdoptionOptions::default() };
    let report = run(&db, inviting.clone()).await.unwrap();
    assert_eq!((report.adopted.len(), report.invited, report.not_invited), (0, 2, 0));
    assert_eq!(db.number(messages).await, 2);
    assert_eq!(run(&db, inviting).await.unwrap().invited, 0);
    assert_eq!(db.number(messages).await, 2);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_tenant_that_was_purged_is_not_adopted_again() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    adopt_all(&db).await;
    db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await;
    assert_eq!(adopt_all(&db).await.unchanged, 1);
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL, external_id = NULL, slug = lower(code)")
        .await;
    let report = adopt_all(&db).await;
    assert_eq!((report.adopted.len(), report.not_adopted.len(), report.missing()), (0, 1, 0));
    assert_eq!(report.not_adopted[0].reason, engine::adoption::Reason::RemovedFromTenantry);
}

#[tokio::test]
async fn tenants_of_another_database_are_adopted() {
    let db = TestDatabase::new().await;
    let other = TestDatabase::empty().await;
    let earlier = EarlierSystem::install(other.options()).await;
    earlier.create_tenant("golden-spoon").await;
    let (rows, catalog) = (earlier.checksums().await, earlier.catalog().await);
    let adopt = async || {
        engine::adoption::adopt(&db.engine, &other.url(), &AdoptionOptions::default()).await.unwrap()
    };
    let report = adopt().await;
    assert!(!report.same_database && report.adopted.len() == 1, "{report:?}");
    assert_eq!(adopt().await.unchanged, 1);
    assert_eq!((earlier.checksums().await, earlier.catalog().await), (rows, catalog));
}
