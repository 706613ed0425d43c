//! What was found out at places that come again: references to one entity are mostly the same text, and share a place.

use crate::{graph::document::plan::SelectionId, loader::store::Place};

/// How many places are remembered, a power of two. One that comes later takes the slot of one before it.
const SLOTS: usize = 512;

/// Values by place and selection. It may forget, so it is only for what can be found out again.
pub struct Memo<V> {
    slots: Vec<Option<(Place, SelectionId, V)>>,
}

/// Nothing; room is made for the first value.
impl<V> Default for Memo<V> {
    fn default() -> Self {
        Memo { slots: vec![] }
    }
}

impl<V: Clone> Memo<V> {
    /// What was found out there, if it is still known.
    #[must_use]
    pub fn get(&self, place: Place, sel: SelectionId) -> Option<&V> {
        match self.slots.get(slot(place, sel)) {
            Some(Some((found, selected, value))) if *found == place && *selected == sel => Some(value),
            _ => None,
        }
    }

    /// Remembers what was found out there.
    pub fn keep(&mut self, place: Place, sel: SelectionId, value: V) {
        if self.slots.is_empty() {
            self.slots.resize(SLOTS, None);
        }
        self.slots[slot(place, sel)] = Some((place, sel, value));
    }

    /// Forgets what was found out there.
    pub fn forget(&mut self, place: Place, sel: SelectionId) {
        if self.get(place, sel).is_some() {
            self.slots[slot(place, sel)] = None;
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.slots.clear();
    }
}

fn slot(place: Place, sel: SelectionId) -> usize {
    let mixed =
        (u64::from(place.at) ^ u64::from(place.body) << 32 ^ (sel as u64) << 48).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    usize::try_from(mixed >> (u64::BITS - SLOTS.trailing_zeros())).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::model::FieldSet;

    #[test]
    fn a_value_is_found_by_all_of_its_key_until_its_slot_is_taken() {
        let place = |body, at| Place { body, at, told: FieldSet::NONE, row: false, under: None, touched: None };
        let mut memo = Memo::default();
        assert_eq!(memo.get(place(0, 1), 0), None);
        memo.keep(place(0, 1), 0, 'a');
        memo.keep(place(0, 2), 0, 'b');
        assert_eq!(memo.get(place(0, 1), 0), Some(&'a'));
        let told = Place { told: FieldSet::single(1), ..place(0, 1) };
        let under = Place { under: Some(1), ..place(0, 1) };
        let row = Place { row: true, ..place(0, 1) };
        let touched = Place { touched: Some(1), ..place(0, 1) };
        let others = [place(1, 1), place(0, 3), told, under, row, touched].map(|other| (other, 0));
        for (other, sel) in others.into_iter().chain([(place(0, 1), 1)]) {
            assert_eq!(memo.get(other, sel), None);
        }
        memo.forget(told, 0);
        assert_eq!(memo.get(place(0, 1), 0), Some(&'a'));
        memo.forget(place(0, 1), 0);
        assert_eq!(memo.get(place(0, 1), 0), None);
        for at in 0..10_000 {
            memo.keep(place(0, at), 0, 'c');
        }
        assert!(memo.get(place(0, 2), 0).is_none_or(|value| *value == 'c'));
        memo.clear();
        assert!((0..10_000).all(|at| memo.get(place(0, at), 0).is_none()));
    }
}
