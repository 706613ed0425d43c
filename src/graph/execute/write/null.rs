//! Null values: each has an error, or one of a few reasons to have none.

use super::{Pass, Step, Writer, Written};
use crate::{
    fault::Fault,
    graph::error::{GraphError, Segment},
};
use async_graphql::Pos;

/// A value cannot be written: it is null, or the nearest enclosing value that the schema lets be null. It can be made in
/// two ways only, so that the compiler holds the rule: together with an error, or for one of the reasons of [`Quiet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct Nulled(Option<Quiet>);

/// Why a value is null without an error. A null for such a reason may stand where the schema lets the value be null, and
/// nowhere else: what encloses it is not null for this reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quiet {
    /// The upstream says null, or leaves out what it was asked for.
    Told,
    /// It was looked for by its id or by its name, and the caller sees no such thing.
    NotFound,
    /// It is the address of an icon, and the gateway serves none.
    NotServed,
    /// The host's generation of the API has no such member.
    NoMember,
    /// A mutation did nothing: its user errors say why.
    NothingDone,
    /// What is written is thrown away: something has to be asked for first, or the answer is too large.
    Unfinished,
}

impl Nulled {
    /// Without an error.
    pub const fn quiet(why: Quiet) -> Self {
        Nulled(Some(why))
    }
}

impl Writer<'_> {
    /// Notes a fault at the current place, where the value is null for it. It takes room in the answer, as what is written
    /// does.
    pub fn fail(&mut self, fault: &Fault, pos: Pos) -> Nulled {
        let error = self.error(fault, pos);
        let length = error.length();
        if self.too_large {
            return Nulled(None);
        }
        if self.has_room(length) {
            self.limits.left -= length;
            self.errors.push(error);
        } else {
            self.overflow();
        }
        Nulled(None)
    }

    pub(super) fn error(&self, fault: &Fault, pos: Pos) -> GraphError {
        GraphError::at(fault, pos, self.place_in_answer())
    }

    /// The path of what is being written.
    pub(super) fn place_in_answer(&self) -> Vec<Segment> {
        let step = |step: &Step<'_>| match step {
            Step::Key(key) => Segment::Key((*key).into()),
            Step::Index(index) => Segment::Index(*index),
        };
        self.path.iter().map(step).collect()
    }

    /// Notes that the upstream answered nonsense at the current place.
    pub(super) fn invalid(&mut self, how: &str, pos: Pos) -> Nulled {
        self.fail(&Fault::invalid(format!("{} answered {how}.", self.upstream.name())), pos)
    }

    /// Notes that it is not known what belongs at the current place. Another place may tell it, until all that was met has
    /// been gathered.
    pub(super) fn not_known(&mut self, how: &str, pos: Pos) -> Nulled {
        if self.pass >= Pass::Gathered {
            return self.invalid(how, pos);
        }
        self.unknown = true;
        Nulled::quiet(Quiet::Unfinished)
    }

    /// Notes that what belongs at the current place was not asked for. It is asked for then, until the last time.
    pub(super) fn not_asked(&mut self, pos: Pos) -> Nulled {
        (self.unknown, self.unasked) = (true, true);
        if self.pass == Pass::Last {
            return self.invalid("in different ways about the same entity", pos);
        }
        Nulled::quiet(Quiet::Unfinished)
    }

    /// What is at the current place, where null is not allowed: a null without an error gets one.
    pub(super) fn required(&mut self, written: Written, how: &str, pos: Pos) -> Written {
        match written {
            Err(Nulled(Some(
                Quiet::Told | Quiet::NotFound | Quiet::NotServed | Quiet::NoMember | Quiet::NothingDone,
            ))) => Err(self.invalid(how, pos)),
            written => written,
        }
    }
}
