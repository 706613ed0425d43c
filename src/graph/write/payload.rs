//! Payloads of mutations: the entity, and what the caller can put right.

use super::{Note, Nulled, Step, Writer, Written};
use crate::{
    entity::{kind::Kind, model::Leaf},
    graph::{
        answer::write_text,
        mutation::{
            complaint::Complaint,
            payload::{ErrorField, Outcome, PayloadField},
        },
        plan::{Keyed, RootWhat},
    },
    loader::store::Place,
};

impl<'s> Writer<'s> {
    /// Writes the payload of the mutation with this response key.
    ///
    /// # Errors
    ///
    /// When there is none; everything in a payload may be null but the list of user errors, which is always known.
    pub fn payload(&mut self, key: &str, outcome: &Outcome) -> Written {
        let root = self.view.plan.roots.iter().find(|root| *root.name == *key);
        let Some(RootWhat::Mutation(plan)) = root.map(|root| &root.what) else { return Err(Nulled) };
        let kind = plan.declared.gives.kind();
        self.note(Note::Payload(outcome.round));
        self.object_of(&plan.fields, |writer, field| match field {
            PayloadField::Typename(name) => writer.out.extend_from_slice(name),
            PayloadField::DeletedId => writer.text_or_null(outcome.deleted.as_deref()),
            PayloadField::Valid => {
                let valid: &[u8] = if outcome.complaints.is_empty() { b"true" } else { b"false" };
                writer.out.extend_from_slice(valid);
            }
            PayloadField::Secret => {
                let secret = outcome.entity.zip(plan.declared.secret).and_then(|(place, name)| {
                    let tape = writer.view.store.tape(place);
                    tape.text(tape.get(place.at, name)?)
                });
                writer.text_or_null(secret.as_deref());
            }
            PayloadField::Told(name, pos) => writer.at(name, |writer| {
                if let Some(fault) = &outcome.unread {
                    writer.fail(fault, *pos);
                }
                writer.nullable(|writer| match outcome.entity {
                    Some(place) => writer.leaf(writer.view.store.tape(place), place.at, Leaf::Json, *pos),
                    None => Err(Nulled),
                });
            }),
            PayloadField::Entity(name, pos, sel) => writer.at(name, |writer| {
                if let Some(fault) = &outcome.unread {
                    writer.fail(fault, *pos);
                }
                writer.entity_or_null(outcome.entity, kind, *sel);
            }),
            PayloadField::UserErrors(name, errors) => writer.at(name, |writer| {
                // The elements are written whatever is in them.
                let _ = writer.list(outcome.complaints.iter(), false, |writer, complaint| {
                    if complaint.current.is_some() {
                        writer.note(Note::Conflict);
                        writer.complaint(kind, &errors.conflict, complaint);
                    } else {
                        writer.complaint(kind, &errors.input, complaint);
                    }
                    Ok(())
                });
            }),
        });
        Ok(())
    }

    fn complaint(&mut self, kind: Kind, fields: &'s [Keyed<ErrorField>], complaint: &Complaint) {
        self.object_of(fields, |writer, field| match field {
            ErrorField::Typename(name) => writer.out.extend_from_slice(name),
            ErrorField::Message => write_text(&mut writer.out, &complaint.message),
            ErrorField::Code => write_text(&mut writer.out, &complaint.code),
            ErrorField::Path => {
                let _ = serde_json::to_writer(&mut writer.out, &complaint.path);
            }
            ErrorField::Current(name, poly) => writer.at(name, |writer| match poly.only() {
                Some((_, sel)) => writer.entity_or_null(complaint.current, kind, sel),
                None => writer.null(),
            }),
        });
    }

    fn entity_or_null(&mut self, place: Option<Place>, kind: Kind, sel: usize) {
        self.nullable(|writer| place.map_or(Err(Nulled), |place| writer.entity(place, kind, sel)));
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

    fn at(&mut self, name: &'s str, write: impl FnOnce(&mut Self)) {
        self.path.push(Step::Key(name));
        write(self);
        self.path.pop();
    }

    fn text_or_null(&mut self, text: Option<&str>) {
        match text {
            Some(text) => write_text(&mut self.out, text),
            None => self.null(),
        }
    }
}
