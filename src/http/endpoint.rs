//! The GraphQL endpoint: a request out of HTTP, an answer into it.

use super::{
    Settings,
    accept::{self, Media},
    access::Access,
    body::Reader,
    documents::{Documents, Found, Missing},
    outbox::ResponseMemory,
    reply::{self, Refusal},
    request::{self, Asked, Posted},
};
use crate::{
    error::ErrorCode,
    graph::{
        engine::{Answer, Engine, GraphRequest},
        explain::{self, Mode},
    },
    upstream::credentials::Caller,
};
use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode, Uri, Version,
        header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, VARY},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use futures::future::{BoxFuture, join_all};
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Asks what an answer costs: `1` beside the answer, `plan` without running it. Of several values, `plan` wins.
const EXPLAIN: HeaderName = HeaderName::from_static("x-explain");

/// By which routers ask for a trace in the answer, in the one form that there is.
const INCLUDE_TRACE: (HeaderName, &str) = (HeaderName::from_static("apollo-federation-include-trace"), "ftv1");

/// The endpoint with what it needs.
pub(super) struct Endpoint {
    engine: Arc<Engine>,
    access: Access,
    documents: Documents,
    bodies: Reader,
    outbox: ResponseMemory,
    /// Where the playground is, relative to the endpoint, if there is one.
    page: Option<HeaderValue>,
    /// Whether icons are served.
    icons: bool,
    /// Places for operations under way.
    places: Semaphore,
    operations: usize,
    batch: usize,
}

/// What the HTTP request says of every operation in it.
#[derive(Clone, Copy)]
struct RequestOptions {
    /// Whether nothing may be changed.
    read_only: bool,
    /// Whether what it costs is asked for.
    explain: Mode,
    /// Whether a trace is asked for.
    traced: bool,
}

/// Answers a POST request. The future is in a place of its own: it is large, and what is around it moves it.
pub(super) fn post(endpoint: Arc<Endpoint>, request: Request) -> BoxFuture<'static, Response> {
    Box::pin(posted(endpoint, request, Mode::Off))
}

/// Answers a POST request with the plan of its operations, whatever its headers say: a header can be lost on the way,
/// and then a dry run would write.
pub(super) fn plan(endpoint: Arc<Endpoint>, request: Request) -> BoxFuture<'static, Response> {
    Box::pin(posted(endpoint, request, Mode::Plan))
}

async fn posted(endpoint: Arc<Endpoint>, request: Request, mode: Mode) -> Response {
    let (parts, body) = request.into_parts();
    let Some(media) = Media::negotiate(&parts.headers) else { return not_acceptable() };
    endpoint.posted(&parts, body, media, mode).await.unwrap_or_else(|refusal| refusal.respond(media))
}

/// Answers a GET request.
pub(super) fn get(endpoint: Arc<Endpoint>, request: Request) -> BoxFuture<'static, Response> {
    Box::pin(got(endpoint, request.into_parts().0))
}

async fn got(endpoint: Arc<Endpoint>, Parts { version, uri, headers, .. }: Parts) -> Response {
    if let Some(page) = endpoint.page.as_ref().filter(|_| asks_for_page(&uri, &headers)) {
        let kept = (CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
        let varies = (VARY, HeaderValue::from_static("accept"));
        return (StatusCode::SEE_OTHER, [(LOCATION, page.clone()), kept, varies]).into_response();
    }
    let Some(media) = Media::negotiate(&headers) else { return not_acceptable() };
    let parameters = uri.query().unwrap_or_default();
    endpoint.got(version, parameters, &headers, media).await.unwrap_or_else(|refusal| refusal.respond(media))
}

/// Answers a request by any other method.
pub(super) fn other(headers: &HeaderMap) -> Response {
    let message = "The endpoint takes GET and POST requests.";
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, message);
    refusal.respond(Media::negotiate(headers).unwrap_or(Media::Json))
}

/// Answers a request for a plan by any other method.
pub(super) fn only_post(headers: &HeaderMap) -> Response {
    let message = "Plans are asked for by POST.";
    let refusal = Refusal::new(StatusCode::METHOD_NOT_ALLOWED, ErrorCode::MethodNotAllowed, message);
    refusal.respond_allowing(Media::negotiate(headers).unwrap_or(Media::Json), "POST")
}

impl Endpoint {
    pub(super) fn new(engine: Arc<Engine>, settings: Settings) -> Self {
        // A proxy may have put a prefix before all paths.
        let page = settings.page.map(|path| HeaderValue::try_from(format!(".{path}/")));
        Endpoint {
            engine,
            access: settings.access,
            documents: settings.documents,
            bodies: Reader::new(settings.body_bytes, settings.body_timeout),
            outbox: ResponseMemory::new(),
            page: page.and_then(Result::ok),
            icons: settings.icons,
            places: Semaphore::new(settings.operations),
            operations: settings.operations,
            batch: settings.batch,
        }
    }

    /// What the answers hold of memory.
    pub(super) fn outbox(&self) -> &ResponseMemory {
        &self.outbox
    }

    /// Who may ask.
    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    /// The graph.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether icons are served.
    pub(super) fn serves_icons(&self) -> bool {
        self.icons
    }

