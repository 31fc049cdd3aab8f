//! Directories with `client.yaml` files.

use std::{fmt::Write as _, fs, path::PathBuf};

use domain::import::{ImportProblem, ImportReport, ImportRow};
use engine::{
    Error,
    access::Employee,
    import::{
        IgnoreProgress, ImportSettings, find_import_employee, preview_import, read_directory, run_import,
    },
};
use test_support::test_database::{ORIGIN, TestDatabase};
use uuid::Uuid;

/// A directory that is deleted when this value is dropped.
pub(super) struct Tree(pub PathBuf);

impl Tree {
    pub(super) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("tenantry-import-{}", Uuid::new_v4()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// A tree with the `client.yaml` of each example.
    pub(super) fn with_examples(count: usize) -> Self {
        let tree = Self::new();
        (0..count)
            .for_each(|number| tree.write(&format!("{}/client.yaml", example_id(number)), example(number)));
        tree
    }

    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(super) fn example_id(number: usize) -> String {
    format!("client_{number:03}")
}

/// A `client.yaml` as customers have it. Every tenth has the same name, and others are not in Latin letters.
pub(super) fn example(number: usize) -> String {
    let names = ["Golden Spoon", "青柳茶房", "Λευκή Άμμος", "Kräutergarten & Söhne", "The Blue Gate No. 7"];
    let name = match number % 10 {
        0 => names[0].to_owned(),
        1 => format!("{} {number}", names[1 + number % 4]),
        _ => format!("Customer {number}"),
    };
    format!(
        "# Customer {number}\nclient:\n  name: \"{name}\"\n  short_name: C{number}\n  currency: EUR\n  timezone: Europe/Berlin\n\
         branding:\n  company_name: \"{name} Ltd\"\n  theme_id: ocean\n  logo_url: https://cdn.example.com/{number}.png\n  \
         primary_color: \"#123456\"\n  secondary_color: \"#345678\"\n  accent_color: \"#ABCDEF\"\n\
         email:\n  primary: hello@c{number}.example.com\n  sendgrid:\n    from_name: {name}\n    \
         from_email: post@c{number}.example.com\n    api_key: ${{SENDGRID_API_KEY}}\n\
         infrastructure:\n  region: eu-west-1\n  port: 0{number}\n  database:\n    host: db{number}.internal\n    \
         password: ${{DB_PASSWORD}}\n  queues: [mail, sync]\n"
    )
}

/// An owners file with an owner and, for every fifth tenant, two members.
pub(super) fn owners(count: usize) -> String {
    let mut text = String::from("tenant_id,email,name,role\n");
    for number in 0..count {
        let id = example_id(number);
        writeln!(text, "{id},owner{number}@people.example,\"Owner, {number}\",owner").unwrap();
        if number % 5 == 0 {
            writeln!(text, "{id},admin{number}@people.example,Admin {number},admin").unwrap();
            writeln!(text, "{id},member{number}@people.example,Member {number},member").unwrap();
        }
    }
    text
}

pub(super) fn settings() -> ImportSettings {
    ImportSettings { origin: ORIGIN.to_owned(), ..ImportSettings::default() }
}

pub(super) async fn importer(db: &TestDatabase) -> Employee {
    find_import_employee(&db.engine).await.unwrap()
}

/// Imports a tree.
pub(super) async fn try_import(
    db: &TestDatabase,
    tree: &Tree,
    owners: Option<&str>,
    settings: &ImportSettings,
) -> Result<ImportReport, Error> {
    let mut source = read_directory(&tree.0).unwrap();
    if let Some(owners) = owners {
        source = source.with_owners("owners.csv", owners.as_bytes());
    }
    let by = importer(db).await;
    run_import(&db.engine, &by, &source, settings, &IgnoreProgress).await
}

pub(super) async fn import(db: &TestDatabase, tree: &Tree, owners: Option<&str>) -> ImportReport {
    try_import(db, tree, owners, &settings()).await.unwrap()
}

pub(super) async fn dry_run(db: &TestDatabase, tree: &Tree, owners: Option<&str>) -> ImportReport {
    let mut source = read_directory(&tree.0).unwrap();
    if let Some(owners) = owners {
        source = source.with_owners("owners.csv", owners.as_bytes());
    }
    preview_import(&db.engine, &source, &settings()).await.unwrap()
}

/// The counts of a report: created, of these without an owner, activated, unchanged, different, refused.
pub(super) fn counts(report: &ImportReport) -> [u32; 6] {
    let counts = report.counts;
    [counts.create, counts.without_owner, counts.activate, counts.unchanged, counts.differs, counts.refused]
}

/// The row of a folder.
pub(super) fn row<'a>(report: &'a ImportReport, external_id: &str) -> &'a ImportRow {
    report.rows.iter().find(|row| row.external_id == external_id).unwrap()
}

/// The rules and lines of problems.
pub(super) fn rules(problems: &[ImportProblem]) -> Vec<(&str, u32)> {
    problems.iter().map(|problem| (problem.rule.as_str(), problem.line.unwrap_or_default())).collect()
}

/// The text of every row of every table, to compare databases and to find secrets.
pub(super) async fn dump(db: &TestDatabase) -> String {
    let tables = db
        .text(
            "SELECT string_agg(c.relname, ',' ORDER BY c.relname) FROM pg_class c
             WHERE c.relkind = 'r' AND c.relnamespace = 'tenantry'::regnamespace",
        )
        .await;
    let mut dump = String::new();
    for table in tables.split(',') {
        let sql = format!("SELECT coalesce(string_agg(t::text, E'\\n' ORDER BY t::text), '') FROM {table} t");
        writeln!(dump, "{table}\n{}", db.text(&sql).await).unwrap();
    }
    dump
}
