//! The registry: filters, search, orders, pages, and the record of one tenant.

use std::collections::BTreeSet;

use domain::{
    ErrorCode, Role, StepState, TenantStatus,
    invitation::InvitationStatus,
    plan::Quotas,
    provisioning::Draft,
    registry::{StatusCount, TenantFilter, TenantSort},
};
use engine::{
    access::Employee,
    page::Limit,
    tenants::{count_tenants, list_tenants, read_tenant, tenant_filter_problems},
};
use uuid::Uuid;

use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::TestDatabase,
};

/// Tenants to insert, without the rows that belong to them. `Fill::default()` inserts none.
#[derive(Clone, Copy, Default)]
pub(crate) struct Fill {
    /// The beginning of each slug and owner's address. A number follows.
    pub slug: &'static str,
    /// The beginning of each name. A number follows.
    pub name: &'static str,
    /// The status; by default, `active`.
    pub status: &'static str,
    /// The age of the newest tenant in minutes. Each further tenant is `step` minutes older.
    pub age: i32,
    pub step: i32,
    pub count: i32,
}

impl Fill {
    pub(crate) async fn insert(self, db: &TestDatabase, by: &Employee) {
        let Self { slug, name, age, step, count, .. } = self;
        let (by, status) = (by.id, if self.status.is_empty() { "active" } else { self.status });
        db.run(&format!(
            "WITH numbers AS MATERIALIZED (
                 SELECT n, gen_random_uuid() AS owner, gen_random_uuid() AS request,
                        now() - ({age} + n * {step}) * interval '1 min' AS at
                 FROM generate_series(0, {count} - 1) n),
             requests AS (
                 INSERT INTO provisioning_requests (id, employee_id, idempotency_key, status, payload, slug, name,
                     owner_email, code, created_at, finished_at)
                 SELECT request, '{by}', gen_random_uuid(), 'failed', '{{}}', 'x', 'x', 'x', 'TIMEOUT', at, at
                 FROM numbers),
             owners AS (
                 INSERT INTO users (id, email, email_canonical, name)
                 SELECT owner, '{slug}-' || n || '@owners.example', '{slug}-' || n || '@owners.example', 'Olive'
                 FROM numbers)
             INSERT INTO tenants (id, code, slug, name, status, plan, blueprint, commission_basis_points, owner_id,
                 owner_email, created_by, request_id, created_at, suspended_at, suspension_reason, deleted_at,
                 status_before_deletion)
             SELECT gen_random_uuid(), tenant_code(nextval('tenant_number_seq')), '{slug}-' || n, '{name} ' || n,
                 '{status}', (ARRAY['lite', 'pro', 'enterprise'])[1 + n % 3], 'standard', 0, owner,
                 '{slug}-' || n || '@owners.example', '{by}', request, at,
                 CASE '{status}' WHEN 'suspended' THEN at END, CASE '{status}' WHEN 'suspended' THEN 'a test' END,
                 CASE '{status}' WHEN 'deleted' THEN at END, CASE '{status}' WHEN 'deleted' THEN 'active' END
             FROM numbers ORDER BY n"
        ))
        .await;
    }
}

/// The slugs on all pages, with `limit` tenants on each page.
pub(crate) async fn all_slugs(db: &TestDatabase, filter: &TenantFilter, limit: &str) -> Vec<String> {
    let mut filter = filter.clone();
    let mut slugs = Vec::new();
    loop {
        let page = list_tenants(&db.engine, &filter, Limit::parse(limit).unwrap()).await.unwrap();
        slugs.extend(page.tenants.into_iter().map(|tenant| tenant.slug));
        match page.next {
            Some(next) => filter.after = next,
            None => return slugs,
        }
    }
}

fn search(q: &str) -> TenantFilter {
    TenantFilter { q: q.into(), ..TenantFilter::default() }
}

fn sorted(sort: TenantSort) -> TenantFilter {
    TenantFilter { sort: sort.to_string(), ..TenantFilter::default() }
}

