//! The bodies of a mutation's requests.

use super::{Change, Operation, Request};
use crate::graph::{queries::input, schema::mutation::declared::Body};
use async_graphql::Value;
use bytes::Bytes;

impl Operation<'_> {
    /// The bodies to be sent.
    pub(super) fn requests(&self, change: &Change<'_>) -> Vec<Request> {
        let declared = change.plan.declared;
        let member_type = |name: &str| input::member_type(self.registry, &change.ty, name).to_owned();
        let upstream = change.kind().upstream();
        let bytes = |json: serde_json::Value| Some(Bytes::from(json.to_string()));
        let base = |steps: &[&str]| ["input"].iter().chain(steps).map(|step| (*step).to_owned()).collect();
        let whole = |body| vec![Request { body, ty: change.ty.clone(), base: base(&[]) }];
        match declared.body {
            Body::None => whole(None),
            Body::Members => {
                let leave_out = |name: &str| ["ifRevision", "member"].contains(&name) || declared.in_path(name);
                let mut object = input::object(self.registry, upstream, &change.ty, &change.members, leave_out);
                input::keep(&mut object, &change.kept);
                if let Some((holder, name)) = declared.repeated {
                    input::repeat(&mut object, holder, name);
                }
                whole(bytes(object))
            }
            Body::Fixed(body) => {
                let mut object = serde_json::from_str(body).unwrap_or_default();
                input::keep(&mut object, &change.kept);
                whole(bytes(object))
            }
            Body::List(name) | Body::Value(name) => {
                let ty = member_type(name);
                let value = change.members.get(name).unwrap_or(&Value::Null);
                vec![Request { body: bytes(input::json(self.registry, upstream, &ty, value)), base: base(&[name]), ty }]
            }
            Body::Exchanged { .. } => {
                let groups: Vec<_> = change.groups.iter().map(|id| serde_json::json!({ "id": id })).collect();
                // No member of the input is this list, so nothing in it has a place there.
                vec![Request { body: bytes(groups.into()), ty: String::new(), base: base(&[]) }]
            }
            Body::Each(name) => {
                let Some(Value::List(items)) = change.members.get(name) else { return vec![] };
                let each = items.iter().enumerate().map(|(place, item)| Request {
                    body: bytes(input::json(self.registry, upstream, "ID", item)),
                    ty: "ID".to_owned(),
                    base: base(&[name, &place.to_string()]),
                });
                each.collect()
            }
        }
    }
}
