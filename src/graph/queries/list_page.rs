//! A page of a list that is read whole, such as one that REST embeds in its parent: cut out here, without a request of its
//! own. Such a list is in the order of its ids, and a cursor is an id: the next page begins behind it, whether or not the
//! entity is still there. So an entity that is in the list all the time is on one page, whatever comes and goes meanwhile.

use super::values::{VariableValues, argument};
use crate::{
    fault::Fault,
    graph::{
        document::plan::ListPlan,
        error::bad_input,
        schema::arguments::{EMBEDDED_PAGE, MAX_PAGE},
    },
};
use async_graphql::{Value, registry::Registry};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use std::sync::Arc;

/// Which part of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListWindow {
    /// Ties cursors to the field.
    pub digest: u32,
    /// How many at most, and whether they are counted from the end.
    pub take: (usize, bool),
    /// How many to leave out at the start.
    pub offset: usize,
    /// The id behind which the page begins.
    pub after: Option<String>,
    /// The id before which the page ends.
    pub before: Option<String>,
}

impl ListWindow {
    /// The window of a list, from its arguments.
    ///
    /// # Errors
    ///
    /// With `BAD_USER_INPUT` when the arguments contradict each other or go beyond a limit.
    pub fn new(registry: &Registry, plan: &ListPlan, variables: &VariableValues) -> Result<Self, Arc<Fault>> {
        let take = |name: &str, ty: &str| argument(registry, &plan.arguments, variables, name, ty);
        let number = |name: &str| Ok::<_, Arc<Fault>>(take(name, "Int")?.as_ref().and_then(integer));
        let size = |name: &str| match number(name)?.map(usize::try_from) {
            None => Ok(None),
            Some(Ok(size)) if size <= MAX_PAGE => Ok(Some(size)),
            Some(_) => Err(bad_input(format!("Argument {name} must be between 0 and {MAX_PAGE}."))),
        };
        let (first, last) = (size("first")?, size("last")?);
        let offset = match number("offset")?.map(usize::try_from) {
            None => None,
            Some(Ok(offset)) => Some(offset),
            Some(Err(_)) => return Err(bad_input("Argument offset must not be negative.")),
        };
        let digest = digest(&plan.of);
        let after = id_in("after", take("after", "String")?, digest)?;
        let before = id_in("before", take("before", "String")?, digest)?;
        if first.is_some() && last.is_some() {
            return Err(bad_input("Give either first or last, not both."));
        }
        if offset.is_some() && (after.is_some() || before.is_some() || last.is_some()) {
            return Err(bad_input("Argument offset does not go together with a cursor or last."));
        }
        let take = last.map_or((first.unwrap_or(EMBEDDED_PAGE), false), |last| (last, true));
        Ok(ListWindow { digest, take, offset: offset.unwrap_or(0), after, before })
    }

    /// Whether all of a list of so many is wanted, whatever their ids.
    #[must_use]
    pub fn covers(&self, count: usize) -> bool {
        count <= self.take.0 && self.offset == 0 && self.after.is_none() && self.before.is_none()
    }

    /// How many of so many are wanted at most.
    #[must_use]
    pub fn most(&self, count: usize) -> usize {
        count.min(self.take.0)
    }

    /// The places of the page in a list with these ids, which are in order: the first, and the one behind the last.
    #[must_use]
    pub fn places<'a, T>(&self, list: &[T], id: impl Fn(&T) -> Option<&'a str>) -> (usize, usize) {
        let behind = |limit: &str| list.partition_point(|one| id(one).is_some_and(|id| id <= limit));
        let until = |limit: &str| list.partition_point(|one| id(one).is_some_and(|id| id < limit));
        let start = self.after.as_deref().map_or(self.offset.min(list.len()), behind);
        let end = self.before.as_deref().map_or(list.len(), until).max(start);
        match self.take {
            (first, false) => (start, end.min(start.saturating_add(first))),
            (last, true) => (start.max(end.saturating_sub(last)), end),
        }
    }

    /// The cursor of an entity.
    #[must_use]
    pub fn cursor(&self, id: &str) -> String {
        let mut bytes = self.digest.to_be_bytes().to_vec();
        bytes.extend_from_slice(id.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }
}

