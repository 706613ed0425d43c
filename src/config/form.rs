//! The forms that values are written in, the same on the command line, in the environment and in the file.

use reqwest::{
    Url,
    header::{self, HeaderName},
};
use std::{net::SocketAddr, num::NonZeroUsize, ops::RangeInclusive, path::PathBuf, time::Duration};

use super::{explain::Explain, token::TokenSource};
use crate::{telemetry, upstream::marketplace::membership::MembershipRoutes};

#[cfg(feature = "sandbox")]
pub(super) use accounts_graph_sandbox::{Day, Generation};

/// A day as it is written; a build without the sandbox does not read it.
#[cfg(not(feature = "sandbox"))]
pub(super) type Day = String;

/// The name of a generation; a build without the sandbox does not read it.
#[cfg(not(feature = "sandbox"))]
pub(super) type Generation = String;

/// How the values of an option are written.
#[derive(Clone, Copy)]
pub(super) struct Form<T> {
    /// Completes the sentence "expected …".
    pub(super) expected: &'static str,
    pub(super) parse: fn(&str) -> Result<T, Refused>,
}

/// A value that is not of its form.
#[derive(Debug, PartialEq)]
pub(super) enum Refused {
    /// It may be shown.
    Shown,
    /// It may hold a secret; this says instead what it is.
    Hidden(&'static str),
}

pub(super) const ADDRESS: Form<SocketAddr> = Form {
    expected: "an IP address and a port, such as 127.0.0.1:4000 or [::1]:4000",
    parse: |text| text.parse().map_err(|_| Refused::Shown),
};

pub(super) const FILTER: Form<String> = Form {
    expected: "error, warn, info, debug, trace or off, or a list such as info,accounts_graph=debug",
    // The library takes an empty text for `error`; whoever wants silence can say `off`.
    parse: |text| match telemetry::filter(text) {
        Ok(_) if !text.trim().is_empty() => Ok(text.to_owned()),
        _ => Err(Refused::Shown),
    },
};

/// Any text may name a file; whether it does is seen on opening it.
pub(super) const FILE: Form<PathBuf> = Form {
    expected: "the path of a file",
    parse: |text| if text.is_empty() { Err(Refused::Shown) } else { Ok(PathBuf::from(text)) },
};

/// The ending keeps a slip of the hand from naming some other file.
pub(super) const DATABASE: Form<PathBuf> = Form {
    expected: "the path of a database that ends in .db, .sqlite or .sqlite3",
    parse: |text| {
        let path = PathBuf::from(text);
        let ending = path.extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("db" | "sqlite" | "sqlite3")) { Ok(path) } else { Err(Refused::Shown) }
    },
};

/// The letters are the values of the option's former name.
#[cfg(feature = "sandbox")]
pub(super) const GENERATION: Form<Generation> = Form {
    expected: "v5, 2025-09, 2025-02 or all",
    parse: |text| match text {
        "a" => Ok(Generation::February2025),
        "b" => Ok(Generation::September2025),
        "c" => Ok(Generation::V5),
        name => Generation::EACH.into_iter().find(|generation| generation.name() == name).ok_or(Refused::Shown),
    },
};

#[cfg(feature = "sandbox")]
pub(super) const DAY: Form<Day> =
    Form { expected: "a day, such as 2026-11-30", parse: |text| text.parse().map_err(|()| Refused::Shown) };

#[cfg(not(feature = "sandbox"))]
const UNREAD: Form<String> = Form { expected: "a text", parse: |text| Ok(text.to_owned()) };
#[cfg(not(feature = "sandbox"))]
pub(super) const GENERATION: Form<Generation> = UNREAD;
#[cfg(not(feature = "sandbox"))]
pub(super) const DAY: Form<Day> = UNREAD;

pub(super) const URL: Form<Url> =
    Form { expected: "an http or https URL, such as https://api.example.com/public", parse: url };

pub(super) const DURATION: Form<Duration> =
    Form { expected: "a duration from 1ms to 1day, such as 500ms, 10s or 1m 30s", parse: duration };

/// What is found out of a host is used in the next moment, so it has to be remembered for one.
pub(super) const MEMORY: Form<Duration> = Form {
    expected: "a duration from 1s to 1day, such as 30s or 10m",
    parse: |text| match duration(text)? {
        short if short < Duration::from_secs(1) => Err(Refused::Shown),
        time => Ok(time),
    },
};

