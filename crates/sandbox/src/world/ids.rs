//! Identifiers: scattered like the upstream's, unique, and leaving room for the fixed ones.

/// Hands out the ids of one prefix.
pub(super) struct Ids {
    prefix: &'static str,
    groups: u32,
    next: u64,
    reserved: &'static [&'static str],
}

impl Ids {
    /// Ids of so many groups of four digits; `reserved` ones are handed out first, in their order.
    pub(super) fn new(prefix: &'static str, groups: u32, reserved: &'static [&'static str]) -> Ids {
        Ids { prefix, groups, next: 0, reserved }
    }

    pub(super) fn next(&mut self) -> String {
        let place = usize::try_from(self.next).unwrap_or(usize::MAX);
        self.next += 1;
        match self.reserved.get(place) {
            Some(id) => (*id).to_owned(),
            None => self.scattered(),
        }
    }

    /// An odd step that is no multiple of five visits every number of a power of ten exactly once.
    fn scattered(&mut self) -> String {
        loop {
            // Each prefix starts elsewhere, so that two kinds do not share their digits.
            let start: u64 = self.prefix.bytes().map(|byte| u64::from(byte) * 7_919).sum();
            let number = (self.next + start).wrapping_mul(618_033_988_749) % 10_u64.pow(4 * self.groups);
            let id = (0..self.groups).rev().fold(self.prefix.to_owned(), |id, group| {
                format!("{id}-{:04}", number / 10_u64.pow(4 * group) % 10_000)
            });
            if !self.reserved.contains(&id.as_str()) {
                return id;
            }
            // Leaves the numbering of the rows behind: a reserved number was met by chance.
            self.next += 1_000_003;
        }
    }
}
