//! The built program on a command line: help, version, and how it refuses what it cannot do.
//!
//! Nothing here starts a server: which place wins is told by the place that a refusal names.

use std::{
    fs,
    path::PathBuf,
    process::{Command, Output},
};

use accounts_graph::config::{Program, options};

/// The program with nothing of ours in its environment, and lines of a known width.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_accounts-graph"));
    command.env("COLUMNS", "100");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ACCOUNTS_GRAPH_")) {
        command.env_remove(name);
    }
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

/// What the program prints on success.
fn printed(args: &[&str]) -> String {
    let output = output(program().args(args));
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""), "{args:?}");
    text(&output.stdout).to_owned()
}

/// What the program says when it refuses to start.
fn refusal(command: &mut Command) -> String {
    let output = output(command);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(2), ""), "{}", text(&output.stderr));
    let message = text(&output.stderr);
    assert!(message.lines().count() <= 2, "{message}");
    message.trim_end().to_owned()
}

/// A configuration file of its own for each test.
fn file(name: &str, content: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("the file is written");
    path
}

#[test]
fn help_tells_every_option_with_its_default_variable_and_key() {
    for args in [&["--help"][..], &["-h"], &["serve", "--help"], &["help", "serve"]] {
        let help = printed(args);
        for option in options() {
            for part in [option.flag, option.env, option.key.unwrap_or_default(), option.default.unwrap_or_default()] {
                assert!(help.contains(part), "{args:?} lacks {part}");
            }
        }
    }
    let help = printed(&["--help"]);
    for command in ["serve", "sandbox", "schema", "explain"] {
        assert!(help.contains(&format!("\n  {command}\n")), "{help}");
    }
}

#[test]
fn help_of_the_sandbox_tells_its_own_flags_only() {
    let help = printed(&["sandbox", "--help"]);
    for option in options() {
        match option.spelling(Program::Sandbox) {
            Some((flag, default)) => {
                assert!(help.contains(&format!("{flag} ")) || help.contains(&format!("{flag}[")), "{flag}: {help}");
                assert!(help.contains(option.env) && help.contains(default.unwrap_or_default()), "{flag}");
            }
            None => assert!(!help.contains(&format!("[env: {}]", option.env)), "{}", option.flag),
        }
    }
    assert!(help.contains("[env: ACCOUNTS_GRAPH_SANDBOX_LISTEN] [file: sandbox.listen]"));
}

