//! The log of failed calls: every kind of failure with its causes, but each only once in a while.
//!
//! Causes are texts of the system and of libraries. They may repeat what they were given, so whatever looks like an
//! address, an id or a credential is taken out of them, and the rest is cut and free of control characters.

use std::collections::HashMap;
use std::error::Error;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use foldhash::quality::RandomState;
use reqwest::Method;
use tokio::time::Instant;

use super::credentials::Credentials;
use crate::fault::{Fault, FaultKind};

/// For how long a kind of failure is only counted after it was logged.
const PAUSE: Duration = Duration::from_secs(10);

/// How many kinds of failures are told apart.
const MAX_KINDS: usize = 64;

/// How long a line may be, in bytes.
const MAX_LINE: usize = 500;

/// What a line has beside its text and the request's id: time, level, place and names of fields.
const AROUND: usize = 130;

/// How long the text of a line may be.
const MAX_TEXT: usize = MAX_LINE - AROUND;

/// How much of the id of a request is logged; it is as long as this where it came through the gateway's own door.
const MAX_REQUEST_ID: usize = 128;

/// What stands in the place of what must not be logged.
const HIDDEN: &str = "[hidden]";

/// The failures of one upstream that were logged lately.
#[derive(Debug, Default)]
pub(super) struct Reports {
    kinds: Mutex<HashMap<u64, Logged, RandomState>>,
    random: RandomState,
}

#[derive(Debug)]
struct Logged {
    at: Instant,
    /// How many of the kind came since then.
    more: u64,
}

/// A call that failed.
pub(super) struct Failure<'a> {
    /// The HTTP method.
    pub(super) method: &'a Method,
    /// The path without ids and query.
    pub(super) path: String,
    /// What became of the call.
    pub(super) fault: &'a Fault,
    /// Who made it.
    pub(super) credentials: &'a Credentials,
}

impl Reports {
    /// Logs a failure, unless its kind was logged just now. What the upstream answers to a request that it understood is
    /// no failure of the call.
    pub(super) fn log(&self, failure: &Failure<'_>, now: Instant) {
        let Failure { method, path, fault, credentials } = failure;
        let fails = matches!(
            fault.kind(),
            FaultKind::Timeout
                | FaultKind::Unavailable
                | FaultKind::Invalid
                | FaultKind::Upstream
                | FaultKind::OutcomeUnknown
                | FaultKind::Internal
        );
        if !fails {
            return;
        }
        let (code, chain) = (fault.kind().code().text(), chain(fault, credentials));
        let Some(suppressed) = self.due(code, &chain, now) else { return };
        let request_id = escaped(credentials.request_id().unwrap_or("-"), MAX_REQUEST_ID);
        let text = cut(format!("{method} {path} failed: {chain}"), MAX_TEXT - request_id.len());
        tracing::warn!(code, request_id, suppressed, "{text}");
    }

    /// Whether a kind of failure is to be logged now, and how many of it were not logged since the last time.
    fn due(&self, code: &str, chain: &str, now: Instant) -> Option<u64> {
        let hash = |texts: &[&str]| {
            let mut hasher = self.random.build_hasher();
            // Times and sizes make no other kind.
            let bytes = texts.iter().flat_map(|text| text.bytes()).filter(|byte| !byte.is_ascii_digit());
            hasher.write(&bytes.collect::<Vec<_>>());
            hasher.finish()
        };
        let mut key = hash(&[code, chain]);
        let mut kinds = self.kinds.lock().unwrap_or_else(PoisonError::into_inner);
        if kinds.len() >= MAX_KINDS && !kinds.contains_key(&key) {
            kinds.retain(|_, logged| now.saturating_duration_since(logged.at) < PAUSE);
        }
        if kinds.len() >= MAX_KINDS && !kinds.contains_key(&key) {
            // So many different texts at once are told apart by their codes alone.
            key = hash(&[code]);
        }
        match kinds.get_mut(&key) {
            Some(logged) if now.saturating_duration_since(logged.at) < PAUSE => {
                logged.more += 1;
                None
            }
            logged => {
                let more = logged.map_or(0, |logged| logged.more);
                kinds.insert(key, Logged { at: now, more: 0 });
                Some(more)
            }
        }
    }
}

/// A fault with all its causes, fit to be logged.
fn chain(fault: &Fault, credentials: &Credentials) -> String {
    let mut told = fault.message().to_owned();
    let mut last = told.clone();
    let mut source = fault.source();
    while let Some(error) = source {
        let text = error.to_string();
        // An error often repeats what it wraps.
        if !text.is_empty() && !last.contains(&text) {
            told.push_str(": ");
            told.push_str(&if credentials.occur_in(&text) { HIDDEN.to_owned() } else { scrubbed(&text) });
            last = text;
        }
        source = error.source();
    }
    escaped(&told, MAX_TEXT)
}

