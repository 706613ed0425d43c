//! Which of the two media types of GraphQL over HTTP an answer has.

use axum::http::{HeaderMap, HeaderValue, header::ACCEPT};

/// The media type of an answer, and with it how errors of the request are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/json`: whatever is well-formed JSON is answered 200, as it always was.
    Json,
    /// `application/graphql-response+json`: the status says whether the operation ran.
    GraphQl,
}

impl Media {
    /// What a client would rather have; none when it takes neither. Who does not care gets plain JSON, as the
    /// specification of GraphQL over HTTP has it for clients of old.
    pub(super) fn negotiate(headers: &HeaderMap) -> Option<Media> {
        let mut json = Wish::default();
        let mut graphql = Wish::default();
        if !headers.contains_key(ACCEPT) {
            return Some(Media::Json);
        }
        let wishes = headers.get_all(ACCEPT).iter();
        for range in wishes.flat_map(|value| value.to_str().unwrap_or_default().split(',')) {
            let Some((media, quality)) = parse(range) else { continue };
            match media {
                _ if media.eq_ignore_ascii_case("application/json") => json.hear(3, quality),
                _ if media.eq_ignore_ascii_case("application/graphql-response+json") => graphql.hear(3, quality),
                _ if media.eq_ignore_ascii_case("application/*") => both(&mut json, &mut graphql, 2, quality),
                "*/*" => both(&mut json, &mut graphql, 1, quality),
                _ => {}
            }
        }
        match (json.quality, graphql.quality) {
            (0, 0) => None,
            // Named by both, the newer type says more; named by none, the older one is understood by everybody.
            _ if (graphql.quality, graphql.exactness) > (json.quality, json.exactness) => Some(Media::GraphQl),
            _ if (graphql.quality, graphql.exactness) == (json.quality, 3) => Some(Media::GraphQl),
            _ => Some(Media::Json),
        }
    }

    /// Whether a client would rather have a page, as a browser that shows what an address has.
    pub(super) fn prefers_page(headers: &HeaderMap) -> bool {
        let (mut page, mut json) = (0, 0);
        let wishes = headers.get_all(ACCEPT).iter();
        for (media, quality) in wishes.flat_map(|value| value.to_str().unwrap_or_default().split(',')).filter_map(parse)
        {
            match media {
                _ if media.eq_ignore_ascii_case("text/html") => page = quality.max(page),
                _ if media.eq_ignore_ascii_case("application/json") => json = quality.max(json),
                _ if media.eq_ignore_ascii_case("application/graphql-response+json") => json = quality.max(json),
                _ => {}
            }
        }
        page > json
    }

    /// The value of `Content-Type`.
    pub(super) fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Media::Json => "application/json; charset=utf-8",
            Media::GraphQl => "application/graphql-response+json; charset=utf-8",
        })
    }
}

/// How much a type is wanted, by the range that names it most exactly.
#[derive(Default)]
struct Wish {
    exactness: u8,
    /// In thousandths.
    quality: u16,
}

impl Wish {
    fn hear(&mut self, exactness: u8, quality: u16) {
        if exactness > self.exactness || (exactness == self.exactness && quality > self.quality) {
            *self = Wish { exactness, quality };
        }
    }
}

fn both(json: &mut Wish, graphql: &mut Wish, exactness: u8, quality: u16) {
    json.hear(exactness, quality);
    graphql.hear(exactness, quality);
}

/// A media range and its quality; none for what we could never send, such as another charset.
fn parse(range: &str) -> Option<(&str, u16)> {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next()?;
    let mut quality = 1000;
    for parameter in parts {
        let (name, value) = parameter.split_once('=')?;
        match name.trim() {
            name if name.eq_ignore_ascii_case("q") => quality = thousandths(value.trim())?,
            name if name.eq_ignore_ascii_case("charset") && !is_utf8(value) => return None,
            _ => {}
        }
    }
    Some((media, quality))
}

/// Whether a charset is ours, in quotes or not.
pub(super) fn is_utf8(charset: &str) -> bool {
    let bare = charset.trim().trim_matches('"');
    bare.eq_ignore_ascii_case("utf-8") || bare.eq_ignore_ascii_case("utf8")
}

/// A quality such as `0.75`: at most one, three digits at most behind the point.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || fraction.len() > 3 || !digits {
        return None;
    }
    let behind: u16 = format!("{fraction:0<3}").parse().ok()?;
    Some(if whole == "1" { 1000 } else { behind })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn negotiated(accept: &[&'static str]) -> Option<Media> {
        Media::negotiate(&accept.iter().map(|value| (ACCEPT, HeaderValue::from_static(value))).collect())
    }

    #[test]
    fn the_client_decides_and_plain_json_is_for_who_does_not_care() {
        let (json, graphql) = (Some(Media::Json), Some(Media::GraphQl));
        for (accept, media) in [
            (&[][..], json),
            (&["*/*"], json),
            (&["application/*"], json),
            (&["text/html, */*;q=0.1"], json),
            (&["application/json"], json),
            (&["APPLICATION/JSON; charset=UTF-8"], json),
            (&["application/graphql-response+json"], graphql),
            (&["application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"], graphql),
            (&["application/json, application/graphql-response+json"], graphql),
            (&["application/json", "application/graphql-response+json"], graphql),
            (&["application/graphql-response+json;q=0.8, application/json;q=0.9"], json),
            (&["application/graphql-response+json;q=0.9, application/json;q=0.8"], graphql),
            (&["application/graphql-response+json, */*"], graphql),
            (&["application/json, */*"], json),
            (&["application/json;q=0, */*"], graphql),
            (&["application/graphql-response+json;q=0, */*"], json),
            (&["application/json;q=0.5, */*;q=0.9"], graphql),
            (&["text/html"], None),
            (&[""], None),
            (&["application/json;q=0"], None),
            (&["application/json; charset=iso-8859-1"], None),
            (&["application/json;q=2"], None),
            (&["application/json;q=0.0001, text/plain"], None),
        ] {
            assert_eq!(negotiated(accept), media, "{accept:?}");
        }
    }

    #[test]
    fn a_page_is_preferred_only_where_it_is_named_and_wanted_more_than_json() {
        let prefers = |accept: &'static str| {
            Media::prefers_page(&HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(accept))]))
        };
        for browser in [
            "text/html",
            "TEXT/HTML",
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "application/json;q=0.5, text/html",
        ] {
            assert!(prefers(browser), "{browser}");
        }
        for other in [
            "*/*",
            "text/*",
            "application/json",
            "text/html;q=0",
            "text/html, application/json",
            "text/html;q=0.5, application/graphql-response+json",
        ] {
            assert!(!prefers(other), "{other}");
        }
        assert!(!Media::prefers_page(&HeaderMap::new()));
    }
}
