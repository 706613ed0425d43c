//! Strings that have escapes, as text.

use super::token::narrow;
use super::{At, Json, Tape};

/// The strings of a tape that have escapes, as text.
#[derive(Default)]
pub(super) struct Decoded {
    /// One behind the other.
    text: String,
    /// The place of each, ascending, and where it begins in `text`.
    starts: Vec<(At, u32)>,
}

impl Decoded {
    pub(super) fn of(tape: &Tape) -> Decoded {
        let mut decoded = Decoded::default();
        for (place, token) in tape.tokens.iter().enumerate().filter(|(_, token)| token.escaped()) {
            let at = narrow(place);
            if tape.kind(at) == Json::String {
                decoded.starts.push((at, narrow(decoded.text.len())));
                decoded.text.push_str(&tape.decode(token));
            }
        }
        decoded
    }

    pub(super) fn get(&self, at: At) -> Option<&str> {
        let index = self.starts.binary_search_by_key(&at, |(at, _)| *at).ok()?;
        let end = self.starts.get(index + 1).map_or(self.text.len(), |(_, next)| *next as usize);
        self.text.get(self.starts[index].1 as usize..end)
    }
}
