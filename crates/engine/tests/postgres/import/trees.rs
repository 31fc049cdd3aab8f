use domain::import::ImportAction;
use test_support::test_database::TestDatabase;

use super::fixture::{Tree, counts, dry_run, dump, example, example_id, import, owners, row, rules};

#[tokio::test]
async fn fifty_two_folders_with_owners_become_active_tenants_and_the_second_run_changes_nothing() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(52), owners(52));
    let before = dump(&db).await;
    let preview = dry_run(&db, &tree, Some(&owners)).await;
    assert_eq!(counts(&preview), [52, 0, 0, 0, 0, 0]);
    assert_eq!(dump(&db).await, before);

    let report = import(&db, &tree, Some(&owners)).await;
    assert_eq!(counts(&report), [52, 0, 0, 0, 0, 0]);
    assert!(!report.has_errors());
    // The dry run named the same slugs.
    let slugs = |report: &domain::import::ImportReport| -> Vec<_> {
        report.rows.iter().map(|row| row.slug.clone().unwrap()).collect()
    };
    assert_eq!(slugs(&preview), slugs(&report));
    let active = "SELECT count(*) FROM tenants t JOIN tenant_settings s ON s.tenant_id = t.id
         JOIN tenant_branding b ON b.tenant_id = t.id
         WHERE t.status = 'active' AND s.currency = 'EUR' AND s.time_zone = 'Europe/Berlin' AND b.theme = 'ocean'
           AND b.color_accent = '#abcdef' AND s.support_email LIKE 'hello@%' AND s.email_from_address LIKE 'post@%'";
    assert_eq!(db.number(active).await, 52);
    assert_eq!(db.number("SELECT count(*) FROM memberships WHERE role = 'owner'").await, 52);
    assert_eq!(db.number("SELECT count(*) FROM memberships WHERE role <> 'owner'").await, 22);
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages WHERE kind = 'invitation'").await, 74);
    let kept = "SELECT file_values #>> '{infrastructure,port}' FROM tenant_imported_values v
         JOIN tenants t ON t.id = v.tenant_id WHERE external_id = 'client_007'";
    assert_eq!(db.text(kept).await, "07");
    assert_eq!(db.number("SELECT count(*) FROM audit_log WHERE action = 'import.completed'").await, 1);
    db.assert_invariants().await;

    let before = dump(&db).await;
    let again = import(&db, &tree, Some(&owners)).await;
    assert_eq!(counts(&again), [0, 0, 0, 52, 0, 0]);
    assert_eq!(row(&again, "client_000").differences, []);
    assert_eq!(dump(&db).await, before);
}

#[tokio::test]
async fn without_owners_tenants_are_incomplete_until_a_later_run_names_them() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(6), owners(6));
    let report = import(&db, &tree, None).await;
    assert_eq!(counts(&report), [6, 6, 0, 0, 0, 0]);
    assert_eq!(db.number("SELECT count(*) FROM tenants WHERE status = 'setup_incomplete'").await, 6);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 0);
    db.assert_invariants().await;
    assert_eq!(counts(&import(&db, &tree, None).await), [0, 0, 0, 6, 0, 0]);

    assert_eq!(counts(&dry_run(&db, &tree, Some(&owners)).await), [0, 0, 6, 0, 0, 0]);
    assert_eq!(counts(&import(&db, &tree, Some(&owners)).await), [0, 0, 6, 0, 0, 0]);
    assert_eq!(db.number("SELECT count(*) FROM tenants WHERE status = 'active'").await, 6);
    assert_eq!(db.number("SELECT count(*) FROM memberships").await, 10);
    assert_eq!(counts(&import(&db, &tree, Some(&owners)).await), [0, 0, 0, 6, 0, 0]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn five_hundred_folders_are_imported_twice_with_and_without_owners() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(500), owners(500));
    assert_eq!(counts(&import(&db, &tree, Some(&owners)).await), [500, 0, 0, 0, 0, 0]);
    assert_eq!(counts(&import(&db, &tree, Some(&owners)).await), [0, 0, 0, 500, 0, 0]);
    db.assert_invariants().await;
    let other = TestDatabase::new().await;
    assert_eq!(counts(&import(&other, &tree, None).await), [500, 500, 0, 0, 0, 0]);
    assert_eq!(counts(&import(&other, &tree, None).await), [0, 0, 0, 500, 0, 0]);
    other.assert_invariants().await;
}

