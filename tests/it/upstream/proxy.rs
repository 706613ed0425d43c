//! The way to an upstream that is not on this machine: whose certificates are trusted, which protocol is spoken, and the
//! proxy in the environment.

use crate::process::{PROGRAM, Running, start_in};
use bytes::Bytes;
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto,
};
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::{
    net::SocketAddr,
    path::PathBuf,
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs, pki_types::PrivateKeyDer},
};

/// A name that nobody has.
const FAR: &str = "upstream.invalid";
const QUERY: &str = r#"{ user(id: "USR-1") { name } }"#;
const USER: &str = r#"{"id":"USR-1","name":"Ann"}"#;

/// What was seen, in its order.
#[derive(Clone, Default)]
struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    fn note(&self, line: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// An upstream behind TLS whose certificate is signed by an authority of its own.
pub(super) struct Secure {
    address: SocketAddr,
    /// The file of that authority's certificate.
    authority: PathBuf,
    journal: Journal,
}

impl Secure {
    pub(super) async fn start(name: &str) -> Self {
        Secure::of(name, &[FAR, "127.0.0.1"], false).await
    }

    /// One whose certificate is for these names, and expired perhaps.
    pub(super) async fn of(name: &str, names: &[&str], expired: bool) -> Self {
        let key = KeyPair::generate().expect("a key");
        let mut authority = CertificateParams::new(vec![]).expect("no names");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        authority.distinguished_name = DistinguishedName::new();
        authority.distinguished_name.push(DnType::CommonName, format!("the authority of {name}"));
        let pem = authority.self_signed(&key).expect("a certificate").pem();
        let issuer = Issuer::new(authority, key);
        let own = KeyPair::generate().expect("a key");
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut certificate = CertificateParams::new(names).expect("names");
        if expired {
            certificate.not_after = date_time_ymd(2020, 1, 1);
        }
        let certificate = certificate.signed_by(&own, &issuer).expect("signed");

        let path = std::env::temp_dir().join(format!("accounts-graph-{}-{name}.pem", std::process::id()));
        std::fs::write(&path, pem).expect("a file");
        let private = PrivateKeyDer::try_from(own.serialize_der()).expect("a key");
        let mut config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], private)
            .expect("a certificate");
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let secure = Secure {
            address: listener.local_addr().expect("an address"),
            authority: path,
            journal: Journal::default(),
        };
        tokio::spawn(serve(listener, TlsAcceptor::from(Arc::new(config)), secure.journal.clone()));
        secure
    }

    pub(super) fn url(&self) -> String {
        format!("https://{}", self.address)
    }

    pub(super) fn authority(&self) -> &str {
        self.authority.to_str().expect("a plain path")
    }
}

impl Drop for Secure {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.authority);
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, journal: Journal) {
    while let Ok((stream, _)) = listener.accept().await {
        let (tls, journal) = (tls.clone(), journal.clone());
        tokio::spawn(async move {
            // Whoever does not trust the certificate ends here.
            let Ok(stream) = tls.accept(stream).await else { return };
            let service = service_fn(move |request: axum::http::Request<_>| {
                let _: &hyper::body::Incoming = request.body();
                journal.note(format!("{:?} {} {}", request.version(), request.method(), request.uri().path()));
                let answer = axum::http::Response::new(Full::new(Bytes::from_static(USER.as_bytes())));
                std::future::ready(Ok::<_, std::convert::Infallible>(answer))
            });
            let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

/// A proxy that notes the first line of what it is asked, and leads every tunnel to the same place.
async fn proxy(tunnels_to: Option<SocketAddr>) -> (String, Journal) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    let journal = Journal::default();
    let kept = journal.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(pass_on(stream, tunnels_to, kept.clone()));
        }
    });
    (url, journal)
}

async fn pass_on(mut stream: TcpStream, tunnels_to: Option<SocketAddr>, journal: Journal) -> std::io::Result<()> {
    let mut head = vec![];
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&head).lines().next().unwrap_or_default().to_owned();
    journal.note(line.clone());
    let Some(address) = tunnels_to.filter(|_| line.starts_with("CONNECT ")) else {
        let length = USER.len();
        return stream.write_all(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{USER}").as_bytes()).await;
    };
    stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
    copy_bidirectional(&mut stream, &mut TcpStream::connect(address).await?).await.map(drop)
}

/// Fails at once, if it fails.
const IMPATIENT: [&str; 4] = ["--upstream-retries", "0", "--upstream-connect-timeout", "2s"];

async fn ask(program: &Running, query: &str) -> Value {
    let body = json!({ "query": query });
    let response = Client::new().post(program.said("endpoint")).json(&body).send().await.expect("an answer");
    Response::json(response).await.expect("JSON")
}

async fn answer(environment: &[(&str, &str)], arguments: &[&str]) -> Value {
    ask(&start_in(environment, &[arguments, &IMPATIENT].concat()), QUERY).await
}

fn ann() -> Value {
    json!({ "data": { "user": { "name": "Ann" } } })
}

