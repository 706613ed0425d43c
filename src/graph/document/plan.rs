//! A document's operation, planned once: merged selections as the projector walks them, with what each asks of the
//! upstream. Directives are already decided, so a plan belongs to one set of values of the variables they use.

pub mod mutation;
mod planner;

use self::mutation::MutationPlan;
use crate::{
    entity::{
        kind::{Kind, is_numbered},
        model::{FieldSet, Leaf, ObjectType},
        tape::Key,
    },
    loader::trace::Origin,
    upstream::{
        marketplace::relation::{ParentKey, RELATIONS, Through},
        select::Select,
    },
};
use async_graphql::{Name, Pos};
use async_graphql_value::Value;
pub use planner::{plan, root_type};
use std::{collections::HashMap, sync::Arc};

/// The place of a [`TypeSelection`] in its [`Plan`].
pub type SelectionId = usize;

/// Stands for the selection of the root fields where something is wanted.
pub const ROOT_FIELDS: SelectionId = SelectionId::MAX;

/// A field of a selection, or what is selected, as the place where something is wanted.
#[must_use]
pub fn origin(sel: SelectionId, field: Option<usize>) -> Origin {
    let number = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
    Origin { selection: number(sel), field: field.map(number) }
}

/// An operation, ready to run.
#[derive(Debug)]
pub struct Plan {
    /// Merged selections of one object type each.
    pub sels: Vec<TypeSelection>,
    /// Connections, each with its own arguments.
    pub connections: Vec<ConnectionPlan>,
    /// Connections that are cut out of lists which are read whole, each with its own arguments.
    pub lists: Vec<ListPlan>,
    /// Fields that have a route of their own, each with its own arguments.
    pub details: Vec<DetailPlan>,
    /// The type of the root.
    pub root_type: Box<str>,
    /// The root fields, merged, in order.
    pub roots: Vec<RootField>,
}

impl Plan {
    /// Whether one of the root fields waits for the upstream at a time: when only one asks, or they run one after the other.
    /// Representations are looked for by several ways at once.
    #[must_use]
    pub fn waits_alone(&self) -> bool {
        use RootKind::{Entities, Introspection, Mutation, Service, Typename};
        let mut asking = self.roots.iter().filter(|root| !matches!(root.what, Typename | Introspection | Service(_)));
        match asking.next().map(|root| &root.what) {
            None | Some(Mutation(_)) => true,
            Some(Entities(..)) => false,
            Some(_) => asking.next().is_none(),
        }
    }
}

/// What is selected of one object type in one place of the document.
#[derive(Debug)]
pub struct TypeSelection {
    /// The type's place in the model.
    pub ty: usize,
    /// Which entity it is, if it is one.
    pub kind: Option<Kind>,
    /// The selected fields, in the order of the answer. Behind those that are written are some that are only asked for: of a
    /// list, the selection of `edges.node` beside that of `nodes`.
    pub fields: Vec<PlannedField>,
    /// How many of the fields are written.
    pub written: usize,
    /// Which fields of the type are selected.
    pub wanted: FieldSet,
    /// What to ask of the upstream for it.
    pub select: Arc<Select>,
    /// Whether entities can be reached through it.
    pub deep: bool,
}

impl TypeSelection {
    /// The fields that are written.
    #[must_use]
    pub fn written(&self) -> &[PlannedField] {
        &self.fields[..self.written]
    }

    /// Whether it selects anything that an answer has to tell.
    #[must_use]
    pub fn asks(&self, hides_itself: bool) -> bool {
        let asks = |planned: &PlannedField| match planned.what {
            FieldKind::Typename(_) => false,
            FieldKind::Own(_) => !hides_itself,
            _ => true,
        };
        self.fields.iter().any(asks)
    }

    /// Whether it goes on to other entities and is about the entity alone, not about the way that led to it: then what it
    /// comes to is the same at every place of the entity.
    #[must_use]
    pub fn is_anywhere(&self, object: &ObjectType) -> bool {
        self.deep && self.wanted.intersection(object.here).is_empty()
    }
}