pub(super) const SIZE: Form<usize> =
    Form { expected: "a number of bytes above 0, such as 65536, 100KiB or 32MiB", parse: size };

/// The bound keeps the value usable as a number of permits, which a semaphore does not take in any amount.
pub(super) const COUNT: Form<usize> =
    Form { expected: "a whole number from 1 to 1000000", parse: |text| number(text, &(1..=1_000_000)) };

/// More would only take longer to fail.
pub(super) const RETRIES: Form<u32> =
    Form { expected: "a whole number from 0 to 10", parse: |text| number(text, &(0..=10)) };

/// Each has a runtime and connections of its own: beyond the CPUs of any machine there is nothing to gain.
pub(super) const THREADS: Form<NonZeroUsize> = Form {
    expected: "a whole number from 1 to 1024",
    parse: |text| number(text, &(1..=1024)).and_then(|count| NonZeroUsize::new(count).ok_or(Refused::Shown)),
};

/// Brackets nest at most 128 deep, which also ends the depth of a selection.
pub(super) const DEPTH: Form<usize> =
    Form { expected: "a whole number from 1 to 100", parse: |text| number(text, &(1..=100)) };

pub(super) const SCALE: Form<f64> =
    Form { expected: "a number from 0.01 to 10", parse: |text| number(text, &(0.01..=10.0)) };

pub(super) const ROUTES: Form<MembershipRoutes> = Form {
    expected: "auto, accounts, account-users or legacy",
    parse: |text| {
        let named = |routes: &MembershipRoutes| routes.name() == text || routes.alias() == Some(text);
        MembershipRoutes::ALL.into_iter().find(named).ok_or(Refused::Shown)
    },
};

pub(super) const SWITCH: Form<bool> =
    Form { expected: "true or false", parse: |text| text.parse().map_err(|_| Refused::Shown) };

pub(super) const ON_OFF: Form<bool> = Form {
    expected: "on or off",
    parse: |text| match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err(Refused::Shown),
    },
};

/// HTTP/1.1 is read into a buffer of 8 KiB at least; the upper end keeps twice the value a length of HTTP/2.
pub(super) const HEADER_SIZE: Form<usize> = Form {
    expected: "a number of bytes from 8KiB to 1MiB, such as 32KiB",
    parse: |text| {
        size(text).and_then(|bytes| if (8 << 10..=1 << 20).contains(&bytes) { Ok(bytes) } else { Err(Refused::Shown) })
    },
};

/// The parser overflows the stack on brackets that nest deeper.
pub(super) const NESTING: Form<usize> =
    Form { expected: "a whole number from 1 to 128", parse: |text| number(text, &(1..=128)) };

pub(super) const TOKEN: Form<TokenSource> = Form {
    expected: "file: and a path, or env: and the name of a variable",
    parse: |text| {
        TokenSource::parse(text).ok_or(Refused::Hidden("something that is not shown, because it may be a secret"))
    },
};

pub(super) const ORIGINS: Form<Vec<String>> = Form {
    expected: "origins such as https://app.example.com, separated by commas, or *",
    parse: |text| list(text, |text| is_origin(text).then(|| text.to_owned())),
};

pub(super) const HOSTS: Form<Vec<String>> = Form {
    expected: "names or addresses without a port, such as graph.example.com, separated by commas",
    parse: |text| list(text, |text| is_host(text).then(|| text.to_ascii_lowercase())),
};

pub(super) const HEADERS: Form<Vec<HeaderName>> = Form {
    expected: "names of headers other than those that HTTP or this program sets, separated by commas",
    parse: |text| list(text, forwardable),
};

