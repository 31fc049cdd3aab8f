use domain::ErrorCode;

use super::settings::SignUpSettings;
use crate::{Engine, Error};

impl Engine {
    /// Checks that people can sign up.
    ///
    /// # Errors
    /// `RESOURCE_NOT_FOUND`; `SCHEMA_OUT_OF_DATE`.
    pub(super) fn require_sign_up(&self) -> Result<&SignUpSettings, Error> {
        self.require_schema()?;
        match self.sign_up().mode.is_open() {
            true => Ok(self.sign_up()),
            false => Err(ErrorCode::ResourceNotFound.into()),
        }
    }
}
