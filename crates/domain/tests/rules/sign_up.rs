use domain::sign_up::{SignUpInput, SignUpMode, wished_slug};

fn ascii(domain: &str) -> Option<String> {
    Some(domain.to_owned())
}

fn input(company: &str, slug: &str, name: &str, email: &str) -> SignUpInput {
    SignUpInput { company: company.into(), slug: slug.into(), name: name.into(), email: email.into() }
}

#[test]
fn a_sign_up_needs_a_company_a_name_and_an_address() {
    let parsed = input(" Silver Fork ", "", "Theo", "Theo@Silver-Fork.example").parse(ascii).unwrap();
    assert_eq!((parsed.company.as_str(), parsed.slug), ("Silver Fork", None));
    assert_eq!(parsed.email.canonical(), "theo@silver-fork.example");

    let problems = input(" ", "A", "\u{200B}", "").parse(ascii).unwrap_err();
    let rules: Vec<_> = problems.iter().map(|it| (it.field.as_str(), it.rule.as_str())).collect();
    let fields: Vec<_> = problems.iter().map(|problem| problem.field.as_str()).collect();
    assert_eq!(fields, ["company", "slug", "name", "email"]);
    assert_eq!((rules[0].1, rules[3].1), ("required", "required"));
}

#[test]
fn the_slug_is_the_chosen_one_or_derived_from_the_company() {
    let slug = |chosen, company| wished_slug(chosen, company).map(|slug| slug.to_string());
    assert_eq!(slug(Some("fork"), "Silver Spoon").as_deref(), Some("fork"));
    assert_eq!(slug(None, "Silver Spoon").as_deref(), Some("silver-spoon"));
    assert_eq!(slug(None, "北京"), None);
    assert_eq!(slug(None, "Admin"), None);
}

#[test]
fn sign_up_is_open_unless_it_is_off() {
    let open: Vec<_> = SignUpMode::ALL.iter().filter(|mode| mode.is_open()).map(|it| it.as_str()).collect();
    assert_eq!(open, ["on", "approval"]);
}
