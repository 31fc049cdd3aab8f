//! A hundred sign-ups at once.

use std::collections::BTreeSet;

use domain::sign_up::SignUpMode;
use engine::sign_up::{request_sign_up, verify_sign_up};
use test_support::test_database::ORIGIN;
use tokio::task::JoinSet;

use super::{ADDRESS, PASSWORD, assert_complete_tenants, database, request_of};

const SIGN_UPS: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_people_sign_up_and_are_verified_at_once() {
    let db = database(SignUpMode::On).await;
    let mut requests = JoinSet::new();
    for n in 0..SIGN_UPS {
        let engine = db.engine.clone();
        requests.spawn(async move {
            let request = request_of(&format!("person{n}@example.com"), &format!("company-{n}"));
            request_sign_up(&engine, &request, ORIGIN, ADDRESS).await
        });
    }
    while let Some(result) = requests.join_next().await {
        result.unwrap().unwrap();
    }
    // The token of each link is its address.
    db.run("UPDATE sign_ups SET token_hash = sha256(email::bytea)").await;
    let mut calls = JoinSet::new();
    for n in 0..SIGN_UPS {
        let engine = db.engine.clone();
        calls.spawn(async move {
            let token = format!("person{n}@example.com");
            verify_sign_up(&engine, &token, PASSWORD.to_owned().into(), None, ORIGIN, ADDRESS).await
        });
    }
    let mut codes = BTreeSet::new();
    while let Some(signed_up) = calls.join_next().await {
        codes.insert(signed_up.unwrap().unwrap().code);
    }
    assert_eq!(codes.len(), SIGN_UPS);
    assert_eq!(db.number("SELECT count(*) FROM sessions").await, 100);
    let deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    assert_eq!(db.number(deadlocks).await, 0);
    assert_complete_tenants(&db, 100).await;
}
