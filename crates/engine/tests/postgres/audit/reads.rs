//! How many rows of a long log a page reads.

use domain::audit::{AuditFilter, audit_actions};
use engine::{audit::list_audit_entries, page::Limit};

use super::*;
use crate::row_reads::count_row_reads;

/// The number of entries of each of 12 employees.
const ENTRIES: usize = 5_000;

/// A log in which 12 employees with similar names have made many changes of every kind.
async fn long_log() -> TestDatabase {
    let db = TestDatabase::new().await;
    let actions = audit_actions().collect::<Vec<_>>().join(",");
    db.run(&format!(
        "INSERT INTO employees (id, kind, name, role)
         SELECT gen_random_uuid(), 'service', 'Busy person ' || n, 'ADMIN' FROM generate_series(1, 12) n;
         INSERT INTO audit_log (at, actor_id, actor_name, action, subject_kind, subject_id)
         SELECT now() - n * interval '1 min', e.id, e.name, (string_to_array('{actions}', ','))[1 + n % 60], 'tenant',
             gen_random_uuid()
         FROM employees e, generate_series(1, {ENTRIES}) n WHERE e.name LIKE 'Busy person %'"
    ))
    .await;
    db.run("VACUUM ANALYZE").await;
    db
}

#[tokio::test]
async fn a_search_for_people_with_many_entries_reads_few_rows() {
    let db = long_log().await;
    let id = db.text("SELECT id::text FROM employees WHERE name = 'Busy person 3'").await;
    for (filter, expected) in [
        (AuditFilter { q: "busy".into(), ..AuditFilter::default() }, 50),
        (AuditFilter { actor: id, ..AuditFilter::default() }, 50),
        (AuditFilter::default(), 50),
        (AuditFilter { q: "nobody".into(), ..AuditFilter::default() }, 0),
    ] {
        let mut found = 0;
        let reads = count_row_reads(&db, "audit_log", async |engine| {
            found = list_audit_entries(engine, &filter, Limit::default()).await.unwrap().rows.len();
        })
        .await;
        assert_eq!(found, expected, "{filter:?}");
        // The newest entries of each of 60 actions, and of each of 12 people.
        assert!(reads < 45_000, "{filter:?}: {reads}");
    }
}
