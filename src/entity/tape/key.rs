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

/// What names stand for, ready to be looked up by the name of a member.
#[derive(Clone, Debug)]
pub struct Keys<T> {
    entries: Vec<(Key, T)>,
    /// By the lowest bits of a name's hash: the first entry to look at, and then the slots behind it. [`FREE`] ends the
    /// search.
    slots: Box<[u16]>,
}

const FREE: u16 = u16::MAX;

impl<T: Copy> Keys<T> {
    /// What a name stands for: the first of equal names.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<T> {
        self.look(hash(name.as_bytes()), name)
    }

    /// The same for a name whose hash is known.
    pub(super) fn look(&self, hash: u32, name: &str) -> Option<T> {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        loop {
            let (key, meaning) = self.entries.get(usize::from(self.slots[slot]))?;
            if key.hash == hash && key.text == name {
                return Some(*meaning);
            }
            slot = (slot + 1) & mask;
        }
    }
}

impl<T> FromIterator<(Key, T)> for Keys<T> {
    fn from_iter<I: IntoIterator<Item = (Key, T)>>(entries: I) -> Self {
        let entries: Vec<_> = entries.into_iter().collect();
        // At most half full, so that a search soon ends, and always does.
        let mut slots = vec![FREE; (2 * entries.len() + 1).next_power_of_two()].into_boxed_slice();
        for (place, (key, _)) in entries.iter().enumerate() {
            let mut slot = key.hash as usize & (slots.len() - 1);
            while slots[slot] != FREE {
                slot = (slot + 1) & (slots.len() - 1);
            }
            slots[slot] = u16::try_from(place).unwrap_or(FREE);
        }
        Keys { entries, slots }
    }
}

impl From<&str> for Key {
    fn from(name: &str) -> Key {
        Key { text: Cow::Owned(name.to_owned()), hash: hash(name.as_bytes()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_others_are_not() {
        assert_eq!([].into_iter().collect::<Keys<usize>>().get("id"), None);
        for number in [1, 2, 7, 100] {
            let names: Vec<_> = (0..number).map(|place| format!("name{place}")).collect();
            let keys: Keys<_> = names.iter().enumerate().map(|(place, name)| (Key::from(&**name), place)).collect();
            for (place, name) in names.iter().enumerate() {
                assert_eq!(keys.get(name), Some(place));
            }
            assert_eq!((keys.get("name"), keys.get(""), keys.get(&format!("name{number}"))), (None, None, None));
        }
        let twice: Keys<_> = [(Key::new("id"), 1), (Key::new("id"), 2)].into_iter().collect();
        assert_eq!(twice.get("id"), Some(1));
    }
}
