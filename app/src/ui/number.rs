/// Formats a number with commas between its groups of three digits: "10,000".
pub fn number_text(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", number_text(number / 1_000), number % 1_000),
    }
}

/// Formats a number with its noun: "1 file", "1,234 files".
pub fn counted(number: u64, noun: &str) -> String {
    match number {
        1 => format!("1 {noun}"),
        number => format!("{} {noun}s", number_text(number)),
    }
}

#[cfg(test)]
mod tests {
    use super::number_text;

    #[test]
    fn long_numbers_have_groups_of_three_digits() {
        for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_007, "1,234,007")] {
            assert_eq!(number_text(number), text);
        }
    }
}
