//! Names and addresses in the headers of messages.

use domain::jobs::StepFailure;
use lettre::{Address, message::Mailbox};

/// The longest name in a header or a sentence, in characters.
const MAX_NAME: usize = 120;

/// Parses a name and an address. The name is written on one line.
///
/// # Errors
/// A permanent failure if the address is not valid.
pub(super) fn mailbox(name: &str, address: &str) -> Result<Mailbox, StepFailure> {
    let address: Address = address.parse().map_err(|_| StepFailure::permanent("the address is not valid"))?;
    let name = one_line(name);
    Ok(Mailbox::new((!name.is_empty()).then_some(name), address))
}

/// Replaces line breaks, other control characters and runs of white space by single spaces, and shortens the
/// text. A header can therefore not be injected.
pub(super) fn one_line(text: &str) -> String {
    let spaced: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    match text.char_indices().nth(MAX_NAME) {
        Some((end, _)) => format!("{}…", text[..end].trim_end()),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_become_spaces_and_long_texts_are_shortened() {
        assert_eq!(one_line("Ann\r\nBcc: eve@example.com\u{2028}\u{0}x"), "Ann Bcc: eve@example.com x");
        assert_eq!(one_line(&"é".repeat(200)), format!("{}…", "é".repeat(120)));
        assert_eq!(one_line(" \t "), "");
    }
}
