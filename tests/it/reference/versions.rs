//! Two versions of the program give the same answers to the same queries, byte by byte, by the same upstream requests.
//!
//! `.ci/compare REVISION` builds an older version and runs this test on it and on the present one. Without another
//! version the program is compared with itself: a program whose answers depend on anything but the query fails.

use super::{body, data::Data, generate::generate, mode::Mode, schema::Schema, setting};
use crate::{
    process::{PROGRAM, Running, start_program},
    support::kit,
};
use reqwest::Client;
use serde_json::Value;
use std::{env, path::Path};

/// The other version.
const OTHER: &str = "ACCOUNTS_GRAPH_TEST_OTHER";
/// Whether the wording of errors may differ.
const WORDING: &str = "ACCOUNTS_GRAPH_TEST_WORDING";
/// Whether the upstream requests may differ.
const REQUESTS: &str = "ACCOUNTS_GRAPH_TEST_REQUESTS";
/// How many queries the program is compared by with itself.
const QUERIES: u64 = 60;
/// How many differences are shown.
const SHOWN: usize = 5;

/// A version, and what it is asked with.
struct Version {
    program: Running,
    http: Client,
    /// Where its sandbox tells what it was asked.
    requests: String,
}

impl Version {
    fn start(program: &Path) -> Version {
        let program = start_program(program, &["--sandbox-date", &accounts_graph_sandbox::Day::OF_DATA.to_string()]);
        let upstream = program.said("upstream").split("/public").next().expect("an address").to_owned();
        Version { program, http: Client::new(), requests: format!("{upstream}/__requests") }
    }

    /// The answer's text, and the requests in the order of their text: those that leave together come in any order.
    async fn ask(&self, body: &Value) -> (String, Vec<String>) {
        self.http.delete(&self.requests).send().await.expect("an answer");
        let sent = self.http.post(self.program.said("endpoint")).json(body).send();
        let answer = sent.await.expect("an answer").text().await.expect("text");
        let requests: Value =
            self.http.get(&self.requests).send().await.expect("an answer").json().await.expect("JSON");
        let mut requests: Vec<String> = requests.as_array().expect("a list").iter().map(request).collect();
        requests.sort_unstable();
        (answer, requests)
    }
}

fn request(request: &Value) -> String {
    ["method", "path", "query"].map(|part| request[part].as_str().unwrap_or_default()).join(" ")
}

/// Whether the answer refuses the query, as the schema of an older version may.
fn is_invalid(answer: &str) -> bool {
    answer.contains("GRAPHQL_VALIDATION_FAILED") || answer.contains("GRAPHQL_PARSE_FAILED")
}

/// The answer without the messages of its errors.
fn without_messages(answer: &str) -> String {
    let mut answer: Value = serde_json::from_str(answer).expect("JSON");
    for error in answer.get_mut("errors").and_then(Value::as_array_mut).into_iter().flatten() {
        error["message"].take();
    }
    answer.to_string()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn versions_answer_alike() {
    let other = env::var(OTHER).ok();
    let may_differ = |name| env::var(name).is_ok_and(|value| value == "may-differ");
    let queries = setting("ACCOUNTS_GRAPH_TEST_QUERIES", QUERIES);
    let queries = if other.is_some() { queries } else { queries.min(QUERIES) };
    let versions = [Version::start(other.as_deref().unwrap_or(PROGRAM).as_ref()), Version::start(PROGRAM.as_ref())];
    // The same world as that of the programs.
    let (schema, data) = (Schema::of(Mode::V5), Data::of(&kit().await.sandbox.world(), Mode::V5));
    let seed = setting("ACCOUNTS_GRAPH_TEST_SEED", super::SEED);
    let (mut compared, mut unknown, mut differences) = (0_u64, 0_u64, vec![]);
    for number in 0.. {
        if compared == queries || differences.len() == SHOWN {
            break;
        }
        let document = generate(&schema, &data, seed.wrapping_mul(0x1_0000_0001).wrapping_add(number));
        let sent = body(&document);
        let (mut old, mut new) = (versions[0].ask(&sent).await, versions[1].ask(&sent).await);
        if is_invalid(&old.0) && !is_invalid(&new.0) {
            unknown += 1;
            assert!(unknown < queries, "the other version refuses most queries: {}", old.0);
            continue;
        }
        compared += 1;
        if may_differ(WORDING) {
            (old.0, new.0) = (without_messages(&old.0), without_messages(&new.0));
        }
        if may_differ(REQUESTS) {
            (old.1, new.1) = (vec![], vec![]);
        }
        if old != new {
            differences.push(format!("query {number} of seed {seed}: {document}\n{old:#?}\n{new:#?}"));
        }
    }
    println!("{compared} queries compared; {unknown} more are not known to the other version");
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}
