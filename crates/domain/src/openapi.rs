//! The schemas of values that are text or a number with a rule, and of the body that provisions a tenant. The
//! schemas of other types are derived.

mod new_tenant;

#[cfg(target_arch = "wasm32")]
compile_error!("the feature openapi is for the server only, because it would enlarge the browser's download");

use serde_json::Value;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        KnownFormat, Ref, RefOr, Schema, SchemaFormat,
        schema::{AnyOfBuilder, ObjectBuilder, Type},
    },
};

use crate::{
    Timestamp,
    branding::Color,
    catalog,
    custom_domain::DomainName,
    defaults::{Commission, Currency, TimeZone},
    email::Email,
    lifecycle,
    provisioning::{MAX_NAME, MAX_SHORT_NAME},
    rollback::{MAX_REASON, RollbackConfirmation},
    settings::{Locale, PhoneNumber, WebUrl},
    slug::{self, Slug},
    tenant_key::{self, Overlap},
    usage::Metric,
};

/// The characters that are removed at the beginning and the end of a text.
const WHITESPACE: &str = r"\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000";

/// The control characters, and the format characters that a line must not contain.
const FORBIDDEN: &str =
    r"\u0000-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u2028-\u202E\u2060-\u206F\uFEFF";
/// Further characters that are not drawn.
const BLANK: &str = r" \u00A0\u034F\u115F\u1160\u1680\u17B4\u17B5\u180B-\u180F\u2000-\u200D\u202F\u205F\u2800\u3000\u3164\uFE00-\uFE0F\uFFA0";

fn text(description: &str) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String).description(Some(description))
}

/// One line of text with a visible character; see [`parse_line`](crate::field::parse_line). The pattern has the
/// maximum length, which does not count whitespace at the ends.
fn line(description: &str, max: usize) -> RefOr<Schema> {
    let is_visible = format!("(?=[^{FORBIDDEN}]*[^{FORBIDDEN}{BLANK}])");
    let pattern = format!("^[{WHITESPACE}]*{is_visible}[^{FORBIDDEN}]{{1,{max}}}[{WHITESPACE}]*$");
    text(&format!("{description} At most {max} characters.")).pattern(Some(pattern)).into()
}

fn custom_format(name: &str) -> Option<SchemaFormat> {
    Some(SchemaFormat::Custom(name.to_owned()))
}

/// The schema of the name of an organisation, a person or a token; see
/// [`parse_line`](crate::field::parse_line).
#[derive(Debug)]
pub struct Name;

impl PartialSchema for Name {
    fn schema() -> RefOr<Schema> {
        line("One line of text without invisible characters.", MAX_NAME)
    }
}

impl ToSchema for Name {}

/// The schema of the name of an API key; see [`parse_key_name`](crate::tenant_key::parse_key_name).
#[derive(Debug)]
pub struct KeyName;

impl PartialSchema for KeyName {
    fn schema() -> RefOr<Schema> {
        line("One line of text without invisible characters.", tenant_key::MAX_NAME)
    }
}

impl ToSchema for KeyName {}

/// The schema of the short name of an organisation.
#[derive(Debug)]
pub struct ShortName;

impl PartialSchema for ShortName {
    fn schema() -> RefOr<Schema> {
        line("The name for places with little room.", MAX_SHORT_NAME)
    }
}

impl ToSchema for ShortName {}

/// The schema of the reason of a suspension; see
/// [`parse_suspension_reason`](crate::lifecycle::parse_suspension_reason).
#[derive(Debug)]
pub struct SuspensionReason;

impl PartialSchema for SuspensionReason {
    fn schema() -> RefOr<Schema> {
        line("Why the tenant is suspended, for admins.", lifecycle::MAX_REASON)
    }
}

impl ToSchema for SuspensionReason {}

/// The schema of the name of a plan, a blueprint or a feature.
#[derive(Debug)]
pub struct ConfiguredName;

impl PartialSchema for ConfiguredName {
    fn schema() -> RefOr<Schema> {
        configured_name().into()
    }
}

impl ToSchema for ConfiguredName {}

fn configured_name() -> ObjectBuilder {
    text("A name from the configuration of the server.").pattern(Some("^[a-z][a-z0-9-]{0,39}$"))
}

/// The schema of the name of a configured plan.
#[derive(Debug)]
pub struct PlanName;

impl PartialSchema for PlanName {
    fn schema() -> RefOr<Schema> {
        configured_name().format(custom_format("plan")).into()
    }
}

impl ToSchema for PlanName {}

