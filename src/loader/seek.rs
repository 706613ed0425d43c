//! The condition that a row comes behind a cursor in an order: what it is ordered by is greater, or equal and the next
//! property decides. Nothing is sent here.

use super::cursor::{Cursor, Value};
use crate::upstream::rql::{Expr, Literal, Op, Path};
use std::cmp::Ordering;

/// Where rows without a value stand in an ascending order. No documentation says so: databases differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    /// Before all others.
    First,
    /// Behind all others.
    Last,
    /// There are none.
    Never,
}

/// What is known of rows without a value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Where they stand; none when that is not known. Then they are taken for rows behind the cursor.
    pub(super) nulls: Option<Nulls>,
    /// The properties that always have a value.
    pub(super) never_null: &'a [&'a str],
}

/// A property of an order, and whether the greatest comes first.
pub(super) type Key<'a> = (&'a str, bool);

/// Whether rows may have no value here: a reference may be null, and then there is no id of it.
pub(super) fn may_be_null(path: &str) -> bool {
    !matches!(path, "id" | "revision")
}

/// Whether a condition can name all that a cursor holds.
pub(super) fn is_expressible(cursor: &Cursor, keys: &[Key<'_>]) -> bool {
    let can = |value: &Value| match value {
        Value::Absent | Value::Long(_) => false,
        Value::Null | Value::Truth(_) => true,
        Value::Text(text) | Value::Number(text) => Literal::text(&**text).is_ok(),
    };
    cursor.values.len() == keys.len() && cursor.values.iter().all(can)
}

/// A property that is the same for all rows of a list, and what it is.
pub(super) type Same<'a> = Option<(&'a str, &'a str)>;

/// When a row comes behind a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Behind {
    /// Always.
    Always,
    /// Never.
    Never,
    /// Where this holds.
    When(Expr),
}

