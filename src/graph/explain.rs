//! What an operation cost and why, as `extensions.explain` tells it.

mod paths;
mod planned;
mod print;

use super::{
    cost::{CostBounds, CostInput},
    error::GraphError,
    prepared::PreparedDocument,
};
use crate::{
    entity::kind::Upstream,
    error::ErrorCode,
    loader::{
        nest::{NestingDecision, NestingRecord},
        rest::ServerQuirks,
        trace::{Body, Call, Sent, Trace},
    },
    upstream::client::write::Method,
};
pub use paths::Paths;
use percent_encoding::percent_decode_str;
pub use print::print;
use serde::Serialize;
use std::time::{Duration, Instant};

/// Whether a request wants its explanation. What asks for less is the smaller.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// It does not.
    #[default]
    Off,
    /// Beside the answer.
    Run,
    /// Instead of the answer: nothing is asked.
    Plan,
}

/// Why there is no plan where nothing is explained. The operation is not run in its place: a dry run must not write.
#[must_use]
pub fn disabled() -> GraphError {
    let message = "This server does not explain operations, so it plans none, and nothing was run.";
    GraphError::request(ErrorCode::ExplainDisabled, message, None)
}

/// An explanation. All durations are milliseconds, all sizes bytes.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Explanation {
    /// `run`, or `plan` when nothing was asked.
    pub mode: &'static str,
    /// What was computed before anything was asked.
    pub bounds: Limited,
    /// What it came to; none in a plan.
    pub totals: Option<Totals>,
    /// The prepared document.
    pub document: Document,
    /// In the order in which they were sent.
    pub requests: Vec<Request>,
}

/// The most and the least that the operation can come to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Limited {
    /// Upstream requests at most.
    pub requests: usize,
    /// Rounds at most.
    pub rounds: usize,
    /// Entities at most.
    pub rows: usize,
    /// Upstream requests at least.
    pub least_requests: usize,
    /// Entities at least.
    pub least_rows: usize,
    /// The upstream requests that the server allows.
    pub limit: usize,
    /// The entities that the server allows.
    pub row_limit: usize,
}

/// What an operation came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Totals {
    /// Upstream requests.
    pub requests: usize,
    /// Rounds.
    pub rounds: usize,
    /// Entities.
    pub rows: usize,
    /// Of the upstream's bodies, decompressed.
    pub bytes: usize,
    /// From the reading of the request to the end of the answer.
    pub ms: f64,
    /// How often requests were sent again.
    pub retries: u32,
}

/// A prepared document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Whether an earlier request prepared it.
    pub cached: bool,
    /// Fields as they are written, fragments counted where they are spread.
    pub fields: usize,
    /// Fields that are answered, after those with the same response key were merged.
    pub merged_fields: usize,
}

/// A request that was sent, or may be sent.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Request {
    /// Counted from 1.
    pub round: usize,
    /// The HTTP method.
    pub method: String,
    /// Of the URL, without the query.
    pub path: String,
    /// The query without `select`, decoded.
    pub rql: String,
    /// The entries of `select`.
    pub select: Vec<String>,
    /// How many ids or parents it is for.
    pub keys: Option<usize>,
    /// The fields that it is for, as paths of response keys.
    pub fields: Vec<Vec<String>>,
    /// Why it is asked in this way.
    pub reason: Option<&'static str>,
    /// The embedded entities of which more is wanted than every body tells.
    pub nested: Vec<Nested>,
    /// In a plan, how many such requests may be sent; 1 in a run.
    pub at_most: usize,
    /// How it ended; none in a plan, and when the operation ended before it.
    pub outcome: Option<Outcome>,
    /// The same as a line for a shell, without the credential.
    pub curl: String,
}

/// Embedded entities of which more is wanted than every body tells.
#[derive(Debug, Serialize)]
pub struct Nested {
    /// The field that embeds them, as the upstream spells it.
    pub field: Box<str>,
    /// Whether they are asked together with what embeds them.
    pub asked: bool,
    /// Why.
    pub why: &'static str,
}

impl From<&NestingRecord> for Nested {
    fn from(nest: &NestingRecord) -> Self {
        Nested { field: nest.field.clone(), asked: nest.verdict == NestingDecision::Nested, why: nest.verdict.why() }
    }
}

/// How a request ended.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The code of the failure.
    pub code: Option<ErrorCode>,
    /// Entities that came.
    pub rows: usize,
    /// Of the body, decompressed.
    pub bytes: usize,
    /// When it was sent, counted from the start of the operation.
    pub start_ms: f64,
    /// How long it took.
    pub ms: f64,
    /// How often it was sent again.
    pub retries: u32,
    /// Whether it joined a request of another operation.
    pub shared: bool,
}

/// Where requests go, and whether with a credential.
#[derive(Clone, Copy)]
pub struct Reached<'a> {
    /// What all paths are appended to.
    pub base: &'a str,
    /// Whether a credential goes with them.
    pub authorized: bool,
}

/// The upstreams as an operation reaches them.
#[derive(Clone, Copy)]
pub struct Upstreams<'a> {
    /// The accounts API.
    pub accounts: Reached<'a>,
    /// Wavefront, if there is one.
    pub wavefront: Option<Reached<'a>>,
}