#[tokio::test]
async fn pages_of_every_order_are_complete_and_without_duplicates_while_tenants_are_created() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    // Groups of tenants share the time of creation, the name or the status.
    for (slug, name, status) in [("a", "Golden", ""), ("b", "golden", ""), ("c", "Amber", "suspended")] {
        Fill { slug, name, status, age: 5, step: 1, count: 40 }.insert(&db, &admin).await;
    }
    let before: BTreeSet<Uuid> =
        sqlx::query_scalar("SELECT id FROM tenants").fetch_all(&db.pool).await.unwrap().into_iter().collect();
    for sort in TenantSort::ALL {
        let (mut filter, mut seen, mut page_number) = (sorted(*sort), Vec::new(), 0);
        loop {
            let page = list_tenants(&db.engine, &filter, Limit::parse("7").unwrap()).await.unwrap();
            seen.extend(page.tenants.into_iter().map(|tenant| tenant.id).filter(|id| before.contains(id)));
            page_number += 1;
            assert_created(
                db.provision(&admin, &provision_request(draft(&format!("new-{sort}-{page_number}")))).await,
            );
            match page.next {
                Some(next) => filter.after = next,
                None => break,
            }
        }
        assert_eq!((seen.len(), seen.into_iter().collect::<BTreeSet<_>>()), (120, before.clone()), "{sort}");
    }
}

#[tokio::test]
async fn tenants_are_listed_by_time_name_or_status() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for (slug, name, status, age) in [
        ("new", "bread", "suspended", 1),
        ("mid", "Apple", "active", 2),
        ("old", "apple", "deleted", 3),
        ("oldest", "Cake", "active", 4),
    ] {
        Fill { slug, name, status, age, step: 1, count: 1 }.insert(&db, &admin).await;
    }
    // Equal names are ordered by ID.
    let mut apples: Vec<String> =
        sqlx::query_scalar("SELECT slug FROM tenants WHERE lower(name) = 'apple 0' ORDER BY id")
            .fetch_all(&db.pool)
            .await
            .unwrap();
    apples.extend(["new-0".into(), "oldest-0".into()]);
    for (sort, expected) in [
        (TenantSort::Created, vec!["new-0", "mid-0", "old-0", "oldest-0"]),
        (TenantSort::Name, apples.iter().map(String::as_str).collect()),
        (TenantSort::Status, vec!["mid-0", "oldest-0", "old-0", "new-0"]),
    ] {
        assert_eq!(all_slugs(&db, &sorted(sort), "1").await, expected, "{sort}");
    }
}

#[tokio::test]
async fn a_search_lists_every_match_in_every_order_however_old() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let fill = Fill { name: "Kite", step: 1, ..Fill::default() };
    for fill in [
        Fill { slug: "golden", age: 1, count: 3, ..fill },
        Fill { slug: "other", age: 10, count: 1_500, ..fill },
        Fill { slug: "golden-old", status: "suspended", age: 20_000, step: 3_000, count: 12, ..fill },
        Fill { slug: "silver", name: "Golden", status: "deleted", age: 30_000, step: 40, count: 12 },
    ] {
        fill.insert(&db, &admin).await;
    }
    for (sort, order) in [
        (TenantSort::Created, "created_at DESC, id DESC"),
        (TenantSort::Name, "lower(name) COLLATE \"C\", id"),
        (TenantSort::Status, "status, created_at DESC, id DESC"),
    ] {
        for condition in ["true", "status = 'suspended'", "plan = 'pro'"] {
            let expected: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
                "SELECT slug FROM tenants WHERE concat_ws(' ', slug, lower(name)) ~ '^golden| golden' AND {condition}
                 ORDER BY {order}"
            )))
            .fetch_all(&db.pool)
            .await
            .unwrap();
            let mut filter = TenantFilter { q: " GOLDEN".into(), ..sorted(sort) };
            match condition.split('\'').nth(1) {
                Some(status @ "suspended") => filter.status = status.into(),
                Some(plan) => filter.plan = plan.into(),
                None => {}
            }
            assert_eq!(all_slugs(&db, &filter, "5").await, expected, "{sort} {condition}");
        }
    }
}

