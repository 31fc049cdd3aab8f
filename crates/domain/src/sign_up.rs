//! Sign-up (`docs/specification.md`, section 8): a person creates a tenant, after the e-mail address was
//! verified. The rules are those of the provisioning form.

use serde::{Deserialize, Serialize};

use crate::{
    FieldProblem, Timestamp,
    email::Email,
    field::parse_line,
    provisioning::{Draft, MAX_NAME, NewTenant},
    slug::{Slug, slug_from_name},
    text_form::text_enum,
};

/// How many hours the link of a sign-up is valid.
pub const LINK_HOURS: u32 = 24;

text_enum! {
    /// Who may sign up.
    SignUpMode {
        /// Nobody.
        Off = "off",
        /// Everybody.
        On = "on",
        /// Everybody. An admin approves or declines each tenant.
        Approval = "approval",
    }
}

impl SignUpMode {
    /// Whether people can sign up.
    pub const fn is_open(self) -> bool {
        !matches!(self, Self::Off)
    }
}

/// The sign-up form as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SignUpInput {
    /// The name of the organisation.
    pub company: String,
    /// The slug. If it is empty, it is derived from the company.
    pub slug: String,
    /// The name of the person.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// A valid sign-up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignUpRequest {
    /// The name of the organisation.
    pub company: String,
    /// The slug that the person chose.
    pub slug: Option<Slug>,
    /// The name of the person, who becomes the owner.
    pub name: String,
    /// The e-mail address.
    pub email: Email,
}

impl SignUpInput {
    /// Validates the form. `to_ascii` converts the domain of the e-mail address (see [`Email::parse`]).
    ///
    /// # Errors
    /// The problems of all fields, in the order of the form.
    pub fn parse(
        &self,
        to_ascii: impl Fn(&str) -> Option<String>,
    ) -> Result<SignUpRequest, Vec<FieldProblem>> {
        let company = parse_company(&self.company);
        let slug = match self.slug.trim() {
            "" => Ok(None),
            text => NewTenant::parse_slug(text).map(Some),
        };
        let name = parse_line("name", "your name", &self.name, MAX_NAME);
        let email = parse_sign_up_email(&self.email, to_ascii);
        match (company, slug, name, email) {
            (Ok(company), Ok(slug), Ok(name), Ok(email)) => Ok(SignUpRequest { company, slug, name, email }),
            (company, slug, name, email) => {
                Err([company.err(), slug.err(), name.err(), email.err()].into_iter().flatten().collect())
            }
        }
    }
}

/// Parses the name of the organisation.
///
/// # Errors
/// The problem of the field `company`.
pub fn parse_company(text: &str) -> Result<String, FieldProblem> {
    parse_line("company", "the organisation's name", text, MAX_NAME)
}

/// Parses the e-mail address of a sign-up. `to_ascii` converts its domain (see [`Email::parse`]).
///
/// # Errors
/// The problem of the field `email`.
pub fn parse_sign_up_email(
    text: &str,
    to_ascii: impl Fn(&str) -> Option<String>,
) -> Result<Email, FieldProblem> {
    NewTenant::parse_email(text, to_ascii).map_err(|problem| match problem.rule.as_str() {
        "required" => FieldProblem::new("email", "required", "Enter your e-mail address."),
        _ => FieldProblem { field: "email".into(), ..problem },
    })
}

/// The slug of a sign-up: the chosen one, or the one that is derived from the company. `None` if none can be
/// derived, so that the person must choose one.
pub fn wished_slug(chosen: Option<&str>, company: &str) -> Option<Slug> {
    match chosen {
        Some(chosen) => Slug::parse(chosen).ok(),
        None => Slug::parse(&slug_from_name(company)).ok(),
    }
}

/// A sign-up whose e-mail address is verified, because the person has the token of its link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSignUp {
    /// The name of the organisation.
    pub company: String,
    /// The name of the person.
    pub name: String,
    /// The e-mail address as it was entered.
    pub email: String,
    /// The slug that the tenant gets. `None` if the person must choose one.
    pub slug: Option<Slug>,
    /// When the link expires.
    pub expires_at: Timestamp,
}

impl VerifiedSignUp {
    /// The draft of the tenant: the defaults of the provisioning form.
    pub fn to_draft(&self, slug: &Slug) -> Draft {
        Draft {
            name: self.company.clone(),
            slug: slug.to_string(),
            owner_name: self.name.clone(),
            owner_email: self.email.clone(),
            ..Draft::default()
        }
    }
}
