//! Passwords: long, and not easily guessed (SPEC section 10).

use std::fmt;

use crate::text_form::problems;

const MIN_LENGTH: usize = 15;
const MAX_LENGTH: usize = 128;

/// How many characters must be left of a password once all that is easily guessed is taken out.
const MIN_UNPREDICTABLE: usize = 8;

/// Neighbours on keyboards, in the alphabet and in counting.
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

/// What the commonest passwords are made of, in small letters.
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

/// A password that may be set. It is never printed, and never serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Password {
    text: String,
}

problems! {
    /// Why a text may not be a password.
    PasswordProblem {
        TooShort = "too_short", "A password has at least 15 characters. A few words that do not belong together do well.";
        TooLong = "too_long", "A password has at most 128 characters. Choose a shorter one.";
        Repeated = "repeated", "This password repeats one piece over and over. Choose words that do not belong together.";
        Sequence = "sequence", "This password follows the keyboard, the alphabet or the numbers. Choose words that do not belong together.";
        Common = "common", "This password is made of what is guessed first. Choose words that do not belong together.";
        Context = "context", "This password is mostly your own address or our name. Choose words that nobody links with you.";
    }
}

impl Password {
    /// Takes a password of 15 to 128 characters, exactly as typed. `context` are texts that an
    /// attacker tries first, such as the person's e-mail address and name.
    ///
    /// # Errors
    /// The first rule that `text` breaks.
    pub fn parse(text: &str, context: &[&str]) -> Result<Self, PasswordProblem> {
        let length = text.chars().take(MAX_LENGTH + 1).count();
        if length < MIN_LENGTH {
            return Err(PasswordProblem::TooShort);
        }
        if length > MAX_LENGTH {
            return Err(PasswordProblem::TooLong);
        }
        // One small letter for each character, so that positions stay what they are.
        let folded: Vec<char> = text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect();
        if is_repeated(&folded) {
            return Err(PasswordProblem::Repeated);
        }
        check_predictable(&folded, context)?;
        Ok(Self { text: text.to_owned() })
    }

    /// The password itself, for hashing and nothing else.
    pub fn expose(&self) -> &str {
        &self.text
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Whether the whole is a shorter password, twice or more often.
fn is_repeated(folded: &[char]) -> bool {
    (1..MIN_LENGTH)
        .take_while(|period| period * 2 <= folded.len())
        .any(|period| folded.iter().zip(&folded[period..]).all(|(a, b)| a == b))
}

/// Takes out sequences, then common words, then the context, and refuses what leaves too little.
fn check_predictable(folded: &[char], context: &[&str]) -> Result<(), PasswordProblem> {
    let mut guessed = vec![false; folded.len()];
    mark_sequences(folded, &mut guessed);
    enough_left(&guessed, PasswordProblem::Sequence)?;
    for word in COMMON {
        mark_word(folded, word, &mut guessed);
    }
    enough_left(&guessed, PasswordProblem::Common)?;
    mark_word(folded, "tenantry", &mut guessed);
    for word in context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric())) {
        mark_word(folded, word, &mut guessed);
    }
    enough_left(&guessed, PasswordProblem::Context)
}

fn enough_left(guessed: &[bool], problem: PasswordProblem) -> Result<(), PasswordProblem> {
    match guessed.iter().filter(|guessed| !**guessed).count() < MIN_UNPREDICTABLE {
        true => Err(problem),
        false => Ok(()),
    }
}

/// Marks every four characters that are alike or stand in a row, in either direction.
fn mark_sequences(folded: &[char], guessed: &mut [bool]) {
    for (start, window) in folded.windows(4).enumerate() {
        let forward: String = window.iter().collect();
        let backward: String = window.iter().rev().collect();
        let alike = window.iter().all(|c| *c == window[0]);
        let in_a_row = |sequence: &&str| sequence.contains(&forward) || sequence.contains(&backward);
        if alike || SEQUENCES.iter().any(in_a_row) {
            guessed[start..start + window.len()].fill(true);
        }
    }
}

/// Marks every occurrence of a word of at least three characters, whatever its case.
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
