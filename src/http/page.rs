//! The playground: files that `build.rs` made and this program holds, or a page that says why there is none.
//!
//! What the page may load is only what is here, so it works without a network, and nothing of a query leaves the origin.

mod negotiate;

use super::GRAPHQL;
use axum::{
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode,
        header::{
            ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, LOCATION,
            REFERRER_POLICY, VARY, X_CONTENT_TYPE_OPTIONS,
        },
    },
    response::{IntoResponse, Response},
};
use negotiate::{Encoding, encoding, is_known};
use percent_encoding::percent_decode_str;

/// A file of the page.
struct File {
    /// The path below the page; files in `assets/` have a digest of their content in it.
    name: &'static str,
    /// A digest of the content.
    tag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

include!(concat!(env!("OUT_DIR"), "/page.rs"));

const WITHOUT: &str = include_str!("page.html");

/// Scripts and workers are files of ours. Monaco sets styles in attributes and in elements that it makes.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// The page and its files.
pub(super) struct Page {
    /// Where it is, without a slash at its end.
    path: String,
    html: String,
}

impl Page {
    pub(super) fn new(path: &str) -> Self {
        Page { path: path.to_owned(), html: index(&"../".repeat(path.matches('/').count())) }
    }

    /// The answer to a request for the page or one of its files; none for another path.
    pub(super) fn answer(&self, request: &Request) -> Option<Response> {
        let below = request.uri().path().strip_prefix(&*self.path)?;
        let headers = request.headers();
        let answer: &dyn Fn() -> Response = match below {
            "/" => &|| show(&self.html, headers),
            "/favicon.svg" => &|| send("favicon.svg", headers),
            // The page loads its files relative to itself: it needs the slash.
            "" => &|| {
                let last = self.path.rsplit('/').next().unwrap_or_default();
                (StatusCode::PERMANENT_REDIRECT, [(LOCATION, format!("{last}/"))]).into_response()
            },
            _ => {
                let name = below.strip_prefix("/assets/").filter(|name| !name.is_empty() && !name.contains('/'))?;
                &move || send(&format!("assets/{}", percent_decode_str(name).decode_utf8_lossy()), headers)
            }
        };
        Some(match *request.method() {
            Method::GET | Method::HEAD => answer(),
            _ => (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, "GET, HEAD")]).into_response(),
        })
    }
}

/// The page that knows how many folders up the endpoint is; the path of the gateway itself may have a prefix that only a
/// proxy knows.
fn index(up: &str) -> String {
    let html = match file("index.html").map(|file| std::str::from_utf8(file.plain)) {
        Some(Ok(html)) => html.to_owned(),
        _ => WITHOUT.replace("<!-- reason -->", &escaped(MISSING)),
    };
    let endpoint = GRAPHQL.trim_start_matches('/');
    html.replace(&format!("=\"{endpoint}"), &format!("=\"{up}{endpoint}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn file(name: &str) -> Option<&'static File> {
    FILES.iter().find(|file| file.name == name)
}

fn show(html: &str, headers: &HeaderMap) -> Response {
    let tag = file("index.html").map_or_else(String::new, |file| format!("\"{}-{:x}\"", file.tag, html.len()));
    let mut response = answer(&tag, headers, || html.to_owned().into_response());
    let own = response.headers_mut();
    own.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    own.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

fn send(name: &str, headers: &HeaderMap) -> Response {
    let Some(file) = file(name) else { return StatusCode::NOT_FOUND.into_response() };
    let (encoding, bytes) = encoding(headers, file.brotli, file.gzip).unwrap_or((Encoding::Identity, file.plain));
    // Each encoding is a representation of its own.
    let tag = format!("\"{}-{}\"", file.tag, encoding.name());
    let mut response = answer(&tag, headers, || bytes.into_response());
    let own = response.headers_mut();
    own.insert(CONTENT_TYPE, media(name));
    own.insert(VARY, HeaderValue::from_static("accept-encoding"));
    if encoding != Encoding::Identity {
        own.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding.name()));
    }
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    own.insert(CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}

/// A body with its tag, or nothing but the tag for whoever has it already; an empty tag stands for none.
fn answer(tag: &str, headers: &HeaderMap, body: impl FnOnce() -> Response) -> Response {
    let known = !tag.is_empty() && is_known(headers, tag);
    let mut response = if known { StatusCode::NOT_MODIFIED.into_response() } else { body() };
    let own = response.headers_mut();
    if let Ok(tag) = HeaderValue::from_str(tag)
        && !tag.is_empty()
    {
        own.insert(ETAG, tag);
    }
    own.insert(CONTENT_SECURITY_POLICY, POLICY);
    own.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    own.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    own.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    own.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    response
}

fn media(name: &str) -> HeaderValue {
    HeaderValue::from_static(match name.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    })
}
