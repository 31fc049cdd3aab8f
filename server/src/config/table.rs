//! Every setting, once: what reads them and what documents them use this table.

use std::fmt::Write;

/// One setting and its documentation.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// Key in the TOML file; `odoo18.url` is the key `url` of the table `odoo18`.
    pub name: &'static str,
    /// Environment variable.
    pub env: &'static str,
    /// A variable that other programs share, which counts where ours is not set.
    pub standard: Option<&'static str>,
    pub default: Option<&'static str>,
    /// May come from a file (`<name>_file`, `<env>_FILE`) and is never shown.
    pub secret: bool,
    /// Completes the sentence "must be …".
    pub allowed: &'static str,
    pub doc: &'static str,
}

const PLAIN: Setting =
    Setting { name: "", env: "", standard: None, default: None, secret: false, allowed: "", doc: "" };

pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "listen",
        env: "TENANTRY_LISTEN",
        default: Some("127.0.0.1:3000"),
        allowed: "an IP address and a port, such as 127.0.0.1:3000",
        doc: "Where the server listens",
        ..PLAIN
    },
    Setting {
        name: "data_dir",
        env: "TENANTRY_DATA_DIR",
        default: Some("./data"),
        allowed: "the path of a folder",
        doc: "The private PostgreSQL and the master key; made when missing",
        ..PLAIN
    },
    Setting {
        name: "database_url",
        env: "DATABASE_URL",
        secret: true,
        allowed: "a URL that begins with postgres:// or postgresql://",
        doc: "The PostgreSQL to use, and of several hosts between commas the one that takes writes; without it a private one is started in the data directory",
        ..PLAIN
    },
    Setting {
        name: "public_url",
        env: "TENANTRY_PUBLIC_URL",
        allowed: "an origin such as https://console.example.com, without a path",
        doc: "The address that people use: for links, the check of origins and, with https, Secure cookies",
        ..PLAIN
    },
    Setting {
        name: "trusted_proxies",
        env: "TENANTRY_TRUSTED_PROXIES",
        allowed: "IP addresses between commas, such as 10.0.0.1, 10.0.0.2",
        doc: "The proxies before this server: their X-Forwarded-For tells who the client is; without them it is the peer",
        ..PLAIN
    },
    Setting {
        name: "environment_name",
        env: "TENANTRY_ENVIRONMENT_NAME",
        default: Some("local"),
        allowed: "1 to 32 characters",
        doc: "Shown in the console, so that nobody mistakes staging for production",
        ..PLAIN
    },
    Setting {
        name: "site_root",
        env: "TENANTRY_SITE_ROOT",
        default: Some("target/site"),
        allowed: "the path of a folder",
        doc: "The built site: WASM, style sheet, static files",
        ..PLAIN
    },
    Setting {
        name: "log",
        env: "TENANTRY_LOG",
        default: Some("info"),
        allowed: "a filter such as info or warn,engine=debug",
        doc: "What is logged",
        ..PLAIN
    },
    Setting {
        name: "log_format",
        env: "TENANTRY_LOG_FORMAT",
        default: Some("text"),
        allowed: "text or json",
        doc: "How it is logged",
        ..PLAIN
    },
    Setting {
        name: "otlp_endpoint",
        env: "TENANTRY_OTLP_ENDPOINT",
        standard: Some("OTEL_EXPORTER_OTLP_ENDPOINT"),
        allowed: "a URL that begins with http:// or https://, without a password or query",
        doc: "A collector that takes traces and metrics by OTLP over HTTP, such as http://127.0.0.1:4318; without it nothing is exported",
        ..PLAIN
    },
    Setting {
        name: "otlp_token",
        env: "TENANTRY_OTLP_TOKEN",
        secret: true,
        allowed: "visible ASCII characters",
        doc: "The bearer token of the collector",
        ..PLAIN
    },
    Setting {
        name: "pool_size",
        env: "TENANTRY_POOL_SIZE",
        default: Some("8"),
        allowed: "a whole number from 1 to 1000",
        doc: "Connections to PostgreSQL, at most, besides one for each worker and one that hears of changes; three or four for each of its processors serve best",
        ..PLAIN
    },
    Setting {
        name: "sign_in_concurrency",
        env: "TENANTRY_SIGN_IN_CONCURRENCY",
        default: Some("2"),
        allowed: "a whole number from 1 to 64",
        doc: "Passwords hashed at once; each takes a processor and some 20 MB",
        ..PLAIN
    },
    Setting {
        name: "master_key",
        env: "TENANTRY_MASTER_KEY",
        secret: true,
        allowed: "32 bytes as base64 or as 64 hexadecimal digits",
        doc: "Protects what is stored encrypted; without it a random one is kept in master.key in the data directory",
        ..PLAIN
    },
    Setting {
        name: "workers",
        env: "TENANTRY_WORKERS",
        default: Some("2"),
        allowed: "a whole number from 0 to 64",
        doc: "Jobs of the external pipeline that a process works on at once; 0 leaves them to others",
        ..PLAIN
    },
    Setting {
        name: "lease_seconds",
        env: "TENANTRY_LEASE_SECONDS",
        default: Some("30"),
        allowed: "a whole number from 1 to 300",
        doc: "How long a step belongs to a worker that says nothing, before another takes it over",
        ..PLAIN
    },
    Setting {
        name: "rollback_after_hours",
        env: "TENANTRY_ROLLBACK_AFTER_HOURS",
        allowed: "a whole number from 1 to 8760",
        doc: "How long a step that gave up waits for somebody's decision before its tenant is rolled back; without it, for ever",
        ..PLAIN
    },
    Setting {
        name: "copy.url",
        env: "TENANTRY_COPY_URL",
        secret: true,
        allowed: "a URL that begins with postgres:// or postgresql://",
        doc: "Where the tenants' databases are copied from templates: a role that may create databases and owns the templates",
        ..PLAIN
    },
    Setting {
        name: "copy.strategy",
        env: "TENANTRY_COPY_STRATEGY",
        default: Some("file_copy"),
        allowed: "file_copy or wal_log",
        doc: "How PostgreSQL copies a template",
        ..PLAIN
    },
    Setting {
        name: "copy.pool_size",
        env: "TENANTRY_COPY_POOL_SIZE",
        default: Some("0"),
        allowed: "a whole number from 0 to 100",
        doc: "How many databases are copied from each template in advance (the warm pool)",
        ..PLAIN
    },
    Setting {
        name: "copy.filestore",
        env: "TENANTRY_COPY_FILESTORE",
        allowed: "the path of a folder",
        doc: "Odoo's filestore, with a folder for each database: the template's is copied too",
        ..PLAIN
    },
    Setting {
        name: "copy.service_url",
        env: "TENANTRY_COPY_SERVICE_URL",
        allowed: "a URL that begins with http:// or https://, without a password or query",
        doc: "Instead of copy.url: a service that copies databases",
        ..PLAIN
    },
    Setting {
        name: "copy.service_token",
        env: "TENANTRY_COPY_SERVICE_TOKEN",
        secret: true,
        allowed: "text that is not empty",
        doc: "The token of that service",
        ..PLAIN
    },
    Setting {
        name: "odoo18.url",
        env: "TENANTRY_ODOO18_URL",
        allowed: "a URL that begins with http:// or https://, without a password or query",
        doc: "The Odoo that serves the tenants' databases",
        ..PLAIN
    },
    Setting {
        name: "odoo18.login",
        env: "TENANTRY_ODOO18_LOGIN",
        allowed: "text that is not empty",
        doc: "The admin's login in the template, and so in a fresh copy",
        ..PLAIN
    },
    Setting {
        name: "odoo18.password",
        env: "TENANTRY_ODOO18_PASSWORD",
        secret: true,
        allowed: "text that is not empty",
        doc: "The admin's password in the template",
        ..PLAIN
    },
    Setting {
        name: "odoo19.url",
        env: "TENANTRY_ODOO19_URL",
        allowed: "a URL that begins with http:// or https://, without a password or query",
        doc: "The Odoo that keeps the list of tenants",
        ..PLAIN
    },
    Setting {
        name: "odoo19.database",
        env: "TENANTRY_ODOO19_DATABASE",
        allowed: "text that is not empty",
        doc: "Its database",
        ..PLAIN
    },
    Setting {
        name: "odoo19.login",
        env: "TENANTRY_ODOO19_LOGIN",
        allowed: "text that is not empty",
        doc: "The login there",
        ..PLAIN
    },
    Setting {
        name: "odoo19.key",
        env: "TENANTRY_ODOO19_KEY",
        secret: true,
        allowed: "text that is not empty",
        doc: "The API key of that login",
        ..PLAIN
    },
    Setting {
        name: "odoo19.business_base_url",
        env: "TENANTRY_ODOO19_BUSINESS_BASE_URL",
        allowed: "a URL that begins with http:// or https://, without a password or query",
        doc: "What a tenant's business_base_url begins with; its slug follows",
        ..PLAIN
    },
    Setting {
        name: "bridge.url",
        env: "TENANTRY_BRIDGE_URL",
        allowed: "a URL that begins with http:// or https://, without a password or query",
        doc: "The metadata bridge",
        ..PLAIN
    },
    Setting {
        name: "bridge.token",
        env: "TENANTRY_BRIDGE_TOKEN",
        secret: true,
        allowed: "text that is not empty",
        doc: "The token of the bridge",
        ..PLAIN
    },
    Setting {
        name: "allowed_hosts",
        env: "TENANTRY_ALLOWED_HOSTS",
        allowed: "hosts between commas, such as odoo.example.com, 10.0.0.7:8069",
        doc: "Hosts that connectors may call besides those of the settings",
        ..PLAIN
    },
];

/// Whether `name` is a table of the file whose keys are settings.
pub fn is_section(name: &str) -> bool {
    SETTINGS.iter().any(|setting| setting.name.split_once('.').is_some_and(|(section, _)| section == name))
}

/// A Markdown table of all settings, for the README.
pub fn markdown() -> String {
    let mut text =
        String::from("| variable | key in the file | default | what it is |\n| --- | --- | --- | --- |\n");
    for setting in SETTINGS {
        let Setting { name, env, standard, allowed, doc, .. } = setting;
        let default = setting.default.map(|value| format!("`{value}`")).unwrap_or_default();
        let file = if setting.secret {
            format!(" Or `{env}_FILE`, `{name}_file`: the path of a file that holds it.")
        } else {
            String::new()
        };
        let standard =
            standard.map(|name| format!(" Or `{name}`, where that is not set.")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(text, "| `{env}` | `{name}` | {default} | {doc}: {allowed}.{file}{standard} |");
    }
    text
}
