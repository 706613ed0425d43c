use super::*;
use crate::{
    graph::{
        document::limits::DocumentLimits,
        engine::{Engine, Limits},
        schema::sizes::Sizes,
    },
    http::{
        Access, Callers, Documents, GRAPHQL, ICONS, PLAN, Settings, UpstreamIdentity, cors, page::Page, routes::Routes,
        server,
    },
    upstream::client::{self, Client},
    workers::Workers,
};
use http_body_util::BodyExt;
use reqwest::{Method, header::HeaderMap};
use std::{net::SocketAddr, num::NonZeroUsize, sync::atomic::AtomicUsize, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};

const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_panic_is_answered() {
    let response = caught(async { panic!("a test of panics") }).await.unwrap();
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let expected = r#"{"errors":[{"message":"The gateway made a mistake.","extensions":{"code":"INTERNAL"}}]}"#;
    assert_eq!(body, expected);
}

#[test]
fn ids_are_proper_and_differ() {
    let ids = Ids::new();
    let (one, other) = (ids.next(), ids.next());
    assert!(access::is_request_id(&one) && one != other);
}

fn engine() -> Engine {
    let document = DocumentLimits {
        bytes: 10_000,
        tokens: 1000,
        nesting: 100,
        depth: 10,
        aliases: 10,
        root_fields: 10,
        repeated_fields: 100,
        directives: 10,
        fields: 1000,
        introspected_fields: 1000,
        introspection: true,
    };
    let limits = Limits {
        operation_timeout: MINUTE,
        request_timeout: MINUTE,
        document,
        upstream_requests: 10,
        entities: 100,
        sizes: Sizes::default(),
        nested_select: true,
        explain: true,
        response_bytes: 10_000,
        document_cache_bytes: 10_000,
    };
    let upstream = client::Settings::of("http://127.0.0.1:9/".parse().unwrap());
    Engine::new(Client::new(upstream).unwrap(), limits)
}

fn settings(origins: &[&str]) -> Settings {
    Settings {
        access: Access::new(
            UpstreamIdentity::PassThrough,
            Callers::OwnTokens,
            vec![],
            Some(vec!["127.0.0.1".to_owned()]),
        ),
        documents: Documents::new(None, false, 10_000, 10_000).unwrap(),
        cors_origins: origins.iter().map(|origin| origin.parse().unwrap()).collect(),
        page: Some("/page".to_owned()),
        icons: false,
        batch: 1,
        body_bytes: 10_000,
        body_timeout: MINUTE,
        header_bytes: 10_000,
        header_timeout: MINUTE,
        idle_timeout: MINUTE,
        connections: 10,
        operations: 10,
    }
}

/// A layer that counts requests, as one for metrics would.
fn counted(inner: impl HttpService, count: Arc<AtomicUsize>) -> impl HttpService {
    service_fn(move |request: Request| {
        count.fetch_add(1, Ordering::Relaxed);
        inner.clone().oneshot(request)
    })
}