    /// A place among the operations under way.
    pub(super) fn place(&self) -> Result<SemaphorePermit<'_>, Refusal> {
        self.places.try_acquire().map_err(|_| Refusal::overloaded("operations").with_limit(self.operations))
    }

    async fn posted(
        &self,
        Parts { headers, version, .. }: &Parts,
        body: Body,
        media: Media,
        mode: Mode,
    ) -> Result<Response, Refusal> {
        check_json(headers)?;
        let credentials = self.access.credentials(headers)?;
        let way = RequestOptions { read_only: false, explain: self.mode(headers, mode)?, traced: is_traced(headers) };
        // The body's share of memory is held until the answer is there.
        let read = self.bodies.read(headers, body).await?;
        match request::posted(read.bytes.clone(), self.batch, self.bodies.values()).await? {
            Posted::One(asked) => reply::one(self.run(asked, credentials, way).await?, media, &self.outbox, *version),
            Posted::Batch(asked) => {
                let runs = asked.into_iter().map(|asked| self.member(asked, credentials.clone(), way));
                reply::batch(join_all(runs).await, media, &self.outbox, *version)
            }
        }
    }

    async fn got(
        &self,
        version: Version,
        parameters: &str,
        headers: &HeaderMap,
        media: Media,
    ) -> Result<Response, Refusal> {
        self.access.check_preflighted(headers)?;
        let credentials = self.access.credentials(headers)?;
        let way =
            RequestOptions { read_only: true, explain: self.mode(headers, Mode::Off)?, traced: is_traced(headers) };
        let asked = request::parameters(parameters)?;
        reply::one(self.run(asked, credentials, way).await?, media, &self.outbox, version)
    }

    /// What is explained of a request, by what its path and its headers ask for.
    fn mode(&self, headers: &HeaderMap, path: Mode) -> Result<Mode, Refusal> {
        let mode = explain(headers)?.max(path);
        if mode == Mode::Plan && !self.engine.explains() {
            return Err(Refusal::of(StatusCode::FORBIDDEN, explain::disabled()));
        }
        Ok(mode)
    }

    /// Runs a request, or says why it is none.
    async fn run(&self, mut asked: Asked, caller: Caller, way: RequestOptions) -> Result<Answer, Refusal> {
        let Found { text, new } = match self.documents.text(&mut asked) {
            Ok(found) => found,
            Err(Missing::Refused(error)) => {
                return Ok(Answer::refused(vec![error]));
            }
            Err(Missing::Nothing) => {
                return Err(Refusal::bad("A request must have a query, or the id of a trusted or persisted one."));
            }
            Err(Missing::Ambiguous) => {
                return Err(Refusal::bad("A request must have either documentId or a query, not both."));
            }
        };
        let _place = self.place()?;
        let Asked { operation_name, variables, .. } = asked;
        let variables = variables.unwrap_or_default().0;
        let RequestOptions { read_only, explain, traced } = way;
        let graph = GraphRequest { query: text, operation_name, variables, read_only, explain, traced };
        let answer = self.engine.execute(graph, caller).await;
        if let Some(new) = new.filter(|_| answer.may_be_kept) {
            self.documents.keep(new);
        }
        Ok(answer)
    }

    async fn member(&self, asked: Asked, caller: Caller, way: RequestOptions) -> Answer {
        self.run(asked, caller, way).await.unwrap_or_else(Refusal::into_answer)
    }
}

/// Whether somebody opened the endpoint in a browser: no operation is asked for.
fn asks_for_page(uri: &Uri, headers: &HeaderMap) -> bool {
    let asked = uri.query().is_some_and(|parameters| !parameters.is_empty());
    !asked && Media::prefers_page(headers)
}

fn not_acceptable() -> Response {
    let message = "Answers are application/json or application/graphql-response+json, in UTF-8.";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, ErrorCode::NotAcceptable, message).respond(Media::Json)
}

/// Whether an explanation is asked for.
fn explain(headers: &HeaderMap) -> Result<Mode, Refusal> {
    let values = headers.get_all(EXPLAIN).iter().flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    values.map(<[u8]>::trim_ascii).try_fold(Mode::Off, |mode, value| match value {
        b"1" => Ok(mode.max(Mode::Run)),
        b"plan" => Ok(Mode::Plan),
        _ => Err(Refusal::bad("The header x-explain must be 1 or plan.")),
    })
}

/// Whether a trace is asked for.
fn is_traced(headers: &HeaderMap) -> bool {
    let (name, form) = INCLUDE_TRACE;
    headers.get(name).is_some_and(|value| value == form)
}

/// Refuses what a form, or a script without being asked about, can send to another origin.
fn check_json(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // As nearly all spell it.
    if content_type == "application/json" {
        return Ok(());
    }
    let (media, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
    if !media.trim().eq_ignore_ascii_case("application/json") {
        return Err(Refusal::media("A POST request must have the content type application/json."));
    }
    let charset = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut others = charset.filter(|(name, _)| name.trim().eq_ignore_ascii_case("charset"));
    if others.any(|(_, charset)| !accept::is_utf8(charset)) {
        return Err(Refusal::media("The charset of a request must be utf-8."));
    }
    Ok(())
}