/// The schema of a metric that a program reports; see [`UsageReport`](crate::usage::UsageReport).
#[derive(Debug)]
pub struct ReportedMetric;

impl PartialSchema for ReportedMetric {
    fn schema() -> RefOr<Schema> {
        let reported = Metric::ALL.iter().filter(|metric| **metric != Metric::Users);
        text("What is metered.").enum_values(Some(reported.map(|metric| metric.as_str()))).into()
    }
}

impl ToSchema for ReportedMetric {}

/// The schema of the title of a segment's page.
#[derive(Debug)]
pub struct HeroTitle;

impl PartialSchema for HeroTitle {
    fn schema() -> RefOr<Schema> {
        let line = line("One line of text without invisible characters.", catalog::MAX_HERO_TITLE);
        AnyOfBuilder::new().item(line).item(Blank::schema()).into()
    }
}

impl ToSchema for HeroTitle {}

/// The schema of a description; see [`parse_text`](crate::field::parse_text).
#[derive(Debug)]
pub struct Description;

impl PartialSchema for Description {
    fn schema() -> RefOr<Schema> {
        let forbidden = FORBIDDEN.replace(r"\u0000-\u001F", r"\u0000-\u0009\u000B-\u001F");
        text("Text with any number of lines, without invisible characters.")
            .pattern(Some(format!(r"^(?:[^{forbidden}]|\r\n)*$")))
            .max_length(Some(catalog::MAX_DESCRIPTION))
            .into()
    }
}

impl ToSchema for Description {}

/// The schema of the segment of a package.
#[derive(Debug)]
pub struct SegmentReference;

impl PartialSchema for SegmentReference {
    fn schema() -> RefOr<Schema> {
        text("The slug or the ID of a segment of the tenant.").format(custom_format("segment")).into()
    }
}

impl ToSchema for SegmentReference {}

impl PartialSchema for RollbackConfirmation {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .description(Some("The confirmation of a rollback."))
            .property("slug", confirmed_slug())
            .required("slug")
            .property("reason", line("The reason, which the history shows.", MAX_REASON))
            .required("reason")
            .into()
    }
}

impl ToSchema for RollbackConfirmation {}

/// The schema of the slug that confirms the end of a tenant.
#[derive(Debug)]
pub struct ConfirmedSlug;

impl PartialSchema for ConfirmedSlug {
    fn schema() -> RefOr<Schema> {
        confirmed_slug().into()
    }
}

impl ToSchema for ConfirmedSlug {}

fn confirmed_slug() -> ObjectBuilder {
    text("The slug of the tenant.").pattern(Some(format!("[^{WHITESPACE}]")))
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        text("A point in time. Responses have milliseconds and are in UTC; requests may have another offset.")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .examples(["2026-11-21T07:14:00.000Z"])
            .into()
    }
}

impl ToSchema for Timestamp {}

impl PartialSchema for Slug {
    fn schema() -> RefOr<Schema> {
        text("A name in URLs: lowercase letters, digits and single hyphens. Some words are reserved.")
            .pattern(Some("^[a-z](?:-?[a-z0-9])+$"))
            .min_length(Some(slug::MIN_LENGTH))
            .max_length(Some(slug::MAX_LENGTH))
            .examples(["golden-spoon"])
            .into()
    }
}

impl ToSchema for Slug {}

impl PartialSchema for Email {
    fn schema() -> RefOr<Schema> {
        text("An e-mail address.")
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Email)))
            .max_length(Some(254))
            .examples(["mara@goldenspoon.example"])
            .into()
    }
}

impl ToSchema for Email {}

/// The schema of an optional text without content.
#[derive(Debug)]
pub struct Blank;

impl PartialSchema for Blank {
    fn schema() -> RefOr<Schema> {
        text("Empty text, which means the same as a missing field.")
            .pattern(Some(format!("^[{WHITESPACE}]*$")))
            .examples([""])
            .into()
    }
}

impl ToSchema for Blank {}

/// The schema of a text that may be left empty. The document has the schemas that it refers to, because the body
/// that provisions a tenant has them.
pub fn or_blank<T: ToSchema>() -> RefOr<Schema> {
    let variants = [T::name(), Blank::name()].map(Ref::from_schema_name);
    variants.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into()
}

