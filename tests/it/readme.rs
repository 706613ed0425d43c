//! What the README says is so.

use super::cli::{program, timeless};
use super::{
    process::PROGRAM,
    support::{Kit, SMALL, kit_with, limits},
};
use accounts_graph::{
    config::{Topic, options},
    error,
};
use accounts_graph_sandbox::Options;
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
    let table = error::table();
    let section = &README[README.find("## Errors").unwrap()..README.find("## Configuration").unwrap()];
    assert!(section.contains(&table), "the README's table of codes should be:\n{table}");
    assert_eq!(section.matches("\n| `").count(), table.matches("\n| `").count(), "a code in the table does not exist");
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

// ---- examples ----

/// The texts whose examples are run: those of this folder and of `docs`, by name.
fn texts() -> Vec<(String, String)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["", "docs"].into_iter().flat_map(|folder| {
        let entries = std::fs::read_dir(root.join(folder)).expect("a folder");
        entries
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|it| it == "md"))
    });
    let mut texts: Vec<_> =
        files.map(|path| (path.display().to_string(), std::fs::read_to_string(&path).expect("a text"))).collect();
    texts.sort();
    texts
}

/// A block of code in a text.
struct Block {
    place: String,
    language: String,
    code: String,
    /// Whether it is said after it that the tests do not run it.
    excused: bool,
}

fn blocks() -> Vec<Block> {
    let mut blocks = vec![];
    for (name, text) in texts() {
        let lines: Vec<&str> = text.lines().collect();
        let mut at = 0;
        while at < lines.len() {
            let Some(language) = lines[at].trim_start().strip_prefix("```") else {
                at += 1;
                continue;
            };
            let start = at + 1;
            let length = lines[start..].iter().position(|line| line.trim() == "```").expect("the block ends");
            at = start + length + 1;
            let excused =
                lines[at..].iter().find(|line| !line.is_empty()).is_some_and(|line| line.contains("*(Not run"));
            let code = lines[start..start + length].join("\n").replace("\\\n", "");
            blocks.push(Block { place: format!("{name}:{start}"), language: language.to_owned(), code, excused });
        }
    }
    blocks
}

