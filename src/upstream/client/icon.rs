//! Where a picture is: asked of anybody, so without a credential. The redirect is handed on and never followed, and
//! nothing is read of what an image may be.

use reqwest::header::{ACCEPT, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Method, Response, StatusCode, Url};
use tokio::time::{Instant, timeout_at};

use super::{
    Client, Inner, MAX_PROBLEM,
    body::{body, unexplained},
    is_loopback,
    read::health,
    within_time,
};
use crate::{
    fault::{Fault, FaultKind},
    upstream::{breaker::CallOutcome, credentials::Credentials, problem::Problem, refusal},
};

/// The longest address that is handed on. Signed addresses of storage services stay below 2 KiB.
const MAX_LOCATION: usize = 8 * 1024;

impl Client {
    /// Asks where the picture at a path is; none when there is none. Of the caller only the ids that a request is found
    /// by are sent.
    ///
    /// # Errors
    /// When the upstream does not answer with a redirect to an address that may be handed on.
    pub async fn icon(&self, target: &str, caller: &Credentials) -> Result<Option<HeaderValue>, Fault> {
        let inner = &self.0;
        let credentials = Credentials::default().traced_like(caller);
        let url = inner.url(target)?;
        if let Some(wait) = inner.throttle.wait(&credentials, Instant::now()) {
            return Err(inner.asked_to_wait(wait));
        }
        inner.check_breaker()?;
        let deadline = Instant::now() + inner.timeout;
        let turn = within_time(deadline, inner.turns.acquire()).await.map_err(|_| inner.too_late())?;
        let _turn = turn.map_err(|e| Fault::internal("the client has shut down").caused_by(e))?;
        let pass = inner.pass(&credentials, &url)?;
        let (found, health) = inner.look_for_icon(url, target, deadline, &credentials).await;
        pass.end(health, Instant::now());
        match found {
            Err(fault) if fault.kind() == FaultKind::NotFound => Ok(None),
            Err(fault) => {
                inner.report(&Method::GET, target, &fault, &credentials);
                Err(fault)
            }
            Ok(location) => Ok(Some(location)),
        }
    }
}

impl Inner {
    async fn look_for_icon(
        &self,
        url: Url,
        target: &str,
        deadline: Instant,
        credentials: &Credentials,
    ) -> (Result<HeaderValue, Fault>, CallOutcome) {
        let mut request = super::request(Method::GET, url, credentials, None);
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("*/*"));
        let response = match timeout_at(deadline, self.reader().execute(request)).await {
            Ok(Ok(response)) => response,
            Ok(Err(error)) => return (Err(super::not_sent(self.name, error)), CallOutcome::Ill),
            Err(_) => return (Err(self.too_late()), CallOutcome::Ill),
        };
        let status = response.status();
        self.note_wait(credentials, status, response.headers());
        let found = match status.as_u16() {
            301 | 302 | 303 | 307 | 308 => location(response.headers(), is_loopback(&self.base)).map_err(|how| {
                Fault::invalid(format!("{} redirected to {how}, so the redirect is not handed on", self.name))
            }),
            200..=299 => {
                Err(Fault::invalid(format!("{} answered with something else than a redirect to a picture", self.name)))
            }
            401 | 403 => Err(Fault::new(
                FaultKind::Upstream,
                format!("{} does not show pictures to a caller without a token", self.name),
            )),
            _ => Err(self.no_icon(response, target, deadline, credentials).await),
        };
        (found, health(status))
    }

    /// Why there is no picture. Only the body of a 404 tells whether the route or the picture is missing.
    async fn no_icon(&self, response: Response, target: &str, deadline: Instant, credentials: &Credentials) -> Fault {
        let (status, headers) = (response.status(), response.headers().clone());
        let explanation = match timeout_at(deadline, body(self.name, response, MAX_PROBLEM)).await {
            Ok(explanation) => explanation,
            Err(_) if status == StatusCode::NOT_FOUND => return self.too_late(),
            Err(_) => Err(self.too_late()),
        };
        if let Some(fault) = unexplained(status, &headers, &explanation) {
            return fault;
        }
        let problem = explanation.map(Problem::parse).unwrap_or_default();
        super::denied_route(self.upstream, status, &problem, target)
            .unwrap_or_else(|| refusal::fault(self.upstream, credentials, status, &headers, problem))
    }
}

