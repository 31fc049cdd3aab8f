//! The lines around a problem, without secrets.

use domain::import::ExcerptLine;

use super::{
    credential::{is_credential_name, is_secret_text},
    yaml::Place,
};

/// How many lines before and after the problem are shown.
const AROUND: usize = 2;
/// The maximum length of a shown line, in characters.
const MAX_LINE: usize = 160;
/// What stands for a secret.
pub(super) const MASK: &str = "••••••••";

/// The lines of a file, with dots in place of secrets.
#[derive(Debug)]
pub(super) struct MaskedLines(Vec<String>);

impl MaskedLines {
    /// Masks the secrets of a file that was parsed.
    pub(super) fn new(text: &str, secrets: &[Place]) -> Self {
        let mut lines: Vec<String> = lines(text).map(without_secret_comment).collect();
        for place in secrets {
            // A block scalar ends at the beginning of the line after it.
            let last = if place.end_column == 1 { place.end_line.saturating_sub(1) } else { place.end_line };
            for number in place.line..=last.max(place.line) {
                let Some(line) = number.checked_sub(1).and_then(|index| lines.get_mut(index)) else {
                    continue;
                };
                let shown = if number == place.line { place.column.saturating_sub(1) } else { 0 };
                let start: String = line.chars().take(shown).collect();
                *line = format!("{start}{MASK}");
            }
        }
        Self(lines)
    }

    /// Masks all values of a file that cannot be parsed, because any of them may be a secret.
    pub(super) fn of_unreadable(text: &str) -> Self {
        let mask = |line: &str| match line.split_once(':') {
            Some((key, value)) if is_key(key) && value.trim().is_empty() => format!("{key}:"),
            Some((key, _)) if is_key(key) => format!("{key}: {MASK}"),
            _ if line.trim().is_empty() => String::new(),
            _ => MASK.to_owned(),
        };
        Self(lines(text).map(mask).collect())
    }

    /// The lines around a place.
    pub(super) fn around(&self, place: Place) -> Vec<ExcerptLine> {
        let first = place.line.saturating_sub(AROUND).max(1);
        let lines = self.0.iter().enumerate().skip(first - 1).take(place.line + AROUND - first);
        lines
            .map(|(index, line)| ExcerptLine {
                line: u32::try_from(index + 1).unwrap_or(u32::MAX),
                text: shown(line),
                is_marked: index + 1 == place.line,
            })
            .collect()
    }
}

/// The lines of a file, as YAML counts them: `\r` alone also ends a line.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n').flat_map(|line| line.strip_suffix('\r').unwrap_or(line).split('\r'))
}

/// Whether a text before a colon is a key, and not a part of a value.
fn is_key(text: &str) -> bool {
    let key = text.trim_start_matches([' ', '-']);
    key.len() <= 60
        && !is_secret_text(key)
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// Masks a comment that may contain a secret, such as a setting that was commented out.
fn without_secret_comment(line: &str) -> String {
    let start = line
        .match_indices('#')
        .map(|(start, _)| start)
        .find(|start| line[..*start].is_empty() || line[..*start].ends_with(char::is_whitespace));
    let Some((before, comment)) = start.map(|start| line.split_at(start)) else { return line.to_owned() };
    let is_name = |word: &str| is_credential_name(word.trim_matches(|c: char| !c.is_alphanumeric()));
    let is_secret = is_secret_text(comment) || comment.split([' ', ':', '=', '\t']).any(is_name);
    if is_secret { format!("{before}# {MASK}") } else { line.to_owned() }
}

fn shown(line: &str) -> String {
    let printable = |c: char| if c.is_control() { ' ' } else { c };
    let mut text: String = line.chars().take(MAX_LINE).map(printable).collect();
    if line.chars().count() > MAX_LINE {
        text.push('…');
    }
    text
}
