use std::time::{Duration, Instant};

use domain::{
    ErrorCode, Role,
    custom_domain::{CheckResult, DomainName, DomainStatus, TenantDomain},
    idempotency_key::IdempotencyKey,
    provisioning::Draft,
};
use engine::{
    Engine, Error,
    access::Actor,
    tenants::{
        DomainSettings, NewDomain, add_domain, delete_tenant, list_domains, remove_domain, verify_domain,
    },
};
use test_support::{
    fake_dns::FakeDns,
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::TestDatabase,
};
use uuid::Uuid;

use super::{SLUG, audited, new_tenant};

const OTHER: &str = "silver-spoon";
const BY: &Actor = &Actor::Operator;

/// An engine that asks the fake DNS server. `platform.example` belongs to the platform.
fn with_dns(db: &TestDatabase, dns: &FakeDns) -> Engine {
    let platform = vec![name("platform.example")];
    db.engine.clone().with_domains(DomainSettings { dns_server: Some(dns.address()), platform })
}

async fn provision_other(db: &TestDatabase) {
    let admin = db.admin().await;
    let other = Draft { owner_email: "other@example.com".into(), ..draft(OTHER) };
    assert_created(db.provision(&admin, &provision_request(other)).await);
}

fn name(text: &str) -> DomainName {
    DomainName::parse_ascii(text).unwrap()
}

fn new_domain(text: &str) -> NewDomain {
    NewDomain { domain: name(text), idempotency_key: None }
}

async fn add(engine: &Engine, tenant: &str, domain: &str) -> TenantDomain {
    add_domain(engine, BY, tenant, &new_domain(domain)).await.unwrap().0
}

async fn refused(engine: &Engine, tenant: &str, domain: &str, code: ErrorCode) -> String {
    let refused = add_domain(engine, BY, tenant, &new_domain(domain)).await;
    assert_error(refused, code).errors[0].rule.clone()
}

