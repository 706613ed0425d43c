//! The same queries while some of the upstream's requests fail. What an answer then has to be follows from its errors:
//! at each path the field is null, or the nearest thing around it that may be null, and all the rest is as the rows say,
//! letter by letter. An error may stand only where a request that failed would have told what is missing, once, and with
//! that failure's code.

use super::{
    Check, Trial,
    data::{Data, KINDS, member_of, text},
    document::{Document, Selection},
    evaluate::{Evaluation, below},
    everywhere,
    follow::Cursors,
    generate::generate,
    luck::Luck,
    mode::Mode,
    same,
    schema::{Schema, named},
    shrunk,
    typed::{ID, TYPE, typed},
};
use crate::support::Kit;
use accounts_graph_sandbox::{BodyFault, Fault};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Instant,
};

/// One in so many answers has errors at least, or the failures miss what is asked for.
const RARELY: usize = 4;

/// The lists of memberships below accounts.
const MEMBERS: &str = "members of accounts";
/// The lists of accounts below users.
const ACCESSES: &str = "accounts of users";

/// Requests that fail alike.
#[derive(Debug, Clone)]
struct Failure {
    faults: Vec<Fault>,
    code: &'static str,
}

/// A request that failed.
struct Failed {
    collection: &'static str,
    code: &'static str,
    /// What was asked for.
    line: String,
}

impl Failure {
    /// The requests that met it.
    fn of<'a>(&'a self, requests: &'a [String]) -> impl Iterator<Item = Failed> + 'a {
        let meets = |line: &&String| {
            let (path, query) = line.split_once('?').unwrap_or((line, ""));
            let part = |part: &Option<String>, text: &str| part.as_ref().is_none_or(|part| text.contains(part));
            self.faults.iter().any(|fault| part(&fault.path, path) && part(&fault.query, query))
        };
        let failed = |line: &String| Failed { collection: collection_of(line), code: self.code, line: line.clone() };
        requests.iter().filter(meets).map(failed)
    }
}

impl Failed {
    /// Whether a member of the entities was asked for.
    fn selects(&self, member: &str) -> bool {
        let select = self.line.split("select=").nth(1).and_then(|rest| rest.split('&').next()).unwrap_or_default();
        let below = format!("{member}.");
        select.split(',').any(|it| it == member || it.starts_with(&below))
    }
}

/// What a request is of.
fn collection_of(line: &str) -> &'static str {
    let path = line.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches("/accounts/").split('/').collect();
    match parts[..] {
        ["accounts", _, "users"] => MEMBERS,
        [account, "users"] if account.starts_with("ACC-") => MEMBERS,
        ["users", _, "accounts"] => ACCESSES,
        [first, ..] => KINDS.into_iter().map(|(.., it)| it).find(|it| *it == first).unwrap_or("none"),
        [] => "none",
    }
}

