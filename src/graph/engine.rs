//! The graph as a whole: from a request to an answer.

use super::{
    cost::{self, CostBounds},
    document::{
        introspect,
        limits::{self, DocumentLimits},
        plan::{Plan, RootKind},
        schema::Schema,
    },
    error::GraphError,
    execute::{
        ftv1::{self, Begun},
        operation::{Changes, Operation, Patience},
    },
    explain::{self, ExplainInput, Mode, Reached, Upstreams},
    prepared::{self, PreparedDocument},
    queries::values::VariableValues,
    response::assemble,
    schema::{model, mutation::root::Mutation, printed, query::Root, sizes::Sizes},
};
use crate::{
    entity::{kind::Kind, model::Model},
    fault::{Fault, FaultKind},
    loader::{
        rest::{self, Budget, RestClient, ServerQuirks},
        trace::Trace,
    },
    upstream::{
        client::Client,
        credentials::{Caller, Credentials},
        marketplace::{host::Host, icon, membership::MembershipRoutes},
        memory::Clock,
    },
};
use async_graphql::{
    EmptySubscription, Name, Request, Response, Schema as Library, ValidationMode, Value, Variables,
    parser::types::ExecutableDocument, registry::Registry,
};
use quick_cache::{Weighter, sync::Cache};
use reqwest::header::HeaderValue;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::time::Instant;

pub use super::response::{Answer, Data};

type GraphSchema = Library<Root, Mutation, EmptySubscription>;

/// The library refuses documents by its own depth, without a code; ours is checked first. Its recursion must end before
/// the stack does.
const LIBRARY_DEPTH: usize = 2 * limits::MAX_NESTING;

/// The most time that a request with mutations is given.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// How much an operation may take.
#[derive(Debug, Clone)]
pub struct Limits {
    /// The time of a query, and of what a mutation reads.
    pub operation_timeout: Duration,
    /// The time in which the last mutation of a request has to begin, however many there are.
    pub request_timeout: Duration,
    /// What a document may contain.
    pub document: DocumentLimits,
    /// The upstream requests that an operation may send.
    pub upstream_requests: usize,
    /// The entities of the upstream that an operation may read.
    pub entities: usize,
    /// How large lists are taken to be where no argument says so.
    pub sizes: Sizes,
    /// Whether what is wanted of embedded entities may be asked together with their holders.
    pub nested_select: bool,
    /// Whether a request that asks for it is told what it cost.
    pub explain: bool,
    /// The bytes of an answer's root field.
    pub response_bytes: usize,
    /// The bytes that prepared documents may take together, roughly.
    pub document_cache_bytes: usize,
}

/// A GraphQL request, decoded.
#[derive(Debug, Default)]
pub struct GraphRequest {
    /// The document.
    pub query: String,
    /// Which of its operations to run.
    pub operation_name: Option<String>,
    /// The values of its variables.
    pub variables: BTreeMap<Name, Value>,
    /// Whether it came by a way by which nothing may be changed, such as GET: mutations are refused then.
    pub read_only: bool,
    /// Whether it wants to be told what it costs.
    pub explain: Mode,
    /// Whether it wants to be traced, as routers ask for it.
    pub traced: bool,
}

/// The graph: the schema, prepared documents and the upstream.
pub struct Engine {
    /// What documents are validated against.
    schema: Schema,
    /// Answers introspection of what is valid already, without looking again.
    introspection: GraphSchema,
    registry: Registry,
    model: Arc<Model>,
    documents: Cache<DocumentKey, Arc<PreparedDocument>, ByMemory>,
    client: Client,
    dialect: Arc<ServerQuirks>,
    host: Arc<Host>,
    wavefront: Option<Wavefront>,
    /// What addresses of icons begin with; none where the gateway serves none.
    icons: Option<String>,
    /// Which tokens a caller without one can send.
    hint: String,
    limits: Limits,
    changes: Changes,
}

