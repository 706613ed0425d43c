use super::*;
use crate::{
    graph::document::limits::DocumentLimits,
    http::{Callers, UpstreamIdentity},
    upstream::marketplace::membership::{Family, MembershipRoutes},
};
use accounts_graph_sandbox::{Day, Generation};
use reqwest::header::HeaderName;
use std::{net::SocketAddr, num::NonZeroUsize};

mod trust;

const NO_ENV: [(&str, &str); 0] = [];

/// What a load is given; `file` is what `gateway.toml` holds.
#[derive(Default)]
struct Given<'a> {
    flags: &'a [(&'a str, &'a str)],
    env: &'a [(&'a str, &'a str)],
    file: Option<&'a str>,
}

impl Given<'_> {
    fn flags(&self) -> Flags {
        let mut flags = Flags::default();
        let file = self.file.map(|_| ("--config", "gateway.toml"));
        for (name, text) in self.flags.iter().copied().chain(file) {
            let option = options().iter().find(|option| option.flag == name).expect("a known flag");
            flags.set(option, text.to_owned());
        }
        flags
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        assert_eq!(path, Path::new("gateway.toml"));
        self.file.map(str::to_owned).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn serve(&self) -> Result<Config, ConfigError> {
        Config::load(&self.flags(), &self.env.iter().copied().collect(), &|path| self.read(path))
    }

    fn sandbox(&self) -> Result<SandboxConfig, ConfigError> {
        SandboxConfig::load(&self.flags(), &self.env.iter().copied().collect(), &|path| self.read(path))
    }

    fn refusal(&self) -> String {
        self.serve().expect_err("refused").to_string()
    }
}

fn addr(text: &str) -> SocketAddr {
    text.parse().expect("an address")
}

#[test]
fn nothing_set_starts_the_gateway_with_the_sandbox() {
    let expected = Config {
        log: "info".to_owned(),
        threads: None,
        explain: Explain::Loopback,
        trust: Trust {
            listen: addr("127.0.0.1:4000"),
            accounts: UpstreamIdentity::PassThrough,
            callers: Callers::OwnTokens,
            wavefront: UpstreamIdentity::PassThrough,
        },
        http: Http {
            cors_origins: vec![],
            allowed_hosts: None,
            forward_headers: vec![],
            icons: true,
            public_url: None,
            trusted_documents: None,
            trusted_documents_only: false,
            persisted_query_bytes: 8 << 20,
            batch: 1,
        },
        upstream: Upstream {
            url: None,
            timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(3),
            connections: 64,
            retries: 3,
            circuit_breaker: true,
            single_flight: true,
            ca: None,
            relearn: Duration::from_secs(600),
            membership_routes: MembershipRoutes::Auto,
            nested_select: true,
        },
        wavefront: Wavefront { url: None },
        limits: Limits {
            operation_timeout: Duration::from_secs(30),
            document: DocumentLimits {
                bytes: 100 << 10,
                tokens: 15_000,
                nesting: 128,
                depth: 30,
                aliases: 500,
                root_fields: 100,
                repeated_fields: 200,
                directives: 200,
                fields: 20_000,
                introspected_fields: 500_000,
                introspection: true,
            },
            upstream_requests: 300,
            entities: 20_000,
            response_bytes: 32 << 20,
            body_bytes: 1 << 20,
            document_cache_bytes: 32 << 20,
            header_bytes: 32 << 10,
            header_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(10),
            connections: 1024,
            operations: 1024,
        },
        playground: Playground { enabled: true, path: String::new() },
        sandbox: Sandbox {
            listen: addr("127.0.0.1:0"),
            scale: 1.0,
            require_token: false,
            accept_any_token: false,
            generation: Generation::DEFAULT,
            date: None,
            file: None,
        },
    };
    assert_eq!(Given::default().serve().expect("the defaults"), expected);
}

