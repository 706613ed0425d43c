//! What a body has shown so far of how it is built: rows of a list have the same members in the same order, and some
//! of them the same values. What is expected costs a comparison, what is not is read as ever.

/// The place of a [`Member`] in [`Habits`].
pub(super) type MemberId = u32;

/// No member.
pub(super) const NONE: MemberId = MemberId::MAX;

/// The member that stands for the whole body: what is around everything.
pub(super) const BODY: MemberId = 0;

/// How many members are remembered. A body with more has no habits worth learning.
const MOST: usize = 256;

/// How many members are tried before a name is read: as many as may be left out in a row.
const TRIES: usize = 4;

/// A member that was seen in objects at one place of the structure.
pub(super) struct Member {
    /// Where its quoted name with the colon was first seen, and its length.
    start: usize,
    length: usize,
    /// Its first eight bytes, as far as it has them, and its last eight.
    head: u64,
    mask: u64,
    tail: u64,
    hash: u32,
    /// The member that came after it.
    next: MemberId,
    /// The first member of the objects in its value.
    first: MemberId,
}

/// The first and the last eight bytes, which overlap in a short name: two comparisons for most names.
fn words(name: &[u8]) -> (u64, u64) {
    let word = |part: &[u8]| part.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
    (word(&name[..name.len().min(8)]), word(&name[name.len().saturating_sub(8)..]))
}

fn word_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|chunk| u64::from_le_bytes(*chunk))
}

impl Member {
    /// Whether its quoted name and colon are what stands at `at`, where `word` are the first eight bytes.
    fn stands_at(&self, body: &[u8], at: usize, word: u64) -> bool {
        if word & self.mask != self.head {
            return false;
        }
        match self.length {
            ..=8 => true,
            9..=16 => word_at(body, at + self.length - 8) == Some(self.tail),
            _ => body.get(at..at + self.length) == body.get(self.start..self.start + self.length),
        }
    }
}

/// The members seen so far: a tree, in which the members below one are a chain.
pub(super) struct Habits {
    members: Vec<Member>,
    /// Whose value the innermost object is in.
    holder: MemberId,
    /// The member of it before here, [`NONE`] at its start.
    before: MemberId,
    /// The member that is expected here.
    next: MemberId,
}

impl Habits {
    pub(super) fn new() -> Habits {
        let members = vec![Member::default()];
        Habits { members, holder: BODY, before: NONE, next: NONE }
    }

    /// How many members are remembered.
    #[cfg(test)]
    pub(super) fn learnt(&self) -> usize {
        self.members.len() - 1
    }

    fn member(&mut self, id: MemberId) -> Option<&mut Member> {
        self.members.get_mut(id as usize)
    }

    /// Goes to the start of an object in the value of a member.
    pub(super) fn enter(&mut self, holder: MemberId) {
        let next = self.members.get(holder as usize).map_or(NONE, |holder| holder.first);
        (self.holder, self.before, self.next) = (holder, NONE, next);
    }

    /// Goes behind a member of an object in the value of `holder`.
    pub(super) fn leave(&mut self, holder: MemberId, member: MemberId) {
        let next = self.members.get(member as usize).map_or(NONE, |member| member.next);
        (self.holder, self.before, self.next) = (holder, member, next);
    }

    /// The member whose quoted name and colon begin at `at`, if it is one that may be expected there, with the length and
    /// the hash of its name.
    #[inline]
    pub(super) fn expected(&mut self, body: &[u8], at: usize) -> Option<(MemberId, usize, u32)> {
        let word = word_at(body, at)?;
        let mut id = self.next;
        for _ in 0..TRIES {
            let member = self.members.get(id as usize)?;
            if member.stands_at(body, at, word) {
                (self.before, self.next) = (id, member.next);
                return Some((id, member.length, member.hash));
            }
            id = member.next;
        }
        None
    }

    /// Remembers a member whose quoted name and colon are `body[start..end]`, if there is room.
    pub(super) fn learn(&mut self, body: &[u8], start: usize, end: usize, hash: u32) -> MemberId {
        if self.members.len() == MOST || self.holder == NONE {
            return self.unknown();
        }
        let name = &body[start..end];
        let mask = if name.len() < 8 { (1 << (name.len() * 8)) - 1 } else { u64::MAX };
        let (head, tail) = words(name);
        let id = MemberId::try_from(self.members.len()).unwrap_or(NONE);
        let (length, next) = (name.len(), self.next);
        self.members.push(Member { start, length, head, mask, tail, hash, next, ..Member::default() });
        let (holder, before) = (self.holder, self.before);
        match self.member(before) {
            Some(before) => before.next = id,
            None => self.members[holder as usize].first = id,
        }
        self.before = id;
        id
    }

    /// Behind a member that is not remembered nothing is expected before the object ends.
    pub(super) fn unknown(&mut self) -> MemberId {
        (self.holder, self.before, self.next) = (NONE, NONE, NONE);
        NONE
    }
}

impl Default for Member {
    fn default() -> Member {
        Member { start: 0, length: 0, head: 0, mask: 0, tail: 0, hash: 0, next: NONE, first: NONE }
    }
}

/// Containers that were read, to be found again by how they begin: references to one entity are the same, byte for byte,
/// wherever they stand, and so is what rows say of themselves.
pub(super) struct Seen {
    slots: Vec<[Container; WAYS]>,
}

/// A container that was read: its token, [`NONE`] if there is none, and how deep it stood.
#[derive(Clone, Copy)]
struct Container {
    token: u32,
    depth: u32,
}

/// How many containers that begin alike are remembered: lists often have the same first element.
const WAYS: usize = 2;

/// Where in a container its id mostly is: `{"id":"USR-…`.
const TELLING: usize = 7;

impl Seen {
    /// Room for the containers of a body of this size: in a small one hardly anything comes again.
    pub(super) fn new(bytes: usize) -> Seen {
        let slots = if bytes < 1024 { 0 } else { (bytes / 128).next_power_of_two().min(2048) };
        Seen { slots: vec![[Container { token: NONE, depth: 0 }; WAYS]; slots] }
    }

    /// The slot for a container that begins at `at`.
    #[inline]
    pub(super) fn slot(&self, body: &[u8], at: usize) -> u16 {
        let (Some(first), Some(second)) = (word_at(body, at + TELLING), word_at(body, at + TELLING + 8)) else {
            return 0;
        };
        let mixed = (first ^ second.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        u16::try_from(mixed >> 48 & (self.slots.len() as u64).wrapping_sub(1)).unwrap_or(0)
    }

    /// The tokens of the last containers in this slot that stood no less deep: deeper one might nest too deep.
    #[inline]
    pub(super) fn at(&self, slot: u16, depth: usize) -> impl Iterator<Item = u32> {
        let seen = self.slots.get(usize::from(slot)).map_or(&[][..], |ways| &ways[..]);
        let fits = move |seen: &&Container| seen.token != NONE && seen.depth as usize >= depth;
        seen.iter().filter(fits).map(|seen| seen.token)
    }

    pub(super) fn remember(&mut self, slot: u16, token: u32, depth: usize) {
        let Some(ways) = self.slots.get_mut(usize::from(slot)) else { return };
        ways.rotate_right(1);
        ways[0] = Container { token, depth: u32::try_from(depth).unwrap_or(NONE) };
    }
}
