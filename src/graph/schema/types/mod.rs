//! The types of the graph, one noun per file. They are declarations: nothing is ever made of them. What a field is
//! called and of what type it is, the registry learns from here; the values are copied from the upstream's bodies,
//! where a field has the same name. Where the upstream spells it otherwise (`users`, `group.buyers`), the reader of its
//! bodies knows.

pub mod account;
pub mod account_user;
pub mod actor;
pub mod address;
pub mod api_token;
pub mod audit;
pub mod buyer;
pub mod cloud_tenant;
pub mod contact;
pub mod eligibility;
pub mod erp_link;
pub mod extension;
pub mod external_ids;
pub mod group;
pub mod invitation;
pub mod licensee;
pub mod message;
pub mod module;
pub mod node;
pub mod phone;
pub mod seller;
pub mod service;
pub mod settings;
pub mod transfer;
pub mod user;
pub mod viewer;
pub mod wavefront;

#[cfg(test)]
mod tests {
    use super::node::AnyNode;
    use crate::entity::kind::Kind;
    use async_graphql::{
        OutputType,
        registry::{MetaField, MetaType, Registry},
    };

    fn registry() -> Registry {
        let mut registry = Registry::default();
        AnyNode::create_type_info(&mut registry);
        registry
    }

    fn description(of: &MetaType) -> Option<&str> {
        match of {
            MetaType::Scalar { description, .. }
            | MetaType::Object { description, .. }
            | MetaType::Interface { description, .. }
            | MetaType::Union { description, .. }
            | MetaType::Enum { description, .. }
            | MetaType::InputObject { description, .. } => description.as_deref(),
        }
    }

    #[test]
    fn every_type_field_and_value_is_described() {
        const OF_THE_SPECIFICATION: [&str; 5] = ["Boolean", "Float", "ID", "Int", "String"];
        let mut bare = Vec::new();
        let mut check = |path: String, description: Option<&str>| {
            if description.is_none_or(str::is_empty) {
                bare.push(path);
            }
        };
        for (name, meta) in &registry().types {
            if OF_THE_SPECIFICATION.contains(&name.as_str()) {
                continue;
            }
            check(name.clone(), description(meta));
            for (field, meta) in meta.fields().into_iter().flatten() {
                check(format!("{name}.{field}"), meta.description.as_deref());
                for (argument, meta) in &meta.args {
                    check(format!("{name}.{field}({argument})"), meta.description.as_deref());
                }
            }
            if let MetaType::Enum { enum_values, .. } = meta {
                for (value, meta) in enum_values {
                    check(format!("{name}.{value}"), meta.description.as_deref());
                }
            }
        }
        assert!(bare.is_empty(), "without a description: {bare:#?}");
    }

    #[test]
    fn id_is_the_only_field_of_an_entity_that_is_never_null() {
        let registry = registry();
        let entities = registry.types["Node"].possible_types().unwrap();
        assert_eq!(entities.len(), 12);
        for (name, meta) in &registry.types {
            // Actors that are no entities have an id as well: what says who acted names somebody.
            let actor = ["Extension", "UnknownActor"].contains(&name.as_str());
            let entity = actor || entities.contains(name) || Kind::of_type(name).is_some();
            let page = name.ends_with("Connection") || name.ends_with("Edge") || name == "PageInfo";
            for (field, meta) in
                meta.fields().into_iter().flatten().filter(|_| !page && name != "Node" && name != "Actor")
            {
                assert_eq!(meta.ty.ends_with('!'), entity && field == "id", "{name}.{field}: {}", meta.ty);
            }
        }
    }

    #[test]
    fn an_interface_promises_only_what_its_types_have() {
        let registry = registry();
        for interface in ["Node", "Actor"] {
            for name in registry.types[interface].possible_types().unwrap() {
                assert!(registry.implements[name].contains(interface), "{name} implements {interface}");
                for (field, promised) in registry.types[interface].fields().unwrap() {
                    let kept = registry.types[name].field_by_name(field).unwrap();
                    assert_eq!(kept.ty, promised.ty, "{name}.{field} of {interface}");
                }
            }
        }
    }

    #[test]
    fn the_upstream_spelling_of_a_value_is_its_segments_capitalised() {
        let spelling = |value: &str| -> String {
            let capitalised = |segment: &str| segment[..1].to_owned() + &segment[1..].to_lowercase();
            value.split('_').map(capitalised).collect()
        };
        let registry = registry();
        for (name, upstream) in [
            ("AccountType", "Client Vendor Operations"),
            ("AccountStatus", "Active Enabled Disabled"),
            ("ServiceLevel", "Essential Express Elite Dsc Focus Runners Strategics NotApplicable"),
            ("BuyerStatus", "Active Enabled Disabled Deleted Unassigned Conflict Mismatch"),
            ("SellerStatus", "Active Disabled Offline Deleted"),
            ("LicenseeStatus", "Active Enabled Disabled Deleted"),
            ("ErpLinkStatus", "Active Blocked Disabled"),
            ("CloudTenantStatus", "Active Disabled Deleted"),
            ("CloudTenantType", "AwsDirect AwsService Csp365 CspAzure Ea365 EaAzure Slm Virtual"),
            ("UserStatus", "New Invited InvitationExpired Active Blocked Disabled Deleted"),
            ("InvitationStatus", "Invited InvitationExpired Active"),
            ("AccountUserStatus", "Invited InvitationExpired Active Deleted"),
            ("ApiTokenStatus", "Active Disabled Deleted"),
            ("ServiceStatus", "Active Deleted"),
            ("SsoStatus", "Enabled Disabled"),
        ] {
            let MetaType::Enum { enum_values, .. } = &registry.types[name] else { panic!("{name} is an enum") };
            let spelt: Vec<_> = enum_values.keys().map(|value| spelling(value)).collect();
            assert_eq!(spelt.join(" "), format!("{upstream} Unknown"), "{name}");
        }
    }

    #[test]
    fn fields_of_the_viewer_are_fields_of_its_token() {
        let mut registry = registry();
        super::viewer::Viewer::create_type_info(&mut registry);
        for (name, field) in registry.types["Viewer"].fields().unwrap() {
            if name == "apiToken" {
                assert_eq!(field.ty, "ApiToken");
                continue;
            }
            let token = registry.types["ApiToken"].field_by_name(name).unwrap();
            let arguments = |field: &MetaField| {
                field.args.iter().map(|(name, it)| (name.clone(), it.ty.clone())).collect::<Vec<_>>()
            };
            assert_eq!((&field.ty, arguments(field)), (&token.ty, arguments(token)), "Viewer.{name}");
        }
    }

    #[test]
    fn secrets_have_no_field() {
        let registry = registry();
        for (name, secrets) in [("ApiToken", ["token", "secret"]), ("Invitation", ["url", "code"])] {
            for secret in secrets {
                assert!(registry.types[name].field_by_name(secret).is_none(), "{name}.{secret}");
            }
        }
    }
}
