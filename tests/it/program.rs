//! The program as it is started by a person: what it prints, and how it ends.

use crate::process::{PROGRAM, start};
use serde_json::Value;
use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
};

#[tokio::test]
async fn the_banner_says_where_everything_is_and_its_query_answers() {
    let mut program = start(&[]);
    let endpoint = program.said("endpoint").to_owned();
    let body = program.said("curl").split('\'').nth(3).expect("a body").to_owned();
    let http = reqwest::Client::new();
    let ask = async || {
        http.post(&endpoint).header("content-type", "application/json").body(body.clone()).send().await.unwrap()
    };
    // The first query about memberships finds out which routes the host has.
    assert_eq!(ask().await.headers()["x-upstream-requests"], "5");
    let answer = ask().await;
    assert_eq!(answer.headers()["x-upstream-requests"], "2");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer.get("errors"), None, "{answer}");
    assert_eq!(answer["data"]["users"]["nodes"].as_array().unwrap().len(), 3);
    let page = http.get(program.said("playground")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains("=\"graphql"), "{page}");
    let upstream = program.said("upstream").split(' ').next().unwrap();
    let users: Value =
        http.get(format!("{upstream}/v1/accounts/users?limit=1")).send().await.unwrap().json().await.unwrap();
    assert_eq!(users["data"].as_array().unwrap().len(), 1);
    program.terminate();
    assert!(program.ended().await.success());
}

#[tokio::test]
async fn a_client_that_never_ends_its_request_does_not_keep_the_program_from_ending() {
    let mut program = start(&["--upstream-timeout", "500ms", "--operation-timeout", "1s"]);
    let mut client = TcpStream::connect(program.address()).unwrap();
    let head = "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    client.write_all(head.as_bytes()).unwrap();
    program.terminate();
    assert!(program.ended().await.success());
}

#[tokio::test]
async fn a_change_that_was_sent_is_answered_before_the_program_ends() {
    let mut program = start(&["--upstream-timeout", "500ms", "--operation-timeout", "1s"]);
    let http = reqwest::Client::new();
    let sandbox = program.said("upstream").split(' ').next().unwrap().trim_end_matches("/public").to_owned();
    let faults = r#"[{"method":"PUT","latency_ms":4000}]"#;
    let told = http.put(format!("{sandbox}/__faults")).header("content-type", "application/json").body(faults);
    assert!(told.send().await.unwrap().status().is_success());
    let body = r#"{"query":"mutation { updateUser(input: { id: \"USR-1671-0642\", firstName: \"Ada\" }) { user { firstName } } }"}"#;
    let change = http.post(program.said("endpoint")).header("content-type", "application/json").body(body);
    let change = tokio::spawn(async move { change.send().await.unwrap().text().await.unwrap() });
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    program.terminate();
    assert_eq!(change.await.unwrap(), r#"{"data":{"updateUser":{"user":{"firstName":"Ada"}}}}"#);
    assert!(program.ended().await.success());
}

#[test]
fn a_port_that_is_taken_is_said_plainly() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = Command::new(PROGRAM).args(["--listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let expected =
        format!("error: cannot listen on {address} (--listen): another program listens there; choose another port\n");
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
}

#[test]
fn a_reader_of_the_schema_may_have_enough() {
    let mut child = Command::new(PROGRAM).arg("schema").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = [0; 3];
    let mut output = child.stdout.take().unwrap();
    output.read_exact(&mut line).unwrap();
    drop(output);
    let ended = child.wait_with_output().unwrap();
    assert!(ended.status.success());
    assert_eq!(String::from_utf8(ended.stderr).unwrap(), "");
}

#[test]
fn made_up_data_is_served_to_strangers_only_where_it_is_asked_for() {
    for listen in ["0.0.0.0:0", "[::]:0"] {
        let output = Command::new(PROGRAM)
            .args(["serve", "--listen", listen])
            .env("ACCOUNTS_GRAPH_UPSTREAM", "")
            .output()
            .expect("the program starts");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{said}");
        for way in ["--upstream (ACCOUNTS_GRAPH_UPSTREAM)", "--sandbox (ACCOUNTS_GRAPH_SANDBOX=true)"] {
            assert!(said.contains(way), "{said}");
        }
    }
    let taken = TcpListener::bind("0.0.0.0:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    // It goes as far as listening.
    for flags in [&["--sandbox"][..], &["--sandbox=true"], &["--upstream", "http://127.0.0.1:9"]] {
        let output = Command::new(PROGRAM).args(["--listen", &address]).args(flags).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{flags:?}");
    }
}
