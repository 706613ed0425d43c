//! The loads of one operation: united with those of the round where several root fields wait at a time, else made at once.

use super::{batch::Batch, idle::Idle, requests::LoadRequest};
use async_graphql::dataloader::{DataLoader, Loader};
use std::{
    collections::HashMap,
    convert::Infallible,
    hash::{Hash, Hasher},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// How an operation loads.
#[expect(clippy::large_enum_variant, reason = "there is one for each operation, which is not moved")]
pub enum Loads {
    /// One waits at a time: there is nobody to wait for, and nothing to unite with.
    Alone(Batch),
    /// Several may wait: what they ask leaves together.
    Together {
        /// Gathers what is asked in a round.
        loader: DataLoader<Gathering>,
        /// When a round begins.
        idle: Idle,
        /// Tells keys apart.
        numbers: AtomicU64,
    },
}

impl Loads {
    /// The loads of an operation of which several root fields may wait at a time.
    #[must_use]
    pub fn together(batch: Batch) -> Loads {
        let idle = Idle::default();
        let gathering = Gathering { batch, idle: idle.clone() };
        // Rounds decide when a batch leaves, never its size: ids are cut into chunks inside.
        let loader = DataLoader::new(gathering, idle.clone(), idle.clone()).max_batch_size(usize::MAX);
        Loads::Together { loader, idle, numbers: AtomicU64::new(0) }
    }

    /// What asks.
    #[must_use]
    pub fn batch(&self) -> &Batch {
        match self {
            Loads::Alone(batch) => batch,
            Loads::Together { loader, .. } => &loader.loader().batch,
        }
    }

    /// Waits for what a root field asks. Faults are kept with what they belong to; a load does not fail.
    pub async fn load(&self, asked: LoadRequest) {
        match self {
            Loads::Alone(batch) => batch.round(&[&asked]).await,
            Loads::Together { loader, numbers, .. } => {
                let number = numbers.fetch_add(1, Ordering::Relaxed);
                let Ok(_) = loader.load_one(Key { number, asked: Arc::new(asked) }).await;
            }
        }
    }
}

/// The loader of what was asked in a round.
pub struct Gathering {
    batch: Batch,
    idle: Idle,
}

/// The key of the data loader. Keys are told apart by number alone, since the uniting happens where all of a round is
/// together.
#[derive(Clone)]
struct Key {
    number: u64,
    asked: Arc<LoadRequest>,
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.number.hash(state);
    }
}

impl Loader<Key> for Gathering {
    type Value = ();
    type Error = Infallible;

    async fn load(&self, keys: &[Key]) -> Result<HashMap<Key, ()>, Infallible> {
        let _in_flight = self.idle.in_flight();
        let asked: Vec<&LoadRequest> = keys.iter().map(|key| &*key.asked).collect();
        self.batch.round(&asked).await;
        Ok(keys.iter().map(|key| (key.clone(), ())).collect())
    }
}
