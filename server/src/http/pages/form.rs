use axum::{
    Form,
    extract::{FromRequest, Request, rejection::FormRejection},
};
use domain::FieldProblem;
use serde::de::DeserializeOwned;

use crate::http::error::ApiError;

/// The fields of a form post. Missing fields are empty.
#[derive(Debug)]
pub(crate) struct Fields<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Fields<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        match Form::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(FormRejection::InvalidFormContentType(_)) => {
                Err(ApiError::content_type("Send the form as application/x-www-form-urlencoded."))
            }
            Err(_) => Err(ApiError::from_field(FieldProblem::new(
                "",
                "form",
                "The form could not be parsed. Send each field once.",
            ))),
        }
    }
}
