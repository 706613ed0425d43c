//! Every mutation against every kind of host: done, refused, and about something that is not there. What a host answers to
//! a write is the payload: nothing is read for it, as long as nothing more is selected than the answer tells.

mod accounts;
mod answer;
mod host;
mod members;
mod trade;

use crate::support::MODES;
use accounts_graph::{
    entity::kind::Kind,
    graph::schema::mutation::{self, declared::ResultKind},
};
use accounts_graph_sandbox::{CLIENT_TOKEN, Fault, Generation};
use futures::FutureExt;
use host::Host;
use serde_json::{Value, json};
use std::{collections::BTreeSet, panic::AssertUnwindSafe};

/// One mutation on one host.
struct Case {
    name: &'static str,
    /// The input of one that is done, and what of its entity is so afterwards.
    done: Value,
    shows: Value,
    /// Who does it; Operations unless somebody else has to.
    by: Option<String>,
    /// How many requests are sent before the write, to find out what it needs.
    before: usize,
    refused: Refused,
    missing: Option<Missing>,
}

/// An input that is refused.
struct Refused {
    input: Value,
    by: Option<String>,
    how: Refusal,
}

#[derive(Clone)]
enum Refusal {
    /// By a rule: code and path of the user error.
    Rule(&'static str, &'static [&'static str]),
    /// By the caller's role.
    Role,
}

/// An input about something that is not there, and the user error's code and path.
struct Missing {
    input: Value,
    code: &'static str,
    path: &'static [&'static str],
    /// Whether it turns out before anything is written.
    before: bool,
}

const INPUT: &[&str] = &["input"];
/// A reference to something that is not there.
const UNKNOWN: &str = "MPTACC00-0001";
/// A change that the present state does not allow.
const STATE: &str = "MPTACC00-0002";

/// A mutation of what a member `id` names.
fn case(name: &'static str, done: Value, shows: Value) -> Case {
    let id = done["id"].as_str().and_then(|id| id.split('-').next()).unwrap_or_default().to_owned();
    let mut input = done.clone();
    let missing = (!id.is_empty()).then(|| {
        input["id"] = json!(format!("{id}-9999-9999"));
        Missing { input, code: "NOT_FOUND", path: &["input", "id"], before: false }
    });
    let refused = Refused { input: Value::Null, by: None, how: Refusal::Role };
    Case { name, done, shows, by: None, before: 0, refused, missing }
}

impl Case {
    /// Refused by a rule.
    fn refuses(self, input: Value, code: &'static str, path: &'static [&'static str]) -> Case {
        Case { refused: Refused { input, by: None, how: Refusal::Rule(code, path) }, ..self }
    }

    /// The same input is refused to somebody else.
    fn forbidden_to(self, by: Option<&str>) -> Case {
        let input = self.done.clone();
        Case { refused: Refused { input, by: by.map(str::to_owned), how: Refusal::Role }, ..self }
    }

    /// Open to Operations only.
    fn of_operations(self) -> Case {
        self.forbidden_to(Some(CLIENT_TOKEN))
    }

    fn refused_to(mut self, by: String) -> Case {
        self.refused.by = Some(by);
        self
    }

    fn done_by(self, by: String) -> Case {
        Case { by: Some(by), ..self }
    }

    /// Refers to something that is not there.
    fn misses(self, input: Value, code: &'static str, path: &'static [&'static str]) -> Case {
        Case { missing: Some(Missing { input, code, path, before: false }), ..self }
    }

    /// So many requests are needed first.
    fn after(mut self, before: usize) -> Case {
        if let Some(missing) = &mut self.missing {
            missing.before = before > 0;
        }
        Case { before, ..self }
    }

    fn gives(&self) -> ResultKind {
        mutation::named(self.name).unwrap_or_else(|| panic!("there is no {}", self.name)).gives
    }

    /// The payload's field for the entity, if it has one.
    fn field(&self) -> Option<String> {
        mutation::named(self.name)?.entity_field()
    }

    /// A document that selects this much of the entity.
    fn document(&self, selected: &str) -> String {
        let name = self.name;
        let input = format!("{}{}Input!", name[..1].to_uppercase(), &name[1..]);
        let told = match (self.gives(), self.field()) {
            (_, Some(field)) if selected.is_empty() => format!("{field} {{ __typename }}"),
            (_, Some(field)) => format!("{field} {{ {selected} }}"),
            (ResultKind::Deleted(_), _) => "deletedId".to_owned(),
            (ResultKind::Verdict(_), _) => "valid".to_owned(),
            (ResultKind::Told(_, name), _) => name.to_owned(),
            _ => panic!("{name} has no payload"),
        };
        format!("mutation($input: {input}) {{ {name}(input: $input) {{ {told} userErrors {{ code path }} }} }}")
    }

    /// The route that a host of a generation lacks for it.
    fn lacks(&self, generation: Generation) -> Option<&'static str> {
        if matches!(generation, Generation::V5 | Generation::All) {
            return None;
        }
        match self.name {
            "updateAccountUser" => Some("/accounts/{accountId}/users/{userId}"),
            "setAccountUserFavorite" => Some("/users/{userId}/accounts/{accountId}"),
            "synchronizeBuyer" => Some("/buyers/{id}/synchronize"),
            "updateNotificationSettings" => Some("/accounts/{id}/settings/notifications"),
            _ => None,
        }
    }

    /// Whether the payload of a mutation that did nothing says so.
    fn is_empty(&self, payload: &Value) -> bool {
        match (self.gives(), self.field()) {
            (_, Some(field)) => payload[field].is_null(),
            (ResultKind::Deleted(_), _) => payload["deletedId"].is_null(),
            (ResultKind::Verdict(_), _) => payload["valid"] == false,
            (ResultKind::Told(_, name), _) => payload[name].is_null(),
            _ => false,
        }
    }
}

async fn cases(host: &Host) -> Vec<Case> {
    let mut cases = members::cases(host).await;
    cases.extend(accounts::cases(host).await);
    cases.extend(trade::cases(host).await);
    cases
}

#[tokio::test]
async fn every_mutation_is_in_the_matrix() {
    let host = Host::start(MODES[0]).await;
    let cases = cases(&host).await;
    let tested: BTreeSet<&str> = cases.iter().map(|case| case.name).collect();
    // Wavefront has no generations; its mutations are tested with it.
    let declared = mutation::all().map(|declared| declared.name).filter(|name| !name.contains("Wavefront"));
    assert_eq!(tested, declared.collect::<BTreeSet<_>>());
    assert_eq!(tested.len(), cases.len(), "each once");
}

/// Whether `whole` shows all of `part`.
fn shows(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| shows(whole, part)))
        }
        (whole, part) => whole == part,
    }
}

