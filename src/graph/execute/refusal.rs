//! From the upstream's refusal of a write to what the caller can put right.

use crate::{
    graph::{
        queries::{complaint::InputComplaint, input},
        schema::mutation::user_error::UserErrorCode,
    },
    upstream::{
        problem::Problem,
        words::{Secrets, presentable},
    },
};
use async_graphql::registry::Registry;
use std::borrow::Cow;

/// The input that a refused request was made of.
pub struct Sent<'a> {
    /// The schema.
    pub registry: &'a Registry,
    /// The type of what became the body.
    pub ty: &'a str,
    /// Where that stands in the input.
    pub base: Vec<String>,
    /// What to say when the upstream does not find what the request was about.
    pub not_found: InputComplaint,
}

/// What an upstream's refusal says.
#[must_use]
pub fn complaints(status: u16, problem: Problem, sent: &Sent<'_>, secrets: &Secrets<'_>) -> Vec<InputComplaint> {
    let ours = match status {
        404 => UserErrorCode::NotFound,
        409 => UserErrorCode::Conflict,
        _ => UserErrorCode::BadUserInput,
    };
    let code = problem.code.map_or(Cow::Borrowed(ours.text()), Cow::Owned);
    if status == 404 {
        return vec![sent.not_found.clone().coded(code)];
    }
    let fallback = match status {
        409 => "The upstream is in a state that does not allow this.",
        _ => "The upstream refused the input.",
    };
    let shown = |text: &str| presentable(text, secrets);
    let mut complaints = Vec::new();
    for error in &problem.errors {
        let message = shown(&error.message).unwrap_or_else(|| fallback.to_owned());
        let properties: Vec<&str> = error.properties.iter().map(String::as_str).collect();
        let properties = if properties.is_empty() { vec![""] } else { properties };
        for property in properties {
            let path = input::path_of(sent.registry, sent.ty, sent.base.clone(), property);
            complaints.push(InputComplaint::of_upstream(code.clone(), message.clone(), path));
        }
    }
    if complaints.is_empty() {
        let words = problem.detail.or(problem.title);
        let message = words.as_deref().and_then(shown).unwrap_or_else(|| fallback.to_owned());
        complaints.push(InputComplaint::of_upstream(code, message, sent.base.clone()));
    }
    complaints
}
