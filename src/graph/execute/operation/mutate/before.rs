//! What is read before a write: the revision that the caller compares, and what the upstream would take away.

use super::{Change, InputComplaint, KEPT, Operation, REVISION, Stop};
use crate::{
    entity::{
        kind::Kind,
        model::{FieldSet, Shape},
    },
    graph::{queries::input, schema::mutation::user_error::UserErrorCode},
    loader::store::Place,
    upstream::select::Select,
};
use async_graphql::Value;
use std::sync::Arc;

impl Operation<'_> {
    /// Reads what has to be known before the change, in one request: the revision that the caller compares, and what the
    /// upstream would take away if it were not sent.
    pub(super) async fn look_before(&self, change: &mut Change<'_>) -> Result<(), Stop> {
        let expected = match change.members.get("ifRevision") {
            Some(Value::Number(expected)) => Some(expected.clone()),
            _ => None,
        };
        let lacking: Vec<&str> =
            input::lacking(self.registry, &change.ty, &change.members, change.plan.declared.kept).collect();
        let Some(id) = change.target().filter(|_| expected.is_some() || !lacking.is_empty()) else { return Ok(()) };
        let kind = change.kind();
        let object = self.model.kind(kind);
        let mut select = Select::default();
        let revision = object.by_name.get("revision").copied().filter(|_| expected.is_some());
        let kept = lacking.iter().filter_map(|name| object.by_name.get(*name));
        kept.chain(&revision).for_each(|field| match object.fields[*field].shape {
            Shape::Ref(_) => select.add_nested(*field, FieldSet::NONE),
            _ => select.add(*field),
        });
        self.store().clock.begin();
        let told = if kind == Kind::AccountUser {
            self.revised(change, select).await
        } else {
            let cause = self.step_for(&change.origin, if expected.is_some() { REVISION } else { KEPT });
            self.rest().one(&self.store, kind, &id, &Arc::new(select), cause).await
        };
        self.store().clock.end();
        let Some(place) = told? else {
            return Err(Stop::Complaint(change.not_found()));
        };
        if let Some(expected) = expected {
            self.compare(place, kind, &expected)?;
        }
        let store = self.store();
        for name in lacking {
            let field = object.by_name.get(name).copied();
            let Some(at) = field.and_then(|field| store.look(place, object, field)) else { continue };
            let Ok(told) = serde_json::from_slice::<serde_json::Value>(store.tape(place).raw(at)) else { continue };
            let told = match (field.map(|field| object.fields[field].shape), told.get("id")) {
                (Some(Shape::Ref(_)), Some(id)) => serde_json::json!({ "id": id }),
                _ => told,
            };
            if !told.is_null() {
                change.kept.insert(name.to_owned(), told);
            }
        }
        Ok(())
    }

    /// Refuses when an entity has another revision than the caller believes.
    fn compare(&self, place: Place, kind: Kind, expected: &serde_json::Number) -> Result<(), Stop> {
        let object = self.model.kind(kind);
        let revision = object.by_name.get("revision").copied();
        let store = self.store();
        let told = revision.and_then(|field| store.look(place, object, field)).map(|at| store.tape(place).raw(at));
        let told = told.and_then(|raw| std::str::from_utf8(raw).ok()?.parse::<i64>().ok());
        let path = ["input", "ifRevision"];
        match told {
            Some(told) if Some(told) == expected.as_i64() => Ok(()),
            Some(told) => {
                let message = format!("The revision is {told}, not {expected}: it was changed meanwhile.");
                let conflict = InputComplaint::new(UserErrorCode::Conflict, message, &path);
                Err(Stop::Complaint(conflict.showing(place)))
            }
            None => {
                let message = "The upstream does not tell revisions here: leave ifRevision out.";
                Err(Stop::Complaint(InputComplaint::new(UserErrorCode::BadUserInput, message, &path)))
            }
        }
    }
}
