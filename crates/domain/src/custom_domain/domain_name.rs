use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::CHALLENGE;
use crate::{
    host_name::{HostNameProblem, check_host_name, is_international},
    text_form::{problems, text_form},
};

/// A domain of a tenant in its canonical form: ASCII, in lowercase, without a dot at its end.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DomainName {
    text: String,
}

text_form!(DomainName, DomainProblem, DomainName::parse_ascii);

problems! {
    /// The reason why a text cannot be the domain of a tenant.
    DomainProblem {
        Empty = "required", "Enter a domain, such as shop.example.com.";
        Address = "address", "Enter only the domain, without https://, port and path.";
        Wildcard = "wildcard", "A wildcard cannot be verified. Enter a domain without *.";
        IpAddress = "ip_address", "An IP address cannot be verified. Enter a domain name.";
        International = "international", "This international domain is not valid. Check its spelling.";
        SingleLabel = "single_label", "The domain has no dot. Enter the complete domain, such as shop.example.com.";
        TooLong = "too_long", "A domain can have at most 233 characters. Enter a shorter one.";
        Label = "label", "Each part of the domain must have 1 to 63 characters. Check the dots.";
        Character = "character", "A domain can contain letters, digits, dots and hyphens. Remove the other characters.";
        Hyphen = "hyphen", "No part of the domain can begin or end with a hyphen. Remove the hyphen.";
        Platform = "platform", "This domain belongs to the platform. Enter a domain of the tenant.";
    }
}

impl DomainName {
    /// The maximum length, so that the name of the DNS record has at most 253 characters.
    pub const MAX_LENGTH: usize = 253 - CHALLENGE.len() - 1;

    /// Parses a domain with at least two labels, and trims whitespace and a dot at its end. `to_ascii` is the
    /// IDN conversion of the caller, used for international domains, in Unicode or with `xn--` labels. It
    /// returns `None` if the domain is invalid.
    ///
    /// # Errors
    /// The first rule that the text breaks, but not [`DomainProblem::Platform`], which depends on the
    /// configuration.
    pub fn parse(text: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<Self, DomainProblem> {
        let text = text.trim();
        let text = text.strip_suffix('.').unwrap_or(text);
        // Before the IDN conversion, so that a long text costs little.
        check_typed_text(text)?;
        let text = match is_international(text) {
            true => to_ascii(text).ok_or(DomainProblem::International)?,
            false => text.to_owned(),
        };
        let text = text.to_ascii_lowercase();
        check_host_name(&text)?;
        match text.len() > Self::MAX_LENGTH {
            true => Err(DomainProblem::TooLong),
            false => Ok(Self { text }),
        }
    }

    /// Parses a domain that is already ASCII, such as a stored one. Does not check what `xn--` labels encode.
    ///
    /// # Errors
    /// The errors of [`Self::parse`]. [`DomainProblem::International`] if the domain is not ASCII.
    pub fn parse_ascii(text: &str) -> Result<Self, DomainProblem> {
        Self::parse(text, |domain| domain.is_ascii().then(|| domain.to_owned()))
    }

    /// The name of the DNS record that proves the control of the domain.
    pub fn challenge_name(&self) -> String {
        format!("{CHALLENGE}.{}", self.text)
    }

    /// Whether this is the domain `parent` or one of its subdomains.
    pub fn is_within(&self, parent: &str) -> bool {
        self.text.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }
}

/// Checks the rules that apply to a domain in every form, also in Unicode.
fn check_typed_text(text: &str) -> Result<(), DomainProblem> {
    if text.is_empty() {
        return Err(DomainProblem::Empty);
    }
    if text.chars().count() > DomainName::MAX_LENGTH {
        return Err(DomainProblem::TooLong);
    }
    if text.trim_matches(['[', ']']).parse::<IpAddr>().is_ok() {
        return Err(DomainProblem::IpAddress);
    }
    if text.contains(['/', ':', '@', '?', '#']) {
        return Err(DomainProblem::Address);
    }
    if text.contains('*') {
        return Err(DomainProblem::Wildcard);
    }
    Ok(())
}

impl From<HostNameProblem> for DomainProblem {
    fn from(problem: HostNameProblem) -> Self {
        match problem {
            HostNameProblem::Empty => Self::Empty,
            HostNameProblem::Character => Self::Character,
            HostNameProblem::TooLong => Self::TooLong,
            HostNameProblem::WithoutDot => Self::SingleLabel,
            HostNameProblem::Label => Self::Label,
            HostNameProblem::Hyphen => Self::Hyphen,
            HostNameProblem::Numeric => Self::IpAddress,
        }
    }
}
