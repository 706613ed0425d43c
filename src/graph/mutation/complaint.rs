//! From the upstream's refusal of a write to what the caller can put right.

use super::input;
use crate::{
    loader::store::Place,
    upstream::{client::Credentials, problem::Problem},
};
use async_graphql::registry::Registry;

/// The longest text of the upstream that is shown.
const MAX_MESSAGE: usize = 300;

/// Something that the caller can put right.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// The sentence to show.
    pub message: String,
    /// Where in the input.
    pub path: Vec<String>,
    /// The stable code.
    pub code: String,
    /// For a conflict of revisions: where the entity stands as it is now.
    pub current: Option<Place>,
}

impl Complaint {
    /// A complaint of ours.
    #[must_use]
    pub fn new(code: &str, message: impl Into<String>, path: &[&str]) -> Self {
        let path = path.iter().map(|step| (*step).to_owned()).collect();
        Complaint { message: message.into(), path, code: code.to_owned(), current: None }
    }
}

/// What must not be shown again, whoever repeats it.
pub struct Secrets<'a> {
    /// The caller's credentials.
    pub credentials: &'a Credentials,
    /// Passwords in the input.
    pub texts: Vec<String>,
}

/// The input that a refused request was made of.
pub struct Sent<'a> {
    /// The schema.
    pub registry: &'a Registry,
    /// The type of what became the body.
    pub ty: &'a str,
    /// Where that stands in the input.
    pub base: Vec<String>,
    /// What to say when the upstream does not find what the request was about.
    pub not_found: Complaint,
}

/// What an upstream's refusal says.
#[must_use]
pub fn complaints(status: u16, problem: Problem, sent: &Sent<'_>, secrets: &Secrets<'_>) -> Vec<Complaint> {
    let ours = match status {
        404 => "NOT_FOUND",
        409 => "CONFLICT",
        _ => "BAD_USER_INPUT",
    };
    let code = problem.code.unwrap_or_else(|| ours.to_owned());
    if status == 404 {
        return vec![Complaint { code, ..sent.not_found.clone() }];
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
            complaints.push(Complaint { message: message.clone(), path, code: code.clone(), current: None });
        }
    }
    if complaints.is_empty() {
        let words = problem.detail.or(problem.title);
        let message = words.as_deref().and_then(shown).unwrap_or_else(|| fallback.to_owned());
        complaints.push(Complaint { message, path: sent.base.clone(), code, current: None });
    }
    complaints
}

/// The upstream's words about the caller's own input, if they may be shown: not with an address or a credential in them,
/// and not with what the caller sent as a secret.
fn presentable(text: &str, secrets: &Secrets<'_>) -> Option<String> {
    let clean: String = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect();
    let clean = clean.trim();
    let lower = clean.to_lowercase();
    let repeats = |secret: &String| !secret.is_empty() && lower.contains(&secret.to_lowercase());
    let telling = ["://", "idt:", "bearer "].iter().any(|mark| lower.contains(mark));
    if clean.is_empty() || telling || secrets.credentials.occur_in(clean) || secrets.texts.iter().any(repeats) {
        return None;
    }
    if clean.chars().count() <= MAX_MESSAGE {
        return Some(clean.to_owned());
    }
    Some(clean.chars().take(MAX_MESSAGE - 1).chain(['…']).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;

    #[test]
    fn words_of_the_upstream_are_shown_unless_they_tell_too_much() {
        let credentials = Credentials::new(HeaderValue::from_static("Bearer idt:TKN-0000-0001:s3cr3t"));
        let secrets = Secrets { credentials: &credentials, texts: vec!["Pa55 word".to_owned()] };
        let shown = |text: &str| presentable(text, &secrets);
        assert_eq!(shown(" The name\u{7}is\ntoo long. ").as_deref(), Some("The name is too long."));
        assert_eq!(shown(&"x".repeat(1000)).map(|text| text.chars().count()), Some(MAX_MESSAGE));
        for bad in [
            "",
            "\n",
            "see http://10.0.0.1/log",
            "token idt:TKN-0000-0009:x",
            "with s3cr3t inside",
            "Password 'PA55 WORD' is weak",
            "Bearer x",
        ] {
            assert_eq!(shown(bad), None, "{bad:?}");
        }
    }
}
