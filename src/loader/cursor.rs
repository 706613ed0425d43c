//! A cursor: the position of a row in the order of its list. It holds what the list is ordered by, as the upstream wrote it,
//! so the next page is what comes after these values, whatever was inserted or deleted meanwhile. Beside them stands the
//! place that the row had, for hosts that cannot compare texts.
//!
//! Cursors hold data of the caller. They are never logged, and what they hold is quoted like any value of a filter.

use super::store::{Place, Store, is_placeholder};
use crate::entity::{kind::Kind, tape::Json};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// The version of the form that cursors have.
const VERSION: u8 = 2;

/// The longest value that a cursor holds. A longer one is kept as its digest, and the page behind it is found by its place.
const MOST_BYTES: usize = 1024;

/// The most values: more than any order has.
const MOST_VALUES: usize = 64;

/// What a row is ordered by, one value of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Value {
    /// It is null, or the caller may not see it: both look the same.
    Absent,
    /// It is null: the caller sees it in other rows.
    Null,
    /// A text, decoded, or a date as the upstream wrote it, with all its digits.
    Text(Box<str>),
    /// A number as the upstream wrote it.
    Number(Box<str>),
    /// A truth value.
    Truth(bool),
    /// Something that is too long to be held, by its digest.
    Long(u64),
}

/// The position of a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Cursor {
    /// The route that the list was read by, as far as the collection does not say so: see [`Cursor::mode`].
    pub mode: u8,
    /// The place of the row when it was read: from 0 on, or counted from the end, where the last row has -1.
    pub place: i32,
    /// One value for each property of the order, the row's id included.
    pub values: Box<[Value]>,
}

/// FNV-1a: cursors outlive the process.
#[must_use]
pub fn digest(bytes: impl Iterator<Item = u8>) -> u64 {
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

impl Value {
    fn of_text(text: &str) -> Value {
        if text.len() > MOST_BYTES { Value::Long(digest(text.bytes())) } else { Value::Text(text.into()) }
    }

    /// Whether nothing is seen.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Value::Absent | Value::Null)
    }

    /// What a row has at a path.
    fn of_row(store: &Store, row: Place, path: &str) -> Value {
        let tape = store.tape(row);
        let mut at = row.at;
        for name in path.split('.') {
            match tape.get(at, name) {
                Some(inner) => at = inner,
                None => return Value::Absent,
            }
        }
        let raw = || std::str::from_utf8(tape.raw(at)).unwrap_or_default();
        match tape.kind(at) {
            // A renderer's placeholder is no value.
            Json::String if is_placeholder(tape, at) => Value::Absent,
            Json::String => tape.text(at).map_or(Value::Absent, |text| Value::of_text(&text)),
            Json::Number if raw().len() <= MOST_BYTES => Value::Number(raw().into()),
            Json::Bool => Value::Truth(raw() == "true"),
            Json::Null => Value::Null,
            _ => Value::Absent,
        }
    }
}

/// How many bytes a value has.
fn length(held: &[u8]) -> [u8; 2] {
    u16::try_from(held.len()).expect("values above 1 KiB are kept as digests").to_be_bytes()
}

