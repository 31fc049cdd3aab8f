//! The members of a tenant: invitations, roles, and the owner who always remains.

mod concurrency;
mod search;

use domain::{
    ErrorCode, Role,
    field::Parsed,
    invitation::InvitationStatus,
    member::{MemberRole, NewMember, TenantMember},
    password::Password,
    paths::RequestKind,
    settings::TenantSettings,
};
use engine::{
    Error,
    access::{
        Account, InvitationLink, NewEmployee, Person, accept_invitation, create_employee, find_invitation,
        find_session, idn_to_ascii, join_tenant, sign_in,
    },
    page::PageRequest,
    tenants::{
        InvitedMember, NewKey, Precondition, TenantCaller, change_member_role, create_key, find_settings,
        invite_member, list_keys, list_members, list_memberships, remove_member, replace_settings,
        resend_invitation, revoke_invitation, transfer_ownership,
    },
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;
use uuid::Uuid;

use super::{SLUG, audited, new_tenant};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

const PASSWORD: &str = "copper lantern walks the harbour";

fn token(url: &str) -> String {
    url.strip_prefix(&format!("{ORIGIN}/invitation/")).unwrap().to_owned()
}

/// Accepts an invitation with the first password of the account.
async fn accept(db: &TestDatabase, url: &str) -> Account {
    let password = Password::parse(PASSWORD, &[]).unwrap();
    let session = accept_invitation(&db.engine, &token(url), &password, ORIGIN).await.unwrap();
    let person = find_session(&db.engine, session.expose_secret(), RequestKind::User).await.unwrap();
    match person {
        Some(Person::Account(account)) => account,
        other => panic!("not an account: {other:?}"),
    }
}

/// A tenant whose owner has joined it.
async fn tenant_with_owner() -> (TestDatabase, TenantCaller) {
    let (db, _, provisioned) = new_tenant().await;
    let owner = accept(&db, &provisioned.owner.unwrap().invitation_url.unwrap()).await;
    (db, member(&owner))
}

fn member(account: &Account) -> TenantCaller {
    TenantCaller::Member { account: account.clone(), tenant: SLUG.into() }
}

fn account_of(caller: &TenantCaller) -> Account {
    match caller {
        TenantCaller::Member { account, .. } => account.clone(),
        _ => panic!("not a member"),
    }
}

fn person(name: &str, role: MemberRole) -> NewMember {
    let email = format!("{name}@example.com");
    NewMember::parse(name, &email, role.as_str(), idn_to_ascii).unwrap()
}

async fn invite(
    db: &TestDatabase,
    by: &TenantCaller,
    name: &str,
    role: MemberRole,
) -> Result<InvitedMember, Error> {
    invite_member(&db.engine, by, &person(name, role), None, ORIGIN).await
}

/// Invites a person, who joins the tenant.
async fn join(db: &TestDatabase, by: &TenantCaller, name: &str, role: MemberRole) -> TenantCaller {
    let invited = invite(db, by, name, role).await.unwrap();
    member(&accept(db, &invited.invitation_url.unwrap()).await)
}

async fn members(db: &TestDatabase, by: &TenantCaller) -> Vec<TenantMember> {
    list_members(&db.engine, by, PageRequest::default()).await.unwrap().rows
}

/// The names and roles of the members who have joined, in the order in which they were invited.
async fn roles(db: &TestDatabase) -> String {
    db.text(
        "SELECT string_agg(u.name || ' ' || m.role, ', ' ORDER BY m.created_at) FROM memberships m
         JOIN users u ON u.id = m.user_id WHERE m.joined_at IS NOT NULL",
    )
    .await
}

#[tokio::test]
async fn an_invited_person_chooses_a_password_and_is_a_member_with_the_role() {
    let (db, owner) = tenant_with_owner().await;
    let invited = invite(&db, &owner, "Max", MemberRole::Member).await.unwrap();
    assert_eq!((invited.member.status, invited.member.joined_at), (InvitationStatus::Pending, None));
    let link = invited.invitation_url.unwrap();
    let found = find_invitation(&db.engine, &token(&link)).await.unwrap();
    assert!(matches!(found, InvitationLink::Open(open) if open.email == "Max@example.com"));

    let max = member(&accept(&db, &link).await);
    assert_eq!(roles(&db).await, "Olive Owner owner, Max member");
    let listed = members(&db, &max).await;
    assert_eq!((listed[0].name.as_str(), listed[0].status), ("Max", InvitationStatus::Accepted));
    // The address is the same in any letter case.
    sign_in(&db.engine, "MAX@Example.COM", PASSWORD, "192.0.2.1").await.unwrap();
    assert_eq!(audited(&db, "member.invited").await, ["Olive Owner"]);
    assert_eq!(audited(&db, "member.joined").await, ["Max"]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_member_reads_settings_but_changes_nothing_and_sees_no_keys() {
    let (db, owner) = tenant_with_owner().await;
    let max = join(&db, &owner, "Max", MemberRole::Member).await;
    let settings = find_settings(&db.engine, &max).await.unwrap().value;
    let new = TenantSettings { company_name: "Silver Spoon".into(), ..settings };
    let change = async |by: &TenantCaller| {
        replace_settings(
            &db.engine,
            by,
            &Precondition::Any,
            Parsed { value: Some(new.clone()), problems: Vec::new() },
        )
        .await
        .map(drop)
    };
    assert_error(change(&max).await, ErrorCode::Forbidden);
    assert_error(list_keys(&db.engine, &max, PageRequest::default()).await, ErrorCode::Forbidden);
    let key = NewKey { name: "Shop".into(), idempotency_key: None };
    assert_error(create_key(&db.engine, &max, &key).await, ErrorCode::Forbidden);
    assert_error(invite(&db, &max, "Ida", MemberRole::Member).await, ErrorCode::Forbidden);
    let owner_id = account_of(&owner).id;
    for role in MemberRole::ALL {
        let changed = change_member_role(&db.engine, &max, owner_id, *role).await;
        assert_error(changed, ErrorCode::Forbidden);
    }
    assert_error(remove_member(&db.engine, &max, owner_id).await, ErrorCode::Forbidden);

    let ada = join(&db, &owner, "Ada", MemberRole::Admin).await;
    change(&ada).await.unwrap();
    create_key(&db.engine, &ada, &key).await.unwrap();
    assert_eq!(list_keys(&db.engine, &ada, PageRequest::default()).await.unwrap().rows.len(), 2);
    assert_eq!(audited(&db, "key.created").await, ["Ada"]);
}

#[tokio::test]
async fn an_admin_manages_admins_and_members_but_no_owners() {
    let (db, owner) = tenant_with_owner().await;
    let ada = join(&db, &owner, "Ada", MemberRole::Admin).await;
    assert_error(invite(&db, &ada, "Ida", MemberRole::Owner).await, ErrorCode::Forbidden);
    let ida = join(&db, &ada, "Ida", MemberRole::Member).await;
    let (owner_id, ida_id) = (account_of(&owner).id, account_of(&ida).id);
    change_member_role(&db.engine, &ada, ida_id, MemberRole::Admin).await.unwrap();
    let promoted = change_member_role(&db.engine, &ada, ida_id, MemberRole::Owner).await;
    assert_error(promoted, ErrorCode::Forbidden);
    let demoted = change_member_role(&db.engine, &ada, owner_id, MemberRole::Member).await;
    assert_error(demoted, ErrorCode::Forbidden);
    assert_error(remove_member(&db.engine, &ada, owner_id).await, ErrorCode::Forbidden);
    assert_error(transfer_ownership(&db.engine, &ada, ida_id).await, ErrorCode::Forbidden);
    remove_member(&db.engine, &ada, ida_id).await.unwrap();
    assert_eq!(roles(&db).await, "Olive Owner owner, Ada admin");
    assert_error(find_settings(&db.engine, &ida).await, ErrorCode::TenantNotFound);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_member_sends_five_invitations_to_an_address_in_an_hour() {
    let (db, owner) = tenant_with_owner().await;
    let stranger = TenantCaller::Member { account: account_of(&owner), tenant: "silver-spoon".into() };
    let admin = db.admin().await;
    assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    // A refused call does not count, so strangers cannot use up the limit of an address.
    for _ in 0..6 {
        assert_error(invite(&db, &stranger, "Max", MemberRole::Member).await, ErrorCode::TenantNotFound);
    }
    // Another account with the same address counts too.
    for _ in 0..2 {
        let max = invite(&db, &owner, "Max", MemberRole::Member).await.unwrap().member.id;
        resend_invitation(&db.engine, &owner, Some(max), ORIGIN).await.unwrap();
        remove_member(&db.engine, &owner, max).await.unwrap();
    }
    let max = invite(&db, &owner, "Max", MemberRole::Member).await.unwrap().member.id;
    let sixth = resend_invitation(&db.engine, &owner, Some(max), ORIGIN).await;
    assert!(assert_error(sixth, ErrorCode::RateLimited).retry_after.unwrap() > 3_500);
    remove_member(&db.engine, &owner, max).await.unwrap();
    assert_error(invite(&db, &owner, "Max", MemberRole::Member).await, ErrorCode::RateLimited);
    invite(&db, &owner, "Ida", MemberRole::Member).await.unwrap();
    invite(&db, &TenantCaller::actor(admin, SLUG), "Max", MemberRole::Member).await.unwrap();
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_members_of_a_tenant_see_no_other_tenant() {
    let (db, owner) = tenant_with_owner().await;
    let admin = db.employee(Role::Admin).await;
    assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let other = TenantCaller::Member { account: account_of(&owner), tenant: "silver-spoon".into() };
    let page = PageRequest::default();
    assert_error(find_settings(&db.engine, &other).await, ErrorCode::TenantNotFound);
    assert_error(list_members(&db.engine, &other, page).await, ErrorCode::TenantNotFound);
    assert_error(list_keys(&db.engine, &other, page).await, ErrorCode::TenantNotFound);
    assert_error(invite(&db, &other, "Max", MemberRole::Member).await, ErrorCode::TenantNotFound);
    let tenants = list_memberships(&db.engine, &account_of(&owner)).await.unwrap();
    assert_eq!(tenants.iter().map(|tenant| tenant.slug.as_str()).collect::<Vec<_>>(), [SLUG]);
}

#[tokio::test]
async fn the_last_owner_is_neither_removed_nor_demoted() {
    let (db, owner) = tenant_with_owner().await;
    let id = account_of(&owner).id;
    let assert_last = |result: Result<(), Error>| {
        let problem = assert_error(result, ErrorCode::InvalidTransition);
        assert_eq!(problem.errors[0].rule, "last_owner");
    };
    assert_last(remove_member(&db.engine, &owner, id).await);
    assert_last(change_member_role(&db.engine, &owner, id, MemberRole::Admin).await);
    // An invited owner who has not joined does not count.
    invite(&db, &owner, "Ida", MemberRole::Owner).await.unwrap();
    assert_last(remove_member(&db.engine, &owner, id).await);
    let ada = join(&db, &owner, "Ada", MemberRole::Owner).await;
    remove_member(&db.engine, &owner, id).await.unwrap();
    assert_eq!(roles(&db).await, "Ada owner");
    assert_eq!(db.text("SELECT owner_email FROM tenants").await, "ada@example.com");
    assert_eq!(audited(&db, "member.left").await, ["Olive Owner"]);
    assert_last(remove_member(&db.engine, &ada, account_of(&ada).id).await);
    // Also for other programs.
    let removed = sqlx::query("DELETE FROM memberships WHERE joined_at IS NOT NULL").execute(&db.pool).await;
    assert!(removed.unwrap_err().to_string().contains("the tenant must have an owner"));
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_owner_transfers_the_ownership_to_a_member_who_has_joined() {
    let (db, owner) = tenant_with_owner().await;
    let pending = invite(&db, &owner, "Ida", MemberRole::Member).await.unwrap().member.id;
    let refused = transfer_ownership(&db.engine, &owner, pending).await;
    assert_eq!(assert_error(refused, ErrorCode::InvalidTransition).errors[0].rule, "not_joined");
    let max = join(&db, &owner, "Max", MemberRole::Member).await;
    transfer_ownership(&db.engine, &owner, account_of(&max).id).await.unwrap();
    assert_eq!(roles(&db).await, "Olive Owner admin, Max owner");
    assert_eq!(db.text("SELECT owner_email FROM tenants").await, "max@example.com");
    assert_eq!(audited(&db, "tenant.owner_changed").await, ["Olive Owner"]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_account_with_a_password_joins_after_signing_in_and_no_link_changes_its_password() {
    let (db, owner) = tenant_with_owner().await;
    let max = account_of(&join(&db, &owner, "Max", MemberRole::Member).await);
    let admin = db.employee(Role::Admin).await;
    let created = assert_created(db.provision(&admin, &provision_request(draft("silver-spoon"))).await);
    let by = TenantCaller::actor(admin, "silver-spoon");
    // The inviting person sees the name that they typed, not that of the account.
    let new = NewMember { name: "Maximilian".into(), ..person("Max", MemberRole::Admin) };
    let invited = invite_member(&db.engine, &by, &new, None, ORIGIN).await.unwrap();
    assert_eq!((invited.member.id, invited.member.name.as_str()), (max.id, "Maximilian"));
    let link = token(&invited.invitation_url.unwrap());
    let found = find_invitation(&db.engine, &link).await.unwrap();
    assert!(matches!(found, InvitationLink::Join { account_id, .. } if account_id == max.id), "{found:?}");
    let other = Password::parse("another password of Max", &[]).unwrap();
    assert_error(accept_invitation(&db.engine, &link, &other, ORIGIN).await, ErrorCode::ResourceNotFound);

    let code = &created.tenant.code;
    assert_error(join_tenant(&db.engine, &account_of(&owner), code).await, ErrorCode::ResourceNotFound);
    join_tenant(&db.engine, &max, code).await.unwrap();
    join_tenant(&db.engine, &max, code).await.unwrap();
    assert!(matches!(find_invitation(&db.engine, &link).await.unwrap(), InvitationLink::Accepted));
    let tenants = list_memberships(&db.engine, &max).await.unwrap();
    let roles: Vec<_> = tenants.iter().map(|tenant| (tenant.slug.as_str(), tenant.role)).collect();
    assert_eq!(roles, [(SLUG, MemberRole::Member), ("silver-spoon", MemberRole::Admin)]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_invitation_is_sent_again_revoked_and_removed() {
    let (db, owner) = tenant_with_owner().await;
    let invited = invite(&db, &owner, "Max", MemberRole::Admin).await.unwrap();
    let (id, first) = (invited.member.id, invited.invitation_url.unwrap());
    let again = resend_invitation(&db.engine, &owner, Some(id), ORIGIN).await.unwrap();
    let gone = find_invitation(&db.engine, &token(&first)).await;
    assert_error(gone, ErrorCode::ResourceNotFound);
    revoke_invitation(&db.engine, &owner, Some(id)).await.unwrap();
    let revoked = find_invitation(&db.engine, &token(&again.invitation_url)).await;
    assert_error(revoked, ErrorCode::ResourceNotFound);
    assert_eq!(members(&db, &owner).await[0].status, InvitationStatus::Revoked);
    remove_member(&db.engine, &owner, id).await.unwrap();
    // The account was created for the invitation only.
    assert_eq!(db.number("SELECT count(*) FROM users WHERE name = 'Max'").await, 0);
    let unknown = remove_member(&db.engine, &owner, Uuid::new_v4()).await;
    assert_error(unknown, ErrorCode::ResourceNotFound);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_person_is_invited_once_and_the_address_of_an_employee_is_refused_without_the_reason() {
    let (db, owner) = tenant_with_owner().await;
    invite(&db, &owner, "Max", MemberRole::Member).await.unwrap();
    let rule = |result: Result<InvitedMember, Error>, code| assert_error(result, code).errors[0].rule.clone();
    let again = invite(&db, &owner, "MAX", MemberRole::Admin).await;
    assert_eq!(rule(again, ErrorCode::DuplicateKey), "already_invited");
    join(&db, &owner, "Ida", MemberRole::Member).await;
    let joined = invite(&db, &owner, "Ida", MemberRole::Member).await;
    assert_eq!(rule(joined, ErrorCode::DuplicateKey), "already_member");

    let (email, password) =
        (person("Ada", MemberRole::Member).email, Password::parse(PASSWORD, &[]).unwrap());
    let new = NewEmployee { name: "Ada", email: &email, password: &password, role: Role::Admin };
    create_employee(&db.engine, new).await.unwrap();
    let refused = invite(&db, &owner, "Ada", MemberRole::Member).await;
    let problem = assert_error(refused, ErrorCode::EmailUnavailable);
    assert_eq!((problem.email_reason, problem.errors[0].rule.as_str()), (None, "unavailable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_invitations_at_once_one_gets_the_last_place_of_the_quota() {
    let (db, owner) = tenant_with_owner().await;
    db.run("UPDATE tenants SET quota_overrides = '{\"maxUsers\": 2}'").await;
    let mut calls = JoinSet::new();
    for name in ["Max", "Ida"] {
        let (engine, owner, new) = (db.engine.clone(), owner.clone(), person(name, MemberRole::Member));
        calls.spawn(async move { invite_member(&engine, &owner, &new, None, ORIGIN).await.map(drop) });
    }
    let results = calls.join_all().await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
    for refused in results.into_iter().filter(Result::is_err) {
        assert_error(refused, ErrorCode::QuotaExceeded);
    }
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 2);
}

#[tokio::test]
async fn members_of_a_suspended_tenant_are_refused_and_the_link_does_not_work() {
    let (db, owner) = tenant_with_owner().await;
    let invited = invite(&db, &owner, "Max", MemberRole::Member).await.unwrap();
    let admin = db.employee(Role::Admin).await;
    engine::tenants::suspend_tenant(&db.engine, &admin.into(), SLUG, "unpaid").await.unwrap();
    let page = PageRequest::default();
    assert_error(find_settings(&db.engine, &owner).await, ErrorCode::TenantSuspended);
    assert_error(list_members(&db.engine, &owner, page).await, ErrorCode::TenantSuspended);
    assert_error(invite(&db, &owner, "Ida", MemberRole::Member).await, ErrorCode::TenantSuspended);
    let link = token(&invited.invitation_url.unwrap());
    assert_error(find_invitation(&db.engine, &link).await, ErrorCode::TenantSuspended);
    let password = Password::parse(PASSWORD, &[]).unwrap();
    assert_error(accept_invitation(&db.engine, &link, &password, ORIGIN).await, ErrorCode::TenantSuspended);
}
