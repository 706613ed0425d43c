//! Documents at the limits and just beyond.

use super::*;
use crate::graph::document;

fn parse_query(text: &str) -> Result<ExecutableDocument, GraphError> {
    document::parse(text).map(|document| document::lower(&document))
}

fn generous() -> DocumentLimits {
    DocumentLimits {
        bytes: 1 << 20,
        tokens: 1 << 20,
        nesting: MAX_NESTING,
        depth: 30,
        aliases: 1 << 20,
        root_fields: 1 << 20,
        repeated_fields: 1 << 20,
        directives: 1 << 20,
        fields: 100_000,
        introspected_fields: 500_000,
        introspection: true,
    }
}

fn scanned(text: &str) -> Result<(), String> {
    check_text(text, &generous()).map_err(|error| error.message)
}

#[test]
fn brackets_count_where_they_are_brackets() {
    let deep = |open: &str, close: &str, times: usize| format!("{}{}", open.repeat(times), close.repeat(times));
    for (open, close) in [("{", "}"), ("[", "]"), ("(", ")"), ("{a(b:[", "])}")] {
        let brackets = open.chars().filter(|c| "{[(".contains(*c)).count();
        assert!(scanned(&deep(open, close, MAX_NESTING / brackets)).is_ok());
        assert!(scanned(&deep(open, close, MAX_NESTING / brackets + 1)).is_err());
        assert!(scanned(&deep(open, "", MAX_NESTING / brackets + 1)).is_err());
    }
    let hidden = "[".repeat(500);
    for harmless in [
        format!("{{ a(b: \"{hidden}\") }}"),
        format!("{{ a(b: \"\\\"{hidden}\") }}"),
        format!("{{ a(b: \"\"\"{hidden}\\\"\"\"{hidden} \" {hidden}\"\"\") }}"),
        format!("# {hidden}\n{{ a }}"),
        "{ a { b } }".repeat(500),
    ] {
        assert!(scanned(&harmless).is_ok(), "{}", &harmless[..40]);
    }
    for seen in [
        format!("{{ a(b: \"\") {hidden}"),
        format!("{{ a(b: \"\"\"x\"\"\") {hidden}"),
        format!("{{ a(b: \"x\n {hidden}"),
        format!("# x\r{hidden}"),
    ] {
        assert!(scanned(&seen).is_err(), "{}", &seen[..20]);
    }
    let short = DocumentLimits { bytes: 4, ..generous() };
    assert!(check_text("{ a }", &short).unwrap_err().message.contains("at most 4"));
}

fn checked(text: &str, max: usize) -> Result<(), String> {
    let limits = DocumentLimits { depth: max, ..generous() };
    check_selections(&parse_query(text).unwrap(), &limits).map_err(|error| error.message)
}

#[test]
fn depth_goes_through_fragments_and_leaves_introspection_out() {
    for (text, depth) in [
        ("{ a }", 1),
        ("{ a { b { c } } d }", 3),
        ("{ a { ...F } } fragment F on A { b { ... { c } } }", 3),
        ("{ __schema { types { fields { type { name } } } } a }", 1),
    ] {
        assert_eq!(checked(text, depth), Ok(()), "{text}");
        assert_eq!(checked(text, depth - 1), Err(format!("The operation selects deeper than {} levels.", depth - 1)));
    }
}

#[test]
fn doubling_fragments_are_measured_once_each_and_counted_each_time() {
    let doubling = |times: usize| {
        let one = |n| format!("fragment F{n} on Query {{ ...F{} ...F{} }} ", n + 1, n + 1);
        format!("{{ ...F0 }} {} fragment F{times} on Query {{ a }}", (0..times).map(one).collect::<String>())
    };
    assert_eq!(checked(&doubling(13), 30), Ok(()));
    let refused = "The document selects more than 100000 fields, fragments counted at each spread.";
    assert_eq!(checked(&doubling(100), 30), Err(refused.to_owned()));
}

#[test]
fn fragments_in_themselves_are_refused_wherever_they_are() {
    for text in [
        "{ a { ...F } } fragment F on A { b { ...F } }",
        "{ a { ...F } } fragment F on A { ...G } fragment G on A { ...F }",
        "{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...F } } }",
        "{ a } fragment F on A { ...F }",
    ] {
        let refused = checked(text, 30).unwrap_err();
        assert!(refused.ends_with("within itself."), "{text}: {refused}");
    }
}

