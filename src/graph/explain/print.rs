//! An explanation for a terminal: a tree of the fields with the requests that they cause, and a waterfall of these.

use super::{Explanation, Request};
use std::fmt::Write;

/// How wide the waterfall is.
const BARS: usize = 40;
/// How much is shown of a filter: lists of a hundred ids tell nothing.
const MAX_RQL: usize = 100;

/// A response key with what is below it.
#[derive(Default)]
struct Branch {
    key: String,
    /// The numbers of the requests that are sent for it.
    requests: Vec<usize>,
    inner: Vec<Branch>,
}

/// Prints an explanation.
#[must_use]
pub fn print(explanation: &Explanation) -> String {
    let mut out = String::new();
    let Explanation { bounds, totals, document, requests, .. } = explanation;
    // Writing to a string cannot fail.
    if let Some(totals) = totals {
        let _ = writeln!(
            out,
            "{} in {}, {}, {} bytes, {:.1} ms",
            counted(totals.requests, "upstream request"),
            counted(totals.rounds, "round"),
            counted(totals.rows, "row"),
            totals.bytes,
            totals.ms
        );
    }
    let _ = writeln!(
        out,
        "bounds: {} to {} of {} requests, {} to {} of {} rows, {} at most",
        bounds.least_requests,
        bounds.requests,
        bounds.limit,
        bounds.least_rows,
        bounds.rows,
        bounds.row_limit,
        counted(bounds.rounds, "round")
    );
    let (cached, fields) = (if document.cached { "kept from before" } else { "prepared now" }, document.fields);
    let _ = writeln!(out, "document: {fields} fields, {} after merging, {cached}\n", document.merged_fields);
    let mut root = Branch::default();
    for (place, request) in requests.iter().enumerate() {
        for field in &request.fields {
            root.add(field, place + 1);
        }
    }
    branches(&mut out, &root.inner, "");
    if !requests.is_empty() {
        out.push('\n');
    }
    let end = requests.iter().filter_map(|request| request.outcome.as_ref()).map(|end| end.start_ms + end.ms);
    let end = end.fold(0.0, f64::max);
    for (place, request) in requests.iter().enumerate() {
        line(&mut out, place + 1, request, end);
    }
    out
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

impl Branch {
    fn add(&mut self, path: &[String], request: usize) {
        let Some((key, rest)) = path.split_first() else {
            self.requests.push(request);
            return;
        };
        let place = self.inner.iter().position(|inner| inner.key == *key).unwrap_or_else(|| {
            self.inner.push(Branch { key: key.clone(), ..Branch::default() });
            self.inner.len() - 1
        });
        self.inner[place].add(rest, request);
    }
}

fn branches(out: &mut String, branches: &[Branch], indent: &str) {
    for (place, branch) in branches.iter().enumerate() {
        let last = place + 1 == branches.len();
        let _ = write!(out, "{indent}{} {}", if last { "└─" } else { "├─" }, branch.key);
        let numbers: Vec<String> = branch.requests.iter().map(|number| format!("#{number}")).collect();
        let _ = writeln!(out, "{}{}", if numbers.is_empty() { "" } else { "  " }, numbers.join(" "));
        self::branches(out, &branch.inner, &format!("{indent}{}", if last { "   " } else { "│  " }));
    }
}

fn line(out: &mut String, number: usize, request: &Request, end: f64) {
    let Request { round, method, path, rql, select, keys, at_most, reason, nested, outcome, .. } = request;
    let mut told = match outcome {
        Some(outcome) => {
            let status = outcome.status.map_or("no answer".to_owned(), |status| status.to_string());
            let code = outcome.code.map(|code| format!(" {code}")).unwrap_or_default();
            let rows = counted(outcome.rows, "row");
            let bar = bar(outcome.start_ms, outcome.ms, end);
            format!("{bar} {:>8.1} ms  {status}{code}, {rows}, {} bytes", outcome.ms, outcome.bytes)
        }
        None => format!("at most {}", counted(*at_most, "request")),
    };
    if let Some(keys) = keys {
        let _ = write!(told, ", {}", counted(*keys, "key"));
    }
    if let Some(outcome) = outcome.as_ref().filter(|outcome| outcome.retries > 0) {
        let _ = write!(told, ", sent again {}", counted(outcome.retries as usize, "time"));
    }
    if outcome.as_ref().is_some_and(|outcome| outcome.shared) {
        told.push_str(", shared");
    }
    let _ = writeln!(out, "#{number} round {round}  {told}");
    let _ = writeln!(out, "   {method} {path}");
    if !rql.is_empty() {
        let _ = writeln!(out, "   {}", shortened(rql));
    }
    if !select.is_empty() {
        let _ = writeln!(out, "   select {}", select.join(","));
    }
    if let Some(reason) = reason {
        let _ = writeln!(out, "   {reason}");
    }
    for nested in nested {
        let _ = writeln!(out, "   {}: {}", nested.field, nested.why);
    }
}

/// Where a request lies in the time of the operation.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a few columns of a terminal"
)]
fn bar(start: f64, took: f64, end: f64) -> String {
    let column = |at: f64| if end > 0.0 { (at / end * BARS as f64).round() as usize } else { 0 };
    let from = column(start).min(BARS - 1);
    let to = column(start + took).clamp(from + 1, BARS);
    format!("{}{}{}", " ".repeat(from), "█".repeat(to - from), " ".repeat(BARS - to))
}

fn shortened(rql: &str) -> String {
    if rql.chars().count() <= MAX_RQL {
        return rql.to_owned();
    }
    let letters: Vec<char> = rql.chars().collect();
    let (head, tail) = (&letters[..MAX_RQL / 2], &letters[letters.len() - MAX_RQL / 2..]);
    format!("{} … {}", head.iter().collect::<String>(), tail.iter().collect::<String>())
}
