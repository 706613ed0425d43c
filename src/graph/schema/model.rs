//! From the schema's registry to the [`Model`] that the projector reads: the declaration of a field is its only source.

use super::promise;
use crate::{
    entity::{
        kind::{Kind, Upstream},
        model::{EnumType, Field, FieldSet, FieldSource, Leaf, Model, ObjectType, Shape, Target},
        tape::Key,
    },
    graph::names::{CONNECTION, PAYLOAD, VIEWER_TYPE},
    upstream::{
        marketplace::{
            detail,
            icon::{ICON, ICON_URL},
            relation::{self, RELATIONS, Strategy},
            spelling,
        },
        wavefront::spelling as wavefront,
    },
};
use async_graphql::registry::{MetaType, MetaTypeName, Registry};

/// Reads every object type and enum of the registry.
///
/// # Panics
///
/// On a declaration that the projector cannot answer (an unknown scalar, more than 64 fields): a programming error that
/// every start and every test meets.
#[must_use]
pub fn model(registry: &Registry) -> Model {
    let mut model = Model::default();
    for (name, meta) in &registry.types {
        match meta {
            MetaType::Object { .. } if is_data(name, registry) => {
                model.by_name.insert(name.as_str().into(), model.by_name.len());
            }
            MetaType::Enum { enum_values, .. } => {
                model.enums.push(EnumType::new(name, enum_values.keys().map(String::as_str)));
            }
            _ => {}
        }
    }
    let mut names: Vec<_> = model.by_name.iter().map(|(name, place)| (*place, name.clone())).collect();
    names.sort_unstable();
    for (place, name) in names {
        let object = object(&name, registry, &model);
        if let Some(kind) = object.kind {
            model.of_kind[kind as usize] = place;
        }
        model.types.push(object);
    }
    model
}

/// Whether values of the type come out of upstream bodies (and not out of paging, mutations or introspection).
fn is_data(name: &str, registry: &Registry) -> bool {
    !name.starts_with('_')
        && name != registry.query_type
        && name != VIEWER_TYPE
        && registry.mutation_type.as_deref() != Some(name)
        && name != "PageInfo"
        && !name.ends_with(CONNECTION)
        && !name.ends_with("Edge")
        && !name.ends_with(PAYLOAD)
        && !registry.implements.get(name).is_some_and(|interfaces| interfaces.contains("UserError"))
}

fn object(name: &str, registry: &Registry, model: &Model) -> ObjectType {
    let kind = Kind::of_type(name);
    let fields: Vec<Field> = registry.types[name]
        .fields()
        .into_iter()
        .flatten()
        .map(|(field, meta)| Field {
            promised: promise::is_marked(meta),
            ..self::field(name, kind, field, &meta.ty, registry, model)
        })
        .collect();
    assert!(fields.len() <= 64, "{name} has more fields than a set of fields has bits");
    let place = |wanted: &[&str]| {
        let bits = |found: &str| fields.iter().position(|field| *field.name == *found).map(FieldSet::single);
        wanted.iter().filter_map(|found| bits(found)).fold(FieldSet::NONE, FieldSet::union)
    };
    let core_nullable = kind.map_or(FieldSet::NONE, |kind| place(kind.core_nullable()));
    let core = kind.map_or(FieldSet::NONE, |kind| place(kind.core()).union(core_nullable));
    let told = |field: &Field| field.way.is_told();
    let all = |of: &dyn Fn(&Field) -> bool| {
        let found = fields.iter().enumerate().filter(|(_, field)| of(field));
        found.fold(FieldSet::NONE, |all, (place, _)| all.union(FieldSet::single(place)))
    };
    let (tellable, here) = (all(&told), all(&|field| field.way == FieldSource::Here));
    let bare = spelling::bare_member(name).or_else(|| wavefront::bare_member(name));
    ObjectType {
        name: name.into(),
        kind,
        bare: bare.and_then(|bare| fields.iter().position(|field| *field.name == *bare)),
        lifts: fields.iter().any(|field| field.lifted.is_some()),
        was_no_object: spelling::was_no_object(name),
        keys: fields
            .iter()
            .enumerate()
            .flat_map(|(place, field)| field.rest.iter().map(move |key| (key.clone(), place)))
            .collect(),
        by_name: fields.iter().enumerate().map(|(place, field)| (field.name.clone(), place)).collect(),
        core,
        core_nullable,
        reduced: core.union(place(&["id", "revision"])),
        tellable,
        here,
        fields,
    }
}

