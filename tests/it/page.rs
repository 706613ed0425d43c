//! How the playground is served.

use super::support::{gateway_told, kit, limits, settings};
use reqwest::{Client, Response, header::HeaderMap};

async fn get(address: &str, headers: &[(&str, &str)]) -> Response {
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let mut request = client.get(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).unwrap_or_else(|| panic!("{name} in {headers:?}")).to_str().expect("a text")
}

/// The address, relative to the page, of the script that the page starts with.
fn script(html: &str) -> &str {
    let start = html.find("src=\"./").expect("a script") + "src=\"./".len();
    &html[start..start + html[start..].find('"').expect("a quote")]
}

#[tokio::test]
async fn the_page_is_asked_for_again_and_its_files_are_kept() {
    let kit = kit().await;
    let root = format!("http://{}/", kit.address);
    let page = get(&root, &[]).await;
    assert_eq!(header(page.headers(), "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(page.headers(), "cache-control"), "no-cache");
    let tag = header(page.headers(), "etag").to_owned();
    let html = page.text().await.unwrap();
    let again = get(&root, &[("if-none-match", &tag)]).await;
    assert_eq!((again.status().as_u16(), again.text().await.unwrap().as_str()), (304, ""));

    let file = format!("{root}{}", script(&html));
    let plain = get(&file, &[]).await;
    assert_eq!(header(plain.headers(), "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(plain.headers(), "content-type"), "text/javascript; charset=utf-8");
    assert_eq!(plain.headers().get("content-encoding"), None);
    let plain = plain.bytes().await.unwrap().len();
    let mut tags = vec![];
    for encoding in ["br", "gzip"] {
        let small = get(&file, &[("accept-encoding", encoding)]).await;
        assert_eq!(header(small.headers(), "content-encoding"), encoding);
        assert_eq!(header(small.headers(), "vary"), "accept-encoding");
        tags.push(header(small.headers(), "etag").to_owned());
        assert!(small.bytes().await.unwrap().len() * 2 < plain, "{encoding} is not much smaller than {plain}");
    }
    assert_ne!(tags[0], tags[1]);
    assert_eq!(get(&format!("{root}assets/nothing.js"), &[]).await.status(), 404);
}

#[tokio::test]
async fn the_page_may_load_nothing_from_elsewhere_and_be_in_no_frame() {
    let kit = kit().await;
    let root = format!("http://{}/", kit.address);
    let html = get(&root, &[]).await.text().await.unwrap();
    for address in [root.clone(), format!("{root}{}", script(&html))] {
        let answer = get(&address, &[]).await;
        let policy = header(answer.headers(), "content-security-policy");
        for part in ["default-src 'none'", "script-src 'self';", "worker-src 'self';", "connect-src 'self';"] {
            assert!(policy.contains(part), "{part} in {policy}");
        }
        assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
        assert!(!policy.contains("http") && !policy.contains("unsafe-eval"), "{policy}");
        assert_eq!(header(answer.headers(), "x-content-type-options"), "nosniff");
        assert_eq!(header(answer.headers(), "referrer-policy"), "no-referrer");
    }
}

#[tokio::test]
async fn the_page_can_be_moved_and_finds_the_endpoint_from_there() {
    let (address, server) =
        gateway_told(settings("http://127.0.0.1:9"), limits(), &["--playground-path", "/try/it"]).await;
    let moved = get(&format!("http://{address}/try/it"), &[]).await;
    assert_eq!((moved.status().as_u16(), header(moved.headers(), "location")), (308, "it/"));
    let html = get(&format!("http://{address}/try/it/"), &[]).await.text().await.unwrap();
    assert!(html.contains("content=\"../../graphql\""), "{html}");
    assert_eq!(get(&format!("http://{address}/try/it/{}", script(&html)), &[]).await.status(), 200);
    assert_eq!(get(&format!("http://{address}/"), &[]).await.status(), 404);
    server.abort();
}

#[tokio::test]
async fn the_page_can_be_switched_off() {
    let (address, server) =
        gateway_told(settings("http://127.0.0.1:9"), limits(), &["--playground-enabled=false"]).await;
    assert_eq!(get(&format!("http://{address}/"), &[]).await.status(), 404);
    server.abort();
}
