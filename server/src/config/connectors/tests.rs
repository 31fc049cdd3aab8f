#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use connectors::{
    PipelineSettings,
    settings::{CopySettings, CopyStrategy},
};
use domain::pipeline::{Blueprint, Connector, Step};
use secrecy::ExposeSecret;

use super::super::{
    kind::{hosts, postgres_server_url, tenant_url, web_url},
    tests::{TempDir, env, load, problems_text},
};
use crate::config::Settings;

#[test]
fn by_default_there_are_two_workers_and_no_connectors() {
    let settings = load(&[]).unwrap();
    assert_eq!((settings.workers, settings.lease_seconds), (2, 30));
    let pipeline = settings.pipeline;
    assert!(Connector::EXTERNAL.into_iter().all(|connector| !pipeline.has(connector)));
    assert_eq!(pipeline.blueprints, [Blueprint::standard()]);
    assert!(pipeline.allowed_hosts.is_empty());
}

#[test]
fn the_file_configures_connectors_and_blueprints() {
    let directory = TempDir::new();
    let token = directory.file("token", "word\n");
    let text = format!(
        r#"
workers = 4
allowed_hosts = "Proxy.example.com, 10.0.0.7:8069"
[copy]
url = "postgres://tenantry@%2Frun%2Fpostgresql/postgres"
strategy = "wal_log"
pool_size = 3
filestore = "/var/lib/odoo/filestore"
[odoo18]
url = "http://odoo18.example.com:8069/"
login = "admin"
password = "pass"
[bridge]
url = "https://bridge.example.com/v1"
token_file = {token:?}
[[blueprints]]
name = "shop"
label = "Shop"
template = "shop-template"
skippable = ["STEP_6_BRIDGE_METADATA_UPSERT"]
[[blueprints]]
name = "bare"
label = "Bare"
steps = ["STEP_6_BRIDGE_METADATA_UPSERT"]
"#
    );
    let settings =
        Settings::load(directory.with_file(&text), env(&[("TENANTRY_ODOO18_LOGIN", "root")])).unwrap();
    assert_eq!(settings.workers, 4);
    let PipelineSettings { copy, odoo18, odoo19, bridge, blueprints, allowed_hosts } = settings.pipeline;
    let Some(CopySettings::Postgres(copies)) = copy else { panic!("PostgreSQL does not copy the databases") };
    assert_eq!((copies.strategy, copies.pool_size), (CopyStrategy::WalLog, 3));
    assert_eq!(copies.filestore, Some("/var/lib/odoo/filestore".into()));
    assert_eq!(odoo18.unwrap().login, "root");
    assert!(odoo19.is_none());
    assert_eq!(bridge.unwrap().token.expose_secret(), "word");
    assert_eq!(blueprints[0].template.as_deref(), Some("shop-template"));
    assert!(
        blueprints[0].may_skip(Step::UpsertBridgeMetadata) && !blueprints[1].includes(Step::CopyDatabase)
    );
    assert_eq!(allowed_hosts, ["proxy.example.com", "10.0.0.7:8069"]);
}

#[test]
fn the_environment_configures_connectors_but_no_blueprints() {
    let settings = load(&[
        ("TENANTRY_COPY_SERVICE_URL", "https://copies.example.com"),
        ("TENANTRY_COPY_SERVICE_TOKEN", "word"),
        ("TENANTRY_ODOO19_URL", "https://odoo.example.com"),
        ("TENANTRY_ODOO19_DATABASE", "vendor"),
        ("TENANTRY_ODOO19_LOGIN", "tenantry"),
        ("TENANTRY_ODOO19_KEY", "word"),
        ("TENANTRY_ODOO19_BUSINESS_BASE_URL", "https://shops.example.com"),
        ("TENANTRY_WORKERS", "0"),
    ]);
    // Copying needs a template, which only a blueprint in the file can name.
    let text = settings.unwrap_err().to_string();
    assert!(text.contains("1 problem:") && text.contains("the blueprint standard copies"), "{text}");
}

#[test]
fn an_incomplete_connector_is_refused_with_the_missing_settings() {
    let text = problems_text(&[("TENANTRY_COPY_STRATEGY", "wal_log"), ("TENANTRY_ODOO19_KEY", "swordfish")]);
    for part in
        ["6 problems", "TENANTRY_COPY_URL", "TENANTRY_ODOO19_URL (odoo19.url)", "TENANTRY_ODOO19_LOGIN"]
    {
        assert!(text.contains(part), "{part} is not in {text}");
    }
    assert!(!text.contains("swordfish") && !text.contains("TENANTRY_ODOO19_KEY"), "{text}");
}

#[test]
fn a_connector_url_has_no_password_query_or_fragment() {
    for bad in ["bridge.example.com", "ftp://h", "http://u:p@h", "http://h?x", "http://h#x", "http://"] {
        assert!((web_url().parse)(bad).is_none(), "{bad}");
    }
    assert_eq!((web_url().parse)("http://h:8069/odoo").unwrap().as_str(), "http://h:8069/odoo");
    assert!((postgres_server_url().parse)("postgres://h:none/d").is_none());
}

#[test]
fn the_address_of_a_tenant_depends_on_the_tenant() {
    let parse = |text| (tenant_url().parse)(text).map(|url| url.address("olive", "ten-00000007"));
    assert_eq!(parse("https://{slug}.shops.example/").unwrap(), "https://olive.shops.example");
    assert_eq!(parse("http://h:8069/{database}/{slug}").unwrap(), "http://h:8069/ten-00000007/olive");
    for bad in [
        "https://shop.example",
        "{slug}",
        "ftp://{slug}",
        "https://{slug}?x",
        "https://{name}.{slug}.example",
    ] {
        assert_eq!(parse(bad), None, "{bad}");
    }
}

#[test]
fn hosts_may_have_a_port() {
    assert_eq!((hosts().parse)("a.example, [::1]:80").unwrap(), ["a.example", "[::1]:80"]);
    for bad in ["", "a,", "http://a", "a/b", "a:", "a:x", "a b"] {
        assert!((hosts().parse)(bad).is_none(), "{bad}");
    }
}

#[test]
fn a_problem_in_a_blueprint_is_reported() {
    for (text, expected) in [
        ("blueprints = 3", "[[blueprints]]"),
        ("blueprints = []", "[[blueprints]]"),
        ("[[blueprints]]\nname = \"a\"", "entry 1 cannot be used: missing field `label`"),
        ("[[blueprints]]\nname = \"a\"\nlabel = \"A\"\ncolor = 1", "unknown field `color`"),
        ("[[blueprints]]\nname = \"a\"\nlabel = \"A\"\nsteps = [\"STEP_9\"]", "STEP_9"),
        ("[[blueprints]]\nname = \"A\"\nlabel = \"A\"", "lowercase letters"),
        ("[copy]\nhost = \"x\"", "copy.host in "),
        ("copy = \"x\"", "not a setting"),
    ] {
        let directory = TempDir::new();
        let problems = Settings::load(directory.with_file(text), env(&[])).unwrap_err().to_string();
        assert!(problems.contains(expected), "{expected:?} is not in {problems}");
    }
}