/// How many of some requests read, and how many write.
fn counted(requests: &[String]) -> (usize, usize) {
    let reads = requests.iter().filter(|line| line.starts_with("GET ")).count();
    (reads, requests.len() - reads)
}

/// Looks at every case, also after one that is wrong.
async fn each<T>(cases: impl IntoIterator<Item = T>, check: impl AsyncFn(T)) {
    let mut wrong = 0;
    for case in cases {
        wrong += usize::from(AssertUnwindSafe(check(case)).catch_unwind().await.is_err());
    }
    assert_eq!(wrong, 0, "cases are wrong");
}

async fn are_done(mode: usize) {
    // What the answer to a write tells is seen on a twin, where the same was done.
    let (twin, host) = (Host::start(MODES[mode]).await, Host::start(MODES[mode]).await);
    let pairs: Vec<_> = cases(&twin).await.into_iter().zip(cases(&host).await).collect();
    each(pairs, async |(before, case)| {
        let possible = case.lacks(host.generation).is_none() && !(host.takes_codes() && case.name == "createSeller");
        if possible {
            is_done(&twin, &host, &before, &case).await;
        }
    })
    .await;
}

async fn is_done(twin: &Host, host: &Host, before: &Case, case: &Case) {
    let name = format!("{} on {:?}", case.name, host.generation);
    let (answer, _) = twin.send(&before.document("id"), &before.done, before.by.as_deref()).await;
    assert_eq!(answer.get("errors"), None, "{name}: {answer}");
    assert_eq!(answer["data"][case.name]["userErrors"], json!([]), "{name}");
    let (field, kind) = (case.field(), case.gives().kind());
    let told = match &field {
        Some(field) => {
            let id = answer["data"][case.name][field]["id"].as_str().unwrap_or_else(|| panic!("{name}: {answer}"));
            let told = twin.told(case.name, kind, id).await;
            twin.selection(kind.type_name(), &told)
        }
        None => String::new(),
    };
    let (answer, requests) = host.send(&case.document(&told), &case.done, case.by.as_deref()).await;
    assert_eq!(answer.get("errors"), None, "{name}: {answer}");
    let payload = &answer["data"][case.name];
    assert_eq!(payload["userErrors"], json!([]), "{name}");
    assert_eq!(counted(&requests), (case.before, 1), "{name} {told}: {requests:#?}");
    assert!(requests.last().is_some_and(|line| !line.starts_with("GET ")), "{name}: {requests:#?}");
    let Some(field) = field else {
        assert!(!case.is_empty(payload), "{name}: {answer}");
        return;
    };
    assert!(shows(&payload[&field], &case.shows), "{name}: {answer} {}", case.shows);
    // The same is read afterwards.
    let id = payload[&field]["id"].as_str().expect("an id");
    let read = format!("query($id: ID!) {{ node(id: $id) {{ ... on {} {{ {told} }} }} }}", kind.type_name());
    let (mut read, requests) = host.query(&read, &json!({ "id": id }), case.by.as_deref()).await;
    assert_eq!(read.get("errors"), None, "{name}: {read} {requests:#?}");
    let (read, mut payload) = (read["data"]["node"].take(), payload[&field].clone());
    if read["status"].is_null() && kind == Kind::AccountUser {
        // The flat collection, by which members are read where it is there, does not tell it.
        payload.get_mut("status").map(Value::take);
    }
    assert_eq!(host::sorted(read), host::sorted(payload), "{name}: {requests:#?}");
}

