//! Random valid queries: everything that the schema and the language allow, small enough to be answered in a few
//! requests.

use super::{
    along, arguments,
    data::Data,
    document::{Directive, Document, Field, Fragment, Selection, Value, Variable},
    luck::Luck,
    schema::{Output, Schema, named},
};
use std::{cell::RefCell, rc::Rc};

/// How deep fields are nested at most; a connection takes two levels, or three with edges.
const DEPTH: usize = 9;
/// How many entities may be reached at the end of one path, about.
const REACH: usize = 150;

/// The fields that are merged in one place of the answer, so that what is added fits to what is there.
type Scope = Rc<RefCell<Vec<Entry>>>;

/// A field of a [`Scope`].
#[derive(Clone)]
struct Entry {
    parent: String,
    ty: String,
    field: Field,
    below: Scope,
}

/// A place where a selection set is made.
#[derive(Clone)]
struct Place {
    ty: String,
    scope: Scope,
    /// How many levels may follow.
    depth: usize,
    /// How many entities are here, about.
    reach: usize,
}

/// A finished fragment.
struct Known {
    name: String,
    on: String,
    scope: Scope,
    depth: usize,
    reach: usize,
}

/// A query while it is made.
pub(super) struct Generator<'a> {
    pub(super) schema: &'a Schema,
    pub(super) data: &'a Data,
    pub(super) luck: Luck,
    pub(super) document: Document,
    along: Along,
    known: Vec<Known>,
    /// How many more fields there may be.
    fields: usize,
    numbers: usize,
}

/// What queries select beside what they draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Along {
    /// Nothing.
    Nothing,
    /// What filters and orders are about: an upstream may tell it in part then.
    Paths,
}

/// The query of a seed.
pub(super) fn generate(schema: &Schema, data: &Data, seed: u64) -> Document {
    generate_along(schema, data, seed, Along::Nothing)
}

/// The query of a seed, with selections of this kind.
pub(super) fn generate_along(schema: &Schema, data: &Data, seed: u64, along: Along) -> Document {
    let mut luck = Luck::new(seed);
    let fields = 4 + luck.below(16) + if luck.chance(40) { luck.below(60) } else { 0 };
    let (document, known) = (Document::default(), vec![]);
    let mut generator = Generator { schema, data, luck, document, along, known, fields, numbers: 0 };
    let scope = Scope::default();
    let place = Place { ty: "Query".to_owned(), scope, depth: DEPTH, reach: 1 };
    let roots = 1 + generator.luck.below(3);
    generator.document.set = generator.set(&place, roots);
    generator.document
}

