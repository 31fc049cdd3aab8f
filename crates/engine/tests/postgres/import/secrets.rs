use engine::import::ImportSettings;
use secrecy::ExposeSecret;
use test_support::{captured_log::CapturedLog, test_database::TestDatabase};
use uuid::Uuid;

use super::fixture::{Tree, counts, dump, import, settings, try_import};

const FILE: &str = "client:\n  name: Acme\nemail:\n  sendgrid:\n    api_key: SG.hunter2hunter2hunter2\ninfrastructure:\n  \
                    database_url: postgres://app:hunter2@db/app\n  smtp:\n    password: hunter2\n    host: mail\n  \
                    private_key: |\n    -----BEGIN PRIVATE KEY-----\n    hunter2\n    -----END PRIVATE KEY-----\n  \
                    tokens: [hunter2, \"${SAFE}\"]\n";

#[tokio::test]
async fn a_file_with_literal_secrets_is_refused_and_the_secrets_are_nowhere() {
    let (log, _guard) = CapturedLog::start_with_statements();
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write("acme/client.yaml", FILE);
    let report = import(&db, &tree, None).await;
    assert_eq!(counts(&report), [0, 0, 0, 0, 0, 1]);
    let problems = &report.rows[0].problems;
    assert_eq!(problems.iter().filter(|problem| problem.rule == "literal_secret").count(), 5);
    assert!(!serde_json::to_string(&report).unwrap().contains("hunter2"));
    assert!(!dump(&db).await.contains("hunter2"));
    assert!(!format!("{:?}", log.lines()).contains("hunter2"));
}

#[tokio::test]
async fn with_the_flag_secrets_are_encrypted_and_nowhere_in_clear() {
    let (log, _guard) = CapturedLog::start_with_statements();
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write("acme/client.yaml", FILE);
    let encrypt = ImportSettings { encrypt_secrets: true, ..settings() };
    let report = try_import(&db, &tree, None, &encrypt).await.unwrap();
    assert_eq!(counts(&report), [1, 1, 0, 0, 0, 0], "{report:?}");
    let dump = dump(&db).await;
    // Also not in hexadecimal, as the dump shows bytes.
    assert!(!dump.contains("hunter2") && !dump.contains("68756e74657232"));
    assert!(
        !serde_json::to_string(&report).unwrap().contains("hunter2")
            && !format!("{:?}", log.lines()).contains("hunter2")
    );
    let id: Uuid = db.text("SELECT id::text FROM tenants").await.parse().unwrap();
    let secret = db.engine.vault().get(id, "import:infrastructure.smtp.password").await.unwrap().unwrap();
    assert_eq!(secret.expose_secret(), "hunter2");
    let reference = "SELECT file_values #>> '{infrastructure,smtp,password}' FROM tenant_imported_values";
    assert_eq!(db.text(reference).await, "${INFRASTRUCTURE_SMTP_PASSWORD}");
    assert_eq!(db.number("SELECT count(*) FROM tenant_secrets").await, 5);

    let again = try_import(&db, &tree, None, &encrypt).await.unwrap();
    assert_eq!(counts(&again), [0, 0, 0, 1, 0, 0], "{again:?}");
    tree.write("acme/client.yaml", FILE.replace("    password: hunter2", "    password: other3"));
    let changed = try_import(&db, &tree, None, &encrypt).await.unwrap();
    assert_eq!(counts(&changed), [0, 0, 0, 0, 1, 0]);
    assert_eq!(changed.rows[0].differences[0].field, "infrastructure.smtp.password");
    let text = serde_json::to_string(&changed).unwrap();
    assert!(!text.contains("hunter2") && !text.contains("other3"));
    // A broken file is not shown either.
    tree.write("acme/client.yaml", format!("{FILE}  broken: [\n"));
    let broken = try_import(&db, &tree, None, &encrypt).await.unwrap();
    assert_eq!(counts(&broken), [0, 0, 0, 0, 0, 1]);
    assert!(!serde_json::to_string(&broken).unwrap().contains("hunter2"));
}

/// Files whose anchor stands before the credential.
const REVERSED: [&str; 4] = [
    "client:\n  name: Acme\ninfrastructure:\n  note: &p hunter2\n  password: *p\n",
    "client:\n  name: Acme\ninfrastructure:\n  list: &t [a, {b: hunter2}]\n  tokens: *t\n",
    "client:\n  name: Acme\n  short_name: &p hunter2\n  currency: EURO\ninfrastructure:\n  password: *p\n",
    "client:\n  name: Acme\nnote: &p hunter2\ninfrastructure:\n  &q hunter2 : x\n  password: *p\n  token: *q\n",
];

#[tokio::test]
async fn a_secret_whose_anchor_stands_before_the_credential_is_nowhere() {
    for (index, text) in REVERSED.iter().enumerate() {
        for encrypt_secrets in [false, true] {
            let (log, _guard) = CapturedLog::start_with_statements();
            let db = TestDatabase::new().await;
            let tree = Tree::new();
            tree.write("acme/client.yaml", text);
            let settings = ImportSettings { encrypt_secrets, ..settings() };
            let report = try_import(&db, &tree, None, &settings).await.unwrap();
            let refused = u32::from(!encrypt_secrets || index > 1);
            assert_eq!(report.counts.refused, refused, "{text} {report:?}");
            let dump = dump(&db).await;
            assert!(!dump.contains("hunter2") && !dump.contains("68756e74657232"), "{text}");
            assert!(!serde_json::to_string(&report).unwrap().contains("hunter2"), "{text}");
            assert!(!format!("{:?}", log.lines()).contains("hunter2"), "{text}");
        }
    }
}
