use domain::rollback::RollbackConfirmation;

/// The field and the rule of each problem.
fn problems(slug: &str, reason: &str) -> Vec<(String, String)> {
    let problems = RollbackConfirmation::parse(slug, reason).err().unwrap_or_default();
    problems.into_iter().map(|problem| (problem.field, problem.rule)).collect()
}

#[test]
fn a_rollback_needs_a_slug_and_a_reason_of_1_to_500_characters() {
    for (slug, reason, expected) in [
        ("golden-spoon", " typo in the name ", vec![]),
        ("golden-spoon", &"é".repeat(500), vec![]),
        ("golden-spoon", "  ", vec![("reason", "required")]),
        ("golden-spoon", &"x".repeat(501), vec![("reason", "too_long")]),
        ("golden-spoon", "a\nb", vec![("reason", "control_characters")]),
        (" ", "a typo", vec![("slug", "required")]),
        ("", "", vec![("slug", "required"), ("reason", "required")]),
    ] {
        let expected: Vec<_> =
            expected.iter().map(|(field, rule)| (field.to_string(), rule.to_string())).collect();
        assert_eq!(problems(slug, reason), expected, "{slug:?}, {reason:?}");
    }
}

#[test]
fn only_the_slug_of_the_tenant_confirms_a_rollback() {
    let confirm = |slug| RollbackConfirmation::parse(slug, "a typo").unwrap().check_slug("golden-spoon");
    assert_eq!(confirm(" golden-spoon "), Ok(()));
    for other in ["golden-spoon-2", "Golden-Spoon", "golden"] {
        assert_eq!(confirm(other).unwrap_err().rule, "mismatch", "{other}");
    }
}