fn integer(value: &Value) -> Option<i64> {
    if let Value::Number(number) = value { number.as_i64() } else { None }
}

/// The id in a cursor.
fn id_in(name: &str, value: Option<Value>, digest: u32) -> Result<Option<String>, Arc<Fault>> {
    let Some(Value::String(text)) = value else { return Ok(None) };
    let bytes = URL_SAFE_NO_PAD.decode(&text).unwrap_or_default();
    let id = bytes.split_first_chunk::<4>().and_then(|(of, id)| Some((*of, std::str::from_utf8(id).ok()?)));
    match id {
        Some((of, id)) if of == digest.to_be_bytes() => Ok(Some(id.to_owned())),
        Some(_) => Err(bad_input(format!(
            "Argument {name} is a cursor of another list, filter or order: cursors hold only for the one they came from."
        ))),
        None => Err(bad_input(format!("Argument {name} is no cursor of this graph: use one from pageInfo or edges."))),
    }
}

/// Ties a cursor to the field that it came from. FNV-1a, since cursors outlive the process.
fn digest(of: &str) -> u32 {
    of.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(take: (usize, bool), offset: usize, after: Option<&str>, before: Option<&str>) -> ListWindow {
        ListWindow { digest: 7, take, offset, after: after.map(str::to_owned), before: before.map(str::to_owned) }
    }

    #[test]
    fn a_page_is_cut_out_by_ids() {
        let list = ["b", "d", "f", "h"];
        for (window, places) in [
            (window((9, false), 0, None, None), (0, 4)),
            (window((2, false), 0, None, None), (0, 2)),
            (window((0, false), 0, None, None), (0, 0)),
            (window((2, false), 3, None, None), (3, 4)),
            (window((2, false), 9, None, None), (4, 4)),
            (window((2, false), 0, Some("b"), None), (1, 3)),
            // What the cursor names is gone: what was behind it comes next.
            (window((2, false), 0, Some("c"), None), (1, 3)),
            (window((2, false), 0, Some("z"), None), (4, 4)),
            (window((9, false), 0, None, Some("f")), (0, 2)),
            (window((9, false), 0, Some("f"), Some("c")), (3, 3)),
            (window((2, true), 0, None, None), (2, 4)),
            (window((2, true), 0, None, Some("h")), (1, 3)),
            (window((2, true), 0, None, Some("g")), (1, 3)),
            (window((9, true), 0, Some("b"), Some("h")), (1, 3)),
        ] {
            assert_eq!(window.places(&list, |id| Some(*id)), places, "{window:?}");
        }
    }

    #[test]
    fn only_a_window_without_limits_inside_the_list_covers_it() {
        assert!(window((4, false), 0, None, None).covers(4));
        assert!(window((4, true), 0, None, None).covers(4));
        assert!(!window((3, false), 0, None, None).covers(4));
        assert!(!window((9, false), 1, None, None).covers(4));
        assert!(!window((9, false), 0, Some("a"), None).covers(4));
        assert!(!window((9, false), 0, None, Some("z")).covers(4));
    }

    #[test]
    fn a_cursor_holds_only_for_its_field() {
        let text = |text: &str| Some(Value::String(text.to_owned()));
        let window = ListWindow { digest: digest("Account.groups"), ..window((9, false), 0, None, None) };
        let cursor = window.cursor("UGR-1234-5678");
        assert_eq!(id_in("after", text(&cursor), window.digest).unwrap().as_deref(), Some("UGR-1234-5678"));
        for (given, complaint) in [
            (&*cursor, "Argument after is a cursor of another list, filter or order"),
            ("42", "Argument after is no cursor of this graph"),
            ("", "Argument after is no cursor of this graph"),
            ("\u{e9}", "Argument after is no cursor of this graph"),
        ] {
            let fault = id_in("after", text(given), digest("User.groups")).unwrap_err();
            assert!(fault.message().starts_with(complaint), "{given:?}: {fault}");
        }
    }
}
