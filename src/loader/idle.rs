//! Rounds: when the batches of an operation leave.
//!
//! A batch leaves when the operation has nothing left to compute (its poll returned `Pending` and nobody has woken it
//! since: a join of many futures may return `Pending` after waking itself) AND no load of it is in flight. So a round is
//! a barrier, and the list of upstream requests is a function of query and data, never of timing. There is no clock and
//! no second task: the operation and its loads are driven together.

use async_graphql::runtime::Timer;
use futures::{
    FutureExt, StreamExt,
    channel::oneshot,
    future::{BoxFuture, FutureObj},
    stream::FuturesUnordered,
    task::{Spawn, SpawnError},
};
use parking_lot::Mutex;
use std::{
    future::Future,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

/// What the rounds of one operation share: who waits for the next one, which loads were begun, how many are in flight.
#[derive(Default)]
pub struct Rounds {
    waiting: Mutex<Vec<oneshot::Sender<()>>>,
    begun: Mutex<Vec<FutureObj<'static, ()>>>,
    in_flight: AtomicUsize,
}

/// A handle to the rounds of one operation: the [`Timer`] and [`Spawn`] of its `DataLoader`.
#[derive(Clone, Default)]
pub struct Idle(Arc<Rounds>);

/// A load in flight; no round begins while one lives.
pub struct InFlight(Arc<Rounds>);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Idle {
    /// Says that a load is in flight until the answer is dropped.
    #[must_use]
    pub fn in_flight(&self) -> InFlight {
        self.0.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self.0.clone())
    }

    /// Lets everything go that waits for the next round; false when nothing waits.
    fn next_round(&self) -> bool {
        if self.0.in_flight.load(Ordering::Relaxed) > 0 {
            return false;
        }
        let waiting = std::mem::take(&mut *self.0.waiting.lock());
        let any = !waiting.is_empty();
        for tell in waiting {
            // The waiter may have been cancelled: then nobody is to be told.
            let _ = tell.send(());
        }
        any
    }

    /// Drives an operation together with its loads to its end.
    pub async fn drive<F: Future>(&self, operation: F) -> F::Output {
        let mut operation = pin!(operation);
        let mut loads = FuturesUnordered::new();
        let mut flag: Option<Arc<Flag>> = None;
        std::future::poll_fn(move |cx| {
            let flag = match &mut flag {
                Some(flag) if flag.outer.will_wake(cx.waker()) => flag,
                other => other.insert(Flag::new(cx.waker())),
            };
            let waker = Waker::from(flag.clone());
            let mut inner = Context::from_waker(&waker);
            loop {
                while flag.state.swap(POLLED, Ordering::AcqRel) == WOKEN {
                    if let Poll::Ready(output) = operation.as_mut().poll(&mut inner) {
                        return Poll::Ready(output);
                    }
                    loop {
                        loads.extend(std::mem::take(&mut *self.0.begun.lock()));
                        let finished = matches!(loads.poll_next_unpin(&mut inner), Poll::Ready(Some(())));
                        if !finished && self.0.begun.lock().is_empty() {
                            break;
                        }
                    }
                }
                if self.next_round() {
                    flag.state.store(WOKEN, Ordering::Relaxed);
                } else if flag.state.compare_exchange(POLLED, ASLEEP, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    return Poll::Pending;
                }
            }
        })
        .await
    }
}

impl Timer for Idle {
    fn delay(&self, _guess: Duration) -> BoxFuture<'static, ()> {
        let (tell, told) = oneshot::channel();
        self.0.waiting.lock().push(tell);
        told.map(|_| ()).boxed()
    }
}

impl Spawn for Idle {
    fn spawn_obj(&self, load: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0.begun.lock().push(load);
        Ok(())
    }
}

/// Notes that somebody woke the operation, and passes it on, unless it is being polled: then it sees for itself, and one
/// more poll of the whole task would find nothing.
struct Flag {
    state: AtomicU8,
    outer: Waker,
}

/// It waits to be woken.
const ASLEEP: u8 = 0;

/// It is polled, and nobody has woken it since.
const POLLED: u8 = 1;

/// Somebody woke it.
const WOKEN: u8 = 2;