/// One selected field.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a property of its own, and no state")]
pub struct PlannedField {
    /// `"key":`, ready to copy.
    pub key: Box<[u8]>,
    /// The response key, for error paths.
    pub name: Box<str>,
    /// Where it stands in the document.
    pub pos: Pos,
    /// Its place in the type, [`usize::MAX`] for `__typename`.
    pub field: usize,
    /// How its value is written.
    pub what: FieldKind,
    /// Whether the value may be null.
    pub nullable: bool,
    /// Whether it is null only together with an error.
    pub promised: bool,
    /// Whether elements of the list may be null.
    pub item_nullable: bool,
    /// For a plain list that a relation can give: what to ask of the relation's rows.
    pub rows: Option<Arc<Select>>,
    /// Whether nothing is selected of its elements beyond their reduced form, so that it may be asked with what refers to
    /// its holder.
    pub ends: bool,
}

/// How the value of a selected field is written.
#[derive(Debug)]
pub enum FieldKind {
    /// `__typename`: the name as JSON text.
    Typename(Box<[u8]>),
    /// A leaf, copied.
    Leaf(Leaf),
    /// A list of leaves, copied.
    Leaves(Leaf),
    /// A leaf inside a value object.
    Within(Box<Inside>),
    /// A value object.
    Object(SelectionId),
    /// A list of value objects.
    Objects(SelectionId),
    /// A reference.
    Ref(SelectionByType),
    /// A list of references.
    Refs(SelectionByType),
    /// The entity itself: the API token of `viewer`.
    Own(SelectionId),
    /// A page: its place in [`Plan::connections`].
    Connection(usize),
    /// What a route of its own answers: its place in [`Plan::details`].
    Detail(usize),
}

/// A leaf inside a value object.
#[derive(Debug)]
pub struct Inside {
    /// The place of the field that is selected, which stands for it.
    pub field: usize,
    /// The names that lead to it.
    pub names: Box<[Key]>,
    /// What it is.
    pub leaf: Leaf,
}

/// A field that has a route of its own.
#[derive(Debug)]
pub struct DetailPlan {
    /// Which one.
    pub detail: usize,
    /// Its arguments as they stand in the document.
    pub arguments: Arguments,
    /// What is selected of the answer; none when the answer is a leaf.
    pub sel: Option<SelectionId>,
}