/// Wavefront, behind the graph.
#[derive(Clone)]
pub struct Wavefront {
    /// How it is reached.
    pub client: Client,
    /// The gateway's own credentials, for callers that bring none.
    pub credentials: Credentials,
}

/// A document, and whether an earlier request prepared it.
struct CacheHit {
    key: DocumentKey,
    prepared: Arc<PreparedDocument>,
    cached: bool,
}

type DocumentKey = (Option<Box<str>>, Box<str>);

#[derive(Clone)]
struct ByMemory;

/// A document keeps its plans up to this part of the cache: what it has more of is planned when it is asked.
const SHARE: usize = 64;

/// What the cache itself needs for a document.
const CACHED: usize = 512;

impl Weighter<DocumentKey, Arc<PreparedDocument>> for ByMemory {
    fn weight(&self, (name, text): &DocumentKey, prepared: &Arc<PreparedDocument>) -> u64 {
        (CACHED + name.as_ref().map_or(0, |name| name.len()) + text.len() + prepared.weight()) as u64
    }
}

impl Engine {
    /// A graph over this upstream.
    #[must_use]
    pub fn new(client: Client, limits: Limits) -> Self {
        let registry = printed::registry();
        let model = model::model(&registry);
        let library = Library::build(Root::default(), Mutation, EmptySubscription);
        let capacity = limits.document_cache_bytes as u64;
        Engine {
            schema: Schema::new(printed::registry()),
            introspection: library.limit_recursive_depth(LIBRARY_DEPTH).validation_mode(ValidationMode::Fast).finish(),
            registry,
            model: Arc::new(model),
            documents: Cache::with_weighter(1024, capacity, ByMemory),
            client,
            dialect: Arc::default(),
            host: Arc::default(),
            wavefront: None,
            icons: None,
            hint: String::new(),
            limits,
            changes: Changes::default(),
        }
    }

    /// The operations under way that change something.
    #[must_use]
    pub fn changes(&self) -> Changes {
        self.changes.clone()
    }

    /// The same graph, which asks for memberships by these routes, and forgets by this clock what it learned of the host.
    #[must_use]
    pub fn speaking(self, memberships: MembershipRoutes, clock: Clock) -> Self {
        let dialect = ServerQuirks::new(clock.clone());
        Engine { host: Arc::new(Host::new(memberships, clock)), dialect: Arc::new(dialect), ..self }
    }

    /// The same graph, with Wavefront's part of it.
    #[must_use]
    pub fn with_wavefront(self, wavefront: Option<Wavefront>) -> Self {
        Engine { wavefront, ..self }
    }

    /// The same graph, in which the addresses of icons begin with this.
    #[must_use]
    pub fn with_icons(self, icons: Option<String>) -> Self {
        Engine { icons, ..self }
    }

    /// The same graph, which tells a caller without a token that it can send one of these.
    #[must_use]
    pub fn knowing_tokens(self, tokens: &[&str]) -> Self {
        Engine { hint: format!(" This upstream knows {}.", tokens.join(", ")), ..self }
    }

    /// Asks where the icon of an entity is; none when there is none. No credential is sent.
    ///
    /// # Errors
    ///
    /// When the upstream does not answer with a redirect that may be handed on.
    pub async fn icon(&self, kind: Kind, id: &str, caller: &Credentials) -> Result<Option<HeaderValue>, Fault> {
        self.client.icon(&icon::target(kind, id), caller).await
    }

    /// Whether requests that ask for it are told what they cost; where they are not, none is planned.
    #[must_use]
    pub fn explains(&self) -> bool {
        self.limits.explain
    }

    /// Plans a request for a caller, whatever it asks for: nothing is run and nothing is sent.
    pub async fn plan(&self, request: GraphRequest, caller: impl Into<Caller>) -> Answer {
        self.execute(GraphRequest { explain: Mode::Plan, ..request }, caller).await
    }

