//! What maintenance does with the outbox: messages about trials, and the deletion of old messages.

use std::time::Duration;

use engine::pipeline::{MaintenanceTimeouts, run_maintenance};
use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};

const MESSAGES: &str =
    "SELECT string_agg(concat_ws(' ', kind, status), ', ' ORDER BY created_at) FROM outbox_messages";

async fn provisioned() -> TestDatabase {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db
}

async fn maintain(db: &TestDatabase, timeouts: MaintenanceTimeouts) {
    run_maintenance(&db.engine, timeouts).await.unwrap();
}

#[tokio::test]
async fn an_owner_is_told_7_days_and_1_day_before_the_end_of_a_trial_once_each() {
    let db = provisioned().await;
    let run = async |ends_in: &str| {
        db.run(&format!(
            "UPDATE tenants SET trial_ends_at = date_trunc('hour', now()) + interval '{ends_in}'"
        ))
        .await;
        maintain(&db, MaintenanceTimeouts::default()).await;
        maintain(&db, MaintenanceTimeouts::default()).await;
        db.number("SELECT count(*) FROM outbox_messages WHERE kind = 'trial_ending'").await
    };
    // An owner who has not joined is not told.
    assert_eq!(run("6 days").await, 0);
    db.run("UPDATE users SET password_hash = 'x'").await;
    assert_eq!(run("8 days").await, 0);
    assert_eq!(run("6 days").await, 1);
    assert_eq!(run("20 hours").await, 2);
    let origin = "SELECT string_agg(DISTINCT origin, ' ') FROM outbox_messages";
    assert_eq!(db.text(origin).await, test_support::test_database::ORIGIN);
    db.assert_invariants().await;
}

#[tokio::test]
async fn old_messages_and_their_jobs_are_deleted() {
    let db = provisioned().await;
    let retention = MaintenanceTimeouts {
        retention: Some(Duration::from_secs(86_400)),
        ..MaintenanceTimeouts::default()
    };
    db.run(
        "UPDATE outbox_messages SET status = 'sent', sent_at = now(), finished_at = now() - interval '29 days',
             wrapped_key = NULL, ciphertext = NULL;
         UPDATE job_steps SET state = 'succeeded' WHERE name = 'SEND_MAIL';
         UPDATE jobs SET state = 'succeeded', finished_at = now() - interval '29 days' WHERE queue = 'mail'",
    )
    .await;
    maintain(&db, MaintenanceTimeouts::default()).await;
    assert_eq!(db.number("SELECT count(*) FROM jobs WHERE queue = 'mail'").await, 0);
    maintain(&db, retention).await;
    assert_eq!(db.text(MESSAGES).await, "invitation sent");
    db.run("UPDATE outbox_messages SET finished_at = now() - interval '31 days'").await;
    // Without a retention, only messages without a tenant and an account are deleted.
    maintain(&db, MaintenanceTimeouts::default()).await;
    assert_eq!(db.text(MESSAGES).await, "invitation sent");
    maintain(&db, retention).await;
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages").await, 0);
    db.assert_invariants().await;
}

#[tokio::test]
async fn messages_without_a_tenant_and_an_account_are_deleted_after_30_days() {
    let db = provisioned().await;
    db.run(
        "INSERT INTO outbox_messages (id, kind, recipient_name, recipient_address, origin, content, status, finished_at)
         SELECT gen_random_uuid(), 'sign_up_verification', '', 'a@example.com', '', '{}', 'cancelled',
             now() - make_interval(days => age) FROM unnest(ARRAY[29, 31]) age",
    )
    .await;
    maintain(&db, MaintenanceTimeouts::default()).await;
    let left = "SELECT count(*) FROM outbox_messages WHERE kind = 'sign_up_verification'";
    assert_eq!(db.number(left).await, 1);
}