/// A file that sets every option.
const EVERYTHING: &str = r#"
listen = "[::1]:80"
log = "warn,accounts_graph=debug"
threads = 3
explain = "never"
[http]
introspection = false
cors-origins = "https://app.example.com, http://localhost:3000"
allowed-hosts = "Graph.example.com,[::1]"
forward-headers = "accept-language"
service-token = "env:TOKEN"
caller-token-file = "callers.txt"
icons = true
public-url = "https://graph.example.com/api"
trusted-documents = "manifest.json"
trusted-documents-only = true
persisted-query-bytes = "1MiB"
batch = 10
[upstream]
url = "https://api.example.com/public"
timeout = "1m"
write-timeout = "2m"
connect-timeout = "250ms"
connections = 0x10
retries = 0
circuit-breaker = false
single-flight = false
ca = "ca.pem"
relearn = "90s"
membership-routes = "a"
nested-select = "off"
[wavefront]
url = "https://example.wavefront.com"
token = "file:secrets/wavefront"
[limits]
operation-timeout = "1m 30s"
depth = 12
upstream-requests = 1_000
entities = 50_000
response-bytes = "64MiB"
body-bytes = 4096
query-bytes = "8KiB"
tokens = 100
nesting = 32
aliases = 10
root-fields = 11
repeated-fields = 12
directives = 13
fields = 14
introspected-fields = 17
document-cache-bytes = "1MiB"
header-bytes = "8KiB"
header-timeout = "2s"
idle-timeout = "4s"
body-timeout = "3s"
connections = 15
operations = 16
[playground]
enabled = false
path = "/play/"
[sandbox]
enabled = false
listen = "127.0.0.1:4011"
scale = 2
require-token = true
accept-any-token = true
generation = "2025-09"
date = "2027-01-01"
file = "state/sandbox.db"
"#;

#[test]
fn a_file_can_set_everything() {
    let expected = Config {
        log: "warn,accounts_graph=debug".to_owned(),
        threads: NonZeroUsize::new(3),
        explain: Explain::Never,
        trust: Trust {
            listen: addr("[::1]:80"),
            accounts: UpstreamIdentity::Service(TokenSource::Variable("TOKEN".to_owned())),
            callers: Callers::Trusted("callers.txt".into()),
            wavefront: UpstreamIdentity::Fallback(TokenSource::File("secrets/wavefront".into())),
        },
        http: Http {
            cors_origins: vec!["https://app.example.com".to_owned(), "http://localhost:3000".to_owned()],
            allowed_hosts: Some(vec!["graph.example.com".to_owned(), "[::1]".to_owned()]),
            forward_headers: vec![HeaderName::from_static("accept-language")],
            icons: true,
            public_url: Some(Url::parse("https://graph.example.com/api/").expect("a URL")),
            trusted_documents: Some("manifest.json".into()),
            trusted_documents_only: true,
            persisted_query_bytes: 1 << 20,
            batch: 10,
        },
        upstream: Upstream {
            url: Some(Url::parse("https://api.example.com/public/").expect("a URL")),
            timeout: Duration::from_secs(60),
            write_timeout: Duration::from_secs(120),
            connect_timeout: Duration::from_millis(250),
            connections: 16,
            retries: 0,
            circuit_breaker: false,
            single_flight: false,
            ca: Some("ca.pem".into()),
            relearn: Duration::from_secs(90),
            membership_routes: MembershipRoutes::Only(Family::Legacy),
            nested_select: false,
        },
        wavefront: Wavefront { url: Some(Url::parse("https://example.wavefront.com/").expect("a URL")) },
        limits: Limits {
            operation_timeout: Duration::from_secs(90),
            document: DocumentLimits {
                bytes: 8 << 10,
                tokens: 100,
                nesting: 32,
                depth: 12,
                aliases: 10,
                root_fields: 11,
                repeated_fields: 12,
                directives: 13,
                fields: 14,
                introspected_fields: 17,
                introspection: false,
            },
            upstream_requests: 1000,
            entities: 50_000,
            response_bytes: 64 << 20,
            body_bytes: 4096,
            document_cache_bytes: 1 << 20,
            header_bytes: 8 << 10,
            header_timeout: Duration::from_secs(2),
            idle_timeout: Duration::from_secs(4),
            body_timeout: Duration::from_secs(3),
            connections: 15,
            operations: 16,
        },
        playground: Playground { enabled: false, path: "/play".to_owned() },
        sandbox: Sandbox {
            listen: addr("127.0.0.1:4011"),
            scale: 2.0,
            require_token: true,
            accept_any_token: true,
            generation: Generation::September2025,
            date: Some(Day::OF_DATA),
            file: Some("state/sandbox.db".into()),
        },
    };
    assert_eq!(Given { file: Some(EVERYTHING), ..Given::default() }.serve().expect("accepted"), expected);
    for option in options() {
        let key = option.key.map_or("", |key| key.rsplit('.').next().unwrap_or_default());
        assert!(EVERYTHING.contains(key), "{} is missing above", option.flag);
    }
}

