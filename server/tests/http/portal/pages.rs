use super::{PAGES, Portal, call};
use crate::support::TestServer;

#[tokio::test]
async fn the_owner_of_one_tenant_goes_straight_to_it_and_opens_each_page() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let start = server.page("/portal", &portal.owner).await;
    assert_eq!((start.status, start.header("location")), (302, &*format!("/portal/{}", portal.slug)));
    for page in PAGES {
        let path = portal.path(page);
        let shown = server.page(path.trim_end_matches('/'), &portal.owner).await;
        assert_eq!(shown.status, 200, "{path}: {}", shown.text);
        for text in ["data-testid=\"portal-page\"", "Golden Spoon", "Pro plan", "Owner", "Ada Lovelace"] {
            assert!(shown.text.contains(text), "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn the_code_of_a_tenant_redirects_to_its_slug() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let path = format!("/portal/{}/branding", portal.code);
    let redirected = server.page(&path, &portal.owner).await;
    assert_eq!((redirected.status, redirected.header("location")), (302, &*portal.path("branding")));
}

#[tokio::test]
async fn a_visitor_signs_in_first_and_an_employee_learns_that_the_portal_is_for_members() {
    let server = TestServer::shared().await;
    let (portal, admin) = (Portal::new(&server).await, server.session("ADMIN").await);
    let visitor = server.page(&portal.path("settings"), "").await;
    assert_eq!(visitor.status, 303);
    assert!(visitor.header("location").starts_with("/login?next=%2Fportal%2F"));
    for path in ["/portal".to_owned(), portal.path("settings")] {
        let employee = server.page(&path, &admin).await;
        assert_eq!(employee.status, 403, "{path}");
        assert!(employee.text.contains("The portal is for members of tenants"), "{path}");
        assert!(!employee.text.contains("name=\"version\""), "{path}");
    }
}

#[tokio::test]
async fn a_stranger_does_not_learn_whether_a_tenant_exists() {
    let server = TestServer::shared().await;
    let (portal, other) = (Portal::new(&server).await, Portal::new(&server).await);
    for page in PAGES {
        let path = portal.path(page);
        let shown = server.page(path.trim_end_matches('/'), &other.owner).await;
        assert_eq!(shown.status, 404, "{path}");
        assert!(shown.text.contains("You are not a member of this tenant"), "{path}");
        assert!(!shown.text.contains(&portal.code), "{path}");
    }
    let unknown = server.page("/portal/nobody-has-this/settings", &other.owner).await;
    assert_eq!(unknown.status, 404);
    assert!(unknown.text.contains("You are not a member of this tenant"));
}

#[tokio::test]
async fn an_account_with_several_tenants_chooses_among_them() {
    let server = TestServer::shared().await;
    let (first, second) = (Portal::new(&server).await, Portal::new(&server).await);
    let session = first.add(&server, &second, "member");
    let list = server.page("/portal", session).await;
    assert_eq!(list.status, 200);
    for text in [&*format!("/portal/{}", first.slug), &*format!("/portal/{}", second.slug), "Member", "Owner"]
    {
        assert!(list.text.contains(text), "{text}");
    }
}

#[tokio::test]
async fn every_page_of_a_suspended_tenant_says_so_until_it_is_resumed() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    portal.suspend(&server).await;
    for page in PAGES {
        let path = portal.path(page);
        let shown = server.page(path.trim_end_matches('/'), &portal.owner).await;
        assert_eq!(shown.status, 403, "{path}");
        assert!(shown.text.contains("Golden Spoon is suspended"), "{path}");
        // The reason is internal.
        assert!(!shown.text.contains("An unpaid bill"), "{path}");
    }
    portal.resume(&server).await;
    assert_eq!(server.page(&portal.path("settings"), &portal.owner).await.status, 200);
}

#[tokio::test]
async fn a_deleted_tenant_is_gone() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    portal.delete(&server).await;
    assert_eq!(server.page(&portal.path("settings"), &portal.owner).await.status, 404);
    let list = server.page("/portal", &portal.owner).await;
    assert!(list.text.contains("You are not a member of a tenant"), "{}", list.text);
}

#[tokio::test]
async fn a_tenant_that_is_not_active_yet_shows_what_happens() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    for (status, text) in [
        ("provisioning", "Your tenant is being set up"),
        ("pending_activation", "Your tenant waits for approval"),
    ] {
        portal.set_status(&server, status);
        for page in ["settings", "branding", "activity"] {
            let shown = server.page(&portal.path(page), &portal.owner).await;
            assert_eq!(shown.status, 200, "{status} {page}");
            assert!(
                shown.text.contains(text) && shown.text.contains("http-equiv=\"refresh\""),
                "{status} {page}"
            );
            assert!(!shown.text.contains("name=\"version\""), "{status} {page}");
        }
        let arguments = serde_json::json!({ "tenant": portal.slug });
        let reply = call(&server, &portal.owner, "portal_status", &arguments).await;
        assert_eq!((reply.status, &reply.json()["tenant"]["status"]), (200, &serde_json::json!(status)));
    }
}

#[tokio::test]
async fn a_member_sees_the_values_and_no_controls() {
    let server = TestServer::shared().await;
    let (portal, other) = (Portal::new(&server).await, Portal::new(&server).await);
    let member = portal.add(&server, &other, "member");
    for page in ["settings", "branding", "segments", "packages"] {
        let shown = server.page(&portal.path(page), member).await;
        assert_eq!(shown.status, 200, "{page}");
        for control in ["name=\"version\"", "catalog-edit", "catalog-new", "tenant-form-save"] {
            assert!(!shown.text.contains(control), "{page} {control}");
        }
    }
    let packages = server.page(&portal.path("packages"), member).await;
    assert!(packages.text.contains("Basic Package") && packages.text.contains("0.00 EUR"));
    let keys = server.page(&portal.path("keys"), member).await;
    assert_eq!(keys.status, 403);
    assert!(keys.text.contains("can't open this page"));
    assert!(!keys.text.contains("pk_live_"));
}

#[tokio::test]
async fn the_logos_of_tenants_are_allowed_in_the_portal_only() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let policy = |reply: &crate::support::Reply| reply.header("content-security-policy").to_owned();
    let page = server.page(&portal.path("branding"), &portal.owner).await;
    assert!(policy(&page).contains("img-src 'self' data: https:;"));
    let console = server.page("/tenants", &server.session("VIEWER").await).await;
    assert!(policy(&console).contains("img-src 'self' data:;"));
}
