//! The types of settings that are more than text or numbers.

use std::net::IpAddr;

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::SecretBox;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One object a line, for machines.
    Json,
}

impl LogFormat {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "text" => Some(Self::Text),
            "json" => Some(Self::Json),
            _ => None,
        }
    }
}

/// Scheme, host and port, as a browser writes them in `Origin`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// Lower case, without a final slash and without the scheme's own port.
    pub fn parse(text: &str) -> Option<Self> {
        let uri: http::Uri = text.parse().ok()?;
        let scheme = uri.scheme_str()?;
        let authority = uri.authority()?;
        let plain = matches!(uri.path(), "" | "/")
            && uri.query().is_none()
            && !text.contains('#')
            && !authority.as_str().contains('@')
            && !authority.host().is_empty();
        let default_port = match scheme {
            "http" => 80,
            "https" => 443,
            _ => return None,
        };
        // A port that is no number is none to http, but is still in the text.
        let rest = authority.as_str().strip_prefix(authority.host())?;
        if !plain || (uri.port_u16().is_none() && !rest.is_empty()) {
            return None;
        }
        let host = authority.host().to_ascii_lowercase();
        Some(Self(match uri.port_u16() {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        }))
    }

    /// For instance `https://console.example.com`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether cookies are to be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.starts_with("https:")
    }
}

/// IP addresses between commas.
pub(super) fn parse_addresses(text: &str) -> Option<Vec<IpAddr>> {
    text.split(',')
        .map(|part| part.trim().parse().ok().map(|address: IpAddr| address.to_canonical()))
        .collect()
}

/// The 32 bytes that protect what is stored encrypted.
pub type MasterKey = SecretBox<[u8; 32]>;

/// From base64 or hexadecimal digits.
pub(super) fn parse_master_key(text: &str) -> Option<MasterKey> {
    let text = text.trim();
    let bytes = if text.len() == 64 { hexadecimal(text)? } else { BASE64_STANDARD.decode(text).ok()? };
    let key: [u8; 32] = bytes.try_into().ok()?;
    Some(SecretBox::new(Box::new(key)))
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    digits?
        .chunks(2)
        .map(|pair| pair.iter().try_fold(0_u8, |byte, digit| Some((byte << 4) | u8::try_from(*digit).ok()?)))
        .collect()
}
