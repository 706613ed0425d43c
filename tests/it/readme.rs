//! What the README says is so.

use super::cli::{program, timeless};
use super::support::{kit_with, limits};
use accounts_graph::{
    config::{Topic, options},
    fault::FaultKind,
    sandbox::Options,
};
use serde_json::Value;

const README: &str = include_str!("../../README.md");

/// The text of the first code block of a language after a heading.
fn block(heading: &str, language: &str) -> &'static str {
    let section = &README[README.find(heading).unwrap_or_else(|| panic!("the README has no {heading}"))..];
    let fence = format!("```{language}\n");
    let start = section.find(&fence).unwrap_or_else(|| panic!("{heading} has no block of {language}")) + fence.len();
    let end = section[start..].find("```").expect("the block ends");
    &section[start..start + end]
}

fn row(cells: [&str; 5]) -> String {
    format!("| {} |", cells.join(" | "))
}

#[test]
fn the_table_of_options_is_complete() {
    let quoted = |text: Option<&str>| text.map_or("–".to_owned(), |text| format!("`{text}`"));
    let rows: Vec<String> = options()
        .iter()
        .map(|o| row([&quoted(Some(o.flag)), &quoted(Some(o.env)), &quoted(o.key), &quoted(o.default), o.help]))
        .collect();
    let table = rows.join("\n");
    assert!(README.contains(&table), "the README's table of options should be:\n{table}");
}

#[test]
fn the_table_of_limits_is_complete() {
    let section = &README[README.find("## Limits").unwrap()..README.find("## Errors").unwrap()];
    let limits = || options().iter().filter(|option| option.topic == Topic::Limits);
    for option in limits() {
        let row = format!("\n| `{}` | `{}` | ", option.flag, option.default.expect("a default"));
        assert!(section.contains(&row), "the table of limits has no {row}");
    }
    assert_eq!(section.matches("\n| `").count(), limits().count());
}

#[test]
fn the_table_of_codes_is_complete() {
    let codes = FaultKind::ALL.iter().map(|kind| kind.code());
    let ours = [
        "BAD_REQUEST",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "DOCUMENT_LIMIT_EXCEEDED",
        "INTROSPECTION_DISABLED",
        "PERSISTED_QUERY_NOT_FOUND",
        "PERSISTED_QUERY_HASH_MISMATCH",
        "PERSISTED_QUERY_NOT_SUPPORTED",
        "DOCUMENT_NOT_TRUSTED",
        "METHOD_NOT_ALLOWED",
        "NOT_ACCEPTABLE",
        "REQUEST_TIMEOUT",
        "BODY_TOO_LARGE",
        "UNSUPPORTED_MEDIA_TYPE",
        "HEADERS_TOO_LARGE",
        "OVERLOADED",
        "HOST_NOT_ALLOWED",
        "PREFLIGHT_REQUIRED",
    ];
    let mut count = 0;
    for code in codes.chain(ours) {
        assert!(README.contains(&format!("\n| `{code}` | ")), "{code} is not in the table of codes");
        count += 1;
    }
    let table = &README[README.find("## Errors").unwrap()..README.find("## Configuration").unwrap()];
    assert_eq!(table.matches("\n| `").count(), count, "a code in the table does not exist");
}

#[tokio::test]
async fn the_query_has_the_answer_and_takes_the_requests_that_it_shows() {
    let kit = kit_with(Options::default(), limits()).await;
    let expected: Value = serde_json::from_str(block("## A query and its answer", "json")).unwrap();
    let answer = kit.query(block("## A query and its answer", "graphql")).await;
    assert_eq!(answer, expected);
    let mut lines: Vec<&str> = block("## A query and its answer", "text").lines().collect();
    lines.sort_unstable();
    assert_eq!(kit.requests(), lines);
}

#[tokio::test]
async fn the_mutation_has_the_answer_that_it_shows() {
    let kit = kit_with(Options::default(), limits()).await;
    let expected: Value = serde_json::from_str(block("## Change something", "json")).unwrap();
    assert_eq!(kit.query(block("## Change something", "graphql")).await, expected);
}

#[tokio::test]
async fn the_first_curl_answers_in_two_upstream_requests() {
    let kit = kit_with(Options::default(), limits()).await;
    let curl = block("Ask it something", "sh");
    let body: Value = serde_json::from_str(curl.split('\'').nth(3).expect("the body of the request")).unwrap();
    let answer = kit.send(&body, None).await;
    assert_eq!(answer.get("errors"), None);
    assert_eq!(answer["data"]["users"]["nodes"].as_array().unwrap().len(), 3);
    assert_eq!(kit.requests().len(), 2);
}

#[test]
fn the_explanation_is_printed_as_it_shows() {
    let shell = block("The command line prints it", "sh");
    let query = shell.split('\'').nth(1).expect("the query");
    let path = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readme.graphql");
    std::fs::write(&path, query).expect("the file is written");
    let output = program().args(["explain", "--log", "off"]).arg(&path).output().expect("the program starts");
    let printed = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(timeless(&printed), timeless(block("The command line prints it", "text")), "{printed}");
}
