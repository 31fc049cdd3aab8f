use domain::api_key::{ApiKey, ApiKeyKind, ApiKeyProblem};
use domain::slug::Slug;
use proptest::prelude::*;

fn key(kind: ApiKeyKind, random: &[u8; 24]) -> ApiKey {
    ApiKey::assemble(kind, &Slug::parse("golden-spoon").unwrap(), random)
}

#[test]
fn a_key_has_a_prefix_a_slug_and_a_fixed_length() {
    let lowest = key(ApiKeyKind::Secret, &[0; 24]);
    let highest = key(ApiKeyKind::Public, &[255; 24]);
    assert!(lowest.expose().starts_with(&format!("sk_live_golden-spoon_{}", "0".repeat(33))));
    assert!(highest.expose().starts_with("pk_live_golden-spoon_"));
    assert_eq!(lowest.expose().len(), highest.expose().len());
}

#[test]
fn debug_output_hides_a_secret_key() {
    let secret = key(ApiKeyKind::Secret, &[7; 24]);
    let random = &secret.expose()[21..54];
    assert!(!format!("{secret:?}").contains(random));
    assert!(!secret.public_hint().contains(random));
    assert!(secret.public_hint().starts_with("sk_live_golden-spoon_…"));
}

#[test]
fn malformed_keys_are_refused() {
    for text in ["", "sk_live_", "sk_live_golden-spoon_", "sk_test_golden-spoon_x", "🥄", "sk_live_Golden_x"]
    {
        assert_eq!(ApiKey::parse(text).unwrap_err(), ApiKeyProblem::Malformed, "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_key_round_trips_through_text(random in any::<[u8; 24]>(), secret in any::<bool>()) {
        let kind = if secret { ApiKeyKind::Secret } else { ApiKeyKind::Public };
        let key = key(kind, &random);
        let parsed = ApiKey::parse(key.expose()).unwrap();
        prop_assert_eq!(parsed.kind(), kind);
        prop_assert_eq!(parsed.expose(), key.expose());
    }

    #[test]
    fn different_random_bytes_give_different_keys(one in any::<[u8; 24]>(), two in any::<[u8; 24]>()) {
        let (first, second) = (key(ApiKeyKind::Secret, &one), key(ApiKeyKind::Secret, &two));
        prop_assert_eq!(one == two, first.expose() == second.expose());
    }

    #[test]
    fn the_checksum_detects_a_wrong_character(random in any::<[u8; 24]>(), at in any::<proptest::sample::Index>(), c in any::<char>()) {
        let text = key(ApiKeyKind::Secret, &random).expose().to_owned();
        let mut changed: Vec<char> = text.chars().collect();
        changed[at.index(text.len())] = c;
        let changed: String = changed.into_iter().collect();
        prop_assert_eq!(ApiKey::parse(&changed).is_ok(), changed == text);
    }

    #[test]
    fn parsing_never_panics(text in "(sk_live_)?\\PC{0,60}|sk_live_abc_\\PC{39}") {
        let _ = ApiKey::parse(&text);
    }
}
