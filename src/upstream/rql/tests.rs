//! Every form of the language, and values that try to be more than values.

use percent_encoding::percent_decode_str;

use super::*;
use crate::fault::Fault;

fn text(value: &str) -> Literal {
    Literal::text(value).unwrap()
}

fn path(name: &'static str) -> Path {
    Path::new(name)
}

fn compare(op: Op, name: &'static str, value: &str) -> Expr {
    Expr::Compare { op, path: path(name), value: text(value) }
}

fn within(name: &'static str, values: &[&str]) -> Expr {
    Expr::In { path: path(name), values: values.iter().map(|value| text(value)).collect() }
}

fn any(name: &'static str, inner: Expr) -> Expr {
    Expr::Any { path: path(name), inner: Some(Box::new(inner)) }
}

fn encoded(expr: &Expr) -> String {
    let mut out = String::new();
    expr.encode(&mut out);
    out
}

#[test]
fn every_form_has_its_spelling() {
    let active = || compare(Op::Eq, "status", "Active");
    let cases = [
        (active(), r#"eq(status,"Active")"#),
        (compare(Op::Ne, "a", "x"), r#"ne(a,"x")"#),
        (compare(Op::Gt, "a", "x"), r#"gt(a,"x")"#),
        (compare(Op::Ge, "a", "x"), r#"ge(a,"x")"#),
        (compare(Op::Lt, "a", "x"), r#"lt(a,"x")"#),
        (compare(Op::Le, "audit.created.at", "2025-01-01"), r#"le(audit.created.at,"2025-01-01")"#),
        (compare(Op::Like, "name", "*Smith*"), r#"like(name,"*Smith*")"#),
        (compare(Op::Ilike, "name", "smith*"), r#"ilike(name,"smith*")"#),
        (compare(Op::Eq, "name", ""), "eq(name,empty())"),
        (compare(Op::Ne, "name", ""), "ne(name,empty())"),
        (compare(Op::Gt, "name", ""), r#"gt(name,"")"#),
        (compare(Op::Eq, "name", r#"a "b""#), r#"eq(name,'a "b"')"#),
        (compare(Op::Eq, "name", "null()"), r#"eq(name,"null()")"#),
        (within("id", &["A", "B"]), r#"in(id,("A","B"))"#),
        (within("id", &["A"]), r#"in(id,("A"))"#),
        (within("id", &[]), "in(id,())"),
        (Expr::Out { path: path("id"), values: vec![text("A"), text("")] }, r#"out(id,("A",""))"#),
        (Expr::IsNull { path: path("account") }, "eq(account,null())"),
        (Expr::NotNull { path: path("account").join("id") }, "ne(account.id,null())"),
        (Expr::Any { path: path("groups"), inner: None }, "any(groups)"),
        (any("groups", active()), r#"any(groups,eq(status,"Active"))"#),
        (Expr::All { path: path("groups"), inner: Box::new(active()) }, r#"all(groups,eq(status,"Active"))"#),
        (Expr::any_of(path("groups"), vec![text("A")]), r#"any(groups,in(id,("A")))"#),
        (Expr::holds(path("currencies"), text("EUR")), r#"any(currencies,eq(self(),"EUR"))"#),
        (Expr::Not(Box::new(active())), r#"not(eq(status,"Active"))"#),
        (Expr::And(vec![active()]), r#"eq(status,"Active")"#),
        (Expr::Or(vec![]), "or()"),
        (
            Expr::And(vec![active(), Expr::Or(vec![compare(Op::Eq, "a", "1"), compare(Op::Eq, "b", "2")])]),
            r#"and(eq(status,"Active"),or(eq(a,"1"),eq(b,"2")))"#,
        ),
    ];
    for (expr, expected) in cases {
        assert_eq!(expr.text(), expected);
        assert_eq!(percent_decode_str(&encoded(&expr)).decode_utf8().unwrap(), expected);
    }
}

#[test]
fn in_inside_any_has_a_fallback() {
    let cases = [
        (
            Expr::any_of(path("groups"), vec![text("A"), text("B")]),
            Some(r#"or(any(groups,eq(id,"A")),any(groups,eq(id,"B")))"#),
        ),
        (Expr::any_of(path("groups"), vec![text("A")]), Some(r#"any(groups,eq(id,"A"))"#)),
        (
            Expr::And(vec![within("id", &["A"]), any("groups", within("id", &["B", "C"]))]),
            Some(r#"and(in(id,("A")),or(any(groups,eq(id,"B")),any(groups,eq(id,"C"))))"#),
        ),
        (
            any("groups", Expr::And(vec![compare(Op::Eq, "a", "1"), within("id", &["B", "C"])])),
            Some(r#"any(groups,and(eq(a,"1"),or(eq(id,"B"),eq(id,"C"))))"#),
        ),
        (
            Expr::All { path: path("groups"), inner: Box::new(within("id", &["B", "C"])) },
            Some(r#"all(groups,or(eq(id,"B"),eq(id,"C")))"#),
        ),
        (
            any("groups", Expr::Out { path: path("id"), values: vec![text("B"), text("C")] }),
            Some(r#"any(groups,and(ne(id,"B"),ne(id,"C")))"#),
        ),
        (
            Expr::Not(Box::new(Expr::any_of(path("groups"), vec![text("A"), text("B")]))),
            Some(r#"not(or(any(groups,eq(id,"A")),any(groups,eq(id,"B"))))"#),
        ),
        (within("id", &["A", "B"]), None),
        (any("groups", compare(Op::Eq, "id", "A")), None),
        (Expr::Any { path: path("groups"), inner: None }, None),
    ];
    for (expr, expected) in cases {
        let rewritten = expr.without_in_inside_any();
        assert_eq!(rewritten.as_ref().map(Expr::text).as_deref(), expected);
        assert_eq!(rewritten.and_then(|expr| expr.without_in_inside_any()), None, "one pass is enough");
    }
}

#[test]
fn a_url_shows_structure_and_hides_what_could_be_structure() {
    let cases = [
        ("USR-0000-0001", "eq(a,%22USR-0000-0001%22)"),
        ("a@b.c", "eq(a,%22a@b.c%22)"),
        ("2025-01-01T00:00:00.000Z", "eq(a,%222025-01-01T00:00:00.000Z%22)"),
        ("*Smith & Sons*", "eq(a,%22*Smith%20%26%20Sons*%22)"),
        ("a\"b", "eq(a,%27a%22b%27)"),
        ("O'Neil", "eq(a,%22O%27Neil%22)"),
        ("),or(eq(id,(x=1;|", "eq(a,%22%29%2Cor%28eq%28id%2C%28x%3D1%3B%7C%22)"),
        ("100%#+\\", "eq(a,%22100%25%23%2B%5C%22)"),
        ("%22", "eq(a,%22%2522%22)"),
        ("../..?", "eq(a,%22..%2F..%3F%22)"),
        ("\r\n\0\t", "eq(a,%22%0D%0A%00%09%22)"),
        ("é😀", "eq(a,%22%C3%A9%F0%9F%98%80%22)"),
    ];
    for (value, expected) in cases {
        assert_eq!(encoded(&compare(Op::Eq, "a", value)), expected, "{value:?}");
    }
}

/// Reads back the value of `eq(a,…)` as a server does: decode, then take what is between the quotes.
fn read_back(url: &str) -> String {
    let decoded = percent_decode_str(url).decode_utf8().unwrap().into_owned();
    let quoted = decoded.strip_prefix("eq(a,").and_then(|rest| rest.strip_suffix(')')).unwrap();
    let quote = quoted.chars().next().unwrap();
    let inner = quoted[1..].strip_suffix(quote).unwrap();
    assert!("\"'".contains(quote) && !inner.contains(quote), "{quoted}");
    inner.to_owned()
}

#[test]
fn whatever_the_value_the_shape_stays() {
    let alphabet: Vec<char> = "\"'(),;|&=+%#?/\\*.:@ \r\n\t\0aZ0é漢😀\u{202E}\u{FEFF}".chars().collect();
    let mut state = 0x5EED_u64;
    let mut random = |bound: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % bound
    };
    for round in 0..5_000 {
        let length = if round == 0 { 10_000 } else { 1 + random(20) };
        let value: String = (0..length).map(|_| alphabet[random(alphabet.len())]).collect();
        match Literal::text(value.as_str()) {
            Err(refused) => {
                assert_eq!(refused, Inexpressible::BothQuotes);
                assert!(value.contains('"') && value.contains('\''), "{value:?}");
            }
            Ok(literal) => {
                let url = encoded(&Expr::eq(path("a"), literal));
                assert_eq!(read_back(&url), value);
                let harmless = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~*:@%".contains(&byte);
                let inside = &url["eq(a,".len()..url.len() - 1];
                assert!(inside.bytes().all(harmless), "{url}");
            }
        }
    }
    let long = "x\"&,)".repeat(2_000);
    assert_eq!(read_back(&encoded(&compare(Op::Eq, "a", &long))), long);
}

#[test]
fn search_text_is_found_as_it_stands() {
    let backslash = Err(Inexpressible::BackslashAtWildcard);
    let cases = [
        ("a", Ok("a")),
        ("", Ok("")),
        ("*", Ok("\\*")),
        ("**", Ok("\\*\\*")),
        ("*a*b*", Ok("\\*a*b\\*")),
        ("a\\", Ok("a\\")),
        ("\\*a", backslash),
        ("a\\*", backslash),
        ("'\"", Err(Inexpressible::BothQuotes)),
    ];
    for (text, pattern) in cases {
        let made = Literal::exactly(text).map(|Literal(text)| text);
        assert_eq!(made, pattern.map(str::to_owned), "{text}");
    }
}

#[test]
fn a_part_of_a_text_is_found_as_it_stands_or_not_at_all() {
    let (star, backslash) = (Err(Inexpressible::UndecidedStar), Err(Inexpressible::UndecidedBackslash));
    let (inside, start, end) = ((true, true), (false, true), (true, false));
    let cases = [
        ("a", inside, Ok("*a*")),
        ("a", start, Ok("a*")),
        ("a", end, Ok("*a")),
        ("a*b%_", inside, Ok("*a*b%_*")),
        ("a\\b", inside, Ok("*a\\b*")),
        ("\\a", start, Ok("\\a*")),
        ("a\\", inside, backslash),
        ("a\\", start, backslash),
        ("a\\", end, Ok("*a\\")),
        ("*a", inside, star),
        ("*a", start, star),
        ("a*", end, star),
        ("*", inside, star),
        ("a\\*b", inside, star),
        ("it's", inside, Ok("*it's*")),
        ("'\"", inside, Err(Inexpressible::BothQuotes)),
    ];
    for (text, open, pattern) in cases {
        let made = Literal::part(text, open).map(|Literal(text)| text);
        assert_eq!(made, pattern.map(str::to_owned), "{text} {open:?}");
    }
}

#[test]
fn paths_are_names_and_dots() {
    for good in ["id", "audit.created.at", "line_1", "a1.b2"] {
        assert!(is_path(good.as_bytes()), "{good}");
    }
    for bad in ["", ".", "a.", ".a", "a..b", "a b", "a,b", "a(b)", "a\"", "a=b", "ä", "self()"] {
        assert!(!is_path(bad.as_bytes()), "{bad}");
    }
}

#[test]
fn what_cannot_be_said_is_the_clients_fault() {
    let fault = Fault::from(Literal::text("\"'").unwrap_err());
    assert_eq!(fault.kind().code().text(), "BAD_USER_INPUT");
    assert_eq!(fault.message(), "a filter value must not hold both ' and \"");
}
