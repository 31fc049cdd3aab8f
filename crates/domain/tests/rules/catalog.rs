//! Prices, segments and packages of a tenant.

use domain::{
    catalog::{NewSegment, PackageNumbers, PriceProblem, SentPackage, SentPrice, derive_slug, format_price},
    defaults::Currency,
};

fn currency(code: &str) -> Currency {
    Currency::parse(code).unwrap()
}

fn price(minor: Option<u64>, decimal: Option<&str>, code: &str) -> Result<i64, PriceProblem> {
    SentPrice { minor, decimal: decimal.map(str::to_owned) }.in_minor_units(currency(code))
}

#[test]
fn a_price_has_0_2_or_3_decimals_by_currency() {
    for (code, minor, text) in [
        ("JPY", 0, "0"),
        ("JPY", 1250, "1250"),
        ("EUR", 0, "0.00"),
        ("EUR", 5, "0.05"),
        ("EUR", 1250, "12.50"),
        ("KWD", 5, "0.005"),
        ("KWD", 12_505, "12.505"),
    ] {
        assert_eq!(format_price(minor, currency(code)), text);
        assert_eq!(price(None, Some(text), code), Ok(minor));
    }
    assert_eq!(price(None, Some("12.5"), "EUR"), Ok(1250));
    assert_eq!(price(None, Some("7"), "KWD"), Ok(7000));
    for (text, code, problem) in [
        ("12.5", "JPY", PriceProblem::TooManyDecimals),
        ("12.505", "EUR", PriceProblem::TooManyDecimals),
        ("12.5055", "KWD", PriceProblem::TooManyDecimals),
        ("", "EUR", PriceProblem::Malformed),
        ("-1", "EUR", PriceProblem::Malformed),
        ("1,5", "EUR", PriceProblem::Malformed),
        ("1.", "EUR", PriceProblem::Malformed),
        (".5", "EUR", PriceProblem::Malformed),
        ("1e3", "EUR", PriceProblem::Malformed),
        ("10000000000.00", "EUR", PriceProblem::TooLarge),
        ("99999999999999999999999", "EUR", PriceProblem::TooLarge),
    ] {
        assert_eq!(price(None, Some(text), code), Err(problem), "{text} {code}");
    }
}

#[test]
fn a_price_is_sent_in_minor_units_or_as_a_decimal_number() {
    assert_eq!(price(Some(1250), None, "EUR"), Ok(1250));
    assert_eq!(price(Some(1250), Some("12.5"), "EUR"), Ok(1250));
    assert_eq!(price(Some(1251), Some("12.5"), "EUR"), Err(PriceProblem::Conflict));
    assert_eq!(price(None, None, "EUR"), Err(PriceProblem::Missing));
    assert_eq!(price(Some(999_999_999_999), None, "EUR"), Ok(999_999_999_999));
    assert_eq!(price(Some(1_000_000_000_000), None, "EUR"), Err(PriceProblem::TooLarge));
}

#[test]
fn every_problem_of_a_segment_or_a_package_is_found() {
    let long = "x".repeat(2001);
    let text = |name: &str| match name {
        "name" => Some(" ".to_owned()),
        "bookingType" => Some("WEEK".to_owned()),
        _ => Some(long.clone()),
    };
    let fields = |problems: Vec<domain::FieldProblem>| -> Vec<String> {
        problems.into_iter().map(|problem| problem.field).collect()
    };
    let segment = NewSegment::parse(text, Some(1_000_001), None);
    assert_eq!(fields(segment.problems), ["name", "heroTitle", "description", "sortOrder"]);
    let numbers = PackageNumbers { grouping_order: Some(u64::MAX), ..PackageNumbers::default() };
    let package = SentPackage::parse(text, numbers);
    assert_eq!(
        fields(package.fields.problems),
        ["name", "title", "description", "bookingType", "groupingOrder"]
    );
}

#[test]
fn a_new_name_of_a_field_takes_precedence_over_the_old_one_and_both_are_checked() {
    let parse =
        |name: Option<&str>, title: Option<&str>, base_price: Option<u64>, price_cents: Option<u64>| {
            let text = |field: &str| match field {
                "name" => name.map(str::to_owned),
                "title" => title.map(str::to_owned),
                _ => None,
            };
            let numbers = PackageNumbers { base_price, price_cents, ..PackageNumbers::default() };
            let SentPackage { fields, price, .. } = SentPackage::parse(text, numbers);
            let rules = fields.problems.iter().map(|problem| format!("{} {}", problem.field, problem.rule));
            (fields.value.map(|fields| fields.name), price.minor, rules.collect::<Vec<_>>().join(", "))
        };
    let named = |name: &str| Some(name.to_owned());
    for (sent, expected) in [
        (parse(Some("New"), Some("Old"), Some(9), Some(7)), (named("New"), Some(9), "")),
        (parse(None, Some("Old"), None, Some(7)), (named("Old"), Some(7), "")),
        (parse(Some("New"), None, Some(0), Some(7)), (named("New"), Some(0), "")),
        (parse(None, None, None, None), (None, None, "name required")),
        // A blank name is not a missing one.
        (parse(Some(" "), Some("Old"), Some(9), None), (named("Old"), Some(9), "name required")),
        (parse(Some("New"), Some(""), Some(9), None), (named("New"), Some(9), "title required")),
        (parse(Some("New"), None, Some(9), Some(u64::MAX)), (named("New"), Some(9), "priceCents too_large")),
    ] {
        let (name, minor, rules) = expected;
        assert_eq!(sent, (name, minor, rules.to_owned()));
    }
}

#[test]
fn a_slug_is_derived_from_a_name_that_can_be_transliterated() {
    assert_eq!(derive_slug("Żagle & Słońce").unwrap().as_str(), "zagle-slonce");
    assert_eq!(derive_slug("Admin").unwrap().as_str(), "admin");
    for name in ["寿司", "A"] {
        assert_eq!(derive_slug(name), None, "{name}");
    }
}