#[tokio::test]
async fn what_is_done_on_a_current_host_is_told_by_its_answer() {
    are_done(0).await;
}

#[tokio::test]
async fn what_is_done_on_a_host_of_september_2025_is_told_by_its_answer() {
    are_done(1).await;
}

#[tokio::test]
async fn what_is_done_on_a_host_of_february_2025_is_told_by_its_answer() {
    are_done(2).await;
}

#[tokio::test]
async fn what_is_done_on_a_host_with_all_routes_is_told_by_its_answer() {
    are_done(3).await;
}

#[tokio::test]
async fn what_cannot_be_read_after_a_write_is_an_error_at_its_place_alone() {
    for mode in MODES {
        let host = Host::start(mode).await;
        each(cases(&host).await, async |case| {
            let name = format!("{} on {mode:?}", case.name);
            let possible =
                case.lacks(host.generation).is_none() && !(host.takes_codes() && case.name == "createSeller");
            let Some(field) = case.field().filter(|_| possible) else { return };
            // Of a seller the answer tells all but its buyers, of anything else all but the audit.
            let (untold, path) = match case.gives().kind() {
                Kind::Seller => ("buyers { totalCount }", "buyers"),
                _ => ("audit { created { at } }", "audit"),
            };
            let closed = match path {
                "buyers" => Fault { path: Some("/buyers".to_owned()), ..Fault::default() },
                _ => Fault { query: Some("audit".to_owned()), ..Fault::default() },
            };
            host.kit.faults(vec![Fault { method: Some("GET".to_owned()), status: Some(403), ..closed }]);
            let (answer, requests) =
                host.send(&case.document(&format!("id {untold}")), &case.done, case.by.as_deref()).await;
            host.kit.faults(vec![]);
            assert_eq!(counted(&requests), (case.before + 1, 1), "{name}: {requests:#?}");
            let payload = &answer["data"][case.name];
            assert_eq!(payload["userErrors"], json!([]), "{name}: {answer}");
            assert!(payload[&field]["id"].is_string() && payload[&field][path].is_null(), "{name}: {answer}");
            let errors = answer["errors"].as_array().expect("errors");
            assert_eq!(errors.len(), 1, "{name}: {answer}");
            assert_eq!(errors[0]["path"], json!([case.name, field, path]), "{name}: {answer}");
            assert_eq!(errors[0]["extensions"]["code"], "FORBIDDEN", "{name}: {answer}");
        })
        .await;
    }
}