async fn damaged(mode: Mode, queries: u64) {
    let (started, damaged) = (Instant::now(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&damaged);
    let trial = everywhere(mode, queries, None, move |trial, kit| run(trial, kit, Arc::clone(&count))).await;
    let (damaged, queries) = (damaged.load(Ordering::Relaxed), trial.queries);
    let took = started.elapsed().as_secs_f64();
    println!("{}: {queries} random queries, {damaged} of them damaged, in {took:.1} s", mode.name());
    assert!(damaged * RARELY > queries, "only {damaged} answers of {queries} had errors");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_lose_what_depends_on_a_failed_request_and_nothing_else() {
    damaged(Mode::V5, 3_000).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn random_queries_lose_no_more_on_older_hosts() {
    for mode in [Mode::SEPTEMBER_2025, Mode::FEBRUARY_2025, Mode::ALL] {
        damaged(mode, 450).await;
    }
}

async fn run(trial: Arc<Trial>, kit: Kit, damaged: Arc<AtomicUsize>) {
    while trial.goes_on() {
        kit.keep_learned(Vec::new).await;
        let number = trial.next.fetch_add(1, Ordering::Relaxed);
        let seed = trial.seed_of(number);
        let document = generate(&trial.schema, &trial.data, seed);
        let mut luck = Luck::new(seed ^ 0x5EED);
        let failures: Vec<_> =
            (0..=luck.below(2)).map(|_| failure(&trial.schema, &trial.data, &document, &mut luck)).collect();
        kit.faults(failures.iter().flat_map(|failure| failure.faults.clone()).collect());
        match compare(&trial, &kit, &document, &failures).await {
            Ok(errors) => damaged.fetch_add(usize::from(errors > 0), Ordering::Relaxed),
            Err(why) => report(&trial, &kit, number, &document, &failures, why).await,
        };
        trial.answered.fetch_add(1, Ordering::Relaxed);
    }
}

async fn report(
    trial: &Trial,
    kit: &Kit,
    number: usize,
    document: &Document,
    failures: &[Failure],
    why: String,
) -> usize {
    let check = |candidate: Document| -> BoxFuture<'_, Result<(), String>> {
        Box::pin(async move { compare(trial, kit, &candidate, failures).await.map(drop) })
    };
    let check: &Check<'_> = &check;
    let (small, smaller) = shrunk(document, why.clone(), check).await;
    kit.requests();
    let answer = kit.text(&super::body(&small), None).await;
    let mut report = format!("query {number} of seed {} under {failures:#?}: {why}\n\n{document}\n", trial.seed);
    let _ = writeln!(report, "\nmade smaller: {smaller}\n\n{small}\nvariables {}", small.given());
    let _ = writeln!(report, "\nanswered {answer}\n\nrequests {:#?}", kit.requests());
    trial.reports().push(report);
    0
}

/// A failure of something that the query may need.
fn failure(schema: &Schema, data: &Data, document: &Document, luck: &mut Luck) -> Failure {
    let mut near = vec![];
    collections((schema, data.mode), "Query", document, &document.set, &mut near);
    let any = KINDS.map(|(.., collection)| collection);
    let choices = if luck.chance(90) && !near.is_empty() { &near[..] } else { &any };
    let collection = *luck.pick(choices).expect("a collection");
    if [MEMBERS, ACCESSES].contains(&collection) {
        return below_parents(data, collection, luck);
    }
    let path = Some(format!("/accounts/{collection}"));
    let matching = |path: &Option<String>, query: &str| Fault {
        path: path.clone(),
        query: Some(query.to_owned()).filter(|query| !query.is_empty()),
        ..Fault::default()
    };
    let one = Some(format!("/accounts/{collection}/"));
    let (kind, ..) = KINDS.into_iter().find(|(.., found)| *found == collection).expect("a kind");
    let id = text(luck.pick(data.all(kind)).expect("a row"), "id");
    let (what, whole) = match luck.below(10) {
        0..4 => (vec![matching(&path, "")], true),
        4 | 5 => (vec![matching(&one, ""), matching(&path, "in(id,(")], false),
        6 => (vec![matching(&path, "order=")], false),
        7 => (vec![matching(&path, "limit=100")], false),
        8 => (vec![matching(&Some(format!("/accounts/{collection}/{id}")), ""), matching(&path, id)], false),
        _ => (vec![matching(&path, "(")], false),
    };
    let (how, code) = way(luck, whole);
    let faults = what.into_iter().map(|Fault { path, query, .. }| Fault { path, query, ..how.clone() }).collect();
    Failure { faults, code }
}

/// A failure of lists below all accounts or users, or below one.
fn below_parents(data: &Data, collection: &str, luck: &mut Luck) -> Failure {
    let (kind, list) = if collection == MEMBERS { ("Account", "users") } else { ("User", "accounts") };
    let ids: Vec<&str> = data.all(kind).iter().map(|row| text(row, "id")).collect();
    let ids = if luck.chance(40) { vec![*luck.pick(&ids).expect("a row")] } else { ids };
    let (how, code) = way(luck, false);
    let fault = |id: &str| Fault { path: Some(format!("{id}/{list}")), ..how.clone() };
    Failure { faults: ids.into_iter().map(fault).collect(), code }
}

/// A way to fail, with its code. A refusal in part would teach the gateway another spelling.
fn way(luck: &mut Luck, whole: bool) -> (Fault, &'static str) {
    let status = |status, code| (Fault { status: Some(status), ..Fault::default() }, code);
    let body = |body, code| (Fault { body: Some(body), ..Fault::default() }, code);
    let raw = |raw: &str| (Fault { raw: Some(raw.to_owned()), ..Fault::default() }, "UPSTREAM_INVALID");
    let mut ways = vec![
        status(401, "UNAUTHENTICATED"),
        status(403, "FORBIDDEN"),
        status(409, "CONFLICT"),
        status(418, "UPSTREAM_ERROR"),
        status(500, "UPSTREAM_ERROR"),
        status(503, "UPSTREAM_UNAVAILABLE"),
        // With a time to wait, all other requests of the caller would fail as well.
        status(429, "RATE_LIMITED"),
        body(BodyFault::Cut, "UPSTREAM_UNAVAILABLE"),
        body(BodyFault::Close, "UPSTREAM_UNAVAILABLE"),
        body(BodyFault::WrongJson, "UPSTREAM_INVALID"),
        body(BodyFault::InvalidJson, "UPSTREAM_INVALID"),
        body(BodyFault::Html, "UPSTREAM_INVALID"),
        body(BodyFault::Empty, "UPSTREAM_INVALID"),
        raw("[]"),
        raw("{\"data\":[7]}"),
        raw("\"[Circular Reference]\""),
    ];
    if whole {
        ways.push(status(400, "UPSTREAM_REJECTED"));
    }
    ways.swap_remove(luck.below(ways.len()))
}

/// The collections that a selection may need, each as often as it is met.
fn collections(
    (schema, mode): (&Schema, Mode),
    ty: &str,
    document: &Document,
    set: &[Selection],
    found: &mut Vec<&'static str>,
) {
    for selection in set {
        match selection {
            Selection::Field(field) if field.name != "__typename" => {
                let output = &schema.output(ty, &field.name).ty;
                found.extend(sources(mode, ty, &field.name, output));
                found.extend(own(mode, ty));
                collections((schema, mode), named(output), document, &field.set, found);
            }
            Selection::Field(_) => {}
            Selection::Inline { on, set, .. } => {
                collections((schema, mode), on.as_deref().unwrap_or(ty), document, set, found);
            }
            Selection::Spread { name, .. } => {
                let fragment = document.fragments.iter().find(|it| it.name == *name).expect("a fragment");
                collections((schema, mode), &fragment.on, document, &fragment.set, found);
            }
        }
    }
}

/// The collection of a type.
fn collection(ty: &str) -> Option<&'static str> {
    KINDS.into_iter().find(|(kind, ..)| *kind == ty).map(|(.., collection)| collection)
}

/// The collections that tell the fields of a type.
fn own(mode: Mode, ty: &str) -> Vec<&'static str> {
    match ty {
        "AccountUser" if !mode.lists_all() => vec![MEMBERS, ACCESSES],
        // Whether an account is a favorite is told below users everywhere.
        "AccountUser" => vec!["account-users", ACCESSES],
        ty => collection(ty).into_iter().collect(),
    }
}