/// A text without the words that may be addresses, paths, queries, ids or credentials.
fn scrubbed(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim_end();
        clean.push_str(if is_telling(bare) { HIDDEN } else { bare });
        clean.push_str(&word[bare.len()..]);
    }
    clean
}

fn is_telling(word: &str) -> bool {
    let lower = word.to_ascii_lowercase();
    let marked = ["://", "idt:", "@", "?", "=", "%"].iter().any(|mark| lower.contains(mark));
    let bare = word.trim_start_matches(['"', '\'', '(', '`', '[']);
    // `USR-0000-0001`.
    let id = word.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '-').any(|part| {
        part.split_once('-').is_some_and(|(prefix, rest)| {
            (2..=5).contains(&prefix.len())
                && prefix.bytes().all(|byte| byte.is_ascii_uppercase())
                && rest.bytes().any(|byte| byte.is_ascii_digit())
        })
    });
    marked || bare.starts_with('/') || id || word.len() > 64
}

/// A text without anything that does not print, and no longer than allowed.
fn escaped(text: &str, most: usize) -> String {
    let mut clean = String::with_capacity(text.len());
    for letter in text.chars() {
        if matches!(letter, '"' | '\'' | '\\') {
            clean.push(letter);
        } else {
            clean.extend(letter.escape_debug());
        }
        if clean.len() > most {
            break;
        }
    }
    cut(clean, most)
}

/// A text of at most so many bytes.
fn cut(mut text: String, most: usize) -> String {
    const MARK: char = '…';
    if text.len() > most {
        let end = (0..=most - MARK.len_utf8()).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
        text.push(MARK);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderValue;
    use std::io;

    fn fault(source: &str) -> Fault {
        Fault::new(FaultKind::Unavailable, "The accounts API cannot be reached")
            .caused_by(io::Error::other(source.to_owned()))
    }

    fn told(source: &str) -> String {
        let credentials = Credentials::new(HeaderValue::from_static("Bearer tkn:s3cr3t"));
        let chain = chain(&fault(source), &credentials);
        chain.strip_prefix("The accounts API cannot be reached: ").unwrap_or(&chain).to_owned()
    }

    #[test]
    fn causes_are_told_without_what_they_may_repeat() {
        for (source, shown) in [
            ("Connection refused (os error 111)", "Connection refused (os error 111)"),
            ("certificate not valid for name \"localhost\"", "certificate not valid for name \"localhost\""),
            ("error for url (https://h/p?q=1)", "error for url [hidden]"),
            ("proxy ann:pass@proxy:3128 said no", "proxy [hidden] said no"),
            ("no \"/v1/users/USR-1\" here", "no [hidden] here"),
            ("row USR-0000-0001, or (ACC-1-2)", "row [hidden] or [hidden]"),
            ("with s3cr3t inside", "[hidden]"),
            ("a\u{1b}[31m\nb\u{202e}c", "a\\u{1b}[31m\\nb\\u{202e}c"),
        ] {
            assert_eq!(told(source), shown, "{source:?}");
        }
    }

    #[test]
    fn texts_are_cut_between_letters() {
        for length in 95..105 {
            let long = told(&"ä ".repeat(length * 2));
            assert!(long.len() <= MAX_TEXT && long.ends_with('…'), "{} {long}", long.len());
        }
        assert_eq!(escaped("ok", 5), "ok");
        assert_eq!(cut("ääää".to_owned(), 6), "ä…");
    }

    #[test]
    fn each_kind_is_logged_once_in_a_while_and_the_others_are_counted() {
        let (reports, now) = (Reports::default(), Instant::now());
        assert_eq!(reports.due("A", "refused", now), Some(0));
        assert_eq!(reports.due("A", "refused", now + PAUSE / 2), None);
        assert_eq!(reports.due("A", "reset", now), Some(0), "another cause is another kind");
        assert_eq!(reports.due("B", "refused", now), Some(0), "so is another code");
        assert_eq!(reports.due("C", "late by 17 s", now), Some(0));
        assert_eq!(reports.due("C", "late by 8 s", now), None, "another number is not");
        assert_eq!(reports.due("A", "refused", now + PAUSE), Some(1));
        assert_eq!(reports.due("A", "refused", now + PAUSE * 3), Some(0));
    }

    #[test]
    fn there_are_no_more_kinds_than_fit() {
        let (reports, now) = (Reports::default(), Instant::now());
        let text = |number: usize| "x".repeat(number + 1);
        let logged = (0..1000).filter(|number| reports.due("A", &text(*number), now).is_some()).count();
        assert_eq!(logged, MAX_KINDS + 1, "the last one stands for all others");
        assert_eq!(reports.due("A", "another", now + PAUSE), Some(0), "those that are over make room");
    }
}