#[test]
fn beyond_loopback_the_playground_is_served_only_when_asked_for() {
    let (wide, up) = (("--listen", "0.0.0.0:4000"), ("--upstream", "http://127.0.0.1:9"));
    for (flags, expected) in [
        (&[][..], true),
        (&[wide, up], false),
        (&[wide, up, ("--playground-enabled", "true")], true),
        (&[("--playground-enabled", "false")], false),
    ] {
        let config = Given { flags, ..Given::default() }.serve().expect("accepted");
        assert_eq!(config.playground.enabled, expected, "{flags:?}");
    }
}

#[test]
fn the_playground_is_at_a_plain_path_that_is_not_the_endpoint() {
    let path = |text| Given { flags: &[("--playground-path", text)], ..Given::default() }.serve();
    for (text, expected) in [("/", ""), ("/try", "/try"), ("/try/", "/try"), ("/a.b/c-d_e", "/a.b/c-d_e")] {
        assert_eq!(path(text).expect("accepted").playground.path, expected, "{text}");
    }
    for text in ["", "try", "//", "/a//b", "/../x", "/.", "/{name}", "/a b", "/graphql", "/graphql/x"] {
        assert!(path(text).is_err(), "{text}");
    }
}

#[test]
fn flag_beats_environment_beats_file_beats_default() {
    let flag: &[_] = &[("--max-depth", "1")];
    let env: &[_] = &[("ACCOUNTS_GRAPH_MAX_DEPTH", "2")];
    let empty: &[_] = &[("ACCOUNTS_GRAPH_MAX_DEPTH", "")];
    let file = Some("[limits]\ndepth = 3");
    for (flags, env, file, expected) in [
        (flag, env, file, 1),
        (flag, &[][..], file, 1),
        (&[][..], env, file, 2),
        (&[], empty, file, 3),
        (&[], &[], file, 3),
        (&[], empty, None, 30),
        (&[], &[], None, 30),
    ] {
        assert_eq!(Given { flags, env, file }.serve().expect("accepted").limits.document.depth, expected);
    }
}

#[test]
fn the_former_names_of_the_generation_still_work() {
    let env: &[_] = &[("ACCOUNTS_GRAPH_SANDBOX_MEMBERSHIP_ROUTES", "a")];
    let file = Some("[sandbox]\nmembership-routes = \"b\"");
    let generation = |given: Given<'_>| given.sandbox().expect("accepted").sandbox.generation;
    assert_eq!(generation(Given { env, file, ..Given::default() }), Generation::February2025);
    assert_eq!(generation(Given { file, ..Given::default() }), Generation::September2025);
    let new = Some("[sandbox]\nmembership-routes = \"b\"\ngeneration = \"v5\"");
    assert_eq!(generation(Given { file: new, ..Given::default() }), Generation::V5, "the new name wins");
    let all: &[_] = &[("ACCOUNTS_GRAPH_SANDBOX_MEMBERSHIP_ROUTES", "all")];
    assert_eq!(generation(Given { env: all, ..Given::default() }), Generation::All);
    let wrong = Given { file: Some("[sandbox]\nmembership-routes = \"d\""), ..Given::default() };
    assert_eq!(
        wrong.sandbox().expect_err("refused").to_string(),
        "sandbox.membership-routes (gateway.toml:2): expected v5, 2025-09, 2025-02 or all, got \"d\""
    );
}

#[test]
fn a_day_in_the_file_needs_no_quotes() {
    for file in ["[sandbox]\ndate = 2026-11-30", "[sandbox]\ndate = \"2026-11-30\""] {
        let config = Given { file: Some(file), ..Given::default() }.sandbox().expect("accepted");
        assert_eq!(config.sandbox.date.map(|day| day.to_string()).as_deref(), Some("2026-11-30"));
    }
}

