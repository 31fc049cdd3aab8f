//! The list of the audit log.

use domain::{
    Role,
    audit::{AuditFilter, AuditRecord},
    list_filter::ListFilter,
};
use engine::{
    access::{NewToken, create_token},
    audit::list_audit_entries,
    page::Limit,
};

use super::*;

const NONE: [i64; 0] = [];

/// All entries that a filter selects, in pages of `limit` entries.
async fn entries(db: &TestDatabase, filter: &AuditFilter, limit: &str) -> Vec<AuditRecord> {
    let mut filter = filter.clone();
    let mut entries = Vec::new();
    loop {
        let page = list_audit_entries(&db.engine, &filter, Limit::parse(limit).unwrap()).await.unwrap();
        entries.extend(page.rows);
        match page.next {
            Some(next) => filter = filter.at(next),
            None => return entries,
        }
    }
}

/// The IDs of the entries that a filter selects.
async fn ids(db: &TestDatabase, filter: AuditFilter) -> Vec<i64> {
    let all = entries(db, &filter, "200").await;
    let ids: Vec<_> = all.iter().map(|entry| entry.id).collect();
    let in_small_pages: Vec<_> = entries(db, &filter, "2").await.iter().map(|entry| entry.id).collect();
    assert_eq!(ids, in_small_pages, "{filter:?}");
    ids
}

fn search(q: &str) -> AuditFilter {
    AuditFilter { q: q.into(), ..AuditFilter::default() }
}

#[tokio::test]
async fn entries_are_listed_newest_first_with_their_subjects() {
    let (db, admin) = chained_log(5).await;
    let list = entries(&db, &AuditFilter::default(), "2").await;
    assert_eq!(list.iter().map(|entry| entry.id).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    let suspended = &list[1];
    assert_eq!((suspended.action.as_str(), &suspended.actor_name), ("tenant.suspended", &admin.name));
    assert_eq!(suspended.subject.name.as_deref(), Some("The golden-spoon company"));
    assert_eq!(suspended.subject.code.as_deref(), Some("TEN-00000001"));
    assert_eq!((suspended.position, suspended.chain_hash.as_ref().map(String::len)), (Some(4), Some(64)));
    assert_eq!(suspended.after.as_ref().unwrap()["reason"], "Invoice 3 is overdue");
}

#[tokio::test]
async fn filters_select_entries() {
    let (db, admin) = chained_log(4).await;
    let other = db.employee(Role::SuperAdmin).await;
    let new = NewToken { name: "ci", role: Role::Viewer, days: 1, scopes: None };
    create_token(&db.engine, &Actor::from(other.clone()), new).await.unwrap();
    let filter = AuditFilter::default;
    let actor = |id: uuid::Uuid| id.to_string();
    assert_eq!(ids(&db, AuditFilter { actor: actor(admin.id), ..filter() }).await, [4, 3, 2, 1]);
    assert_eq!(ids(&db, AuditFilter { actor: actor(other.id), ..filter() }).await, [5]);
    assert_eq!(ids(&db, AuditFilter { area: "team".into(), ..filter() }).await, [5]);
    let team = AuditFilter { area: "team".into(), actor: actor(admin.id), ..filter() };
    assert_eq!(ids(&db, team).await, NONE);
    let action = |action: &str| AuditFilter { action: action.into(), ..filter() };
    assert_eq!(ids(&db, action("tenant.suspended")).await, [4, 2]);
    assert_eq!(ids(&db, AuditFilter { area: "tenants".into(), ..action("tenant.suspended") }).await, [4, 2]);
    assert_eq!(ids(&db, AuditFilter { area: "team".into(), ..action("tenant.suspended") }).await, NONE);
    assert_eq!(ids(&db, action("tenant.teleported")).await, NONE);
    db.run(
        "ALTER TABLE audit_log DISABLE TRIGGER audit_log_append_only;
         UPDATE audit_log SET at = '2026-01-31T23:59:59Z' WHERE id = 2;
         UPDATE audit_log SET at = '2026-02-01T00:00:00Z' WHERE id = 3",
    )
    .await;
    let days = |from: &str, to: &str| AuditFilter { from: from.into(), to: to.into(), ..filter() };
    assert_eq!(ids(&db, days("2026-01-31", "2026-01-31")).await, [2]);
    assert_eq!(ids(&db, days("2026-01-01", "2026-02-01")).await, [3, 2]);
    assert_eq!(ids(&db, days("", "2026-02-01")).await, [3, 2]);
    assert_eq!(ids(&db, filter()).await, [5, 4, 1, 3, 2]);
    // A filter that is not valid selects nothing.
    assert_eq!(ids(&db, AuditFilter { area: "everything".into(), ..filter() }).await, NONE);
    assert_eq!(ids(&db, days("yesterday", "")).await, NONE);
}

#[tokio::test]
async fn a_search_finds_tenants_people_requests_and_entries() {
    let (db, admin) = chained_log(3).await;
    let other = db.admin().await;
    db.run(&format!("UPDATE employees SET name = 'Ádám Kiss' WHERE id = '{}'", other.id)).await;
    db.provision(&other, &provision_request(draft("green-house"))).await.unwrap();
    for (text, expected) in [
        ("golden", &[3, 2, 1][..]),
        ("TEN-00000001", &[3, 2, 1]),
        ("green-h", &[4]),
        ("ádám", &[4]),
        ("#2", &[2]),
        ("nothing", &[]),
        ("%", &[]),
    ] {
        assert_eq!(ids(&db, search(text)).await, expected, "{text}");
    }
    let request = db.text("SELECT id::text FROM provisioning_requests WHERE slug = 'green-house'").await;
    assert_eq!(ids(&db, search(&request)).await, [4]);
    assert_eq!(ids(&db, search(&admin.id.to_string())).await, [3, 2, 1]);
    let by_other = AuditFilter { actor: other.id.to_string(), ..search("golden") };
    assert_eq!(ids(&db, by_other).await, NONE);
}
