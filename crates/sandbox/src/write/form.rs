//! Bodies of writes: which properties an operation takes, and how they become cells.
//!
//! A body is a delta. An absent property is left alone, null clears it, and what a form does not list is passed over, be
//! it unknown or only not writable: the upstream's schemas forbid such members, its hosts do not.

use serde_json::{Map, Value};
use uuid::fmt::Hyphenated;

use super::Writer;
use crate::{
    cell::{Cell, row},
    problem::Problem,
    schema::{self, Entity, Field, Kind, Shapes},
};

/// What an operation takes, by the names on the wire.
pub(crate) type Form = &'static [Property];

/// One property of a form.
pub(crate) struct Property {
    pub(crate) name: &'static str,
    pub(crate) need: Need,
    pub(crate) rule: Rule,
    /// Whether only the older generations know it.
    pub(crate) older: bool,
}

/// Whether a property has to be there, and with a value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// It must be there.
    Required,
    /// It may be absent, but not null.
    Solid,
    /// It may be absent; null clears it.
    Optional,
}

/// What a value must be like.
#[derive(Clone, Copy)]
pub(crate) enum Rule {
    /// Text of one to so many characters.
    Text(usize),
    /// Text of at most so many characters; an empty one clears.
    Note(usize),
    /// Text of one to so many letters, digits, blanks and a few marks.
    Plain(usize),
    Email,
    Uuid,
    Flag,
    OneOf(&'static [&'static str]),
    /// Texts of at most so many characters each.
    Texts(usize),
    Object(Form),
    /// One rule where the shapes are the old ones, another in v5.
    ByShapes(&'static Rule, &'static Rule),
    /// A reference, of which only the id counts.
    One(Entity),
    Many(Entity),
    /// Anything; whoever takes the form reads it.
    Free,
}

pub(crate) const fn required(name: &'static str, rule: Rule) -> Property {
    Property { name, need: Need::Required, rule, older: false }
}

pub(crate) const fn solid(name: &'static str, rule: Rule) -> Property {
    Property { name, need: Need::Solid, rule, older: false }
}

pub(crate) const fn optional(name: &'static str, rule: Rule) -> Property {
    Property { name, need: Need::Optional, rule, older: false }
}

/// What only the older generations write.
pub(crate) const fn older(name: &'static str, rule: Rule) -> Property {
    Property { name, need: Need::Optional, rule, older: true }
}

/// The mistakes of a body, each with the path of its property.
type Mistakes = Vec<(String, String)>;