#[test]
fn selections_nest_to_the_limit_and_no_deeper() {
    let chain = |n: usize| {
        let links = (0..n).map(|n| format!("fragment F{n} on Query {{ ...F{} }} ", n + 1));
        format!("{} fragment F{n} on Query {{ a }}", links.collect::<Vec<_>>().join(" "))
    };
    let refused = Err("Selections nest deeper than 128, fragments included.".to_owned());
    assert_eq!(checked(&format!("{{ ...F0 }} {}", chain(126)), 30), Ok(()));
    assert_eq!(checked(&format!("{{ ...F0 }} {}", chain(128)), 30), refused);
    assert_eq!(checked(&format!("{{ ...F0 }} {}", chain(10_000)), 30), refused);
    assert_eq!(checked(&format!("{{ a }} {}", chain(10_000)), 30), refused);
    // What is known of a fragment counts from where it is spread.
    let deep = format!("{{ ...F0 {}...F0{} }} {}", "...{".repeat(60), "}".repeat(60), chain(100));
    assert_eq!(checked(&deep, 30), refused);
}

#[test]
fn tokens_are_names_values_and_punctuation() {
    for (text, tokens) in [
        ("", 0),
        (" ,\t\r\n# { a }\r,", 0),
        ("{ a }", 3),
        ("{a,b c}", 5),
        ("{a...B...C}", 7),
        ("query($v:[Int!]=[-1.5e+3 0])@d(x:$v){__typename}", 26),
        ("{ a(b: \"} \\\" {\", c: \"\"\"x \" y\"\"\", d: \"\") }", 14),
    ] {
        let limits = |tokens| DocumentLimits { tokens, ..generous() };
        assert!(check_text(text, &limits(tokens)).is_ok(), "{text}");
        if tokens > 0 {
            let refused = check_text(text, &limits(tokens - 1)).unwrap_err();
            assert_eq!(refused.extensions, [("limit", (tokens - 1).to_string())], "{text}");
        }
    }
}

#[test]
fn names_have_no_more_letters_than_fit() {
    for text in [
        "{ NAME }",
        "{NAME:a}",
        "query NAME { a }",
        "query ($NAME: Int) { a }",
        "{ a(NAME: 1) }",
        "{ a(b: {NAME: 1}) }",
        "{ a(b: NAME) }",
        "{ ...NAME }",
        "{ a @NAME }",
        "NAME",
    ] {
        let named = |letters: usize| scanned(&text.replace("NAME", &"_aZ9".repeat(65)[..letters]));
        assert_eq!(named(256), Ok(()), "{text}");
        assert_eq!(named(257), Err("The document has a name of more than 256 bytes.".to_owned()), "{text}");
    }
    let long = "a".repeat(1000);
    for harmless in [format!("{{ a(b: \"{long}\") }} # {long}"), format!("{{ a(b: \"\"\"{long}\"\"\") }}")] {
        assert_eq!(scanned(&harmless), Ok(()));
    }
    assert_eq!(check_text(&long, &generous()).unwrap_err().extensions, [("limit", "256".to_owned())]);
}

#[test]
fn what_is_counted_goes_through_fragments_at_each_spread() {
    type Change = fn(&mut DocumentLimits, usize);
    let cases: [(&str, usize, Change, &str); 7] = [
        ("{ a b ...F ...F } fragment F on Query { c d }", 6, |l, n| l.root_fields = n, "fields at its root"),
        ("{ x: a ...F ...F } fragment F on Query { y: c { z: d } }", 5, |l, n| l.aliases = n, "fields with an alias"),
        ("{ a a { b b } x: a a }", 3, |l, n| l.repeated_fields = n, "fields that repeat one beside them"),
        (
            "{ ...F ...F } fragment F on Query { a a }",
            2,
            |l, n| l.repeated_fields = n,
            "fields that repeat one beside them",
        ),
        (
            "query ($v: Int @d) @d { a @d ... @d { b } ...F @d } fragment F on Q @d { c @d }",
            7,
            |l, n| l.directives = n,
            "directives",
        ),
        ("{ ...F ...F } fragment F on Query { c @d @e @f }", 6, |l, n| l.directives = n, "directives"),
        ("{ __schema { a a } }", 1, |l, n| l.repeated_fields = n, "fields that repeat one beside them"),
    ];
    for (text, count, set, what) in cases {
        let document = parse_query(text).unwrap();
        let checked = |most| {
            let mut limits = generous();
            set(&mut limits, most);
            check_selections(&document, &limits).map_err(|error| error.message)
        };
        assert_eq!(checked(count), Ok(()), "{text}");
        let most = count - 1;
        let refused =
            format!("The operation has {count} {what}, fragments counted at each spread; at most {most} are allowed.");
        assert_eq!(checked(most), Err(refused), "{text}");
    }
}

