use domain::branding::Color;
use domain::defaults::{
    Commission, CommonZone, Currency, DEFAULT_PACKAGES, DEFAULT_SEGMENT, ThemePreset, TimeZone,
};
use proptest::prelude::*;

#[test]
fn themes_and_currencies_round_trip_through_text_and_json() {
    for theme in ThemePreset::ALL {
        assert_eq!(theme.as_str().parse(), Ok(theme));
        assert_eq!(serde_json::to_value(theme).unwrap(), theme.as_str());
    }
    for currency in Currency::ALL {
        assert_eq!(currency.as_str().parse(), Ok(*currency));
        assert_eq!(serde_json::to_value(currency).unwrap(), currency.as_str());
    }
    assert_eq!(Currency::parse(Currency::default().as_str()), Ok(Currency::default()));
    assert!(Currency::parse("eur").is_err());
}

#[test]
fn there_are_three_free_packages_in_order() {
    assert_eq!(DEFAULT_SEGMENT.slug, "general");
    let orders: Vec<_> = DEFAULT_PACKAGES.iter().map(|package| package.grouping_order).collect();
    assert_eq!(orders, [1, 2, 3]);
    assert!(DEFAULT_PACKAGES.iter().all(|package| package.price_minor == 0));
}

#[test]
fn white_text_has_enough_contrast_on_every_theme() {
    for theme in ThemePreset::ALL {
        for color in [theme.primary(), theme.secondary()] {
            assert_eq!(Color::parse_background(color).unwrap().as_str(), color, "{theme}");
        }
        assert_eq!(Color::parse(theme.accent()).unwrap().as_str(), theme.accent());
    }
}

#[test]
fn every_common_zone_is_valid_and_has_a_currency() {
    for zone in CommonZone::ALL {
        let parsed = TimeZone::parse(zone.name).unwrap();
        assert!(parsed.default_currency().is_some(), "{}", zone.name);
        assert_eq!(parsed.as_str(), zone.name);
    }
    assert_eq!(TimeZone::parse(TimeZone::default().as_str()), Ok(TimeZone::default()));
}

#[test]
fn the_format_of_time_zones_is_checked() {
    for name in ["UTC", "America/Argentina/Salta", "America/Port-au-Prince", "America/North_Dakota/New_Salem"]
    {
        assert!(TimeZone::parse(name).is_ok(), "{name}");
    }
    for name in [
        "",
        "CET",
        "Europe/",
        "/Berlin",
        "Europe/Ber lin",
        "a/b/c/d",
        "../etc",
        "Europe/Zürich",
        "Europe/'; --",
    ] {
        assert!(TimeZone::parse(name).is_err(), "{name}");
    }
}

#[test]
fn a_time_zone_in_any_case_gets_its_canonical_spelling() {
    for (text, name) in [
        ("EUROPE/BERLIN", "Europe/Berlin"),
        ("europe/isle_of_man", "Europe/Isle_of_Man"),
        ("America/port-AU-prince", "America/Port-au-Prince"),
        ("america/argentina/buenos_aires", "America/Argentina/Buenos_Aires"),
        ("antarctica/dumontdurville", "Antarctica/DumontDUrville"),
        ("utc", "UTC"),
        ("etc/gmt+5", "Etc/GMT+5"),
    ] {
        assert_eq!(TimeZone::parse(text).unwrap().as_str(), name);
    }
}

#[test]
fn a_time_zone_outside_the_iana_database_is_refused() {
    for (text, rule) in [
        ("Mars/Olympus_Mons", "unknown"),
        ("posix/Europe/Berlin", "unknown"),
        ("POSIX/Europe/Berlin", "unknown"),
        ("right/Europe/Berlin", "unknown"),
        ("posix/UTC", "unknown"),
        ("Etc/GMT+01", "unknown"),
        ("posixrules", "malformed"),
        ("localtime", "malformed"),
        ("Factory", "malformed"),
        ("EST5EDT", "malformed"),
        ("UTC+2", "malformed"),
        ("<+02>-2", "malformed"),
    ] {
        assert_eq!(TimeZone::parse(text).unwrap_err().rule(), rule, "{text}");
    }
}

#[test]
fn only_etc_offsets_may_contain_digits() {
    for name in ["Etc/GMT+5", "Etc/GMT+1", "Etc/GMT-14", "Etc/GMT+12", "Etc/GMT+0", "Etc/GMT-0"] {
        assert!(TimeZone::parse(name).is_ok(), "{name}");
    }
    for name in [
        "Mars/Foo5",
        "Europe/Berln3",
        "Europe/Berlin1",
        "A1/Berlin",
        "Europe/Berlin+1",
        "Etc/GMT5",
        "Etc/GMT+13",
        "Etc/GMT-15",
        "Etc/GMT+",
        "Etc/GMT+-1",
        "Etc/GMT+123",
        "Etc/GMT+5/Foo",
        "Etc/UTC+5",
    ] {
        assert!(TimeZone::parse(name).is_err(), "{name}");
    }
}

#[test]
fn a_commission_has_at_most_two_decimal_places() {
    for (text, basis_points) in [
        ("0", 0),
        ("12.5", 1250),
        ("12.50%", 1250),
        ("12,5", 1250),
        ("0.05", 5),
        ("100", 10_000),
        (" 7 % ", 700),
        ("1.2300", 123),
    ] {
        assert_eq!(Commission::parse(text).unwrap().basis_points(), basis_points, "{text}");
    }
    for (text, rule) in [
        ("", "required"),
        ("%", "required"),
        ("ten", "not_a_number"),
        ("1,2,5", "not_a_number"),
        ("1,000", "not_a_number"),
        ("1.2,5", "not_a_number"),
        ("1e1", "not_a_number"),
        ("+5", "not_a_number"),
        ("5.", "not_a_number"),
        ("١٢", "not_a_number"),
        ("NaN", "not_a_number"),
        ("1.234", "too_precise"),
        ("100.01", "out_of_range"),
        ("-1", "out_of_range"),
        ("99999999999", "out_of_range"),
    ] {
        assert_eq!(Commission::parse(text).unwrap_err().rule(), rule, "{text}");
    }
}

#[test]
fn the_default_commission_is_ten_percent() {
    assert_eq!(Commission::default().basis_points(), 1_000);
}

#[test]
fn a_commission_is_a_number_in_json() {
    let read = |text: &str| serde_json::from_str::<Commission>(text);
    assert_eq!(read("12.5").unwrap().basis_points(), 1250);
    assert_eq!(read("12").unwrap().basis_points(), 1200);
    for text in ["\"12\"", "-1", "101", "12.345", "1e300"] {
        assert!(read(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_commission_round_trips_through_text_and_json(basis_points in 0_u16..=10_000) {
        let commission = Commission::from_basis_points(basis_points).unwrap();
        prop_assert_eq!(Commission::parse(&commission.to_string()).unwrap(), commission);
        let json = serde_json::to_string(&commission).unwrap();
        prop_assert_eq!(serde_json::from_str::<Commission>(&json).unwrap(), commission);
    }

    #[test]
    fn parsing_never_panics(text in "[0-9.%-]{0,12}|\\PC{0,20}") {
        let _ = (Commission::parse(&text), TimeZone::parse(&text));
    }
}