impl Flag {
    fn new(outer: &Waker) -> Arc<Self> {
        Arc::new(Flag { state: AtomicU8::new(WOKEN), outer: outer.clone() })
    }
}

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if self.state.swap(WOKEN, Ordering::AcqRel) == ASLEEP {
            self.outer.wake_by_ref();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_graphql::dataloader::{DataLoader, Loader};
    use std::collections::HashMap;

    /// Records what came in each batch and answers after as many polls as it is told.
    struct Recorder {
        idle: Idle,
        batches: Batches,
    }

    impl Loader<u32> for Recorder {
        type Value = u32;
        type Error = ();

        async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, ()> {
            let _in_flight = self.idle.in_flight();
            let mut sorted = keys.to_vec();
            sorted.sort_unstable();
            self.batches.lock().push(sorted);
            tokio::task::yield_now().await;
            Ok(keys.iter().map(|key| (*key, key * 10)).collect())
        }
    }

    type Batches = Arc<Mutex<Vec<Vec<u32>>>>;

    fn loader() -> (Idle, DataLoader<Recorder>, Batches) {
        let (idle, batches) = (Idle::default(), Batches::default());
        let recorder = Recorder { idle: idle.clone(), batches: Arc::clone(&batches) };
        (idle.clone(), DataLoader::new(recorder, idle.clone(), idle), batches)
    }

    #[tokio::test]
    async fn everything_that_waits_leaves_together() {
        let (idle, loader, batches) = loader();
        let all = idle.drive(futures::future::join_all((1..=100).map(|key| loader.load_one(key)))).await;
        assert_eq!(all.into_iter().map(|one| one.unwrap().unwrap()).sum::<u32>(), 50_500);
        assert_eq!(*batches.lock(), [(1..=100).collect::<Vec<_>>()]);
    }

    #[tokio::test]
    async fn a_round_waits_for_those_that_compute_longer() {
        let (idle, loader, batches) = loader();
        let slow = async {
            for _ in 0..50 {
                let mut woken = false;
                std::future::poll_fn(|cx| {
                    cx.waker().wake_by_ref();
                    if std::mem::replace(&mut woken, true) { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            }
            loader.load_one(2).await
        };
        idle.drive(futures::future::join(loader.load_one(1), slow)).await.1.unwrap();
        assert_eq!(*batches.lock(), [[1, 2]]);
    }

    #[tokio::test]
    async fn the_task_is_not_woken_by_what_it_sees_for_itself() {
        struct Slow(Idle);
        impl Loader<u32> for Slow {
            type Value = u32;
            type Error = ();
            async fn load(&self, keys: &[u32]) -> Result<HashMap<u32, u32>, ()> {
                let _in_flight = self.0.in_flight();
                tokio::time::sleep(Duration::from_millis(5)).await;
                Ok(keys.iter().map(|key| (*key, key * 10)).collect())
            }
        }
        let idle = Idle::default();
        let loader = DataLoader::new(Slow(idle.clone()), idle.clone(), idle.clone());
        let mut driven = pin!(idle.drive(loader.load_one(1)));
        let mut polls = 0;
        let driven = std::future::poll_fn(|cx| {
            polls += 1;
            driven.as_mut().poll(cx)
        });
        assert_eq!(driven.await, Ok(Some(10)));
        // Once to begin, and once when the load is done.
        assert_eq!(polls, 2);
    }

    #[tokio::test]
    async fn the_operation_is_not_polled_when_nobody_woke_it() {
        let idle = Idle::default();
        let polls = std::cell::Cell::new(0);
        let mut driven = pin!(idle.drive(std::future::poll_fn(|_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })));
        for _ in 0..3 {
            assert!(futures::poll!(driven.as_mut()).is_pending());
        }
        assert_eq!(polls.get(), 1);
    }

    #[tokio::test]
    async fn a_chain_takes_one_round_a_step() {
        let (idle, loader, batches) = loader();
        let chain = async |start: u32| {
            let mut at = start;
            for _ in 0..3 {
                at = loader.load_one(at).await.unwrap().unwrap();
            }
        };
        idle.drive(futures::future::join(chain(1), chain(2))).await;
        assert_eq!(*batches.lock(), [[1, 2], [10, 20], [100, 200]]);
    }

    #[tokio::test]
    async fn a_cancelled_caller_harms_no_one() {
        let (idle, loader, _) = loader();
        let result = idle
            .drive(async {
                let mut cancelled = Box::pin(loader.load_one(1));
                assert!(futures::poll!(&mut cancelled).is_pending());
                drop(cancelled);
                loader.load_one(2).await
            })
            .await;
        assert_eq!(result, Ok(Some(20)));
    }
}