#[tokio::test]
async fn a_domain_is_verified_by_its_record_and_a_check_says_what_it_found() {
    let (db, admin, _) = new_tenant().await;
    let (dns, by) = (FakeDns::start().await, Actor::from(admin.clone()));
    let engine = with_dns(&db, &dns);
    let (added, _) = add_domain(&engine, &by, SLUG, &new_domain("shop.example.com")).await.unwrap();
    assert_eq!((added.status, &added.last_check), (DomainStatus::Pending, &None));
    let record = &added.record;
    assert_eq!((record.kind.as_str(), record.name.as_str()), ("TXT", "_tenantry-challenge.shop.example.com"));
    let check = async || {
        let domain = verify_domain(&engine, &by, SLUG, added.id).await.unwrap();
        let check = domain.last_check.unwrap();
        (domain.status, check.result, check.found, check.message)
    };

    let (status, result, _, message) = check().await;
    assert_eq!((status, result), (DomainStatus::Pending, CheckResult::NotFound));
    assert!(message.contains(&record.name) && message.contains(&record.value), "{message}");
    dns.set_txt(&record.name, &["v=spf1 -all", "other\u{7}"]);
    let (status, result, found, message) = check().await;
    assert_eq!((status, result), (DomainStatus::Pending, CheckResult::Mismatch));
    assert_eq!(found, ["v=spf1 -all", "other"]);
    assert!(message.contains("\"v=spf1 -all\", \"other\", and not \"tenantry-verification="), "{message}");
    dns.fail(&record.name);
    let (status, result, found, message) = check().await;
    assert_eq!((status, result, found.len()), (DomainStatus::Pending, CheckResult::DnsError, 0));
    assert!(message.contains("Server Failure"), "{message}");

    dns.set_txt(&record.name, &["v=spf1 -all", &record.value]);
    assert_eq!(check().await.1, CheckResult::Verified);
    // A verified domain does not need its record.
    dns.fail(&record.name);
    let (status, result, ..) = check().await;
    assert_eq!((status, result), (DomainStatus::Verified, CheckResult::Verified));
    for action in ["domain.added", "domain.verified"] {
        assert_eq!(audited(&db, action).await, [admin.name.as_str()], "{action}");
    }
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_dns_server_that_does_not_answer_is_reported_in_time() {
    let (db, ..) = new_tenant().await;
    let dns = FakeDns::start().await;
    let engine = with_dns(&db, &dns);
    let added = add(&engine, SLUG, "shop.example.com").await;
    dns.ignore(&added.record.name);
    let began = Instant::now();
    let checked = verify_domain(&engine, BY, SLUG, added.id).await.unwrap();
    assert_eq!(checked.last_check.unwrap().result, CheckResult::DnsError);
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_asks_dns_although_the_domain_was_claimed_when_the_check_began() {
    let (db, ..) = new_tenant().await;
    provision_other(&db).await;
    let dns = FakeDns::start().await;
    let engine = with_dns(&db, &dns);
    let (one, two) =
        (add(&engine, SLUG, "shop.example.com").await, add(&engine, OTHER, "shop.example.com").await);
    dns.set_txt(&one.record.name, &[&one.record.value]);
    verify_domain(&engine, BY, SLUG, one.id).await.unwrap();
    dns.set_txt(&two.record.name, &[&two.record.value]);
    // The claim of the first tenant ends while the check waits for the lock of its own tenant.
    let mut holder = db.pool.begin().await.unwrap();
    let lock = format!("SELECT FROM tenants WHERE slug = '{OTHER}' FOR UPDATE");
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock)).execute(&mut *holder).await.unwrap();
    let checking = tokio::spawn({
        let engine = engine.clone();
        async move { verify_domain(&engine, BY, OTHER, two.id).await }
    });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    remove_domain(&engine, BY, SLUG, one.id).await.unwrap();
    holder.commit().await.unwrap();
    let checked = checking.await.unwrap().unwrap();
    let result = checked.last_check.unwrap().result;
    assert_eq!((checked.status, result), (DomainStatus::Verified, CheckResult::Verified));
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_tenants_that_verify_a_domain_at_once_one_gets_it() {
    let (db, ..) = new_tenant().await;
    provision_other(&db).await;
    let dns = FakeDns::start().await;
    let engine = with_dns(&db, &dns);
    for round in 0..5 {
        let domain = format!("shop{round}.example.com");
        let (one, two) = (add(&engine, SLUG, &domain).await, add(&engine, OTHER, &domain).await);
        assert_ne!(one.record.value, two.record.value);
        dns.set_txt(&one.record.name, &[&one.record.value, &two.record.value]);
        let (first, second) =
            tokio::join!(verify_domain(&engine, BY, SLUG, one.id), verify_domain(&engine, BY, OTHER, two.id));
        let mut statuses = [first.unwrap().status, second.unwrap().status];
        statuses.sort_by_key(|status| status.as_str());
        assert_eq!(statuses, [DomainStatus::Refused, DomainStatus::Verified]);
    }
    assert_eq!(audited(&db, "domain.verified").await.len(), 5);
    assert_eq!(audited(&db, "domain.refused").await.len(), 5);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_claim_of_another_tenant_is_refused_until_the_domain_is_removed() {
    let (db, admin, _) = new_tenant().await;
    provision_other(&db).await;
    let dns = FakeDns::start().await;
    let engine = with_dns(&db, &dns);
    let (one, two) =
        (add(&engine, SLUG, "shop.example.com").await, add(&engine, OTHER, "shop.example.com").await);
    dns.set_txt(&one.record.name, &[&one.record.value]);
    verify_domain(&engine, BY, SLUG, one.id).await.unwrap();
    let [refused_claim] = &list_domains(&engine, OTHER).await.unwrap()[..] else { panic!("one domain") };
    let result = refused_claim.last_check.as_ref().unwrap().result;
    assert_eq!((refused_claim.status, result), (DomainStatus::Refused, CheckResult::Claimed));

    // The verified domain of a deleted tenant is taken until the purge.
    delete_tenant(&engine, BY, SLUG, SLUG).await.unwrap();
    dns.set_txt(&two.record.name, &[&two.record.value]);
    assert_eq!(verify_domain(&engine, BY, OTHER, two.id).await.unwrap().status, DomainStatus::Refused);
    remove_domain(&engine, BY, OTHER, two.id).await.unwrap();
    assert_eq!(refused(&engine, OTHER, "shop.example.com", ErrorCode::DuplicateKey).await, "taken");
    engine::tenants::restore_tenant(&engine, &Actor::from(admin), SLUG).await.unwrap();
    remove_domain(&engine, BY, SLUG, one.id).await.unwrap();
    let again = add(&engine, OTHER, "shop.example.com").await;
    assert_ne!(again.record.value, two.record.value);
    dns.set_txt(&again.record.name, &[&again.record.value]);
    assert_eq!(verify_domain(&engine, BY, OTHER, again.id).await.unwrap().status, DomainStatus::Verified);
    assert_error(verify_domain(&engine, BY, SLUG, one.id).await, ErrorCode::ResourceNotFound);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_domain_is_added_once_and_the_domains_of_the_platform_are_refused() {
    let (db, ..) = new_tenant().await;
    provision_other(&db).await;
    let dns = FakeDns::start().await;
    let engine = with_dns(&db, &dns);
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let new = NewDomain { idempotency_key: Some(key), ..new_domain("shop.example.com") };
    let (added, is_replay) = add_domain(&engine, BY, SLUG, &new).await.unwrap();
    assert!(!is_replay);
    assert_eq!(add_domain(&engine, BY, SLUG, &new).await.unwrap(), (added, true));
    let other = NewDomain { domain: name("other.example.com"), ..new.clone() };
    for (tenant, new) in [(SLUG, &other), (OTHER, &new)] {
        let reused: Result<_, Error> = add_domain(&engine, BY, tenant, new).await;
        assert_error(reused, ErrorCode::IdempotencyKeyReused);
    }
    assert_eq!(refused(&engine, SLUG, "shop.example.com", ErrorCode::DuplicateKey).await, "taken");
    for domain in ["platform.example", "shop.platform.example"] {
        assert_eq!(refused(&engine, SLUG, domain, ErrorCode::ValidationError).await, "platform");
    }
    add(&engine, SLUG, "notplatform.example").await;
    for number in 2..20 {
        add(&engine, SLUG, &format!("shop{number}.example.com")).await;
    }
    assert_eq!(
        refused(&engine, SLUG, "one-more.example", ErrorCode::InvalidTransition).await,
        "too_many_domains"
    );
    let viewer = Actor::from(db.employee(Role::Viewer).await);
    let id = list_domains(&engine, SLUG).await.unwrap()[0].id;
    let refused = [
        add_domain(&engine, &viewer, SLUG, &new_domain("a.example")).await.map(drop),
        verify_domain(&engine, &viewer, SLUG, id).await.map(drop),
        remove_domain(&engine, &viewer, SLUG, id).await,
    ];
    for refused in refused {
        assert_error(refused, ErrorCode::Forbidden);
    }
    // A domain is found in its tenant only.
    assert_error(remove_domain(&engine, BY, OTHER, id).await, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn a_repeated_call_does_not_add_a_removed_domain_again() {
    let (db, ..) = new_tenant().await;
    provision_other(&db).await;
    let engine = &db.engine;
    let key = IdempotencyKey::from_uuid(Uuid::new_v4()).unwrap();
    let new = NewDomain { idempotency_key: Some(key), ..new_domain("shop.example.com") };
    let (added, _) = add_domain(engine, BY, SLUG, &new).await.unwrap();
    remove_domain(engine, BY, SLUG, added.id).await.unwrap();
    assert_eq!(add_domain(engine, BY, SLUG, &new).await.unwrap(), (added.clone(), true));
    assert_eq!(list_domains(engine, SLUG).await.unwrap(), []);
    let other = NewDomain { domain: name("other.example.com"), ..new.clone() };
    assert_error(add_domain(engine, BY, SLUG, &other).await, ErrorCode::IdempotencyKeyReused);
    assert_eq!(audited(&db, "domain.added").await.len(), 1);

    // Another key adds the domain again, with another record.
    let again = add(engine, SLUG, "shop.example.com").await;
    assert_ne!((again.id, &again.record.value), (added.id, &added.record.value));
    assert_eq!(add_domain(engine, BY, SLUG, &new).await.unwrap(), (added, true));
    db.assert_invariants().await;
}
