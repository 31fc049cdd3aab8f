use domain::tenant_code::TenantCode;
use proptest::prelude::*;

#[test]
fn codes_have_at_least_eight_digits() {
    let code = TenantCode::from_number(1).unwrap();
    assert_eq!((code.as_str(), code.database_name().as_str()), ("TEN-00000001", "ten-00000001"));
    assert_eq!(TenantCode::from_number(123_456_789).unwrap().as_str(), "TEN-123456789");
    assert!(TenantCode::from_number(0).is_err());
}

#[test]
fn other_spellings_are_refused() {
    for text in [
        "",
        "TEN-",
        "TEN-1",
        "TEN-00000000",
        "TEN-000000001",
        "ten-00000001",
        "TEN-+0000001",
        "TEN-0000000a",
        "TEN-99999999999999999999",
    ] {
        assert!(TenantCode::parse(text).is_err(), "{text:?}");
    }
}

proptest! {
    #[test]
    fn a_code_round_trips_through_text(number in 1_u64.., small in 1_u64..200_000_000) {
        for number in [number, small] {
            let code = TenantCode::from_number(number).unwrap();
            prop_assert_eq!(&TenantCode::parse(code.as_str()).unwrap(), &code);
            let json = serde_json::to_string(&code).unwrap();
            prop_assert_eq!(serde_json::from_str::<TenantCode>(&json).unwrap(), code);
        }
    }
}