    /// Runs a request for a caller, or plans it, if it asks for a plan.
    pub async fn execute(&self, request: GraphRequest, caller: impl Into<Caller>) -> Answer {
        let begun = request.traced.then(Begun::now);
        let mut may_be_kept = false;
        let mut answer = self.run(request, caller.into(), begun, &mut may_be_kept).await;
        answer.may_be_kept = may_be_kept;
        if let (None, Some(begun)) = (&answer.ftv1, begun) {
            answer.ftv1 =
                Some(ftv1::trace(begun, std::iter::empty(), &answer.errors, false, self.limits.response_bytes));
        }
        answer
    }

    async fn run(&self, request: GraphRequest, caller: Caller, begun: Option<Begun>, may_be_kept: &mut bool) -> Answer {
        let mode = match request.explain {
            Mode::Plan if !self.limits.explain => return Answer::refused(vec![explain::disabled()]),
            _ if !self.limits.explain => Mode::Off,
            mode => mode,
        };
        let trace = (mode != Mode::Off).then(|| Trace::new(std::time::Instant::now()));
        let prepared = self.prepare(request.query, request.operation_name, request.read_only);
        let CacheHit { key, prepared, cached } = match prepared {
            Ok(known) => known,
            Err(errors) => return Answer::refused(errors),
        };
        *may_be_kept = !prepared.may_hold_secret(&key.1);
        let variables = match prepared.variables(&self.registry, request.variables, self.limits.document.introspection)
        {
            Ok(variables) => variables,
            Err(error) => return Answer::refused(vec![error]),
        };
        let runnable = match prepared.runnable(&self.model, &self.registry, &variables, &self.limits.sizes) {
            Ok((runnable, None)) => runnable,
            Ok((runnable, Some(with_it))) => {
                if with_it.weight() <= self.limits.document_cache_bytes / SHARE {
                    self.keep(key, Arc::new(with_it));
                }
                runnable
            }
            Err(error) => return Answer::refused(vec![error]),
        };
        let begun_at = Instant::now();
        let Caller { accounts, wavefront } = caller;
        let wavefront = self.wavefront.as_ref().map(|ours| rest::Wavefront {
            client: ours.client.clone(),
            credentials: wavefront.unwrap_or_else(|| ours.credentials.clone()).traced_like(&accounts),
        });
        let upstreams = Upstreams {
            accounts: Reached { base: self.client.base(), authorized: !accounts.is_empty() },
            wavefront: self
                .wavefront
                .as_ref()
                .zip(wavefront.as_ref())
                .map(|(ours, theirs)| Reached { base: ours.client.base(), authorized: !theirs.credentials.is_empty() }),
        };
        let dialect = Arc::clone(&self.dialect);
        let until = begun_at + self.limits.operation_timeout;
        let rest = RestClient::new(self.client.clone(), accounts, dialect, until, self.budget(), trace.clone());
        let rest = rest.nesting(self.limits.nested_select).on(Arc::clone(&self.host)).with_wavefront(wavefront);
        let sent = rest.sent_counter();
        let introspected = runnable.introspection.as_ref().map(|document| (document, variables.clone()));
        let varies = !variables.is_empty();
        let mut operation =
            Operation::new(&runnable, &self.registry, &self.model, variables, self.limits.response_bytes, rest);
        if let Some(begun) = begun {
            operation.trace_from(begun);
        }
        (operation.icons, operation.hint) = (self.icons.as_deref(), &self.hint);
        operation.patience = self.patience(&runnable.plan, begun_at);
        let _changing = operation.patience.map(|_| self.changes.begin());
        let compute = || cost::bounds(operation.basis(&self.limits.sizes, trace.is_some()));
        let computed;
        let bounds = if !varies && trace.is_none() {
            // Nothing but the document decides: once is enough.
            runnable.bounds[operation.route_state().number()].get_or_init(compute)
        } else {
            computed = compute();
            &computed
        };
        let facts = || ExplainInput {
            basis: operation.basis(&self.limits.sizes, true),
            bounds,
            limits: (self.limits.upstream_requests, self.limits.entities),
            prepared: &prepared,
            cached,
            upstreams,
            nesting: self.limits.nested_select.then_some(&*self.dialect),
        };
        if mode == Mode::Plan {
            let explanation = Some(Box::new(explain::plan(&facts())));
            return Answer { explanation, ..Answer::refused(vec![]) };
        }
        if let Some(error) = self.too_costly(bounds) {
            let explanation = trace.map(|_| Box::new(explain::plan(&facts())));
            return Answer { explanation, ..Answer::refused(vec![error]) };
        }
        let introspection = match introspected {
            Some((document, variables)) => Box::pin(self.introspect(document, variables)).await,
            None => Response::default(),
        };
        let answers = operation.run().await;
        let mut answer = assemble(&runnable, answers, introspection);
        answer.trace_ids = std::mem::take(&mut operation.trace_ids());
        answer.by_offset = operation.by_offset();
        answer.upstream_requests = sent.get();
        answer.ftv1 = operation.into_trace(&answer.errors);
        answer.explanation = trace.map(|trace| Box::new(explain::run(&facts(), &trace)));
        answer
    }

