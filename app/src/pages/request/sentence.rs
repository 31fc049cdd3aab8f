/// Formats the cause of a failure as a sentence: with a capital letter and a full stop. Changes only ASCII
/// letters, because Unicode case tables would make the browser's download larger.
pub(super) fn to_sentence(cause: &str) -> String {
    let mut letters = cause.trim_end_matches('.').chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

#[cfg(test)]
mod tests {
    use super::to_sentence;

    #[test]
    fn a_cause_becomes_a_sentence() {
        assert_eq!(to_sentence("the bridge responded with 403"), "The bridge responded with 403.");
        assert_eq!(to_sentence("Done."), "Done.");
    }
}
