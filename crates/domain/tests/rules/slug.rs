use domain::slug::{RESERVED, Slug, SlugProblem, is_reserved, slug_from_name};
use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization;

fn problem(text: &str) -> SlugProblem {
    Slug::parse(text).unwrap_err()
}

#[test]
fn each_invalid_slug_is_refused_with_its_rule() {
    for (text, rule) in [
        ("", "required"),
        ("xn--a", "double_hyphen"),
        ("ab--c", "double_hyphen"),
        ("-a", "no_letter_first"),
        ("-abc", "no_letter_first"),
        ("1abc", "no_letter_first"),
        ("a-", "trailing_hyphen"),
        ("abc-", "trailing_hyphen"),
        ("ab", "too_short"),
        ("admin", "reserved"),
        ("Golden", "uppercase"),
        ("golden spoon", "whitespace"),
        (" golden", "whitespace"),
        ("golden\u{A0}spoon", "whitespace"),
        ("golden_spoon", "invalid_character"),
        ("golden.spoon", "invalid_character"),
        ("'; DROP TABLE tenants; --", "invalid_character"),
        // Cyrillic о and а.
        ("g\u{43E}lden", "non_ascii"),
        ("\u{430}dmin", "non_ascii"),
        ("goldén", "non_ascii"),
        ("golden\0spoon", "control_character"),
        ("\0", "control_character"),
        ("golden🥄", "non_ascii"),
        ("ملعقة", "non_ascii"),
        ("abc\u{202E}def", "non_ascii"),
    ] {
        assert_eq!(problem(text).rule(), rule, "{text:?}");
    }
}

#[test]
fn long_slugs_are_refused_at_any_length() {
    assert!(Slug::parse(&"a".repeat(40)).is_ok());
    for length in [41, 64, 10_000] {
        assert_eq!(problem(&"a".repeat(length)), SlugProblem::TooLong);
    }
    assert_eq!(problem(&"ж".repeat(10_000)), SlugProblem::NonAscii);
}

#[test]
fn every_reserved_word_is_refused_as_reserved() {
    for word in RESERVED {
        assert_eq!(problem(word), SlugProblem::Reserved, "{word}");
    }
}

#[test]
fn a_slug_cannot_have_the_form_of_a_databases_name() {
    for text in ["ten-00000002", "ten-123456789", "tenantry-ready-x", "tenantry-a"] {
        assert_eq!(problem(text), SlugProblem::Reserved, "{text}");
    }
    for text in ["ten-1234567", "ten-0000000a", "ten-tables", "tenantryx", "attenantry-x"] {
        assert!(Slug::parse(text).is_ok(), "{text}");
    }
}

#[test]
fn problems_have_unique_names_and_complete_sentences() {
    for (index, problem) in SlugProblem::ALL.iter().enumerate() {
        assert!(SlugProblem::ALL[..index].iter().all(|other| other.rule() != problem.rule()));
        assert!(problem.message().ends_with('.'));
    }
}

#[test]
fn a_slug_is_derived_from_a_name() {
    for (name, slug) in [
        ("Golden Spoon", "golden-spoon"),
        ("  Golden   Spoon & Co. ", "golden-spoon-co"),
        ("Café Ñandú", "cafe-nandu"),
        ("Cafe\u{301}", "cafe"),
        ("Straße Ørsted ŒUVRE", "strasse-orsted-oeuvre"),
        ("Bob's Diner", "bobs-diner"),
        ("24 Hours", "t-24-hours"),
        ("İstanbul", "istanbul"),
        ("🥄", ""),
        ("", ""),
        ("The Very Long Name Of A Golden Spoon Restaurant", "the-very-long-name-of-a-golden-spoon"),
        ("exactly forty characters are no problem x", "exactly-forty-characters-are-no-problem"),
    ] {
        assert_eq!(slug_from_name(name), slug, "{name:?}");
    }
    assert_eq!(slug_from_name(&"a".repeat(10_000)), "a".repeat(40));
    assert_eq!(slug_from_name(&"1".repeat(50)), format!("t-{}", "1".repeat(38)));
}