/// The collections that a field of an object may be asked of, apart from the object's own.
fn sources(mode: Mode, ty: &str, field: &str, output: &str) -> Vec<&'static str> {
    let mut found = sources_of_rows(ty, field, output);
    if !mode.lists_all() && found.contains(&"account-users") {
        found.retain(|collection| *collection != "account-users");
        // Which of these tells who is where depends on what else is wanted; whether account and user are there is asked of
        // their collections.
        found.extend([MEMBERS, ACCESSES, "user-groups", "accounts", "users"]);
    }
    found
}

fn sources_of_rows(ty: &str, field: &str, output: &str) -> Vec<&'static str> {
    if ty == "Query" && ["node", "nodes"].contains(&field) {
        return KINDS.map(|(.., collection)| collection).to_vec();
    }
    let mut found = vec![];
    let many = named(output).strip_suffix("Connection").or_else(|| output.starts_with('[').then(|| named(output)));
    // With conditions or an order those of a membership are asked for as well.
    found.extend(many.filter(|kind| ty != "AccountUser" || *kind != "Module").and_then(collection));
    match (ty, field) {
        ("Query", _) => found.extend(collection(named(output))),
        // Memberships say who is where.
        ("User", "accounts" | "groups") | ("Account" | "Group", "users") => found.push("account-users"),
        ("Module", "users") => found.extend(["user-groups", "account-users"]),
        // Modules are told by what holds them.
        ("Module", _) => found.extend(["user-groups", "account-users", "api-tokens"]),
        _ => {}
    }
    found
}

/// Asks a query and holds the answer against what its errors make of the expected one; the number of errors.
async fn compare(trial: &Trial, kit: &Kit, document: &Document, failures: &[Failure]) -> Result<usize, String> {
    kit.requests();
    let text = kit.text(&super::body(document), None).await;
    let requests = kit.requests();
    let mut answer: Value = serde_json::from_str(&text).map_err(|error| format!("{error}: {text}"))?;
    if !answer["data"].is_object() {
        return Err(format!("{}: {text}", super::INVALID));
    }
    let errors = answer.get_mut("errors").map(Value::take).unwrap_or(json!([]));
    let errors = errors.as_array().ok_or("errors are a list")?;
    if errors.is_empty() && answer.get("errors").is_some() {
        return Err("a list of no errors".to_owned());
    }
    let document = typed(&trial.schema, document);
    let evaluation = Evaluation::new(&trial.schema, &trial.data, &document);
    let failed = failures.iter().flat_map(|failure| failure.of(&requests)).collect();
    let mut damage = Damage { evaluation, failed, errors: BTreeMap::new(), path: vec![], wrong: None };
    for error in errors {
        if damage.errors.insert(error["path"].to_string(), error).is_some() {
            return Err(format!("two errors at {}", error["path"]));
        }
    }
    let whole = damage.evaluation.data();
    let expected = damage.object(&whole, &[&document.set]).unwrap_or(Value::Null);
    if let Some(wrong) = damage.wrong {
        return Err(wrong);
    }
    if let Some(path) = damage.errors.keys().next() {
        return Err(format!("an error at {path}, where nothing is"));
    }
    same(&expected, &answer["data"], "data", &mut Cursors::new())?;
    Ok(errors.len())
}

