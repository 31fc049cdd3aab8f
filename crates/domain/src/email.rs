//! E-mail addresses: the subset of RFC 5321 and RFC 5322 that is used in practice.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::{
    field::is_forbidden_format_character,
    host_name::{HostNameProblem, check_host_name, is_international},
    text_form::{problems, text_form},
};

const MAX_LENGTH: usize = 254;
const MAX_LOCAL_PART: usize = 64;

/// An e-mail address with an ASCII domain. Equality ignores case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email {
    text: String,
    canonical: String,
}

text_form!(Email, EmailProblem, Email::parse_ascii);

problems! {
    /// The reason why a text is not an accepted e-mail address.
    EmailProblem {
        Empty = "required", "Enter an e-mail address.";
        InvisibleCharacter = "invisible_character", "The e-mail address contains invisible characters. Type it instead of pasting it.";
        Whitespace = "whitespace", "An e-mail address cannot contain spaces. Remove them.";
        TooLong = "too_long", "An e-mail address can have at most 254 characters. Enter a shorter one.";
        MissingAt = "missing_at", "The e-mail address has no @. Enter an address such as name@example.com.";
        SeveralAts = "several_ats", "The e-mail address has more than one @. Remove the others.";
        MissingLocalPart = "missing_local_part", "The part before the @ is missing. Enter an address such as name@example.com.";
        LocalPartTooLong = "local_part_too_long", "The part before the @ can have at most 64 characters. Enter a shorter address.";
        LocalPartDots = "local_part_dots", "The part before the @ cannot begin or end with a dot or contain two dots in a row. Remove the extra dot.";
        LocalPartCharacter = "local_part_character", "The part before the @ can contain unaccented letters, digits, dots and characters such as + - _. Remove the others.";
        MissingDomain = "missing_domain", "The domain after the @ is missing. Enter an address such as name@example.com.";
        DomainTooLong = "domain_too_long", "The domain can have at most 253 characters. Enter a shorter one.";
        DomainInternational = "domain_international", "This international domain is not valid. Check its spelling.";
        DomainWithoutDot = "domain_without_dot", "The domain has no dot. Enter the complete domain, such as example.com.";
        DomainLabel = "domain_label", "Each part of the domain must have 1 to 63 characters. Check the dots.";
        DomainCharacter = "domain_character", "A domain can contain letters, digits, dots and hyphens. Remove the other characters.";
        DomainHyphen = "domain_hyphen", "No part of the domain can begin or end with a hyphen. Remove the hyphen.";
        DomainNumeric = "domain_numeric", "A domain cannot end with a number. Enter a domain name instead of an IP address.";
    }
}

impl Email {
    /// Parses an address, and trims whitespace and invisible characters. `to_ascii` is the IDN conversion of
    /// the caller, used for international domains, in Unicode or with `xn--` labels. It returns `None` if the
    /// domain is invalid.
    ///
    /// Quoted local parts, comments and non-ASCII local parts are refused.
    ///
    /// # Errors
    /// The first rule that `input` breaks.
    pub fn parse(input: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<Self, EmailProblem> {
        let text = input.trim_matches(|c: char| c.is_whitespace() || is_invisible(c));
        check_text(text)?;
        let (local, domain) = text.split_once('@').ok_or(EmailProblem::MissingAt)?;
        if domain.contains('@') {
            return Err(EmailProblem::SeveralAts);
        }
        check_local_part(local)?;
        let domain = match is_international(domain) {
            true => to_ascii(domain).ok_or(EmailProblem::DomainInternational)?,
            false => domain.to_owned(),
        };
        let domain = domain.to_ascii_lowercase();
        check_host_name(&domain)?;

        let text = format!("{local}@{domain}");
        if text.len() > MAX_LENGTH {
            return Err(EmailProblem::TooLong);
        }
        Ok(Self { canonical: text.to_ascii_lowercase(), text })
    }

    /// Parses an address whose domain is already ASCII, such as a stored address. Does not check what `xn--`
    /// labels encode.
    ///
    /// # Errors
    /// The errors of [`Self::parse`]. [`EmailProblem::DomainInternational`] if the domain is not ASCII.
    pub fn parse_ascii(input: &str) -> Result<Self, EmailProblem> {
        Self::parse(input, |domain| domain.is_ascii().then(|| domain.to_owned()))
    }

    /// The address to send mail to: the local part as typed, the domain in lowercase ASCII.
    pub fn address(&self) -> &str {
        &self.text
    }

    /// The address for comparisons, in lowercase.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }
}

impl PartialEq for Email {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for Email {}

impl Hash for Email {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

/// Checks the rules that concern the complete address.
fn check_text(text: &str) -> Result<(), EmailProblem> {
    if text.is_empty() {
        return Err(EmailProblem::Empty);
    }
    // Checked before the IDN conversion, so that a long text costs little.
    if text.chars().count() > MAX_LENGTH {
        return Err(EmailProblem::TooLong);
    }
    if text.chars().any(is_invisible) {
        return Err(EmailProblem::InvisibleCharacter);
    }
    match text.contains(char::is_whitespace) {
        true => Err(EmailProblem::Whitespace),
        false => Ok(()),
    }
}

/// Whether a character is a format character, a joiner (U+200C or U+200D), or a control character other than
/// whitespace.
fn is_invisible(c: char) -> bool {
    is_forbidden_format_character(c)
        || matches!(c, '\u{200C}' | '\u{200D}')
        || (c.is_control() && !c.is_whitespace())
}

fn check_local_part(local: &str) -> Result<(), EmailProblem> {
    if local.is_empty() {
        return Err(EmailProblem::MissingLocalPart);
    }
    if !local.chars().all(|c| c == '.' || is_atext(c)) {
        return Err(EmailProblem::LocalPartCharacter);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(EmailProblem::LocalPartDots);
    }
    match local.len() > MAX_LOCAL_PART {
        true => Err(EmailProblem::LocalPartTooLong),
        false => Ok(()),
    }
}

/// `atext` of RFC 5322, section 3.2.3.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

impl From<HostNameProblem> for EmailProblem {
    fn from(problem: HostNameProblem) -> Self {
        match problem {
            HostNameProblem::Empty => Self::MissingDomain,
            HostNameProblem::Character => Self::DomainCharacter,
            HostNameProblem::TooLong => Self::DomainTooLong,
            HostNameProblem::WithoutDot => Self::DomainWithoutDot,
            HostNameProblem::Label => Self::DomainLabel,
            HostNameProblem::Hyphen => Self::DomainHyphen,
            HostNameProblem::Numeric => Self::DomainNumeric,
        }
    }
}
