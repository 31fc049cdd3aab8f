use domain::email::Email;
use proptest::prelude::*;

/// A fake of the browser's or the server's IDN conversion, which knows one domain.
fn to_ascii(domain: &str) -> Option<String> {
    let is_known = matches!(domain, "bücher.example" | "XN--Bcher-kva.example");
    is_known.then(|| "xn--bcher-kva.example".to_owned())
}

#[test]
fn valid_addresses_are_accepted_and_have_a_canonical_form() {
    for (input, address, canonical) in [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        (" Ada.Lovelace@Example.COM\n", "Ada.Lovelace@example.com", "ada.lovelace@example.com"),
        (
            "o'brien+tag@mail.example.co.uk",
            "o'brien+tag@mail.example.co.uk",
            "o'brien+tag@mail.example.co.uk",
        ),
        ("Max@bücher.example", "Max@xn--bcher-kva.example", "max@xn--bcher-kva.example"),
        ("Max@XN--Bcher-kva.example", "Max@xn--bcher-kva.example", "max@xn--bcher-kva.example"),
        ("a@1.2x", "a@1.2x", "a@1.2x"),
        ("\u{A0}\u{200B}ada@example.com\u{FEFF}\u{202F}", "ada@example.com", "ada@example.com"),
        ("\u{2060}ada@bücher.example\u{200D}", "ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
    ] {
        let email = Email::parse(input, to_ascii).unwrap();
        assert_eq!((email.address(), email.canonical()), (address, canonical));
    }
}

#[test]
fn each_invalid_address_is_refused_with_its_rule() {
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long_label = format!("a@{}.com", "b".repeat(64));
    let long_domain = format!("{}@{}com", "a".repeat(64), "b.".repeat(95));
    let very_long = format!("{}@example.com", "a".repeat(10_000));
    for (input, rule) in [
        ("", "required"),
        (" \t", "required"),
        ("ada", "missing_at"),
        ("ada@b@c.de", "several_ats"),
        ("@example.com", "missing_local_part"),
        ("ada@", "missing_domain"),
        (".ada@example.com", "local_part_dots"),
        ("ada.@example.com", "local_part_dots"),
        ("a..b@example.com", "local_part_dots"),
        ("\"ada\"@example.com", "local_part_character"),
        ("ada(x)@example.com", "local_part_character"),
        ("adä@example.com", "local_part_character"),
        // Cyrillic а.
        ("\u{430}da@example.com", "local_part_character"),
        ("🥄@example.com", "local_part_character"),
        ("a da@example.com", "whitespace"),
        ("ada@exam\u{A0}ple.com", "whitespace"),
        ("ada\0@example.com", "invisible_character"),
        ("ada\u{202E}@example.com", "invisible_character"),
        ("ada@exam\u{200B}ple.com", "invisible_character"),
        ("ada@unknown-ü.example", "domain_international"),
        ("ada@xn--unknown.example", "domain_international"),
        ("ada@mail.Xn--unknown", "domain_international"),
        ("ada@localhost", "domain_without_dot"),
        ("ada@example..com", "domain_label"),
        ("ada@example.com.", "domain_label"),
        ("ada@-example.com", "domain_hyphen"),
        ("ada@example-.com", "domain_hyphen"),
        ("ada@exam_ple.com", "domain_character"),
        ("ada@[127.0.0.1]", "domain_character"),
        ("ada@127.0.0.1", "domain_numeric"),
        (&long_local, "local_part_too_long"),
        (&long_label, "domain_label"),
        (&long_domain, "too_long"),
        (&very_long, "too_long"),
    ] {
        assert_eq!(Email::parse(input, to_ascii).unwrap_err().rule(), rule, "{input:?}");
    }
}

#[test]
fn a_stored_address_with_an_encoded_label_can_be_read() {
    let email = Email::parse_ascii("max@xn--bcher-kva.example").unwrap();
    assert_eq!(email.address(), "max@xn--bcher-kva.example");
    assert_eq!(Email::parse_ascii("max@bücher.example").unwrap_err().rule(), "domain_international");
}

#[test]
fn the_result_of_the_idn_conversion_is_checked() {
    for domain in ["", "a b.example", "ü.example", "localhost", "1.2.3.4"] {
        assert!(Email::parse("ada@ü.example", |_| Some(domain.to_owned())).is_err(), "{domain:?}");
    }
}

proptest! {
    #[test]
    fn comparison_ignores_case(text in "[a-zA-Z0-9+]{1,20}@[a-zA-Z0-9]{1,10}\\.[a-zA-Z]{2,6}") {
        let email = Email::parse_ascii(&text).unwrap();
        let upper = Email::parse_ascii(&text.to_uppercase()).unwrap();
        let lower = text.to_lowercase();
        prop_assert_eq!(email.canonical(), lower.as_str());
        prop_assert_eq!(email, upper);
    }

    #[test]
    fn an_ascii_domain_without_encoded_labels_is_never_converted(text in "[a-z]{1,9}@[a-zA-Z0-9.@-]{0,20}") {
        prop_assume!(!text.to_ascii_lowercase().contains("xn--"));
        let called = std::cell::Cell::new(false);
        let _ = Email::parse(&text, |_| { called.set(true); None });
        prop_assert!(!called.get());
    }

    #[test]
    fn accepted_addresses_are_well_formed(input in "[a-z.+@é\u{202E}-]{0,20}|[a-z.]{1,9}@[a-zé0-9.-]{1,12}|\\PC{0,40}|[a-z]{1,70}@([a-z]{1,70}\\.){1,5}[a-z0-9]{1,5}") {
        let Ok(email) = Email::parse(&input, |_| Some("xn--e-fga.example".to_owned())) else {
            return Ok(());
        };
        let (local, domain) = email.address().split_once('@').unwrap();
        prop_assert!(email.address().is_ascii() && email.address().len() <= 254);
        prop_assert!((1..=64).contains(&local.len()));
        prop_assert!(local.split('.').all(|atom| !atom.is_empty()));
        prop_assert!(domain.split('.').count() >= 2);
        prop_assert!(domain.split('.').all(|label| (1..=63).contains(&label.len())));
        prop_assert!(!domain.contains(|c: char| c.is_ascii_uppercase()));
        prop_assert_eq!(&Email::parse_ascii(email.address()).unwrap(), &email);
        let json = serde_json::to_string(&email).unwrap();
        let parsed: Email = serde_json::from_str(&json).unwrap();
        prop_assert_eq!(parsed.address(), email.address());
    }

    #[test]
    fn parsing_never_panics(input in any::<String>(), converted in proptest::option::of(any::<String>())) {
        let _ = Email::parse(&input, |_| converted.clone());
    }
}
