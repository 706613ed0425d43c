//! How a mutation is planned: its payload is an object of its own; the entity in it is planned like any other.

use super::{Merged, Planner, Target, arguments, key_bytes, quoted};
use crate::{
    entity::kind::Kind,
    graph::{
        document::plan::{
            Keyed, PlanError, RootField, RootKind,
            mutation::{ErrorField, ErrorPlan, MutationPlan, PayloadField},
        },
        schema::mutation::{self, declared::ResultKind},
    },
};
use async_graphql::{Pos, parser::types::SelectionSet};

impl<'a> Planner<'a> {
    /// Plans a root field of a mutation.
    pub(super) fn mutation(&mut self, merged: &Merged<'a>) -> Result<RootField, PlanError> {
        let name = merged.field.node.name.node.as_str();
        let pos = merged.field.pos;
        if name == "__typename" {
            return Ok(RootField {
                name: merged.key.into(),
                field: merged.field.node.name.node.as_str().into(),
                pos,
                what: RootKind::Typename,
            });
        }
        let Some(declared) = mutation::named(name) else { return Err(lacking("Mutation", name, pos)) };
        let payload = declared.payload();
        let kind = declared.gives.kind();
        let mut fields = Vec::new();
        for field in self.collect(&payload, &merged.sets) {
            let planned = match field.field.node.name.node.as_str() {
                "__typename" => PayloadField::Typename(quoted(&payload)),
                "deletedId" => PayloadField::DeletedId(field.key.into(), field.field.pos),
                "valid" => PayloadField::Valid,
                "userErrors" => PayloadField::UserErrors(field.key.into(), self.user_errors(kind, &field.sets)?),
                name if declared.secret == Some(name) => PayloadField::Secret(field.key.into(), field.field.pos),
                name if matches!(declared.gives, ResultKind::Told(_, told) if told == name) => {
                    PayloadField::Told(field.key.into(), field.field.pos)
                }
                name if declared.entity_field().as_deref() == Some(name) => {
                    PayloadField::Entity(field.key.into(), field.field.pos, self.sel_of(kind, &field.sets)?)
                }
                name => return Err(lacking(&payload, name, field.field.pos)),
            };
            fields.push((key_bytes(field.key), planned));
        }
        let arguments = arguments(&merged.field.node);
        let plan = MutationPlan { declared, arguments, fields };
        Ok(RootField {
            name: merged.key.into(),
            field: merged.field.node.name.node.as_str().into(),
            pos,
            what: RootKind::Mutation(Box::new(plan)),
        })
    }

    fn user_errors(&mut self, kind: Kind, sets: &[&'a SelectionSet]) -> Result<ErrorPlan, PlanError> {
        Ok(ErrorPlan {
            input: self.user_error("InputError", kind, sets)?,
            conflict: self.user_error("RevisionConflict", kind, sets)?,
        })
    }

    fn user_error(
        &mut self,
        type_name: &str,
        kind: Kind,
        sets: &[&'a SelectionSet],
    ) -> Result<Vec<Keyed<ErrorField>>, PlanError> {
        let mut fields = Vec::new();
        for field in self.collect(type_name, sets) {
            let planned = match field.field.node.name.node.as_str() {
                "__typename" => ErrorField::Typename(quoted(type_name)),
                "message" => ErrorField::Message,
                "path" => ErrorField::Path,
                "code" => ErrorField::Code,
                // Declared as any entity, but it is the one that was to be changed.
                "current" => ErrorField::Current(field.key.into(), self.poly(Target::One(kind), &field.sets)?),
                name => return Err(lacking(type_name, name, field.field.pos)),
            };
            fields.push((key_bytes(field.key), planned));
        }
        Ok(fields)
    }
}

fn lacking(parent: &str, field: &str, pos: Pos) -> PlanError {
    PlanError { message: format!("{parent} has no field {field}"), pos }
}
