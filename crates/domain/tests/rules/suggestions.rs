use domain::slug::Slug;
use domain::suggestions::suggestions;
use proptest::prelude::*;

fn texts(taken: &str, name: Option<&str>) -> Vec<String> {
    let taken = Slug::parse(taken).unwrap();
    suggestions(&taken, name).iter().map(Slug::to_string).collect()
}

#[test]
fn the_next_number_comes_first() {
    let found = texts("golden-spoon", None);
    assert_eq!(
        found[..6],
        [
            "golden-spoon-2",
            "golden-spoon-io",
            "goldenspoon",
            "golden-spoon-hq",
            "golden-spoon-app",
            "golden-spoon-3"
        ]
    );
}

#[test]
fn the_number_of_a_numbered_slug_is_incremented() {
    assert_eq!(texts("golden-spoon-2", None)[0], "golden-spoon-3");
    assert_eq!(texts("expo-2026", None)[0], "expo-2027");
    assert_eq!(texts("agent-007", None)[0], "agent-007-2");
    assert_eq!(texts("room-12345678901234567890", None)[0], "room-12345678901234567890-2");
}

#[test]
fn the_slug_of_the_name_is_suggested() {
    assert!(texts("spoon", Some("Golden Spoon")).contains(&"golden-spoon".to_owned()));
}

#[test]
fn a_long_slug_is_truncated_before_the_suffix() {
    let found = texts(&"a".repeat(40), None);
    assert_eq!(found[0], format!("{}-2", "a".repeat(38)));
}

fn slugs() -> impl Strategy<Value = Slug> {
    let text = "[a-z][a-z0-9]{0,39}|[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,9}){0,4}|[a-z]{1,38}-[0-9]{1,4}";
    text.prop_filter_map("not a slug", |text| Slug::parse(&text).ok())
}

proptest! {
    #[test]
    fn there_are_24_different_suggestions_without_the_taken_slug(
        taken in slugs(),
        name in proptest::option::of("\\PC{0,30}|[A-Za-z ]{0,60}"),
    ) {
        let found = suggestions(&taken, name.as_deref());
        prop_assert_eq!(found.len(), 24);
        for (index, slug) in found.iter().enumerate() {
            prop_assert_eq!(&Slug::parse(slug.as_str()).unwrap(), slug);
            prop_assert_ne!(slug, &taken);
            prop_assert!(!found[..index].contains(slug));
        }
    }

    #[test]
    fn a_slug_without_a_number_gets_the_number_2(text in "[a-z]{3,20}(-[a-z]{1,8}){0,2}") {
        prop_assume!(Slug::parse(&text).is_ok());
        let found = texts(&text, None);
        prop_assert_eq!(&found[0], &format!("{text}-2"));
    }
}
