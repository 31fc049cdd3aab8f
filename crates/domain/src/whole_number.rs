//! Whole numbers in JSON, which does not distinguish `7` from `7.0`.

use serde_json::Number;

/// The value of a whole number that is not negative.
pub fn whole_number(number: &Number) -> Option<u64> {
    number.as_u64().or_else(|| {
        let text = number.as_f64().filter(|number| number.fract() == 0.0)?.to_string();
        text.parse().ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_whole_number_may_have_a_decimal_point() {
        for (json, expected) in
            [("7", Some(7)), ("7.0", Some(7)), ("-0.0", None), ("7.5", None), ("-7.0", None), ("1e30", None)]
        {
            let Value::Number(number) = serde_json::from_str(json).unwrap() else { panic!("{json}") };
            assert_eq!(whole_number(&number), expected, "{json}");
        }
    }
}
