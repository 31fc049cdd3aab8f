//! The kinds of values that settings have: how each is parse_from_str, and how its rule is described.

use std::{
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    str::FromStr,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{SecretBox, SecretString};
use tracing_subscriber::EnvFilter;
use url::Url;

/// Returns `None` for a text that does not follow the rule.
type Parser<T> = Box<dyn Fn(&str) -> Option<T>>;

/// Parses the text of a setting.
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

    pub(super) fn default(self, text: &'static str) -> Self {
        Self { default: Some(text), ..self }
    }

    pub(super) fn optional(self) -> Kind<Option<T>> {
        let Self { expected, is_secret, parse, .. } = self;
        let parse = Box::new(move |text: &str| parse(text).map(Some));
        Kind { expected, is_secret, default: None, absent: Some(None), parse }
    }

    pub(super) fn map<U: 'static>(self, convert: fn(T) -> U) -> Kind<U> {
        let Self { expected, is_secret, default, absent, parse } = self;
        let parse = Box::new(move |text: &str| parse(text).map(convert));
        Kind { expected, is_secret, default, absent: absent.map(convert), parse }
    }
}

pub(super) fn socket_address() -> Kind<SocketAddr> {
    Kind::new("an IP address and a port, such as 127.0.0.1:3000", parse_from_str)
}

pub(super) fn whole_number(min: u32, max: u32) -> Kind<u32> {
    Kind::new(format!("a whole number from {min} to {max}"), move |text| {
        parse_from_str(text).filter(|number| (min..=max).contains(number))
    })
}

pub(super) fn path() -> Kind<PathBuf> {
    Kind::new("the path of a directory", |text| (!text.is_empty()).then(|| text.into()))
}

/// Trimmed text of 1 to `max` characters.
pub(super) fn text(max: usize) -> Kind<String> {
    Kind::new(format!("text of 1 to {max} characters"), move |text| {
        let text = text.trim();
        (1..=max).contains(&text.chars().count()).then(|| text.to_owned())
    })
}

pub(super) fn secret() -> Kind<SecretString> {
    Kind::new("text that is not empty", |text| (!text.is_empty()).then(|| text.into())).secret()
}

/// A secret that an HTTP header can carry.
pub(super) fn token() -> Kind<SecretString> {
    Kind::new("visible ASCII characters", |text| {
        let fits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic());
        fits.then(|| text.into())
    })
    .secret()
}

pub(super) fn postgres_url() -> Kind<SecretString> {
    Kind::new("a URL that begins with postgres:// or postgresql://", |text| {
        ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme)).then(|| text.into())
    })
    .secret()
}

/// Like [`postgres_url`], but for a single server.
pub(super) fn postgres_server_url() -> Kind<SecretString> {
    let Kind { expected, parse, .. } = postgres_url();
    Kind::new(expected, move |text| Url::parse(text).ok().and_then(|_| parse(text))).secret()
}

/// A URL that may have a path, but no user name, password, query or fragment.
pub(super) fn web_url() -> Kind<Url> {
    Kind::new("a URL that begins with http:// or https://, without a password or query", |text| {
        let url = Url::parse(text).ok()?;
        let is_plain = matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        is_plain.then_some(url)
    })
}

pub(super) fn ip_addresses() -> Kind<Vec<IpAddr>> {
    Kind::new("IP addresses separated by commas, such as 10.0.0.1, 10.0.0.2", |text| {
        text.split(',')
            .map(|part| parse_from_str::<IpAddr>(part.trim()).map(|address| address.to_canonical()))
            .collect()
    })
}

/// Names or addresses, each with or without a port.
pub(super) fn hosts() -> Kind<Vec<String>> {
    Kind::new("hosts separated by commas, such as odoo.example.com, 10.0.0.7:8069", |text| {
        text.split(',').map(|part| host(part.trim())).collect()
    })
}

fn host(text: &str) -> Option<String> {
    let url = Url::parse(&format!("http://{text}")).ok()?;
    let is_plain = url.path() == "/" && !text.contains(['/', '@', '?', '#']) && !text.ends_with(':');
    is_plain.then(|| text.to_ascii_lowercase())
}

/// One of two keywords.
pub(super) fn either<T: Copy + 'static>(first: (&'static str, T), second: (&'static str, T)) -> Kind<T> {
    Kind::new(format!("{} or {}", first.0, second.0), move |text| {
        [first, second].into_iter().find(|(word, _)| *word == text).map(|(_, value)| value)
    })
}

pub(super) fn log_filter() -> Kind<String> {
    Kind::new("a filter such as info or warn,engine=debug", |text| {
        EnvFilter::try_new(text).ok().map(|_| text.to_owned())
    })
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object for each line.
    Json,
}

/// Scheme, host and port, in the form that browsers send in the `Origin` header.
pub(super) fn origin() -> Kind<String> {
    let parse = web_url().parse;
    Kind::new("an origin such as https://console.example.com, without a path", move |text| {
        let url = parse(text).filter(|url| url.path() == "/" && !text.contains('@'))?;
        Some(url.origin().ascii_serialization())
    })
}

/// The 32 bytes that encrypt stored secrets.
pub(crate) type MasterKey = SecretBox<[u8; 32]>;

pub(super) fn master_key() -> Kind<MasterKey> {
    Kind::new("32 bytes in base64 or as 64 hexadecimal digits", parse_master_key).secret()
}

pub(super) fn parse_master_key(text: &str) -> Option<MasterKey> {
    let text = text.trim();
    let mut key = [0; 32];
    if text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        for (byte, at) in key.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
    } else {
        key = BASE64_STANDARD.decode(text).ok()?.try_into().ok()?;
    }
    Some(SecretBox::new(Box::new(key)))
}

fn parse_from_str<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}
