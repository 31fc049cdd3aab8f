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
    assert_eq!(fields(package.fields.problems), ["name", "description", "bookingType", "groupingOrder"]);
}

#[test]
fn a_slug_is_derived_from_a_name_that_can_be_transliterated() {
    assert_eq!(derive_slug("Żagle & Słońce").unwrap().as_str(), "zagle-slonce");
    assert_eq!(derive_slug("Admin").unwrap().as_str(), "admin");
    for name in ["寿司", "A"] {
        assert_eq!(derive_slug(name), None, "{name}");
    }
}
