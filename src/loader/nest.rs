//! Whether what is wanted of embedded entities is asked together with their holders, or of themselves by their ids.

use super::limits::CHUNK;
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, Leaf, Model, Shape, Target},
    },
    upstream::select::{Fan, Offer, Select},
};

/// What an entity costs that is asked by its id, beside what is wanted of it: the id in the request, the id in the answer
/// and the list of what the row leaves out.
const ROW: usize = 120;

/// What a request costs beside its rows: the headers both ways and the envelope.
const REQUEST: usize = 600;

/// The bytes of a member, its name included: roughly, since the shape of what is wanted is all that is known.
mod bytes {
    pub(super) const ID: usize = 24;
    pub(super) const TEXT: usize = 32;
    pub(super) const NUMBER: usize = 16;
    pub(super) const DATE: usize = 36;
    pub(super) const JSON: usize = 64;
    pub(super) const LIST: usize = 48;
    /// An object's own name and braces.
    pub(super) const OBJECT: usize = 14;
    /// A reference in a value object: its reduced form.
    pub(super) const REFERENCE: usize = 100;
}

/// What is to be decided about.
#[derive(Debug, Clone, Copy)]
pub struct NestingInput {
    /// Whether the operator allows it.
    pub allowed: bool,
    /// Whether the upstream refused it before.
    pub refused: bool,
    /// Whether nothing else of the embedded entities is asked by id.
    pub whole: bool,
    /// How many holders come at most.
    pub rows: usize,
    /// How many entities each of them embeds, and how many of them embed the same one.
    pub fan: Fan,
    /// What is wanted of one, in bytes.
    pub bytes: usize,
}

/// How it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NestingDecision {
    /// They are asked with their holders.
    Nested,
    /// Something else of them has to be asked by id anyway.
    Anyway,
    /// It is switched off.
    Off,
    /// The upstream has refused it.
    Refused,
    /// So many places embed the same entities that asking for each once takes fewer bytes.
    Larger,
}

impl NestingDecision {
    /// The verdict as a sentence.
    #[must_use]
    pub const fn why(self) -> &'static str {
        match self {
            NestingDecision::Nested => "Asked with its holder: that takes fewer bytes than a request by ids.",
            NestingDecision::Anyway => "Asked by ids: more is wanted of it than can be asked with its holder.",
            NestingDecision::Off => "Asked by ids: --nested-select is off.",
            NestingDecision::Refused => "Asked by ids: the upstream has refused to tell it with its holder.",
            NestingDecision::Larger => {
                "Asked by ids: so many holders embed the same that each alone takes fewer bytes."
            }
        }
    }
}

/// What became of an offer, for explanations.
#[derive(Debug, Clone)]
pub struct NestingRecord {
    /// The field that holds the entities, by its name in REST.
    pub field: Box<str>,
    /// How it was decided.
    pub verdict: NestingDecision,
}

/// Decides about one field of a request.
#[must_use]
pub fn decide(case: NestingInput) -> NestingDecision {
    let NestingInput { allowed, refused, whole, rows, fan, bytes } = case;
    if !whole {
        return NestingDecision::Anyway;
    }
    if !allowed {
        return NestingDecision::Off;
    }
    if refused {
        return NestingDecision::Refused;
    }
    let embedded = rows.saturating_mul(fan.each);
    // Those of one holder differ from each other.
    let different = embedded.div_ceil(fan.shared.max(1)).max(fan.each.min(embedded)).max(1);
    let batched = different.saturating_mul(bytes + ROW).saturating_add(different.div_ceil(CHUNK) * REQUEST);
    if embedded.saturating_mul(bytes) < batched { NestingDecision::Nested } else { NestingDecision::Larger }
}

/// Decides about everything that a request for so many rows may ask in addition: by the field's place.
pub(super) fn decisions(
    model: &Model,
    kind: Kind,
    select: &Select,
    rows: usize,
    allowed: bool,
    refused: FieldSet,
) -> Vec<(usize, NestingDecision)> {
    let one = |(place, offer): (usize, &Offer)| {
        let (fan, whole, refused) = (offer.fan, offer.whole, refused.contains(place));
        let bytes = wanted(model, kind, place, offer);
        (place, decide(NestingInput { allowed, refused, whole, rows, fan, bytes }))
    };
    select.offers().map(one).collect()
}

/// What was decided, by the names of the fields.
pub(super) fn told(model: &Model, kind: Kind, decided: &[(usize, NestingDecision)]) -> Vec<NestingRecord> {
    let name = |place: usize| model.kind(kind).fields[place].rest[0].text().into();
    decided.iter().map(|(place, verdict)| NestingRecord { field: name(*place), verdict: *verdict }).collect()
}

