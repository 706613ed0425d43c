//! The threads that answer: each with a runtime of its own, so that what belongs to a request stays on one of them.
//!
//! A connection is given to the thread that has the fewest, and its requests, their upstream connections and their
//! memory stay there: nothing is woken on another CPU and nothing is freed by another thread's allocator. The streams of
//! an HTTP/2 connection are many clients behind one socket and are dealt out to all threads.

use std::{
    cell::Cell,
    future::Future,
    io,
    num::NonZeroUsize,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
};
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

thread_local! {
    static PLACE: Cell<usize> = const { Cell::new(0) };
}

/// As many threads as this process may use CPUs.
#[must_use]
pub fn available() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Which of the threads this is, from 0; also 0 where it is none of them.
#[must_use]
pub fn place() -> usize {
    PLACE.get()
}

/// Threads that run tasks. They end, and drop the tasks they still have, when the last clone is dropped.
#[derive(Clone)]
pub struct Workers(Arc<Vec<Worker>>);

struct Worker {
    handle: Handle,
    /// The tasks that were given to it to keep and have not ended.
    kept: Arc<AtomicUsize>,
    next: AtomicUsize,
    _alive: oneshot::Sender<()>,
}

/// A task that a thread keeps.
struct Kept(Arc<AtomicUsize>);

impl Drop for Kept {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

impl Workers {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// When the system has no more of them, or of what a runtime needs.
    pub fn start(threads: NonZeroUsize) -> io::Result<Workers> {
        (0..threads.get()).map(Worker::start).collect::<io::Result<_>>().map(|workers| Workers(Arc::new(workers)))
    }

    /// Runs a task on the thread that keeps the fewest.
    pub fn keep(&self, task: impl Future<Output = ()> + Send + 'static) {
        let Some(worker) = self.0.iter().min_by_key(|worker| worker.kept.load(Relaxed)) else { return };
        worker.kept.fetch_add(1, Relaxed);
        let kept = Kept(Arc::clone(&worker.kept));
        worker.handle.spawn(async move {
            task.await;
            drop(kept);
        });
    }
}

/// Deals tasks out, thread by thread.
impl<F> hyper::rt::Executor<F> for Workers
where
    F: Future<Output: Send> + Send + 'static,
{
    fn execute(&self, task: F) {
        if let Some(here) = self.0.get(place()) {
            let next = here.next.fetch_add(1, Relaxed) % self.0.len();
            self.0[next].handle.spawn(task);
        }
    }
}

impl Worker {
    fn start(place: usize) -> io::Result<Worker> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (alive, ended) = oneshot::channel();
        thread::Builder::new().name(format!("worker-{place}")).spawn(move || {
            PLACE.set(place);
            // Ends with an error when the other side is dropped, which is what it waits for.
            let _ = runtime.block_on(ended);
        })?;
        Ok(Worker { handle, kept: Arc::default(), next: AtomicUsize::new(place), _alive: alive })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::rt::Executor;
    use std::{collections::BTreeSet, sync::mpsc};

    #[test]
    fn tasks_are_kept_by_all_threads_and_dealt_out_to_all() {
        let workers = Workers::start(NonZeroUsize::new(3).unwrap()).unwrap();
        let (sender, receiver) = mpsc::channel();
        for _ in 0..3 {
            let sender = sender.clone();
            workers.keep(async move {
                sender.send(place()).unwrap();
                std::future::pending::<()>().await;
            });
        }
        assert_eq!(receiver.iter().take(3).collect::<BTreeSet<_>>().len(), 3);
        for _ in 0..3 {
            let sender = sender.clone();
            workers.execute(async move { sender.send(place()).unwrap() });
        }
        assert_eq!(receiver.iter().take(3).collect::<BTreeSet<_>>().len(), 3);
    }

    #[test]
    fn tasks_end_with_the_threads() {
        let workers = Workers::start(NonZeroUsize::MIN).unwrap();
        let (sender, receiver) = mpsc::channel::<()>();
        workers.keep(async move {
            std::future::pending::<()>().await;
            drop(sender);
        });
        drop(workers);
        assert_eq!(receiver.recv(), Err(mpsc::RecvError));
    }
}
