//! Documents that are not valid do not run: everything that the specification calls a validation error is found before
//! anything is sent, with its code and its place, and there is no `data`.

use crate::{
    npm,
    process::start,
    support::{Kit, kit, kit_with, limits},
};
use accounts_graph::graph::limits::DocumentLimits;
use accounts_graph_sandbox::Options;
use serde_json::{Value, json};
use std::{env, path::Path, time::SystemTime};

const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";

/// How many documents are compared with graphql-js. `ACCOUNTS_GRAPH_VALIDITY_COUNT` asks for more, and
/// `ACCOUNTS_GRAPH_VALIDITY_SEED` for the documents of a run that failed.
const DOCUMENTS: usize = 20_000;

#[test]
fn documents_are_valid_for_the_gateway_and_for_graphql_js_or_for_neither() {
    let given = |name: &str| env::var(name).ok().map(|text| text.parse::<u64>().expect("a number"));
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("a time").as_secs();
    let seed = given("ACCOUNTS_GRAPH_VALIDITY_SEED").unwrap_or(now);
    let count = given("ACCOUNTS_GRAPH_VALIDITY_COUNT").unwrap_or(DOCUMENTS as u64);
    println!("seed {seed}, {count} documents");
    let program = start(&[]);
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (schema, tests) = (root.join("schema.graphql"), root.join("tests/it"));
    let file = |path: &Path| path.to_str().expect("UTF-8").to_owned();
    let arguments =
        [program.said("endpoint").to_owned(), file(&schema), file(&tests), count.to_string(), seed.to_string()];
    let printed = npm::run("validity.mjs", &arguments.each_ref().map(String::as_str));
    println!("{printed}");
    // The rules of the specification that were broken, and how often.
    let found: Value = serde_json::from_str(&printed).expect("JSON");
    assert_eq!(found["differences"], json!([]), "seed {seed}");
    // A comparison of nothing finds no difference.
    let share = |verdict: &str| found[verdict].as_u64().expect("a count") * 100 / count;
    assert!(found["seeds"].as_u64() > Some(100), "{printed}");
    assert!(share("valid") >= 15 && share("invalid") >= 30 && share("syntax") >= 3, "{printed}");
    assert!(share("beyondLimits") <= 2, "{printed}");
    let missed = found["found"].as_object().expect("counts").iter().filter(|(_, count)| **count == 0);
    let missed: Vec<_> = missed.map(|(rule, _)| rule).collect();
    assert!(missed.is_empty() || count < DOCUMENTS as u64, "no document broke {missed:?}: {printed}");
}

