use engine::adoption::{Finding, Reason};
use test_support::requests::{assert_created, draft, provision_request};

use super::{adopt_all, both, content};

fn reasons(findings: &[Finding]) -> Vec<(&str, Reason)> {
    let mut reasons: Vec<_> =
        findings.iter().map(|finding| (finding.slug.as_str(), finding.reason)).collect();
    reasons.sort_by_key(|(slug, reason)| (*slug, format!("{reason:?}")));
    reasons
}

#[tokio::test]
async fn each_tenant_that_cannot_be_adopted_is_reported_with_its_reason() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("taken-here"))).await);
    for slug in ["twin", "TWIN", "no_underscores", "admin", "taken-here", "deleted", "nameless"] {
        earlier.create_tenant(slug).await;
    }
    earlier
        .run(
            "UPDATE tenants SET status = 'deleted' WHERE slug = 'deleted';
             UPDATE tenants SET name = chr(8203) WHERE slug = 'nameless'",
        )
        .await;
    let report = adopt_all(&db).await;
    assert_eq!(report.adopted.iter().map(|tenant| &tenant.slug).collect::<Vec<_>>(), ["twin"]);
    assert_eq!(
        reasons(&report.not_adopted),
        [
            ("TWIN", Reason::DuplicateSlug),
            ("admin", Reason::InvalidSlug),
            ("deleted", Reason::DeletedInEarlierSystem),
            ("nameless", Reason::InvalidName),
            ("no_underscores", Reason::InvalidSlug),
            ("taken-here", Reason::SlugTaken),
        ]
    );
    assert_eq!(report.missing(), 5);
    let taken = report.not_adopted.iter().find(|finding| finding.slug == "taken-here").unwrap();
    assert_eq!(taken.detail, "The taken-here company (TEN-00000001) has this slug in Tenantry.");

    // A refused row leaves nothing behind, so that a second run changes nothing.
    let before = content(&db).await;
    assert_eq!(adopt_all(&db).await.not_adopted, report.not_adopted);
    assert!(content(&db).await == before);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_tenant_whose_owner_cannot_be_adopted_waits_for_an_owner() {
    let (db, earlier) = both().await;
    let ids = ["unowned", "missing", "no-address", "invalid", "first", "second", "theirs"];
    for slug in ids {
        earlier.create_tenant(slug).await;
    }
    let of = |slug: &str| format!("(SELECT user_id FROM auto_provisioning WHERE restaurant_slug = '{slug}')");
    earlier
        .run(&format!(
            "DELETE FROM auth.users WHERE id = {};
             UPDATE auth.users SET email = NULL WHERE id = {};
             UPDATE auth.users SET email = 'not an address' WHERE id = {};
             UPDATE auth.users SET email = 'Owner@First.example' WHERE id = {};
             UPDATE auth.users SET email = 'staff@example.com' WHERE id = {};
             DELETE FROM auto_provisioning WHERE restaurant_slug = 'unowned'",
            of("missing"),
            of("no-address"),
            of("invalid"),
            of("second"),
            of("theirs")
        ))
        .await;
    db.run(
        "INSERT INTO users (id, email, email_canonical, name)
             VALUES ('00000000-0000-4000-8000-000000000002', 'staff@example.com', 'staff@example.com', 'Staff');
         INSERT INTO employees (id, kind, user_id, name, role)
             VALUES (gen_random_uuid(), 'person', '00000000-0000-4000-8000-000000000002', 'Staff', 'VIEWER')",
    )
    .await;
    let report = adopt_all(&db).await;
    assert_eq!((report.adopted.len(), report.missing()), (7, 0), "{report:?}");
    let expected = [
        ("invalid", Reason::InvalidEmail),
        ("missing", Reason::OwnerMissing),
        ("no-address", Reason::OwnerWithoutEmail),
        ("second", Reason::DuplicateEmail),
        ("theirs", Reason::EmailOfEmployee),
        ("unowned", Reason::NoOwner),
    ];
    assert_eq!(reasons(&report.notes), expected);
    assert_eq!(
        db.text(
            "SELECT string_agg(slug, ' ' ORDER BY slug) FROM tenants WHERE status = 'pending_activation'"
        )
        .await,
        "invalid missing no-address second theirs unowned"
    );
    // They are reported until they have an owner.
    assert_eq!(reasons(&adopt_all(&db).await.notes), expected);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_account_that_exists_becomes_the_owner() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("blue-heron"))).await);
    let olive = earlier.create_account("OLIVE@blue-heron.example.com", "Olive").await;
    earlier.provision(olive, "Golden Spoon", "golden-spoon").await;
    assert_eq!(adopt_all(&db).await.adopted.len(), 1);
    assert_eq!(db.number("SELECT count(DISTINCT owner_id) FROM tenants").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn rows_that_are_adopted_with_changes_are_reported() {
    let (db, earlier) = both().await;
    for slug in ["Upper", "shared", "planned"] {
        earlier.create_tenant(slug).await;
    }
    earlier
        .run(
            "UPDATE tenants SET plan = 'Enterprise' WHERE slug = 'shared';
             UPDATE tenants SET plan = 'gold' WHERE slug = 'planned';
             INSERT INTO auto_provisioning SELECT gen_random_uuid(), id, name, slug FROM tenants WHERE slug = 'shared';
             INSERT INTO auto_provisioning VALUES (gen_random_uuid(), NULL, 'Half', 'half-done'),
                 (gen_random_uuid(), gen_random_uuid(), 'Lost', 'lost')",
        )
        .await;
    let report = adopt_all(&db).await;
    assert_eq!(
        reasons(&report.notes),
        [
            ("Upper", Reason::SlugInLowerCase),
            ("half-done", Reason::Orphaned),
            ("lost", Reason::Orphaned),
            ("planned", Reason::UnknownPlan),
            ("shared", Reason::SeveralOwners),
        ]
    );
    assert_eq!(
        db.text("SELECT string_agg(slug || ' ' || plan, ', ' ORDER BY slug) FROM tenants").await,
        "planned pro, shared enterprise, upper pro"
    );
    assert_eq!(
        db.text("SELECT email FROM users u JOIN tenants t ON t.owner_id = u.id WHERE slug = 'shared'").await,
        "owner@shared.example"
    );
}
