//! The optional fields of a new tenant.

use domain::{
    FieldProblem,
    branding::Color,
    provisioning::{Draft, DraftField, NewTenant, starting_defaults},
    settings::{Locale, PhoneNumber, WebUrl},
};
use serde_json::{Value, json};
use uuid::Uuid;

fn parse(draft: &Draft, has_owner: bool) -> Result<NewTenant, Vec<FieldProblem>> {
    NewTenant::parse(draft, has_owner, |domain| Some(domain.to_owned()))
}

fn defaults(draft: &Draft) -> Value {
    starting_defaults(&parse(draft, false).unwrap(), || Uuid::from_u128(7), |_| false)
}

fn golden_spoon() -> Draft {
    Draft { name: "Golden Spoon".into(), slug: "golden-spoon".into(), ..Draft::default() }
}

#[test]
fn a_colour_has_six_hexadecimal_digits_in_any_case() {
    assert_eq!(Color::parse(" #1D4ED8 ").unwrap().as_str(), "#1d4ed8");
    for text in ["", "#", "1d4ed8", "#fff", "#1d4ed8a", "#1d4eg8", "#é1d4e", "red"] {
        assert_eq!(Color::parse(text).unwrap_err().rule(), "malformed", "{text}");
    }
}

#[test]
fn a_background_needs_a_contrast_of_4_5_with_white_text() {
    let contrast = |text| Color::parse(text).unwrap().contrast_with_white();
    for (text, expected) in
        [("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54), ("#777777", 4.48), ("#0000ff", 8.59)]
    {
        assert!((contrast(text) - expected).abs() < 0.01, "{text}: {}", contrast(text));
    }
    assert!(Color::parse_background("#767676").is_ok());
    assert_eq!(Color::parse_background("#777777").unwrap_err().rule(), "low_contrast");
}

#[test]
fn a_web_address_has_a_scheme_and_a_host_with_a_dot() {
    for (text, stored) in [
        ("https://goldenspoon.io", "https://goldenspoon.io"),
        (" HTTP://goldenspoon.io:8080/menu?day=1#top ", "http://goldenspoon.io:8080/menu?day=1#top"),
        ("https://müller.example/ä", "https://müller.example/ä"),
    ] {
        assert_eq!(WebUrl::parse(text).unwrap().as_str(), stored);
    }
    assert!(WebUrl::parse(&format!("https://a.example/{}", "ä".repeat(282))).is_ok());
    let long = format!("https://a.example/{}", "x".repeat(300));
    for (text, rule) in [
        ("goldenspoon.io", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("ftp://goldenspoon.io", "scheme"),
        ("https://", "host"),
        ("https://localhost", "host"),
        ("https://user:secret@a.example", "host"),
        ("https://-a.example", "host"),
        ("https://a..example", "host"),
        ("https://a.example:99999", "host"),
        ("https://a.example/a b", "character"),
        ("https://a.example/\"><script>", "character"),
        ("https://a.example/\u{202e}", "character"),
        (&long, "too_long"),
    ] {
        assert_eq!(WebUrl::parse(text).unwrap_err().rule(), rule, "{text}");
    }
}

#[test]
fn a_phone_number_is_kept_as_people_write_it() {
    for text in ["+34 600 123 456", "(020) 7946-0018", "112", "030/901820"] {
        assert_eq!(PhoneNumber::parse(&format!(" {text} ")).unwrap().as_str(), text);
    }
    for (text, rule) in [
        ("call me", "character"),
        ("1+1", "character"),
        ("12", "length"),
        ("123456789012345678901", "length"),
    ] {
        assert_eq!(PhoneNumber::parse(text).unwrap_err().rule(), rule, "{text}");
    }
}

#[test]
fn a_locale_gets_its_usual_case() {
    for (text, stored) in [
        ("en", "en"),
        ("EN-gb", "en-GB"),
        ("ZH-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("fil", "fil"),
        ("sr-latn", "sr-Latn"),
    ] {
        assert_eq!(Locale::parse(text).unwrap().as_str(), stored);
    }
    for text in ["", "e", "english", "en_GB", "en-", "en-GB-x", "en-GB-GB", "en-Latn-Latn", "12"] {
        assert!(Locale::parse(text).is_err(), "{text}");
    }
}

#[test]
fn the_defaults_of_a_new_tenant_are_complete() {
    let id = Uuid::from_u128(7).to_string();
    let defaults = defaults(&Draft { theme: "ocean".into(), ..golden_spoon() });
    assert_eq!(
        defaults["settings"],
        json!({
            "companyName": "Golden Spoon", "supportEmail": null, "supportPhone": null, "websiteUrl": null,
            "locale": "en", "emailFromName": null, "emailFromAddress": null,
        })
    );
    assert_eq!(
        defaults["branding"],
        json!({
            "logoUrl": null, "colorPrimary": "#075985", "colorSecondary": "#0e7490", "colorAccent": "#06b6d4",
        })
    );
    assert_eq!(
        defaults["segment"],
        json!({
            "id": id, "slug": "general", "name": "General", "heroTitle": "Welcome",
            "description": "Everything that we offer, in one place.", "sortOrder": 1,
        })
    );
    assert_eq!(
        defaults["packages"][1],
        json!({
            "id": id, "slug": "standard-package", "name": "Standard Package",
            "description": "The usual choice, with more included.", "basePrice": 0, "bookingType": "DATE",
            "groupingOrder": 2,
        })
    );
}

#[test]
fn a_value_of_the_draft_replaces_its_default() {
    let draft = Draft {
        company_name: "Golden Spoon SL".into(),
        support_email: "Help@GoldenSpoon.io".into(),
        locale: "es-es".into(),
        color_accent: "#FFCC00".into(),
        ..golden_spoon()
    };
    let defaults = defaults(&draft);
    assert_eq!(defaults["settings"]["companyName"], "Golden Spoon SL");
    assert_eq!(defaults["settings"]["supportEmail"], "Help@goldenspoon.io");
    assert_eq!(defaults["settings"]["locale"], "es-ES");
    assert_eq!(defaults["branding"]["colorAccent"], "#ffcc00");
}

#[test]
fn every_invalid_optional_field_is_named_with_its_path() {
    let mut draft = golden_spoon();
    let optional = DraftField::ALL.iter().filter(|field| field.is_optional());
    let invalid: Vec<_> = optional.map(|field| field.path()).collect();
    for path in &invalid {
        *draft.get_mut(DraftField::from_path(path).unwrap()) = "\u{202e}#".into();
    }
    let problems = parse(&draft, false).unwrap_err();
    assert_eq!(problems.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), invalid);
}

#[test]
fn a_draft_without_an_owner_is_valid_only_if_the_owner_may_be_missing() {
    let tenant = parse(&golden_spoon(), false).unwrap();
    assert_eq!((tenant.owner.as_ref(), tenant.to_payload().get("owner")), (None, None));
    let problems = parse(&golden_spoon(), true).unwrap_err();
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["owner.name", "owner.email"]);
}

#[test]
fn an_empty_optional_field_does_not_change_the_fingerprint() {
    let canonical =
        Draft { short_name: "  ".into(), commission: "0".into(), ..golden_spoon() }.to_canonical();
    // The canonical form of versions without the optional fields.
    let earlier = json!({
        "name": "Golden Spoon", "slug": "golden-spoon", "plan": "pro", "timeZone": "UTC", "currency": "USD",
        "owner": { "name": "", "email": "" }, "blueprint": "standard", "theme": "slate", "commission": 0,
    });
    assert_eq!(canonical, earlier);
    let other = Draft { support_email: "help@GoldenSpoon.io".into(), ..golden_spoon() }.to_canonical();
    assert_eq!(other["settings"], json!({ "supportEmail": "help@goldenspoon.io" }));
}

#[test]
fn settings_and_branding_are_read_from_json() {
    let (draft, problems) = Draft::from_json(&json!({
        "name": "Golden Spoon", "owner": null, "branding": null,
        "settings": { "supportPhone": "112", "timeZone": "Europe/Madrid", "currency": "EUR" },
    }));
    assert_eq!(problems, []);
    assert_eq!((draft.support_phone.as_str(), draft.time_zone.as_str()), ("112", "Europe/Madrid"));
    assert_eq!(draft.currency, "EUR");

    let (draft, problems) =
        Draft::from_json(&json!({ "currency": "EUR", "settings": { "currency": null, "locale": null } }));
    assert_eq!((draft.currency.as_str(), problems), ("EUR", vec![]));

    let (_, problems) = Draft::from_json(&json!({
        "settings": { "supportFax": "112", "locale": 7, "currency": "EUR" }, "branding": "#fff", "currency": "USD",
    }));
    let mut problems: Vec<_> =
        problems.iter().map(|problem| (problem.field.as_str(), problem.rule.as_str())).collect();
    problems.sort_unstable();
    assert_eq!(
        problems,
        [
            ("branding", "type"),
            ("settings.currency", "repeated"),
            ("settings.locale", "type"),
            ("settings.supportFax", "unknown_field"),
        ]
    );
}