#[test]
fn the_sandbox_alone_reads_the_same_section_with_a_default_of_its_own() {
    let env: &[_] = &[("ACCOUNTS_GRAPH_SANDBOX_LISTEN", "127.0.0.1:2")];
    let file = Some("log = \"warn\"\n[sandbox]\nlisten = \"127.0.0.1:3\"");
    let listen = |given: Given<'_>| given.sandbox().expect("accepted").sandbox.listen.port();
    assert_eq!(listen(Given { flags: &[("--sandbox-listen", "127.0.0.1:1")], env, file }), 1);
    assert_eq!(listen(Given { env, file, ..Given::default() }), 2);
    assert_eq!(listen(Given { file, ..Given::default() }), 3);
    assert_eq!(listen(Given::default()), 4010);
    assert_eq!(Given { file, ..Given::default() }.sandbox().expect("accepted").log, "warn");
}

#[test]
fn the_file_may_be_named_by_the_environment() {
    let env = [("ACCOUNTS_GRAPH_CONFIG", "gateway.toml")].into_iter().collect();
    let config = Config::load(&Flags::default(), &env, &|_| Ok("limits.depth = 4".to_owned()));
    assert_eq!(config.expect("accepted").limits.document.depth, 4);
}

/// Whatever an option is set to by mistake, the message names the place; so every option of the table is read.
#[test]
fn every_option_is_read_from_every_place() {
    // Any text may be a path: those are read where the file is.
    for option in options().iter().filter(|option| option.key.is_some() && option.value != "PATH") {
        let key = option.key.expect("filtered");
        let flags = Given { flags: &[(option.flag, "a=b=c")], ..Given::default() }.refusal();
        assert!(flags.starts_with(&format!("{} (command line): expected ", option.flag)), "{flags}");
        let env = Given { env: &[(option.env, "a=b=c")], ..Given::default() }.refusal();
        assert!(env.starts_with(&format!("{} (environment): expected ", option.env)), "{env}");
        let file = Given { file: Some(&format!("\n{key} = \"a=b=c\"")), ..Given::default() }.refusal();
        assert!(file.starts_with(&format!("{key} (gateway.toml:2): expected ")), "{file}");
    }
}

#[test]
fn names_follow_from_the_flag() {
    for option in options() {
        let name = option.flag.strip_prefix("--").expect("dashes");
        assert_eq!(option.env, format!("ACCOUNTS_GRAPH_{}", name.to_uppercase().replace('-', "_")));
        assert!(!option.help.ends_with('.'), "{name}");
    }
}

#[test]
fn a_refused_value_is_shown_with_its_place_and_the_accepted_form() {
    for (flag, text, message) in [
        (
            "--listen",
            "localhost:4000",
            "--listen (command line): expected an IP address and a port, such as 127.0.0.1:4000 or [::1]:4000, \
             got \"localhost:4000\"",
        ),
        (
            "--log",
            "inof",
            "--log (command line): expected error, warn, info, debug, trace or off, or a list such as \
             info,accounts_graph=debug, got \"inof\"",
        ),
        ("--config", "", "--config (command line): expected the path of a file, got \"\""),
        (
            "--upstream",
            "api.example.com",
            "--upstream (command line): expected an http or https URL, such as https://api.example.com/public, \
             got \"api.example.com\"",
        ),
        (
            "--upstream-timeout",
            "10",
            "--upstream-timeout (command line): expected a duration from 1ms to 1day, such as 500ms, 10s or 1m 30s, \
             got \"10\"",
        ),
        ("--max-depth", "0", "--max-depth (command line): expected a whole number from 1 to 100, got \"0\""),
        (
            "--upstream-connections",
            "many\n",
            "--upstream-connections (command line): expected a whole number from 1 to 1000000, got \"many\\n\"",
        ),
        (
            "--max-body-bytes",
            "1MB",
            "--max-body-bytes (command line): expected a number of bytes above 0, such as 65536, 100KiB or 32MiB, \
             got \"1MB\"",
        ),
        ("--sandbox-scale", "0", "--sandbox-scale (command line): expected a number from 0.01 to 10, got \"0\""),
        (
            "--sandbox-require-token",
            "yes",
            "--sandbox-require-token (command line): expected true or false, got \"yes\"",
        ),
        (
            "--sandbox-generation",
            "v4",
            "--sandbox-generation (command line): expected v5, 2025-09, 2025-02 or all, got \"v4\"",
        ),
        (
            "--sandbox-date",
            "2026-02-30",
            "--sandbox-date (command line): expected a day, such as 2026-11-30, got \"2026-02-30\"",
        ),
        (
            "--sandbox-file",
            "notes.txt",
            "--sandbox-file (command line): expected the path of a database that ends in .db, .sqlite or .sqlite3, \
             got \"notes.txt\"",
        ),
    ] {
        assert_eq!(Given { flags: &[(flag, text)], ..Given::default() }.refusal(), message);
    }
}

