use super::{Portal, version_of};
use crate::support::{Reply, TestServer};

/// Posts a form of a page, and returns the page after it.
async fn post(server: &TestServer, portal: &Portal, page: &str, form: &[(&str, &str)]) -> String {
    let path = portal.path(page);
    let saved = server.post_form(&path, &portal.owner, form).await;
    assert_eq!(
        (saved.status, saved.header("location")),
        (303, &*format!("{path}?saved=1")),
        "{}",
        saved.text
    );
    server.page(&path, &portal.owner).await.text
}

/// The slugs of the rows of a list, in order.
fn rows(page: &str) -> Vec<String> {
    let ids = page.split("id=\"edit-").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    ids.collect()
}

async fn refused(server: &TestServer, portal: &Portal, page: &str, form: &[(&str, &str)]) -> Reply {
    server.post_form(&portal.path(page), &portal.owner, form).await
}

#[tokio::test]
async fn an_owner_creates_edits_orders_hides_and_deletes_packages_without_scripts() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let new = [
        ("action", "save"),
        ("slug", ""),
        ("name", "Sunday Brunch"),
        ("description", "With </textarea> coffee."),
        ("price", "24,50"),
        ("bookingType", "TIMESLOT"),
        ("segment", "general"),
        ("active", "true"),
    ];
    let page = post(&server, &portal, "packages", &new).await;
    assert!(
        page.contains("Sunday Brunch") && page.contains("24.50 EUR") && page.contains("By time"),
        "{page}"
    );
    let all = ["basic-package", "standard-package", "premium-package", "sunday-brunch"];
    assert_eq!(rows(&page), all);
    let form = server.page(&format!("{}?edit=sunday-brunch", portal.path("packages")), &portal.owner).await;
    assert!(form.text.contains("With &lt;/textarea> coffee."), "{}", form.text);

    let page = post(&server, &portal, "packages", &[("action", "up"), ("slug", "sunday-brunch")]).await;
    assert_eq!(rows(&page), ["basic-package", "standard-package", "sunday-brunch", "premium-package"]);
    let page = post(&server, &portal, "packages", &[("action", "hide"), ("slug", "sunday-brunch")]).await;
    assert_eq!(page.matches("Hidden").count(), 1);
    let page = post(&server, &portal, "packages", &[("action", "delete"), ("slug", "premium-package")]).await;
    assert_eq!(rows(&page), ["basic-package", "standard-package", "sunday-brunch"]);
}

#[tokio::test]
async fn a_package_with_invalid_values_is_refused_with_the_input_kept() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let form = |name, price| {
        [("action", "save"), ("slug", ""), ("name", name), ("price", price), ("segment", "general")]
    };
    let price = refused(&server, &portal, "packages", &form("Brunch", "24.505")).await;
    assert_eq!(price.status, 422);
    assert!(
        price.text.contains("value=\"24.505\"") && price.text.contains("value=\"Brunch\""),
        "{}",
        price.text
    );
    let taken = refused(&server, &portal, "packages", &form("Basic Package", "1")).await;
    assert_eq!(taken.status, 422);
    assert!(taken.text.contains("Another package has this name or a similar one"));
    let unknown = refused(&server, &portal, "packages", &[("action", "explode"), ("slug", "x")]).await;
    assert_eq!(unknown.status, 422);
    let missing = refused(&server, &portal, "packages", &[("action", "delete"), ("slug", "no-such")]).await;
    assert_eq!(missing.status, 404);
}

#[tokio::test]
async fn the_second_of_two_people_who_edit_an_entry_overwrites_nothing() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    for (page, slug) in [("packages", "basic-package"), ("segments", "general")] {
        let opened = server.page(&format!("{}?edit={slug}", portal.path(page)), &portal.owner).await;
        let version = version_of(&opened.text);
        let form = |name| {
            let fields = [("action", "save"), ("slug", slug), ("version", version.as_str()), ("name", name)];
            let others =
                [("price", "5"), ("bookingType", "TIMESLOT"), ("segment", "general"), ("active", "true")];
            let others = if page == "packages" { &others[..] } else { &others[3..] };
            [&fields[..], others].concat()
        };
        let saved = post(&server, &portal, page, &form("First")).await;
        assert!(saved.contains("First"), "{saved}");
        let late = refused(&server, &portal, page, &form("Second")).await;
        assert_eq!(late.status, 412, "{}", late.text);
        assert!(late.text.contains("value=\"Second\""), "{}", late.text);
        // The same form is refused again.
        assert_eq!(version_of(&late.text), version);
        assert!(server.page(&portal.path(page), &portal.owner).await.text.contains("First"));
    }
}

#[tokio::test]
async fn an_owner_creates_and_orders_segments_without_scripts() {
    let server = TestServer::shared().await;
    let portal = Portal::new(&server).await;
    let new = [("action", "save"), ("slug", ""), ("name", "Families"), ("heroTitle", "Bring the children")];
    let page = post(&server, &portal, "segments", &new).await;
    assert!(page.contains("Bring the children"));
    assert_eq!(rows(&page), ["general", "families"]);
    // The form had no check mark.
    assert_eq!(page.matches("Hidden").count(), 1);
    let page = post(&server, &portal, "segments", &[("action", "down"), ("slug", "general")]).await;
    assert_eq!(rows(&page), ["families", "general"]);
    let empty =
        refused(&server, &portal, "segments", &[("action", "save"), ("slug", ""), ("name", " ")]).await;
    assert_eq!(empty.status, 422);
    let delete = refused(&server, &portal, "segments", &[("action", "delete"), ("slug", "general")]).await;
    assert_eq!(delete.status, 422);
}
