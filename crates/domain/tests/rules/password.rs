use domain::{
    normalization::nfc,
    password::{Password, PasswordProblem},
};
use proptest::prelude::*;

#[test]
fn predictable_passwords_are_refused_with_the_reason() {
    let context = ["ada.lovelace@golden-spoon.example", "Ada Lovelace"];
    for (text, problem) in [
        ("", PasswordProblem::TooShort),
        ("fourteen chars", PasswordProblem::TooShort),
        ("éééééééééééééé", PasswordProblem::TooShort),
        ("aaaaaaaaaaaaaaaaaaaa", PasswordProblem::Repeated),
        ("passwordpassword", PasswordProblem::Repeated),
        ("xK9!xK9!xK9!xK9!", PasswordProblem::Repeated),
        ("123456789012345", PasswordProblem::Sequence),
        ("qwertyuiopasdfghjkl", PasswordProblem::Sequence),
        ("zyxwvutsrqponmlk", PasswordProblem::Sequence),
        ("Password12345678", PasswordProblem::Common),
        ("P@ssw0rd-welcome1", PasswordProblem::Common),
        ("CorrectHorseBatteryStaple", PasswordProblem::Common),
        ("Tenantry-Tenantry-1", PasswordProblem::Context),
        ("ada.lovelace-2026", PasswordProblem::Context),
        ("golden-spoon-2026", PasswordProblem::Context),
    ] {
        assert_eq!(Password::parse(text, &context).unwrap_err(), problem, "{text:?}");
    }
    let long = "b7 ".repeat(50);
    assert_eq!(Password::parse(&long, &[]).unwrap_err(), PasswordProblem::TooLong);
}

#[test]
fn unrelated_words_and_random_characters_are_accepted() {
    for text in [
        "violet kettle under orbit",
        "kH3!vq9ZtP0xLmW",
        "ложка серебро весна",
        "were there trees over the river",
        &"drum ocean visa 9 ".repeat(7)[..100],
    ] {
        assert!(Password::parse(text, &["ada@example.com"]).is_ok(), "{text:?}");
    }
}

#[test]
fn a_password_typed_in_two_ways_is_the_same_password() {
    let composed = Password::parse("grün über Brücken führen", &[]).unwrap();
    let decomposed = "gru\u{308}n u\u{308}ber Bru\u{308}cken fu\u{308}hren";
    assert_eq!(Password::parse(decomposed, &[]).unwrap().expose(), composed.expose());
    let fourteen = "u\u{308}".repeat(14);
    assert_eq!(Password::parse(&fourteen, &[]), Err(PasswordProblem::TooShort));
    let (name, decomposed_name) = ("Jürgen Müller", "Ju\u{308}rgen Mu\u{308}ller");
    for (name, context) in [(name, decomposed_name), (decomposed_name, name)] {
        assert_eq!(Password::parse(&format!("{name}-26"), &[context]), Err(PasswordProblem::Context));
    }
}

#[test]
fn debug_output_hides_the_password() {
    let password = Password::parse("violet kettle under orbit", &[]).unwrap();
    assert_eq!(format!("{password:?}"), "Password(…)");
    assert_eq!(password.expose(), "violet kettle under orbit");
}

proptest! {
    #[test]
    fn parsing_never_panics_and_counts_characters(text in "\\PC{0,140}", context in any::<String>()) {
        let text = nfc(&text);
        let length = text.chars().count();
        match Password::parse(&text, &[&context]) {
            Ok(password) => {
                prop_assert!((15..=128).contains(&length));
                prop_assert_eq!(password.expose(), text);
            }
            Err(PasswordProblem::TooShort) => prop_assert!(length < 15),
            Err(PasswordProblem::TooLong) => prop_assert!(length > 128),
            Err(_) => prop_assert!((15..=128).contains(&length)),
        }
    }
}
