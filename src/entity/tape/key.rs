//! Names of members, ready to be looked for.

use std::borrow::Cow;

/// The name of a member with its hash, so that looking it up compares numbers before it compares text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    text: Cow<'static, str>,
    hash: u32,
}

/// The hash of a name (FNV-1a), without the highest bit, which tokens need for themselves.
pub(super) const fn hash(name: &[u8]) -> u32 {
    let (mut hash, mut place) = (0x811C_9DC5_u32, 0);
    while place < name.len() {
        hash = (hash ^ name[place] as u32).wrapping_mul(0x0100_0193);
        place += 1;
    }
    hash & (u32::MAX >> 1)
}

impl Key {
    /// A name that is known when the program is made.
    #[must_use]
    pub const fn new(name: &'static str) -> Key {
        Key { text: Cow::Borrowed(name), hash: hash(name.as_bytes()) }
    }

    /// The name.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn hash(&self) -> u32 {
        self.hash
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Key {
        Key { text: Cow::Owned(name.to_owned()), hash: hash(name.as_bytes()) }
    }
}
