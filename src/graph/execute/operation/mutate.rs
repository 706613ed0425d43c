//! A mutation while it runs: from its input to one write after another, and to the payload. Nothing that was known before
//! a write is believed after it.

mod before;
mod bodies;
mod member;
mod moved;
mod told;
mod wavefront;

use super::{Operation, Sought, patience::Turn};
use crate::{
    entity::{kind::Kind, tape::Json},
    fault::Fault,
    graph::{
        document::plan::{RootField, mutation::MutationPlan},
        error::{GraphError, bad_input},
        execute::{
            outcome::Outcome,
            refusal::{Sent, complaints},
        },
        queries::{
            complaint::InputComplaint,
            input::{self, Members},
        },
        schema::mutation::{
            declared::{Body, MutationDef, ResultKind},
            user_error::UserErrorCode,
        },
    },
    loader::{
        rest::{RestClient, Writing},
        store::{Place, Store},
        trace::{Cause, Origin},
    },
    upstream::{
        client::write::{NotWritten, unknown},
        marketplace::membership::{Family, Member},
        words::Secrets,
    },
};
use async_graphql::Value;
use bytes::Bytes;
use std::sync::Arc;
use tokio::time::Instant;

const TOO_LATE: &str = "The request took longer than it may before this began: the change was not sent.";

/// Why a mutation asks.
const REVISION: &str = "Reads the revision, to compare it with ifRevision.";
const KEPT: &str = "Reads what the upstream requires, or takes away if it is not sent: it is sent as it is.";
const WRITE: &str = "Writes, once.";
const AGAIN: &str = "The answer to the write does not tell what was changed, so it is read.";
const ROUTE: &str = "The write was answered 404: finds out whether the route is what is missing.";
const GROUPS: &str = "Reads the groups of the member: they are written as a whole, with one of them exchanged.";
const WHO: &str = "Finds out who is meant: the route names a membership in another way than the input.";

/// A mutation with its input.
struct Change<'a> {
    plan: &'a MutationPlan,
    /// The type of the input.
    ty: String,
    members: Members,
    /// Whom it is about, when that is a membership.
    member: Member,
    /// By which routes memberships are changed.
    family: Family,
    /// What is sent as it is, though the input says nothing of it.
    kept: serde_json::Map<String, serde_json::Value>,
    /// The groups that a member who is moved will be in.
    groups: Vec<String>,
    /// Where it stands in the operation.
    origin: Origin,
    /// How long it may take.
    turn: Turn,
}

/// One request of a mutation.
struct Request {
    body: Option<Bytes>,
    /// The type of what became the body.
    ty: String,
    /// Where that stands in the input.
    base: Vec<String>,
}

/// What keeps a change from being sent.
enum Stop {
    /// Something that the caller can put right.
    Complaint(InputComplaint),
    /// Anything else.
    Fault(Arc<Fault>),
}

impl From<Arc<Fault>> for Stop {
    fn from(fault: Arc<Fault>) -> Self {
        Stop::Fault(fault)
    }
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Self {
        Stop::Fault(Arc::new(fault))
    }
}

