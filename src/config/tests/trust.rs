//! What is open or closed by default, by who acts and with what.

use super::*;

const SERVICE: (&str, &str) = ("--service-token", "file:/run/token");
const WAVEFRONT: (&str, &str) = ("--wavefront-token", "env:TOKEN");
const CALLERS: (&str, &str) = ("--caller-token-file", "/run/callers");
const UPSTREAM: (&str, &str) = ("--upstream", "http://127.0.0.1:9");
const ADDRESSES: [(&str, &str); 2] = [("--listen", "127.1.2.3:80"), ("--listen", "0.0.0.0:80")];

/// Without an option that says otherwise.
#[derive(Debug, PartialEq)]
struct Answers {
    /// `x-explain` is answered.
    explain: bool,
    introspection: bool,
    playground: bool,
    icons: bool,
    /// Only the names of loopback are answered for.
    own_hosts: bool,
    /// `--cors-origins *` is accepted.
    any_origin: bool,
    /// A GET request needs a header that browsers ask about.
    preflighted: bool,
}

/// What a gateway answers with these options; why they are refused.
fn answers(flags: &[(&str, &str)]) -> Result<Answers, String> {
    let serve = |flags: &[_]| Given { flags, ..Given::default() }.serve().map_err(|error| error.to_string());
    let config = serve(flags)?;
    let hosts = config.http.allowed_hosts;
    let own: Vec<String> = ["localhost", "127.0.0.1", "::1", "127.1.2.3"].map(str::to_owned).to_vec();
    assert!(hosts.as_ref().is_none_or(|hosts| *hosts == own), "{hosts:?}");
    let any_origin = serve(&[flags, &[("--cors-origins", "https://a.example,*")]].concat());
    if let Err(refusal) = &any_origin {
        assert_eq!(refusal, "--cors-origins (command line): it needs --caller-token-file, to allow any origin");
    }
    Ok(Answers {
        explain: config.trust.explains(config.explain),
        introspection: config.limits.document.introspection,
        playground: config.playground.enabled,
        icons: config.http.icons,
        own_hosts: hosts.is_some(),
        any_origin: any_origin.is_ok(),
        preflighted: config.trust.callers.act_for_gateway(),
    })
}

/// Every combination of the tokens and of the address.
#[test]
fn what_is_open_by_default_follows_from_who_acts_and_with_what() {
    // explain, introspection, playground, icons, own hosts, any origin, preflighted
    let row = |cells: &str| {
        let cells: Vec<bool> = cells.split(' ').map(|cell| cell == "yes").collect();
        let [explain, introspection, playground, icons, own_hosts, any_origin, preflighted] = cells[..] else {
            panic!("{cells:?}")
        };
        Ok(Answers { explain, introspection, playground, icons, own_hosts, any_origin, preflighted })
    };
    let known = |flag: &str| {
        Err(format!("{flag} (command line): it needs --caller-token-file, or a loopback address for --listen"))
    };
    let alone = || Err("--caller-token-file (command line): it needs --service-token".to_owned());
    let table: [(&[_], [Result<Answers, String>; 2]); 8] = [
        (&[], [row("yes yes yes yes no yes no"), row("no no no yes no yes no")]),
        (&[SERVICE], [row("no yes yes no yes no yes"), known("--service-token")]),
        (&[WAVEFRONT], [row("no yes yes yes yes no yes"), known("--wavefront-token")]),
        (&[SERVICE, WAVEFRONT], [row("no yes yes no yes no yes"), known("--service-token")]),
        (&[CALLERS], [alone(), alone()]),
        (&[SERVICE, CALLERS], [row("no yes yes no no yes yes"), row("no no no no no yes yes")]),
        (&[WAVEFRONT, CALLERS], [alone(), alone()]),
        (&[SERVICE, WAVEFRONT, CALLERS], [row("no yes yes no no yes yes"), row("no no no no no yes yes")]),
    ];
    for (tokens, expected) in table {
        for (listen, expected) in ADDRESSES.into_iter().zip(expected) {
            let flags = [tokens, &[listen, UPSTREAM]].concat();
            assert_eq!(answers(&flags), expected, "{flags:?}");
        }
    }
}

