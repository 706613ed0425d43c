//! From a status that is not success to a [`Fault`].

use std::time::{Duration, SystemTime};

use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

use super::{credentials::Credentials, problem::Problem};
use crate::{
    entity::kind::Upstream,
    fault::{Fault, FaultKind},
};

/// The fault that `status` means. Of the upstream's own words only documented complaints about our request are passed
/// on: they help whoever wrote the filter.
pub(super) fn fault(
    upstream: Upstream,
    credentials: &Credentials,
    status: StatusCode,
    headers: &HeaderMap,
    problem: Problem,
) -> Fault {
    let (kind, name) = (kind(status), upstream.name());
    let message = match kind {
        FaultKind::Rejected => match problem.documented_errors() {
            Some(complaints) => format!("{name} refused the request: {complaints}"),
            None => format!("{name} refused the request"),
        },
        FaultKind::Unauthenticated => credentials.refused_by(upstream),
        FaultKind::Forbidden => format!("{name} does not allow this to the caller"),
        FaultKind::NotFound => format!("{name} does not have this or does not show it to the caller"),
        FaultKind::Conflict => format!("{name} is in a state that contradicts the request"),
        FaultKind::RateLimited => {
            return too_many(name).with_retry_after(wait(headers)).with_trace_id(problem.trace_id);
        }
        FaultKind::Unavailable => format!("{name} is not in service"),
        _ if status.is_redirection() => format!("{name} answered with a redirect"),
        _ => format!("{name} answered with status {}", status.as_u16()),
    };
    // Elsewhere the header means other things.
    let wait = wait(headers).filter(|_| kind == FaultKind::Unavailable);
    let reason = problem.reason().filter(|_| kind == FaultKind::Rejected);
    Fault::new(kind, message)
        .with_retry_after(wait)
        .with_trace_id(problem.trace_id)
        .with_reason(reason)
        .with_documented(problem.documented || problem.plain)
}

/// The upstream asks for fewer requests.
pub(super) fn too_many(name: &str) -> Fault {
    Fault::new(FaultKind::RateLimited, format!("{name} asks for fewer requests"))
}

/// How long to wait as far as a caller is told: nobody waits for more than a day.
fn wait(headers: &HeaderMap) -> Option<Duration> {
    retry_after(headers).filter(|wait| *wait <= Duration::from_secs(24 * 60 * 60))
}

fn kind(status: StatusCode) -> FaultKind {
    match status.as_u16() {
        400 => FaultKind::Rejected,
        401 => FaultKind::Unauthenticated,
        403 => FaultKind::Forbidden,
        404 => FaultKind::NotFound,
        409 => FaultKind::Conflict,
        429 => FaultKind::RateLimited,
        502..=504 => FaultKind::Unavailable,
        _ => FaultKind::Upstream,
    }
}

/// Seconds, or a date. A date is taken relative to the answer's own `Date`, so that neither our clock nor the
/// difference between the two matters; without one it tells nothing.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let wait = text(RETRY_AFTER)?;
    if let Ok(seconds) = wait.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (until, now) = (http_date(wait)?, http_date(text(DATE)?)?);
    Some(until.duration_since(now).unwrap_or_default())
}

/// The one form of an HTTP date that may still be sent, `Sun, 06 Nov 1994 08:49:37 GMT`.
fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_weekday, rest) = text.split_once(", ")?;
    let [day, month, year, time, "GMT"] = rest.split(' ').collect::<Vec<_>>()[..] else { return None };
    let month = MONTHS.iter().position(|&name| name == month)? + 1;
    humantime::parse_rfc3339(&format!("{year}-{month:02}-{day}T{time}Z")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_has_its_kind() {
        let kinds = [
            (300, "UPSTREAM_ERROR"),
            (302, "UPSTREAM_ERROR"),
            (304, "UPSTREAM_ERROR"),
            (400, "UPSTREAM_REJECTED"),
            (401, "UNAUTHENTICATED"),
            (402, "UPSTREAM_ERROR"),
            (403, "FORBIDDEN"),
            (404, "NOT_FOUND"),
            (409, "CONFLICT"),
            (415, "UPSTREAM_ERROR"),
            (429, "RATE_LIMITED"),
            (500, "UPSTREAM_ERROR"),
            (501, "UPSTREAM_ERROR"),
            (502, "UPSTREAM_UNAVAILABLE"),
            (503, "UPSTREAM_UNAVAILABLE"),
            (504, "UPSTREAM_UNAVAILABLE"),
            (599, "UPSTREAM_ERROR"),
        ];
        for (status, code) in kinds {
            assert_eq!(kind(StatusCode::from_u16(status).unwrap()).code().text(), code, "{status}");
        }
    }

    #[test]
    fn only_a_400_passes_words_on() {
        let body = r#"{"title":"secret title","errors":["Filtering is not permitted."],"traceId":"00-ab-00"}"#;
        let said = |status| {
            let caller = Credentials::default();
            fault(Upstream::Accounts, &caller, status, &HeaderMap::new(), Problem::parse(body))
        };
        let refused = said(StatusCode::BAD_REQUEST);
        assert_eq!(refused.message(), "The accounts API refused the request: Filtering is not permitted.");
        assert_eq!(refused.trace_id(), Some("00-ab-00"));
        for status in [StatusCode::INTERNAL_SERVER_ERROR, StatusCode::FORBIDDEN, StatusCode::BAD_GATEWAY] {
            let message = said(status).message().to_owned();
            assert!(!message.contains("title") && !message.contains("Filtering"), "{message}");
        }
    }

    #[test]
    fn retry_after_is_read_in_both_forms() {
        const NOON: &str = "Sun, 31 Dec 2023 12:00:00 GMT";
        let cases = [
            (Some("0"), None, Some(0)),
            (Some(" 120 "), None, Some(120)),
            (Some("Mon, 01 Jan 2024 12:00:30 GMT"), Some(NOON), Some(86_430)),
            (Some("Sun, 31 Dec 2023 11:00:00 GMT"), Some(NOON), Some(0)),
            (Some("Mon, 01 Jan 2024 12:00:30 GMT"), None, None),
            (Some("Mon, 01 Jan 2024 12:00:30"), Some(NOON), None),
            (Some("Mon, 01 Foo 2024 12:00:30 GMT"), Some(NOON), None),
            (Some("-1"), Some(NOON), None),
            (Some("soon"), Some(NOON), None),
            (None, Some(NOON), None),
        ];
        for (wait, date, seconds) in cases {
            let headers = [(RETRY_AFTER, wait), (DATE, date)];
            let headers =
                headers.into_iter().filter_map(|(name, value)| Some((name, value?.parse().unwrap()))).collect();
            assert_eq!(retry_after(&headers), seconds.map(Duration::from_secs), "{wait:?} at {date:?}");
        }
    }
}