impl Generator<'_> {
    fn number(&mut self) -> usize {
        self.numbers += 1;
        self.numbers
    }

    /// A selection set of about so many members.
    fn set(&mut self, place: &Place, members: usize) -> Vec<Selection> {
        let mut set = vec![];
        for _ in 0..members {
            let selection = match self.luck.below(100) {
                0..72 => self.field(place),
                72..80 => self.again(place),
                80..88 => Some(self.inline(place)),
                88..93 => self.fragment(place),
                93..96 => self.spread(place),
                _ => Some(self.typename(place)),
            };
            set.extend(selection);
        }
        if set.is_empty() {
            let selection = self.field(place).unwrap_or_else(|| self.typename(place));
            set.push(selection);
        }
        set
    }

    fn typename(&mut self, place: &Place) -> Selection {
        let alias = self.luck.chance(20).then(|| format!("t{}", self.number()));
        self.put(place, alias, "__typename", "String!", vec![])
    }

    fn field(&mut self, place: &Place) -> Option<Selection> {
        let schema = self.schema;
        let fits = |output: &&Output| self.fits(place, output);
        let fields: Vec<&Output> = schema.outputs(&place.ty).iter().filter(fits).collect();
        // Rows, and the cursors that other queries go on from.
        let preferred = |output: &&&Output| {
            ["nodes", "edges", "pageInfo", "cursor", "startCursor", "endCursor"].contains(&output.name.as_str())
        };
        let rows: Vec<&Output> = fields.iter().filter(preferred).copied().collect();
        let deep: Vec<&Output> = fields.iter().filter(|it| schema.is_composite(named(&it.ty))).copied().collect();
        let choices = match self.luck.below(100) {
            0..70 if !rows.is_empty() => rows,
            // Without this the many leaves of entities would end most paths early.
            0..45 if !deep.is_empty() => deep,
            _ => fields,
        };
        let output = *self.luck.pick(&choices)?;
        let alias = self.luck.chance(12).then(|| format!("a{}", self.number()));
        let many = (40 / place.reach.max(1)).clamp(1, 4);
        let arguments = arguments::make(self, &place.ty, output, many);
        Some(self.put(place, alias, &output.name, &output.ty, arguments))
    }

    /// Whether there is room for what is below a field.
    fn fits(&self, place: &Place, output: &Output) -> bool {
        let ty = named(&output.ty);
        if !self.schema.is_composite(ty) {
            return true;
        }
        let (levels, reach) = match ty {
            _ if ty.ends_with("Connection") => (2, 2),
            _ if output.ty.starts_with('[') && self.schema.is_entity(ty) && !place.ty.ends_with("Connection") => (1, 5),
            _ => (1, 1),
        };
        place.depth >= levels && self.fields > 0 && place.reach * reach <= REACH
    }

    /// A field that is there already, with another selection.
    fn again(&mut self, place: &Place) -> Option<Selection> {
        let known: Vec<Entry> = place.scope.borrow().iter().filter(|it| it.parent == place.ty).cloned().collect();
        let Entry { ty, field, .. } = self.luck.pick(&known)?.clone();
        Some(self.put(place, field.alias, &field.name, &ty, field.arguments))
    }

    /// Adds a field, under another key if it does not go together with what is there.
    fn put(
        &mut self,
        place: &Place,
        alias: Option<String>,
        name: &str,
        ty: &str,
        arguments: Vec<(String, Value)>,
    ) -> Selection {
        self.fields = self.fields.saturating_sub(1);
        let composite = self.schema.is_composite(named(ty));
        let mut field = Field { id: 0, alias, name: name.to_owned(), arguments, directives: vec![], set: vec![] };
        let met: Vec<Entry> = place.scope.borrow().iter().filter(|it| it.field.key() == field.key()).cloned().collect();
        let agrees = |met: &Entry| {
            let same = met.field.name == field.name && met.field.arguments == field.arguments;
            let parent = met.parent == place.ty || !ty.ends_with("Connection");
            let shape = |ty: &str| ty.replace(named(ty), "");
            let composites = composite && self.schema.is_composite(named(&met.ty)) && shape(&met.ty) == shape(ty);
            same && parent && (met.ty == ty || composites)
        };
        let below = if met.iter().all(agrees) {
            let below = met.first().map_or_else(Scope::default, |met| met.below.clone());
            let known = met.iter().find(|met| met.parent == place.ty);
            field.id = known.map_or_else(|| self.number(), |known| known.field.id);
            below
        } else {
            field.alias = Some(format!("a{}", self.number()));
            field.id = self.number();
            Scope::default()
        };
        let entry = Entry { parent: place.ty.clone(), ty: ty.to_owned(), field: field.clone(), below: below.clone() };
        place.scope.borrow_mut().push(entry);
        if composite {
            let many = match named(ty) {
                connection if connection.ends_with("Connection") => page_size(&field.arguments),
                entity if ty.starts_with('[') && self.schema.is_entity(entity) && !place.ty.ends_with("Connection") => {
                    5
                }
                _ => 1,
            };
            let depth = place.depth.saturating_sub(1);
            let place = Place { ty: named(ty).to_owned(), scope: below, depth, reach: place.reach * many };
            let members = 1 + self.luck.below(4);
            field.set = self.set(&place, members);
            if self.along == Along::Paths {
                let touched = along::paths(self, &place.ty, &field.arguments);
                let along = self.along(&place, &touched);
                field.set.extend(along);
            }
        }
        field.directives = self.directives();
        Selection::Field(field)
    }

    /// Selections of nodes along some paths.
    fn along(&mut self, place: &Place, touched: &[Vec<String>]) -> Vec<Selection> {
        let mut found = vec![];
        if touched.is_empty() {
            return found;
        }
        for _ in 0..self.luck.below(3) {
            let Some(path) = self.luck.pick(touched) else { continue };
            let path: Vec<String> = std::iter::once("nodes".to_owned()).chain(path.iter().cloned()).collect();
            found.extend(self.step(place, &path));
        }
        found
    }

    /// A selection of the first field of a path, and of the rest of it below, if there is room.
    fn step(&mut self, place: &Place, path: &[String]) -> Option<Selection> {
        let (name, rest) = path.split_first()?;
        let output = self.schema.outputs(&place.ty).iter().find(|output| output.name == *name)?;
        let ty = output.ty.clone();
        // A list that is read whole is a connection without a filter, whose elements are its nodes.
        let paged = named(&ty).ends_with("Connection");
        let list = paged || ty.starts_with('[') && name != "nodes";
        if paged && output.arguments.iter().any(|name| name == "filter")
            || place.depth == 0
            || list && place.reach * 5 > REACH
        {
            return None;
        }
        let nodes: Vec<String> = std::iter::once("nodes".to_owned()).chain(rest.iter().cloned()).collect();
        let rest = if paged { &nodes[..] } else { rest };
        if paged && place.depth < 2 {
            return None;
        }
        let mut selection = self.put(place, None, name, &ty, vec![]);
        if let (Selection::Field(field), false) = (&mut selection, rest.is_empty()) {
            let scope = place.scope.borrow().last().map(|entry| entry.below.clone())?;
            let (depth, reach) = (place.depth - 1, place.reach * if list { 5 } else { 1 });
            let below = Place { ty: named(&ty).to_owned(), scope, depth, reach };
            field.set.extend(self.step(&below, rest));
        }
        Some(selection)
    }

    /// A type condition that an object of the place's type may meet; none for no condition at all.
    fn condition(&mut self, ty: &str) -> Option<String> {
        let own = std::iter::once(ty);
        let mut choices: Vec<&str> = own.chain(self.schema.interfaces_of(ty)).collect();
        for possible in self.schema.possible(ty) {
            choices.push(possible);
            choices.push(possible);
            choices.extend(self.schema.interfaces_of(possible));
        }
        self.luck.pick(&choices).map(|choice| (*choice).to_owned())
    }

    fn inline(&mut self, place: &Place) -> Selection {
        let on = if self.luck.chance(25) { None } else { self.condition(&place.ty) };
        let place = Place { ty: on.clone().unwrap_or_else(|| place.ty.clone()), ..place.clone() };
        let members = 1 + self.luck.below(3);
        let set = self.set(&place, members);
        Selection::Inline { on, directives: self.directives(), set }
    }

    fn fragment(&mut self, place: &Place) -> Option<Selection> {
        let on = self.condition(&place.ty)?;
        let scope = Scope::default();
        let inner = Place { ty: on.clone(), scope: scope.clone(), ..place.clone() };
        let members = 1 + self.luck.below(4);
        let set = self.set(&inner, members);
        let name = format!("F{}", self.number());
        self.document.fragments.push(Fragment { name: name.clone(), on: on.clone(), set });
        self.known.push(Known { name, on, scope, depth: place.depth, reach: place.reach });
        self.use_fragment(place, self.known.len() - 1)
    }

    /// A fragment that is there already.
    fn spread(&mut self, place: &Place) -> Option<Selection> {
        let fits = |known: &Known| {
            let types = known.on == place.ty
                || self.schema.applies(&known.on, &place.ty)
                || self.schema.applies(&place.ty, &known.on);
            types && known.depth <= place.depth && known.reach >= place.reach
        };
        let choices: Vec<usize> = (0..self.known.len()).filter(|it| fits(&self.known[*it])).collect();
        let choice = *self.luck.pick(&choices)?;
        self.use_fragment(place, choice)
    }

    /// Spreads a fragment if its fields go together with what is there.
    fn use_fragment(&mut self, place: &Place, known: usize) -> Option<Selection> {
        let Known { name, scope, .. } = &self.known[known];
        let theirs = scope.borrow().clone();
        let clashes = |entry: &Entry| {
            let same = |met: &Entry| Rc::ptr_eq(&met.below, &entry.below);
            place.scope.borrow().iter().any(|met| met.field.key() == entry.field.key() && !same(met))
        };
        let leaf = |entry: &Entry| entry.field.name == "__typename" && entry.field.alias.is_none();
        if theirs.iter().any(|entry| !leaf(entry) && clashes(entry)) {
            return None;
        }
        let name = name.clone();
        if !Rc::ptr_eq(scope, &place.scope) {
            place.scope.borrow_mut().extend(theirs);
        }
        Some(Selection::Spread { name, directives: self.directives() })
    }

    fn directives(&mut self) -> Vec<Directive> {
        let count = match self.luck.below(100) {
            0..88 => return vec![],
            88..98 => 1,
            _ => 2,
        };
        let mut directives: Vec<Directive> = vec![];
        for _ in 0..count {
            let skip = directives.first().map_or_else(|| self.luck.chance(50), |other| !other.skip);
            // Most of the time the selection stays.
            let truth = Value::Bool(self.luck.chance(75) != skip);
            let truth = if self.luck.chance(50) { self.variable("Boolean!", truth) } else { truth };
            directives.push(Directive { skip, truth });
        }
        directives
    }

    /// A variable that comes to this value; of a non-null type. One of the same type and value is used again at times.
    pub(super) fn variable(&mut self, ty: &str, value: Value) -> Value {
        let same =
            |known: &&Variable| known.ty == ty && known.given.as_ref().or(known.default.as_ref()) == Some(&value);
        if let Some(known) = self.document.variables.iter().find(same)
            && self.luck.chance(50)
        {
            return Value::Variable(known.name.clone());
        }
        let by_default = self.luck.chance(25);
        let (default, given) = if by_default { (Some(value), None) } else { (None, Some(value)) };
        self.declare(ty, default, given)
    }

    /// A new variable.
    pub(super) fn declare(&mut self, ty: &str, default: Option<Value>, given: Option<Value>) -> Value {
        let name = format!("v{}", self.number());
        self.document.variables.push(Variable { name: name.clone(), ty: ty.to_owned(), default, given });
        Value::Variable(name)
    }
}

/// How many entities a page has, about.
fn page_size(arguments: &[(String, Value)]) -> usize {
    let size = |value: &Value| if let Value::Int(number) = value { usize::try_from(*number).ok() } else { None };
    arguments.iter().find(|(name, _)| name == "first" || name == "last").and_then(|(_, it)| size(it)).unwrap_or(4)
}
