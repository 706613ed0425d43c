//! A caller who hangs up: what was begun to be changed is brought to its end.

use super::{Asked, eventually, response, user, world};
use crate::support::limits;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::sync::Semaphore;

/// Long enough for a gateway on the same machine to notice that its caller is gone.
const A_WHILE: Duration = Duration::from_millis(700);

#[tokio::test]
async fn a_write_is_brought_to_its_end_when_its_caller_hangs_up() {
    let (gate, done) = (Arc::new(Semaphore::new(0)), Arc::new(AtomicUsize::new(0)));
    let answer = {
        let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
        move |asked: Asked| {
            let (gate, done) = (Arc::clone(&gate), Arc::clone(&done));
            async move {
                if !asked.line.starts_with("GET") {
                    // The server of the test drops what it does for a connection that is closed.
                    gate.acquire().await.expect("open").forget();
                    done.fetch_add(1, Ordering::SeqCst);
                }
                response((200, user("USR-1", "Ann")))
            }
        }
    };
    let world = world(|settings| settings, limits(), answer).await;
    let caller = world.spawn("ann", r#"mutation { blockUser(input: { id: "USR-1" }) { user { id } } }"#);
    world.until_asked(1).await;
    caller.abort();
    tokio::time::sleep(A_WHILE).await;
    gate.add_permits(1);
    eventually("the write is done", || done.load(Ordering::SeqCst) == 1).await;
    assert_eq!(world.count(), 1, "and sent once");
}