    async fn introspect(&self, document: &ExecutableDocument, variables: VariableValues) -> Response {
        let variables = Variables::from_value(Value::Object(variables.into_iter().collect()));
        let mut request = Request::new("").variables(variables);
        request.set_parsed_query(document.clone());
        let mut response = self.introspection.execute(request).await;
        introspect::complete(&mut response.data);
        response
    }

    /// How long the mutations of a request may take, if it has any.
    fn patience(&self, plan: &Plan, begun: Instant) -> Option<Patience> {
        let fields = plan.roots.iter().filter(|root| matches!(root.what, RootKind::Mutation(_))).count();
        let Limits { operation_timeout: reads, request_timeout, .. } = self.limits;
        (fields > 0).then(|| Patience::of(fields, (reads, self.client.write_timeout()), request_timeout, begun))
    }

    fn budget(&self) -> Budget {
        Budget { requests: self.limits.upstream_requests, entities: self.limits.entities }
    }

    /// Refuses what may cost more than allowed, before anything is asked.
    fn too_costly(&self, bounds: &CostBounds) -> Option<GraphError> {
        let Budget { requests, entities } = self.budget();
        let most = bounds.most;
        let (needed, allowed, noun) = if most.requests > requests {
            (most.requests, requests, "upstream requests")
        } else if most.entities > entities {
            (most.entities, entities, "entities of the upstream")
        } else {
            return None;
        };
        let message = format!(
            "The operation may need {needed} {noun}; at most {allowed} are allowed. Ask for fewer with `first`, or for \
             less at once."
        );
        let cost = format!(
            "{{\"requests\":{},\"entities\":{},\"limit\":{{\"requests\":{requests},\"entities\":{entities}}}}}",
            most.requests, most.entities
        );
        let error = GraphError::request(FaultKind::CostExceeded.code(), message, None);
        Some(GraphError { extensions: vec![("cost", cost)], ..error })
    }

    fn prepare(
        &self,
        text: String,
        operation_name: Option<String>,
        read_only: bool,
    ) -> Result<CacheHit, Vec<GraphError>> {
        let key: DocumentKey = (operation_name.map(Into::into), text.into());
        if let Some(prepared) = self.documents.get(&key) {
            prepared.check_kind(read_only).map_err(|error| vec![error])?;
            return Ok(CacheHit { key, prepared, cached: true });
        }
        let limits = &self.limits.document;
        let (document, operation) = prepared::parse(&key.1, key.0.as_deref(), read_only, &self.schema, limits)?;
        let prepared = PreparedDocument::new(document, operation);
        let prepared = Arc::new(prepared);
        self.keep(key.clone(), Arc::clone(&prepared));
        Ok(CacheHit { key, prepared, cached: false })
    }

    fn keep(&self, key: DocumentKey, prepared: Arc<PreparedDocument>) {
        if !prepared.may_hold_secret(&key.1) {
            self.documents.insert(key, prepared);
        }
    }
}