fn list<T>(text: &str, item: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, Refused> {
    text.split(',').map(|text| item(text.trim()).ok_or(Refused::Shown)).collect()
}

/// Whether a text is an origin as a browser writes it, to the letter: it is compared as text.
fn is_origin(text: &str) -> bool {
    text == "*"
        || Url::parse(text).is_ok_and(|url| url.origin().is_tuple() && url.origin().ascii_serialization() == text)
}

fn is_host(text: &str) -> bool {
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    let named = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    named || bare.parse::<std::net::IpAddr>().is_ok()
}

/// A header that is the caller's to set upstream: not one that belongs to the connection, to the body, or to us.
fn forwardable(text: &str) -> Option<HeaderName> {
    const OURS: [HeaderName; 15] = [
        header::ACCEPT,
        header::ACCEPT_ENCODING,
        header::AUTHORIZATION,
        header::CONNECTION,
        header::CONTENT_ENCODING,
        header::CONTENT_LENGTH,
        header::CONTENT_TYPE,
        header::EXPECT,
        header::HOST,
        header::PROXY_AUTHORIZATION,
        header::TE,
        header::TRAILER,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
        header::USER_AGENT,
    ];
    let name: HeaderName = text.parse().ok()?;
    let traced = matches!(name.as_str(), "traceparent" | "tracestate" | "x-request-id");
    let other = matches!(name.as_str(), "keep-alive" | "proxy-connection" | "x-wavefront-authorization");
    (!traced && !other && !OURS.contains(&name)).then_some(name)
}

/// Without the slash at the end, so that what is below it can be joined.
pub(super) const PAGE_PATH: Form<String> = Form {
    expected: "/ or a path of letters, digits, dots, dashes and underscores other than /graphql, such as /playground",
    parse: |text| page_path(text).ok_or(Refused::Shown),
};

fn page_path(text: &str) -> Option<String> {
    let rest = text.strip_prefix('/')?;
    let names: Vec<&str> = rest.trim_end_matches('/').split('/').filter(|_| !rest.is_empty()).collect();
    let plain = |name: &&str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte));
    let sound = names.iter().all(|name| plain(name) && !name.is_empty() && *name != "." && *name != "..");
    let free = names.first() != Some(&"graphql");
    (sound && free).then(|| names.iter().flat_map(|name| ["/", name]).collect())
}

pub(super) const EXPLAIN: Form<Explain> = Form {
    expected: "always, loopback or never",
    parse: |text| match text {
        "always" => Ok(Explain::Always),
        "loopback" => Ok(Explain::Loopback),
        "never" => Ok(Explain::Never),
        _ => Err(Refused::Shown),
    },
};

fn url(text: &str) -> Result<Url, Refused> {
    let refused = if text.contains(['@', '?', '#']) {
        Refused::Hidden("something that is not shown, because it may hold a secret")
    } else {
        Refused::Shown
    };
    let Ok(mut url) = Url::parse(text) else { return Err(refused) };
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refused);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refused::Hidden("a URL with a user or password; credentials come with each request"));
    }
    if url.query().is_some() {
        return Err(Refused::Hidden("a URL with a query"));
    }
    if url.fragment().is_some() {
        return Err(Refused::Hidden("a URL with a fragment"));
    }
    // One spelling for all who join a path to it: without the slash, joining would replace the last segment.
    let directory = format!("{}/", url.path().trim_end_matches('/'));
    url.set_path(&directory);
    Ok(url)
}

fn duration(text: &str) -> Result<Duration, Refused> {
    // A clock that is read and added to such a duration cannot overflow.
    let accepted = Duration::from_millis(1)..=Duration::from_secs(24 * 60 * 60);
    humantime::parse_duration(text).ok().filter(|duration| accepted.contains(duration)).ok_or(Refused::Shown)
}

fn size(text: &str) -> Result<usize, Refused> {
    const UNITS: [(&str, usize); 2] = [("KiB", 1 << 10), ("MiB", 1 << 20)];
    let (digits, unit) =
        UNITS.iter().find_map(|(name, bytes)| Some((text.strip_suffix(name)?, *bytes))).unwrap_or((text, 1));
    let number: usize = digits.trim_end().parse().map_err(|_| Refused::Shown)?;
    // No allocation is larger than `isize::MAX`, and a limit plus a few bytes does not overflow.
    let fits = |bytes: &usize| (1..=isize::MAX.unsigned_abs()).contains(bytes);
    number.checked_mul(unit).filter(fits).ok_or(Refused::Shown)
}