/// What is told of the document and its bounds.
pub struct ExplainInput<'a> {
    /// What the bounds were computed from.
    pub basis: CostInput<'a>,
    /// The bounds.
    pub bounds: &'a CostBounds,
    /// The upstream requests and the entities that the server allows.
    pub limits: (usize, usize),
    /// The document.
    pub prepared: &'a PreparedDocument,
    /// Whether an earlier request prepared it.
    pub cached: bool,
    /// Where requests go.
    pub upstreams: Upstreams<'a>,
    /// What the upstream has refused; none where nothing is nested anyway.
    pub nesting: Option<&'a ServerQuirks>,
}

/// Explains an operation that was run.
#[must_use]
pub fn run(facts: &ExplainInput<'_>, trace: &Trace) -> Explanation {
    let paths = Paths::of(facts.basis.plan);
    let sent = trace.take();
    let mut totals =
        Totals { requests: sent.len(), rounds: 0, rows: 0, bytes: 0, ms: since(trace.begun()), retries: 0 };
    for sent in &sent {
        totals.rounds = totals.rounds.max(sent.round);
        if let Some(outcome) = &sent.outcome {
            totals.rows += outcome.rows;
            totals.bytes += outcome.seen.bytes;
            totals.retries += outcome.seen.retries;
        }
    }
    let requests = sent.iter().map(|sent| request_sent(facts, &paths, sent)).collect();
    explanation("run", facts, Some(totals), requests)
}

/// Explains what an operation would ask.
#[must_use]
pub fn plan(facts: &ExplainInput<'_>) -> Explanation {
    let paths = Paths::of(facts.basis.plan);
    let requests = facts.bounds.asks.iter().filter_map(|ask| planned::request_planned(facts, &paths, ask)).collect();
    explanation("plan", facts, None, requests)
}

fn explanation(
    mode: &'static str,
    facts: &ExplainInput<'_>,
    totals: Option<Totals>,
    requests: Vec<Request>,
) -> Explanation {
    let CostBounds { least, most, rounds, .. } = facts.bounds;
    Explanation {
        mode,
        bounds: Limited {
            requests: most.requests,
            rounds: *rounds,
            rows: most.entities,
            least_requests: least.requests,
            least_rows: least.entities,
            limit: facts.limits.0,
            row_limit: facts.limits.1,
        },
        totals,
        document: Document {
            cached: facts.cached,
            fields: facts.prepared.written_fields(),
            merged_fields: paths::merged_fields(facts.basis.plan),
        },
        requests,
    }
}

fn since(begun: Instant) -> f64 {
    ms(begun.elapsed())
}

/// Milliseconds, to the microsecond.
fn ms(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1e6).round() / 1e3
}

fn request_sent(facts: &ExplainInput<'_>, paths: &Paths, sent: &Sent) -> Request {
    let outcome = sent.outcome.map(|outcome| Outcome {
        status: outcome.seen.status,
        code: outcome.code,
        rows: outcome.rows,
        bytes: outcome.seen.bytes,
        start_ms: ms(sent.start),
        ms: ms(outcome.took),
        retries: outcome.seen.retries,
        shared: outcome.seen.shared,
    });
    let fields = paths.fields(facts.basis.plan, &sent.origins);
    Request {
        keys: sent.keys,
        reason: sent.reason,
        nested: sent.nested.iter().map(Nested::from).collect(),
        outcome,
        ..request(facts.upstreams, sent.round, fields, &sent.call)
    }
}

/// A request by its path and query.
fn request(upstreams: Upstreams<'_>, round: usize, fields: Vec<Vec<String>>, call: &Call) -> Request {
    let target = call.target.as_str();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let (reached, token) = match (call.upstream, upstreams.wavefront) {
        (Upstream::Wavefront, Some(wavefront)) => (wavefront, "WAVEFRONT_TOKEN"),
        _ => (upstreams.accounts, "TOKEN"),
    };
    let base = reached.base;
    let root = base.find("://").map_or(base, |at| &base[at + 3..]);
    let prefix = root.find('/').map_or("", |at| &root[at..]);
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let parts = || query.split('&').filter(|part| !part.is_empty());
    let select = parts().find_map(|part| part.strip_prefix("select="));
    let rql: Vec<String> = parts().filter(|part| !part.starts_with("select=")).map(decoded).collect();
    let method = if call.method == Method::GET { String::new() } else { format!("-X {} ", call.method) };
    let json = |body: &str| format!(" -H 'content-type: application/json' -d {body}");
    let body = match &call.body {
        Body::None => String::new(),
        Body::Search(asked) => json(&format!("'{}'", String::from_utf8_lossy(asked).replace('\'', "'\\''"))),
        Body::Hidden => json("\"$BODY\""),
    };
    let token = if reached.authorized { format!(" -H \"authorization: Bearer ${token}\"") } else { String::new() };
    Request {
        round,
        method: call.method.to_string(),
        path: format!("{prefix}{path}"),
        rql: rql.join("&"),
        select: select.map_or(vec![], |select| decoded(select).split(',').map(str::to_owned).collect()),
        keys: None,
        fields,
        reason: None,
        nested: vec![],
        at_most: 1,
        outcome: None,
        curl: format!("curl {method}'{base}{}'{token}{body}", target.replace('\'', "%27")),
    }
}