#[test]
fn a_secret_in_the_upstream_is_not_shown() {
    let expected = "expected an http or https URL, such as https://api.example.com/public, got";
    for (text, got) in [
        ("https://me:secret@example.com", "a URL with a user or password; credentials come with each request"),
        ("https://example.com?token=secret", "a URL with a query"),
        ("https://example.com#secret", "a URL with a fragment"),
        ("ftp://me:secret@example.com", "something that is not shown, because it may hold a secret"),
    ] {
        let env = [("ACCOUNTS_GRAPH_UPSTREAM", text)];
        let message = Given { env: &env, ..Given::default() }.refusal();
        assert_eq!(message, format!("ACCOUNTS_GRAPH_UPSTREAM (environment): {expected} {got}"));
    }
}

#[test]
fn a_value_of_another_type_is_named_for_what_it_is() {
    for (file, message) in [
        (
            "[upstream]\ntimeout = 10",
            "upstream.timeout (gateway.toml:2): expected a duration from 1ms to 1day, such as 500ms, 10s or 1m 30s, \
             got \"10\"",
        ),
        (
            "listen = 4000",
            "listen (gateway.toml:1): expected an IP address and a port, such as 127.0.0.1:4000 or [::1]:4000, \
             got \"4000\"",
        ),
        (
            "[limits]\n\n\ndepth = [30]",
            "limits.depth (gateway.toml:4): expected a whole number from 1 to 100, got an array",
        ),
        ("limits.depth = 3.5", "limits.depth (gateway.toml:1): expected a whole number from 1 to 100, got \"3.5\""),
        (
            "limits.depth = 99999999999999999999",
            "limits.depth (gateway.toml:1): expected a whole number from 1 to 100, got \"99999999999999999999\"",
        ),
        (
            "[sandbox.scale]\nfactor = 1",
            "sandbox.scale (gateway.toml:1): expected a number from 0.01 to 10, got a table",
        ),
        ("sandbox.require-token = 1", "sandbox.require-token (gateway.toml:1): expected true or false, got \"1\""),
        (
            "upstream.timeout = 07:32:00",
            "upstream.timeout (gateway.toml:1): expected a duration from 1ms to 1day, such as 500ms, 10s or 1m 30s, \
             got a date",
        ),
        (
            "upstream = \"https://me:secret@example.com\"",
            "upstream (gateway.toml:1): expected a section, written [upstream], got a value",
        ),
    ] {
        assert_eq!(Given { file: Some(file), ..Given::default() }.refusal(), message);
    }
}

#[test]
fn an_unknown_key_names_the_nearest() {
    for (file, message) in [
        (
            "[upstream]\ntimeuot = \"10s\"",
            "upstream.timeuot (gateway.toml:2): no such key; did you mean upstream.timeout?",
        ),
        (
            "[upstream]\nconnect_timeout = \"1s\"",
            "upstream.connect_timeout (gateway.toml:2): no such key; did you mean upstream.connect-timeout?",
        ),
        (
            "[limits]\nconnect-timeout = \"3s\"",
            "limits.connect-timeout (gateway.toml:2): no such key; did you mean upstream.connect-timeout?",
        ),
        ("# mine\nlisen = \"[::]:80\"", "lisen (gateway.toml:2): no such key; did you mean listen?"),
        ("[limit]\ndepth = 3", "limit (gateway.toml:1): no such key; did you mean limits?"),
        ("[[limits]]\ndepth = 3", "limits (gateway.toml:1): expected a section, written [limits], got a value"),
        ("\"lis\\nten\" = 3", "lis\\nten (gateway.toml:1): no such key; did you mean listen?"),
    ] {
        assert_eq!(Given { file: Some(file), ..Given::default() }.refusal(), message);
    }
}

#[test]
fn a_file_that_is_not_toml_is_refused_with_the_line_and_without_its_text() {
    let message = Given { file: Some("log = \"info\"\nurl = secret\n"), ..Given::default() }.refusal();
    assert!(message.starts_with("gateway.toml:2: not valid TOML: "), "{message}");
    assert!(!message.contains("secret") && !message.contains('\n'), "{message}");
}