fn number<N: std::str::FromStr + PartialOrd>(text: &str, accepted: &RangeInclusive<N>) -> Result<N, Refused> {
    text.parse().ok().filter(|number| accepted.contains(number)).ok_or(Refused::Shown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::upstream::marketplace::membership::Family;

    fn accepts<T: PartialEq + std::fmt::Debug>(form: &Form<T>, text: &str, value: T) {
        assert_eq!((form.parse)(text), Ok(value), "{text}");
    }

    fn refuses<T: PartialEq + std::fmt::Debug>(form: &Form<T>, texts: &[&str]) {
        for text in texts {
            assert_eq!((form.parse)(text), Err(Refused::Shown), "{text}");
        }
    }

    #[test]
    fn sizes_are_bytes_or_binary_units() {
        accepts(&SIZE, "1", 1);
        accepts(&SIZE, "65536", 65536);
        accepts(&SIZE, "100KiB", 102_400);
        accepts(&SIZE, "32 MiB", 33_554_432);
        refuses(&SIZE, &["", "0", "0MiB", "-1", "1.5MiB", "MiB", "32MB", "32M", "1 GiB", "18446744073709551615"]);
        refuses(&SIZE, &["9223372036854775807KiB", "99999999999999999999999"]);
    }

    #[test]
    fn durations_carry_a_unit_and_stay_within_a_day() {
        accepts(&DURATION, "1ms", Duration::from_millis(1));
        accepts(&DURATION, "1m 30s", Duration::from_secs(90));
        accepts(&DURATION, "1day", Duration::from_secs(86_400));
        refuses(&DURATION, &["", "10", "0s", "999us", "-1s", "25h", "1000000years", "fast"]);
        accepts(&MEMORY, "1s", Duration::from_secs(1));
        refuses(&MEMORY, &["999ms", "25h", "fast"]);
    }

    #[test]
    fn numbers_stay_within_their_range() {
        accepts(&COUNT, "1000000", 1_000_000);
        accepts(&THREADS, "1024", NonZeroUsize::new(1024).unwrap());
        refuses(&THREADS, &["0", "1025", "-1"]);
        refuses(&COUNT, &["0", "-1", "1000001", "1.5", "many", ""]);
        accepts(&DEPTH, "30", 30);
        refuses(&DEPTH, &["0", "101"]);
        accepts(&SCALE, "0.01", 0.01);
        accepts(&SCALE, "10", 10.0);
        refuses(&SCALE, &["0", "0.009", "10.1", "nan", "inf", "big"]);
    }

    #[test]
    fn addresses_are_numeric_and_have_a_port() {
        accepts(&ADDRESS, "127.0.0.1:4000", SocketAddr::from(([127, 0, 0, 1], 4000)));
        refuses(&ADDRESS, &["localhost:4000", "127.0.0.1", ":4000", "4000", "127.0.0.1:70000", "::1:4000"]);
    }

    #[test]
    fn filters_say_something() {
        accepts(&FILTER, "warn,h2=off", "warn,h2=off".to_owned());
        refuses(&FILTER, &["", " ", "inof", "a=b=c"]);
    }

    #[test]
    fn families_of_routes_have_names_and_letters() {
        for (name, alias, family) in [
            ("legacy", "a", Family::Legacy),
            ("account-users", "b", Family::AccountUsers),
            ("accounts", "c", Family::Accounts),
        ] {
            accepts(&ROUTES, name, MembershipRoutes::Only(family));
            accepts(&ROUTES, alias, MembershipRoutes::Only(family));
        }
        accepts(&ROUTES, "auto", MembershipRoutes::Auto);
        accepts(&ON_OFF, "on", true);
        accepts(&ON_OFF, "off", false);
        refuses(&ON_OFF, &["", "On", "true", "yes"]);
        refuses(&ROUTES, &["", "B", "all", "Auto", "d"]);
    }

    #[test]
    fn switches_are_true_or_false() {
        accepts(&SWITCH, "true", true);
        accepts(&SWITCH, "false", false);
        refuses(&SWITCH, &["yes", "1", "", "TRUE"]);
    }

    #[test]
    fn the_path_of_an_upstream_ends_in_one_slash() {
        for (text, url) in [
            ("http://localhost:4010", "http://localhost:4010/"),
            ("http://localhost:4010/", "http://localhost:4010/"),
            ("https://api.example.com/public", "https://api.example.com/public/"),
            ("https://api.example.com/public/", "https://api.example.com/public/"),
            ("https://api.example.com/public//", "https://api.example.com/public/"),
            ("HTTPS://API.example.com", "https://api.example.com/"),
        ] {
            assert_eq!((URL.parse)(text).as_ref().map(Url::as_str), Ok(url), "{text}");
        }
    }

    #[test]
    fn an_upstream_that_may_hold_a_secret_is_not_shown() {
        refuses(&URL, &["", "localhost:4010", "api.example.com", "ftp://example.com", "/public/v1", "https://"]);
        for text in [
            "https://me:secret@example.com",
            "https://secret@example.com",
            "https://:secret@example.com",
            "https://example.com?token=secret",
            "https://example.com/?",
            "https://example.com/#secret",
            "ftp://me:secret@example.com",
            "me:secret@",
        ] {
            assert!(matches!((URL.parse)(text), Err(Refused::Hidden(_))), "{text}");
        }
    }
}
