//! `viewer`: a selection of the API token that is asked with. What the type `Viewer` has beside `apiToken` are fields of the
//! token.

use super::{
    FieldKind, Merged, PlanError, PlannedField, Planner, SelectionId, SelectionSet, TypeSelection, planned, quoted,
};
use crate::{
    entity::{kind::Kind, model::FieldSet},
    graph::names::VIEWER_TYPE,
    upstream::select::Select,
};
use std::sync::Arc;

/// The root field.
pub(super) const VIEWER: &str = "viewer";

/// The field of the type with the token itself.
const API_TOKEN: &str = "apiToken";

impl<'a> Planner<'a> {
    /// One selection for all of it, so that it is one request.
    pub(super) fn viewer(&mut self, sets: &[&'a SelectionSet]) -> Result<SelectionId, PlanError> {
        let ty = self.model.of_kind[Kind::ApiToken as usize];
        let mut select = Select::default();
        let mut sel = TypeSelection {
            ty,
            kind: Some(Kind::ApiToken),
            fields: vec![],
            written: 0,
            wanted: FieldSet::NONE,
            select: Arc::default(),
            deep: false,
        };
        for merged in self.collect(VIEWER_TYPE, sets) {
            let field = match merged.field.node.name.node.as_str() {
                "__typename" => planned(&merged, usize::MAX, FieldKind::Typename(quoted(VIEWER_TYPE)), None),
                API_TOKEN => self.token(ty, &merged, &mut sel, &mut select)?,
                _ => {
                    let field = self.field(ty, &merged)?;
                    self.ask(&mut sel, &mut select, &field);
                    field
                }
            };
            sel.fields.push(field);
        }
        sel.written = sel.fields.len();
        sel.select = Arc::new(select);
        self.plan.sels.push(sel);
        Ok(self.plan.sels.len() - 1)
    }

    fn token(
        &mut self,
        ty: usize,
        merged: &Merged<'a>,
        sel: &mut TypeSelection,
        select: &mut Select,
    ) -> Result<PlannedField, PlanError> {
        let own = self.sel(ty, &merged.sets)?;
        let inner = &self.plan.sels[own];
        sel.deep = true;
        sel.wanted = sel.wanted.union(inner.wanted);
        select.unite(&inner.select, inner.select.fields);
        // It stands in no field of the token; its id is what is always known of it.
        let id = self.model.types[ty].by_name.get("id").copied().unwrap_or_default();
        Ok(PlannedField { nullable: true, ..planned(merged, id, FieldKind::Own(own), None) })
    }
}
