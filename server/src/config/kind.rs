//! The kinds of values that settings have: how each is parsed, and how its rule is described.

use std::{
    fmt::Display,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use connectors::settings::TenantUrl;
use domain::{custom_domain::DomainName, email::Email, sign_up::SignUpMode};
use engine::access::{idn_to_ascii, parse_email};
use secrecy::{SecretBox, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

/// Returns `None` for a text that does not follow the rule.
type Parser<T> = Box<dyn Fn(&str) -> Option<T>>;

/// The rule of a setting's value, its default and its parser.
pub(super) struct Kind<T> {
    /// A description that completes the sentence "The value must be …".
    pub expected: String,
    /// Whether the value is hidden in messages and may come from a file (`*_FILE`).
    pub is_secret: bool,
    pub default: Option<&'static str>,
    /// The value of an optional setting that is not set; `None` when the setting is required.
    pub absent: Option<T>,
    pub parse: Parser<T>,
}

impl<T: 'static> Kind<T> {
    fn new(expected: impl Into<String>, parse: impl Fn(&str) -> Option<T> + 'static) -> Self {
        let parse = Box::new(parse);
        Self { expected: expected.into(), is_secret: false, default: None, absent: None, parse }
    }

    fn secret(self) -> Self {
        Self { is_secret: true, ..self }
    }

    /// Sets the default, as a text that follows the rule.
    pub(super) fn or(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    /// Makes the setting optional. If it is not given, its value is `None` or an empty list.
    pub(super) fn optional<U: From<T> + Default + 'static>(self) -> Kind<U> {
        let Self { expected, is_secret, default, parse, .. } = self;
        let parse = Box::new(move |text: &str| parse(text).map(U::from));
        Kind { expected, is_secret, default, absent: Some(U::default()), parse }
    }
}

/// A value that the `FromStr` of its type parses.
pub(super) fn parsed<T: FromStr + 'static>(expected: &str) -> Kind<T> {
    Kind::new(expected, |text| text.parse().ok())
}

pub(super) fn number<T: FromStr + PartialOrd + Display + 'static>(min: T, max: T) -> Kind<T> {
    Kind::new(format!("a whole number from {min} to {max}"), move |text| {
        text.parse().ok().filter(|number| (&min..=&max).contains(&number))
    })
}