#[test]
fn a_file_that_cannot_be_read_is_named_with_the_option() {
    let flags = Given { flags: &[("--config", "no.toml")], ..Given::default() }.flags();
    let with = |kind: io::ErrorKind| {
        let read = move |_: &Path| Err(io::Error::new(kind, "the reason"));
        Config::load(&flags, &NO_ENV.into_iter().collect(), &read).expect_err("refused").to_string()
    };
    assert_eq!(with(io::ErrorKind::NotFound), "--config (command line): there is no file no.toml");
    assert_eq!(with(io::ErrorKind::PermissionDenied), "--config (command line): cannot read no.toml: the reason");
}

#[test]
fn an_unknown_variable_names_the_nearest() {
    for (name, nearest) in [
        ("ACCOUNTS_GRAPH_LISTN", "ACCOUNTS_GRAPH_LISTEN"),
        ("ACCOUNTS_GRAPH_DEPTH", "ACCOUNTS_GRAPH_MAX_DEPTH"),
        ("ACCOUNTS_GRAPH_SCALE", "ACCOUNTS_GRAPH_SANDBOX_SCALE"),
        ("ACCOUNTS_GRAPH_UPSTREAM_URL", "ACCOUNTS_GRAPH_UPSTREAM"),
    ] {
        assert_eq!(
            Given { env: &[(name, "4000")], ..Given::default() }.refusal(),
            format!("{name} (environment): no such option; did you mean {nearest}?")
        );
    }
}