#[test]
fn values_count_with_what_is_in_them_at_each_spread() {
    for (text, values) in [
        ("{ a(b: 1, c: $v) { d(e: \"x\") } }", 3),
        ("{ a(b: [1 2 [3]]) }", 5),
        ("{ a(b: {c: 1, d: {e: []}}) }", 4),
        ("{ a @d(x: 1) ... @d(x: [1 2 3 4 5]) { b } ...F @d(x: $v) } fragment F on Query { c }", 8),
        ("{ ...F x { ...F ...G } } fragment F on Query { a(b: [1 2 3]) } fragment G on Query { ...F }", 12),
        ("query A { a(b: 1) ...F } query B { ...F } fragment F on Query { a(b: [1 2]) }", 7),
        // What is in a fragment that is spread once is there once.
        ("{ ...F } fragment F on Query { a(b: [1 2 3]) }", 4),
        ("{ a } fragment F on Query { a(b: [1 2 3]) }", 4),
    ] {
        let document = parse_query(text).unwrap();
        let checked = |most| {
            let limits = DocumentLimits { fields: most, ..generous() };
            check_selections(&document, &limits).map_err(|error| error.message)
        };
        assert_eq!(checked(values), Ok(()), "{text}");
        let most = values - 1;
        let refused =
            format!("The arguments of the document have more than {most} values, fragments counted at each spread.");
        assert_eq!(checked(most), Err(refused), "{text}");
    }
}

#[test]
fn introspection_that_is_off_is_refused_at_its_place() {
    let limits = DocumentLimits { introspection: false, ..generous() };
    for text in ["{ a { b } ...F } fragment F on Query { __schema { x } }", "{ a b: __type(name: \"A\") { name } }"] {
        let refused = check_selections(&parse_query(text).unwrap(), &limits).unwrap_err();
        assert_eq!((refused.code, refused.pos.is_some()), (ErrorCode::IntrospectionDisabled, true), "{text}");
    }
    assert!(check_selections(&parse_query("{ __typename a { __typename } }").unwrap(), &limits).is_ok());
}

#[test]
fn introspection_may_not_multiply() {
    let deep = |times: usize| {
        format!("{{ __schema {{ types {}{{ name }} {} }} }}", "{ fields { type ".repeat(times), "} } ".repeat(times))
    };
    for (text, fits) in [
        ("{ __schema { types { name fields { name args { name type { name ofType { name } } } } } } }", true),
        ("{ a { types { fields { fields { fields { fields { a } } } } } } }", true),
        (&deep(2)[..], true),
        (&deep(3), false),
        (&deep(20), false),
        (
            "{ ...F } fragment F on Query { __type(name: \"A\") { ...T } } fragment T on T { fields { type { fields { type { fields { type { fields { name args { name } } } } } } } } }",
            false,
        ),
    ] {
        let checked = check_selections(&parse_query(text).unwrap(), &generous());
        assert_eq!(checked.is_ok(), fits, "{text}: {checked:?}");
    }
}

/// Documents of `n` fragments that would cost most if they were followed at each spread.
fn tangles(n: usize) -> [String; 4] {
    let all = |each: &dyn Fn(usize) -> String| (0..n).map(each).collect::<Vec<_>>().concat();
    let leaf = |i: usize| format!("fragment F{i} on Query {{ a }} ");
    let hub = |at: usize| {
        let spreads: Vec<_> = (at..n).step_by(100).map(|i| format!("...F{i} ")).collect();
        format!("fragment G{at} on Query {{ {} }} ", spreads.concat())
    };
    let doubling = |i: usize| format!("fragment F{i} on Query {{ ...F{0} ...F{0} }} ", i + 1);
    [
        // The operation spreads each.
        format!("{{ {} }} {}", all(&|i| format!("...F{i} ")), all(&leaf)),
        // A hundred others that nobody spreads share them.
        format!("{{ a }} {} {}", all(&leaf), (0..100).map(hub).collect::<Vec<_>>().concat()),
        // They double at each link of chains of a hundred.
        format!("{{ a }} {}", all(&|i| if i % 100 == 99 { leaf(i) } else { doubling(i) })),
        // As many operations spread one each, and all the same one.
        all(&|i| format!("query Q{i} {{ ...F{i} ...F0 }} {}", leaf(i))),
    ]
}

#[test]
fn ten_times_the_document_is_looked_at_ten_times_as_often() {
    let limits = DocumentLimits { fields: usize::MAX, ..generous() };
    let visits = |text: &str| measured(&parse_query(text).unwrap(), &limits).unwrap();
    for (small, large) in tangles(1000).iter().zip(tangles(10_000).iter()) {
        let (few, many) = (visits(small), visits(large));
        assert!(few >= 1000 && many <= 11 * few, "{few} and {many} in {}", &small[..60]);
    }
}