#[test]
fn version_is_one_line() {
    assert_eq!(printed(&["--version"]), concat!("accounts-graph ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn an_unknown_flag_names_the_nearest() {
    assert_eq!(
        refusal(program().args(["--upstream-timout", "3s"])),
        "error: unexpected argument '--upstream-timout' found\n  tip: a similar argument exists: '--upstream-timeout'"
    );
}

#[test]
fn an_unknown_variable_names_the_nearest() {
    assert_eq!(
        refusal(program().env("ACCOUNTS_GRAPH_LISTN", "127.0.0.1:1")),
        "error: ACCOUNTS_GRAPH_LISTN (environment): no such option; did you mean ACCOUNTS_GRAPH_LISTEN?"
    );
}

#[test]
fn an_unknown_key_names_the_nearest() {
    let path = file("unknown-key.toml", "[limits]\ndept = 3\n");
    assert_eq!(
        refusal(program().arg("--config").arg(&path)),
        format!("error: limits.dept ({}:2): no such key; did you mean limits.depth?", path.display())
    );
}

#[test]
fn a_bad_address_is_refused() {
    assert_eq!(
        refusal(program().args(["--listen", "localhost"])),
        "error: --listen (command line): expected an IP address and a port, such as 127.0.0.1:4000 or [::1]:4000, \
         got \"localhost\""
    );
}

#[test]
fn a_bad_duration_is_refused() {
    assert_eq!(
        refusal(program().args(["serve", "--operation-timeout", "soon"])),
        "error: --operation-timeout (command line): expected a duration from 1ms to 1day, such as 500ms, 10s or \
         1m 30s, got \"soon\""
    );
}

#[test]
fn an_operation_that_ends_before_its_upstream_calls_is_refused() {
    assert_eq!(
        refusal(program().args(["--operation-timeout", "10s"])),
        "error: --operation-timeout (command line) is 10s and must be longer than --upstream-timeout (default), \
         which is 10s"
    );
}

#[test]
fn a_password_in_the_upstream_is_not_repeated() {
    let message = refusal(program().args(["--upstream", "https://me:hush@example.com"]));
    assert!(!message.contains("hush") && message.contains("a URL with a user or password"), "{message}");
}

#[test]
fn a_missing_file_is_named() {
    assert_eq!(
        refusal(program().args(["--config", "no/such.toml"])),
        "error: --config (command line): there is no file no/such.toml"
    );
    assert_eq!(
        refusal(program().arg("sandbox").env("ACCOUNTS_GRAPH_CONFIG", "no/such.toml")),
        "error: ACCOUNTS_GRAPH_CONFIG (environment): there is no file no/such.toml"
    );
}

#[test]
fn flag_beats_environment_beats_file() {
    let path = file("precedence.toml", "log = \"a=b=file\"\n");
    let started = |flag: Option<&str>, env: Option<&str>| {
        let mut command = program();
        command.arg("--config").arg(&path).args(flag.map(|text| ["--log", text]).iter().flatten());
        command.envs(env.map(|text| ("ACCOUNTS_GRAPH_LOG", text)));
        refusal(&mut command)
    };
    let flag = started(Some("a=b=flag"), Some("a=b=env"));
    assert!(flag.contains("--log (command line)") && flag.contains("a=b=flag"), "{flag}");
    let env = started(None, Some("a=b=env"));
    assert!(env.contains("ACCOUNTS_GRAPH_LOG (environment)") && env.contains("a=b=env"), "{env}");
    for env in [None, Some("")] {
        let file = started(None, env);
        assert!(file.contains(&format!("log ({}:1)", path.display())) && file.contains("a=b=file"), "{file}");
    }
}

#[test]
fn help_survives_a_reader_that_leaves() {
    let mut child = program().arg("--help").stdout(std::process::Stdio::piped()).spawn().expect("the program starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("the program ends").code(), Some(0));
}

/// A text with its times masked.
pub fn timeless(text: &str) -> String {
    let line = |line: &str| {
        let Some((head, tail)) = line.split_once(" ms") else { return line.to_owned() };
        let head = head.trim_end_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        format!("{} TIME{tail}", head.split(" █").next().unwrap_or(head).trim_end())
    };
    text.lines().map(|found| line(found) + "\n").collect()
}

const EXPLAINED: &str = "\
5 upstream requests in 4 rounds, 9 rows, 3669 bytes, TIME
bounds: 2 to 3 of 300 requests, 0 to 7 of 20000 rows, 3 rounds at most
document: 4 fields, 4 after merging, prepared now

└─ user  #1
   └─ groups  #5

#1 round 1 TIME  200, 1 row, 178 bytes, 1 key
   GET /public/v1/accounts/users/USR-1671-0642
   select -*,id
#2 round 2 TIME  404 NOT_FOUND, 0 rows, 0 bytes
   GET /public/v1/accounts/account-users
   order=id&limit=1
   select -*,id
   Finds out which routes the host has. Asked once per host, not by each operation.
#3 round 3 TIME  200, 1 row, 392 bytes
   GET /public/v1/accounts/users
   eq(status,\"Invited\")&order=id&limit=1
   select -*,id
   Finds out whether members who are only invited stand in the users of their groups. Asked once per host.
#4 round 4 TIME  200, 1 row, 588 bytes
   GET /public/v1/accounts/user-groups
   any(users,eq(id,\"USR-2330-3953\"))&order=id&limit=1
   select -*,id
   Finds out whether members who are only invited stand in the users of their groups. Asked once per host.
#5 round 4 TIME  200, 6 rows, 2511 bytes, 1 key
   GET /public/v1/accounts/user-groups
   any(users,in(id,(\"USR-1671-0642\")))&order=id&limit=100
   select -*,id,name,account.id,users.id
   The groups of all these users, which tell their accounts as well.
";

#[test]
fn explain_prints_a_tree_and_a_waterfall() {
    let query = file("explained.graphql", "query ($id: ID!) { user(id: $id) { groups { nodes { name } } } }");
    let path = query.display().to_string();
    let variables = r#"{"id":"USR-1671-0642"}"#;
    let args = ["explain", &path, "--variables", variables, "--sandbox-scale", "0.05", "--log", "off"];
    assert_eq!(timeless(&printed(&args)), EXPLAINED);
}

#[test]
fn explain_reads_the_standard_input_and_may_ask_nothing() {
    let mut command = program();
    command.args(["explain", "-", "--plan", "--sandbox-scale", "0.05", "--log", "off"]);
    let mut child = command
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("its input");
    std::io::Write::write_all(&mut stdin, b"{ users(first: 3) { nodes { name } } }").expect("it reads");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let expected = "\
bounds: 1 to 1 of 300 requests, 0 to 3 of 20000 rows, 1 round at most
document: 3 fields, 3 after merging, prepared now

└─ users  #1

#1 round 1  at most 1 request
   GET /public/v1/accounts/users
   order=id&limit=3
   select -*,id,name
   A page of a collection.
";
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), expected));
}

#[test]
fn explain_says_what_is_wrong_with_the_operation() {
    let wrong = file("wrong.graphql", "{ nothing }").display().to_string();
    for (args, message) in [
        (&["explain", "/nowhere/q.graphql"][..], "error: cannot read /nowhere/q.graphql: No such file or directory"),
        (&["explain", &wrong], "error: Cannot query field \"nothing\" on type \"Query\". (GRAPHQL_VALIDATION_FAILED)"),
        (&["explain", &wrong, "--variables", "[]"], "error: --variables: expected a JSON object, such as"),
        (&["explain", &wrong, "--token-file", "/nowhere/token"], "error: cannot read /nowhere/token: No such file"),
    ] {
        let output = output(program().args(args).args(["--sandbox-scale", "0.05", "--log", "off"]));
        assert_eq!((output.status.code(), text(&output.stdout)), (Some(1), ""), "{args:?}");
        assert!(text(&output.stderr).starts_with(message), "{}", text(&output.stderr));
    }
}

#[test]
fn explain_shows_the_plan_of_what_is_refused() {
    let query = file("refused.graphql", "{ users(first: 9) { nodes { name } } }").display().to_string();
    let args = ["explain", &query, "--max-entities", "8", "--sandbox-scale", "0.05", "--log", "off"];
    let output = output(program().args(args));
    let expected = "\
error: The operation may need 9 entities of the upstream; at most 8 are allowed. Ask for fewer with `first`, or for less at \
         once. (COST_EXCEEDED)\n";
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(1), expected));
    assert!(text(&output.stdout).starts_with("bounds: 1 to 1 of 300 requests, 0 to 9 of 8 rows, 1 round at most\n"));
}

/// Whatever the options say: a plan of the command line is never a change.
#[test]
fn explain_plans_a_change_without_a_connection() {
    let upstream = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    upstream.set_nonblocking(true).expect("an option");
    let base = format!("http://{}/public", upstream.local_addr().expect("an address"));
    let text = "mutation { blockUser(input: { id: \"USR-1671-0642\" }) { user { status } } }";
    let query = file("planned.graphql", text).display().to_string();
    for explain in ["always", "never"] {
        let args = ["explain", &query, "--plan", "--upstream", &base, "--explain", explain, "--log", "off"];
        let told = printed(&args);
        assert!(told.contains("POST /public/v1/accounts/users/USR-1671-0642/block"), "{told}");
        let refused = upstream.accept().expect_err("nobody connects");
        assert_eq!(refused.kind(), std::io::ErrorKind::WouldBlock);
    }
}