impl Change<'_> {
    fn kind(&self) -> Kind {
        self.plan.declared.gives.kind()
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self.members.get(name) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The id of what is changed, as far as it is known.
    fn target(&self) -> Option<String> {
        match self.plan.declared.gives {
            ResultKind::Created(_) => return None,
            ResultKind::Told(kind, _) => return self.text(&id_of(kind)).map(str::to_owned),
            _ => {}
        }
        self.member.id().or_else(|| self.text("id").map(str::to_owned))
    }

    /// What is missing when the upstream does not find what a request is about: the sentence, and where the input names
    /// it.
    fn not_found(&self) -> InputComplaint {
        let said = |message: &str, path: &[&str]| InputComplaint::new(UserErrorCode::NotFound, message, path);
        match self.plan.declared {
            MutationDef { gives: ResultKind::Created(_), .. } => {
                said("Something that the input refers to does not exist, or the caller may not see it.", &["input"])
            }
            declared if declared.in_path("groupId") || matches!(declared.body, Body::Exchanged { .. }) => {
                said("There is no such member or group, or the caller may not see it.", &["input"])
            }
            declared => {
                let id = id_of(self.kind());
                let named = match declared.gives {
                    ResultKind::Told(..) => id.as_str(),
                    _ if self.members.contains_key("member") => "member",
                    _ => "id",
                };
                let message = format!("There is no such {}, or the caller may not see it.", noun(self.kind()));
                said(&message, &["input", named])
            }
        }
    }

    /// Refuses a body that is not about the entity that was changed.
    fn check_told(&self, store: &Store, place: Place) -> Result<(), Stop> {
        let upstream = self.kind().upstream().name();
        let tape = store.tape(place);
        let id = tape.get(place.at, "id").and_then(|at| tape.plain(at));
        let (Json::Object, Some(id)) = (tape.kind(place.at), id) else {
            return Err(unknown(upstream, "answered something else than what was changed").into());
        };
        let expected = self.target().is_none_or(|target| target == id);
        match Kind::of_id(id) {
            // A renderer's placeholder names nobody; a proper id that was not asked for names somebody else.
            None => Ok(()),
            Some(kind) if kind == self.kind() && expected => Ok(()),
            Some(_) => Err(unknown(upstream, "answered with something else than what was changed").into()),
        }
    }
}