#[tokio::test]
async fn a_search_with_very_many_matches_is_in_the_order_by_name() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let fill = Fill { age: 1, step: 1, ..Fill::default() };
    Fill { slug: "other", name: "Amber", count: 1_500, ..fill }.insert(&db, &admin).await;
    for (slug, name, count) in [("golden", "Kite", 12_000), ("go", "Jar", 8_500), ("gnu", "Ink", 1)] {
        Fill { slug, name, count, ..fill }.insert(&db, &admin).await;
    }
    for (q, pages) in [("g", 2), ("go", 2), ("golden", 2), ("go-", usize::MAX)] {
        let mut filter = TenantFilter { q: q.into(), ..sorted(TenantSort::Name) };
        let mut expected: Vec<String> = sqlx::query_scalar(
            r#"SELECT slug FROM tenants WHERE starts_with(slug, $1) ORDER BY lower(name) COLLATE "C", id"#,
        )
        .bind(q)
        .fetch_all(&db.pool)
        .await
        .unwrap();
        expected.truncate(pages.saturating_mul(200));
        let mut slugs = Vec::new();
        while slugs.len() < expected.len() {
            let page = list_tenants(&db.engine, &filter, Limit::parse("200").unwrap()).await.unwrap();
            slugs.extend(page.tenants.into_iter().map(|tenant| tenant.slug));
            filter.after = page.next.unwrap_or_default();
        }
        assert_eq!(slugs, expected, "{q}");
    }
}

#[tokio::test]
async fn search_matches_the_start_of_name_slug_and_address_and_complete_codes_and_ids() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let golden = Draft { name: "Café Zürich".into(), external_id: "crm-7".into(), ..draft("golden-spoon") };
    let golden = assert_created(db.provision(&admin, &provision_request(golden)).await);
    assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let id = golden.tenant.id.to_string().to_uppercase();
    for q in ["golden", "CAFÉ Z", "Cafe\u{301} zu\u{308}", "Olive@golden", " ten-00000001 ", "crm-7", &id] {
        assert_eq!(all_slugs(&db, &search(q), "50").await, ["golden-spoon"], "{q}");
    }
    for q in ["spoon", "%", "_", "g%", "'", "\\", "TEN-0000000", "crm", &"x".repeat(10_000)] {
        assert!(all_slugs(&db, &search(q), "50").await.is_empty(), "{q}");
    }
}

#[tokio::test]
async fn a_search_finds_the_current_address_of_the_owner() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("golden-spoon"))).await);
    db.run("UPDATE users SET email = 'Nora@new.example', email_canonical = 'nora@new.example'").await;
    assert_eq!(all_slugs(&db, &search("nora@new"), "50").await, ["golden-spoon"]);
    assert!(all_slugs(&db, &search("olive@"), "50").await.is_empty());
    Fill { slug: "silver", name: "Silver", age: 1, step: 1, count: 1, ..Fill::default() }
        .insert(&db, &admin)
        .await;
    db.run(
        "UPDATE tenants SET owner_id = (SELECT id FROM users WHERE email LIKE 'silver%') WHERE slug = 'golden-spoon'",
    )
    .await;
    assert_eq!(all_slugs(&db, &search("silver-0@owners"), "50").await.len(), 2);
    // A server of an earlier version inserts no address.
    db.run(
        "ALTER TABLE tenants DISABLE TRIGGER tenants_guard_status;
         UPDATE tenants SET owner_id = NULL, status = 'provisioning' WHERE slug = 'silver-0'",
    )
    .await;
    assert_eq!(all_slugs(&db, &search("silver-0@owners"), "50").await, ["golden-spoon"]);
}

