//! Flights without an upstream: who joins whom, and when a flight ends.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use reqwest::header::{HeaderName, HeaderValue};
use tokio::sync::oneshot;

use super::*;

fn credentials(token: &'static str) -> Credentials {
    Credentials::new(HeaderValue::from_static(token))
}

/// Flights that end when the test says so, and how many began and ended.
#[derive(Default)]
struct Airport {
    flights: Flights<u32>,
    begun: AtomicUsize,
    over: Arc<AtomicUsize>,
}

struct Over(Arc<AtomicUsize>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Airport {
    fn question(&self, path: &str, credentials: Credentials, body: Option<&'static str>) -> Arc<RequestKey> {
        let url = Url::parse(&format!("http://h/{path}")).unwrap();
        self.flights.question((Method::GET, url, body.map(Bytes::from), false), credentials, Instant::now())
    }

    fn join(&self, question: Arc<RequestKey>) -> (Flight<u32>, bool, oneshot::Sender<u32>) {
        let (lands, landed) = oneshot::channel();
        let over = Arc::clone(&self.over);
        let (flight, shared) = self.flights.join(question, |_| {
            self.begun.fetch_add(1, Ordering::Relaxed);
            let over = Over(over);
            async move {
                let _over = over;
                landed.await.unwrap_or_default()
            }
        });
        (flight, shared, lands)
    }

    fn ask(&self, path: &str, token: &'static str) -> (Flight<u32>, bool, oneshot::Sender<u32>) {
        self.join(self.question(path, credentials(token), None))
    }

    fn counts(&self) -> (usize, usize, usize) {
        let known = lock(&self.flights.under_way).len();
        (self.begun.load(Ordering::Relaxed), self.over.load(Ordering::Relaxed), known)
    }
}

/// Looks at a flight without waiting for it.
fn poll(flight: &mut Flight<u32>) -> Poll<u32> {
    flight.poll_unpin(&mut Context::from_waker(Waker::noop()))
}

#[tokio::test]
async fn the_same_question_is_answered_once() {
    let airport = Airport::default();
    let (first, shared, lands) = airport.ask("users", "a");
    assert!(!shared);
    let others: Vec<_> = (0..3).map(|_| airport.ask("users", "a")).collect();
    assert!(others.iter().all(|(_, shared, _)| *shared));
    lands.send(7).unwrap();
    assert_eq!(first.await, 7);
    for (other, ..) in others {
        assert_eq!(other.await, 7);
    }
    assert_eq!(airport.counts(), (1, 1, 0));
}

#[test]
fn whatever_the_upstream_may_answer_by_makes_it_another_question() {
    let airport = Airport::default();
    let forwarding = |value: &'static str| {
        let mut credentials = credentials("a");
        credentials.forward(HeaderName::from_static("x-tenant"), HeaderValue::from_static(value));
        credentials
    };
    let questions = [
        airport.question("users", credentials("a"), None),
        airport.question("users", credentials("b"), None),
        airport.question("users", Credentials::default(), None),
        airport.question("users?a", credentials("a"), None),
        airport.question("users", credentials("a"), Some("x")),
        airport.question("users", credentials("a"), Some("y")),
        airport.question("users", forwarding("x"), None),
        airport.question("users", forwarding("y"), None),
    ];
    let flights: Vec<_> = questions.into_iter().map(|question| airport.join(question)).collect();
    assert!(flights.iter().all(|(_, shared, _)| !shared));
    assert_eq!(airport.counts(), (8, 0, 8));

    let mut traced = forwarding("x");
    traced.trace(HeaderName::from_static("x-request-id"), HeaderValue::from_static("1"));
    assert!(airport.join(airport.question("users", traced, None)).1, "which request it is means nothing");
    let url = || Url::parse("http://h/users").unwrap();
    let posted = airport.flights.question((Method::POST, url(), None, false), credentials("a"), Instant::now());
    assert!(!airport.join(posted).1);
}

#[test]
fn who_leaves_takes_nothing_from_the_others_and_the_last_one_ends_it() {
    let airport = Airport::default();
    let (mut first, _, _lands) = airport.ask("users", "a");
    let (mut second, ..) = airport.ask("users", "a");
    let (third, ..) = airport.ask("users", "a");
    assert!(poll(&mut first).is_pending());
    drop(first);
    assert!(poll(&mut second).is_pending());
    drop(third);
    assert_eq!(airport.counts(), (1, 0, 1));
    drop(second);
    assert_eq!(airport.counts(), (1, 1, 0), "it ended and is forgotten");
}

#[tokio::test]
async fn the_others_are_woken_when_the_one_that_drove_it_has_left() {
    let airport = Airport::default();
    let (mut first, _, lands) = airport.ask("users", "a");
    assert!(poll(&mut first).is_pending());
    let (second, ..) = airport.ask("users", "a");
    let second = tokio::spawn(second);
    tokio::task::yield_now().await;
    drop(first);
    lands.send(7).unwrap();
    assert_eq!(second.await.unwrap(), 7);
}

/// Each thread may have a runtime of its own, and one may stop looking after its tasks.
#[test]
fn a_waiter_of_another_runtime_gets_its_answer_whatever_becomes_of_the_first() {
    let airport = Airport::default();
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (one, other) = (runtime(), runtime());
    let (first, _, lands) = airport.ask("users", "a");
    let (second, ..) = airport.ask("users", "a");
    let mut first = Box::pin(first);
    // The first drives it, and is never looked after again.
    one.block_on(async { assert!(tokio::time::timeout(Duration::from_millis(1), &mut first).await.is_err()) });
    let waiting = std::thread::spawn(move || other.block_on(second));
    lands.send(7).unwrap();
    assert_eq!(waiting.join().unwrap(), 7);
    assert_eq!(one.block_on(first), 7);
}

#[tokio::test]
async fn nobody_joins_what_began_before_a_write_of_the_same_caller() {
    let airport = Airport::default();
    let (before, _, lands) = airport.ask("users", "a");
    let (stranger, ..) = airport.ask("users", "b");
    airport.flights.forget(&credentials("a"));
    let (after, shared, lands_after) = airport.ask("users", "a");
    assert!(!shared);
    assert!(airport.ask("users", "b").1, "the write of another caller means nothing");
    assert!(airport.ask("users", "a").1, "what began after it is joined");
    lands.send(1).unwrap();
    assert_eq!(before.await, 1, "who asked before gets what was asked for");
    assert!(airport.ask("users", "a").1, "the end of the old flight does not end that the new one is known");
    lands_after.send(2).unwrap();
    assert_eq!(after.await, 2);
    drop(stranger);
    assert_eq!(airport.counts().2, 0);
}

#[test]
fn a_flight_waits_as_long_as_the_most_patient_of_those_who_wait() {
    let airport = Airport::default();
    let url = || Url::parse("http://h/users").unwrap();
    let now = Instant::now();
    let of = |seconds| now + Duration::from_secs(seconds);
    let asked = |seconds| airport.flights.question((Method::GET, url(), None, false), credentials("a"), of(seconds));
    let first = asked(5);
    let flight = airport.join(Arc::clone(&first));
    for (seconds, latest) in [(9, 9), (7, 9), (12, 12)] {
        let joined = airport.join(asked(seconds));
        assert!(joined.1);
        assert_eq!(first.until(), of(latest));
    }
    drop(flight);
}