/// The bytes of what is wanted of one embedded entity.
fn wanted(model: &Model, kind: Kind, place: usize, offer: &Offer) -> usize {
    let (Shape::Ref(Target::One(target)) | Shape::Refs(Target::One(target))) = model.kind(kind).fields[place].shape
    else {
        return 0;
    };
    let deeper = |field: usize| offer.deeper.iter().find(|(inner, ..)| usize::from(*inner) == field);
    let one = |field: usize| match (model.kind(target).fields[field].shape, deeper(field)) {
        (Shape::Ref(Target::One(inner)) | Shape::Refs(Target::One(inner)), Some((_, fields, each))) => {
            let told = fields.iter().map(|field| size(model, model.kind(inner).fields[field].shape));
            bytes::OBJECT + each * (bytes::ID + told.sum::<usize>())
        }
        (shape, _) => size(model, shape),
    };
    offer.fields.iter().map(one).sum()
}

/// The bytes of a value of this shape.
fn size(model: &Model, shape: Shape) -> usize {
    match shape {
        Shape::Leaf(Leaf::Id) => bytes::ID,
        Shape::Leaf(Leaf::Text | Leaf::IconUrl | Leaf::Enum(_)) => bytes::TEXT,
        Shape::Leaf(Leaf::Int | Leaf::Float | Leaf::Boolean | Leaf::Millis) => bytes::NUMBER,
        Shape::Leaf(Leaf::DateTime) => bytes::DATE,
        Shape::Leaf(Leaf::Json) => bytes::JSON,
        Shape::Leaves(_) => bytes::LIST,
        Shape::Object(inner) | Shape::Objects(inner) => {
            bytes::OBJECT + model.types[inner].fields.iter().map(|field| size(model, field.shape)).sum::<usize>()
        }
        Shape::Ref(_) | Shape::Refs(_) => bytes::REFERENCE,
        Shape::Connection(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_has_its_verdict() {
        let (own, shared) = (Fan { each: 5, shared: 1 }, Fan { each: 1, shared: 10 });
        let case = NestingInput { allowed: true, refused: false, whole: true, rows: 50, fan: own, bytes: 300 };
        let of = |rows, fan, bytes| NestingInput { rows, fan, bytes, ..case };
        let cases = [
            // A list of entities that nobody else embeds: each comes once either way.
            (case, NestingDecision::Nested),
            (of(100, own, 10_000), NestingDecision::Nested),
            (of(1, own, 300), NestingDecision::Nested),
            // What has to be asked by id anyway saves no request, whatever else holds.
            (NestingInput { whole: false, ..case }, NestingDecision::Anyway),
            (NestingInput { whole: false, allowed: false, refused: true, ..case }, NestingDecision::Anyway),
            (NestingInput { allowed: false, ..case }, NestingDecision::Off),
            (NestingInput { allowed: false, refused: true, ..case }, NestingDecision::Off),
            (NestingInput { refused: true, ..case }, NestingDecision::Refused),
            // One reference is one entity, however many others refer to it.
            (of(1, shared, 30), NestingDecision::Nested),
            (of(1, shared, 10_000), NestingDecision::Nested),
            // A few that are small cost less than another request; many, or large ones, do not.
            (of(20, shared, 32), NestingDecision::Nested),
            (of(20, shared, 64), NestingDecision::Larger),
            (of(100, shared, 32), NestingDecision::Larger),
            (of(100, shared, 16), NestingDecision::Nested),
            // The same account a hundred times.
            (of(100, Fan { each: 1, shared: 100 }, 200), NestingDecision::Larger),
            // A list holds each entity once, however many other lists hold it too.
            (of(1, Fan { each: 6, shared: 3 }, 300), NestingDecision::Nested),
            (of(5, Fan { each: 6, shared: 3 }, 300), NestingDecision::Larger),
            // Beyond one chunk there are further requests to save, but the bytes grow alike.
            (of(250, Fan { each: 2, shared: 2 }, 100), NestingDecision::Nested),
            (of(250, Fan { each: 2, shared: 2 }, 200), NestingDecision::Larger),
            // Nothing is asked of nobody.
            (of(0, own, 300), NestingDecision::Nested),
            // Sizes beyond all measure.
            (of(usize::MAX, shared, 300), NestingDecision::Larger),
            (of(10, Fan { each: 1, shared: 0 }, 30), NestingDecision::Nested),
        ];
        for (case, verdict) in cases {
            assert_eq!(decide(case), verdict, "{case:?}");
        }
    }
}
