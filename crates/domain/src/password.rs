//! The rules for passwords (`docs/specification.md`, section 10).

use std::fmt;

use crate::{normalization::nfc, text_form::problems};

const MIN_LENGTH: usize = 15;
const MAX_LENGTH: usize = 128;

/// How many characters a password needs in addition to its predictable parts.
const MIN_UNPREDICTABLE: usize = 8;

/// Keyboard rows, the alphabet and digits.
const SEQUENCES: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789012",
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "!@#$%^&*()",
];

/// Parts of the most common passwords, in lowercase.
const COMMON: &[&str] = &[
    "passwort",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pa$$word",
    "letmein",
    "welcome",
    "iloveyou",
    "ihateyou",
    "loveyou",
    "admin",
    "administrator",
    "changeme",
    "changeit",
    "default",
    "secret",
    "master",
    "dragon",
    "monkey",
    "shadow",
    "sunshine",
    "princess",
    "football",
    "baseball",
    "basketball",
    "superman",
    "batman",
    "starwars",
    "trustno1",
    "whatever",
    "freedom",
    "michael",
    "jennifer",
    "jordan",
    "computer",
    "internet",
    "samsung",
    "liverpool",
    "chelsea",
    "arsenal",
    "pokemon",
    "login",
    "hello",
    "qwerty",
    "azerty",
    "qwertz",
    "test",
    "temp",
    "guest",
    "root",
    "user",
    "mypass",
    "nopass",
    "please",
    "correcthorsebatterystaple",
];

/// A password that meets the rules. `Debug` hides it, and it cannot be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    text: String,
}

problems! {
    /// The reason why a text is not accepted as a password.
    PasswordProblem {
        TooShort = "too_short", "A password needs at least 15 characters. Use several unrelated words.";
        TooLong = "too_long", "A password can have at most 128 characters. Use a shorter one.";
        Repeated = "repeated", "This password repeats itself. Use several unrelated words.";
        Sequence = "sequence", "This password consists mainly of sequences such as 1234 or qwerty. Use several unrelated words.";
        Common = "common", "This password consists mainly of common passwords. Use several unrelated words.";
        Context = "context", "This password consists mainly of your name, your e-mail address or the name of this product. Use several unrelated words.";
    }
}

impl Password {
    /// Normalises a password to NFC and accepts 15 to 128 characters. `context` holds texts that an attacker
    /// tries first, such as the person's e-mail address and name.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str, context: &[&str]) -> Result<Self, PasswordProblem> {
        let text = nfc(text);
        let length = text.chars().take(MAX_LENGTH + 1).count();
        if length < MIN_LENGTH {
            return Err(PasswordProblem::TooShort);
        }
        if length > MAX_LENGTH {
            return Err(PasswordProblem::TooLong);
        }
        // Maps each character to one lowercase letter, so that positions do not change.
        let folded: Vec<char> = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        if is_repeated(&folded) {
            return Err(PasswordProblem::Repeated);
        }
        check_predictable(&folded, context)?;
        Ok(Self { text })
    }

    /// The plain password. Only for hashing.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Whether the password is a repetition of a shorter text.
fn is_repeated(folded: &[char]) -> bool {
    (1..MIN_LENGTH)
        .take_while(|period| period * 2 <= folded.len())
        .any(|period| folded.iter().zip(&folded[period..]).all(|(a, b)| a == b))
}

/// Marks sequences, then common words, then the context, and checks after each how many characters are not
/// marked.
fn check_predictable(folded: &[char], context: &[&str]) -> Result<(), PasswordProblem> {
    let mut guessed = vec![false; folded.len()];
    mark_sequences(folded, &mut guessed);
    check_remaining(&guessed, PasswordProblem::Sequence)?;
    for word in COMMON {
        mark_word(folded, word, &mut guessed);
    }
    check_remaining(&guessed, PasswordProblem::Common)?;
    mark_word(folded, "tenantry", &mut guessed);
    for word in nfc(&context.join(" ")).split(|c: char| !c.is_alphanumeric()) {
        mark_word(folded, word, &mut guessed);
    }
    check_remaining(&guessed, PasswordProblem::Context)
}

fn check_remaining(guessed: &[bool], problem: PasswordProblem) -> Result<(), PasswordProblem> {
    match guessed.iter().filter(|guessed| !**guessed).count() < MIN_UNPREDICTABLE {
        true => Err(problem),
        false => Ok(()),
    }
}

/// Marks every run of four equal or consecutive characters, in either direction.
fn mark_sequences(folded: &[char], guessed: &mut [bool]) {
    for (start, window) in folded.windows(4).enumerate() {
        let forward: String = window.iter().collect();
        let backward: String = window.iter().rev().collect();
        let is_equal = window.iter().all(|c| *c == window[0]);
        let is_consecutive = |sequence: &&str| sequence.contains(&forward) || sequence.contains(&backward);
        if is_equal || SEQUENCES.iter().any(is_consecutive) {
            guessed[start..start + window.len()].fill(true);
        }
    }
}

/// Marks every occurrence of a word of at least three characters, in any case.
fn mark_word(folded: &[char], word: &str, guessed: &mut [bool]) {
    let word: Vec<char> = word.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
    if word.len() < 3 {
        return;
    }
    for (start, window) in folded.windows(word.len()).enumerate() {
        if window == word {
            guessed[start..start + word.len()].fill(true);
        }
    }
}