/// A text that is checked but not changed.
fn checked<T>(expected: &str, is_valid: impl Fn(&str) -> bool + 'static) -> Kind<T>
where
    T: for<'a> From<&'a str> + 'static,
{
    Kind::new(expected, move |text| is_valid(text).then(|| text.into()))
}

pub(super) fn path() -> Kind<PathBuf> {
    checked("the path of a directory", |text| !text.is_empty())
}

pub(super) fn file_path() -> Kind<PathBuf> {
    checked("the path of a file", |text| !text.is_empty())
}

/// Trimmed text of 1 to `max` characters.
pub(super) fn text(max: usize) -> Kind<String> {
    Kind::new(format!("text of 1 to {max} characters"), move |text| {
        let text = text.trim();
        (1..=max).contains(&text.chars().count()).then(|| text.to_owned())
    })
}

pub(super) fn secret() -> Kind<SecretString> {
    checked("text that is not empty", |text| !text.is_empty()).secret()
}

/// A secret that an HTTP header can carry.
pub(super) fn token() -> Kind<SecretString> {
    let is_visible = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
    checked("visible ASCII characters", is_visible).secret()
}

pub(super) fn postgres_url() -> Kind<SecretString> {
    let is_postgres = |text: &str| text.starts_with("postgres://") || text.starts_with("postgresql://");
    checked("a URL that begins with postgres:// or postgresql://", is_postgres).secret()
}

/// Like [`postgres_url`], but for a single server.
pub(super) fn postgres_server_url() -> Kind<SecretString> {
    let Kind { expected, parse, .. } = postgres_url();
    checked(&expected, move |text| Url::parse(text).is_ok() && parse(text).is_some()).secret()
}

/// A URL that may have a path, but no user name, password, query or fragment.
pub(super) fn web_url() -> Kind<Url> {
    Kind::new("a URL that begins with http:// or https://, without a password or query", |text| {
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
        let rest = (url.username(), url.password(), url.query(), url.fragment());
        (rest == ("", None, None, None)).then_some(url)
    })
}

/// The address of a tenant, which depends on the tenant.
pub(super) fn tenant_url() -> Kind<TenantUrl> {
    let expected = "a URL with {slug} or {database}, such as https://{slug}.shops.example.com";
    Kind::new(expected, TenantUrl::parse)
}

/// Scheme, host and port, in the form that browsers send in the `Origin` header.
pub(super) fn origin() -> Kind<String> {
    Kind::new("an origin such as https://console.example.com, without a path", |text| {
        let url = (web_url().parse)(text).filter(|url| url.path() == "/" && !text.contains('@'))?;
        Some(url.origin().ascii_serialization())
    })
}

/// Addresses in canonical form: an IPv4-mapped IPv6 address becomes IPv4.
pub(super) fn ip_addresses() -> Kind<Vec<IpAddr>> {
    Kind::new("IP addresses separated by commas, such as 10.0.0.1, 10.0.0.2", |text| {
        text.split(',').map(|part| Some(part.trim().parse::<IpAddr>().ok()?.to_canonical())).collect()
    })
}

/// A host name or an IP address, without a port.
pub(super) fn host() -> Kind<String> {
    Kind::new("a host name or an IP address, such as mail.example.com", |text| {
        let url = Url::parse(&format!("http://{text}")).ok()?;
        let is_plain = url.path() == "/" && url.port().is_none() && !text.contains(['/', '@', '?', '#', ':']);
        is_plain.then(|| url.host_str().map(str::to_owned)).flatten()
    })
}

/// An e-mail address.
pub(super) fn email() -> Kind<Email> {
    Kind::new("an e-mail address", |text| parse_email(text).ok())
}

/// The certificates in a file.
pub(super) fn certificates() -> Kind<Vec<u8>> {
    Kind::new("the path of a file with certificates in PEM", |path| {
        let pem = std::fs::read(path).ok()?;
        String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----").then_some(pem)
    })
}

/// Names or addresses, each with or without a port.
pub(super) fn hosts() -> Kind<Vec<String>> {
    let host = |text: &str| {
        let url = Url::parse(&format!("http://{text}")).ok()?;
        let is_plain = url.path() == "/" && !text.contains(['/', '@', '?', '#']) && !text.ends_with(':');
        is_plain.then(|| text.to_ascii_lowercase())
    };
    Kind::new("hosts separated by commas, such as odoo.example.com, 10.0.0.7:8069", move |text| {
        text.split(',').map(|part| host(part.trim())).collect()
    })
}

/// The address of a DNS server.
pub(super) fn dns_server() -> Kind<SocketAddr> {
    parsed("an IP address and a port, such as 9.9.9.9:53")
}

/// Domains in any spelling, also international ones.
pub(super) fn domains() -> Kind<Vec<DomainName>> {
    Kind::new("domains separated by commas, such as example.com, example.org", |text| {
        text.split(',').map(|part| DomainName::parse(part, idn_to_ascii).ok()).collect()
    })
}

/// Names with their values.
pub(super) fn pairs() -> Kind<Vec<(String, String)>> {
    Kind::new("pairs separated by commas, such as lite=starter, pro=growth", |text| {
        let pair = |part: &str| {
            let (name, value) = part.split_once('=')?;
            let (name, value) = (name.trim(), value.trim());
            (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        };
        text.split(',').map(pair).collect()
    })
}

/// One of two keywords.
pub(super) fn either<T: Copy + 'static>(first: (&'static str, T), second: (&'static str, T)) -> Kind<T> {
    one_of([first, second])
}

/// One of several keywords.
pub(super) fn one_of<T: Copy + 'static, const N: usize>(values: [(&'static str, T); N]) -> Kind<T> {
    let words = values.map(|(word, _)| word);
    let (last, first) =
        words.split_last().map_or(("", "".to_owned()), |(last, rest)| (*last, rest.join(", ")));
    Kind::new(format!("{first} or {last}"), move |text| {
        values.into_iter().find(|(word, _)| *word == text).map(|(_, value)| value)
    })
}

/// Who may sign up.
pub(super) fn sign_up_mode() -> Kind<SignUpMode> {
    Kind::new("off, on or approval", SignUpMode::from_text)
}

pub(super) fn log_filter() -> Kind<String> {
    checked("a filter such as info or warn,engine=debug", |text| EnvFilter::try_new(text).is_ok())
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// Lines of text for people.
    Text,
    /// One JSON object for each line.
    Json,
}

/// The master key: 32 bytes that protect stored secrets.
pub(crate) type MasterKey = SecretBox<[u8; 32]>;

pub(super) fn master_key() -> Kind<MasterKey> {
    Kind::new("32 bytes in base64 or as 64 hexadecimal digits", parse_master_key).secret()
}

pub(super) fn parse_master_key(text: &str) -> Option<MasterKey> {
    let text = text.trim();
    let bytes = if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let parse_half = |digits| u128::from_str_radix(digits, 16).ok().map(u128::to_be_bytes);
        [parse_half(&text[..32])?, parse_half(&text[32..])?].concat()
    } else {
        BASE64_STANDARD.decode(text).ok()?
    };
    Some(SecretBox::new(Box::new(bytes.try_into().ok()?)))
}
