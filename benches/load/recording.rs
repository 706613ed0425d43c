//! What the upstream answered to the workloads, kept in `benches/recorded`.
//!
//! Counts and times of two versions of the gateway can be compared only if both read the same bodies. So the bodies do
//! not come from the sandbox, whose data and shapes change, but from files. Each workload has a file with three lines
//! for each request of the gateway, in order of target:
//!
//! ```text
//! GET /public/v1/accounts/users/USR-1671-0642?select=…
//! 200 application/json; charset=utf-8
//! {"id":"USR-1671-0642",…}
//! ```
//!
//! One command writes the files. What is measured afterwards cannot be compared with what was measured before, unless
//! the bodies stay the same:
//!
//! ```text
//! cargo bench --bench load -- --record [--upstream URL]
//! ```
//!
//! Where the gateway asks in another way for the same data, `--upstream` names the sandbox of the commit that the files
//! come from (`accounts-graph sandbox`, at `/public`), so that the data stays as it is.

use super::workload::WORKLOADS;
use std::{collections::BTreeMap, fmt::Write, fs, path::PathBuf};

/// One request and its answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exchange {
    /// Path and query as sent; the method is GET.
    pub(crate) target: String,
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

/// The file of a workload.
fn file(workload: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "benches", "recorded", &format!("{workload}.txt")].iter().collect()
}

/// What the gateway asked for a workload.
pub(crate) fn read(workload: &str) -> Vec<Exchange> {
    let file = file(workload);
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    parse(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What the gateway asked for all workloads.
pub(crate) fn read_all() -> Vec<Exchange> {
    WORKLOADS.iter().flat_map(|workload| read(workload.name)).collect()
}

/// Writes down what the gateway asked for a workload.
pub(crate) fn write(workload: &str, exchanges: &[Exchange]) {
    let file = file(workload);
    fs::write(&file, print(exchanges)).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
}

/// Each target once, in order.
fn print(exchanges: &[Exchange]) -> String {
    let mut text = String::new();
    for (target, exchange) in by_target(exchanges.iter().cloned()) {
        let Exchange { status, content_type, body, .. } = exchange;
        assert!(!body.contains('\n'), "the body of {target} has several lines");
        let _ = writeln!(text, "GET {target}\n{status} {content_type}\n{body}");
    }
    text
}

fn parse(text: &str) -> Result<Vec<Exchange>, String> {
    let lines: Vec<&str> = text.lines().collect();
    let (exchanges, rest) = lines.as_chunks::<3>();
    if exchanges.is_empty() || !rest.is_empty() {
        return Err(format!("{} lines are not three for each request", lines.len()));
    }
    exchanges.iter().map(exchange).collect()
}

fn exchange([request, head, body]: &[&str; 3]) -> Result<Exchange, String> {
    let target = request.strip_prefix("GET ").ok_or_else(|| format!("this is not a request: {request}"))?;
    let (status, content_type) = head.split_once(' ').ok_or_else(|| format!("{target} has no content type"))?;
    let status = status.parse().map_err(|_| format!("{target} has no status"))?;
    Ok(Exchange { target: target.into(), status, content_type: content_type.into(), body: (*body).into() })
}

/// The exchanges by target. The same target is never answered in two ways.
pub(crate) fn by_target(exchanges: impl IntoIterator<Item = Exchange>) -> BTreeMap<String, Exchange> {
    let mut all = BTreeMap::new();
    for exchange in exchanges {
        if let Some(before) = all.insert(exchange.target.clone(), exchange) {
            let now = &all[&before.target];
            assert_eq!(now, &before, "{} is answered in two ways", before.target);
        }
    }
    all
}
