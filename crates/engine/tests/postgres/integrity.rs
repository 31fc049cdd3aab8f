//! `verify_integrity` reports a violation of each invariant.

use std::collections::BTreeSet;

use sqlx::Executor;

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};

/// Each invariant, and SQL that violates it.
const VIOLATIONS: [(&str, &str); 31] = [
    ("completed request has its tenant", "DELETE FROM tenants WHERE slug = 'golden-spoon'"),
    ("tenant comes from a completed request", "UPDATE provisioning_requests SET status = 'failed', code = 'TIMEOUT'"),
    ("tenant is complete", "DELETE FROM tenant_settings"),
    ("tenant has its job and steps", "UPDATE jobs SET state = 'succeeded'"),
    ("provisioning tenant has an unfinished job", "ALTER TABLE tenants DISABLE TRIGGER USER; UPDATE tenants SET status = 'provisioning'"),
    ("job of a tenant without an owner is blocked", "UPDATE jobs SET state = 'blocked'"),
    (
        "job of a suspended or deleted tenant is blocked",
        "UPDATE tenants SET status = 'deleted'; UPDATE jobs SET state = 'pending'",
    ),
    (
        "tenant has at most one unfinished lifecycle job",
        "INSERT INTO jobs (kind, tenant_id, creates_tenant, state) SELECT 'suspend', id, false, 'pending' FROM tenants, generate_series(1, 2)",
    ),
    (
        "latest lifecycle job fits the status of its tenant",
        "INSERT INTO jobs (kind, tenant_id, creates_tenant, state, finished_at) SELECT 'suspend', id, false, 'succeeded', now() FROM tenants",
    ),
    (
        "lifecycle job is neither blocked nor rolled back",
        "INSERT INTO jobs (kind, tenant_id, creates_tenant, state) SELECT 'resume', id, false, 'blocked' FROM tenants",
    ),
    (
        "purged tenant has no lifecycle job",
        "UPDATE tenants SET status = 'deleted'; UPDATE tenants SET purged_at = now(), owner_id = NULL;
         INSERT INTO jobs (kind, tenant_id, creates_tenant, state, finished_at) SELECT 'delete', id, false, 'succeeded', now() FROM tenants",
    ),
    (
        "audit log has no personal data of a purged tenant",
        "UPDATE tenants SET status = 'deleted'; UPDATE tenants SET purged_at = now(), owner_id = NULL",
    ),
    (
        "former slug is reserved",
        "INSERT INTO tenant_former_slugs (slug, tenant_id) SELECT 'golden-spoon', id FROM tenants LIMIT 1",
    ),
    (
        "rolled-back request has a compensated job",
        "DELETE FROM tenants; UPDATE provisioning_requests SET status = 'rolled_back'",
    ),
    ("compensated job belongs to a rolled-back request", "UPDATE jobs SET state = 'compensated'"),
    (
        "job state matches its steps",
        "INSERT INTO job_steps (job_id, position, name, connector, state) SELECT id, 1, 'STEP_1_COPY_DB', 'database_copy', 'pending' FROM jobs WHERE queue = 'pipeline'",
    ),
    ("tenant is in the audit log", "ALTER TABLE audit_log DISABLE TRIGGER USER; DELETE FROM audit_log"),
    ("active tenant has an owner", "ALTER TABLE tenants DROP CONSTRAINT tenants_owner_check; UPDATE tenants SET owner_id = NULL"),
    ("tenant has the address of its owner", "UPDATE tenants SET owner_email = 'other@example.com'"),
    (
        "replaced API key expires",
        "INSERT INTO api_keys (tenant_id, public_key, secret_hash, replaces, overlap_hours)
         SELECT tenant_id, 'pk', decode(repeat('00', 32), 'hex'), id, 0 FROM api_keys LIMIT 1",
    ),
    ("account created for a tenant has a membership", "ALTER TABLE memberships DISABLE TRIGGER USER; DELETE FROM memberships"),
    (
        "owner is not an employee",
        "INSERT INTO employees (id, kind, user_id, name, role) SELECT gen_random_uuid(), 'person', owner_id, 'Both', 'ADMIN' FROM tenants",
    ),
    (
        "active token has an active creator with at least its role",
        "INSERT INTO employees (id, kind, name, role, created_by) SELECT gen_random_uuid(), 'service', 'ci', 'SUPER_ADMIN', id FROM employees WHERE built_in IS NULL",
    ),
    (
        "no request is stuck in processing",
        "UPDATE provisioning_requests SET status = 'processing', finished_at = NULL, created_at = now() - interval '1 hour'",
    ),
    ("slug is unique", "DROP INDEX tenants_slug_key; ALTER TABLE tenants DISABLE TRIGGER USER; UPDATE tenants SET slug = 'golden-spoon'"),
    (
        "e-mail address is unique in any case",
        "ALTER TABLE users DROP CONSTRAINT users_email_key, DROP CONSTRAINT users_email_canonical_check;
         UPDATE users SET email_canonical = CASE WHEN email LIKE '%golden%' THEN 'Olive@example.com' ELSE 'olive@example.com' END",
    ),
    (
        "idempotency key has one tenant",
        "ALTER TABLE tenants DROP CONSTRAINT tenants_request_key; UPDATE tenants SET request_id = (SELECT id FROM provisioning_requests LIMIT 1)",
    ),
    (
        "message of an active tenant is not held",
        "UPDATE outbox_messages SET status = 'held', job_id = NULL",
    ),
    (
        "message of a tenant that is not active is not pending",
        "ALTER TABLE tenants DISABLE TRIGGER tenants_messages; UPDATE tenants SET status = 'deleted'",
    ),
    ("pending message has an unfinished job", "DELETE FROM jobs WHERE queue = 'mail'"),
    ("every attempt is recorded", "DELETE FROM provisioning_attempts"),
];

