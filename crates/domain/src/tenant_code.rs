//! The tenant code, such as `TEN-00000001` (`docs/specification.md`, section 4).

use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};

/// The public number of a tenant: `TEN-` and at least eight digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantCode {
    text: String,
}

text_form!(TenantCode, TenantCodeProblem, TenantCode::parse);

problems! {
    /// The reason why a text or a number is not a valid tenant code.
    TenantCodeProblem {
        Zero = "zero", "The first tenant code is TEN-00000001. Check the number.";
        Malformed = "malformed", "A tenant code has the form TEN-00000001. Copy the code again.";
    }
}

impl TenantCode {
    /// The code with this number. Numbers start at 1. Numbers above 99,999,999 have more than eight digits.
    ///
    /// # Errors
    /// [`TenantCodeProblem::Zero`] for 0.
    pub fn from_number(number: u64) -> Result<Self, TenantCodeProblem> {
        match number {
            0 => Err(TenantCodeProblem::Zero),
            _ => Ok(Self { text: format!("TEN-{number:08}") }),
        }
    }

    /// Parses the spelling of [`Self::from_number`].
    ///
    /// # Errors
    /// The rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, TenantCodeProblem> {
        let digits = text.strip_prefix("TEN-").ok_or(TenantCodeProblem::Malformed)?;
        let number = digits.parse().map_err(|_| TenantCodeProblem::Malformed)?;
        // Each number has one spelling: the comparison refuses signs and additional zeros.
        match Self::from_number(number)? {
            code if code.text == text => Ok(code),
            _ => Err(TenantCodeProblem::Malformed),
        }
    }

    /// The name of the tenant's database, such as `ten-00000001`.
    pub fn database_name(&self) -> String {
        self.text.to_ascii_lowercase()
    }
}
