#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use secrecy::ExposeSecret;

use super::*;

pub(super) type Variables = &'static [(&'static str, &'static str)];

pub(super) fn env(pairs: Variables) -> impl Iterator<Item = (String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
}

pub(super) fn load(pairs: Variables) -> Result<Settings, ConfigProblems> {
    Settings::load(Overrides::default(), env(pairs))
}

pub(super) fn problems_text(pairs: Variables) -> String {
    load(pairs).unwrap_err().to_string()
}

/// A temporary directory, deleted on drop.
pub(super) struct TempDir(PathBuf);

impl TempDir {
    pub(super) fn new() -> Self {
        let name = format!("tenantry-config-{}", uuid::Uuid::new_v4());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.join(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(super) fn with_file(&self, text: &str) -> Overrides {
        let mut overrides = Overrides::default();
        overrides.config = Some(self.file("tenantry.toml", text));
        overrides
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_setting_has_a_default_or_is_optional() {
    let settings = load(&[("HOME", "/root"), ("TENANTRY_LOG", "")]).unwrap();
    assert_eq!(settings.listen.to_string(), "127.0.0.1:3000");
    assert_eq!(settings.data_dir, PathBuf::from("./data"));
    assert_eq!(settings.log, "info");
    assert_eq!(settings.pool_size, 8);
    assert!(settings.database_url.is_none());
}

#[test]
fn the_retention_is_off_unless_it_is_set() {
    assert_eq!(load(&[]).unwrap().retention(), None);
    let settings = load(&[("TENANTRY_RETENTION_DAYS", "90")]).unwrap();
    assert_eq!(settings.retention(), Some(std::time::Duration::from_secs(90 * 86_400)));
    assert!(problems_text(&[("TENANTRY_RETENTION_DAYS", "0")]).contains("a whole number from 1 to 36500"));
}

#[test]
fn flags_override_the_environment_which_overrides_the_file() {
    let directory = TempDir::new();
    let overrides = directory
        .with_file("listen = \"127.0.0.1:1\"\nsign_in_concurrency = 1\npool_size = 7\nlog_format = \"json\"")
        .set("listen", Some("127.0.0.1:3"))
        .set("sign_in_concurrency", None::<u8>);
    let pairs: Variables = &[("TENANTRY_LISTEN", "127.0.0.1:2"), ("TENANTRY_SIGN_IN_CONCURRENCY", "2")];
    let settings = Settings::load(overrides, env(pairs)).unwrap();
    assert_eq!(settings.listen.port(), 3);
    assert_eq!(settings.sign_in_concurrency, 2);
    assert_eq!(settings.pool_size, 7);
    assert_eq!(settings.log_format, LogFormat::Json);
}

#[test]
fn every_problem_is_reported_at_once_with_its_setting_and_rule() {
    let directory = TempDir::new();
    let overrides = directory
        .with_file("poolsize = 3\nlog_format = \"xml\"\n[pool_size]\nnumber = 2")
        .set("sign_in_concurrency", Some(0));
    let pairs: Variables = &[("TENANTRY_LISTEN", "here"), ("TENANTRY_LISTN", "x")];
    let text = Settings::load(overrides, env(pairs)).unwrap_err().to_string();
    for part in [
        "6 problems",
        "TENANTRY_LISTEN must be an IP address and a port, such as 127.0.0.1:3000, not \"here\"",
        "TENANTRY_LISTN is not a setting (did you mean TENANTRY_LISTEN?)",
        "did you mean pool_size?",
        "log_format in ",
        "must be text or json, not \"xml\"",
        "pool_size.number in ",
        "--sign-in-concurrency must be a whole number from 1 to 64",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
}

#[test]
fn a_secret_comes_from_a_variable_or_a_file_but_not_both() {
    let directory = TempDir::new();
    let url = directory.file("url", "postgres://user:word@host/db\n");
    let file = |name: &str| (name.to_owned(), url.display().to_string());
    let pairs = [file("DATABASE_URL_FILE")].into_iter();
    let settings = Settings::load(Overrides::default(), pairs).unwrap();
    let given = settings.database_url.unwrap();
    assert_eq!(given.expose_secret(), "postgres://user:word@host/db");

    let both = [file("DATABASE_URL_FILE"), ("DATABASE_URL".into(), "postgres://h/d".into())];
    let problems = Settings::load(Overrides::default(), both.into_iter()).unwrap_err();
    assert!(problems.to_string().contains("are both set; keep one"));
    assert!(problems_text(&[("DATABASE_URL_FILE", "/nowhere")]).contains("/nowhere cannot be read"));
    assert!(problems_text(&[("TENANTRY_LOG_FILE", "x")]).contains("not a setting"));
}

#[test]
fn messages_never_contain_a_secret() {
    let text = problems_text(&[("DATABASE_URL", "mysql://hunter2"), ("TENANTRY_MASTER_KEY", "hunter2")]);
    assert!(text.contains("DATABASE_URL must be") && text.contains("TENANTRY_MASTER_KEY must be"));
    assert!(!text.contains("hunter2"), "{text}");
    let settings = load(&[("DATABASE_URL", "postgres://u:hunter2@h/d")]).unwrap();
    assert!(!format!("{settings:?}").contains("hunter2"), "Debug shows the URL");
}

#[test]
fn a_missing_or_broken_file_is_named() {
    assert!(problems_text(&[("TENANTRY_CONFIG", "/nowhere.toml")]).contains("/nowhere.toml"));
    let directory = TempDir::new();
    let problems = Settings::load(directory.with_file("listen ="), env(&[])).unwrap_err();
    assert!(problems.to_string().contains("tenantry.toml cannot be used"));
}

#[test]
fn a_public_url_becomes_an_origin_as_browsers_write_it() {
    let origin = kind::origin().parse;
    assert_eq!(origin("https://Console.Example.com/"), Some("https://console.example.com".into()));
    assert_eq!(origin("https://a.example:443"), Some("https://a.example".into()));
    assert_eq!(origin("http://[::1]:3000"), Some("http://[::1]:3000".into()));
    for bad in [
        "",
        "a.example",
        "ftp://a.example",
        "https://a.example/path",
        "https://a.example?x",
        "https://u@a.example",
        "https://a.example:x",
        "https://a.example:99999",
        "https://",
        "https://a.example/#x",
        "https://a.example#x",
    ] {
        assert_eq!(origin(bad), None, "{bad}");
    }
}

#[test]
fn proxies_are_a_list_of_addresses_and_none_is_trusted_by_default() {
    assert!(load(&[]).unwrap().trusted_proxies.is_empty());
    let settings = load(&[("TENANTRY_TRUSTED_PROXIES", "10.0.0.1, ::ffff:10.0.0.2,::1")]).unwrap();
    let texts: Vec<String> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(texts, ["10.0.0.1", "10.0.0.2", "::1"]);
    for bad in ["10.0.0.1,", "proxy.example", "10.0.0.0/8"] {
        let pairs = [("TENANTRY_TRUSTED_PROXIES".to_owned(), bad.to_owned())].into_iter();
        let text = Settings::load(Overrides::default(), pairs).unwrap_err().to_string();
        assert!(text.contains("TENANTRY_TRUSTED_PROXIES must be IP addresses separated by commas"), "{text}");
    }
}

#[test]
fn the_otlp_endpoint_is_read_from_tenantry_or_otel_variables_or_the_file() {
    const STANDARD: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://standard.example:4318");
    const OURS: (&str, &str) = ("TENANTRY_OTLP_ENDPOINT", "https://ours.example/otlp");
    assert!(load(&[]).unwrap().otlp.is_none());
    let endpoint = |pairs| load(pairs).unwrap().otlp.unwrap().endpoint.to_string();
    assert_eq!(endpoint(&[STANDARD]), "http://standard.example:4318/");
    assert_eq!(endpoint(&[OURS, STANDARD]), "https://ours.example/otlp");

    let directory = TempDir::new();
    let file = directory.with_file("[otlp]\nendpoint = \"http://file.example\"\ntoken = \"word\"");
    let settings = Settings::load(file, env(&[STANDARD])).unwrap();
    let otlp = settings.otlp.unwrap();
    assert_eq!(otlp.endpoint.host_str(), Some("standard.example"));
    assert_eq!(otlp.token.unwrap().expose_secret(), "word");
}

#[test]
fn a_problem_is_reported_under_the_variable_that_was_set() {
    for name in ["TENANTRY_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"] {
        for bad in ["collector:4318", "http://user:hunter2@collector", "http://collector?x"] {
            let pairs = [(name.to_owned(), bad.to_owned())].into_iter();
            let text = Settings::load(Overrides::default(), pairs).unwrap_err().to_string();
            assert!(text.contains(&format!("{name} must be a URL")), "{text}");
        }
    }
    let alone = problems_text(&[("TENANTRY_OTLP_TOKEN", "word")]);
    assert!(alone.contains("TENANTRY_OTLP_ENDPOINT (otlp.endpoint) is missing"), "{alone}");
    let token =
        problems_text(&[("TENANTRY_OTLP_ENDPOINT", "http://c"), ("TENANTRY_OTLP_TOKEN", "hunter2 two")]);
    assert!(token.contains("TENANTRY_OTLP_TOKEN must be visible ASCII characters"), "{token}");
    assert!(!token.contains("hunter2"), "{token}");
}

#[test]
fn a_master_key_is_created_once_and_only_its_owner_can_read_it() {
    let directory = TempDir::new();
    let overrides = Overrides::default().set("data_dir", Some(directory.0.join("new").display()));
    let settings = Settings::load(overrides, env(&[])).unwrap();
    let first = settings.master_key(|| [7; 32]).unwrap();
    let second = settings.master_key(|| [8; 32]).unwrap();
    assert_eq!(first.expose_secret(), &[7; 32]);
    assert_eq!(second.expose_secret(), &[7; 32]);
    let path = directory.0.join("new/master.key");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_dir(directory.0.join("new")).unwrap().count(), 1);

    fs::write(&path, "half").unwrap();
    let error = settings.master_key(|| [9; 32]).unwrap_err();
    assert!(matches!(error, MasterKeyError::Damaged(_)));
}

#[test]
fn a_master_key_that_cannot_be_created_is_reported_with_the_cause() {
    // Not even root can create files in this directory.
    let overrides = Overrides::default().set("data_dir", Some("/sys"));
    let error = Settings::load(overrides, env(&[])).unwrap().master_key(|| [7; 32]).unwrap_err();
    let MasterKeyError::Io { source, .. } = &error else { panic!("{error}") };
    assert_ne!(source.kind(), std::io::ErrorKind::NotFound, "{error}");
}

#[test]
fn a_configured_master_key_is_32_bytes_of_base64_or_hexadecimal() {
    for text in [
        "BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=",
        "0707070707070707070707070707070707070707070707070707070707070707",
    ] {
        let key = kind::parse_master_key(text).unwrap();
        assert_eq!(key.expose_secret(), &[7; 32]);
    }
    for bad in ["", "BwcH", &"zz".repeat(32), &"é".repeat(32)] {
        assert!(kind::parse_master_key(bad).is_none(), "{bad}");
    }
}

/// Fails when `docs/CONFIGURATION.md` is out of date. `tenantry settings > docs/CONFIGURATION.md`
/// regenerates it, and so does this test with `UPDATE_DOCS=1`.
#[test]
fn the_document_lists_every_setting() {
    let path = "../docs/CONFIGURATION.md";
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(path, reference::markdown()).unwrap();
    }
    let document = fs::read_to_string(path).unwrap();
    assert_eq!(document, reference::markdown(), "run: tenantry settings > docs/CONFIGURATION.md");
}

#[test]
fn the_example_file_is_valid_before_and_after_uncommenting_its_settings() {
    let file = reference::example_config_file();
    assert!(file.parse::<toml::Table>().unwrap().is_empty());
    let is_comment = |line: &&str| line.starts_with("# ");
    let lines: Vec<_> =
        file.lines().filter(|line| !is_comment(line)).map(|line| line.trim_start_matches('#')).collect();
    let table: toml::Table = lines.join("\n").parse().unwrap();
    assert_eq!(table["listen"].as_str(), Some("127.0.0.1:3000"));
    assert_eq!(table["copy"]["strategy"].as_str(), Some("file_copy"));
}

#[test]
fn the_file_can_replace_the_default_plans() {
    let directory = TempDir::new();
    let text = "[[plans]]\nname = \"gold\"\nlabel = \"Gold\"\nmax_users = 7\nfeatures = [\"custom-domain\"]";
    let plans = Settings::load(directory.with_file(text), env(&[])).unwrap().plans;
    let [plan] = plans.as_slice() else { panic!("{plans:?}") };
    assert_eq!(
        (plan.name.as_str(), plan.quotas.max_users, plan.quotas.max_storage_gb),
        ("gold", Some(7), None)
    );
    assert!(plan.features.contains("custom-domain"));
    assert_eq!(load(&[]).unwrap().plans, Plan::defaults());

    let directory = TempDir::new();
    let text =
        "[[plans]]\nname = \"Gold\"\nlabel = \"\"\n[[plans]]\nname = \"a\"\nlabel = \"A\"\nmax_user = 1";
    let problems = Settings::load(directory.with_file(text), env(&[])).unwrap_err().to_string();
    for expected in [
        "3 problems",
        "lowercase letters",
        "needs a label",
        "entry 2 cannot be used: unknown field `max_user`",
    ] {
        assert!(problems.contains(expected), "{expected} is not in {problems}");
    }
}
