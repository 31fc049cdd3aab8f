use domain::idempotency_key::{IdempotencyKey, IdempotencyKeyProblem};
use proptest::prelude::*;

const KEY: &str = "0b5f4c0e-6c39-4d7e-9a53-0c8ad0f2f7b1";

#[test]
fn keys_are_accepted_with_and_without_quotes_in_any_case() {
    for text in [KEY, &format!("\"{KEY}\""), &KEY.to_uppercase(), &format!(" {KEY} ")] {
        assert_eq!(IdempotencyKey::parse(text).unwrap().as_str(), KEY, "{text}");
    }
}

#[test]
fn missing_and_malformed_keys_are_different_problems() {
    for text in ["", "  "] {
        assert_eq!(IdempotencyKey::parse(text).unwrap_err(), IdempotencyKeyProblem::Missing);
    }
    let half_quoted = format!("\"{KEY}");
    let braced = format!("{{{KEY}}}");
    let simple = KEY.replace('-', "");
    for text in ["x", "\"\"", "\"", "00000000-0000-0000-0000-000000000000", &half_quoted, &braced, &simple] {
        assert_eq!(IdempotencyKey::parse(text).unwrap_err(), IdempotencyKeyProblem::Invalid, "{text}");
    }
}

proptest! {
    #[test]
    fn parsing_never_panics(text in "\"?[0-9a-f-]{34,38}\"?|\\PC{0,40}") {
        if let Ok(key) = IdempotencyKey::parse(&text) {
            prop_assert_eq!(IdempotencyKey::parse(key.as_str()).unwrap(), key);
        }
    }
}
