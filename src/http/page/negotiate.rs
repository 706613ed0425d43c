//! Which form of a file a browser takes, and whether it has it already.

use axum::http::{
    HeaderMap,
    header::{ACCEPT_ENCODING, IF_NONE_MATCH},
};

/// How a body is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// Its name in HTTP.
    pub(super) fn name(self) -> &'static str {
        match self {
            Encoding::Brotli => "br",
            Encoding::Gzip => "gzip",
            Encoding::Identity => "identity",
        }
    }
}

/// The smallest form that the client takes; none when that is the plain one.
pub(super) fn encoding<'a>(
    headers: &HeaderMap,
    brotli: Option<&'a [u8]>,
    gzip: Option<&'a [u8]>,
) -> Option<(Encoding, &'a [u8])> {
    [(Encoding::Brotli, brotli), (Encoding::Gzip, gzip)].into_iter().find_map(|(encoding, bytes)| {
        bytes.filter(|_| accepts(headers, encoding.name())).map(|bytes| (encoding, bytes))
    })
}

/// Whether an encoding is named, or everything is, and not with a weight of 0.
fn accepts(headers: &HeaderMap, name: &str) -> bool {
    let listed = |wanted: &str| {
        items(headers, &ACCEPT_ENCODING).find_map(|item| {
            let (coding, weight) = item.split_once(';').unwrap_or((item, ""));
            let weight = weight.trim().trim_start_matches("q=").parse::<f32>();
            coding.trim().eq_ignore_ascii_case(wanted).then(|| !weight.is_ok_and(|weight| weight <= 0.0))
        })
    };
    listed(name).or_else(|| listed("*")).unwrap_or(false)
}

/// Whether the client names this tag, or any.
pub(super) fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    items(headers, &IF_NONE_MATCH).any(|item| item == "*" || item.trim_start_matches("W/") == tag)
}

fn items<'a>(headers: &'a HeaderMap, name: &axum::http::HeaderName) -> impl Iterator<Item = &'a str> {
    headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(accept: &str) -> Option<Encoding> {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, accept.parse().unwrap())]);
        encoding(&headers, Some(b"b"), Some(b"g")).map(|(encoding, _)| encoding)
    }

    #[test]
    fn the_smallest_form_that_is_taken_is_sent() {
        for (accept, expected) in [
            ("gzip, deflate, br, zstd", Some(Encoding::Brotli)),
            ("gzip", Some(Encoding::Gzip)),
            ("br;q=0, gzip;q=0.5", Some(Encoding::Gzip)),
            ("*", Some(Encoding::Brotli)),
            ("*, br;q=0", Some(Encoding::Gzip)),
            ("identity", None),
            ("", None),
        ] {
            assert_eq!(taken(accept), expected, "{accept}");
        }
    }

    #[test]
    fn a_file_without_a_smaller_form_is_sent_as_it_is() {
        let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, "br, gzip".parse().unwrap())]);
        assert_eq!(encoding(&headers, None, None), None);
    }

    #[test]
    fn a_tag_is_known_by_itself_in_a_list_and_by_anything() {
        for (sent, known) in [("\"a\"", true), ("W/\"a\"", true), ("\"b\", \"a\"", true), ("*", true), ("\"b\"", false)]
        {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, sent.parse().unwrap())]);
            assert_eq!(is_known(&headers, "\"a\""), known, "{sent}");
        }
    }
}
