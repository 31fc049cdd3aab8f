use super::{Portal, version_of};
use crate::support::TestServer;

#[tokio::test]
async fn an_owner_saves_the_settings_without_scripts() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let path = portal.path("settings");
    let version = version_of(&server.page(&path, &portal.owner).await.text);
    let form = |version, name| {
        [
            ("form", "settings"),
            ("version", version),
            ("companyName", name),
            ("timeZone", "Europe/Madrid"),
            ("currency", "EUR"),
            ("locale", "es-ES"),
        ]
    };
    let refused = server.post_form(&path, &portal.owner, &form(&version, "")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("Enter the company") && refused.text.contains("es-ES"), "{}", refused.text);
    let saved = server.post_form(&path, &portal.owner, &form(&version, "Cuchara de Oro")).await;
    assert_eq!((saved.status, saved.header("location")), (303, &*format!("{path}?saved=1")));
    let page = server.page(&format!("{path}?saved=1"), &portal.owner).await;
    assert!(page.text.contains("Cuchara de Oro") && page.text.contains("Your change is stored."));
    let outdated = server.post_form(&path, &portal.owner, &form(&version, "Other")).await;
    assert_eq!(outdated.status, 412);
    assert!(outdated.text.contains("Somebody else has changed the settings meanwhile"));
    let activity = server.page(&portal.path("activity"), &portal.owner).await.text;
    assert!(activity.contains("changed the settings") && activity.contains("Europe/Madrid"), "{activity}");
}

#[tokio::test]
async fn an_owner_saves_the_branding_without_scripts_and_the_preview_has_its_colours() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let path = portal.path("branding");
    let version = version_of(&server.page(&path, &portal.owner).await.text);
    let form =
        |primary| [("form", "branding"), ("version", &version), ("theme", "plum"), ("colorPrimary", primary)];
    let refused = server.post_form(&path, &portal.owner, &form("#ffff00")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("White text is hard to read"));
    assert_eq!(server.post_form(&path, &portal.owner, &form("#6B2737")).await.status, 303);
    let page = server.page(&path, &portal.owner).await.text;
    let style_sheet = "/portal-colors/6b2737-86198f-ec4899.css";
    assert!(page.contains(style_sheet), "{page}");
    let colors = server.page(style_sheet, "").await;
    assert_eq!((colors.status, colors.header("content-type")), (200, "text/css; charset=utf-8"));
    assert!(colors.text.contains("--tenant-primary:#6b2737"));
    assert_eq!(server.page("/portal-colors/red.css", "").await.status, 404);
}

#[tokio::test]
async fn a_form_of_one_page_cannot_be_sent_to_another() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let form = [("form", "terms"), ("plan", "enterprise")];
    assert_eq!(server.post_form(&portal.path("settings"), &portal.owner, &form).await.status, 422);
    assert_eq!(server.post_form(&portal.path("usage"), &portal.owner, &form).await.status, 405);
}

#[tokio::test]
async fn members_strangers_and_visitors_save_nothing_by_a_form() {
    let server = TestServer::shared().await;
    let (portal, other) = (Portal::new(&server).await, Portal::new(&server).await);
    let path = portal.path("settings");
    let version = version_of(&server.page(&path, &portal.owner).await.text);
    let form = [
        ("form", "settings"),
        ("version", &*version),
        ("companyName", "Taken over"),
        ("timeZone", "UTC"),
        ("currency", "EUR"),
        ("locale", "en"),
    ];
    assert_eq!(server.post_form(&path, &other.owner, &form).await.status, 404);
    assert_eq!(server.post_form(&path, "", &form).await.status, 303);
    let member = portal.add(&server, &other, "member");
    assert_eq!(server.post_form(&path, member, &form).await.status, 403);
    let admin = server.session("ADMIN").await;
    assert_eq!(server.post_form(&path, &admin, &form).await.status, 403);
    assert!(!server.page(&path, &portal.owner).await.text.contains("Taken over"));
}

#[tokio::test]
async fn a_form_of_a_suspended_tenant_is_refused_and_says_why() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let path = portal.path("branding");
    let version = version_of(&server.page(&path, &portal.owner).await.text);
    portal.suspend(&server).await;
    let form = [("form", "branding"), ("version", &*version), ("theme", "plum")];
    let refused = server.post_form(&path, &portal.owner, &form).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("Golden Spoon is suspended"), "{}", refused.text);
    let form = [("action", "hide"), ("slug", "basic-package")];
    let refused = server.post_form(&portal.path("packages"), &portal.owner, &form).await;
    assert_eq!(refused.status, 403);
    assert!(refused.text.contains("Golden Spoon is suspended"));
}