#[test]
fn variables_that_are_not_options_are_left_alone() {
    let env = &[
        ("PATH", "/bin"),
        ("ACCOUNTS_GRAPHICS", "1"),
        ("ACCOUNTS_GRAPH_PLAYGROUND", "skip"),
        ("ACCOUNTS_GRAPH_SERVICE_HOST", "10.0.0.1"),
        ("ACCOUNTS_GRAPH_SERVICE_PORT", "4000"),
        ("ACCOUNTS_GRAPH_SERVICE_PORT_HTTP", "4000"),
        ("ACCOUNTS_GRAPH_PORT", "tcp://10.0.0.1:4000"),
        ("ACCOUNTS_GRAPH_PORT_4000_TCP", "tcp://10.0.0.1:4000"),
        ("ACCOUNTS_GRAPH_PORT_4000_TCP_ADDR", "10.0.0.1"),
        ("ACCOUNTS_GRAPH_SANDBOX_SERVICE_HOST", "10.0.0.2"),
    ];
    assert!(Given { env, ..Given::default() }.serve().is_ok());
    let by_hand = &[("ACCOUNTS_GRAPH_PORT", "4000")];
    assert!(Given { env: by_hand, ..Given::default() }.refusal().contains("no such option"));
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_text_is_refused() {
    use std::{ffi::OsString, os::unix::ffi::OsStringExt};

    let value = OsString::from_vec(vec![0xff]);
    let env = [("ACCOUNTS_GRAPH_LOG", value)].into_iter().collect();
    let error = Config::load(&Flags::default(), &env, &|_| Ok(String::new())).expect_err("refused");
    assert!(error.to_string().ends_with("got bytes that are not UTF-8"), "{error}");
}

#[test]
fn an_operation_outlasts_its_upstream_calls() {
    for (given, message) in [
        (
            Given { flags: &[("--upstream-timeout", "1m")], ..Given::default() },
            "--operation-timeout (default) is 30s and must be longer than --upstream-timeout (command line), \
             which is 1m",
        ),
        (
            Given {
                env: &[("ACCOUNTS_GRAPH_OPERATION_TIMEOUT", "5s")],
                file: Some("[upstream]\ntimeout = \"5s\""),
                ..Given::default()
            },
            "ACCOUNTS_GRAPH_OPERATION_TIMEOUT (environment) is 5s and must be longer than \
             upstream.timeout (gateway.toml:2), which is 5s",
        ),
    ] {
        assert_eq!(given.refusal(), message);
    }
}

#[test]
fn only_trusted_documents_are_run_only_where_there_are_some() {
    assert_eq!(
        Given { flags: &[("--trusted-documents-only", "true")], ..Given::default() }.refusal(),
        "--trusted-documents-only (command line): it needs --trusted-documents"
    );
}

#[test]
fn a_token_in_place_of_where_it_is_is_not_shown() {
    for text in ["idt:TKN-1:secret", "secret", "file:", "env:", "env:A=secret"] {
        assert_eq!(
            Given { flags: &[("--service-token", text)], ..Given::default() }.refusal(),
            "--service-token (command line): expected file: and a path, or env: and the name of a variable, got something \
             that is not shown, because it may be a secret"
        );
    }
}

#[test]
fn lists_are_of_what_they_say() {
    for (flag, good, bad) in [
        (
            "--cors-origins",
            "https://a.example, http://b:1,*",
            &["https://a.example/", "a.example", "https://a,", "null"][..],
        ),
        ("--allowed-hosts", "a.example,127.0.0.1,::1", &["a.example:80", "http://a", ""]),
        (
            "--forward-headers",
            "X-Tenant, accept-language",
            &["authorization", "X-Wavefront-Authorization", "Host", "x-request-id", "a b", "x,"],
        ),
    ] {
        assert!(Given { flags: &[(flag, good)], ..Given::default() }.serve().is_ok(), "{flag} {good}");
        for text in bad {
            let refused = Given { flags: &[(flag, *text)], ..Given::default() }.refusal();
            assert!(refused.starts_with(&format!("{flag} (command line): expected ")), "{refused}");
        }
    }
}

/// The addresses that strangers may reach, and where they may be set.
#[test]
fn beyond_loopback_the_sandbox_is_started_only_when_it_is_asked_for() {
    let both = "set --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts API, or --sandbox \
                (ACCOUNTS_GRAPH_SANDBOX=true) to serve made-up data.";
    let why = "there is no upstream, and the sandbox with its made-up data is not started, because";
    let empty: &[_] = &[("ACCOUNTS_GRAPH_UPSTREAM", "")];
    let up: &[_] = &[("ACCOUNTS_GRAPH_UPSTREAM", "http://upstream.example")];
    let asked: &[_] = &[("ACCOUNTS_GRAPH_SANDBOX", "true")];
    for address in ["0.0.0.0:4000", "[::]:4000", "192.168.1.2:80", "[::ffff:127.0.0.1]:80", "[fe80::1]:80"] {
        let flag = [("--listen", address)];
        let variable = ("ACCOUNTS_GRAPH_LISTEN", address);
        let file = format!("listen = \"{address}\"");
        let place = |name: &str, origin: &str, more: &str| {
            format!("{name} ({origin}): {why} this is not a loopback address; {both}{more}")
        };
        let note = " An empty ACCOUNTS_GRAPH_UPSTREAM counts as not set.";
        for (env, more) in [(&[][..], ""), (empty, note)] {
            let named = [env, &[variable]].concat();
            let by_flag = Given { flags: &flag, env, file: None }.refusal();
            assert_eq!(by_flag, place("--listen", "command line", more));
            let by_variable = Given { env: &named, ..Given::default() }.refusal();
            assert_eq!(by_variable, place("ACCOUNTS_GRAPH_LISTEN", "environment", more));
            let by_file = Given { env, file: Some(&file), flags: &[] }.refusal();
            assert_eq!(by_file, place("listen", "gateway.toml:1", more));
        }
        let has_url = |given: Given<'_>| given.serve().expect("accepted").upstream.url.is_some();
        assert!(has_url(Given { flags: &flag, env: up, file: None }));
        assert!(has_url(Given { file: Some(&format!("{file}\nupstream.url = \"http://a\"")), ..Given::default() }));
        assert!(!has_url(Given { flags: &flag, env: asked, file: None }));
        assert!(!has_url(Given { flags: &flag, env: &[empty, asked].concat(), file: None }));
        assert!(!has_url(Given { flags: &[flag[0], ("--sandbox", "true")], ..Given::default() }));
        assert!(!has_url(Given { file: Some(&format!("{file}\nsandbox.enabled = true")), ..Given::default() }));
    }
    for address in ["127.0.0.1:0", "127.1.2.3:80", "[::1]:80"] {
        for env in [&[][..], empty] {
            let config = Given { flags: &[("--listen", address)], env, file: None }.serve().expect("accepted");
            assert_eq!(config.upstream.url, None, "{address}");
        }
    }
}

#[test]
fn an_upstream_is_an_address_or_left_out_and_excludes_the_sandbox() {
    let why = "there is no upstream, and the sandbox with its made-up data is not started, because it is switched off; \
               set --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts API, or --sandbox \
               (ACCOUNTS_GRAPH_SANDBOX=true) to serve made-up data.";
    let url = "http://upstream.example";
    for (given, message) in [
        (
            Given { flags: &[("--sandbox", "true"), ("--upstream", url)], ..Given::default() },
            "--sandbox (command line): it cannot be set together with --upstream (command line); leave out one of them",
        ),
        (
            Given {
                env: &[("ACCOUNTS_GRAPH_SANDBOX", "true")],
                file: Some("upstream.url = \"http://a\""),
                ..Given::default()
            },
            "ACCOUNTS_GRAPH_SANDBOX (environment): it cannot be set together with upstream.url (gateway.toml:1); leave \
             out one of them",
        ),
        (Given { flags: &[("--sandbox", "false")], ..Given::default() }, &format!("--sandbox (command line): {why}")),
        (
            Given { file: Some("[sandbox]\nenabled = false"), ..Given::default() },
            &format!("sandbox.enabled (gateway.toml:2): {why}"),
        ),
        (
            Given { flags: &[("--upstream", "")], ..Given::default() },
            "--upstream (command line): expected an http or https URL, such as https://api.example.com/public, got \"\"",
        ),
        (
            Given { file: Some("upstream.url = \"\""), ..Given::default() },
            "upstream.url (gateway.toml:1): expected an http or https URL, such as https://api.example.com/public, got \"\"",
        ),
        (
            Given { env: &[("ACCOUNTS_GRAPH_UPSTREAM", " ")], ..Given::default() },
            "ACCOUNTS_GRAPH_UPSTREAM (environment): expected an http or https URL, such as https://api.example.com/public, got \" \"",
        ),
    ] {
        assert_eq!(given.refusal(), message);
    }
    let with = Given { flags: &[("--sandbox", "false"), ("--upstream", url)], ..Given::default() };
    assert!(with.serve().expect("accepted").upstream.url.is_some());
}

#[test]
fn a_build_without_the_sandbox_needs_an_upstream() {
    let upstream = |given: Given<'_>| {
        let (flags, env) = (given.flags(), given.env.iter().copied().collect());
        let from = Sources::open(Program::Serve, &flags, &env, &|path| given.read(path)).expect("known names");
        from.upstream(&options::UPSTREAM, false).map_err(|error| error.to_string())
    };
    let set =
        "this build has no sandbox; set --upstream (ACCOUNTS_GRAPH_UPSTREAM) to the base URL of the accounts API.";
    let (none, by_flag) = (format!("there is no upstream, and {set}"), format!("--sandbox (command line): {set}"));
    for listen in ["127.0.0.1:4000", "0.0.0.0:4000"] {
        let given = Given { flags: &[("--listen", listen), ("--sandbox-scale", "0.5")], ..Given::default() };
        assert_eq!(upstream(given), Err(none.clone()), "{listen}");
    }
    let off = Given { flags: &[("--sandbox", "false")], ..Given::default() };
    assert_eq!(upstream(off), Err(none.clone()));
    let empty = Given { env: &[("ACCOUNTS_GRAPH_UPSTREAM", "")], ..Given::default() };
    assert_eq!(upstream(empty), Err(format!("{none} An empty ACCOUNTS_GRAPH_UPSTREAM counts as not set.")));
    let url = "https://upstream.example/";
    for (flags, expected) in [
        (&[("--sandbox", "true")][..], Err(by_flag.clone())),
        (&[("--sandbox", "true"), ("--upstream", url)], Err(by_flag)),
        (&[("--upstream", url)], Ok(Some(Url::parse(url).expect("a URL")))),
        (
            &[("--upstream", url), ("--sandbox", "false"), ("--sandbox-scale", "0.5")],
            Ok(Some(Url::parse(url).expect("a URL"))),
        ),
    ] {
        assert_eq!(upstream(Given { flags, ..Given::default() }), expected, "{flags:?}");
    }
}

#[test]
fn the_generation_that_the_help_names_as_the_default_is_it() {
    let option = options().iter().find(|option| option.flag == "--sandbox-generation").expect("the option");
    for default in [option.default, option.alone.and_then(|alone| alone.default)] {
        assert_eq!(default, Some(Generation::DEFAULT.name()));
    }
}
