//! The upstream's own words, as far as they may be shown: only about what the caller itself just sent.

use super::credentials::Credentials;

/// The longest text of the upstream that is shown.
const MAX_MESSAGE: usize = 300;

/// What must not be shown again, whoever repeats it.
pub struct Secrets<'a> {
    /// The caller's credentials.
    pub credentials: &'a Credentials,
    /// Passwords in the input.
    pub texts: Vec<String>,
}

/// The upstream's words about the caller's own input, if they may be shown: not with an address or a credential in them,
/// and not with what the caller sent as a secret.
#[must_use]
pub fn presentable(text: &str, secrets: &Secrets<'_>) -> Option<String> {
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