impl Writer<'_> {
    /// The cells of an entity that a body sets, by slot; nothing is written yet.
    ///
    /// `old` is what the cells hold so far: the members of an object that a body does not name stay as they are.
    pub(crate) fn read(
        &self,
        fields: &'static [Field],
        form: Form,
        body: &Map<String, Value>,
        old: &[Cell],
    ) -> Result<Vec<(usize, Cell)>, Problem> {
        let mut mistakes = Mistakes::new();
        let cells = self.members(fields, form, body, old, "", &mut mistakes)?;
        if mistakes.is_empty() { Ok(cells) } else { Err(Problem::invalid_all(mistakes)) }
    }

    fn members(
        &self,
        fields: &'static [Field],
        form: Form,
        body: &Map<String, Value>,
        old: &[Cell],
        path: &str,
        mistakes: &mut Mistakes,
    ) -> Result<Vec<(usize, Cell)>, Problem> {
        let at = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let mut cells = Vec::new();
        for Property { name, need, rule, .. } in form.iter().filter(|property| self.speaks_old() || !property.older) {
            let (path, rule) = (at(name), self.resolved(*rule));
            let slot = schema::find(fields, name, self.host.shapes());
            match body.get(*name) {
                None if *need == Need::Required => mistakes.push((path, format!("The {name} field is required."))),
                None => {}
                Some(Value::Null) if *need != Need::Optional => {
                    mistakes.push((path, format!("The {name} field must not be null.")));
                }
                Some(Value::Null) => cells.extend(slot.map(|slot| (slot, Cell::Null))),
                Some(value) => {
                    let field = slot.map(|slot| (&fields[slot], &old[slot]));
                    match self.cell(field, rule, value, &path, mistakes)? {
                        Some(cell) => cells.extend(slot.map(|slot| (slot, cell))),
                        None if matches!(rule, Rule::Free | Rule::Object(_)) => {}
                        None => mistakes.push((path, expected(rule))),
                    }
                }
            }
        }
        Ok(cells)
    }

    fn resolved(&self, rule: Rule) -> Rule {
        match rule {
            Rule::ByShapes(old, v5) => self.resolved(if self.speaks_old() { *old } else { *v5 }),
            rule => rule,
        }
    }

    /// Whether the shapes are those of 2025.
    pub(super) fn speaks_old(&self) -> bool {
        self.host.shapes() == Shapes::Old
    }

    /// One value; none when it is not what the rule says.
    fn cell(
        &self,
        field: Option<(&'static Field, &Cell)>,
        rule: Rule,
        value: &Value,
        path: &str,
        mistakes: &mut Mistakes,
    ) -> Result<Option<Cell>, Problem> {
        let text = value.as_str();
        let fits = |text: &str, max: usize| !text.is_empty() && text.chars().count() <= max;
        Ok(match rule {
            Rule::Text(max) => text.filter(|text| fits(text, max)).map(Cell::from),
            Rule::Note(max) => match text.filter(|text| text.chars().count() <= max) {
                Some("") => Some(Cell::Null),
                text => text.map(Cell::from),
            },
            Rule::Plain(max) => text.filter(|text| fits(text, max) && is_plain(text)).map(Cell::from),
            Rule::Email => text.filter(|text| fits(text, 320) && is_email(text)).map(Cell::from),
            Rule::Uuid => text.filter(|text| text.parse::<Hyphenated>().is_ok()).map(Cell::from),
            Rule::OneOf(names) => text.filter(|text| names.contains(text)).map(Cell::from),
            Rule::Flag => value.as_bool().map(Cell::Bool),
            Rule::Texts(max) => {
                let texts = value.as_array().map(|items| items.iter().map(Value::as_str).collect::<Option<Vec<_>>>());
                let texts = texts.flatten().filter(|texts| texts.iter().all(|text| fits(text, max)));
                texts.map(|texts| Cell::Texts(texts.into_iter().map(Into::into).collect()))
            }
            Rule::Object(form) => self.object(field, form, value, path, mistakes)?,
            Rule::One(entity) => match id_of(value) {
                Some(id) => Some(Cell::One(self.named(entity, id, &format!("{path}.id"))?)),
                None => None,
            },
            Rule::Many(entity) => match value.as_array() {
                Some(items) => Some(Cell::Many(self.named_all(entity, items, path)?)),
                None => None,
            },
            Rule::Free | Rule::ByShapes(..) => None,
        })
    }

    fn object(
        &self,
        field: Option<(&'static Field, &Cell)>,
        form: Form,
        value: &Value,
        path: &str,
        mistakes: &mut Mistakes,
    ) -> Result<Option<Cell>, Problem> {
        let Some(body) = value.as_object() else {
            mistakes.push((path.to_owned(), "An object is expected.".to_owned()));
            return Ok(None);
        };
        let Some((Field { kind: Kind::Object(fields), .. }, old)) = field else {
            self.members(&[], form, body, &[], path, mistakes)?;
            return Ok(None);
        };
        let mut cells = match old {
            Cell::Object(members) => members.clone(),
            _ => row(fields, []),
        };
        for (slot, cell) in self.members(fields, form, body, &cells, path, mistakes)? {
            cells[slot] = cell;
        }
        Ok(Some(cells.into()))
    }

    /// The rows that a list of references names, ascending, each once.
    pub(crate) fn named_all(&self, entity: Entity, items: &[Value], path: &str) -> Result<Vec<usize>, Problem> {
        let mut rows = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let path = format!("{path}[{place}].id");
            let id = id_of(item).ok_or_else(|| Problem::invalid(&path, "The id field is required."))?;
            rows.push(self.named(entity, id, &path)?);
        }
        rows.sort_unstable();
        rows.dedup();
        Ok(rows)
    }

    /// The row that a body names. What the caller may not see does not exist for it.
    pub(crate) fn named(&self, entity: Entity, id: &str, path: &str) -> Result<usize, Problem> {
        let row = self.world.table(entity).find(id);
        // Modules and extensions have no collection for vendors and clients, who name them all the same.
        let listed = !matches!(entity, Entity::Module | Entity::Extension);
        let seen = |row: &usize| !listed || self.caller.viewer.sees(self.base, entity, *row);
        row.filter(seen)
            .ok_or_else(|| Problem::rule("MPTACC00-0001", &format!("The object {} does not exist.", quoted(id)), path))
    }
}

/// What is said of a value that is not what its rule says.
fn expected(rule: Rule) -> String {
    match rule {
        Rule::Text(max) => format!("A text of 1 to {max} characters is expected."),
        Rule::Note(max) => format!("A text of at most {max} characters is expected."),
        Rule::Plain(max) => {
            format!("A text of 1 to {max} letters, digits, blanks, hyphens, periods and quotation marks is expected.")
        }
        Rule::Email => "An e-mail address is expected.".to_owned(),
        Rule::Uuid => "A UUID is expected.".to_owned(),
        Rule::Flag => "True or false is expected.".to_owned(),
        Rule::OneOf(names) => format!("One of {} is expected.", names.join(", ")),
        Rule::Texts(max) => format!("A list of texts of 1 to {max} characters is expected."),
        Rule::One(_) => "An object with an id is expected.".to_owned(),
        Rule::Many(_) => "A list of objects with an id is expected.".to_owned(),
        Rule::Object(_) | Rule::Free => String::new(),
        Rule::ByShapes(_, v5) => expected(*v5),
    }
}

fn id_of(value: &Value) -> Option<&str> {
    value.get("id")?.as_str()
}

/// An id as a message shows it: what is no id by its letters is not repeated.
fn quoted(id: &str) -> &str {
    let plain = id.len() <= 24 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if plain { id } else { "with this id" }
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|letter| letter.is_alphanumeric() || matches!(letter, ' ' | '-' | '.' | '\'' | '"'))
}

fn is_email(text: &str) -> bool {
    let Some((name, domain)) = text.split_once('@') else { return false };
    !name.is_empty() && domain.contains('.') && !domain.contains('@') && !text.contains(char::is_whitespace)
}