#[tokio::test]
async fn a_search_finds_the_tenants_of_a_member_by_the_complete_address() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    for slug in ["golden-spoon", "silver-spoon", "green-house"] {
        assert_created(db.provision(&admin, &provision_request(draft(slug))).await);
    }
    db.run(
        "WITH member AS (
             INSERT INTO users (id, email, email_canonical, name, created_by_request)
             SELECT gen_random_uuid(), 'Nora@new.example', 'nora@new.example', 'Nora', request_id FROM tenants
             WHERE slug = 'golden-spoon' RETURNING id)
         INSERT INTO memberships (tenant_id, user_id, role) SELECT t.id, member.id, 'member' FROM tenants t, member
         WHERE slug LIKE '%-spoon'",
    )
    .await;
    assert_eq!(all_slugs(&db, &search("NORA@new.example"), "1").await, ["silver-spoon", "golden-spoon"]);
    assert!(all_slugs(&db, &search("nora@new"), "50").await.is_empty());
}

#[tokio::test]
async fn filters_narrow_the_registry_and_invalid_filters_find_nothing() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let fill = Fill { name: "Kite", step: 1, count: 3, ..Fill::default() };
    Fill { slug: "one", age: 1, ..fill }.insert(&db, &admin).await;
    Fill { slug: "two", age: 10, status: "deleted", ..fill }.insert(&db, &admin).await;
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL WHERE slug = 'two-2'").await;
    let all = TenantFilter::default;
    let cases: [(TenantFilter, &[&str]); 7] = [
        (all(), &["one-0", "one-1", "one-2", "two-0", "two-1"]),
        (TenantFilter { status: "deleted".into(), ..all() }, &["two-0", "two-1"]),
        (TenantFilter { plan: "pro".into(), ..all() }, &["one-1", "two-1"]),
        (TenantFilter { plan: "pro".into(), status: "active".into(), q: "kite".into(), ..all() }, &["one-1"]),
        (TenantFilter { status: "invalid".into(), ..all() }, &[]),
        (TenantFilter { plan: "No name".into(), ..all() }, &[]),
        (TenantFilter { sort: "invalid".into(), ..all() }, &[]),
    ];
    for (filter, slugs) in cases {
        assert_eq!(all_slugs(&db, &filter, "50").await, slugs, "{filter:?}");
    }
    let invalid = |sort: &str, after: &str| {
        let filter = TenantFilter { sort: sort.into(), after: after.into(), ..all() };
        tenant_filter_problems(&filter).into_iter().map(|problem| problem.field).collect::<Vec<_>>()
    };
    let cursor = format!("5.{}", Uuid::nil());
    assert_eq!(invalid("", &cursor), [""; 0]);
    assert_eq!(invalid("name", &cursor), ["after"]);
    assert_eq!(invalid("invalid", &cursor), ["sort"]);
}

#[tokio::test]
async fn the_tenants_of_each_status_are_counted_up_to_ten_thousand() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let fill = Fill { name: "Kite", age: 1, step: 1, ..Fill::default() };
    Fill { slug: "many", count: 10_005, ..fill }.insert(&db, &admin).await;
    Fill { slug: "few", status: "suspended", count: 4, ..fill }.insert(&db, &admin).await;
    let counts = async |plan: &str| {
        let filter = TenantFilter { plan: plan.into(), ..TenantFilter::default() };
        let counts = count_tenants(&db.engine, &filter).await.unwrap();
        assert_eq!(counts.len(), TenantStatus::ALL.len());
        counts.into_iter().filter(|count| count.count > 0).collect::<Vec<_>>()
    };
    let count = |status, count| StatusCount { status, count };
    let (active, suspended) = (TenantStatus::Active, TenantStatus::Suspended);
    assert_eq!(counts("").await, [count(active, StatusCount::MAX), count(suspended, 4)]);
    assert_eq!(counts("lite").await, [count(active, 3_335), count(suspended, 2)]);
}

