use std::fs;

use engine::{
    access::Actor,
    import::{ImportSettings, WriteError, export_clients, write_export},
};
use test_support::test_database::TestDatabase;

use super::fixture::{Tree, counts, import, owners, settings, try_import};

/// The columns of the rows that a tenant consists of, without IDs and times.
const COMPARED: [&str; 7] = [
    "SELECT to_jsonb(t) - '{id,created_at,activated_at,created_by,request_id,owner_id,version,code}'::text[] AS entry
     FROM tenants t",
    "SELECT to_jsonb(s) - '{tenant_id,updated_at}'::text[] || jsonb_build_object('x', t.external_id) AS entry
     FROM tenant_settings s JOIN tenants t ON t.id = s.tenant_id",
    "SELECT to_jsonb(b) - '{tenant_id,updated_at}'::text[] || jsonb_build_object('x', t.external_id) AS entry
     FROM tenant_branding b JOIN tenants t ON t.id = b.tenant_id",
    "SELECT jsonb_build_array(t.external_id, m.role, m.invited_name, m.invited_email, u.name, u.email, u.email_canonical)
         AS entry
     FROM memberships m JOIN tenants t ON t.id = m.tenant_id JOIN users u ON u.id = m.user_id",
    "SELECT jsonb_build_array(t.external_id, v.file_values) AS entry
     FROM tenant_imported_values v JOIN tenants t ON t.id = v.tenant_id",
    "SELECT to_jsonb(s) - '{id,tenant_id}'::text[] || jsonb_build_object('x', t.external_id) AS entry
     FROM segments s JOIN tenants t ON t.id = s.tenant_id",
    "SELECT to_jsonb(p) - '{id,tenant_id,segment_id}'::text[] || jsonb_build_object('x', t.external_id) AS entry
     FROM packages p JOIN tenants t ON t.id = p.tenant_id",
];

async fn rows(db: &TestDatabase) -> Vec<String> {
    let mut rows = Vec::new();
    for sql in COMPARED {
        let sql = format!(
            "SELECT coalesce(string_agg(entry::text, E'\\n' ORDER BY entry::text), '') FROM ({sql}) rows"
        );
        rows.push(db.text(&sql).await);
    }
    rows
}

async fn export(db: &TestDatabase, tree: &Tree) -> usize {
    let files = export_clients(&db.engine, &Actor::Operator).await.unwrap();
    write_export(&tree.0, &files).unwrap()
}

#[tokio::test]
async fn the_import_of_an_export_gives_the_same_rows_and_the_same_export() {
    let db = TestDatabase::new().await;
    let (tree, owners) = (Tree::with_examples(52), owners(40));
    tree.write(
        "odd/client.yaml",
        "client:\n  name: \"Odd: #1 \\\"quoted\\\"\"\nbranding:\n  theme_id: harbour\n  logo_url: ${CDN}/a.png\ninfrastructure:\n  \
         smtp_password: ${SMTP}\n  \"a key: x\": [1, {b: c}]\ntenantry:\n  external_id: ../../etc\n  commission: 12.5\n  \
         plan: lite\n  locale: de\n",
    );
    import(&db, &tree, Some(&owners)).await;
    let exported = Tree::new();
    assert_eq!(export(&db, &exported).await, 54);
    let people = fs::read_to_string(exported.0.join("owners.csv")).unwrap();
    assert_eq!(people.lines().count(), 1 + 40 + 16);

    let other = TestDatabase::new().await;
    let report = import(&other, &exported, Some(&people)).await;
    assert_eq!(counts(&report), [53, 13, 0, 0, 0, 0], "{report:?}");
    assert_eq!(rows(&db).await, rows(&other).await);
    // The import of the export into the same installation changes nothing.
    assert_eq!(counts(&import(&db, &exported, Some(&people)).await), [0, 0, 0, 53, 0, 0]);
    // The export of the second installation has the same files, except for the codes of tenants without a safe name.
    let again = Tree::new();
    export(&other, &again).await;
    for file in ["client_000/client.yaml", "client_001/client.yaml", "client_051/client.yaml"] {
        assert_eq!(fs::read(exported.0.join(file)).unwrap(), fs::read(again.0.join(file)).unwrap());
    }
    other.assert_invariants().await;
}

#[tokio::test]
async fn an_export_is_repeatable_and_does_not_touch_other_files() {
    let db = TestDatabase::new().await;
    import(&db, &Tree::with_examples(3), Some(&owners(3))).await;
    let exported = Tree::new();
    assert_eq!(export(&db, &exported).await, 4);
    assert_eq!(export(&db, &exported).await, 0);
    db.run("UPDATE tenants SET name = 'New Name' WHERE external_id = 'client_001'").await;
    assert_eq!(export(&db, &exported).await, 1);
    let files = export_clients(&db.engine, &Actor::Operator).await.unwrap();
    exported.write("client_002/client.yaml", "changed: by hand\n");
    assert!(
        matches!(write_export(&exported.0, &files), Err(WriteError::Foreign(path)) if path.contains("client_002"))
    );
    let foreign = Tree::new();
    foreign.write("client_000/client.yaml", "client:\n  name: Mine\n");
    assert!(matches!(write_export(&foreign.0, &files), Err(WriteError::Foreign(_))));
    let kept = fs::read_to_string(foreign.0.join("client_000/client.yaml")).unwrap();
    assert_eq!(kept, "client:\n  name: Mine\n");
    assert_eq!(fs::read_dir(&foreign.0).unwrap().count(), 1);
}

#[tokio::test]
async fn an_export_has_references_in_place_of_encrypted_secrets() {
    let db = TestDatabase::new().await;
    let tree = Tree::new();
    tree.write("acme/client.yaml", "client:\n  name: Acme\ninfrastructure:\n  smtp_password: hunter2\n");
    let encrypt = ImportSettings { encrypt_secrets: true, ..settings() };
    assert_eq!(counts(&try_import(&db, &tree, None, &encrypt).await.unwrap()), [1, 1, 0, 0, 0, 0]);
    let files = export_clients(&db.engine, &Actor::Operator).await.unwrap();
    let client = &files.iter().find(|file| file.path == "acme/client.yaml").unwrap().content;
    assert!(client.contains("smtp_password: \"${INFRASTRUCTURE_SMTP_PASSWORD}\""), "{client}");
    assert!(!client.contains("hunter2"));
}
