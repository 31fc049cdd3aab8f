//! Availability of slugs and e-mail addresses, and suggestions.

use domain::{
    error::EmailReason,
    slug::{RESERVED, Slug},
    suggestions::suggestions,
};
use engine::{
    access::parse_email,
    provisioning::{check_email, check_slug},
};

use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::TestDatabase,
};

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

#[tokio::test]
async fn a_taken_slug_names_its_tenant_and_three_available_slugs() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let unused = check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap();
    assert!(unused.available && unused.conflict.is_none() && unused.suggestions.is_empty());

    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    let taken = check_slug(&db.engine, &slug("golden-spoon"), Some("Golden Spoon")).await.unwrap();
    assert!(!taken.available);
    let conflict = taken.conflict.unwrap();
    assert_eq!(
        (conflict.code.as_str(), conflict.name.as_str()),
        ("TEN-00000001", "The golden-spoon company")
    );
    assert_eq!(taken.suggestions.len(), 3);
    assert_eq!(taken.suggestions[0].as_str(), "golden-spoon-2");
}

#[tokio::test]
async fn all_suggestions_are_available() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    // Each round provisions the first suggestion, so that the next round must skip it.
    for _ in 0..8 {
        let suggestions = check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap().suggestions;
        assert_eq!(suggestions.len(), 3);
        for slug in &suggestions {
            assert!(check_slug(&db.engine, slug, None).await.unwrap().available, "{slug}");
        }
        assert_created(db.provision(&admin, &provision_request(draft(suggestions[0].as_str()))).await);
    }
}

#[tokio::test]
async fn three_available_slugs_are_suggested_when_all_derived_alternatives_are_taken() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let taken = slug("golden-spoon");
    for slug in suggestions(&taken, None).iter().chain([&taken]) {
        assert_created(db.provision(&admin, &provision_request(draft(slug.as_str()))).await);
    }
    let found = check_slug(&db.engine, &taken, None).await.unwrap().suggestions;
    assert_eq!(found.len(), 3);
    for slug in &found {
        assert!(check_slug(&db.engine, slug, None).await.unwrap().available, "{slug}");
    }
}

#[tokio::test]
async fn the_database_and_the_domain_accept_the_same_slugs() {
    let db = TestDatabase::new().await;
    let mut texts: Vec<String> = RESERVED.iter().copied().map(str::to_owned).collect();
    let examples = "BAD SLUG|ab|abc|a-b|a--b|a-|-ab|1ab|a1|a1b|Abc|\u{e9}t\u{e9}|a b|a_b|xn--a|admins|tenantry-x|tenantry1|\
        ten-00000000|ten-0000001|ten-00000001|ten-000000001|ten-100000000|ten-00000001a|ten-12345678901234567890123456789|";
    texts.extend(examples.split('|').map(str::to_owned));
    texts.extend([38, 40, 41].map(|length| "a".repeat(length)));
    texts.extend((0..300).map(|_| {
        let length = rand::random_range(2..8);
        (0..length).map(|_| ['a', 'z', '0', '-', '-', 'A'][rand::random_range(0..6)]).collect()
    }));
    for text in texts {
        let available: bool = sqlx::query_scalar("SELECT available FROM check_slug_availability($1, '{}')")
            .bind(&text)
            .fetch_one(&db.pool)
            .await
            .unwrap();
        assert_eq!(available, Slug::parse(&text).is_ok(), "{text}");
    }
}

#[tokio::test]
async fn a_deleted_tenant_keeps_its_slug_and_a_purged_one_does_not() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await;
    let taken = check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap();
    assert!(!taken.available);
    let days = "SELECT (extract(epoch FROM deleted_at + interval '30 days') * 1000)::bigint FROM tenants";
    let restorable_until = taken.conflict.unwrap().restorable_until.unwrap();
    assert_eq!(restorable_until.0, db.number(days).await);
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL").await;
    assert!(check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap().available);
}

#[tokio::test]
async fn an_unavailable_email_names_the_reason() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db.run(
        "INSERT INTO users (id, email, email_canonical, name) VALUES
             ('00000000-0000-4000-8000-000000000001', 'a@example.com', 'a@example.com', 'Account'),
             ('00000000-0000-4000-8000-000000000002', 'e@example.com', 'e@example.com', 'Employee');
         INSERT INTO employees (id, kind, user_id, name, role)
             VALUES (gen_random_uuid(), 'person', '00000000-0000-4000-8000-000000000002', 'Employee', 'VIEWER')",
    )
    .await;
    let cases = [
        ("new@example.com", None, None),
        ("A@Example.com", Some(EmailReason::HasAccount), None),
        ("E@EXAMPLE.COM", Some(EmailReason::IsEmployee), None),
        ("olive@GOLDEN-SPOON.example.com", Some(EmailReason::OwnsTenant), Some("TEN-00000001")),
    ];
    for (address, reason, code) in cases {
        let found = check_email(&db.engine, &parse_email(address).unwrap()).await.unwrap();
        assert_eq!(found.available, reason.is_none(), "{address}");
        assert_eq!(found.reason, reason, "{address}");
        assert_eq!(found.conflict.map(|conflict| conflict.code).as_deref(), code, "{address}");
    }
}
