//! The commission: the platform's share of a tenant's sales.

use serde::{Deserialize, Serialize};

use crate::text_form::problems;

/// A share from 0 to 100 percent with two decimal places. In JSON it is a number of percent, such as
/// `12.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Commission {
    basis_points: u16,
}

const MAX_BASIS_POINTS: u16 = 10_000;

problems! {
    /// The reason why a text or a number is not a valid commission.
    CommissionProblem {
        Empty = "required", "Enter the commission in percent, such as 12.5, or 0.";
        NotANumber = "not_a_number", "The commission is not a number. Enter digits with a decimal point, such as 12.5.";
        TooPrecise = "too_precise", "The commission can have at most two decimal places. Round it.";
        OutOfRange = "out_of_range", "The commission must be from 0 to 100 percent. Enter a number in this range.";
    }
}

impl Commission {
    /// Creates a share from hundredths of a percent: 1,250 is 12.5 percent.
    ///
    /// # Errors
    /// [`CommissionProblem::OutOfRange`] above 10,000.
    pub const fn from_basis_points(basis_points: u16) -> Result<Self, CommissionProblem> {
        match basis_points {
            0..=MAX_BASIS_POINTS => Ok(Self { basis_points }),
            _ => Err(CommissionProblem::OutOfRange),
        }
    }

    /// Parses a number of percent such as `12.5` or `12,5`, with or without a trailing `%`. Some keypads have
    /// only a comma.
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, CommissionProblem> {
        let text = text.trim_ascii();
        let text = text.strip_suffix('%').map_or(text, str::trim_ascii_end);
        if text.is_empty() {
            return Err(CommissionProblem::Empty);
        }
        let (text, is_negative) = text.strip_prefix('-').map_or((text, false), |rest| (rest, true));
        // With more than two digits after it, the comma is a thousands separator, which is not accepted.
        let comma = text.split_once(',').filter(|(_, fraction)| fraction.len() <= 2);
        let (whole, fraction) = comma.or_else(|| text.split_once('.')).unwrap_or((text, "0"));
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        if !digits(whole) || !digits(fraction) {
            return Err(CommissionProblem::NotANumber);
        }
        if is_negative {
            return Err(CommissionProblem::OutOfRange);
        }
        if fraction.trim_end_matches('0').len() > 2 {
            return Err(CommissionProblem::TooPrecise);
        }
        let percent = whole.parse::<u16>().map_err(|_| CommissionProblem::OutOfRange)?;
        let hundredths = format!("{fraction:0<2}")[..2].parse::<u16>();
        let hundredths = hundredths.map_err(|_| CommissionProblem::NotANumber)?;
        Self::from_basis_points(percent.saturating_mul(100).saturating_add(hundredths))
    }

    /// The share in hundredths of a percent, from 0 to 10,000.
    pub const fn basis_points(self) -> u16 {
        self.basis_points
    }

    /// The share in percent, from 0 to 100.
    pub fn percent(self) -> f64 {
        f64::from(self.basis_points) / 100.0
    }
}

/// The commission of a tenant whose request does not name one: 10 percent.
impl Default for Commission {
    fn default() -> Self {
        Self { basis_points: 1_000 }
    }
}

impl std::fmt::Display for Commission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Formats integers, because float formatting would add 4 kB to the browser's download.
        let (whole, hundredths) = (self.basis_points / 100, self.basis_points % 100);
        match hundredths {
            0 => write!(f, "{whole}%"),
            _ if hundredths % 10 == 0 => write!(f, "{whole}.{}%", hundredths / 10),
            _ => write!(f, "{whole}.{hundredths:02}%"),
        }
    }
}

impl std::str::FromStr for Commission {
    type Err = CommissionProblem;

    fn from_str(text: &str) -> Result<Self, CommissionProblem> {
        Self::parse(text)
    }
}

/// Converts through decimal text, so that 12.1 becomes exactly 1,210 basis points.
impl TryFrom<f64> for Commission {
    type Error = CommissionProblem;

    fn try_from(percent: f64) -> Result<Self, CommissionProblem> {
        Self::parse(&percent.to_string())
    }
}

impl From<Commission> for f64 {
    fn from(commission: Commission) -> Self {
        commission.percent()
    }
}
