//! Payloads of mutations: the entity, and what the caller can put right.

use super::{Note, Nulled, Quiet, Step, Writer, Written};
use crate::{
    entity::{kind::Kind, model::Leaf},
    fault::Fault,
    graph::{
        document::plan::{
            Keyed, RootKind,
            mutation::{ErrorField, PayloadField},
        },
        error::write_text,
        execute::outcome::Outcome,
        queries::complaint::InputComplaint,
    },
};
use async_graphql::Pos;

const UNTOLD: &str = "without what was changed";

impl<'s> Writer<'s> {
    /// Writes the payload of the mutation with this response key.
    ///
    /// # Errors
    ///
    /// When there is none; everything in a payload may be null but the list of user errors, which is always known.
    pub fn payload(&mut self, key: &str, outcome: &Outcome) -> Written {
        let root = self.view.plan.roots.iter().find(|root| *root.name == *key);
        let Some((RootKind::Mutation(plan), pos)) = root.map(|root| (&root.what, root.pos)) else {
            return Err(self.fail(&Fault::internal("The mutation is not in the plan."), Pos::default()));
        };
        let kind = plan.declared.gives.kind();
        self.note(Note::Payload(outcome.round));
        self.object_of(&plan.fields, |writer, field| match field {
            PayloadField::Typename(name) => writer.out.extend_from_slice(name),
            PayloadField::DeletedId(name, pos) => writer.at(name, |writer| match outcome.deleted.as_deref() {
                Some(id) => {
                    write_text(&mut writer.out, id);
                    Ok(())
                }
                None => Err(writer.without(outcome, "without the id of what was deleted", *pos)),
            }),
            PayloadField::Valid => {
                let valid: &[u8] = if outcome.complaints.is_empty() { b"true" } else { b"false" };
                writer.out.extend_from_slice(valid);
            }
            PayloadField::Secret(name, pos) => writer.at(name, |writer| {
                let secret = outcome.entity.zip(plan.declared.secret).and_then(|(place, name)| {
                    let tape = writer.view.store.tape(place);
                    tape.text(tape.get(place.at, name)?)
                });
                match secret {
                    Some(secret) => {
                        write_text(&mut writer.out, &secret);
                        Ok(())
                    }
                    None => Err(writer.without(outcome, "without the secret of what was made", *pos)),
                }
            }),
            PayloadField::Told(name, pos) => writer.at(name, |writer| match outcome.entity {
                Some(place) => writer.leaf(writer.view.store.tape(place), place.at, Leaf::Json, *pos),
                None => Err(writer.without(outcome, UNTOLD, *pos)),
            }),
            PayloadField::Entity(name, pos, sel) => writer.at(name, |writer| match outcome.entity {
                Some(place) => writer.entity(place, kind, *sel),
                None => Err(writer.without(outcome, UNTOLD, *pos)),
            }),
            PayloadField::UserErrors(name, errors) => writer.at(name, |writer| {
                writer.list(outcome.complaints.iter(), (false, pos), |writer, complaint| {
                    if complaint.current.is_some() {
                        writer.note(Note::Conflict);
                        writer.complaint(kind, &errors.conflict, complaint);
                    } else {
                        writer.complaint(kind, &errors.input, complaint);
                    }
                    Ok(())
                })
            }),
        });
        Ok(())
    }

    fn complaint(&mut self, kind: Kind, fields: &'s [Keyed<ErrorField>], complaint: &InputComplaint) {
        self.object_of(fields, |writer, field| match field {
            ErrorField::Typename(name) => writer.out.extend_from_slice(name),
            ErrorField::Message => write_text(&mut writer.out, &complaint.message),
            ErrorField::Code => write_text(&mut writer.out, complaint.code()),
            ErrorField::Path => {
                let _ = serde_json::to_writer(&mut writer.out, &complaint.path);
            }
            ErrorField::Current(name, poly) => writer.at(name, |writer| match (complaint.current, poly.only()) {
                (Some(place), Some((_, sel))) => writer.entity(place, kind, sel),
                _ => Err(Nulled::quiet(Quiet::NotFound)),
            }),
        });
    }

    /// Why there is nothing to show of what was changed: it could not be read, or it was not changed.
    fn without(&mut self, outcome: &Outcome, how: &str, pos: Pos) -> Nulled {
        match &outcome.unread {
            Some(fault) => self.fail(fault, pos),
            None if outcome.complaints.is_empty() => self.invalid(how, pos),
            None => Nulled::quiet(Quiet::NothingDone),
        }
    }

    fn object_of<F>(&mut self, fields: &'s [Keyed<F>], mut write: impl FnMut(&mut Self, &'s F)) {
        self.out.push(b'{');
        for (index, (key, field)) in fields.iter().enumerate() {
            if index > 0 {
                self.out.push(b',');
            }
            self.out.extend_from_slice(key);
            write(self, field);
        }
        self.out.push(b'}');
    }

    /// Writes a member that may be null.
    fn at(&mut self, name: &'s str, write: impl FnOnce(&mut Self) -> Written) {
        self.path.push(Step::Key(name));
        self.nullable(write);
        self.path.pop();
    }
}