/// The address that a redirect leads to, if a browser may be sent there; else what it is.
fn location(headers: &HeaderMap, insecure: bool) -> Result<HeaderValue, &'static str> {
    let mut given = headers.get_all(LOCATION).iter();
    let (Some(location), None) = (given.next(), given.next()) else { return Err("no address, or to several") };
    if location.len() > MAX_LOCATION {
        return Err("an address that is too long");
    }
    let text = location.to_str().ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\'));
    let Some(text) = text else { return Err("an address with characters that none may have") };
    // A parser of addresses adds slashes where they are missing, and passes over too many.
    let begins = |scheme: &str| text.get(..scheme.len()).filter(|start| start.eq_ignore_ascii_case(scheme));
    let scheme = begins("https://").or_else(|| begins("http://").filter(|_| insecure));
    let Some(scheme) = scheme else { return Err("something else than an https address") };
    let authority = text[scheme.len()..].split(['/', '?', '#']).next().unwrap_or_default();
    if authority.is_empty() {
        return Err("an address without a host");
    }
    if authority.contains('@') {
        return Err("an address with credentials");
    }
    let Ok(url) = Url::parse(text) else { return Err("something else than an address") };
    HeaderValue::try_from(url.as_str()).map_err(|_| "an address with characters that none may have")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &[u8], insecure: bool) -> Result<String, &'static str> {
        let value = HeaderValue::from_bytes(value).expect("a header value");
        location(&HeaderMap::from_iter([(LOCATION, value)]), insecure).map(|value| value.to_str().unwrap().to_owned())
    }

    #[test]
    fn only_a_plain_https_address_is_handed_on() {
        for (given, handed_on) in [
            ("https://images.example.com/a.svg", "https://images.example.com/a.svg"),
            ("HTTPS://Images.Example.com", "https://images.example.com/"),
            (
                "https://s.example/a?sig=a%2Bb%3D&se=2026-11-30T00%3A00%3A00Z",
                "https://s.example/a?sig=a%2Bb%3D&se=2026-11-30T00%3A00%3A00Z",
            ),
            ("https://s.example:8443/a/../b", "https://s.example:8443/b"),
            ("https://s.example/a@b", "https://s.example/a@b"),
        ] {
            assert_eq!(of(given.as_bytes(), false).as_deref(), Ok(handed_on), "{given}");
        }
        for refused in [
            &b"http://images.example.com/a.svg"[..],
            b"",
            b"/v1/pictures/a.svg",
            b"pictures/a.svg",
            b"//images.example.com/a.svg",
            b"https:images.example.com/a.svg",
            b"https:/images.example.com/a.svg",
            b"https://",
            b"https:///a.svg",
            b"https://user@images.example.com/a.svg",
            b"https://user:secret@images.example.com/a.svg",
            b"https://@images.example.com/a.svg",
            b"https://:@images.example.com/a.svg",
            b"https:\\\\images.example.com",
            b"https://images.example.com\\@evil.example/",
            b"https://images example.com/",
            b"https://images.example.com/\ta",
            b"https://images.example.com/\xe9",
            b"javascript:alert(1)",
            b"data:image/svg+xml,x",
            b"file:///etc/passwd",
            b"ftp://images.example.com/a.svg",
            b" https://images.example.com/a b.svg",
        ] {
            assert!(of(refused, false).is_err(), "{}", String::from_utf8_lossy(refused));
        }
        assert_eq!(of(b"http://127.0.0.1:4010/a", true).as_deref(), Ok("http://127.0.0.1:4010/a"));
        assert!(of(b"javascript:alert(1)", true).is_err() && of(b"//a/b", true).is_err());
        assert!(of(b"http://user@127.0.0.1/a", true).is_err() && of(b"http://@h/a", true).is_err());
        let long = format!("https://images.example.com/{}", "a".repeat(MAX_LOCATION));
        assert!(of(long.as_bytes(), false).is_err());
        assert!(location(&HeaderMap::new(), true).is_err());
        let two = ["https://a.example/", "https://b.example/"].map(|value| (LOCATION, HeaderValue::from_static(value)));
        let mut headers = HeaderMap::new();
        for (name, value) in two {
            headers.append(name, value);
        }
        assert!(location(&headers, false).is_err());
    }
}
