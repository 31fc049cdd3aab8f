use domain::{ErrorCode, sign_up::SignUpMode, slug::Slug};
use engine::{
    Error,
    sign_up::{SignUpLimits, SignUpSettings, check_sign_up_slug, request_sign_up, resend_sign_up},
};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase},
};

use super::{EMAIL, database, email, request_of, sign_up, verify};

/// A database with the limits of an installation.
async fn limited() -> TestDatabase {
    let mut db = TestDatabase::new().await;
    let settings = SignUpSettings { mode: SignUpMode::On, limits: SignUpLimits::default() };
    db.engine = db.engine.clone().with_sign_up(settings);
    db
}

async fn request(db: &TestDatabase, email: &str, address: &str) -> Result<(), Error> {
    request_sign_up(&db.engine, &request_of(email, "silver-fork"), ORIGIN, address).await
}

#[tokio::test]
async fn an_address_and_a_network_can_sign_up_a_limited_number_of_times() {
    let db = limited().await;
    for _ in 0..5 {
        request(&db, EMAIL, "192.0.2.1").await.unwrap();
    }
    // Together, from one network, and from all networks.
    let problem = assert_error(request(&db, EMAIL, "192.0.2.1").await, ErrorCode::RateLimited);
    assert!((3500..=3600).contains(&problem.retry_after_seconds().unwrap()), "{problem:?}");
    for n in 0..5 {
        request(&db, EMAIL, &format!("198.51.100.{n}")).await.unwrap();
    }
    assert_error(request(&db, EMAIL, "203.0.113.1").await, ErrorCode::RateLimited);
    for n in 0..25 {
        request(&db, &format!("person{n}@example.com"), "192.0.2.1").await.unwrap();
    }
    assert_error(request(&db, "another@example.com", "192.0.2.1").await, ErrorCode::RateLimited);
    // A refused call leaves no trace.
    assert_eq!(db.number("SELECT count(*) FROM sign_ups").await, 35);
    assert_eq!(db.number("SELECT count(*) FROM sign_in_failures").await, 35);
}

#[tokio::test]
async fn the_limits_are_the_same_for_an_address_with_an_account() {
    let mut db = database(SignUpMode::On).await;
    sign_up(&db).await;
    verify(&db).await.unwrap();
    let settings = SignUpSettings { mode: SignUpMode::On, limits: SignUpLimits::default() };
    db.engine = db.engine.clone().with_sign_up(settings);
    for address in [EMAIL, "unknown@example.com"] {
        let network = format!("network of {address}");
        for _ in 0..(if address == EMAIL { 4 } else { 5 }) {
            request(&db, address, &network).await.unwrap();
        }
    }
    // The first sign-up of the known address came from another network.
    request(&db, EMAIL, &format!("network of {EMAIL}")).await.unwrap();
    for address in [EMAIL, "unknown@example.com"] {
        let network = format!("network of {address}");
        assert_error(request(&db, address, &network).await, ErrorCode::RateLimited);
    }
}

#[tokio::test]
async fn a_mail_is_sent_again_a_limited_number_of_times_also_to_an_unknown_address() {
    let db = limited().await;
    request(&db, EMAIL, "192.0.2.1").await.unwrap();
    for address in [EMAIL, "unknown@example.com"] {
        for _ in 0..3 {
            resend_sign_up(&db.engine, &email(address), ORIGIN, "192.0.2.1").await.unwrap();
        }
        let refused = resend_sign_up(&db.engine, &email(address), ORIGIN, "192.0.2.1").await;
        assert_error(refused, ErrorCode::RateLimited);
    }
}

#[tokio::test]
async fn a_network_can_check_a_limited_number_of_slugs() {
    let db = limited().await;
    let slug = Slug::parse("silver-fork").unwrap();
    for _ in 0..120 {
        assert!(check_sign_up_slug(&db.engine, &slug, None, "2001:db8::1").await.unwrap().available);
    }
    let refused = check_sign_up_slug(&db.engine, &slug, None, "2001:db8::2").await;
    assert_error(refused, ErrorCode::RateLimited);
    check_sign_up_slug(&db.engine, &slug, None, "2001:db8:0:1::1").await.unwrap();
    // The attempts of each purpose count separately.
    request(&db, EMAIL, "2001:db8::1").await.unwrap();
}