impl Operation<'_> {
    /// Runs a mutation and writes its payload.
    pub(super) async fn mutate(&self, root: &RootField, plan: &MutationPlan) -> (Vec<u8>, Vec<GraphError>) {
        let Some(turn) = self.patience.and_then(|patience| patience.turn(Instant::now())) else {
            return self.failed(root, &Fault::timeout(TOO_LATE));
        };
        self.rest().ask_until(turn.send);
        let before = self.store().clock.round();
        let mut outcome = match self.change(root, plan, turn).await {
            Ok(outcome) => outcome,
            Err(Stop::Complaint(complaint)) => Outcome { complaints: vec![complaint], ..Outcome::default() },
            Err(Stop::Fault(fault)) => {
                self.store().clock.end();
                return self.failed(root, &fault);
            }
        };
        self.rest().ask_until(turn.end);
        if outcome.round == 0 {
            let round = self.store().clock.round();
            outcome.round = if round > before { round } else { 0 };
        }
        if let Some(trace_id) = outcome.trace_id.take() {
            self.trace_ids().push((root.name.clone(), trace_id));
        }
        let kind = plan.declared.gives.kind();
        let entities = outcome.entity.iter().flat_map(|place| plan.entities().map(|sel| (*place, kind, sel)));
        let conflicts = outcome.complaints.iter().filter_map(|complaint| complaint.current);
        let currents = conflicts.flat_map(|place| plan.currents().map(move |sel| (place, kind, sel)));
        let starts: Vec<_> = entities.chain(currents).collect();
        self.complete(&starts).await;
        self.note_unread(kind, outcome.entity);
        self.settle(root, &starts, |writer, _| writer.payload(&root.name, &outcome)).await
    }

    async fn change(&self, root: &RootField, plan: &MutationPlan, turn: Turn) -> Result<Outcome, Stop> {
        let declared = plan.declared;
        let ty = self.registry.types["Mutation"]
            .field_by_name(declared.name)
            .and_then(|field| field.args.get("input"))
            .map_or_else(String::new, |input| input.ty.clone());
        let Some(Value::Object(members)) = self.argument(&plan.arguments, "input", &ty)? else {
            return Err(bad_input("Argument input must be given.").into());
        };
        self.forget();
        let mut misplaced = input::check(self.registry, &ty, &members, declared.gives.kind());
        if let Body::Each(name) = declared.body {
            misplaced.extend(input::check_length(&members, name));
        }
        if !misplaced.is_empty() {
            return Ok(Outcome { complaints: misplaced, ..Outcome::default() });
        }
        let (member, family, kept, origin) =
            (Member::default(), Family::default(), serde_json::Map::new(), self.at_root(root));
        let mut change = Change { plan, ty, members, member, family, kept, groups: vec![], origin, turn };
        self.resolve_member(&mut change).await?;
        self.look_at_groups(&mut change).await?;
        self.look_before(&mut change).await?;
        self.send(&change).await
    }

    /// Forgets all that is known, since a write may have changed any of it.
    fn forget(&self) {
        self.store().forget();
        self.rest().forget_answers();
    }

    /// What a request is for that a mutation waits for alone: a round of its own.
    fn step_for<'a>(&self, origin: &'a Origin, reason: &'static str) -> Cause<'a> {
        if let Some(trace) = self.rest().trace() {
            trace.begin_round();
        }
        Cause { nested: &[], origins: std::slice::from_ref(origin), keys: Some(1), reason: Some(reason) }
    }

    fn rest(&self) -> &RestClient {
        self.loads.batch().rest()
    }

    /// Sends what there is to send, in order, until something is refused.
    async fn send(&self, change: &Change<'_>) -> Result<Outcome, Stop> {
        let declared = change.plan.declared;
        let path = Self::path(change)?;
        let requests = self.requests(change);
        let upstream = change.kind().upstream();
        let (mut told, mut outcome, count) = (None, Outcome::default(), requests.len());
        self.store().clock.begin();
        for (done, request) in requests.into_iter().enumerate() {
            let write = Writing {
                upstream,
                method: declared.verb.method(),
                path: &path,
                body: request.body.clone(),
                part: declared.part,
            };
            match self.rest().write(write, self.step_for(&change.origin, WRITE)).await {
                Ok(tape) => told = Some(tape),
                Err(NotWritten::Refused { status: 404, .. }) if let Some(fault) = self.missing_route(change).await => {
                    return Err(partly(fault, done, count).into());
                }
                Err(NotWritten::Refused { status, problem }) => {
                    outcome.trace_id.clone_from(&problem.trace_id);
                    let sent = Sent {
                        registry: self.registry,
                        ty: &request.ty,
                        base: request.base,
                        not_found: change.not_found(),
                    };
                    let texts = input::secrets(&change.members);
                    let secrets = Secrets { credentials: self.rest().credentials(upstream), texts };
                    outcome.complaints = complaints(status, *problem, &sent, &secrets);
                    break;
                }
                Err(NotWritten::Failed(fault)) => return Err(partly(Arc::new(fault), done, count).into()),
            }
        }
        self.forget();
        self.rest().ask_until(change.turn.end);
        {
            let clock = &mut self.store().clock;
            clock.end();
            outcome.round = clock.round();
        }
        if let Some(told) = told {
            self.take_in(change, told, &mut outcome).await?;
        }
        Ok(outcome)
    }

    /// The path of the request.
    fn path(change: &Change<'_>) -> Result<String, Stop> {
        let mut path = change.plan.declared.path.to_owned();
        while let Some((before, (name, after))) =
            path.split_once('{').and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
        {
            let step = Self::step(change, name);
            let step = step.ok_or_else(|| Fault::internal("A mutation has a path that its input does not fill."))?;
            path = format!("{before}{step}{after}");
        }
        Ok(path)
    }
}

/// The fault of a request before which others were sent and done.
fn partly(fault: Arc<Fault>, done: usize, count: usize) -> Arc<Fault> {
    if done == 0 {
        return fault;
    }
    let message = format!("{} ({done} of {count} were done before)", fault.message());
    let (wait, trace) = (fault.retry_after(), fault.trace_id().map(str::to_owned));
    Arc::new(Fault::new(fault.kind(), message).with_retry_after(wait).with_trace_id(trace))
}

/// The member of an input that names an entity of this kind.
fn id_of(kind: Kind) -> String {
    format!("{}Id", noun(kind))
}

/// A kind inside a sentence.
fn noun(kind: Kind) -> String {
    match kind {
        Kind::AccountUser => "member".to_owned(),
        Kind::ApiToken => "API token".to_owned(),
        Kind::ErpLink => "ERP link".to_owned(),
        Kind::CloudTenant => "cloud tenant".to_owned(),
        Kind::WavefrontUserGroup => "user group".to_owned(),
        kind => kind.noun().to_lowercase(),
    }
}