/// What a shell makes of a line: words, with quoted parts as they are.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (vec![], String::new(), false);
    for letter in line.chars() {
        match letter {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.extend((!word.is_empty()).then(|| std::mem::take(&mut word))),
            letter => word.push(letter),
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

/// Sends what a line of curl sends, to where the gateway and the sandbox of a kit listen.
async fn curl(kit: &Kit, line: &str) -> reqwest::Response {
    let mut words = words(line).into_iter().skip(1);
    let (mut method, mut url, mut headers, mut body) = ("GET".to_owned(), String::new(), vec![], None);
    while let Some(word) = words.next() {
        let mut value = || words.next().expect("a value");
        match word.as_str() {
            "-i" => {}
            "-X" => method = value(),
            "-H" => headers.push(value()),
            "-d" => body = Some(value()),
            _ => url = word,
        }
    }
    if body.is_some() && method == "GET" {
        "POST".clone_into(&mut method);
    }
    let url = url.replace("127.0.0.1:4000", &kit.address.to_string());
    let url = url.replace("127.0.0.1:4010", &kit.sandbox.addr().to_string());
    let mut request = reqwest::Client::new().request(method.parse().expect("a method"), url);
    for header in headers {
        let (name, value) = header.split_once(": ").expect("a header").to_owned();
        request = request.header(name, value);
    }
    request.body(body.unwrap_or_default()).send().await.expect("an answer")
}

/// Runs a line with the program in the path, in a folder of its own.
fn shell(line: &str) -> std::process::Output {
    let folder = std::path::PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("readme-shell");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = std::path::Path::new(PROGRAM).parent().expect("a folder").to_path_buf();
    let others = std::env::var_os("PATH").unwrap_or_default();
    let path = std::env::join_paths(std::iter::once(path).chain(std::env::split_paths(&others))).expect("a path");
    let mut shell = std::process::Command::new("sh");
    shell.args(["-ec", line]).current_dir(folder).env("PATH", path).output().expect("a shell")
}

/// Commands that build or test the program: this test is one of theirs.
const OWN: [&str; 1] = ["cargo run\n"];

#[tokio::test]
async fn every_example_does_what_it_says_on_the_sandbox() {
    let mut run = std::collections::BTreeMap::<String, usize>::new();
    // What changes something has a world of its own, so that no example needs another.
    let kit = async || kit_with(Options::default(), limits()).await;
    let unchanged = kit().await;
    for Block { place, language, code, excused } in blocks() {
        match language.as_str() {
            "graphql" if code.starts_with("type ") => {
                async_graphql::parser::parse_schema(&code).unwrap_or_else(|error| panic!("{place}: {error}"));
            }
            "graphql" => {
                let own = if code.trim_start().starts_with("mutation") { Some(kit().await) } else { None };
                let answer = own.as_ref().unwrap_or(&unchanged).query(&code).await;
                assert_eq!(answer.get("errors"), None, "{place}: {answer}");
                let payload = answer["data"].as_object().and_then(|data| data.values().next()).expect("a field");
                assert!(!payload.is_null(), "{place}: {answer}");
                assert!(
                    payload.get("userErrors").is_none_or(|errors| errors == &serde_json::json!([])),
                    "{place}: {answer}"
                );
            }
            "json" => drop(serde_json::from_str::<Value>(&code).unwrap_or_else(|error| panic!("{place}: {error}"))),
            "sh" if excused || code.starts_with("cargo test") || OWN.contains(&&*format!("{code}\n")) => continue,
            "sh" => {
                for line in code.lines() {
                    if line.trim_start().starts_with("curl ") {
                        let own = if line.contains("-X PUT") { Some(kit().await) } else { None };
                        let response = curl(own.as_ref().unwrap_or(&unchanged), line.trim_start()).await;
                        let status = response.status();
                        let body = response.text().await.expect("a body");
                        assert!(status.is_success() && !body.contains("\"errors\""), "{place}: {status} {body}");
                    } else {
                        let output = shell(line);
                        let said = String::from_utf8_lossy(&output.stderr);
                        assert!(output.status.success(), "{place}: {line}\n{said}");
                    }
                }
            }
            "text" | "yaml" => continue,
            other => panic!("{place}: {other} is not known here"),
        }
        *run.entry(language).or_default() += 1;
    }
    // Examples that are no longer found would not be run.
    assert!(run["graphql"] >= 10 && run["sh"] >= 5 && run["json"] >= 3, "{run:?}");
}

/// What stands between backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

#[tokio::test]
async fn the_sandbox_takes_each_position_of_each_switch_and_has_no_other() {
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, limits()).await;
    let url = format!("http://{}/__quirks", kit.sandbox.addr());
    let http = reqwest::Client::new();
    let usual: Value = http.get(&url).send().await.expect("an answer").json().await.expect("JSON");
    let table = &README[README.find("| switch | positions").expect("the table")..];
    let mut known = std::collections::BTreeSet::new();
    for row in table.lines().skip(2).take_while(|row| row.trim_start().starts_with("| ")) {
        let cells: Vec<&str> = row.trim().trim_matches('|').split(" | ").collect();
        // Several switches of a row have their positions between semicolons; what else stands in quotes is no switch.
        let switches = quoted(cells[0]).into_iter().filter(|name| usual.get(*name).is_some());
        for (switch, positions) in switches.zip(cells[1].split(';')) {
            known.insert(switch.to_owned());
            for (place, position) in quoted(positions).into_iter().enumerate() {
                let written = match usual[switch] {
                    Value::Number(_) => position.parse::<u64>().map(Value::from).expect("a number"),
                    _ => Value::from(position),
                };
                if place == 0 {
                    assert_eq!(usual[switch], written, "the usual position of {switch}");
                }
                let body = serde_json::json!({ switch: written });
                let set = http.put(&url).json(&body).send().await.expect("an answer");
                assert!(set.status().is_success(), "{body}: {}", set.status());
                let now: Value = http.get(&url).send().await.expect("an answer").json().await.expect("JSON");
                assert_eq!(now[switch], written);
            }
        }
    }
    let all: std::collections::BTreeSet<String> = usual.as_object().expect("switches").keys().cloned().collect();
    assert_eq!(known, all);
}

#[tokio::test]
async fn the_sandbox_takes_each_fault_and_knows_each_token_that_it_names() {
    let kit = kit_with(Options { scale: SMALL, ..Options::default() }, limits()).await;
    let base = format!("http://{}", kit.sandbox.addr());
    let http = reqwest::Client::new();
    let section = &README[README.find("`PUT /__faults` makes").expect("the faults")..];
    let section = &section[..section.find("```").expect("an example")];
    let between = |from: &str, to: &str| {
        let start = section.find(from).unwrap_or_else(|| panic!("{from} in {section}"));
        quoted(&section[start..start + section[start..].find(to).expect("its end")])
    };
    for body in between("that is\n", "It prevents") {
        let fault = serde_json::json!([{ "body": body }]);
        let set = http.put(format!("{base}/__faults")).json(&fault).send().await.expect("an answer");
        assert!(set.status().is_success(), "{fault}");
    }
    for matcher in between("may match by", ", and have") {
        let value = match matcher {
            "nth" => serde_json::json!([1]),
            "probability" => serde_json::json!(0.5),
            "times" => serde_json::json!(1),
            _ => serde_json::json!("x"),
        };
        let fault = serde_json::json!([{ matcher: value }]);
        let set = http.put(format!("{base}/__faults")).json(&fault).send().await.expect("an answer");
        assert!(set.status().is_success(), "{fault}");
    }
    http.delete(format!("{base}/__faults")).send().await.expect("an answer");
    let section = &README[README.find("## The sandbox").expect("the sandbox")..];
    let tokens = quoted(section).into_iter().filter(|text| text.starts_with("idt:"));
    let mut count = 0;
    for token in tokens.chain(["usr:USR-1671-0642"]) {
        let users = http.get(format!("{base}/public/v1/accounts/users?limit=1")).bearer_auth(token);
        assert_eq!(users.send().await.expect("an answer").status(), 200, "{token}");
        count += 1;
    }
    assert_eq!(count, 4);
    for token in ["wavefront-administrator", "wavefront-reader"] {
        assert!(section.contains(token));
        let accounts = http.get(format!("{base}/api/v2/account?limit=1")).bearer_auth(token);
        assert_eq!(accounts.send().await.expect("an answer").status(), 200, "{token}");
    }
}