/// When a row comes behind a cursor in an order, which is turned round when wanted. The cursor must be expressible.
pub(super) fn behind(cursor: &Cursor, keys: &[Key<'_>], turned: bool, same: Same<'_>, known: Known<'_>) -> Behind {
    let mut rest = Behind::Never;
    for ((path, descending), value) in keys.iter().zip(&cursor.values).rev() {
        let descending = *descending != turned;
        if let (Some((always, is)), Value::Text(held)) = (same, value)
            && always == *path
        {
            let order = if descending { (**held).cmp(is) } else { is.cmp(held) };
            rest = match order {
                Ordering::Equal => rest,
                Ordering::Greater => Behind::Always,
                Ordering::Less => Behind::Never,
            };
            continue;
        }
        let ties = match rest {
            Behind::Never => None,
            Behind::Always => equal(path, value),
            Behind::When(rest) => equal(path, value).map(|equal| Expr::And(vec![equal, rest])),
        };
        let mut ways: Vec<Expr> = beyond((path, descending), value, known).into_iter().chain(ties).collect();
        rest = match ways.len() {
            0 => Behind::Never,
            1 => ways.pop().map_or(Behind::Never, Behind::When),
            _ => Behind::When(Expr::Or(ways)),
        };
    }
    rest
}

fn compared(op: Op, path: &str, value: &str) -> Option<Expr> {
    Some(Expr::Compare { op, path: Path::of(path.to_owned()), value: Literal::text(value).ok()? })
}

fn equal(path: &str, value: &Value) -> Option<Expr> {
    match value {
        Value::Text(text) | Value::Number(text) => compared(Op::Eq, path, text),
        Value::Truth(truth) => compared(Op::Eq, path, if *truth { "true" } else { "false" }),
        Value::Null => Some(Expr::IsNull { path: Path::of(path.to_owned()) }),
        Value::Absent | Value::Long(_) => None,
    }
}

/// How a row can come behind a value by this property alone.
fn beyond((path, descending): Key<'_>, value: &Value, known: Known<'_>) -> Vec<Expr> {
    let here = || Path::of(path.to_owned());
    let mut ways = match value {
        // An empty text has its own word, which only equality takes.
        Value::Text(text) if text.is_empty() && descending => vec![],
        Value::Text(text) if text.is_empty() => {
            let other = compared(Op::Ne, path, "");
            other.map(|other| Expr::And(vec![Expr::NotNull { path: here() }, other])).into_iter().collect()
        }
        Value::Text(text) | Value::Number(text) => {
            compared(if descending { Op::Lt } else { Op::Gt }, path, text).into_iter().collect()
        }
        // Of two values there is no need to ask which is greater, and not every engine can say.
        Value::Truth(truth) if *truth == descending => {
            compared(Op::Eq, path, if *truth { "false" } else { "true" }).into_iter().collect()
        }
        Value::Null => {
            let follows = match known.nulls {
                None => true,
                Some(Nulls::First) => !descending,
                Some(Nulls::Last) => descending,
                Some(Nulls::Never) => false,
            };
            return if follows { vec![Expr::NotNull { path: here() }] } else { vec![] };
        }
        Value::Truth(_) | Value::Absent | Value::Long(_) => vec![],
    };
    let nulls = may_be_null(path) && !known.never_null.contains(&path);
    let follow = match known.nulls {
        None => true,
        Some(Nulls::First) => descending,
        Some(Nulls::Last) => !descending,
        Some(Nulls::Never) => false,
    };
    if nulls && follow {
        ways.push(Expr::IsNull { path: here() });
    }
    ways
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursor(values: &[Value]) -> Cursor {
        Cursor { mode: 0, place: 0, values: values.into() }
    }

    fn text(text: &str) -> Value {
        Value::Text(text.into())
    }

    #[test]
    fn a_row_comes_behind_a_cursor_by_the_first_property_that_differs() {
        const NAME: &[Key<'static>] = &[("name", false), ("id", false)];
        const LAST: &[Key<'static>] = &[("lastLoginAt", true), ("name", false), ("id", false)];
        let by_name = cursor(&[text("Ann"), text("USR-1")]);
        let by_date = cursor(&[text("2026-01-01T00:00:00.1234567Z"), text("Ann"), text("USR-1")]);
        let known = |nulls| Known { nulls, never_null: &["account.id", "user.id"] };
        for (cursor, keys, turned, nulls, expected) in [
            (&cursor(&[text("USR-1")]), &[("id", false)][..], false, None, r#"gt(id,"USR-1")"#),
            (&cursor(&[text("USR-1")]), &[("id", true)], false, None, r#"lt(id,"USR-1")"#),
            (&cursor(&[text("USR-1")]), &[("id", false)], true, None, r#"lt(id,"USR-1")"#),
            (&by_name, NAME, false, Some(Nulls::First), r#"or(gt(name,"Ann"),and(eq(name,"Ann"),gt(id,"USR-1")))"#),
            (
                &by_name,
                NAME,
                true,
                Some(Nulls::First),
                r#"or(lt(name,"Ann"),eq(name,null()),and(eq(name,"Ann"),lt(id,"USR-1")))"#,
            ),
            (
                &by_name,
                NAME,
                false,
                Some(Nulls::Last),
                r#"or(gt(name,"Ann"),eq(name,null()),and(eq(name,"Ann"),gt(id,"USR-1")))"#,
            ),
            (&by_name, NAME, false, None, r#"or(gt(name,"Ann"),eq(name,null()),and(eq(name,"Ann"),gt(id,"USR-1")))"#),
            (
                &by_date,
                LAST,
                false,
                Some(Nulls::Never),
                r#"or(lt(lastLoginAt,"2026-01-01T00:00:00.1234567Z"),and(eq(lastLoginAt,"2026-01-01T00:00:00.1234567Z"),or(gt(name,"Ann"),and(eq(name,"Ann"),gt(id,"USR-1")))))"#,
            ),
            (
                &cursor(&[text(""), text("USR-1")]),
                NAME,
                false,
                Some(Nulls::First),
                r#"or(and(ne(name,null()),ne(name,empty())),and(eq(name,empty()),gt(id,"USR-1")))"#,
            ),
            (
                &cursor(&[text(""), text("USR-1")]),
                NAME,
                true,
                Some(Nulls::Last),
                r#"and(eq(name,empty()),lt(id,"USR-1"))"#,
            ),
            (
                &cursor(&[Value::Truth(false), text("UGR-1")]),
                &[("isDefault", false), ("id", false)],
                false,
                Some(Nulls::First),
                r#"or(eq(isDefault,"true"),and(eq(isDefault,"false"),gt(id,"UGR-1")))"#,
            ),
            (
                &cursor(&[Value::Truth(true), text("UGR-1")]),
                &[("isDefault", false), ("id", false)],
                false,
                Some(Nulls::First),
                r#"and(eq(isDefault,"true"),gt(id,"UGR-1"))"#,
            ),
            (
                &cursor(&[Value::Number("7".into()), text("USR-1")]),
                &[("revision", true), ("id", false)],
                false,
                None,
                r#"or(lt(revision,"7"),and(eq(revision,"7"),gt(id,"USR-1")))"#,
            ),
        ] {
            let Behind::When(condition) = behind(cursor, keys, turned, None, known(nulls)) else {
                panic!("{expected}")
            };
            assert_eq!(condition.text(), expected);
        }
        // Behind null come other nulls, and all values where nulls come first.
        let null = cursor(&[Value::Null, text("USR-1")]);
        for (turned, nulls, expected) in [
            (false, Some(Nulls::First), r#"or(ne(name,null()),and(eq(name,null()),gt(id,"USR-1")))"#),
            (false, None, r#"or(ne(name,null()),and(eq(name,null()),gt(id,"USR-1")))"#),
            (false, Some(Nulls::Last), r#"and(eq(name,null()),gt(id,"USR-1"))"#),
            (true, Some(Nulls::First), r#"and(eq(name,null()),lt(id,"USR-1"))"#),
        ] {
            let Behind::When(condition) = behind(&null, NAME, turned, None, known(nulls)) else { panic!("{expected}") };
            assert_eq!(condition.text(), expected);
        }
        // What is the same for all rows decides all of them at once.
        let members = cursor(&[text("ACC-2"), text("USR-1")]);
        let keys = [("account.id", false), ("user.id", false)];
        let when = |text: &str| format!("When({text})");
        for (account, turned, expected) in [
            ("ACC-2", false, when(r#"gt(user.id,"USR-1")"#)),
            ("ACC-2", true, when(r#"lt(user.id,"USR-1")"#)),
            ("ACC-1", false, "Never".to_owned()),
            ("ACC-1", true, "Always".to_owned()),
            ("ACC-3", false, "Always".to_owned()),
            ("ACC-3", true, "Never".to_owned()),
        ] {
            let found = match behind(&members, &keys, turned, Some(("account.id", account)), known(None)) {
                Behind::When(condition) => when(&condition.text()),
                other => format!("{other:?}"),
            };
            assert_eq!(found, expected, "{account}");
        }
    }

    #[test]
    fn what_no_condition_can_name_is_not_expressible() {
        let keys = [("name", false), ("id", false)];
        assert!(is_expressible(&cursor(&[text("O'Neill"), text("USR-1")]), &keys));
        for value in [Value::Absent, Value::Long(3), text("a \"b\" 'c'")] {
            assert!(!is_expressible(&cursor(&[value, text("USR-1")]), &keys));
        }
        assert!(!is_expressible(&cursor(&[text("USR-1")]), &keys), "another order");
    }
}