/// Options that say otherwise are followed, whoever acts.
#[test]
fn an_option_wins_over_what_follows_from_who_acts() {
    for tokens in [&[][..], &[SERVICE], &[SERVICE, CALLERS], &[WAVEFRONT]] {
        for open in [true, false] {
            let word = if open { "true" } else { "false" };
            let explain = ("--explain", if open { "always" } else { "never" });
            let switches = ["--introspection", "--playground-enabled", "--icons"].map(|flag| (flag, word));
            let flags = [tokens, &switches, &[explain, ("--allowed-hosts", "a.example")]].concat();
            let config = Given { flags: &flags, ..Given::default() }.serve().expect("accepted");
            let answers = [
                config.trust.explains(config.explain),
                config.limits.document.introspection,
                config.playground.enabled,
                config.http.icons,
            ];
            assert_eq!(answers, [open; 4], "{flags:?}");
            assert_eq!(config.http.allowed_hosts, Some(vec!["a.example".to_owned()]));
        }
    }
    let refusal = Given { flags: &[("--explain", "yes")], ..Given::default() }.refusal();
    assert_eq!(refusal, "--explain (command line): expected always, loopback or never, got \"yes\"");
}

#[test]
fn introspection_goes_with_loopback_unless_it_is_set() {
    for (flags, expected) in [
        (&[][..], true),
        (&[("--listen", "[::1]:80")], true),
        (&[("--listen", "0.0.0.0:80"), ("--sandbox", "true")], false),
        (&[("--listen", "0.0.0.0:80"), ("--sandbox", "true"), ("--introspection", "true")], true),
        (&[("--introspection", "false")], false),
    ] {
        let config = Given { flags, ..Given::default() }.serve().expect("accepted");
        assert_eq!(config.limits.document.introspection, expected, "{flags:?}");
    }
}

#[test]
fn a_token_of_the_gateway_is_for_loopback_or_for_callers_that_are_known() {
    let token = ("--service-token", "file:/run/token");
    let open = ("--listen", "0.0.0.0:80");
    let up = ("--upstream", "http://127.0.0.1:9");
    assert_eq!(
        Given { flags: &[open, up, token], ..Given::default() }.refusal(),
        "--service-token (command line): it needs --caller-token-file, or a loopback address for --listen"
    );
    let wavefront = [open, up, ("--wavefront-token", "env:TOKEN")];
    assert_eq!(
        Given { flags: &wavefront, ..Given::default() }.refusal(),
        "--wavefront-token (command line): it needs --caller-token-file, or a loopback address for --listen"
    );
    assert_eq!(
        Given { env: &[("ACCOUNTS_GRAPH_CALLER_TOKEN_FILE", "x")], ..Given::default() }.refusal(),
        "ACCOUNTS_GRAPH_CALLER_TOKEN_FILE (environment): it needs --service-token"
    );
    assert_eq!(
        Given { flags: &[token, ("--cors-origins", "https://a.example,*")], ..Given::default() }.refusal(),
        "--cors-origins (command line): it needs --caller-token-file, to allow any origin"
    );
    let hosts = |flags: &[_]| Given { flags, ..Given::default() }.serve().expect("accepted").http.allowed_hosts;
    let loopback = ["localhost", "127.0.0.1", "::1", "127.0.0.1"].map(str::to_owned).to_vec();
    assert_eq!(hosts(&[token]), Some(loopback.clone()));
    assert_eq!(hosts(&[wavefront[2]]), Some(loopback));
    assert_eq!(hosts(&[token, ("--allowed-hosts", "a.example")]), Some(vec!["a.example".to_owned()]));
    assert_eq!(hosts(&[open, up, token, ("--caller-token-file", "x")]), None);
}