fn unreachable() -> Value {
    let error = json!({ "message": "The accounts API cannot be reached", "locations": [{ "line": 1, "column": 3 }],
        "path": ["user"], "extensions": { "code": "UPSTREAM_UNAVAILABLE" } });
    json!({ "errors": [error], "data": { "user": null } })
}

#[tokio::test(flavor = "multi_thread")]
async fn only_known_authorities_are_trusted_the_systems_and_those_that_are_named() {
    let (named, systems) = (Secure::start("named").await, Secure::start("systems").await);
    let trusted = [("SSL_CERT_FILE", systems.authority())];
    let ca = ["--upstream-ca", named.authority()];
    for (environment, url, flags, expected) in [
        (&[][..], named.url(), &[][..], unreachable()),
        (&[], named.url(), &ca, ann()),
        (&[], systems.url(), &ca, unreachable()),
        (&trusted, systems.url(), &[], ann()),
        (&trusted, systems.url(), &ca, ann()),
        (&trusted, named.url(), &ca, ann()),
    ] {
        let flags = [&["--upstream", &url], flags].concat();
        assert_eq!(answer(environment, &flags).await, expected, "{environment:?} {flags:?}");
    }
    // HTTP/2 is offered, so it is spoken.
    let request = "HTTP/2.0 GET /v1/accounts/users/USR-1".to_owned();
    assert_eq!(named.journal.take(), vec![request.clone(); 2]);
    assert_eq!(systems.journal.take(), vec![request; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_authority_is_trusted_for_both_upstreams_and_for_writes() {
    let secure = Secure::start("both").await;
    let url = secure.url();
    let program = start_in(&[], &["--upstream", &url, "--wavefront", &url, "--upstream-ca", secure.authority()]);
    ask(&program, r#"{ wavefrontAccount(id: "ann@example.com") { permissions } }"#).await;
    ask(&program, r#"mutation { blockUser(input: { id: "USR-1" }) { user { id } } }"#).await;
    let seen = secure.journal.take();
    // Wavefront's own proxy does not get along with HTTP/2.
    assert!(seen[0].starts_with("HTTP/1.1 ") && seen[0].contains(" /api/v2/"), "{seen:?}");
    assert_eq!(seen.last().map(String::as_str), Some("HTTP/2.0 POST /v1/accounts/users/USR-1/block"));
}

#[test]
fn an_authority_that_cannot_be_read_is_said_plainly() {
    let refusal = |path: &str| {
        let output = Command::new(PROGRAM).args(["--listen", "127.0.0.1:0", "--upstream-ca", path]).output().unwrap();
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stderr).unwrap()
    };
    assert_eq!(
        refusal("/nowhere/ca.pem"),
        "error: --upstream-ca: cannot read /nowhere/ca.pem: No such file or directory (os error 2)\n"
    );
    let path = std::env::temp_dir().join(format!("accounts-graph-{}-bad.pem", std::process::id()));
    let text = path.to_str().unwrap();
    for bad in [
        "",
        "no certificate",
        "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        std::fs::write(&path, bad).unwrap();
        assert_eq!(
            refusal(text),
            format!("error: --upstream-ca: {text}: has to hold certificates in PEM form\n"),
            "{bad}"
        );
    }
    std::fs::remove_file(&path).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_leads_to_an_upstream_that_is_elsewhere() {
    let secure = Secure::start("elsewhere").await;
    let (proxy, seen) = proxy(Some(secure.address)).await;
    let secured = ["--upstream", "https://upstream.invalid/public", "--upstream-ca", secure.authority()];
    assert_eq!(answer(&[("HTTPS_PROXY", &proxy)], &secured).await, ann());
    assert_eq!(seen.take(), [format!("CONNECT {FAR}:443 HTTP/1.1")]);
    assert_eq!(secure.journal.take(), ["HTTP/2.0 GET /public/v1/accounts/users/USR-1"]);

    let plain = ["--upstream", "http://upstream.invalid/public"];
    assert_eq!(answer(&[("HTTP_PROXY", &proxy)], &plain).await, ann());
    let select = "/public/v1/accounts/users/USR-1?select=-*,id,name";
    assert_eq!(seen.take(), [format!("GET http://{FAR}{select} HTTP/1.1")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proxy_of_the_environment_is_left_out_where_it_says_so_and_on_this_machine() {
    let secure = Secure::start("here").await;
    let (proxy, seen) = proxy(Some(secure.address)).await;
    let far = ["--upstream", "https://upstream.invalid/public", "--upstream-ca", secure.authority()];
    for exception in [FAR, "invalid", ".invalid", "*"] {
        let environment = [("HTTPS_PROXY", &*proxy), ("NO_PROXY", exception)];
        assert_eq!(answer(&environment, &far).await, unreachable(), "{exception}");
    }
    let url = secure.url();
    let here = ["--upstream", &url, "--upstream-ca", secure.authority()];
    assert_eq!(answer(&[("HTTPS_PROXY", &proxy), ("ALL_PROXY", &proxy)], &here).await, ann());
    assert_eq!(seen.take(), [""; 0]);
}
