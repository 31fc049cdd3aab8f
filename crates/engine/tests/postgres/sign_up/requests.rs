use domain::{ErrorCode, Role, sign_up::SignUpMode};
use domain::{password::Password, slug::Slug};
use engine::{
    access::{NewEmployee, create_employee, issue_first_admin_link},
    pipeline::{MaintenanceTimeouts, run_maintenance},
    sign_up::{
        SignUpLink, check_sign_up_slug, create_from_sign_up, find_sign_up, request_sign_up, resend_sign_up,
    },
};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{
    ADDRESS, EMAIL, PASSWORD, TOKEN, database, email, request_of, set_token, sign_up, sign_up_with, verify,
};

/// The rows that a sign-up adds: sign-ups, mails, and everything that only a verified address may create.
async fn rows(db: &TestDatabase) -> [i64; 4] {
    let count = async |table: &str| db.number(&format!("SELECT count(*) FROM {table}")).await;
    [count("sign_ups").await, count("outbox_messages").await, count("users").await, count("tenants").await]
}

#[tokio::test]
async fn a_sign_up_writes_one_row_and_one_mail_for_every_kind_of_address() {
    let db = database(SignUpMode::On).await;
    let admin = db.admin().await;
    // An invited owner without a password, an owner with one, an employee, and a pending sign-up.
    assert_created(db.provision(&admin, &provision_request(draft("invited"))).await);
    sign_up(&db).await;
    verify(&db).await.unwrap();
    let secret = Password::parse(PASSWORD, &[]).unwrap();
    let employee = email("ada@example.com");
    let new = NewEmployee { name: "Ada", email: &employee, password: &secret, role: Role::Admin };
    create_employee(&db.engine, new).await.unwrap();
    sign_up_with(&db, &request_of("pending@example.com", "pending"), "pending").await;

    let addresses =
        ["olive@invited.example.com", EMAIL, "ada@example.com", "pending@example.com", "new@example.com"];
    for address in addresses {
        let before = rows(&db).await;
        request_sign_up(&db.engine, &request_of(address, "silver-fork"), ORIGIN, ADDRESS).await.unwrap();
        let [sign_ups, mails, users, tenants] = before;
        assert_eq!(rows(&db).await, [sign_ups + 1, mails + 1, users, tenants], "{address}");
    }
    let kinds = "SELECT string_agg(kind, ' ' ORDER BY created_at) FROM (
        SELECT * FROM outbox_messages ORDER BY created_at DESC LIMIT 5) latest";
    let expected = "sign_up_verification sign_up_existing_account sign_up_existing_account sign_up_verification \
                    sign_up_verification";
    assert_eq!(db.text(kinds).await, expected);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_link_shows_the_sign_up_and_whether_its_slug_is_available() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    for _ in 0..3 {
        let SignUpLink::Open { sign_up, slug } = find_sign_up(&db.engine, TOKEN).await.unwrap() else {
            panic!("not open");
        };
        assert_eq!((sign_up.company.as_str(), sign_up.name.as_str()), ("Silver Fork", "Olive Owner"));
        assert_eq!(sign_up.email, EMAIL);
        assert!(slug.unwrap().available);
    }
    assert_created(db.provision(&db.admin().await, &provision_request(draft("silver-fork"))).await);
    let SignUpLink::Open { slug: Some(slug), .. } = find_sign_up(&db.engine, TOKEN).await.unwrap() else {
        panic!("not open");
    };
    assert!(!slug.available && slug.conflict.is_none());
    assert_eq!(slug.suggestions[0].as_str(), "silver-fork-2");
    assert_error(find_sign_up(&db.engine, "another token").await, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn the_slug_is_derived_from_the_company_or_must_be_chosen() {
    let db = database(SignUpMode::On).await;
    let derived = domain::sign_up::SignUpRequest { slug: None, ..request_of(EMAIL, "") };
    sign_up_with(&db, &derived, TOKEN).await;
    let SignUpLink::Open { sign_up, .. } = find_sign_up(&db.engine, TOKEN).await.unwrap() else {
        panic!("not open");
    };
    assert_eq!(sign_up.slug.unwrap().as_str(), "silver-fork");

    let unknown = domain::sign_up::SignUpRequest { company: "北京".into(), ..derived };
    sign_up_with(&db, &unknown, "second").await;
    let SignUpLink::Open { sign_up, slug } = find_sign_up(&db.engine, "second").await.unwrap() else {
        panic!("not open");
    };
    assert_eq!((sign_up.slug, slug), (None, None));
    let refused = create_from_sign_up(&db.engine, "second", PASSWORD, None).await;
    let problem = assert_error(refused, ErrorCode::ValidationError);
    assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].rule.as_str()), ("slug", "required"));
    let slug = Slug::parse("beijing").unwrap();
    create_from_sign_up(&db.engine, "second", PASSWORD, Some(&slug)).await.unwrap();
    assert_eq!(db.text("SELECT slug FROM tenants").await, "beijing");
}

#[tokio::test]
async fn a_resent_link_replaces_the_former_one() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    resend_sign_up(&db.engine, &email("Olive@Silver-Fork.example.com"), ORIGIN, ADDRESS).await.unwrap();
    db.wait_until("SELECT count(*) = 2 FROM outbox_messages").await;
    assert_error(find_sign_up(&db.engine, TOKEN).await, ErrorCode::ResourceNotFound);
    assert_eq!(db.number("SELECT count(*) FROM sign_ups").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages").await, 2);
    set_token(&db, EMAIL, "new").await;
    find_sign_up(&db.engine, "new").await.unwrap();

    // An address without a sign-up gets no mail, and the same response. The mail of the next call comes
    // later.
    resend_sign_up(&db.engine, &email("nobody@example.com"), ORIGIN, ADDRESS).await.unwrap();
    resend_sign_up(&db.engine, &email(EMAIL), ORIGIN, ADDRESS).await.unwrap();
    db.wait_until("SELECT count(*) = 3 FROM outbox_messages").await;
    let recipients = "SELECT string_agg(DISTINCT lower(recipient_address), ' ') FROM outbox_messages";
    assert_eq!(db.text(recipients).await, EMAIL);
    assert_eq!(db.number("SELECT count(*) FROM sign_ups").await, 1);
}

#[tokio::test]
async fn while_sign_up_is_off_no_call_works() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    let off = TestDatabase::new().await.engine.clone();
    let slug = Slug::parse("silver-fork").unwrap();
    let request = request_of(EMAIL, "silver-fork");
    for result in [
        request_sign_up(&off, &request, ORIGIN, ADDRESS).await,
        resend_sign_up(&off, &request.email, ORIGIN, ADDRESS).await,
        find_sign_up(&off, TOKEN).await.map(drop),
        create_from_sign_up(&off, TOKEN, PASSWORD, None).await,
        check_sign_up_slug(&off, &slug, None, ADDRESS).await.map(drop),
    ] {
        assert_error(result, ErrorCode::ResourceNotFound);
    }
}

#[tokio::test]
async fn personal_data_is_deleted_a_week_after_the_link_expired() {
    let db = database(SignUpMode::On).await;
    issue_first_admin_link(&db.engine).await.unwrap();
    sign_up(&db).await;
    db.run("UPDATE sign_ups SET expires_at = now() - interval '6 days 23 hours'").await;
    run_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM sign_ups").await, 1);
    db.run("UPDATE sign_ups SET expires_at = now() - interval '7 days 1 minute'").await;
    run_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM sign_ups").await, 0);
}
