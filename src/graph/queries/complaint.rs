//! What a caller can put right: the user errors of a mutation.

use crate::{graph::schema::mutation::user_error::UserErrorCode, loader::store::Place};
use std::borrow::Cow;

/// Something that the caller can put right.
#[derive(Debug, Clone)]
pub struct InputComplaint {
    /// The sentence to show.
    pub message: String,
    /// Where in the input.
    pub path: Vec<String>,
    /// The stable code: one of [`UserErrorCode`], or the API's own.
    code: Cow<'static, str>,
    /// For a conflict of revisions: where the entity stands as it is now.
    pub current: Option<Place>,
}

impl InputComplaint {
    /// A complaint of ours.
    #[must_use]
    pub fn new(code: UserErrorCode, message: impl Into<String>, path: &[&str]) -> Self {
        InputComplaint::at(code, message, path.iter().map(|step| (*step).to_owned()).collect())
    }

    /// A complaint of ours about a place in the input.
    #[must_use]
    pub fn at(code: UserErrorCode, message: impl Into<String>, path: Vec<String>) -> Self {
        InputComplaint { message: message.into(), path, code: code.text().into(), current: None }
    }

    /// A complaint of the upstream, with a code of ours or its own.
    #[must_use]
    pub fn of_upstream(code: Cow<'static, str>, message: String, path: Vec<String>) -> Self {
        InputComplaint { message, path, code, current: None }
    }

    /// The same, with the place where the entity stands as it is now.
    #[must_use]
    pub fn showing(self, current: Place) -> Self {
        InputComplaint { current: Some(current), ..self }
    }

    /// The same, with another code.
    #[must_use]
    pub fn coded(self, code: Cow<'static, str>) -> Self {
        InputComplaint { code, ..self }
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }
}