#[tokio::test]
async fn a_taken_slug_gives_the_first_available_alternative_and_the_report_says_so() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    for folder in ["one", "three", "two"] {
        tree.write(&format!("{folder}/client.yaml"), "client:\n  name: Golden Spoon\n");
    }
    tree.write("admin-services/client.yaml", "client:\n  name: Admin\n");
    tree.write("tea/client.yaml", "client:\n  name: 青柳茶房\n");
    let report = import(&db, &tree, None).await;
    let slug = |id: &str| row(&report, id).slug.clone().unwrap();
    assert_eq!(
        [slug("one"), slug("three"), slug("two")],
        ["golden-spoon", "golden-spoon-2", "golden-spoon-io"]
    );
    assert_eq!(rules(&row(&report, "two").problems), [("slug_taken", 2)]);
    // A name that gives no valid slug falls back to the folder.
    assert_eq!([slug("admin-services"), slug("tea")], ["admin-services", "tea"]);
}

#[tokio::test]
async fn a_tenant_that_exists_is_never_changed_and_its_differences_are_reported() {
    let db = TestDatabase::new().await;
    let tree = Tree::with_examples(1);
    import(&db, &tree, Some(&owners(1))).await;
    let before = dump(&db).await;
    let changed =
        example(0).replace("EUR", "CHF").replace("eu-west-1", "us-east-1").replace("#123456", "#654321");
    tree.write(&format!("{}/client.yaml", example_id(0)), changed);
    let owner = "tenant_id,email,name,role\nclient_000,other@people.example,Other,owner\n";
    let report = import(&db, &tree, Some(owner)).await;
    assert_eq!(counts(&report), [0, 0, 0, 0, 1, 0]);
    let row = row(&report, "client_000");
    let fields: Vec<_> = row.differences.iter().map(|difference| difference.field.as_str()).collect();
    assert_eq!(fields, ["client.currency", "branding.primary_color", "infrastructure.region", "owner"]);
    assert_eq!(row.differences[0].in_file.as_deref(), Some("CHF"));
    assert_eq!(row.differences[0].in_tenant.as_deref(), Some("EUR"));
    assert_eq!(dump(&db).await, before);
    assert!(!report.has_errors());
}

#[tokio::test]
async fn an_account_that_exists_can_own_several_imported_tenants() {
    let db = TestDatabase::new().await;
    let tree = Tree::with_examples(3);
    let owners = "tenant_id,email,name,role\nclient_000,ada@people.example,Ada,owner\n\
                  client_001,ADA@people.example,Ada,owner\nclient_002,ada@people.example,Ada,owner\n";
    assert_eq!(counts(&import(&db, &tree, Some(owners)).await), [3, 0, 0, 0, 0, 0]);
    let owned = "SELECT count(*) FROM tenants t JOIN users u ON u.id = t.owner_id
         WHERE u.email_canonical = 'ada@people.example' AND t.status = 'active'";
    assert_eq!(db.number(owned).await, 3);
    assert_eq!(counts(&import(&db, &tree, Some(owners)).await), [0, 0, 0, 3, 0, 0]);
    db.assert_invariants().await;
}

#[tokio::test]
async fn problems_of_the_owners_file_refuse_their_tenants_only() {
    let db = TestDatabase::new().await;
    let tree = Tree::with_examples(5);
    let owners = "\u{FEFF}email,role,name,tenant_id\nnot-an-address,owner,Ada,client_000\nada@p.example,admin,Ada,client_001\n\
                  a@p.example,owner,A,client_002\nb@p.example,owner,B,client_002\nc@p.example,boss,C,client_003\n\
                  d@p.example,owner,D,nowhere\n";
    let report = import(&db, &tree, Some(owners)).await;
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 4]);
    let rule = |id: &str| rules(&row(&report, id).problems)[0];
    assert_eq!(rule("client_001"), ("no_owner", 3));
    assert_eq!(rule("client_002"), ("second_owner", 5));
    assert_eq!(rule("client_003"), ("unknown", 6));
    assert_eq!(row(&report, "client_000").problems[0].file, "owners.csv");
    assert_eq!(rules(&report.problems), [("unknown_tenant", 7)]);
    let without_header = import(&db, &tree, Some("client_000,a@p.example,A,owner\n")).await;
    assert_eq!(rules(&without_header.problems), [("header", 1)]);
    assert!(without_header.has_errors());
}

#[tokio::test]
async fn other_files_are_listed_and_a_folder_clients_is_found() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write("clients/acme/client.yaml", "client:\n  name: Acme\n");
    tree.write("clients/acme/logo.png", "x");
    tree.write("clients/acme/data/menu.json", "x");
    tree.write("clients/empty/notes.txt", "x");
    tree.write("README.md", "x");
    std::os::unix::fs::symlink("/etc", tree.0.join("clients/linked")).unwrap();
    let report = import(&db, &tree, None).await;
    assert_eq!(report.rows[0].file, "clients/acme/client.yaml");
    let expected = [
        "README.md",
        "clients/acme/data/menu.json",
        "clients/acme/logo.png",
        "clients/empty/notes.txt",
        "clients/linked",
    ];
    assert_eq!(report.not_imported, expected);
    assert_eq!(row(&report, "acme").action, ImportAction::Create);
}
