//! What an operation read already: the same request is sent once, however many selections ask for it and whenever they do.
//! A write forgets all of it, since it may have changed anything.

use super::RestClient;
use crate::{
    entity::{kind::Upstream, tape::Tape},
    fault::Fault,
    loader::trace::{Body, Call, Cause},
    upstream::{
        client::{Client, write::Method},
        credentials::Credentials,
    },
};
use bytes::Bytes;
use foldhash::fast::RandomState;
use parking_lot::{Mutex, MutexGuard};
use std::{collections::HashMap, sync::Arc};
use tokio::{sync::OnceCell, time::Instant};

/// A request as a whole.
#[derive(PartialEq, Eq, Hash)]
struct Question {
    upstream: Upstream,
    method: Method,
    target: Box<str>,
    body: Option<Bytes>,
}

impl Question {
    fn of(call: &Call) -> Self {
        let body = if let Body::Search(body) = &call.body { Some(body.clone()) } else { None };
        Question { upstream: call.upstream, method: call.method.clone(), target: call.target.as_str().into(), body }
    }
}

/// What came of a request, and its place in the trace if there is one.
type Answer = (Result<Arc<Tape>, Arc<Fault>>, Option<usize>);

/// The answers of one operation. Whoever asks first sends, and the others wait for it.
#[derive(Default)]
pub(super) struct Answers(Mutex<HashMap<Question, Arc<OnceCell<Answer>>, RandomState>>);

impl Answers {
    fn all(&self) -> MutexGuard<'_, HashMap<Question, Arc<OnceCell<Answer>>, RandomState>> {
        self.0.lock()
    }
}

impl RestClient {
    /// Forgets what was read: from now on it is asked again.
    pub fn forget_answers(&self) {
        self.answers.all().clear();
    }

    /// Forgets what was read of one collection or route of the accounts API and below it, such as `users` or
    /// `accounts/ACC-0000-0001/users`: for a read that is repeated because the last answer is not believed.
    pub fn ask_afresh(&self, path: &str) {
        let begins = |target: &str| {
            let rest = target.strip_prefix(Upstream::Accounts.root()).and_then(|rest| rest.strip_prefix(path));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        };
        self.answers.all().retain(|question, _| question.upstream != Upstream::Accounts || !begins(&question.target));
    }

    /// The answer to a request that counts against the operation's budget, as the entities do that come. Both are counted
    /// once, however often the same is asked.
    ///
    /// # Errors
    ///
    /// The fault of the request, or that the operation may take no more.
    pub(super) async fn asked(
        &self,
        to: (&Client, &Credentials),
        call: &Call,
        cause: Cause<'_>,
    ) -> Result<Arc<Tape>, Arc<Fault>> {
        if Instant::now() >= self.until() {
            return Err(super::late());
        }
        let send = async || {
            if !self.sent.spend(self.budget.requests) {
                return (Err(Arc::new(self.over_budget())), None);
            }
            let (outcome, place) = self.exchange(to, call, cause).await;
            (outcome.and_then(|tape| self.read(call.rows(&tape)).map(|()| tape)), place)
        };
        self.once(call, cause, send).await
    }

    /// The answer to a request, which is sent unless that was done already.
    pub(super) async fn once(
        &self,
        call: &Call,
        cause: Cause<'_>,
        send: impl AsyncFnOnce() -> Answer,
    ) -> Result<Arc<Tape>, Arc<Fault>> {
        let cell = Arc::clone(self.answers.all().entry(Question::of(call)).or_default());
        let mut first = false;
        let (outcome, place) = cell
            .get_or_init(|| {
                first = true;
                send()
            })
            .await;
        if let (false, Some(trace), Some(place)) = (first, &self.trace, place) {
            trace.join(*place, cause);
        }
        outcome.clone()
    }
}
