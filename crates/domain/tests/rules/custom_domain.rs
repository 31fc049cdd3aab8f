use domain::custom_domain::{CheckResult, DnsRecord, DomainName};

/// A fake of the server's IDN conversion, which knows one domain.
fn to_ascii(domain: &str) -> Option<String> {
    (domain == "Bücher.example").then(|| "xn--bcher-kva.example".to_owned())
}

#[test]
fn a_domain_has_a_canonical_form() {
    for (text, canonical) in [
        ("shop.example.com", "shop.example.com"),
        (" Shop.Example.COM.\n", "shop.example.com"),
        ("Bücher.example", "xn--bcher-kva.example"),
        ("a-b.c1", "a-b.c1"),
    ] {
        let domain = DomainName::parse(text, to_ascii).unwrap();
        assert_eq!(domain.as_str(), canonical);
        assert_eq!(domain.challenge_name(), format!("_tenantry-challenge.{canonical}"));
        assert_eq!(DomainName::parse_ascii(canonical), Ok(domain));
    }
}

#[test]
fn what_cannot_be_verified_is_refused_with_its_rule() {
    let (long_label, long) = (format!("{}.com", "a".repeat(64)), format!("{}com", "a.".repeat(116)));
    for (text, rule) in [
        ("", "required"),
        (" . ", "required"),
        ("https://example.com", "address"),
        ("example.com/menu", "address"),
        ("example.com:443", "address"),
        ("ada@example.com", "address"),
        ("*.example.com", "wildcard"),
        ("192.0.2.7", "ip_address"),
        ("2001:db8::1", "ip_address"),
        ("[2001:db8::1]", "ip_address"),
        ("192.0.2", "ip_address"),
        ("ünknown.example", "international"),
        ("xn--unknown.example", "international"),
        ("localhost", "single_label"),
        ("com.", "single_label"),
        ("example..com", "label"),
        (".example.com", "label"),
        (&long_label, "label"),
        (&long, "too_long"),
        ("_dmarc.example.com", "character"),
        ("exam ple.com", "character"),
        ("example.com\0", "character"),
        ("-a.example.com", "hyphen"),
        ("a-.example.com", "hyphen"),
    ] {
        assert_eq!(DomainName::parse(text, to_ascii).unwrap_err().rule(), rule, "{text:?}");
    }
}

#[test]
fn a_domain_is_within_itself_and_its_parents() {
    let domain = DomainName::parse_ascii("shop.example.com").unwrap();
    for (parent, expected) in [
        ("shop.example.com", true),
        ("example.com", true),
        ("com", true),
        ("hop.example.com", false),
        ("a.shop.example.com", false),
    ] {
        assert_eq!(domain.is_within(parent), expected, "{parent}");
    }
}

#[test]
fn a_check_says_what_to_set_and_what_was_found() {
    let record = DnsRecord::challenge(&DomainName::parse_ascii("shop.example.com").unwrap(), "token");
    assert_eq!(
        record.describe(CheckResult::NotFound, &[]),
        "DNS has no TXT record _tenantry-challenge.shop.example.com. Set it to tenantry-verification=token; \
         a new record can take minutes to appear."
    );
    assert_eq!(
        record.describe(CheckResult::Mismatch, &["a".into(), "b".into()]),
        "The TXT record _tenantry-challenge.shop.example.com has \"a\", \"b\", and not \
         \"tenantry-verification=token\"."
    );
    assert_eq!(
        record.describe(CheckResult::DnsError, &["no DNS server answered in time".into()]),
        "DNS gave no answer about _tenantry-challenge.shop.example.com: no DNS server answered in time."
    );
}
