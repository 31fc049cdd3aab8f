//! The erasure of a person (docs/PRIVACY.md).

mod audit;
mod concurrency;
mod everywhere;
mod refusals;
mod scan;
mod text;

use domain::{
    Role,
    email::Email,
    erasure::{ErasureOutcome, ErasureReport},
    member::NewMember,
    password::Password,
};
use engine::{
    Error,
    access::{
        Actor, Employee, NewEmployee, accept_invitation, create_employee, idn_to_ascii, parse_email, sign_in,
    },
    erasure::{Erasure, erase_person},
    tenants::{TenantCaller, invite_member},
};
use secrecy::ExposeSecret;
use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

const PASSWORD: &str = "copper lantern walks the harbour";
const CLIENT: &str = "192.0.2.44";
const ANNA: &str = "Anna.Nowak@mail.example";
const NAME: &str = "Anna Nowak-Zielińska";

fn email(text: &str) -> Email {
    parse_email(text).unwrap()
}

async fn try_erase(
    db: &TestDatabase,
    actor: &Actor,
    address: &str,
    dry_run: bool,
) -> Result<ErasureReport, Error> {
    let erasure = Erasure { email: &email(address), reference: Some("DSR-14"), dry_run };
    erase_person(&db.engine, actor, erasure).await
}

/// Erases a person on behalf of the operator.
async fn erase(db: &TestDatabase, address: &str) -> ErasureReport {
    try_erase(db, &Actor::Operator, address, false).await.unwrap()
}

async fn preview(db: &TestDatabase, address: &str) -> ErasureReport {
    try_erase(db, &Actor::Operator, address, true).await.unwrap()
}

#[track_caller]
fn assert_erased(report: &ErasureReport) -> &str {
    assert_eq!(report.outcome, ErasureOutcome::Erased, "{report:?}");
    report.pseudonym.as_deref().unwrap()
}

/// Creates an employee with an account.
async fn employee(db: &TestDatabase, name: &str, address: &str, role: Role) -> Employee {
    let password = Password::parse(PASSWORD, &[]).unwrap();
    let new = NewEmployee { name, email: &email(address), password: &password, role };
    let id = create_employee(&db.engine, new).await.unwrap();
    Employee { id, name: name.to_owned(), role }
}

/// Provisions a tenant whose owner is this person, who joins it if `joins`.
async fn tenant(db: &TestDatabase, slug: &str, (name, address): (&str, &str), joins: bool) {
    let admin = db.admin().await;
    let mut draft = draft(slug);
    draft.owner_name = name.into();
    draft.owner_email = address.into();
    let created = assert_created(db.provision(&admin, &provision_request(draft)).await);
    if joins {
        join(db, &created.owner.unwrap().invitation_url.unwrap()).await;
    }
}

/// Invites a person to a tenant. The person joins it if `joins`.
async fn member(db: &TestDatabase, slug: &str, (name, address, role): (&str, &str, &str), joins: bool) {
    let by = TenantCaller::actor(db.admin().await, slug);
    let new = NewMember::parse(name, address, role, idn_to_ascii).unwrap();
    let invited = invite_member(&db.engine, &by, &new, None, ORIGIN).await.unwrap();
    if joins {
        join(db, &invited.invitation_url.unwrap()).await;
    }
}

/// Accepts an invitation with the first password of the account.
async fn join(db: &TestDatabase, url: &str) {
    let token = url.strip_prefix(&format!("{ORIGIN}/invitation/")).unwrap();
    accept_invitation(&db.engine, token, &Password::parse(PASSWORD, &[]).unwrap(), ORIGIN).await.unwrap();
}

async fn session(db: &TestDatabase, address: &str) -> String {
    sign_in(&db.engine, address, PASSWORD, CLIENT).await.unwrap().expose_secret().to_owned()
}