#[tokio::test]
async fn what_a_rule_or_a_role_forbids_is_refused() {
    for mode in MODES {
        let host = Host::start(mode).await;
        each(cases(&host).await, async |case| {
            let name = format!("{} on {mode:?}", case.name);
            if case.lacks(host.generation).is_some() {
                return;
            }
            let Refused { input, by, how } = &case.refused;
            let (answer, requests) = host.send(&case.document("id"), input, by.as_deref()).await;
            let payload = &answer["data"][case.name];
            match how {
                Refusal::Rule(code, path) => {
                    let (code, path) = host.refusal(case.name, (code, path));
                    assert_eq!(answer.get("errors"), None, "{name}: {answer}");
                    assert_eq!(payload["userErrors"], json!([{ "code": code, "path": path }]), "{name}: {answer}");
                    assert!(case.is_empty(payload), "{name}: {answer}");
                }
                Refusal::Role => {
                    let error = &answer["errors"][0];
                    assert_eq!(payload, &Value::Null, "{name}: {answer}");
                    assert_eq!(error["extensions"]["code"], "FORBIDDEN", "{name}: {answer}");
                    assert_eq!(error["path"], json!([case.name]), "{name}");
                }
            }
            assert_eq!(counted(&requests), (case.before, 1), "{name}: {requests:#?}");
        })
        .await;
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_user_error() {
    for mode in MODES {
        let host = Host::start(mode).await;
        each(cases(&host).await, async |case| {
            let name = format!("{} on {mode:?}", case.name);
            let Some(Missing { input, code, path, before }) = &case.missing else { return };
            if case.lacks(host.generation).is_some() {
                return;
            }
            let (answer, requests) = host.send(&case.document("id"), input, case.by.as_deref()).await;
            let payload = &answer["data"][case.name];
            assert_eq!(answer.get("errors"), None, "{name}: {answer}");
            let (code, path) = host.missing(case.name, (code, path));
            assert_eq!(payload["userErrors"], json!([{ "code": code, "path": path }]), "{name}: {answer}");
            assert!(case.is_empty(payload), "{name}: {answer}");
            // Where not all hosts have the route, it is asked whether that is what is missing.
            let optional = ["synchronizeBuyer", "updateNotificationSettings"].contains(&case.name);
            // So it is for members: a route that was found may be gone by now. Nobody can be looked for who was only invited.
            let member = case.gives().kind() == Kind::AccountUser && case.name != "inviteAccountUser";
            let asks = match case.name {
                // The list is one of the user's, who is not there either.
                "setAccountUserFavorite" => 2,
                _ => usize::from(optional || member),
            };
            let expected = if *before { (1, 0) } else { (asks, 1) };
            assert_eq!(counted(&requests), expected, "{name}: {requests:#?}");
        })
        .await;
    }
}

#[tokio::test]
async fn a_route_that_a_host_lacks_is_an_error_that_names_it() {
    for mode in [MODES[1], MODES[2]] {
        let host = Host::start(mode).await;
        each(cases(&host).await, async |case| {
            let Some(route) = case.lacks(host.generation) else { return };
            let name = format!("{} on {mode:?}", case.name);
            let mut all = vec![];
            for _ in 0..2 {
                let (answer, requests) = host.send(&case.document("id"), &case.done, case.by.as_deref()).await;
                let error = &answer["errors"][0];
                assert_eq!(answer["data"], json!({ case.name: null }), "{name}: {answer}");
                assert_eq!(error["extensions"]["code"], "UPSTREAM_ROUTE_MISSING", "{name}: {answer}");
                assert_eq!(error["path"], json!([case.name]), "{name}");
                let message = error["message"].as_str().expect("a message");
                assert_eq!(message, format!("The accounts API has no route {route} on this host."), "{name}");
                all.push(requests.len());
            }
            // Members are changed below accounts and users: of these it is known by then that they are not there.
            let known = if case.name.contains("AccountUser") { 0 } else { 2 };
            assert!(all[1] <= known, "{name}: {all:?}");
        })
        .await;
    }
}
