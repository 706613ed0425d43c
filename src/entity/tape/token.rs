//! What a tape consists of.

use std::ops::Range;

/// The span of one value or member name.
///
/// A container is followed by the tokens of all it holds, an object's by name and value in turn; one that is the same,
/// byte for byte, as a container before it has no tokens of its own but says where that one is.
#[derive(Clone, Copy)]
pub(super) struct Token {
    /// The first byte, an opening quote or bracket included.
    pub(super) start: u32,
    /// How many bytes it has.
    pub(super) length: u32,
    /// Of a value, how many tokens it takes with all it holds; of a name, its hash. [`MARK`] is set for a string with
    /// escapes, and alone in a value. A repeated container has it set, and the place of the first one.
    ///
    /// The bit is free: each token but the root is set off by at least one byte from the last, so there are no more
    /// than half as many tokens as bytes, plus one.
    pub(super) rest: u32,
}

pub(super) const MARK: u32 = 1 << 31;

impl Token {
    /// How many tokens a value takes.
    pub(super) fn tokens(self) -> u32 {
        if self.rest & MARK == 0 { self.rest } else { 1 }
    }

    /// The place of the first container that is the same, if this value is a repeated one: never the root's.
    pub(super) fn first(self) -> Option<u32> {
        (self.rest > MARK).then_some(self.rest & !MARK)
    }

    /// The hash of a name without escapes.
    pub(super) fn hash(self) -> u32 {
        self.rest
    }

    /// Whether this may be the name with this hash; one with escapes is not looked at.
    pub(super) fn is_name(self, hash: u32) -> bool {
        self.rest == hash
    }

    /// The bytes of the body that it spans.
    pub(super) fn span(self) -> Range<usize> {
        let start = self.start as usize;
        start..start + self.length as usize
    }

    pub(super) fn escaped(self) -> bool {
        self.rest & MARK != 0
    }
}

/// A place in a body or in its list of tokens.
#[expect(clippy::cast_possible_truncation, reason = "`scan` refuses bodies that do not fit")]
pub(super) fn narrow(place: usize) -> u32 {
    place as u32
}