#[tokio::test]
async fn the_record_of_a_tenant_has_everything_that_belongs_to_it() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let draft = Draft {
        plan: "pro".into(),
        commission: "12.5".into(),
        short_name: "Golden".into(),
        ..draft("golden-spoon")
    };
    let created = assert_created(db.provision(&admin, &provision_request(draft)).await);
    db.run(
        "UPDATE tenants SET quota_overrides = '{\"maxUsers\": null, \"maxStorageGb\": 15}';
         INSERT INTO tenant_resources (tenant_id, kind, external_reference, url)
         SELECT id, 'database', 'ten-00000001', 'https://golden.example' FROM tenants",
    )
    .await;
    let record = read_tenant(&db.engine, "golden-spoon").await.unwrap();
    for reference in [created.tenant.id.to_string(), "ten-00000001".into()] {
        assert_eq!(read_tenant(&db.engine, &reference).await.unwrap(), record, "{reference}");
    }
    assert_eq!((record.id, record.request_id), (created.tenant.id, created.request_id));
    assert_eq!((record.plan.as_str(), record.short_name.as_deref()), ("pro", Some("Golden")));
    assert_eq!(record.commission_percent.to_string(), "12.5%");
    let quotas = Quotas { max_users: None, max_monthly_quotes: Some(1_000), max_storage_gb: Some(15) };
    assert_eq!(record.quotas, quotas);
    assert_eq!((record.created_by.as_str(), record.usage[0].used, record.key_count), ("Test ADMIN", 1, 1));
    assert_eq!((record.settings.currency.as_str(), record.branding.theme.as_str()), ("USD", "slate"));
    assert_eq!(record.segments.iter().map(|segment| segment.slug.as_str()).collect::<Vec<_>>(), ["general"]);
    let packages: Vec<_> = record.packages.iter().map(|p| (p.slug.as_str(), p.segment.as_str())).collect();
    let expected = ["basic-package", "standard-package", "premium-package"].map(|slug| (slug, "general"));
    assert_eq!(packages, expected);
    assert_eq!(record.resources[0].url.as_deref(), Some("https://golden.example"));
    assert_eq!(record.pipeline.as_ref().unwrap().steps.len(), 7);

    let owner = record.owner.clone().unwrap();
    assert_eq!(owner.invitation, Some(InvitationStatus::Pending));
    assert!(owner.invitation_expires_at.is_some());
    let owner = record.clone().for_role(Role::Viewer).owner.unwrap();
    assert_eq!((owner.invitation, owner.invitation_expires_at), (None, None));

    db.run("UPDATE tenants SET status = 'deleted', deleted_at = now()").await;
    assert_eq!(read_tenant(&db.engine, "golden-spoon").await.unwrap().status, TenantStatus::Deleted);
    db.run("UPDATE tenants SET purged_at = now(), owner_id = NULL").await;
    for reference in ["golden-spoon", "TEN-00000001", "unknown", "?"] {
        assert_error(read_tenant(&db.engine, reference).await, ErrorCode::TenantNotFound);
    }
}

#[tokio::test]
async fn the_record_of_a_tenant_without_an_owner_has_a_blocked_pipeline() {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let mut request =
        provision_request(Draft { owner_name: String::new(), owner_email: String::new(), ..draft("a-slug") });
    request.has_owner = false;
    assert_created(db.provision(&admin, &request).await);
    let record = read_tenant(&db.engine, "a-slug").await.unwrap();
    assert_eq!((record.owner, record.usage[0].used), (None, 0));
    let state = record.pipeline.unwrap().state;
    assert!(matches!(state, StepState::Blocked | StepState::Skipped), "{state}");
    let listed = list_tenants(&db.engine, &TenantFilter::default(), Limit::default()).await.unwrap();
    assert_eq!((listed.tenants[0].owner.as_ref(), listed.tenants[0].pipeline_state), (None, Some(state)));
}