impl Cursor {
    /// The position of a row by what it has at these paths.
    #[must_use]
    pub fn of_row<'a>(store: &Store, row: Place, paths: impl Iterator<Item = &'a str>, mode: u8, place: i64) -> Cursor {
        let values = paths.map(|path| Value::of_row(store, row, path)).collect();
        Cursor { mode, place: i32::try_from(place).unwrap_or(i32::MAX), values }
    }

    /// Takes what is absent for null where the caller is known to see the property, by its number.
    #[must_use]
    pub fn seen(mut self, sees: impl Fn(usize) -> bool) -> Cursor {
        for (number, value) in self.values.iter_mut().enumerate() {
            if *value == Value::Absent && sees(number) {
                *value = Value::Null;
            }
        }
        self
    }

    /// Whether a row has nothing at a path.
    #[must_use]
    pub fn holds_none(store: &Store, row: Place, path: &str) -> bool {
        Value::of_row(store, row, path).is_absent()
    }

    /// Whether a row has no text at a path, where an id belongs.
    #[must_use]
    pub fn lacks_id(store: &Store, row: Place, path: &str) -> bool {
        !matches!(Value::of_row(store, row, path), Value::Text(_))
    }

    /// Whether a row stands where the cursor does: what it is ordered by is the same, its id included.
    #[must_use]
    pub fn is_at<'a>(&self, store: &Store, row: Place, paths: impl Iterator<Item = &'a str>) -> bool {
        paths.zip(&self.values).all(|(path, value)| {
            let here = Value::of_row(store, row, path);
            here == *value || (here.is_absent() && value.is_absent())
        })
    }

    /// The cursor as clients see it, tied to a list by its digest.
    #[must_use]
    pub fn text(&self, digest: u64) -> String {
        let mut bytes = Vec::with_capacity(64);
        bytes.push(VERSION);
        bytes.extend_from_slice(&digest.to_be_bytes());
        bytes.push(self.mode);
        bytes.extend_from_slice(&self.place.to_be_bytes());
        for value in &self.values {
            let (tag, held): (u8, &[u8]) = match value {
                Value::Absent => (0, &[]),
                Value::Null => (5, &[]),
                Value::Text(text) => (1, text.as_bytes()),
                Value::Number(text) => (2, text.as_bytes()),
                Value::Truth(truth) => (3, if *truth { &[1] } else { &[0] }),
                Value::Long(digest) => (4, &digest.to_be_bytes()),
            };
            bytes.push(tag);
            bytes.extend_from_slice(&length(held));
            bytes.extend_from_slice(held);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads a cursor, with the digest of its list; none when it is no cursor.
    #[must_use]
    pub fn read(text: &str) -> Option<(Cursor, u64)> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (&[version], rest) = bytes.split_first_chunk::<1>()?;
        let (digest, rest) = rest.split_first_chunk::<8>()?;
        let (&[mode], rest) = rest.split_first_chunk::<1>()?;
        let (place, mut rest) = rest.split_first_chunk::<4>()?;
        let mut values = vec![];
        while let Some((&[tag, high, low], more)) = rest.split_first_chunk::<3>() {
            let (held, more) = more.split_at_checked(usize::from(u16::from_be_bytes([high, low])))?;
            rest = more;
            let text = || std::str::from_utf8(held).ok().filter(|text| text.len() <= MOST_BYTES);
            values.push(match (tag, held) {
                (0, []) => Value::Absent,
                (5, []) => Value::Null,
                (1, _) => Value::Text(text()?.into()),
                (2, _) => Value::Number(text()?.into()),
                (3, [truth @ 0..=1]) => Value::Truth(*truth == 1),
                (4, _) => Value::Long(u64::from_be_bytes(held.try_into().ok()?)),
                _ => return None,
            });
        }
        let whole = rest.is_empty() && version == VERSION && !values.is_empty() && values.len() <= MOST_VALUES;
        let cursor = Cursor { mode, place: i32::from_be_bytes(*place), values: values.into() };
        whole.then_some((cursor, u64::from_be_bytes(*digest)))
    }
}

/// The properties that name a row: the last ones of every order.
#[must_use]
pub fn names(kind: Kind) -> &'static [&'static str] {
    // A membership is named by account and user, whatever the host's own id of it.
    if kind == Kind::AccountUser { &["account.id", "user.id"] } else { &["id"] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_as_it_was_written() {
        let values = [
            Value::Text("Ärger \"x\"".into()),
            Value::Absent,
            Value::Null,
            Value::Number("12.50".into()),
            Value::Truth(true),
            Value::Long(7),
            Value::Text("".into()),
            Value::Text("USR-0000-0001".into()),
        ];
        for place in [0, 41, -1, i32::MAX] {
            let cursor = Cursor { mode: 2, place, values: values.clone().into() };
            assert_eq!(Cursor::read(&cursor.text(u64::MAX - 3)), Some((cursor, u64::MAX - 3)));
        }
    }

    #[test]
    fn what_is_no_cursor_is_not_read() {
        let cursor = Cursor { mode: 0, place: 3, values: [Value::Text("x".into()), Value::Truth(false)].into() };
        let bytes = URL_SAFE_NO_PAD.decode(cursor.text(9)).expect("base64");
        // Cut anywhere but between values, of another version, and with nonsense in it.
        for length in (0..bytes.len()).filter(|length| *length != bytes.len() - 4) {
            assert_eq!(Cursor::read(&URL_SAFE_NO_PAD.encode(&bytes[..length])), None, "{length}");
        }
        for (at, byte) in [(0, 1), (14, 9), (14, 4), (16, 200), (bytes.len() - 1, 2), (17, 0xff)] {
            let mut changed = bytes.clone();
            changed[at] = byte;
            assert_eq!(Cursor::read(&URL_SAFE_NO_PAD.encode(changed)), None, "{at}");
        }
        for text in ["", "42", "cjgb6QAAAAA", "é", "===="] {
            assert_eq!(Cursor::read(text), None, "{text}");
        }
        let long = Cursor { values: [Value::Text("x".repeat(MOST_BYTES + 1).into())].into(), ..cursor };
        assert_eq!(Cursor::read(&long.text(9)), None);
    }
}