fn field(parent: &str, kind: Option<Kind>, name: &str, ty: &str, registry: &Registry, model: &Model) -> Field {
    let (nullable, named) = outer(ty);
    let (mut shape, item_nullable) = match MetaTypeName::create(named) {
        MetaTypeName::List(item) => {
            let (nullable, item) = outer(item);
            (list(shape(item, registry, model)), nullable)
        }
        _ => (shape(named, registry, model), true),
    };
    if shape == Shape::Leaf(Leaf::DateTime) && wavefront::in_milliseconds(parent) {
        shape = Shape::Leaf(Leaf::Millis);
    }
    let place_of = |wanted: &str| registry.types[parent].fields()?.keys().position(|found| found == wanted);
    let told = match wavefront::named_by(parent, name).and_then(place_of) {
        Some(place) => FieldSource::Named(place),
        None if name == ICON_URL => place_of(ICON).map_or(FieldSource::Told, FieldSource::Icon),
        None if spelling::belongs_to_the_way(parent, name) => FieldSource::Here,
        None => FieldSource::Told,
    };
    let told = kind.and_then(|kind| detail::of(kind, name)).map_or(told, FieldSource::Asked);
    // Fields inside value objects of entities, which have no name of their own in REST.
    let within = kind.filter(|kind| kind.upstream() == Upstream::Accounts).and_then(|_| spelling::within(parent, name));
    let holder = within.and_then(|path| place_of(path.split_once('.')?.0));
    let told = holder.map_or(told, FieldSource::Within);
    let way = kind.and_then(|kind| relation::of(kind, name)).map_or(told, |place| match RELATIONS[place].used {
        Strategy::Connection => FieldSource::Connected(place),
        Strategy::List => FieldSource::Related(place),
        Strategy::ListIfCheaper => FieldSource::Either(place),
        // No field is had by it: `of` passes it over.
        Strategy::ListAsFallback | Strategy::Filtered => FieldSource::ToldOr(place),
    });
    // A list of entities that is read whole is a list here; that the schema shows it as a connection concerns its arguments
    // and how it is written.
    let paged = matches!(shape, Shape::Connection(_)) && !matches!(way, FieldSource::Connected(_));
    if let (Shape::Connection(kind), true) = (shape, paged) {
        shape = Shape::Refs(Target::One(kind));
    }
    let spellings = match Upstream::of_type(parent) {
        Upstream::Accounts => spelling::rest_names(parent, name),
        Upstream::Wavefront => wavefront::rest_names(parent, name),
    };
    Field {
        name: name.into(),
        rest: if let (Some(path), Some(_)) = (within, holder) {
            Box::new([Key::from(path)])
        } else if spellings.is_empty() {
            Box::new([Key::from(name)])
        } else {
            spellings.iter().map(|name| Key::new(name)).collect()
        },
        lifted: spelling::lifted_from(parent, name).map(Key::new),
        shape,
        way,
        empty_when_absent: spelling::empty_when_absent(parent, name),
        nullable,
        promised: false,
        item_nullable: item_nullable && !paged,
        paged,
    }
}

/// Whether a type may be null, and the type without that.
fn outer(ty: &str) -> (bool, &str) {
    match MetaTypeName::create(ty) {
        MetaTypeName::NonNull(inner) => (false, inner),
        _ => (true, ty),
    }
}

fn list(item: Shape) -> Shape {
    match item {
        Shape::Leaf(leaf) => Shape::Leaves(leaf),
        Shape::Object(place) => Shape::Objects(place),
        Shape::Ref(target) => Shape::Refs(target),
        other => other,
    }
}

fn shape(name: &str, registry: &Registry, model: &Model) -> Shape {
    let leaf = match name {
        "String" => Leaf::Text,
        "ID" => Leaf::Id,
        "Int" => Leaf::Int,
        "Float" => Leaf::Float,
        "Boolean" => Leaf::Boolean,
        "DateTime" => Leaf::DateTime,
        "JSON" => Leaf::Json,
        "Actor" => return Shape::Ref(Target::Actor),
        "Node" => return Shape::Ref(Target::Node),
        _ => {
            if let Some(kind) = Kind::of_type(name) {
                return Shape::Ref(Target::One(kind));
            }
            if let Some(kind) = name.strip_suffix(CONNECTION).and_then(Kind::of_type) {
                return Shape::Connection(kind);
            }
            if let MetaType::Object { .. } = &registry.types[name] {
                return Shape::Object(model.by_name[name]);
            }
            let place = model.enums.iter().position(|found| *found.name == *name);
            Leaf::Enum(place.unwrap_or_else(|| panic!("no way to answer a field of type {name}")))
        }
    };
    Shape::Leaf(leaf)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::schema::{mutation::root::Mutation, query::Root};
    use async_graphql::OutputType;

    #[test]
    fn a_rest_name_is_that_of_one_field_of_its_type() {
        let mut registry = Registry::default();
        Root::create_type_info(&mut registry);
        registry.mutation_type = Some(Mutation::type_name().into_owned());
        Mutation::create_type_info(&mut registry);
        let model = model(&registry);
        assert!(model.types.len() > 20);
        for object in &model.types {
            for (place, field) in object.fields.iter().enumerate() {
                for name in &field.rest {
                    assert_eq!(object.keys.get(name.text()), Some(place), "{} of {}", name.text(), object.name);
                }
            }
        }
    }
}
