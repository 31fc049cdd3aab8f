//! The steps that sign in to a tenant's copy and change its admin user.

use connectors::TenantStep;
use domain::pipeline::Step;
use secrecy::ExposeSecret;
use test_support::run_step::run_step;
use url::Url;

use crate::fixture::{ADMIN, OdooFixture, assert_permanent, assert_transient};

#[tokio::test]
async fn the_step_signs_in_as_the_templates_admin() {
    let Some(fixture) = OdooFixture::with_copy().await else { return };
    let reference = run_step(&fixture.sign_in(&fixture.odoo.url, ADMIN), &fixture.job).await.unwrap();
    assert_eq!(reference, "2");
}

#[tokio::test]
async fn a_wrong_password_is_a_permanent_failure_that_hides_the_password() {
    let Some(fixture) = OdooFixture::with_copy().await else { return };
    let step = fixture.sign_in(&fixture.odoo.url, "tea-and-biscuits");
    assert_eq!(step.probe(&fixture.job).await.unwrap(), None);
    let message = assert_permanent(step.act(&fixture.job).await);
    assert!(message.contains(&fixture.job.database()) && !message.contains("biscuits"), "{message}");
}

#[tokio::test]
async fn an_unreachable_server_and_a_missing_database_are_transient_failures() {
    let Some(fixture) = OdooFixture::new().await else { return };
    assert_transient(fixture.sign_in(&fixture.odoo.url, ADMIN).probe(&fixture.job).await);
    let unreachable = Url::parse("http://127.0.0.1:9").unwrap();
    assert_transient(fixture.sign_in(&unreachable, ADMIN).probe(&fixture.job).await);
}

#[tokio::test]
async fn the_admin_gets_the_owners_login_and_a_new_password() {
    let Some(mut fixture) = OdooFixture::with_copy().await else { return };
    let sign_in = fixture.sign_in(&fixture.odoo.url, ADMIN);
    let uid = fixture.finish_step(Step::SignInToOdoo, &sign_in).await;

    let set_admin = fixture.set_admin();
    assert_eq!(set_admin.probe(&fixture.job).await.unwrap(), None);
    assert_eq!(fixture.finish_step(Step::SetAdminUser, &set_admin).await, uid);

    let owner = &fixture.job.owner;
    let sql = "SELECT u.login, p.name, p.email FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = 2";
    let found = fixture.odoo.rows(&fixture.job.database(), sql).await;
    assert_eq!(
        found,
        [serde_json::json!({"login": owner.email_canonical, "name": owner.name, "email": owner.email})]
    );
    let password = fixture.stored_password().await;
    assert!(password.expose_secret().len() >= 32);
    assert!(fixture.can_sign_in(&owner.email_canonical, password.expose_secret()).await);
    assert!(!fixture.can_sign_in(&owner.email_canonical, ADMIN).await);
    assert!(!fixture.can_sign_in(ADMIN, ADMIN).await);

    // A second attempt changes nothing, and signing in still works.
    set_admin.act(&fixture.job).await.unwrap();
    assert_eq!(fixture.stored_password().await.expose_secret(), password.expose_secret());
    assert_eq!(sign_in.probe(&fixture.job).await.unwrap(), Some(uid));
}

#[tokio::test]
async fn the_base_url_of_a_copy_is_the_tenants_address_and_stays_after_a_sign_in() {
    let Some(fixture) = OdooFixture::with_copy().await else { return };
    run_step(&fixture.set_admin_with_tenant_url("https://{slug}.shops.example.com/{database}"), &fixture.job)
        .await
        .unwrap();
    let owner = &fixture.job.owner.email_canonical;
    assert!(fixture.can_sign_in(owner, fixture.stored_password().await.expose_secret()).await);
    let (slug, database) = (&fixture.job.tenant.slug, fixture.job.database());
    let sql = "SELECT key, value FROM ir_config_parameter WHERE key LIKE 'web.base.url%' ORDER BY key";
    assert_eq!(
        fixture.odoo.rows(&database, sql).await,
        [
            serde_json::json!({"key": "web.base.url", "value": format!("https://{slug}.shops.example.com/{database}")}),
            serde_json::json!({"key": "web.base.url.freeze", "value": "True"}),
        ]
    );
}

#[tokio::test]
async fn the_next_attempt_sets_a_stored_password_that_odoo_does_not_have() {
    let Some(mut fixture) = OdooFixture::with_copy().await else { return };
    let set_admin = fixture.set_admin();
    let sign_in = fixture.sign_in(&fixture.odoo.url, ADMIN);
    fixture.finish_step(Step::SignInToOdoo, &sign_in).await;
    // The password is stored, but a new copy of the template does not have it, as if the worker was killed
    // after it stored the password and before it changed the copy.
    set_admin.act(&fixture.job).await.unwrap();
    let password = fixture.stored_password().await;
    let database = fixture.job.database();
    fixture.odoo.run("tenantry", &format!("DROP DATABASE \"{database}\" WITH (FORCE)")).await;
    fixture.odoo.copy_template(&database).await;

    assert_eq!(sign_in.probe(&fixture.job).await.unwrap().as_deref(), Some("2"));
    run_step(&set_admin, &fixture.job).await.unwrap();
    assert!(fixture.can_sign_in(&fixture.job.owner.email_canonical, password.expose_secret()).await);
}

#[tokio::test]
async fn two_concurrent_workers_set_one_password() {
    let Some(mut fixture) = OdooFixture::with_copy().await else { return };
    let sign_in = fixture.sign_in(&fixture.odoo.url, ADMIN);
    fixture.finish_step(Step::SignInToOdoo, &sign_in).await;
    let (one, other) = (fixture.set_admin(), fixture.set_admin());
    let (one, other) = tokio::join!(one.act(&fixture.job), other.act(&fixture.job));
    one.unwrap();
    other.unwrap();
    let password = fixture.stored_password().await;
    assert!(fixture.can_sign_in(&fixture.job.owner.email_canonical, password.expose_secret()).await);
}

#[tokio::test]
async fn a_refused_change_hides_the_passwords() {
    let Some(mut fixture) = OdooFixture::with_copy().await else { return };
    fixture.job.references.insert(Step::SignInToOdoo, "2".into());
    let message = assert_permanent(fixture.set_admin_with("tea-and-biscuits").act(&fixture.job).await);
    assert!(message.contains("AccessDenied"), "{message}");
    let stored = fixture.stored_password().await;
    assert!(!message.contains("biscuits") && !message.contains(stored.expose_secret()), "{message}");
    assert!(fixture.can_sign_in(ADMIN, ADMIN).await);
}

#[tokio::test]
async fn each_tenant_has_its_own_password() {
    let Some(one) = OdooFixture::with_copy().await else { return };
    let other = one.another().await;
    other.odoo.copy_template(&other.job.database()).await;
    for fixture in [&one, &other] {
        run_step(&fixture.set_admin(), &fixture.job).await.unwrap();
    }
    assert_ne!(one.stored_password().await.expose_secret(), other.stored_password().await.expose_secret());
}

#[tokio::test]
async fn compensation_restores_the_templates_password() {
    let Some(mut fixture) = OdooFixture::with_copy().await else { return };
    let set_admin = fixture.set_admin();
    fixture.finish_step(Step::SetAdminUser, &set_admin).await;
    for _ in 0..2 {
        set_admin.compensate(&fixture.job).await.unwrap();
        let password = fixture.stored_password().await;
        assert!(!fixture.can_sign_in(&fixture.job.owner.email_canonical, password.expose_secret()).await);
        assert!(fixture.can_sign_in(ADMIN, ADMIN).await);
    }
}