/// The selections for what a reference points to.
#[derive(Debug, Clone)]
pub struct SelectionByType {
    /// For entities, by kind.
    pub kinds: Box<[(Kind, SelectionId)]>,
    /// For what is no entity of ours, by the prefix of its id; the first that fits counts, and an empty one fits all.
    pub others: Box<[(&'static str, SelectionId)]>,
    /// Of a list that the schema shows as a connection: its place in [`Plan::lists`].
    pub list: Option<usize>,
}

impl SelectionByType {
    /// The selection for an entity of this kind.
    #[must_use]
    pub fn of(&self, kind: Kind) -> Option<SelectionId> {
        self.kinds.iter().find(|(found, _)| *found == kind).map(|(_, sel)| *sel)
    }

    /// The selection for something with this id that is no entity of ours.
    #[must_use]
    pub fn other(&self, id: &str) -> Option<SelectionId> {
        let fits = |prefix: &str| prefix.is_empty() || is_numbered(id, prefix);
        self.others.iter().find(|(prefix, _)| fits(prefix)).map(|(_, sel)| *sel)
    }

    /// The only kind there is, if there is but one.
    #[must_use]
    pub fn only(&self) -> Option<(Kind, SelectionId)> {
        if let [only] = &*self.kinds { Some(*only) } else { None }
    }

    /// Every selection.
    pub fn sels(&self) -> impl Iterator<Item = SelectionId> {
        let kinds = self.kinds.iter().map(|(_, sel)| *sel);
        kinds.chain(self.others.iter().map(|(_, sel)| *sel))
    }
}

/// The values of the Boolean variables that directives use.
pub type Decided = HashMap<Name, bool>;

/// Arguments as they stand in the document.
pub type Arguments = Vec<(Name, Value)>;

/// A field after its key: `"key":`, ready to copy.
pub type Keyed<T> = (Box<[u8]>, T);

/// A connection field with its arguments and what is selected of it.
#[derive(Debug)]
pub struct ConnectionPlan {
    /// The relation behind it; none for a root collection.
    pub relation: Option<usize>,
    /// What its nodes are.
    pub kind: Kind,
    /// The collection that is asked.
    pub rows: Kind,
    /// From a row to the node.
    pub hop: Through,
    /// The arguments as they stand in the document.
    pub arguments: Arguments,
    /// The selected fields.
    pub fields: Vec<Keyed<Paging>>,
    /// The selections of its nodes: of `nodes` and of `edges.node`, which may differ.
    pub nodes: Vec<SelectionId>,
    /// What to ask of each row.
    pub select: Arc<Select>,
    /// Whether rows are needed at all, or just their number.
    pub wants_rows: bool,
    /// Whether it stands for a list that is read whole where there are no conditions on it: its default page is larger.
    pub of_whole: bool,
}

impl ConnectionPlan {
    /// Whether a list in the body of the entity tells which rows belong to it.
    #[must_use]
    pub fn is_of_listed(&self) -> bool {
        self.relation.is_some_and(|relation| matches!(RELATIONS[relation].by, ParentKey::Listed(_)))
    }
}

/// A connection that is cut out of a list which is read whole: its arguments and what is selected of it.
#[derive(Debug)]
pub struct ListPlan {
    /// The type that has the field, and the field: cursors belong to it.
    pub of: Box<str>,
    /// What its nodes are.
    pub kind: Kind,
    /// The arguments as they stand in the document.
    pub arguments: Arguments,
    /// The selected fields.
    pub fields: Vec<Keyed<Paging>>,
    /// The selections of its nodes.
    pub nodes: Vec<SelectionByType>,
}

impl ListPlan {
    /// The selection of nodes as that of references.
    #[must_use]
    pub fn poly(&self, sel: SelectionId) -> Option<&SelectionByType> {
        self.nodes.iter().find(|poly| poly.only().is_some_and(|(_, found)| found == sel))
    }
}

/// A field of a connection.
#[derive(Debug)]
pub enum Paging {
    /// `__typename`.
    Typename(Box<[u8]>),
    /// `totalCount`, with the response key for error paths and its place in the document.
    TotalCount(Box<str>, Pos),
    /// `nodes`, with the response key for error paths and its place in the document.
    Nodes(Box<str>, Pos, SelectionId),
    /// `edges`, with the response key for error paths.
    Edges(Box<str>, Vec<Keyed<Edge>>),
    /// `pageInfo`.
    PageInfo(Vec<Keyed<PageInfo>>),
}

/// A field of an edge.
#[derive(Debug)]
pub enum Edge {
    /// `__typename`.
    Typename(Box<[u8]>),
    /// `cursor`.
    Cursor,
    /// `node`, with the response key for error paths and its place in the document.
    Node(Box<str>, Pos, SelectionId),
}

/// A field of `PageInfo`.
#[derive(Debug, Clone)]
pub enum PageInfo {
    /// `__typename`.
    Typename(Box<[u8]>),
    /// `hasNextPage`.
    HasNext,
    /// `hasPreviousPage`.
    HasPrevious,
    /// `startCursor`.
    Start,
    /// `endCursor`.
    End,
}

/// A root field.
#[derive(Debug)]
pub struct RootField {
    /// The response key.
    pub name: Box<str>,
    /// The name of the field.
    pub field: Box<str>,
    /// Where it stands.
    pub pos: Pos,
    /// What it is.
    pub what: RootKind,
}

/// What a root field is.
#[derive(Debug)]
pub enum RootKind {
    /// `__typename` of the root.
    Typename,
    /// One entity by its id; `node` when several kinds are possible.
    ById(SelectionByType, Arguments),
    /// A user by e-mail address.
    ByEmail(SelectionId, Arguments),
    /// Entities by their ids.
    Nodes(SelectionByType, Arguments),
    /// A collection.
    Connection(usize),
    /// Who is asking: a selection of the API token that is asked with.
    Viewer(SelectionId),
    /// What other subgraphs refer to.
    Entities(SelectionByType, Arguments),
    /// What a router composes its schema of.
    Service(Vec<Keyed<ServiceField>>),
    /// A mutation.
    Mutation(Box<MutationPlan>),
    /// Introspection: the library answers it.
    Introspection,
}

impl RootKind {
    /// Whether the field's type is a list that must not be null: without it, all of `data` is null.
    #[must_use]
    pub fn is_required(&self) -> bool {
        matches!(self, RootKind::Nodes(..) | RootKind::Entities(..))
    }
}

/// A field of `_Service`.
#[derive(Debug)]
pub enum ServiceField {
    /// `__typename`.
    Typename(Box<[u8]>),
    /// `sdl`.
    Sdl,
}

/// What a document may not say, found while planning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    /// What is wrong.
    pub message: String,
    /// Where.
    pub pos: Pos,
}
