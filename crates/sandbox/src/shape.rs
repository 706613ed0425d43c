//! Which properties an answer shows: the default projections, bent by `select` and by what the filter touched.

use super::{
    quirk::Touched,
    schema::{Entity, Field, Kind, Shapes},
    select::Select,
    viewer::Viewer,
};

/// How many references deep a `select` may go.
pub(crate) const MAX_SELECT_DEPTH: usize = 3;

/// The default at some place of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    /// A list's rows, and what they name: no collections.
    List,
    /// A single read, and what it names: collections as well.
    Single,
    /// Reached without being named: the reduced form.
    Core,
    /// A value object: all of it.
    Whole,
    /// Only what is named below.
    Bare,
}

/// The properties to print of one kind of object.
#[derive(Debug, Default)]
pub(crate) struct Shape {
    pub(crate) entries: Vec<Entry>,
}

/// One property to print.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) slot: usize,
    pub(crate) name: &'static str,
    /// The name as it is printed, quotes and colon included.
    pub(crate) key: Box<[u8]>,
    /// Shown only if it points to the viewer's account.
    pub(crate) own: bool,
    pub(crate) date: bool,
    pub(crate) target: Option<Entity>,
    pub(crate) inner: Shape,
}

/// Shapes objects for one viewer and one kind of read.
pub(crate) struct Shaper<'a> {
    pub(crate) viewer: &'a Viewer,
    pub(crate) shapes: Shapes,
    /// What a named reference or collection is shown as: the same as the root.
    pub(crate) root: Base,
    /// How many references deep it may go; what goes deeper is shown in its reduced form.
    pub(crate) depth: usize,
    /// How much is shown of nested objects that only a filter or an order names.
    pub(crate) touched: Touched,
}

impl Shaper<'_> {
    /// The shape of the root, and the names of what it leaves out.
    pub(crate) fn root(&self, entity: Entity, select: &Select) -> (Shape, Vec<&'static str>) {
        let shape = self.shape(entity.fields(), self.root, Some(select), 0);
        let shown = |field: &&Field| !shape.entries.iter().any(|entry| entry.name == field.name);
        let visible = entity.fields().iter().filter(|field| self.viewer.sees_field(field, self.shapes));
        let mut omitted: Vec<&str> = visible.filter(shown).map(|field| field.name).collect();
        if entity == Entity::Seller && self.shapes == Shapes::V5 {
            // Whatever is selected.
            omitted.push("buyers");
        }
        (shape, omitted)
    }

    fn shape(&self, fields: &'static [Field], base: Base, select: Option<&Select>, depth: usize) -> Shape {
        let all = select.and_then(|select| select.all);
        let base = if all == Some(false) { Base::Bare } else { base };
        let mut shape = Shape::default();
        for (slot, field) in fields.iter().enumerate().filter(|(_, field)| self.viewer.sees_field(field, self.shapes)) {
            let select = select.and_then(|select| select.get(field.name));
            let sign = select.and_then(|select| select.sign);
            let by_default = sign != Some(false) && (all == Some(true) || base.includes(field, self.shapes));
            if by_default || select.is_some_and(Select::adds) {
                let inner = self.inner(field, by_default, select, depth);
                shape.entries.push(Entry::new(slot, field, inner));
            }
        }
        shape
    }

    fn inner(&self, field: &'static Field, by_default: bool, select: Option<&Select>, depth: usize) -> Shape {
        let Some(members) = field.members() else { return Shape::default() };
        let named = select.is_some_and(|select| select.sign == Some(true) || select.all == Some(true));
        match field.kind {
            Kind::Object(_) | Kind::Objects(_) => {
                let base = if named || by_default { Base::Whole } else { Base::Bare };
                self.shape(members, base, select, depth)
            }
            // Nobody but their holders tells of modules.
            Kind::Many(Entity::Module) if depth == 0 => self.named(members, by_default, named, select, depth),
            _ if depth >= self.depth => self.cut(members, by_default, select, depth),
            _ => self.named(members, by_default, named, select, depth),
        }
    }

    /// The shape of a reference that may be looked into.
    fn named(
        &self,
        members: &'static [Field],
        by_default: bool,
        named: bool,
        select: Option<&Select>,
        depth: usize,
    ) -> Shape {
        let base = match (named, by_default) {
            (true, _) => self.root,
            (false, true) => Base::Core,
            (false, false) => Base::Bare,
        };
        let mut shape = self.shape(members, base, select, depth + 1);
        if self.has_id(by_default, select) && shape.entries.first().is_none_or(|entry| entry.slot != 0) {
            shape.entries.insert(0, Entry::new(0, &members[0], Shape::default()));
        }
        shape
    }

    /// The shape of a reference that lies too deep to be looked into: its reduced form, and what is touched.
    fn cut(&self, members: &'static [Field], by_default: bool, select: Option<&Select>, depth: usize) -> Shape {
        let touched = select.map(Select::only_touched).filter(Select::adds);
        let base = if self.has_id(by_default, select) { Base::Core } else { Base::Bare };
        self.shape(members, base, touched.as_ref(), depth + 1)
    }

    /// Elements that were selected can always be told apart. Those that a filter or an order pulls into the answer have just
    /// the touched members, unless the host adds their ids.
    fn has_id(&self, by_default: bool, select: Option<&Select>) -> bool {
        self.touched == Touched::Named || by_default || select.is_none_or(Select::selects)
    }
}

impl Base {
    fn includes(self, field: &Field, shapes: Shapes) -> bool {
        match self {
            Base::List => !field.quiet && !field.is_collection(),
            Base::Single => !field.quiet,
            Base::Core => field.is_core(shapes),
            Base::Whole => true,
            Base::Bare => false,
        }
    }
}

impl Entry {
    fn new(slot: usize, field: &Field, inner: Shape) -> Entry {
        let target = match field.kind {
            Kind::One(entity) | Kind::Many(entity) => Some(entity),
            _ => None,
        };
        let key = format!("\"{}\":", field.name).into_bytes().into();
        let date = matches!(field.kind, Kind::Date);
        Entry { slot, name: field.name, key, own: field.own, date, target, inner }
    }
}
