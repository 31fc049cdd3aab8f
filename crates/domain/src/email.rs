//! E-mail addresses: the part of RFC 5321 and RFC 5322 that people have.

use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::field::is_hidden;
use crate::text_form::{problems, text_form};

const MAX_LENGTH: usize = 254;
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 253;
const MAX_LABEL: usize = 63;

/// An e-mail address with an ASCII domain. Two are equal if they differ in nothing but case.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email {
    text: String,
    canonical: String,
}

text_form!(Email, EmailProblem, Email::parse_ascii);

problems! {
    /// Why a text is not an e-mail address that Tenantry takes.
    EmailProblem {
        Empty = "required", "Enter an e-mail address.";
        InvisibleCharacter = "invisible_character", "An e-mail address has no invisible characters. Type it again rather than pasting it.";
        Whitespace = "whitespace", "An e-mail address has no spaces. Remove them.";
        TooLong = "too_long", "An e-mail address has at most 254 characters. Enter a shorter one.";
        MissingAt = "missing_at", "An e-mail address has an @ between name and domain. Add it.";
        SeveralAts = "several_ats", "An e-mail address has one @. Remove the others.";
        MissingLocalPart = "missing_local_part", "An e-mail address has a name before the @. Add it.";
        LocalPartTooLong = "local_part_too_long", "The part before the @ has at most 64 characters. Enter a shorter address.";
        LocalPartDots = "local_part_dots", "Before the @, dots stand one at a time and between other characters. Remove the extra dot.";
        LocalPartCharacter = "local_part_character", "Before the @ there are only unaccented letters, digits, dots and marks such as + - _. Remove anything else.";
        MissingDomain = "missing_domain", "An e-mail address has a domain after the @. Add it.";
        DomainTooLong = "domain_too_long", "A domain has at most 253 characters. Enter a shorter one.";
        DomainInternational = "domain_international", "This domain has characters that no domain can have. Check its spelling.";
        DomainWithoutDot = "domain_without_dot", "A domain has a dot, as in example.com. Complete it.";
        DomainLabel = "domain_label", "Each part of a domain between dots has 1 to 63 characters. Check the dots.";
        DomainCharacter = "domain_character", "A domain has only letters, digits, dots and hyphens. Remove anything else.";
        DomainHyphen = "domain_hyphen", "No part of a domain starts or ends with a hyphen. Remove it.";
        DomainNumeric = "domain_numeric", "A domain never ends in a number. Enter its name, not its IP address.";
    }
}

impl Email {
    /// Reads an address; ASCII white space around it is dropped. A domain that is not ASCII goes
    /// through `to_ascii`, the caller's IDN conversion (`None` if there is no ASCII form).
    ///
    /// Quoted local parts, comments, and local parts that are not ASCII are not taken.
    ///
    /// # Errors
    /// The first of the rules that `input` breaks.
    pub fn parse(input: &str, to_ascii: impl Fn(&str) -> Option<String>) -> Result<Self, EmailProblem> {
        let text = input.trim_ascii();
        check_whole(text)?;
        let (local, domain) = text.split_once('@').ok_or(EmailProblem::MissingAt)?;
        if domain.contains('@') {
            return Err(EmailProblem::SeveralAts);
        }
        check_local(local)?;
        let domain = if domain.is_ascii() {
            domain.to_ascii_lowercase()
        } else {
            to_ascii(domain).ok_or(EmailProblem::DomainInternational)?.to_ascii_lowercase()
        };
        check_domain(&domain)?;

        let text = format!("{local}@{domain}");
        if text.len() > MAX_LENGTH {
            return Err(EmailProblem::TooLong);
        }
        Ok(Self { canonical: text.to_ascii_lowercase(), text })
    }

    /// Reads an address whose domain is ASCII already, as stored or sent by ourselves.
    ///
    /// # Errors
    /// As [`Self::parse`]; [`EmailProblem::DomainInternational`] for another domain.
    pub fn parse_ascii(input: &str) -> Result<Self, EmailProblem> {
        Self::parse(input, |_| None)
    }

    /// The address to write to: the local part as typed, the domain in small ASCII letters.
    pub fn address(&self) -> &str {
        &self.text
    }

    /// The address to compare by: all in small letters.
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

fn check_whole(text: &str) -> Result<(), EmailProblem> {
    if text.is_empty() {
        return Err(EmailProblem::Empty);
    }
    // No ASCII form is shorter than its original in characters, so this bounds all work below.
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

/// Controls but for white space, and what hides in a text; here the joiners too.
fn is_invisible(c: char) -> bool {
    is_hidden(c) || matches!(c, '\u{200C}' | '\u{200D}') || (c.is_control() && !c.is_whitespace())
}

fn check_local(local: &str) -> Result<(), EmailProblem> {
    if local.is_empty() {
        return Err(EmailProblem::MissingLocalPart);
    }
    if !local.chars().all(|c| c == '.' || is_atext(c)) {
        return Err(EmailProblem::LocalPartCharacter);
    }
    if local.starts_with('.') || local.ends_with('.') || local.contains("..") {
        return Err(EmailProblem::LocalPartDots);
    }
    match local.len() > MAX_LOCAL {
        true => Err(EmailProblem::LocalPartTooLong),
        false => Ok(()),
    }
}

/// `atext` of RFC 5322, section 3.2.3.
fn is_atext(c: char) -> bool {
    c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

fn check_domain(domain: &str) -> Result<(), EmailProblem> {
    if domain.is_empty() {
        return Err(EmailProblem::MissingDomain);
    }
    if !domain.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '.') {
        return Err(EmailProblem::DomainCharacter);
    }
    if domain.len() > MAX_DOMAIN {
        return Err(EmailProblem::DomainTooLong);
    }
    let (_, last) = domain.rsplit_once('.').ok_or(EmailProblem::DomainWithoutDot)?;
    if domain.split('.').any(|label| label.is_empty() || label.len() > MAX_LABEL) {
        return Err(EmailProblem::DomainLabel);
    }
    if domain.split('.').any(|label| label.starts_with('-') || label.ends_with('-')) {
        return Err(EmailProblem::DomainHyphen);
    }
    match last.bytes().all(|b| b.is_ascii_digit()) {
        true => Err(EmailProblem::DomainNumeric),
        false => Ok(()),
    }
}