/// Each document is refused as a whole for the one thing that is wrong, at its place, and nothing is asked.
async fn assert_refused(kit: &Kit, cases: &[(&str, &str, (u32, u32))]) {
    for (query, message, (line, column)) in cases {
        let error = json!({
            "message": message, "locations": [{ "line": line, "column": column }], "extensions": { "code": INVALID }
        });
        assert_eq!(kit.query(query).await, json!({ "errors": [error] }), "{query}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn a_write_before_a_mistake_is_not_made() {
    let kit = kit().await;
    let a = r#"a: updateGroup(input: { id: "UGR-5116-6265", name: "X" }) { group { id } }"#;
    let d = "mutation ($d: String)";
    let late = |b: &str| format!("{d} {{ {a}\n  b: updateGroup({b}) {{ group {{ id }} }} }}");
    for (b, message, column) in [
        (
            r#"input: { id: "UGR-5116-6265", descripton: $d }"#,
            "Field \"descripton\" is not defined by type \"UpdateGroupInput\". Did you mean \"description\"?",
            48,
        ),
        (
            r#"input: { id: "UGR-5116-6265", description: $d, name: 5 }"#,
            "String cannot represent a non string value: a number.",
            71,
        ),
        (
            r#"input: { id: "UGR-5116-6265", description: $d, ifRevision: 2147483648 }"#,
            "Int cannot represent non 32-bit signed integer value: 2147483648.",
            77,
        ),
        (
            r#"input: { id: "UGR-5116-6265", id: "UGR-0000-0001", description: $d }"#,
            "There can be only one input field named \"id\".",
            48,
        ),
        ("input: { description: $d }", "Field \"UpdateGroupInput.id\" of required type \"ID!\" was not provided.", 25),
        (
            r#"input: { id: "UGR-5116-6265", description: $d, moduleIds: ["a", null] }"#,
            "Expected value of type \"ID!\", found null.",
            82,
        ),
    ] {
        assert_refused(&kit, &[(&late(b), message, (2, column))]).await;
    }
}

#[tokio::test]
async fn a_password_without_its_quotes_is_not_repeated() {
    let kit = kit().await;
    for password in ["hunter2", "4711", "[hunter2]", "{ hunter2: 1 }", "{ a: \"hunter2\" }"] {
        let query = format!(
            "mutation {{ setUserPassword(input: {{ id: \"USR-1671-0642\", password: {password} }}) {{ userErrors {{ code }} }} }}"
        );
        let answer = kit.query(&query).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], INVALID, "{answer}");
        let text = answer.to_string();
        assert!(!text.contains("hunter2") && !text.contains("4711"), "{answer}");
    }
    let answer = kit.query("mutation { setUserPassword(input: \"hunter2\") { userErrors { code } } }").await;
    assert!(!answer.to_string().contains("hunter2"), "{answer}");
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn literals_beside_a_variable_are_checked_before_anything_is_sent() {
    let kit = kit().await;
    let filter = |members: &str| {
        format!("query ($n: String) {{ users(filter: {{ name: {{ eq: $n }}, {members} }}) {{ totalCount }} }}")
    };
    // What is wrong comes after the mark.
    for (members, message) in [
        (
            r#"status: { eq: ^"ACTIVE" }"#,
            "Enum \"UserStatus\" cannot represent non-enum value: \"ACTIVE\". Did you mean the enum value \"ACTIVE\"?",
        ),
        ("status: { eq: ^1 }", "Enum \"UserStatus\" cannot represent non-enum value: 1."),
        ("revision: { eq: ^99999999999 }", "Int cannot represent non 32-bit signed integer value: 99999999999."),
        ("revision: { eq: ^1.0 }", "Int cannot represent non-integer value: 1.0."),
        (
            r#"lastLoginAt: { gt: ^"yesterday" }"#,
            "DateTime cannot represent what is not a date and time of RFC 3339, such as \"2026-01-31T12:00:00Z\": \
             \"yesterday\".",
        ),
        (r#"email: ^"x""#, "Expected value of type \"StringFilter\", found a text."),
        ("email: ^[]", "Expected value of type \"StringFilter\", found a list."),
        ("and: [^5]", "Expected value of type \"UserFilter!\", found a number."),
        ("id: { in: [^true] }", "ID cannot represent a non-string and non-integer value: true."),
        ("lastName: { isNull: ^\"true\" }", "Boolean cannot represent a non boolean value: \"true\"."),
    ] {
        let marked = filter(members);
        let column = u32::try_from(marked.find('^').expect("a mark")).expect("a column") + 1;
        assert_refused(&kit, &[(&marked.replace('^', ""), message, (1, column))]).await;
    }
}

#[tokio::test]
async fn a_condition_that_does_not_exist_is_refused_whether_its_variable_is_given_or_not() {
    let kit = kit().await;
    let query = "query ($n: String) { users(filter: { name: { equals: $n } }) { totalCount } }";
    let message = "Field \"equals\" is not defined by type \"StringFilter\". Did you mean \"eq\"?";
    let error = json!({
        "message": message, "locations": [{ "line": 1, "column": 46 }], "extensions": { "code": INVALID }
    });
    for variables in [json!({}), json!({ "n": null }), json!({ "n": "Will Smith" })] {
        assert_eq!(kit.query_with(query, variables).await, json!({ "errors": [error] }));
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn exactly_one_member_of_a_one_of_input_is_given_whatever_variables_say() {
    let kit = kit().await;
    let write = |variables: &str, member: &str| {
        format!("mutation {variables} {{ acceptInvitation(input: {{ member: {member} }}) {{ accountUser {{ id }} }} }}")
    };
    let both = "{ accountUserId: $a, userOfAccount: $u }";
    let exactly = "OneOf Input Object \"MemberInput\" must specify exactly one key.";
    for (variables, member, message) in [
        ("($a: ID!, $u: UserOfAccountInput!)", both, exactly),
        ("($a: ID)", r#"{ accountUserId: $a, userOfAccount: { accountId: "ACC-1", userId: "USR-1" } }"#, exactly),
        ("", "{}", exactly),
        ("", "{ accountUserId: null }", "Field \"MemberInput.accountUserId\" must be non-null."),
        (
            "($a: ID)",
            "{ accountUserId: $a }",
            "Variable \"$a\" is of type \"ID\" but must be non-nullable to be used for OneOf Input Object \"MemberInput\".",
        ),
        (
            "($a: ID = \"AUSR-1\")",
            "{ accountUserId: $a }",
            "Variable \"$a\" is of type \"ID\" but must be non-nullable to be used for OneOf Input Object \"MemberInput\".",
        ),
    ] {
        for given in [json!({}), json!({ "a": "AUSR-0000-0001" })] {
            let answer = kit.query_with(&write(variables, member), given).await;
            let errors = answer["errors"].as_array().expect("errors");
            assert!(errors.iter().any(|error| error["message"] == message), "{member}: {answer}");
            assert!(errors.iter().all(|error| error["extensions"]["code"] == INVALID), "{member}: {answer}");
            assert_eq!(answer.get("data"), None);
        }
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn strings_may_have_every_escape_of_the_specification() {
    let kit = kit().await;
    let asked = async |text: &str| {
        let answer = kit.query(&format!("{{ users(filter: {{ name: {{ eq: {text} }} }}) {{ totalCount }} }}")).await;
        assert_eq!(answer, json!({ "data": { "users": { "totalCount": 0 } } }), "{text}");
        kit.requests()
    };
    let plain = asked("\"😀 é\"").await;
    assert_eq!(plain.len(), 1);
    for same in [
        r#""\uD83D\uDE00 \u00e9""#,
        r#""\u{1F600} \u{e9}""#,
        r#""\u{0001F600} \u{000000E9}""#,
        "\"\"\"\n  😀 é\n\"\"\"",
    ] {
        assert_eq!(asked(same).await, plain, "{same}");
    }
    for broken in [r#""\uD83D""#, r#""\uDE00\uD83D""#, r#""\u{110000}""#, r#""\u{}""#, r#""\x""#] {
        let answer = kit.query(&format!("{{ users(filter: {{ name: {{ eq: {broken} }} }}) {{ totalCount }} }}")).await;
        let error = &answer["errors"][0];
        assert_eq!(error["extensions"]["code"], "GRAPHQL_PARSE_FAILED", "{answer}");
        assert_eq!(error["locations"], json!([{ "line": 1, "column": 32 }]), "{answer}");
        assert_eq!(answer.get("data"), None);
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn fields_that_conflict_are_named_by_their_response_key() {
    let kit = kit().await;
    let advice = "Use different aliases on the fields to fetch both if this was intentional.";
    let conflict = |key: &str, why: &str| format!("Fields \"{key}\" conflict because {why}. {advice}");
    assert_refused(
        &kit,
        &[
            (
                "{ users { totalCount } users(first: 5) { totalCount } }",
                &conflict("users", "they have differing arguments"),
                (1, 24),
            ),
            (
                r#"{ a: user(id: "USR-1") { x: name x: email } }"#,
                &conflict("x", "\"name\" and \"email\" are different fields"),
                (1, 34),
            ),
            (
                r#"{ node(id: "USR-1") { ... on User { x: id } ... on Account { x: name } } }"#,
                &conflict("x", "they return conflicting types \"ID!\" and \"String\""),
                (1, 62),
            ),
            (
                r#"{ a: user(id: "USR-1", id: "USR-2") { id } }"#,
                "There can be only one argument named \"id\".",
                (1, 24),
            ),
            (
                "{ user { id } }",
                "Argument \"id\" of type \"ID!\" on field \"Query.user\" is required, but it was not provided.",
                (1, 3),
            ),
            (
                r#"{ user(id: "USR-1", ip: 1) { id } }"#,
                "Unknown argument \"ip\" on field \"Query.user\". Did you mean \"id\"?",
                (1, 21),
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn fields_below_different_types_need_only_the_same_shape() {
    let kit = kit().await;
    let query = r#"{ nodes(ids: ["USR-1671-0642", "UGR-5116-6265"]) {
        ... on User { x: currentAccount { y: name } } ... on Group { x: account { y: website } } } }"#;
    let expected = json!([{ "x": { "y": "You Are a Test Account" } }, { "x": { "y": "https://www.example.com" } }]);
    assert_eq!(kit.query(query).await, json!({ "data": { "nodes": expected } }));
}

#[tokio::test]
async fn every_operation_of_a_document_has_to_be_valid() {
    let kit = kit().await;
    let cases = [
        ("query A { __typename } query A { __typename }", "There can be only one operation named \"A\"."),
        ("query A { __typename } { __typename }", "This anonymous operation must be the only defined operation."),
        ("query A { __typename } subscription B { __typename }", "This graph has no subscriptions."),
        (
            "query A { __typename } query B { nope }",
            "Cannot query field \"nope\" on type \"Query\". Did you mean \"node\" or \"nodes\"?",
        ),
        ("query A { __typename } type B { c: Int }", "A \"type\" definition is not executable."),
        (
            "query A { ...F } fragment F on Query { __typename } fragment F on Query { __typename }",
            "There can be only one fragment named \"F\".",
        ),
    ];
    for (query, message) in cases {
        let answer = kit.send(&json!({ "query": query, "operationName": "A" }), None).await;
        assert_eq!(answer["errors"][0]["message"], message, "{answer}");
        assert_eq!(answer["errors"][0]["extensions"]["code"], INVALID, "{answer}");
        assert_eq!(answer.get("data"), None);
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn operations_fragments_and_variables_may_be_described() {
    let kit = kit().await;
    let query = "\"Asks.\" query Q(\"How many.\" $n: Int = 1) { ...F }\n\"\"\"Says.\"\"\" fragment F on Query { users(first: $n) { nodes { id } } }";
    assert_eq!(kit.query(query).await, json!({ "data": { "users": { "nodes": [{ "id": "USR-0000-0001" }] } } }));
}

#[tokio::test]
async fn every_field_of_introspection_that_introspection_names_may_be_asked() {
    let kit = kit().await;
    let described = kit
        .query(
            "{ __schema { types { name fields(includeDeprecated: true) { name args { name defaultValue type { kind } }
               type { kind ofType { kind ofType { kind ofType { kind } } } } } enumValues { name } } } }",
        )
        .await;
    let types = described["data"]["__schema"]["types"].as_array().expect("types");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let mut asked = 0;
    for (ty, place) in [
        ("__Schema", "*"),
        ("__Type", "types { * }"),
        ("__Field", "types { fields { * } }"),
        ("__InputValue", "types { inputFields { * } }"),
        ("__EnumValue", "types { enumValues { * } }"),
        ("__Directive", "directives { * }"),
    ] {
        let found = types.iter().find(|found| found["name"] == ty).expect("a type of introspection");
        for field in found["fields"].as_array().expect("fields") {
            let is_object = field["type"].to_string().contains("\"OBJECT\"");
            let arguments: Vec<_> = field["args"].as_array().expect("arguments").iter().collect();
            let given = match &arguments[..] {
                [] => String::new(),
                [only] => {
                    assert_eq!((&only["name"], &only["defaultValue"]), (&json!("includeDeprecated"), &json!("false")));
                    assert_eq!(only["type"]["kind"], "NON_NULL");
                    "(includeDeprecated: true)".to_owned()
                }
                more => panic!("{more:?}"),
            };
            let selected = format!("{}{given}{}", text(&field["name"]), if is_object { " { __typename }" } else { "" });
            let answer = kit.query(&format!("{{ __schema {{ {} }} }}", place.replace('*', &selected))).await;
            assert_eq!(answer.get("errors"), None, "{ty}: {selected}");
            asked += 1;
        }
    }
    assert_eq!(asked, 38);
    let values = |ty: &str| {
        let found = types.iter().find(|found| found["name"] == ty).expect("an enum of introspection");
        found["enumValues"].as_array().expect("values").iter().map(|value| text(&value["name"])).collect::<Vec<_>>()
    };
    assert_eq!((values("__TypeKind").len(), values("__DirectiveLocation").len()), (8, 19));
}

#[tokio::test]
async fn selections_nest_to_the_limit_and_one_more_is_beyond_it() {
    let kit = kit().await;
    let inline = |levels: usize| format!("{{ {} __typename {} }}", "... {".repeat(levels - 1), "}".repeat(levels - 1));
    assert_eq!(kit.query(&inline(128)).await, json!({ "data": { "__typename": "Query" } }));
    let beyond = |most: usize, message: String| {
        let extensions = json!({ "code": "DOCUMENT_LIMIT_EXCEEDED", "limit": most });
        json!({ "errors": [{ "message": message, "extensions": extensions }] })
    };
    for levels in [129, 1000] {
        assert_eq!(kit.query(&inline(levels)).await, beyond(128, "Brackets nest deeper than 128.".to_owned()));
    }
    let few = accounts_graph::graph::engine::Limits {
        document: DocumentLimits { nesting: 70, ..limits().document },
        ..limits()
    };
    let kit = kit_with(Options { scale: 0.05, ..Options::default() }, few).await;
    assert_eq!(kit.query(&inline(70)).await, json!({ "data": { "__typename": "Query" } }));
    assert_eq!(kit.query(&inline(71)).await, beyond(70, "Brackets nest deeper than 70.".to_owned()));
}
