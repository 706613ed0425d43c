//! Leaves: copied as they were sent, if they are what the schema says.

use super::{Nulled, Quiet, Writer, Written};
use crate::{
    entity::{
        kind::Kind,
        model::Leaf,
        moment,
        tape::{At, Json, Tape},
    },
    graph::{
        error::write_text,
        execute::view::{NO_ID, PLACEHOLDER},
    },
    loader::store::{Place, is_placeholder, stands_for_untold},
};
use async_graphql::Pos;
use std::{
    io::Write as _,
    time::{Duration, SystemTime},
};

/// The end of the year 9999, beyond which no date is written.
const LAST_MILLIS: u64 = 253_402_300_799_999;

impl Writer<'_> {
    /// Writes a leaf that is what its type says.
    pub(super) fn leaf(&mut self, tape: &Tape, value: At, leaf: Leaf, pos: Pos) -> Written {
        if tape.is_null(value) {
            return Err(Nulled::quiet(Quiet::Told));
        }
        if is_placeholder(tape, value) {
            return Err(self.invalid(PLACEHOLDER, pos));
        }
        if !self.copy_leaf(tape, value, leaf) {
            return Err(self.invalid("with a value of another kind than documented", pos));
        }
        Ok(())
    }

    /// Writes the address of an entity's icon at the gateway, where `value` says that there is an icon.
    pub(super) fn icon_url(&mut self, (place, kind): (Place, Kind), tape: &Tape, value: At, pos: Pos) -> Written {
        match tape.kind(value) {
            Json::Null => return Err(Nulled::quiet(Quiet::Told)),
            Json::String if is_placeholder(tape, value) => return Err(self.invalid(PLACEHOLDER, pos)),
            Json::String if tape.raw(value) == b"\"\"" => return Err(Nulled::quiet(Quiet::Told)),
            Json::String => {}
            _ => return Err(self.invalid("with a value of another kind than documented", pos)),
        }
        let Some(base) = self.icons else { return Err(Nulled::quiet(Quiet::NotServed)) };
        let Some(id) = self.view.store.id(place, kind) else { return Err(self.invalid(NO_ID, pos)) };
        let address = format!("{base}/{}/{id}", kind.collection());
        // With the quotation marks.
        if !self.has_room(address.len() + 2) {
            self.overflow();
            return Err(Nulled::quiet(Quiet::Unfinished));
        }
        write_text(&mut self.out, &address);
        Ok(())
    }

    /// Writes a leaf if it is what its type says, which null and a placeholder are not. There is nothing to undo if it is not.
    pub(super) fn copy_leaf(&mut self, tape: &Tape, value: At, leaf: Leaf) -> bool {
        let (json, raw) = (tape.kind(value), tape.raw(value));
        if !self.has_room(raw.len()) {
            self.overflow();
            return false;
        }
        let fits = match (leaf, json) {
            // The address of an icon is made of more than this value.
            (_, Json::Null) | (Leaf::IconUrl, _) => false,
            (_, Json::String) if stands_for_untold(raw) => false,
            (Leaf::Text | Leaf::Id, Json::String)
            | (Leaf::Float, Json::Number)
            | (Leaf::Boolean, Json::Bool)
            | (Leaf::Json, _) => true,
            (Leaf::Int, Json::Number) => std::str::from_utf8(raw).is_ok_and(|text| text.parse::<i32>().is_ok()),
            (Leaf::DateTime, Json::String) => return self.date_time(tape, value),
            (Leaf::Millis, Json::Number) => {
                let millis = std::str::from_utf8(raw).ok().and_then(|text| text.parse::<u64>().ok());
                match millis.and_then(|millis| SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(millis))) {
                    Some(moment) if millis <= Some(LAST_MILLIS) => {
                        let _ = write!(self.out, "\"{}\"", humantime::format_rfc3339_millis(moment));
                        return true;
                    }
                    _ => false,
                }
            }
            (Leaf::Enum(place), Json::String) => {
                let sent = tape.text(value).unwrap_or_default();
                let json = self.view.model.enums[place].json(&sent);
                self.out.extend_from_slice(json.as_bytes());
                return true;
            }
            (Leaf::Id, Json::Number) if raw.iter().all(u8::is_ascii_digit) => {
                self.out.push(b'"');
                self.out.extend_from_slice(raw);
                self.out.push(b'"');
                return true;
            }
            _ => false,
        };
        if fits {
            self.out.extend_from_slice(raw);
        }
        fits
    }

    /// Writes a moment in UTC, ending in `Z`, whatever its offset.
    fn date_time(&mut self, tape: &Tape, value: At) -> bool {
        let Some(moment) = tape.plain(value).and_then(moment::utc) else { return false };
        self.out.push(b'"');
        self.out.extend_from_slice(moment.as_bytes());
        self.out.push(b'"');
        true
    }
}
