//! The tenant code, such as `TEN-00000001` (SPEC section 4).

use serde::{Deserialize, Serialize};

use crate::text_form::{problems, text_form};

/// A tenant's number, as people and other systems see it: `TEN-` and at least eight digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantCode {
    text: String,
}

text_form!(TenantCode, TenantCodeProblem, TenantCode::parse);

problems! {
    /// Why a text or a number is not a tenant code.
    TenantCodeProblem {
        Zero = "zero", "Tenant codes start at TEN-00000001. Check the number.";
        Malformed = "malformed", "A tenant code looks like TEN-00000001. Check what you copied.";
    }
}

impl TenantCode {
    /// The code with a number, which starts at 1; past eight digits the code grows longer.
    ///
    /// # Errors
    /// [`TenantCodeProblem::Zero`] for 0.
    pub fn from_number(number: u64) -> Result<Self, TenantCodeProblem> {
        match number {
            0 => Err(TenantCodeProblem::Zero),
            _ => Ok(Self { text: format!("TEN-{number:08}") }),
        }
    }

    /// Reads a code exactly as [`Self::from_number`] writes it.
    ///
    /// # Errors
    /// [`TenantCodeProblem`], whichever applies.
    pub fn parse(text: &str) -> Result<Self, TenantCodeProblem> {
        let digits = text.strip_prefix("TEN-").ok_or(TenantCodeProblem::Malformed)?;
        let number = digits.parse().map_err(|_| TenantCodeProblem::Malformed)?;
        // There is one spelling of a number: comparing refuses signs and stray zeros.
        match Self::from_number(number)? {
            code if code.text == text => Ok(code),
            _ => Err(TenantCodeProblem::Malformed),
        }
    }

    /// The name of the tenant's own database: `ten-00000001`.
    pub fn database_name(&self) -> String {
        self.text.to_ascii_lowercase()
    }
}