impl PartialSchema for DomainName {
    fn schema() -> RefOr<Schema> {
        let international = format!("[^\\u0000-\\u007F{FORBIDDEN}{WHITESPACE}]");
        let label = format!("(?:[A-Za-z0-9]|{international})(?:-*(?:[A-Za-z0-9]|{international}))*");
        text("A domain with at least two labels. An international one may be in Unicode; responses have its ASCII form.")
            .pattern(Some(format!("^{label}(?:\\.{label})+\\.?$")))
            .format(custom_format("domain-name"))
            .max_length(Some(Self::MAX_LENGTH))
            .examples(["shop.example.com"])
            .into()
    }
}

impl ToSchema for DomainName {}

impl PartialSchema for PhoneNumber {
    fn schema() -> RefOr<Schema> {
        text("A phone number with 3 to 20 digits.")
            .pattern(Some(format!(
                r"^[{WHITESPACE}]*\+?(?:[ \-./()]*[0-9]){{3,20}}[ \-./()]*[{WHITESPACE}]*$"
            )))
            .max_length(Some(PhoneNumber::MAX_LENGTH))
            .examples(["+34 600 123 456"])
            .into()
    }
}

impl ToSchema for PhoneNumber {}

impl PartialSchema for WebUrl {
    fn schema() -> RefOr<Schema> {
        let international = format!("[^\\u0000-\\u007F{FORBIDDEN}{WHITESPACE}]");
        let label = format!("(?:[A-Za-z0-9]|{international})(?:-*(?:[A-Za-z0-9]|{international}))*");
        let port = "0*(?:[0-9]{1,4}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
        let rest = format!("[/?#][^{FORBIDDEN}{WHITESPACE}\"'<>\\\\^`{{|}}]*");
        let pattern = format!("^[hH][tT][tT][pP][sS]?://{label}(?:\\.{label})+(?::{port})?(?:{rest})?$");
        text("The address of a page or an image.")
            .pattern(Some(pattern))
            .max_length(Some(WebUrl::MAX_LENGTH))
            .examples(["https://goldenspoon.example/menu"])
            .into()
    }
}

impl ToSchema for WebUrl {}

impl PartialSchema for Locale {
    fn schema() -> RefOr<Schema> {
        text("A language with an optional script and region (BCP 47), in any case.")
            .pattern(Some("^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|[0-9]{3}))?$"))
            .examples(["en", "en-GB"])
            .into()
    }
}

impl ToSchema for Locale {}

fn color(description: &str) -> ObjectBuilder {
    text(description).pattern(Some("^#[0-9A-Fa-f]{6}$"))
}

impl PartialSchema for Color {
    fn schema() -> RefOr<Schema> {
        color("An sRGB colour.").examples(["#f59e0b"]).into()
    }
}

impl ToSchema for Color {}

/// The schema of a colour of areas with white text on them; see [`Color::parse_background`].
#[derive(Debug)]
pub struct BackgroundColor;

impl PartialSchema for BackgroundColor {
    fn schema() -> RefOr<Schema> {
        color("An sRGB colour on which white text has a contrast of at least 4.5:1.")
            .format(custom_format("background-color"))
            .examples(["#1d4ed8"])
            .into()
    }
}

impl ToSchema for BackgroundColor {}

impl PartialSchema for TimeZone {
    fn schema() -> RefOr<Schema> {
        text("A time zone of the IANA database, in any case.")
            .format(custom_format("time-zone"))
            .examples(["Europe/Madrid"])
            .into()
    }
}

impl ToSchema for TimeZone {}

impl PartialSchema for Currency {
    fn schema() -> RefOr<Schema> {
        text("A currency of ISO 4217.")
            .enum_values(Some(Self::ALL.iter().map(|currency| currency.as_str())))
            .examples(["EUR"])
            .into()
    }
}

impl ToSchema for Currency {}

impl PartialSchema for Commission {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new()
            .schema_type(Type::Number)
            .minimum(Some(0.0))
            .maximum(Some(100.0))
            .multiple_of(Some(0.01));
        let text = ObjectBuilder::new()
            .schema_type(Type::String)
            .pattern(Some(r"^(?:100(?:[.,]0{1,2})?|[0-9]{1,2}(?:[.,][0-9]{1,2})?)$"));
        AnyOfBuilder::new()
            .item(number)
            .item(text)
            .description(Some("A share in percent with at most two decimal places."))
            .examples([Value::from(12.5)])
            .into()
    }
}

impl ToSchema for Commission {}

impl PartialSchema for Overlap {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("How many hours the replaced key pair keeps working."))
            .minimum(Some(0))
            .maximum(Some(Self::MAX_HOURS))
            .into()
    }
}

impl ToSchema for Overlap {}
