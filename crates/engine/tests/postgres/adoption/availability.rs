use domain::{ErrorCode, error::EmailReason, lifecycle::TenantChanges, slug::Slug};
use engine::{
    access::{Actor, parse_email},
    adoption::{AdoptionError, AdoptionOptions},
    provisioning::{check_email, check_slug},
    tenants::{NewOwner, Precondition, set_owner, update_tenant},
};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{adopt_all, both, content, run};

fn slug(text: &str) -> Slug {
    Slug::parse(text).unwrap()
}

#[tokio::test]
async fn a_slug_of_the_earlier_system_is_taken_at_once() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    let free = provision_request(draft("golden-spoon"));
    assert!(check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap().available);

    let mara = earlier.create_account("mara@example.org", "Mara Vogel").await;
    earlier.provision(mara, "Golden Spoon Ltd", "Golden-Spoon").await;
    earlier.provision(mara, "Two", "golden-spoon-2").await;
    earlier.run("INSERT INTO auto_provisioning VALUES (gen_random_uuid(), NULL, 'Half', 'half-done')").await;

    let taken = check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap();
    assert!(!taken.available && taken.conflict.is_none(), "{taken:?}");
    assert_eq!(taken.earlier_tenant.as_deref(), Some("Golden Spoon Ltd"));
    assert_eq!(taken.suggestions.len(), 3);
    assert_eq!(taken.suggestions[0].as_str(), "golden-spoon-io");
    let problem = assert_error(db.provision(&admin, &free).await, ErrorCode::DuplicateSlug);
    assert_eq!(problem.earlier_tenant.as_deref(), Some("Golden Spoon Ltd"));
    assert_eq!(
        problem.detail(),
        "The slug golden-spoon is already used by Golden Spoon Ltd in the earlier system."
    );
    assert_eq!(problem.suggestions[..2], taken.suggestions[..2]);
    assert_eq!(
        db.text("SELECT problem ->> 'earlierTenant' FROM provisioning_requests").await,
        "Golden Spoon Ltd"
    );
    let half = provision_request(draft("half-done"));
    assert_error(db.provision(&admin, &half).await, ErrorCode::DuplicateSlug);
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon-io"))).await);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_address_of_the_earlier_system_is_taken_at_once() {
    let (db, earlier) = both().await;
    let admin = db.admin().await;
    earlier.create_account("Olive@Golden-Spoon.example.com", "Olive").await;
    let email = parse_email("olive@golden-spoon.example.com").unwrap();
    let found = check_email(&db.engine, &email).await.unwrap();
    assert_eq!((found.available, found.reason), (false, Some(EmailReason::InEarlierSystem)));
    let request = provision_request(draft("golden-spoon"));
    let problem = assert_error(db.provision(&admin, &request).await, ErrorCode::EmailUnavailable);
    assert_eq!(problem.email_reason, Some(EmailReason::InEarlierSystem));
    assert_eq!(
        problem.detail(),
        "olive@golden-spoon.example.com already has an account in the earlier system."
    );
}

/// The tables may be created, changed and dropped while the servers run.
#[tokio::test]
async fn availability_follows_the_creation_and_removal_of_the_earlier_tables() {
    let (db, earlier) = both().await;
    let is_available = async || check_slug(&db.engine, &slug("golden-spoon"), None).await.unwrap().available;
    for _ in 0..3 {
        earlier.create_tenant("golden-spoon").await;
        assert!(!is_available().await);
        earlier.run("DROP TABLE tenants, auto_provisioning, profiles, employees; DROP SCHEMA auth CASCADE; DROP FUNCTION touch, provision_tenant(uuid, text, text, text, text), provision_tenant(uuid, text)").await;
        assert!(is_available().await);
        test_support::earlier_system::EarlierSystem::install(db.options()).await;
        assert!(is_available().await);
    }
}

/// Other programs may have tables of the same names.
#[tokio::test]
async fn tables_with_the_same_names_and_other_columns_do_not_matter() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (index, tables) in [
        "CREATE TABLE public.tenants (id bigint, slug text, name text)",
        "CREATE TABLE public.auto_provisioning (id bigint)",
        "CREATE SCHEMA auth; CREATE TABLE auth.users (name text)",
        "ALTER TABLE public.auto_provisioning ADD tenant_id bigint, ADD restaurant_slug text, ADD restaurant_name text",
    ]
    .into_iter()
    .enumerate()
    {
        db.run(tables).await;
        assert_created(db.provision(&admin, &provision_request(draft(&format!("tenant-{index}")))).await);
    }
}

#[tokio::test]
async fn a_tenant_cannot_be_renamed_to_a_slug_of_the_earlier_system_except_its_own() {
    let (db, earlier) = both().await;
    earlier.create_tenant("golden-spoon").await;
    earlier.create_tenant("blue-heron").await;
    // Only the first tenant is adopted, because the second one has no valid slug for a moment.
    earlier.run("UPDATE tenants SET slug = '-' WHERE slug = 'blue-heron'").await;
    adopt_all(&db).await;
    earlier.run("UPDATE tenants SET slug = 'blue-heron' WHERE slug = '-'").await;
    let rename = async |slug: &str, to: &str| {
        let changes = TenantChanges { slug: Some(Slug::parse(to).unwrap()), ..TenantChanges::default() };
        update_tenant(&db.engine, &Actor::Operator, slug, &Precondition::Any, &changes).await
    };
    let problem = assert_error(rename("golden-spoon", "blue-heron").await, ErrorCode::DuplicateSlug);
    assert_eq!(problem.earlier_tenant.as_deref(), Some("Restaurant blue-heron"));
    assert_eq!(problem.suggestions.len(), 3);
    rename("golden-spoon", "silver-spoon").await.unwrap();
    rename("silver-spoon", "golden-spoon").await.unwrap();
}

#[tokio::test]
async fn an_account_of_the_earlier_system_can_be_named_as_owner_explicitly() {
    let (db, earlier) = both().await;
    earlier.run("INSERT INTO tenants (name, slug) VALUES ('Golden Spoon', 'golden-spoon')").await;
    let report = adopt_all(&db).await;
    assert_eq!(report.adopted[0].status, "pending_activation");
    earlier.create_account("mara@example.org", "Mara Vogel").await;
    let name_owner = async |use_existing_account| {
        let email = parse_email("mara@example.org").unwrap();
        let owner = NewOwner { name: "Mara Vogel".into(), email, use_existing_account };
        set_owner(&db.engine, &Actor::Operator, "golden-spoon", &owner, ORIGIN).await
    };
    let problem = assert_error(name_owner(false).await, ErrorCode::EmailUnavailable);
    assert_eq!(problem.email_reason, Some(EmailReason::InEarlierSystem));
    name_owner(true).await.unwrap();
    assert_eq!(db.text("SELECT status FROM tenants").await, "active");
    db.assert_invariants().await;
}

#[tokio::test]
async fn adopting_without_the_earlier_system_is_refused_and_changes_nothing() {
    let db = TestDatabase::new().await;
    let before = content(&db).await;
    let refused = run(&db, AdoptionOptions::default()).await;
    assert!(matches!(refused, Err(AdoptionError::Missing(_))), "{refused:?}");
    assert!(content(&db).await == before);
}