#[test]
fn a_latin_greek_or_cyrillic_name_is_transliterated() {
    for (name, slug) in [
        ("Phở Việt", "pho-viet"),
        ("Đặng Nguyễn Trường", "dang-nguyen-truong"),
        ("Żółw", "zolw"),
        ("Příliš žluťoučký kůň", "prilis-zlutoucky-kun"),
        ("Țară Ștefan Ţ Ş", "tara-stefan-t-s"),
        ("Ąžuolas Ķīšķēzers Šņēģis", "azuolas-kiskezers-snegis"),
        ("Þórður Æðey", "thordur-aedey"),
        ("Əli Iğdır", "eli-igdir"),
        ("Col·lecció l’Hospitalet", "colleccio-lhospitalet"),
        ("Ελλάδα", "ellada"),
        ("Ουρανός Ευρώπη Ψυχή", "ouranos-evropi-psychi"),
        ("Ἀθῆναι", "athinai"),
        ("Чайка", "chaika"),
        ("Золотая ложка", "zolotaia-lozhka"),
        ("Объединение Ёлка", "obedinenie-elka"),
        ("Київ Львівська", "kyiv-lvivska"),
        ("Ґудзик і Зʼїзд", "gudzyk-i-zizd"),
        ("Український чай", "ukrainskyi-chai"),
        ("Љубав Ђорђе", "ljubav-dorde"),
        ("Қазақстан", "qazaqstan"),
        ("Ｔｏｋｙｏ １２", "tokyo-12"),
        ("ﬁsh № ½", "fish-no-1-2"),
        ("Golden Spoon™", "golden-spoon"),
    ] {
        assert_eq!(slug_from_name(name), slug, "{name:?}");
        let decomposed: String = name.nfd().collect();
        assert_eq!(slug_from_name(&decomposed), slug, "{name:?} decomposed");
    }
}

#[test]
fn a_name_whose_letters_cannot_be_transliterated_has_no_slug() {
    for name in ["北京", "مطعم الملعقة", "スプーン", "숟가락", "מסעדה", "ร้านอาหาร", "北京 24", "24 مطعم"]
    {
        assert_eq!(slug_from_name(name), "", "{name:?}");
    }
    assert_eq!(slug_from_name("北京 Café 24"), "cafe-24");
}

/// An independent implementation of the rules in `docs/specification.md`, section 10.
fn is_slug(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let plain = |c: char| matches!(c, 'a'..='z' | '0'..='9');
    (3..=40).contains(&text.len())
        && parts.iter().all(|part| !part.is_empty() && part.chars().all(plain))
        && !text.as_bytes()[0].is_ascii_digit()
        && !is_reserved(text)
}

proptest! {
    #[test]
    fn parsing_accepts_exactly_the_valid_slugs(text in "[a-c1-]{0,6}|[a-z0-9-]{0,45}|[a-zA-Z0-9 _éо-]{0,8}|\\PC{0,50}") {
        prop_assert_eq!(Slug::parse(&text).is_ok(), is_slug(&text));
    }

    #[test]
    fn a_slug_round_trips_through_text_and_json(text in "[a-z][a-z0-9]{2,9}(-[a-z0-9]{1,9}){0,3}") {
        let slug = Slug::parse(&text);
        prop_assume!(slug.is_ok());
        let slug = slug.unwrap();
        prop_assert_eq!(slug.to_string(), text.as_str());
        let json = serde_json::to_string(&slug).unwrap();
        prop_assert_eq!(&json, &format!("\"{text}\""));
        prop_assert_eq!(serde_json::from_str::<Slug>(&json).unwrap(), slug);
    }

    #[test]
    fn a_derived_slug_has_the_format_of_a_slug_or_is_empty(name in "\\PC{0,60}|[A-Za-z0-9 é'-]{0,80}|[0-9 ]{0,60}") {
        let slug = slug_from_name(&name);
        prop_assert!(slug.len() <= 40);
        if slug.len() >= 3 {
            let has_format = matches!(Slug::parse(&slug), Ok(_) | Err(SlugProblem::Reserved));
            prop_assert!(has_format, "{slug}");
        } else {
            prop_assert!(slug.bytes().all(|b| b.is_ascii_alphanumeric()), "{slug}");
        }
    }

    #[test]
    fn deriving_a_slug_from_a_slug_changes_nothing(text in "[a-z][a-z0-9]{2,9}(-[a-z0-9]{1,9}){0,3}") {
        prop_assume!(text.len() <= 40);
        prop_assert_eq!(slug_from_name(&text), text);
    }
}
