//! A condition with its names resolved and its values converted, ready to be asked of rows.

use std::collections::HashSet;

use foldhash::fast::FixedState;

use super::parse::Op;
use crate::schema::Entity;

/// A condition over one row or element.
#[derive(Debug)]
pub(crate) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Check {
        path: Path,
        check: Check,
    },
    /// Two properties of the same row compared.
    Pair {
        op: Op,
        path: Path,
        other: Path,
    },
    /// Some element passes; without an inner test: there is an element.
    Any {
        path: Path,
        inner: Option<Box<Test>>,
    },
    /// Every element passes; true of no elements.
    All {
        path: Path,
        inner: Box<Test>,
    },
}

/// The way from a row to a cell. Without steps: the element itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Path {
    pub(crate) steps: Vec<Step>,
    /// The entity of a collection at the end.
    pub(crate) target: Option<Entity>,
}

impl Path {
    /// Whether this is the id of the row itself.
    pub(crate) fn is_id(&self) -> bool {
        self.steps == [Step::Slot(0)]
    }
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The cell in this place of the row.
    Slot(usize),
    /// The referenced row of an entity.
    Follow(Entity),
    /// The members of a value object.
    Members,
    /// A member of whoever did it; its place depends on who that is.
    Actor(&'static str),
}

/// What is asked of a cell.
#[derive(Debug)]
pub(crate) enum Check {
    Eq(Literal),
    Ne(Literal),
    Gt(Literal),
    Ge(Literal),
    Lt(Literal),
    Le(Literal),
    In(Set),
    Out(Set),
    Like(Pattern),
}

/// A value of the field's own type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
}

/// The values of `in` and `out`.
#[derive(Debug)]
pub(crate) enum Set {
    Texts(HashSet<String, FixedState>),
    Others(Vec<Literal>),
}

/// A text with a wildcard at its start, its end, both or neither.
#[derive(Debug)]
pub(crate) struct Pattern {
    core: String,
    open_start: bool,
    open_end: bool,
    fold: bool,
}

impl Pattern {
    /// Reads a pattern. A star in the middle means itself. So does `\*` where the documentation is followed; the engine
    /// keeps the backslash as a letter.
    pub(crate) fn new(text: &str, fold: bool, documented: bool) -> Pattern {
        let (open_start, text) = text.strip_prefix('*').map_or((false, text), |rest| (true, rest));
        let (open_end, text) = match text.strip_suffix('*') {
            Some(rest) if !rest.ends_with('\\') => (true, rest),
            _ => (false, text),
        };
        let core = if documented { text.replace("\\*", "*") } else { text.to_owned() };
        Pattern { core: if fold { core.to_lowercase() } else { core }, open_start, open_end, fold }
    }

    pub(crate) fn matches(&self, text: &str) -> bool {
        if self.fold { self.holds(&text.to_lowercase()) } else { self.holds(text) }
    }

    fn holds(&self, text: &str) -> bool {
        match (self.open_start, self.open_end) {
            (true, true) => text.contains(&self.core),
            (true, false) => text.ends_with(&self.core),
            (false, true) => text.starts_with(&self.core),
            (false, false) => text == self.core,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    #[test]
    fn wildcards_count_only_at_the_ends() {
        let cases = [
            ("*ann*", "joanna", true),
            ("ann*", "joanna", false),
            ("*na", "joanna", true),
            ("an*na", "an-x-na", false),
            ("an*na", "an*na", true),
            (r"\*", "*", true),
            (r"a\*", "ab", false),
            (r"a\**", "a*b", true),
            ("*", "", true),
            ("joanna", "Joanna", false),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(Pattern::new(pattern, false, true).matches(text), expected, "{pattern} on {text}");
        }
        assert!(Pattern::new("ÅNG*", true, true).matches("Ångström"));
        assert!(!Pattern::new(r"a\*", false, false).matches("a*"));
        assert!(Pattern::new(r"a\*", false, false).matches(r"a\*"));
    }
}
