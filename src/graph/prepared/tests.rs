use super::*;
use crate::graph::schema::{model, query::Root};
use async_graphql::OutputType;

/// What a document weighs, before it is planned and then with each plan that is made of it.
fn weights(text: &str, variables: &[&[(&str, bool)]]) -> Vec<usize> {
    let mut registry = Registry::default();
    Root::create_type_info(&mut registry);
    let model = model::model(&registry);
    let document = document::lower(&document::parse(text).expect("a document"));
    let operation = choose(&document, None).expect("an operation").clone();
    let mut prepared = PreparedDocument::new(document, operation);
    let mut weights = vec![prepared.weight()];
    for values in variables {
        let given = values.iter().map(|(name, value)| (Name::new(name), Value::Boolean(*value))).collect();
        let given = prepared.variables(&registry, given, true).expect("variables");
        let (_, with_it) = prepared.runnable(&model, &registry, &given, &Sizes::default()).expect("a plan");
        prepared = with_it.unwrap_or(prepared);
        weights.push(prepared.weight());
    }
    weights
}

const FRAGMENT: &str = "fragment F on User { id name email status icon firstName lastName revision }";

#[test]
fn a_fragment_weighs_wherever_it_is_planned() {
    let fields = |selected: &str| {
        (0..100).map(|number| format!("a{number}: user(id: \"USR-1\") {{ {selected} }} ")).collect::<Vec<_>>().concat()
    };
    let spread = weights(&format!("{{ {} }} {FRAGMENT}", fields("...F")), &[&[]]);
    let inner = FRAGMENT.split(['{', '}']).nth(1).expect("fields");
    let written = weights(&format!("{{ {} }}", fields(inner)), &[&[]]);
    assert_eq!(spread[1], written[1]);
    assert!(spread[0] < written[0] / 2, "{spread:?} {written:?}");
}

#[test]
fn names_weigh_wherever_they_are_planned() {
    // Response keys of 200 letters more, in many places: each time in the key and in the name.
    for (field, fragment, times) in [
        ("...F", "fragment F on User { KEY: id }", 1),
        ("currentAccount { users { KEY: totalCount } }", "", 1),
        ("currentAccount { users { edges { KEY: cursor } pageInfo { KEY: hasNextPage } } }", "", 2),
    ] {
        let each = |number| format!("a{number}: user(id: \"USR-1\") {{ {field} }} ");
        let text = format!("{{ {} }} {fragment}", (0..50).map(each).collect::<Vec<_>>().concat());
        let weight = |key: &str| weights(&text.replace("KEY", key), &[&[]])[1];
        assert_eq!(weight(&"k".repeat(201)) - weight("k"), 50 * times * 2 * 200, "{field}");
    }
    let text = |name: &str| "query NAME { user(id: \"USR-1\") { NAME: id } }".replace("NAME", name);
    // Not planned yet, both the document and its operation have them.
    assert_eq!(weights(&text(&"k".repeat(201)), &[])[0] - weights(&text("k"), &[])[0], 3 * 200);
}

#[test]
fn every_plan_weighs() {
    let text = format!("query($a: Boolean!) {{ user(id: \"USR-1\") {{ ...F @include(if: $a) id }} }} {FRAGMENT}");
    let weights = weights(&text, &[&[("a", true)], &[("a", false)], &[("a", true)]]);
    let [unplanned, whole, both, again] = weights[..] else { panic!("{weights:?}") };
    assert!(whole - unplanned > both - whole && both > whole, "{weights:?}");
    assert_eq!(again, both);
}

#[test]
fn what_a_plan_was_made_from_is_let_go_when_no_other_can_be_made() {
    let of = |head: &str, name: &str, variables: &[&[(&str, bool)]]| {
        weights(&format!("{head} {{ user(id: \"USR-1\") {{ id {name} settings {{ timeZone }} }} }}"), variables)
    };
    let alone = of("", "name", &[&[]]);
    let one_of_two = of("query($a: Boolean!)", "name @include(if: $a)", &[&[("a", true)]]);
    // The document weighs as much as before, and only where another plan may be made of it.
    assert!(one_of_two[1] - alone[1] > alone[0] / 2, "{alone:?} {one_of_two:?}");
}
