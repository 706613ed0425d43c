//! What the program logs of mutations: that they were sent and what came of them, and nothing of what they said.

use super::upstream::{TOKEN, ok, post, upstream};
use serde_json::json;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// A running program; ended when dropped, however the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn logs_hold_neither_bodies_nor_passwords_nor_tokens_at_any_level() {
    let (base, server) = upstream(|line| match line {
        line if line.contains("/set-password") => {
            (400, json!({ "title": "Said by the upstream", "errors": { "password": ["hunter2 is weak"] } }).to_string())
        }
        line if line.contains("/api-tokens") => {
            ok(&json!({ "id": "TKN-0000-0009", "token": "idt:TKN-0000-0009:brand-new" }))
        }
        _ => (500, "Said by the upstream".to_owned()),
    })
    .await;
    let log = std::env::temp_dir().join(format!("accounts-graph-log-{}", std::process::id()));
    let mut child = Command::new(env!("CARGO_BIN_EXE_accounts-graph"))
        .args(["--listen", "127.0.0.1:0", "--upstream", &base, "--log", "trace"])
        .stdout(Stdio::piped())
        .stderr(File::create(&log).expect("a file"))
        .spawn()
        .expect("the program starts");
    // Kept until the end: nobody likes to print where nobody reads.
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
    let program = Running(child);
    let mut banner = lines.by_ref().map_while(Result::ok);
    let endpoint = banner.find_map(|line| line.trim().strip_prefix("endpoint").map(str::to_owned));
    let address =
        endpoint.expect("a banner").trim().trim_start_matches("http://").trim_end_matches("/graphql").to_owned();
    let address = address.parse().expect("an address");
    let document = "mutation($p: String!) {
        a: setUserPassword(input: { id: \"USR-7777-0002\", password: $p }) { userErrors { message } }
        b: setUserPassword(input: { id: \"USR-7777-0002\", password: \"hunter2\" }) { userErrors { message } }
        c: createApiToken(input: { accountId: \"ACC-1\", name: \"Said by the caller\" }) { token }
        d: deleteUser(input: { id: \"USR-7777-0002\" }) { deletedId } }";
    let answer = post(&reqwest::Client::new(), address, document, json!({ "p": "hunter2" })).await;
    assert!(answer.contains("brand-new") && answer.contains("OUTCOME_UNKNOWN"), "{answer}");
    drop(program);
    server.abort();
    let logged = std::fs::read_to_string(&log).expect("a log");
    std::fs::remove_file(&log).expect("the log goes");
    for said in [
        "POST /v1/accounts/users/{id}/set-password was refused with 400",
        "POST /v1/accounts/api-tokens answered 200",
        "DELETE /v1/accounts/users/{id} failed",
    ] {
        assert!(logged.contains(said), "{said:?} is not in the log");
    }
    for secret in ["hunter2", TOKEN, "opaque-part-of-it", "brand-new", "Said by", "USR-7777"] {
        assert!(!logged.contains(secret), "{secret} is in the log");
    }
}
