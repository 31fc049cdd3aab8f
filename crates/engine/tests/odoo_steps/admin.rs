//! Signing in to a tenant's copy, and making its admin the owner's.

use connectors::TenantStep;
use domain::pipeline::Step;
use secrecy::ExposeSecret;
use url::Url;

use crate::case::{ADMIN, Case, lasting, passing, perform};

#[tokio::test]
async fn the_templates_admin_is_signed_in_to_the_copy() {
    let Some(case) = Case::with_copy().await else { return };
    let reference = perform(&case.sign_in(&case.odoo.url, ADMIN), &case.job).await.unwrap();
    assert_eq!(reference, "2");
}

#[tokio::test]
async fn a_wrong_password_will_stay_wrong_and_is_not_told() {
    let Some(case) = Case::with_copy().await else { return };
    let step = case.sign_in(&case.odoo.url, "tea-and-biscuits");
    assert_eq!(step.probe(&case.job).await.unwrap(), None);
    let words = lasting(step.act(&case.job).await);
    assert!(words.contains(&case.job.database()) && !words.contains("biscuits"), "{words}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_and_a_missing_database_may_pass() {
    let Some(case) = Case::new().await else { return };
    passing(case.sign_in(&case.odoo.url, ADMIN).probe(&case.job).await);
    let nobody = Url::parse("http://127.0.0.1:9").unwrap();
    passing(case.sign_in(&nobody, ADMIN).probe(&case.job).await);
}

#[tokio::test]
async fn the_admin_becomes_the_owners_and_the_old_password_opens_nothing() {
    let Some(mut case) = Case::with_copy().await else { return };
    let sign_in = case.sign_in(&case.odoo.url, ADMIN);
    let uid = case.done(Step::SignInToOdoo, &sign_in).await;

    let set_admin = case.set_admin();
    assert_eq!(set_admin.probe(&case.job).await.unwrap(), None);
    assert_eq!(case.done(Step::SetAdminUser, &set_admin).await, uid);

    let owner = &case.job.owner;
    let sql =
        "SELECT u.login, p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = 2";
    let found = case.odoo.rows(&case.job.database(), sql).await;
    assert_eq!(found, [serde_json::json!({"login": owner.email, "name": owner.name})]);
    let password = case.kept_password().await;
    assert!(password.expose_secret().len() >= 32);
    assert!(case.can_sign_in(&owner.email, password.expose_secret()).await);
    assert!(!case.can_sign_in(&owner.email, ADMIN).await);
    assert!(!case.can_sign_in(ADMIN, ADMIN).await);

    // Done again, by a worker that does not know: nothing changes, and signing in still works.
    set_admin.act(&case.job).await.unwrap();
    assert_eq!(case.kept_password().await.expose_secret(), password.expose_secret());
    assert_eq!(sign_in.probe(&case.job).await.unwrap(), Some(uid));
}

#[tokio::test]
async fn a_password_that_was_kept_and_not_set_is_the_one_that_is_set() {
    let Some(mut case) = Case::with_copy().await else { return };
    let set_admin = case.set_admin();
    let sign_in = case.sign_in(&case.odoo.url, ADMIN);
    case.done(Step::SignInToOdoo, &sign_in).await;
    // The copy is made anew after the password was kept: as after a kill between the two.
    set_admin.act(&case.job).await.unwrap();
    let password = case.kept_password().await;
    let database = case.job.database();
    case.odoo.run("tenantry", &format!("DROP DATABASE \"{database}\" WITH (FORCE)")).await;
    case.odoo.copy_template(&database).await;

    assert_eq!(sign_in.probe(&case.job).await.unwrap().as_deref(), Some("2"));
    perform(&set_admin, &case.job).await.unwrap();
    assert!(case.can_sign_in(&case.job.owner.email, password.expose_secret()).await);
}

#[tokio::test]
async fn of_two_workers_at_once_neither_fails_and_one_password_is_set() {
    let Some(mut case) = Case::with_copy().await else { return };
    let sign_in = case.sign_in(&case.odoo.url, ADMIN);
    case.done(Step::SignInToOdoo, &sign_in).await;
    let (one, other) = (case.set_admin(), case.set_admin());
    let (one, other) = tokio::join!(one.act(&case.job), other.act(&case.job));
    one.unwrap();
    other.unwrap();
    let password = case.kept_password().await;
    assert!(case.can_sign_in(&case.job.owner.email, password.expose_secret()).await);
}

#[tokio::test]
async fn a_change_that_is_refused_tells_no_password() {
    let Some(mut case) = Case::with_copy().await else { return };
    case.job.references.insert(Step::SignInToOdoo, "2".into());
    let words = lasting(case.set_admin_with("tea-and-biscuits").act(&case.job).await);
    assert!(words.contains("AccessDenied"), "{words}");
    let kept = case.kept_password().await;
    assert!(!words.contains("biscuits") && !words.contains(kept.expose_secret()), "{words}");
    assert!(case.can_sign_in(ADMIN, ADMIN).await);
}

#[tokio::test]
async fn each_tenant_has_a_password_of_its_own() {
    let Some(one) = Case::with_copy().await else { return };
    let other = one.another().await;
    other.odoo.copy_template(&other.job.database()).await;
    for case in [&one, &other] {
        perform(&case.set_admin(), &case.job).await.unwrap();
    }
    assert_ne!(one.kept_password().await.expose_secret(), other.kept_password().await.expose_secret());
}

#[tokio::test]
async fn undone_in_a_database_that_stays_the_kept_password_opens_nothing() {
    let Some(mut case) = Case::with_copy().await else { return };
    let set_admin = case.set_admin();
    case.done(Step::SetAdminUser, &set_admin).await;
    for _ in 0..2 {
        set_admin.compensate(&case.job).await.unwrap();
        let password = case.kept_password().await;
        assert!(!case.can_sign_in(&case.job.owner.email, password.expose_secret()).await);
        assert!(case.can_sign_in(ADMIN, ADMIN).await);
    }
}