#[tokio::test]
async fn verify_reports_each_violated_invariant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for slug in ["golden-spoon", "silver-spoon"] {
        assert_created(db.provision(&admin, &provision_request(draft(slug))).await);
    }
    for (invariant, damage) in VIOLATIONS {
        let mut transaction = db.pool.begin().await.unwrap();
        transaction.execute(sqlx::raw_sql(damage)).await.unwrap();
        let found: BTreeSet<String> = sqlx::query_scalar("SELECT invariant FROM verify_integrity()")
            .fetch_all(&mut *transaction)
            .await
            .unwrap()
            .into_iter()
            .collect();
        assert!(found.contains(invariant), "{damage}: {found:?}");
        transaction.rollback().await.unwrap();
        db.assert_invariants().await;
    }
}

/// Each part of a complete tenant, and SQL that removes this part alone.
const PARTS: [(&str, &str); 7] = [
    ("membership", "ALTER TABLE memberships DISABLE TRIGGER USER; DELETE FROM memberships"),
    ("owner's role", "ALTER TABLE memberships DISABLE TRIGGER USER; UPDATE memberships SET role = 'member'"),
    ("settings", "DELETE FROM tenant_settings"),
    ("branding", "DELETE FROM tenant_branding"),
    ("segment", "ALTER TABLE packages DROP CONSTRAINT packages_segment_fkey; DELETE FROM segments"),
    ("packages", "DELETE FROM packages"),
    ("API key", "DELETE FROM api_keys"),
];

#[tokio::test]
async fn a_tenant_without_one_of_its_parts_is_incomplete() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    for (part, damage) in PARTS {
        let mut transaction = db.pool.begin().await.unwrap();
        transaction.execute(sqlx::raw_sql(damage)).await.unwrap();
        let subjects: Vec<String> = sqlx::query_scalar(
            "SELECT subject FROM verify_integrity() WHERE invariant = 'tenant is complete'",
        )
        .fetch_all(&mut *transaction)
        .await
        .unwrap();
        assert_eq!(subjects, ["TEN-00000001"], "{part}");
        transaction.rollback().await.unwrap();
    }
    db.assert_complete_tenants(1).await;
}

#[tokio::test]
async fn each_invariant_is_tested() {
    let db = TestDatabase::new().await;
    let source = "SELECT string_agg(prosrc, ' ') FROM pg_proc WHERE starts_with(proname, 'verify_')";
    let source = db.text(source).await;
    let invariants: BTreeSet<&str> =
        source.split("SELECT '").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    assert_eq!(invariants, VIOLATIONS.iter().map(|(invariant, _)| *invariant).collect());
}

#[tokio::test]
async fn a_violation_names_its_row() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db.run("DELETE FROM tenant_branding").await;
    let [violation] = &engine::integrity::verify(&db.engine).await.unwrap()[..] else {
        panic!("expected one violation")
    };
    assert_eq!(
        (violation.invariant.as_str(), violation.subject.as_str(), violation.detail.as_str()),
        ("tenant is complete", "TEN-00000001", "golden-spoon")
    );
}

#[tokio::test]
async fn constraints_reject_updates_that_violate_an_invariant() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for slug in ["golden-spoon", "silver-spoon"] {
        assert_created(db.provision(&admin, &provision_request(draft(slug))).await);
    }
    for damage in [
        "UPDATE tenants SET owner_id = NULL",
        "UPDATE tenants SET slug = 'golden-spoon'",
        "UPDATE tenants SET slug = 'Golden Spoon' WHERE slug = 'golden-spoon'",
        "UPDATE users SET email_canonical = upper(email_canonical)",
        "UPDATE tenants SET commission_basis_points = 10001",
        "DELETE FROM users",
        "UPDATE packages p SET segment_id = (SELECT id FROM segments s WHERE s.tenant_id <> p.tenant_id)",
    ] {
        let error = db.try_run(damage).await.unwrap_err();
        let code = error.as_database_error().unwrap().code().unwrap().into_owned();
        assert!(code.starts_with("23"), "{}: {error}", damage);
    }
    db.assert_complete_tenants(2).await;
}
