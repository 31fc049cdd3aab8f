//! The search for members of a tenant, by the start of a name or an address.

use domain::member::{MemberRole, NewMember};
use engine::{
    access::idn_to_ascii,
    tenants::{TenantCaller, invite_member, search_members},
};
use test_support::test_database::{ORIGIN, TestDatabase};

use super::{SLUG, invite, join, tenant_with_owner};
use crate::row_reads::count_row_reads;

async fn found(db: &TestDatabase, by: &TenantCaller, text: &str) -> Vec<String> {
    let found = search_members(&db.engine, by, text).await.unwrap();
    found.members.into_iter().map(|member| member.name).collect()
}

#[tokio::test]
async fn a_search_finds_the_start_of_a_name_or_an_address_in_any_case() {
    let (db, owner) = tenant_with_owner().await;
    let max = join(&db, &owner, "Max", MemberRole::Member).await;
    invite(&db, &owner, "Maya", MemberRole::Admin).await.unwrap();
    for (text, expected) in [
        ("ma", &["Max", "Maya"][..]),
        (" MAX ", &["Max"]),
        ("maya@EXAMPLE", &["Maya"]),
        ("olive", &["Olive Owner"]),
        ("ax", &[]),
        ("owner", &[]),
        ("%", &[]),
        ("ma\0", &["Max", "Maya"]),
    ] {
        assert_eq!(found(&db, &owner, text).await, expected, "{text}");
        assert_eq!(found(&db, &max, text).await, expected, "{text}");
    }
}

#[tokio::test]
async fn until_a_person_joins_only_the_name_of_the_invitation_is_found() {
    let (db, owner) = tenant_with_owner().await;
    db.run(
        "INSERT INTO users (id, email, email_canonical, name)
         VALUES (gen_random_uuid(), 'max@example.com', 'max@example.com', 'Maximilian Secret')",
    )
    .await;
    let invited = NewMember::parse("Partner", "MAX@example.com", "member", idn_to_ascii).unwrap();
    let link = invite_member(&db.engine, &owner, &invited, None, ORIGIN).await.unwrap();
    assert_eq!(found(&db, &owner, "partner").await, ["Partner"]);
    assert_eq!(found(&db, &owner, "max@").await, ["Partner"]);
    assert_eq!(found(&db, &owner, "maximilian").await, [""; 0]);

    super::accept(&db, &link.invitation_url.unwrap()).await;
    assert_eq!(found(&db, &owner, "maximilian").await, ["Maximilian Secret"]);
    assert_eq!(found(&db, &owner, "partner").await, [""; 0]);
}

/// Adds members to the tenant, and as many accounts that are members of no tenant.
async fn add_members(db: &TestDatabase, count: u32) {
    db.run(&format!(
        "WITH account AS (
             INSERT INTO users (id, email, email_canonical, name)
             SELECT gen_random_uuid(), kind || n || '@example.net', kind || n || '@example.net',
                 (ARRAY['Ada', 'Lena', 'Noor', 'Tom'])[1 + n % 4] || ' ' || md5(n::text)
             FROM generate_series(1, {count}) n, unnest(ARRAY['member', 'stranger']) kind RETURNING id, email)
         INSERT INTO memberships (tenant_id, user_id, role, joined_at)
         SELECT t.id, account.id, 'member', now() FROM account, tenants t
         WHERE t.slug = '{SLUG}' AND account.email LIKE 'member%'"
    ))
    .await;
    db.run("VACUUM ANALYZE").await;
}

#[tokio::test]
async fn a_search_with_many_matches_shows_50_and_says_that_there_are_more() {
    let (db, owner) = tenant_with_owner().await;
    add_members(&db, 204).await;
    let many = search_members(&db.engine, &owner, "ada").await.unwrap();
    assert_eq!((many.members.len(), many.has_more), (50, true));
    assert!(many.members.is_sorted_by(|a, b| a.name <= b.name));
    let few = search_members(&db.engine, &owner, "stranger").await.unwrap();
    assert_eq!((few.members.len(), few.has_more), (0, false));
}

#[tokio::test]
async fn a_search_in_a_large_tenant_reads_few_rows() {
    let (db, owner) = tenant_with_owner().await;
    add_members(&db, 20_000).await;
    for (text, matches) in [("ada", 50), ("member1999", 11), ("tom ffff", 0), ("nobody", 0)] {
        for table in ["users", "memberships"] {
            let reads = count_row_reads(&db, table, async |engine| {
                // From the sixth execution on, PostgreSQL may use a plan for a tenant of average size.
                for _ in 0..8 {
                    let found = search_members(engine, &owner, text).await.unwrap();
                    assert_eq!(found.members.len(), matches, "{text}");
                }
            })
            .await;
            assert!(reads < 8 * 1_000, "{text}: {reads} rows of {table}");
        }
    }
}