/// Something that must not be null is: the nearest thing around it that may be null is null instead.
struct Nulled;

/// The expected answer, less what the errors say is not there.
struct Damage<'a> {
    evaluation: Evaluation<'a>,
    failed: Vec<Failed>,
    /// Errors by their paths, as far as they were not met.
    errors: BTreeMap<String, &'a Value>,
    path: Vec<Value>,
    /// What is wrong with an error.
    wrong: Option<String>,
}

/// A selected field.
#[derive(Clone, Copy)]
struct Selected<'a> {
    parent: &'a str,
    name: &'a str,
    /// Its type as it is printed.
    output: &'a str,
}

impl<'a> Damage<'a> {
    fn object(&mut self, whole: &Value, sets: &[&'a [Selection]]) -> Result<Value, Nulled> {
        let ty = whole[TYPE].as_str().expect("a type");
        let schema = self.evaluation.schema;
        let (mut members, mut lost) = (Map::new(), false);
        for (key, fields) in self.evaluation.collect(ty, sets) {
            if [TYPE, ID].contains(&key) {
                continue;
            }
            let name = fields[0].name.as_str();
            let output = if name == "__typename" { "String!" } else { &schema.output(ty, name).ty };
            let selected = Selected { parent: ty, name, output };
            self.path.push(json!(key));
            let value = self.value(selected, output, &whole[key], &below(&fields));
            self.path.pop();
            // Siblings are looked at all the same: their errors stand.
            lost |= value.is_err() && output.ends_with('!');
            members.insert(key.to_owned(), value.unwrap_or_default());
        }
        if lost { Err(Nulled) } else { Ok(Value::Object(members)) }
    }

    /// The value at the current path, of this type.
    fn value(
        &mut self,
        selected: Selected<'_>,
        ty: &str,
        whole: &Value,
        sets: &[&'a [Selection]],
    ) -> Result<Value, Nulled> {
        if let Some(error) = self.errors.remove(&Value::from(self.path.clone()).to_string()) {
            self.judge(selected, error);
            return Err(Nulled);
        }
        match whole {
            Value::Array(items) => {
                let item_type = inner(ty);
                let (mut list, mut lost) = (vec![], false);
                for (place, item) in items.iter().enumerate() {
                    self.path.push(json!(place));
                    let item = self.value(selected, item_type, item, sets);
                    self.path.pop();
                    lost |= item.is_err() && item_type.ends_with('!');
                    list.push(item.unwrap_or_default());
                }
                if lost { Err(Nulled) } else { Ok(list.into()) }
            }
            Value::Object(members) if members.contains_key(TYPE) => self.object(whole, sets),
            leaf => Ok(leaf.clone()),
        }
    }

    /// Whether an error is about something that failed, and says so as it should.
    fn judge(&mut self, Selected { parent, name, output }: Selected<'_>, error: &Value) {
        let mode = self.evaluation.data.mode;
        let (own, sources) = (own(mode, parent), sources(mode, parent, name, output));
        let code = &error["extensions"]["code"];
        // Of the entity itself the very field was asked for, or it would not be missing.
        let asked = |failed: &Failed| {
            let below = [MEMBERS, ACCESSES].contains(&failed.collection);
            sources.contains(&failed.collection)
                || own.contains(&failed.collection) && (below || failed.selects(member_of(parent, name)))
        };
        let blamed = self.failed.iter().find(|failed| failed.code == code && asked(failed));
        let message = error["message"].as_str().is_some_and(|message| !message.is_empty());
        let place = error["locations"][0]["line"].is_u64() && error["locations"][0]["column"].is_u64();
        // No failure comes with a time to wait.
        if blamed.is_none() || !message || !place || !error["extensions"]["retryAfter"].is_null() {
            self.wrong = Some(format!("{parent}.{name} has no reason for {error}"));
        }
    }
}

/// The type of the elements of a list.
fn inner(list: &str) -> &str {
    let list = list.strip_suffix('!').unwrap_or(list);
    list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).unwrap_or(list)
}
