//! What is selected of a payload, and what is told in it.

use super::{Arguments, Keyed, SelectionByType, SelectionId};
use crate::graph::schema::mutation::declared::MutationDef;
use async_graphql::Pos;

/// A mutation in a document.
#[derive(Debug)]
pub struct MutationPlan {
    /// Which one.
    pub declared: &'static MutationDef,
    /// Its arguments as they stand in the document.
    pub arguments: Arguments,
    /// What is selected of the payload.
    pub fields: Vec<Keyed<PayloadField>>,
}

/// A field of a payload.
#[derive(Debug)]
pub enum PayloadField {
    /// `__typename`.
    Typename(Box<[u8]>),
    /// The entity: response key, place in the document, selection.
    Entity(Box<str>, Pos, SelectionId),
    /// The id of what is gone: response key and place in the document.
    DeletedId(Box<str>, Pos),
    /// Whether it would be accepted.
    Valid,
    /// The secret of something new: response key and place in the document.
    Secret(Box<str>, Pos),
    /// A value without a fixed shape: response key and place in the document.
    Told(Box<str>, Pos),
    /// `userErrors`, with the response key.
    UserErrors(Box<str>, ErrorPlan),
}

/// What is selected of each type of user error.
#[derive(Debug)]
pub struct ErrorPlan {
    /// Of `InputError`.
    pub input: Vec<Keyed<ErrorField>>,
    /// Of `RevisionConflict`.
    pub conflict: Vec<Keyed<ErrorField>>,
}

/// A field of a user error.
#[derive(Debug)]
pub enum ErrorField {
    /// `__typename`.
    Typename(Box<[u8]>),
    /// `message`.
    Message,
    /// `path`.
    Path,
    /// `code`.
    Code,
    /// `current`, with the response key.
    Current(Box<str>, SelectionByType),
}

impl MutationPlan {
    /// Every selection of the entity: two response keys may ask for different things.
    pub fn entities(&self) -> impl Iterator<Item = SelectionId> {
        self.fields.iter().filter_map(|(_, field)| match field {
            PayloadField::Entity(_, _, sel) => Some(*sel),
            _ => None,
        })
    }

    /// Whether a value without a fixed shape is selected.
    #[must_use]
    pub fn tells(&self) -> bool {
        self.fields.iter().any(|(_, field)| matches!(field, PayloadField::Told(..)))
    }

    /// The selections of what a conflict shows.
    pub fn currents(&self) -> impl Iterator<Item = SelectionId> {
        let plans = self.fields.iter().filter_map(|(_, field)| match field {
            PayloadField::UserErrors(_, plan) => Some(plan),
            _ => None,
        });
        plans.flat_map(|plan| &plan.conflict).filter_map(|(_, field)| match field {
            ErrorField::Current(_, poly) => poly.only().map(|(_, sel)| sel),
            _ => None,
        })
    }

    /// Whether the id of what is gone is asked for.
    #[must_use]
    pub fn wants_deleted_id(&self) -> bool {
        self.fields.iter().any(|(_, field)| matches!(field, PayloadField::DeletedId(..)))
    }
}
