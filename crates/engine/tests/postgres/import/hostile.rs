use domain::import::Severity;
use engine::import::export_clients;
use test_support::test_database::TestDatabase;

use super::fixture::{Tree, counts, dry_run, import, importer, row, rules};

/// The first error about a file.
async fn error_of(content: impl AsRef<[u8]>) -> (String, u32) {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write("acme/client.yaml", content);
    let report = import(&db, &tree, None).await;
    assert_eq!(counts(&report), [0, 0, 0, 0, 0, 1], "{report:?}");
    assert!(report.has_errors());
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 0);
    let problems = &report.rows[0].problems;
    let error = problems.iter().find(|problem| problem.severity == Severity::Error).unwrap();
    assert!(error.message.ends_with('.'), "{}", error.message);
    (error.rule.clone(), error.line.unwrap_or_default())
}

#[tokio::test]
async fn hostile_files_are_refused_with_their_line() {
    let mut bomb = String::from("client:\n  name: Acme\na0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
    for level in 1..10 {
        bomb += &format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(","));
    }
    let rule = |rule: &str, line| (rule.to_owned(), line);
    assert_eq!(error_of(&bomb).await, rule("too_many_values", 6));
    assert_eq!(error_of("client:\n  name: Acme\n  name: Other\n").await, rule("duplicate_key", 3));
    assert_eq!(error_of("client:\n  name: [Acme]\n").await, rule("type", 2));
    assert_eq!(error_of("client:\n  name: {a: b}\n").await, rule("type", 2));
    assert_eq!(error_of("client: Acme\n").await, rule("type", 1));
    assert_eq!(error_of("- client\n").await, rule("type", 1));
    assert_eq!(error_of(format!("client:\n  name: {}\n", "x".repeat(10 << 20))).await, rule("too_large", 0));
    assert_eq!(error_of(format!("client:\n  name: {}\n", "x".repeat(1000))).await, rule("too_long", 2));
    assert_eq!(error_of(b"client:\n  name: M\xFCller\n").await, rule("encoding", 2));
    assert_eq!(error_of("").await, rule("empty", 1));
    assert_eq!(error_of("client:\n\tname: x\n").await.0, "syntax");
    assert_eq!(error_of("client:\n  currency: EUR\n").await, rule("required", 1));
    assert_eq!(
        error_of("client:\n  name: Acme\n---\nclient:\n  name: Two\n").await,
        rule("several_documents", 3)
    );
}

#[tokio::test]
async fn all_problems_of_all_files_are_reported_at_once() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write(
        "one/client.yaml",
        "client:\n  name: One\n  currency: EURO\n  timezone: Mars/Base\nbranding:\n  primary_color: \"#12G45F\"\n  \
         logo_url: nowhere\nemail:\n  primary: x\n",
    );
    tree.write("two/client.yaml", "client:\n  name: ''\n");
    tree.write("three/client.yaml", "\u{FEFF}client:\n  name: Three\n  opening: 2024-01-02\n");
    let report = dry_run(&db, &tree, None).await;
    let lines =
        |id: &str| -> Vec<_> { rules(&row(&report, id).problems).iter().map(|(_, line)| *line).collect() };
    assert_eq!(lines("one"), [3, 4, 6, 7, 9]);
    assert_eq!(row(&report, "one").problems[0].place(), "one/client.yaml:3:13");
    assert_eq!(lines("two"), [2]);
    assert_eq!(rules(&row(&report, "three").problems), [("unknown_field", 3)]);
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 2]);
}

#[tokio::test]
async fn texts_stay_as_written() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write(
        "0123/client.yaml",
        "client:\n  name: NO\n  short_name: 0123\nbranding:\n  company_name: 2024-01-02\nemail:\n  sendgrid:\n    \
         from_name: 1e3\ninfrastructure:\n  version: 1.10\n  enabled: yes\n  empty:\ntenantry:\n  slug: norway\n",
    );
    assert_eq!(counts(&import(&db, &tree, None).await), [1, 1, 0, 0, 0, 0]);
    let texts = "SELECT concat_ws(' ', t.external_id, t.name, t.short_name, s.company_name, s.email_from_name, t.slug)
         FROM tenants t JOIN tenant_settings s ON s.tenant_id = t.id";
    assert_eq!(db.text(texts).await, "0123 NO 0123 2024-01-02 1e3 norway");
    assert_eq!(
        db.text("SELECT file_values::text FROM tenant_imported_values").await,
        r#"{"infrastructure": {"empty": null, "enabled": "yes", "version": "1.10"}}"#
    );
    assert_eq!(counts(&import(&db, &tree, None).await), [0, 0, 0, 1, 0, 0]);
}

#[tokio::test]
async fn a_null_character_refuses_its_file_and_no_other() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write("one/client.yaml", "client:\n  name: \"A\\0\"\n");
    tree.write("two/client.yaml", "client:\n  name: Two\ninfrastructure:\n  \"a\\0\": 1\n");
    tree.write("three/client.yaml", "client:\n  name: Three\ninfrastructure:\n  a: [\"\\u0000\"]\n");
    tree.write("four/client.yaml", "client:\n  name: Four\n");
    let owners = "tenant_id,email,name,role\nfour,ada@people.example,A\0,owner\n";
    let report = import(&db, &tree, Some(owners)).await;
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 3]);
    for id in ["one", "two", "three"] {
        assert_eq!(rules(&row(&report, id).problems)[0].0, "null_character", "{id}");
    }
    assert_eq!(rules(&report.problems), [("encoding", 0)]);
}

#[tokio::test]
async fn aliases_cannot_nest_values_so_deep_that_an_export_fails() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    let mut text = String::from("client:\n  name: Acme\ninfrastructure:\n  a0: &a0 [x]\n");
    for level in 1..200 {
        text += &format!("  a{level}: &a{level} [*a{}]\n", level - 1);
    }
    tree.write("acme/client.yaml", &text);
    tree.write("other/client.yaml", "client:\n  name: Other\n");
    let report = import(&db, &tree, None).await;
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 1]);
    assert_eq!(rules(&row(&report, "acme").problems)[0].0, "too_deep");
    let by = importer(&db).await.into();
    assert_eq!(export_clients(&db.engine, &by).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_report_lists_a_limited_number_of_problems() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    let bad = format!("client:\n  name: Acme\ninfrastructure:\n{}", "  password: hunter2\n".repeat(2_000));
    for number in 0..150 {
        tree.write(&format!("c{number:03}/client.yaml"), &bad);
    }
    let owners = format!("tenant_id,email,name,role\n{}", "c000,x,x,x\n,,,\nunknown,x,x,x\n".repeat(1_000));
    let report = dry_run(&db, &tree, Some(&owners)).await;
    assert_eq!(counts(&report), [0, 0, 0, 0, 0, 150]);
    let first = &row(&report, "c000").problems;
    assert_eq!(first.iter().filter(|problem| problem.rule == "more_problems").count(), 2);
    assert!(first.len() <= 42 && first.iter().any(|problem| problem.message.contains("1980 more problems")));
    assert_eq!(rules(&row(&report, "c149").problems), [("not_listed", 0)]);
    assert!(row(&report, "c149").has_error() && report.problems.len() <= 22);
    assert!(report.problems.iter().any(|problem| problem.rule == "too_many_problems"));
    assert!(serde_json::to_string(&report).unwrap().len() < 4 * 1024 * 1024);
}
