//! Sign-up: `docs/specification.md`, section 8.

mod approval;
mod built_in;
mod comparison;
mod concurrency;
mod limits;
mod requests;
mod timing;
mod verification;

use domain::{
    email::Email,
    sign_up::{SignUpInput, SignUpMode, SignUpRequest},
    slug::Slug,
};
use engine::{
    Error,
    access::{idn_to_ascii, parse_email},
    sign_up::{SignUpLimits, SignUpSettings, SignedUp, request_sign_up, verify_sign_up},
};
use std::collections::BTreeMap;

use test_support::test_database::{ORIGIN, ROWS_PER_TENANT, TestDatabase};

const PASSWORD: &str = "violet kettle harbour nine";
const OTHER_PASSWORD: &str = "amber lantern meadow seven";
const ADDRESS: &str = "192.0.2.1";
const EMAIL: &str = "olive@silver-fork.example.com";
const TOKEN: &str = "the token in the mail";

/// A database whose engine has this mode, and limits that no test reaches.
async fn database(mode: SignUpMode) -> TestDatabase {
    let mut db = TestDatabase::new().await;
    db.engine = db.engine.clone().with_sign_up(SignUpSettings { mode, limits: SignUpLimits::unlimited() });
    db
}

fn email(text: &str) -> Email {
    parse_email(text).unwrap()
}

fn request_of(email: &str, slug: &str) -> SignUpRequest {
    let input = SignUpInput {
        company: "Silver Fork".into(),
        slug: slug.into(),
        name: "Olive Owner".into(),
        email: email.into(),
    };
    input.parse(idn_to_ascii).unwrap()
}

/// Signs up, and gives the link this token, as if the mail had been read.
async fn sign_up_with(db: &TestDatabase, request: &SignUpRequest, token: &str) {
    request_sign_up(&db.engine, request, ORIGIN, ADDRESS).await.unwrap();
    set_token(db, request.email.canonical(), token).await;
}

/// Gives the latest sign-up of an address this token.
async fn set_token(db: &TestDatabase, email: &str, token: &str) {
    db.run(&format!(
        "UPDATE sign_ups SET token_hash = sha256('{token}') WHERE id = (
             SELECT id FROM sign_ups WHERE email_canonical = '{email}' ORDER BY created_at DESC LIMIT 1)"
    ))
    .await;
}

/// Signs up as `EMAIL` with the slug `silver-fork` and the token `TOKEN`.
async fn sign_up(db: &TestDatabase) {
    sign_up_with(db, &request_of(EMAIL, "silver-fork"), TOKEN).await;
}

async fn verify_with(
    db: &TestDatabase,
    token: &str,
    password: &str,
    slug: Option<&str>,
) -> Result<SignedUp, Error> {
    let slug = slug.map(|slug| Slug::parse(slug).unwrap());
    verify_sign_up(&db.engine, token, password.to_owned().into(), slug, ORIGIN, ADDRESS).await
}

async fn verify(db: &TestDatabase) -> Result<SignedUp, Error> {
    verify_with(db, TOKEN, PASSWORD, None).await
}

/// Asserts that exactly `count` tenants exist, each of which comes from a sign-up and is complete.
async fn assert_complete_tenants(db: &TestDatabase, count: i64) {
    let rows = |(table, rows): (&'static str, i64)| match table {
        // The provisioning, and the completion of the sign-up.
        "audit_log" => (table, 2 * count),
        _ => (table, rows * count),
    };
    // Each call may add a mail with its job.
    let without_mail = |table: &str| !matches!(table, "outbox_messages" | "jobs" | "job_steps");
    let expected: BTreeMap<_, _> =
        ROWS_PER_TENANT.into_iter().map(rows).filter(|(table, _)| without_mail(table)).collect();
    let mut found = db.row_counts().await;
    found.retain(|table, _| without_mail(table));
    assert_eq!(found, expected);
    assert_eq!(db.number("SELECT count(*) FROM jobs WHERE creates_tenant").await, count);
    db.assert_invariants().await;
}