/// A gateway with a layer that counts as the first one of the stack, and another as the last one.
struct Counting {
    address: SocketAddr,
    first: Arc<AtomicUsize>,
    last: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Counting {
    async fn start(origins: &[&str]) -> Counting {
        let settings = settings(origins);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (cors, bounds) = (cors(&settings.cors_origins), server::Bounds::of(&settings));
        let (first, last) = (Arc::default(), Arc::default());
        let header_bytes = settings.header_bytes;
        let endpoint = Arc::new(Endpoint::new(Arc::new(engine()), settings));
        let routes = Routes::new(Arc::clone(&endpoint), Some(Page::new("/page")));
        let service = stack(counted(routes, Arc::clone(&last)), &endpoint, cors, header_bytes);
        let service = counted(service, Arc::clone(&first));
        let workers = Workers::start(NonZeroUsize::MIN).unwrap();
        let server = tokio::spawn(server::serve(listener, service, bounds, workers, std::future::pending()));
        Counting { address, first, last, server }
    }

    /// The counts since they were asked for last.
    fn seen(&self) -> (usize, usize) {
        (self.first.swap(0, Ordering::Relaxed), self.last.swap(0, Ordering::Relaxed))
    }
}

impl Drop for Counting {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A request and its answer: method, path, headers, body, status, whether it comes to the routes.
type Case<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], &'static str, u16, bool);

/// Every layer sees every request, with layers around the routes and without: those to the endpoint, to the page, to icons,
/// to no path, and those that are refused, unless a layer before it refused them.
#[tokio::test]
async fn every_layer_sees_every_request() {
    let query = "{\"query\":\"{ __typename }\"}";
    let json: &[_] = &[("content-type", "application/json")];
    let long = "x".repeat(10_000);
    let requests: &[Case<'_>] = &[
        (Method::POST, GRAPHQL, json, query, 200, true),
        (Method::POST, GRAPHQL, json, "{\"query\":\"{\"}", 200, true),
        (Method::POST, GRAPHQL, json, "", 400, true),
        (Method::POST, GRAPHQL, &[], query, 415, true),
        (Method::POST, GRAPHQL, &[("content-type", "application/json"), ("accept", "image/png")], query, 406, true),
        (Method::GET, "/graphql?query=%7B__typename%7D", &[], "", 200, true),
        (Method::HEAD, "/graphql?query=%7B__typename%7D", &[], "", 200, true),
        (Method::GET, GRAPHQL, &[("accept", "text/html")], "", 303, true),
        (Method::PUT, GRAPHQL, &[], "", 405, true),
        (Method::POST, PLAN, json, query, 200, true),
        (Method::GET, PLAN, &[], "", 405, true),
        (Method::GET, "/page", &[], "", 308, true),
        (Method::GET, "/page/", &[], "", 200, true),
        (Method::HEAD, "/page/", &[], "", 200, true),
        (Method::POST, "/page/", &[], "", 405, true),
        (Method::GET, "/page/assets/none.js", &[], "", 404, true),
        (Method::GET, "/icons/users/USR-1671-0642", &[], "", 404, true),
        (Method::DELETE, "/icons/users/USR-1671-0642", &[], "", 405, true),
        (Method::GET, "/nowhere", &[], "", 404, true),
        (Method::POST, GRAPHQL, &[("content-type", "application/json"), ("x-long", &long)], query, 431, false),
        (Method::POST, GRAPHQL, &[("content-type", "application/json"), ("host", "evil.example")], query, 403, false),
    ];
    assert!(requests.iter().any(|request| request.1.starts_with(ICONS)));
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    for origins in [&[][..], &["https://app.example"], &["*"]] {
        let gateway = Counting::start(origins).await;
        for (method, path, headers, body, status, routed) in requests {
            let request = http.request(method.clone(), format!("http://{}{path}", gateway.address));
            let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
            let response = request.body(*body).send().await.unwrap();
            let what = format!("{method} {path} {headers:.50?} {body} with {origins:?}");
            assert_eq!(response.status(), *status, "{what}");
            assert!(response.headers().contains_key(REQUEST_ID), "{what}");
            assert_eq!(gateway.seen(), (1, usize::from(*routed)), "{what}");
        }
        // What a browser asks before it lets a page ask: answered by the layer for that, or refused as another method.
        let asked = http.request(Method::OPTIONS, format!("http://{}{GRAPHQL}", gateway.address));
        let headers = [("origin", "https://app.example"), ("access-control-request-method", "POST")];
        let headers = headers.map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        let response = asked.headers(HeaderMap::from_iter(headers)).send().await.unwrap();
        let expected = if origins.is_empty() { (405, (1, 1)) } else { (200, (1, 0)) };
        assert_eq!((response.status().as_u16(), gateway.seen()), expected, "{origins:?}");
    }
}
