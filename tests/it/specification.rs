//! Answers follow the GraphQL specification, letter by letter where the order of keys matters.

use crate::{
    fake::{fake, list, saying},
    support::{Kit, kit},
};
use serde_json::{Value, json};

/// The answer to a query, as text.
async fn text(kit: &Kit, query: &str) -> String {
    kit.text(&json!({ "query": query }), None).await
}

async fn assert_answers(kit: &Kit, cases: &[(&str, &str)]) {
    for (query, data) in cases {
        assert_eq!(text(kit, query).await, format!("{{\"data\":{data}}}"), "{query}");
    }
}

/// Each query is refused as a whole: no data, one code, a place in the document and no request.
async fn assert_refused(kit: &Kit, cases: &[(&str, &str)], code: &str) {
    for (query, message) in cases {
        let answer = kit.query(query).await;
        let errors = answer["errors"].as_array().expect("errors");
        let says = |error: &Value| error["message"].as_str().expect("a message").contains(message);
        assert!(errors.iter().any(says), "{query}: {answer}");
        assert!(errors.iter().all(|error| error["extensions"]["code"] == code), "{query}: {answer}");
        assert_eq!(answer.get("data"), None, "{query}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

const INVALID: &str = "GRAPHQL_VALIDATION_FAILED";

// ---- order, merging, aliases ----

#[tokio::test]
async fn keys_come_in_the_order_of_the_selection() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (
                r#"{ b: user(id: "USR-1671-0642") { email name id } a: user(id: "USR-1671-0642") { id name } }"#,
                r#"{"b":{"email":"will.smith@example.com","name":"Will Smith","id":"USR-1671-0642"},"a":{"id":"USR-1671-0642","name":"Will Smith"}}"#,
            ),
            (
                r#"{ account(id: "ACC-1671-0642") { name address { country city } type id } __typename }"#,
                r#"{"account":{"name":"You Are a Test Account","address":{"country":"US","city":"Chicago"},"type":"CLIENT","id":"ACC-1671-0642"},"__typename":"Query"}"#,
            ),
            (
                r#"{ group(id: "UGR-5116-6265") { account { name id } isDefault name } }"#,
                r#"{"group":{"account":{"name":"You Are a Test Account","id":"ACC-1671-0642"},"isDefault":true,"name":"Administrators"}}"#,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn fields_of_fragments_come_where_the_fragment_stands() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[(
            r#"{ user(id: "USR-1671-0642") { ...F email ... on Node { id } ... { status } name } }
               fragment F on User { lastName name }"#,
            r#"{"user":{"lastName":"Smith","name":"Will Smith","email":"will.smith@example.com","id":"USR-1671-0642","status":"ACTIVE"}}"#,
        )],
    )
    .await;
}

#[tokio::test]
async fn a_field_selected_twice_is_one_field_with_both_selections() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (
                r#"{ u: user(id: "USR-1671-0642") { name } u: user(id: "USR-1671-0642") { email name } }"#,
                r#"{"u":{"name":"Will Smith","email":"will.smith@example.com"}}"#,
            ),
            (
                r#"{ group(id: "UGR-5116-6265") { account { address { city } id } ...F account { name } } }
                   fragment F on Group { account { address { country } ...G } }
                   fragment G on Account { a: type address { c: city } }"#,
                r#"{"group":{"account":{"address":{"city":"Chicago","country":"US","c":"Chicago"},"id":"ACC-1671-0642","a":"CLIENT","name":"You Are a Test Account"}}}"#,
            ),
            (
                r"{ users(first: 1) { nodes { id } edges { node { id } } ...C } }
                   fragment C on UserConnection { edges { node { status } } nodes { status } }",
                r#"{"users":{"nodes":[{"id":"USR-0000-0001","status":"ACTIVE"}],"edges":[{"node":{"id":"USR-0000-0001","status":"ACTIVE"}}]}}"#,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_field_selected_twice_is_asked_once() {
    let kit = kit().await;
    kit.data(
        r#"{ user(id: "USR-1671-0642") { name } ...F } fragment F on Query { user(id: "USR-1671-0642") { email } }"#,
    )
    .await;
    assert_eq!(kit.requests(), ["GET /accounts/users/USR-1671-0642?select=-*,id,name,email"]);
}

#[tokio::test]
async fn one_field_under_several_aliases_is_answered_under_each() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[(
            r#"{ account(id: "ACC-1671-0642") { a: name b: name name
                 one: users(first: 1) { nodes { id } } none: users(first: 0) { nodes { id } } } }"#,
            r#"{"account":{"a":"You Are a Test Account","b":"You Are a Test Account","name":"You Are a Test Account","one":{"nodes":[{"id":"USR-0167-5236"}]},"none":{"nodes":[]}}}"#,
        )],
    )
    .await;
}

#[tokio::test]
async fn an_alias_may_be_the_name_of_another_field() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[(
            r#"{ user(id: "USR-1671-0642") { name: email email: name __typename: status } __schema: __typename }"#,
            r#"{"user":{"name":"will.smith@example.com","email":"Will Smith","__typename":"ACTIVE"},"__schema":"Query"}"#,
        )],
    )
    .await;
}

// ---- __typename ----

#[tokio::test]
async fn typename_is_answered_everywhere() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (
                r"{ __typename users(first: 1) { __typename pageInfo { __typename }
                     edges { __typename node { __typename settings { __typename }
                       audit { __typename created { __typename by { __typename } } } } } } }",
                r#"{"__typename":"Query","users":{"__typename":"UserConnection","pageInfo":{"__typename":"PageInfo"},"edges":[{"__typename":"UserEdge","node":{"__typename":"User","settings":{"__typename":"UserSettings"},"audit":{"__typename":"UserAudit","created":{"__typename":"AuditEvent","by":{"__typename":"User"}}}}}]}}"#,
            ),
            (
                r#"{ node(id: "UGR-5116-6265") { __typename }
                     nodes(ids: ["ACC-1671-0642", "USR-1671-0642"]) { t: __typename }
                     account(id: "ACC-1671-0642") { address { __typename } buyers(first: 1) { __typename nodes { __typename } } } }"#,
                r#"{"node":{"__typename":"Group"},"nodes":[{"t":"Account"},{"t":"User"}],"account":{"address":{"__typename":"Address"},"buyers":{"__typename":"BuyerConnection","nodes":[{"__typename":"Buyer"}]}}}"#,
            ),
            ("{ __schema { __typename } }", r#"{"__schema":{"__typename":"__Schema"}}"#),
        ],
    )
    .await;
}

#[tokio::test]
async fn typename_of_the_root_asks_nothing() {
    let kit = kit().await;
    assert_answers(&kit, &[("{ a: __typename ... { b: __typename } }", r#"{"a":"Query","b":"Query"}"#)]).await;
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn typename_of_something_that_does_not_exist_is_not_made_up() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[(
            r#"{ user(id: "USR-9999-9999") { __typename } nodes(ids: ["ACC-9999-9999", "ACC-1671-0642"]) { __typename } }"#,
            r#"{"user":null,"nodes":[null,{"__typename":"Account"}]}"#,
        )],
    )
    .await;
}

#[tokio::test]
async fn directives_on_typename_are_validated() {
    let kit = kit().await;
    let cases = [
        ("{ users { __typename @foo } }", "Unknown directive"),
        ("{ __typename @foo }", "Unknown directive"),
        ("{ users { __typename @skip } }", "argument \"if\" of type \"Boolean!\" is required"),
        (r#"{ users { __typename @skip(if: "yes") } }"#, "Boolean cannot represent a non boolean value: \"yes\"."),
        ("{ users { __typename @include(if: $no) } }", "not defined"),
        ("{ users { __typename @include(if: true) @include(if: true) } }", "can only be used once at this location"),
        (
            "query ($v: Boolean) { users { __typename @include(if: $v) } }",
            "of type \"Boolean\" used in position expecting type \"Boolean!\"",
        ),
        ("{ __typename(a: 1) }", "Unknown argument \"a\" on field \"Query.__typename\"."),
        ("{ __typename { a } }", "must not have a selection"),
    ];
    assert_refused(&kit, &cases, INVALID).await;
}

#[tokio::test]
async fn a_variable_that_only_typename_uses_is_used() {
    let kit = kit().await;
    let query = "query ($v: Boolean!) { users(first: 1) { __typename @include(if: $v) totalCount @skip(if: true) } }";
    assert_eq!(
        kit.query_with(query, json!({ "v": true })).await,
        json!({ "data": { "users": { "__typename": "UserConnection" } } })
    );
    assert_eq!(kit.query_with(query, json!({ "v": false })).await, json!({ "data": { "users": {} } }));
}

// ---- @skip and @include ----

#[tokio::test]
async fn skip_and_include_decide_about_fields_fragments_and_typename() {
    let kit = kit().await;
    let query = r#"query ($yes: Boolean = true, $no: Boolean!) { user(id: "USR-1671-0642") {
        id @skip(if: $no) name @include(if: $no)
        ...F @include(if: $yes) ... on User @skip(if: $yes) { status } ... @include(if: $yes) { lastName }
        __typename @skip(if: $no) kind: __typename @skip(if: $yes)
        both: name @include(if: $yes) @skip(if: $no) neither: name @include(if: $yes) @skip(if: $yes) }
        __typename @include(if: $no) } fragment F on User { email firstName @skip(if: $yes) }"#;
    let body = json!({ "query": query, "variables": { "no": false } });
    assert_eq!(
        kit.text(&body, None).await,
        r#"{"data":{"user":{"id":"USR-1671-0642","email":"will.smith@example.com","lastName":"Smith","__typename":"User","both":"Will Smith"}}}"#
    );
    let body = json!({ "query": query, "variables": { "no": true, "yes": false } });
    assert_eq!(
        kit.text(&body, None).await,
        r#"{"data":{"user":{"name":"Will Smith","status":"ACTIVE","kind":"User"},"__typename":"Query"}}"#
    );
}

#[tokio::test]
async fn what_is_skipped_is_not_asked_of_the_upstream() {
    let kit = kit().await;
    let query = r#"query ($more: Boolean!) { user(id: "USR-1671-0642") { name email @include(if: $more)
        currentAccount @include(if: $more) { website } } accounts @include(if: $more) { totalCount } }"#;
    kit.query_with(query, json!({ "more": false })).await;
    assert_eq!(kit.requests(), ["GET /accounts/users/USR-1671-0642?select=-*,id,name"]);
    kit.query_with(query, json!({ "more": true })).await;
    assert_eq!(
        kit.requests(),
        [
            "GET /accounts/accounts?select=-*,id&order=id&limit=1",
            "GET /accounts/users/USR-1671-0642?select=-*,id,name,email,currentAccount.id,currentAccount.website",
        ]
    );
}

#[tokio::test]
async fn a_skipped_root_field_is_absent_and_asks_nothing() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (r#"{ user(id: "USR-1671-0642") @skip(if: true) { name } }"#, "{}"),
            (
                r#"{ ... @include(if: false) { user(id: "USR-1671-0642") { name } } __typename }"#,
                r#"{"__typename":"Query"}"#,
            ),
            ("{ __schema @skip(if: true) { queryType { name } } }", "{}"),
        ],
    )
    .await;
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn an_object_whose_fields_are_all_skipped_is_empty() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (r#"{ user(id: "USR-1671-0642") { name @skip(if: true) } }"#, r#"{"user":{}}"#),
            (r#"{ user(id: "USR-9999-9999") { name @skip(if: true) } }"#, r#"{"user":null}"#),
            (
                r"{ users(first: 2) { nodes { id @skip(if: true) } pageInfo { endCursor @skip(if: true) }
                     edges { cursor @skip(if: true) } } }",
                r#"{"users":{"nodes":[{},{}],"pageInfo":{},"edges":[{},{}]}}"#,
            ),
            (
                r#"{ account(id: "ACC-1671-0642") { address { city @include(if: false) } } }"#,
                r#"{"account":{"address":{}}}"#,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_fragment_spread_twice_counts_where_it_is_not_skipped() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (
                r#"{ user(id: "USR-1671-0642") { ...F @skip(if: true) ...F } } fragment F on User { name }"#,
                r#"{"user":{"name":"Will Smith"}}"#,
            ),
            (
                "{ ...F @skip(if: true) ...F } fragment F on Query { __typename __schema { queryType { name } } }",
                r#"{"__typename":"Query","__schema":{"queryType":{"name":"Query"}}}"#,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn null_for_what_decides_a_directive_is_refused() {
    let kit = kit().await;
    let query = "query ($v: Boolean = true) { __typename @skip(if: $v) a: __typename }";
    assert_eq!(kit.query(query).await, json!({ "data": { "a": "Query" } }));
    let answer = kit.query_with(query, json!({ "v": null })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "BAD_USER_INPUT", "{answer}");
    assert_eq!(answer.get("data"), None);
}

// ---- interfaces ----

#[tokio::test]
async fn fragments_on_an_interface_apply_by_the_type_that_came() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (
                r#"{ nodes(ids: ["USR-1671-0642", "ACC-1671-0642", "UGR-5116-6265"]) { id
                     ... on User { name email } ... on Account { name type } ... on Actor { icon } ...G } }
                   fragment G on Group { title: name }"#,
                r#"{"nodes":[{"id":"USR-1671-0642","name":"Will Smith","email":"will.smith@example.com","icon":"/v1/accounts/users/USR-1671-0642/icon"},{"id":"ACC-1671-0642","name":"You Are a Test Account","type":"CLIENT"},{"id":"UGR-5116-6265","title":"Administrators"}]}"#,
            ),
            (
                r#"{ user(id: "USR-1671-0642") { ... on Node { id } ... on Actor { name ... on Node { i: id } } } }"#,
                r#"{"user":{"id":"USR-1671-0642","name":"Will Smith","i":"USR-1671-0642"}}"#,
            ),
            (
                r#"{ user(id: "USR-1671-0642") { audit { created { by { id ... on ApiToken { name } ... on User { status }
                     ... on Node { __typename } } } } } }"#,
                r#"{"user":{"audit":{"created":{"by":{"id":"TKN-2401-0690","name":"ERP connector","__typename":"ApiToken"}}}}}"#,
            ),
        ],
    )
    .await;
}

// ---- conflicts ----

#[tokio::test]
async fn fields_that_cannot_be_merged_are_refused() {
    let kit = kit().await;
    let cases = [
        ("{ users { nodes { name: __typename name } } }", "conflict"),
        ("{ users { nodes { name name: __typename } } }", "conflict"),
        ("{ x: __schema { queryType { name } } x: __typename }", "conflict"),
        (r#"{ user(id: "USR-1") { a: name a: email } }"#, "conflict"),
        (r#"{ a: user(id: "USR-1") { id } a: user(id: "USR-2") { id } }"#, "conflict"),
        ("{ users(first: 1) { nodes { id } } users(first: 2) { nodes { id } } }", "conflict"),
        ("{ users(first: 1) { totalCount } ...F } fragment F on Query { users { totalCount } }", "conflict"),
        (
            r#"{ user(id: "USR-1") { currentAccount { a: name } } ...F } fragment F on Query { user(id: "USR-1") { currentAccount { a: type } } }"#,
            "conflict",
        ),
        (
            r#"{ node(id: "USR-1") { ... on User { x: sso } ... on Account { x: name } } }"#,
            "conflicting types \"SsoStatus\" and \"String\"",
        ),
        (
            r#"{ node(id: "USR-1") { ... on User { x: id } ... on Account { x: name } } }"#,
            "conflicting types \"ID!\" and \"String\"",
        ),
        (
            r#"{ node(id: "USR-1") { ... on ApiToken { x: modules { id } } ... on Group { x: account { id } } } }"#,
            "conflict",
        ),
        (
            r#"{ node(id: "USR-1") { ... on User { x: audit { a: invitationAcceptedAt } } ... on Group { x: audit { a: __typename } } } }"#,
            "conflict",
        ),
        (
            r#"{ node(id: "USR-1") { ...A ...B } } fragment A on User { x: status } fragment B on Account { x: name }"#,
            "conflict",
        ),
        (r#"{ node(id: "USR-1") { x: id ... on User { x: name } } }"#, "conflict"),
    ];
    assert_refused(&kit, &cases, INVALID).await;
}

#[tokio::test]
async fn different_fields_of_different_types_may_share_a_key_when_their_types_agree() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[(
            r#"{ nodes(ids: ["USR-1671-0642", "ACC-1671-0642"]) { ... on User { x: email s: settings { x: cultureCode } }
                 ... on Account { x: website s: address { x: city } } } }"#,
            r#"{"nodes":[{"x":"will.smith@example.com","s":{"x":"en-US"}},{"x":"https://www.example.com","s":{"x":"Chicago"}}]}"#,
        )],
    )
    .await;
}

// ---- validation ----

#[tokio::test]
async fn documents_that_are_not_valid_are_refused_without_a_request() {
    let kit = kit().await;
    let cases = [
        ("{ nope }", "Cannot query field \"nope\" on type \"Query\"."),
        (r#"{ user(id: "USR-1") { nope } }"#, "Cannot query field"),
        (
            "{ user { id } }",
            "Argument \"id\" of type \"ID!\" on field \"Query.user\" is required, but it was not provided.",
        ),
        (r#"{ user(id: "USR-1") }"#, "must have a selection"),
        (r#"{ user(id: "USR-1") { name { x } } }"#, "must not have a selection"),
        (r#"{ user(id: "USR-1") { ...F } } fragment F on Account { id }"#, "cannot be spread here"),
        (r#"{ user(id: "USR-1") { ... on Account { id } } }"#, "cannot be spread here"),
        (r#"{ user(id: "USR-1") { ...F } }"#, "Unknown fragment"),
        ("{ __typename } fragment F on User { id }", "never used"),
        ("{ __typename ...F } fragment F on Nope { id }", "Unknown type"),
        ("{ __typename ...F } fragment F on ID { id }", "composite"),
        ("{ users(nope: 1) { totalCount } }", "Unknown argument"),
        ("{ users(first: 1, first: 2) { totalCount } }", "can be only one argument named \"first\"."),
        (r#"{ users(first: "1") { totalCount } }"#, "Int cannot represent non-integer value: \"1\"."),
        ("{ users(first: 1.0) { totalCount } }", "Int cannot represent non-integer value: 1.0."),
        ("{ user(id: null) { id } }", "Expected value of type \"ID!\", found null."),
        ("{ user(id: 5.5) { id } }", "ID cannot represent a non-string and non-integer value: 5.5."),
        ("{ nodes(ids: [null]) { id } }", "Expected value of type \"ID!\", found null."),
        ("{ users(filter: { nope: 1 }) { totalCount } }", "Field \"nope\" is not defined by type \"UserFilter\"."),
        (
            "{ users(filter: { status: { eq: NOPE } }) { totalCount } }",
            "Value \"NOPE\" does not exist in \"UserStatus\" enum.",
        ),
        ("{ users @skip(if: true) @skip(if: false) { totalCount } }", "can only be used once at this location"),
        ("{ users { totalCount @deprecated } }", "may not be used on"),
        ("query ($v: User) { users(filter: $v) { totalCount } }", "non-input type"),
        ("query ($v: Int, $v: Int) { users(first: $v) { totalCount } }", "can be only one variable named \"$v\"."),
        ("mutation { x }", "Cannot query field \"x\" on type \"Mutation\"."),
        ("subscription { x }", "This graph has no subscriptions"),
    ];
    assert_refused(&kit, &cases, INVALID).await;
}

#[tokio::test]
async fn a_document_that_does_not_parse_is_refused_with_its_place() {
    let kit = kit().await;
    let answer = kit.query("{ users {\n  nodes( } }").await;
    let error = &answer["errors"][0];
    assert_eq!(error["extensions"]["code"], "GRAPHQL_PARSE_FAILED");
    assert_eq!(error["locations"][0]["line"], 2, "{answer}");
    assert!(error["message"].as_str().expect("a message").starts_with("Syntax Error: "), "{answer}");
    assert_refused(&kit, &[("{}", "Expected Name, found \"}\".")], "GRAPHQL_PARSE_FAILED").await;
}

#[tokio::test]
async fn fragments_that_are_spread_into_themselves_are_refused_and_the_process_survives() {
    let kit = kit().await;
    let cases = [
        (r#"{ user(id: "USR-1") { ...F } } fragment F on User { name ...F }"#, "within itself"),
        (r#"{ user(id: "USR-1") { ...F } } fragment F on User { ...G } fragment G on User { ...F }"#, "within itself"),
        (
            r#"{ user(id: "USR-1") { ...F } } fragment F on User { currentAccount { users { nodes { ...F } } } }"#,
            "within itself",
        ),
        ("{ __schema { types { ...F } } } fragment F on __Type { fields { type { ...F } } }", "within itself"),
        ("{ __typename } fragment F on User { ...F }", "within itself"),
    ];
    assert_refused(&kit, &cases, INVALID).await;
    assert_answers(&kit, &[("{ __typename }", r#"{"__typename":"Query"}"#)]).await;
}

// ---- variables ----

#[tokio::test]
async fn variables_that_are_unused_unknown_or_of_another_type_are_refused() {
    let kit = kit().await;
    let cases = [
        ("query Q($u: Int) { __typename }", "never used in operation \"Q\""),
        ("{ users(first: $x) { totalCount } }", "not defined"),
        ("{ ...F } fragment F on Query { users(first: $x) { totalCount } }", "not defined"),
        (
            "query ($v: String) { users(first: $v) { totalCount } }",
            "of type \"String\" used in position expecting type \"Int\"",
        ),
        ("query ($v: ID) { user(id: $v) { id } }", "of type \"ID\" used in position expecting type \"ID!\""),
        ("query ($v: Int!) { users(filter: { name: { eq: $v } }) { totalCount } }", "expecting type \"String\""),
        ("query ($v: String) { users(filter: { name: { in: [$v] } }) { totalCount } }", "expecting type \"String!\""),
        ("query ($v: ID!) { nodes(ids: $v) { id } }", "expecting type \"[ID!]!\""),
        (
            "query ($v: String) { ...F } fragment F on Query { users(first: $v) { totalCount } }",
            "expecting type \"Int\"",
        ),
        ("query ($v: Boolean) { __typename @skip(if: $v) }", "expecting type \"Boolean!\""),
    ];
    assert_refused(&kit, &cases, INVALID).await;
}

#[tokio::test]
async fn variables_are_coerced_to_their_types() {
    let kit = kit().await;
    let cases: [(&str, Value, Value); 9] = [
        ("query ($v: Int) { users(first: $v) { nodes { id } } }", json!(1.0), json!([{ "id": "USR-0000-0001" }])),
        ("query ($v: Int! = 1) { users(first: $v) { nodes { id } } }", Value::Null, json!([{ "id": "USR-0000-0001" }])),
        (
            "query ($v: [UserStatus!]) { users(first: 1, filter: { status: { in: $v } }) { nodes { status } } }",
            json!("ACTIVE"),
            json!([{ "status": "ACTIVE" }]),
        ),
        (
            "query ($v: [UserStatus!] = BLOCKED) { users(first: 1, filter: { status: { in: $v } }) { nodes { status } } }",
            Value::Null,
            json!([{ "status": "BLOCKED" }]),
        ),
        (
            "query ($v: [UserStatus!] = [NEW, DELETED]) { users(first: 1, filter: { status: { in: $v } }) { nodes { status } } }",
            json!(["ACTIVE"]),
            json!([{ "status": "ACTIVE" }]),
        ),
        (
            "query ($v: UserFilter) { users(first: 1, filter: $v) { nodes { name } } }",
            json!({ "name": { "eq": "Will Smith" } }),
            json!([{ "name": "Will Smith" }]),
        ),
        (
            "query ($v: String) { users(first: 1, filter: { and: [{ name: { eq: $v } }] }) { nodes { name } } }",
            json!("Will Smith"),
            json!([{ "name": "Will Smith" }]),
        ),
        (
            "query ($v: OrderDirection) { users(first: 1, orderBy: { field: ID, direction: $v }) { nodes { id } } }",
            json!("ASC"),
            json!([{ "id": "USR-0000-0001" }]),
        ),
        (
            "query ($v: Int) { users(first: 1, offset: $v) { nodes { id } } }",
            json!(0),
            json!([{ "id": "USR-0000-0001" }]),
        ),
    ];
    for (query, value, nodes) in cases {
        let variables = if value.is_null() { json!({}) } else { json!({ "v": value }) };
        let answer = kit.query_with(query, variables).await;
        assert_eq!(answer, json!({ "data": { "users": { "nodes": nodes } } }), "{query}");
    }
    let answer = kit.query_with("query ($v: [ID!]!) { nodes(ids: $v) { id } }", json!({ "v": "USR-1671-0642" })).await;
    assert_eq!(answer, json!({ "data": { "nodes": [{ "id": "USR-1671-0642" }] } }));
}

#[tokio::test]
async fn an_id_may_be_given_as_a_number() {
    let kit = kit().await;
    let answer = kit.query_with("query ($v: ID!) { node(id: $v) { id } }", json!({ "v": 5 })).await;
    assert_eq!(answer, json!({ "data": { "node": null } }));
    assert_answers(&kit, &[("{ node(id: 5) { id } }", r#"{"node":null}"#)]).await;
}

#[tokio::test]
async fn variables_that_do_not_fit_their_type_are_refused() {
    let kit = kit().await;
    let int = "query ($v: Int) { users(first: $v) { totalCount } }";
    let id = "query ($v: ID!) { user(id: $v) { id } }";
    let status = "query ($v: [UserStatus!]) { users(filter: { status: { in: $v } }) { totalCount } }";
    let filter = "query ($v: UserFilter) { users(filter: $v) { totalCount } }";
    let order = "query ($v: [UserOrder!]) { users(orderBy: $v) { totalCount } }";
    let cases = [
        (int, json!({ "v": 2_147_483_648_i64 }), "Variable $v: must be a whole number of 32 bits."),
        (int, json!({ "v": 1.5 }), "Variable $v: must be a whole number of 32 bits."),
        (int, json!({ "v": "1" }), "Variable $v: must be a value of type Int."),
        (int, json!({ "v": true }), "Variable $v: must be a value of type Int."),
        (id, json!({ "v": null }), "Variable $v: must not be null, but a value of type ID."),
        (id, json!({}), "Variable $v must be given, as ID!."),
        (id, json!({ "v": 1.5 }), "Variable $v: must be a value of type ID."),
        (id, json!({ "v": ["USR-1"] }), "Variable $v: must be a value of type ID."),
        (status, json!({ "v": ["NOPE"] }), "Variable $v[0]: must be a value of the enum UserStatus."),
        (status, json!({ "v": ["ACTIVE", null] }), "Variable $v[1]: must not be null, but a value of type UserStatus."),
        (
            status,
            json!({ "v": ["active"] }),
            "Variable $v[0]: must be a value of the enum UserStatus. Did you mean the enum value \"ACTIVE\"?",
        ),
        (
            filter,
            json!({ "v": { "audit": { "created": { "at": { "gte": "2025-01-01T00:00:00Z" } } } } }),
            "Variable $v.audit.created.at.gte: is not a field of the input type DateTimeFilter. Did you mean \"ge\"?",
        ),
        (
            filter,
            json!({ "v": { "nope": 1 } }),
            "Variable $v.nope: is not a field of the input type UserFilter. Did you mean \"name\" or \"not\"?",
        ),
        (
            filter,
            json!({ "v": { "name": { "in": ["a", 1] } } }),
            "Variable $v.name.in[1]: must be a value of type String.",
        ),
        (filter, json!({ "v": "x" }), "Variable $v: must be an object of type UserFilter."),
        (order, json!({ "v": {} }), "Variable $v.field: must be given, as UserOrderField!."),
        (
            order,
            json!({ "v": { "field": "NAME", "direction": null } }),
            "Variable $v.direction: must not be null, but a value of type OrderDirection.",
        ),
    ];
    for (query, variables, message) in cases {
        let answer = kit.query_with(query, variables).await;
        let expected = json!({ "message": message, "locations": [{ "line": 1, "column": 8 }], "extensions": { "code": "BAD_USER_INPUT" } });
        assert_eq!(answer, json!({ "errors": [expected] }), "{query}");
    }
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn a_variable_that_is_not_given_leaves_its_argument_out() {
    let kit = kit().await;
    let query = "query ($first: Int, $name: String, $d: OrderDirection) {
        users(first: $first, filter: { name: { contains: $name } }, orderBy: { field: NAME, direction: $d }) { totalCount } }";
    let answer = kit.query(query).await;
    assert_eq!(answer, json!({ "data": { "users": { "totalCount": kit.sandbox.world().rows("users").len() } } }));
    assert_eq!(kit.requests(), ["GET /accounts/users?select=-*,id,name&order=name,id&limit=1"]);
}

// ---- operations ----

#[tokio::test]
async fn the_operation_is_chosen_by_its_name() {
    let kit = kit().await;
    let query = r"query A { a: __typename } query B($v: ID!) { b: user(id: $v) { name } }";
    let run = async |name: Value| {
        kit.send(&json!({ "query": query, "operationName": name, "variables": { "v": "USR-1671-0642" } }), None).await
    };
    assert_eq!(run(json!("A")).await, json!({ "data": { "a": "Query" } }));
    assert_eq!(run(json!("B")).await, json!({ "data": { "b": { "name": "Will Smith" } } }));
    for (name, message) in [
        (json!("C"), "The document has no operation named \"C\"."),
        (Value::Null, "The document has several operations: operationName must say which one to run."),
    ] {
        let expected = json!({ "errors": [{ "message": message, "extensions": { "code": "BAD_REQUEST" } }] });
        assert_eq!(run(name).await, expected);
    }
    let only = json!({ "query": "query Only { __typename }", "operationName": "Only" });
    assert_eq!(kit.send(&only, None).await, json!({ "data": { "__typename": "Query" } }));
}

#[tokio::test]
async fn a_get_request_is_answered_as_a_post_is() {
    let kit = kit().await;
    let get = async |parameters: &[(&str, &str)]| {
        let response = reqwest::Client::new().get(format!("http://{}/graphql", kit.address)).query(parameters).send();
        let response = response.await.expect("an answer");
        (response.status().as_u16(), response.json::<Value>().await.expect("JSON"))
    };
    let query = "query A($id: ID!) { user(id: $id) { name } } query B { __typename }";
    let found = json!({ "data": { "user": { "name": "Will Smith" } } });
    let variables = r#"{"id":"USR-1671-0642"}"#;
    assert_eq!(get(&[("query", query), ("operationName", "A"), ("variables", variables)]).await, (200, found));
    assert_eq!(
        get(&[("query", query), ("operationName", "B"), ("variables", "")]).await,
        (200, json!({ "data": { "__typename": "Query" } }))
    );
    assert_eq!(get(&[("query", "{ __typename }")]).await, (200, json!({ "data": { "__typename": "Query" } })));
    for parameters in [
        &[("variables", "{}")][..],
        &[("query", "{ __typename }"), ("variables", "[1]")],
        &[("query", "{ __typename }"), ("variables", "{")],
    ] {
        let (status, answer) = get(parameters).await;
        assert_eq!(
            (status, &answer["errors"][0]["extensions"]["code"]),
            (400, &json!("BAD_REQUEST")),
            "{parameters:?}"
        );
    }
}

// ---- introspection ----

/// What GraphiQL and its kin ask first.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description queryType { name kind } mutationType { name kind }
    subscriptionType { name kind } types { ...FullType } directives { name description isRepeatable locations
    args(includeDeprecated: true) { ...InputValue } } } }
  fragment FullType on __Type { kind name description specifiedByURL isOneOf
    fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue } type { ...TypeRef }
      isDeprecated deprecationReason }
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
  fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } } }";

#[tokio::test]
async fn the_introspection_query_of_graphiql_is_answered() {
    let kit = kit().await;
    let data = kit.data(INTROSPECTION).await;
    let schema = &data["__schema"];
    assert_eq!((&schema["queryType"]["name"], &schema["mutationType"]["name"]), (&json!("Query"), &json!("Mutation")));
    let types = schema["types"].as_array().expect("types");
    let ty = |name: &str| types.iter().find(|ty| ty["name"] == name).unwrap_or_else(|| panic!("no type {name}"));
    let names = |list: &Value| -> Vec<String> {
        list.as_array().expect("a list").iter().map(|item| item["name"].as_str().expect("a name").to_owned()).collect()
    };
    assert!(names(&ty("User")["fields"]).contains(&"currentAccount".to_owned()));
    assert_eq!(names(&ty("User")["interfaces"]).len(), 2);
    let actors = names(&ty("Actor")["possibleTypes"]);
    assert_eq!(actors, ["User", "ApiToken", "Service", "Extension", "UnknownActor"]);
    assert_eq!(names(&ty("Node")["possibleTypes"]).len(), 12);
    let users = ty("Query")["fields"].as_array().expect("fields").iter().find(|field| field["name"] == "users");
    assert_eq!(
        names(&users.expect("users")["args"]),
        ["first", "after", "last", "before", "offset", "filter", "orderBy"]
    );
    assert_eq!(kit.requests(), [""; 0]);
}

#[tokio::test]
async fn introspection_and_data_go_together_in_order() {
    let kit = kit().await;
    assert_answers(
        &kit,
        &[
            (
                r#"{ a: __typename t: __type(name: "User") { name kind } user(id: "USR-1671-0642") { name }
                     __schema { queryType { name } } z: __type(name: "Nope") { name } }"#,
                r#"{"a":"Query","t":{"name":"User","kind":"OBJECT"},"user":{"name":"Will Smith"},"__schema":{"queryType":{"name":"Query"}},"z":null}"#,
            ),
            (
                r#"{ ...F ... on Query { __schema { mutationType { name } } } }
                   fragment F on Query { __schema { queryType { name } } user(id: "USR-1671-0642") { name } }"#,
                r#"{"__schema":{"queryType":{"name":"Query"},"mutationType":{"name":"Mutation"}},"user":{"name":"Will Smith"}}"#,
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn introspection_obeys_directives_and_variables() {
    let kit = kit().await;
    let query =
        "query ($v: Boolean!, $n: String!) { ...F @include(if: $v) __type(name: $n) { name @skip(if: $v) kind } }
                 fragment F on Query { __schema { queryType { name kind @skip(if: $v) } } }";
    let run = async |v: bool| kit.text(&json!({ "query": query, "variables": { "v": v, "n": "User" } }), None).await;
    assert_eq!(run(true).await, r#"{"data":{"__schema":{"queryType":{"name":"Query"}},"__type":{"kind":"OBJECT"}}}"#);
    assert_eq!(run(false).await, r#"{"data":{"__type":{"name":"User","kind":"OBJECT"}}}"#);
}

// ---- nulls and errors ----

#[tokio::test]
async fn an_error_has_the_place_in_the_document_and_the_path_in_the_answer() {
    let fake = saying(r#"{"id":"USR-1","name":7}"#).await;
    assert_eq!(
        fake.text("{\n  who: user(id: \"USR-1\") { id key: name } __typename }").await,
        r#"{"errors":[{"message":"The accounts API answered with a value of another kind than documented.","locations":[{"line":2,"column":31}],"path":["who","key"],"extensions":{"code":"UPSTREAM_INVALID"}}],"data":{"who":{"id":"USR-1","key":null},"__typename":"Query"}}"#
    );
}

#[tokio::test]
async fn null_climbs_to_the_nearest_place_that_may_be_null() {
    // Nodes and edges are not null, the connection may be.
    let fake = saying(list(&json!([{ "id": "USR-1" }, { "name": "Nobody" }]))).await;
    assert_eq!(
        fake.query("{ all: users { ns: nodes { i: id } } other: __typename }").await,
        json!({
            "errors": [{
                "message": "The accounts API answered with something that has no id.",
                "locations": [{ "line": 1, "column": 16 }], "path": ["all", "ns", 1], "extensions": { "code": "UPSTREAM_INVALID" }
            }],
            "data": { "all": null, "other": "Query" }
        })
    );
    let answer = fake.query("{ users { edges { node { i: id } } } }").await;
    assert_eq!(
        (&answer["data"], &answer["errors"][0]["path"]),
        (&json!({ "users": null }), &json!(["users", "edges", 1, "node"]))
    );
}

#[tokio::test]
async fn null_climbs_out_of_a_reference_and_a_list_but_no_further() {
    let fake = fake(|line| {
        let body = if line.starts_with("/users/") {
            json!({ "id": "USR-1", "name": "Ann", "currentAccount": { "name": "No id" } })
        } else {
            json!({ "id": "ACC-1", "name": "Acme", "groups": [{ "id": "UGR-1", "name": "A" }, { "name": "No id" }] })
        };
        (200, body.to_string())
    })
    .await;
    let answer = fake.query(r#"{ user(id: "USR-1") { name a: currentAccount { name id } } account(id: "ACC-1") { name g: groups { nodes { n: name i: id } } } }"#).await;
    assert_eq!(
        answer["data"],
        json!({ "user": { "name": "Ann", "a": null }, "account": { "name": "Acme", "g": null } })
    );
    let paths: Vec<&Value> = answer["errors"].as_array().expect("errors").iter().map(|error| &error["path"]).collect();
    assert_eq!(paths, [&json!(["user", "a", "id"]), &json!(["account", "g"])], "what has no id has no place in a list");
}

#[tokio::test]
async fn an_error_names_every_place_where_the_value_is_missing() {
    let fake = saying(list(&json!([{ "id": "USR-1", "revision": 1 }, { "id": "USR-2", "revision": "x" }, { "id": "USR-3", "revision": 9_000_000_000_i64 }]))).await;
    let answer = fake.query("{ users { nodes { id\n r: revision } } }").await;
    let error = |place: usize| {
        json!({
            "message": "The accounts API answered with a value of another kind than documented.",
            "locations": [{ "line": 2, "column": 2 }], "path": ["users", "nodes", place, "r"], "extensions": { "code": "UPSTREAM_INVALID" }
        })
    };
    assert_eq!(
        answer,
        json!({
            "errors": [error(1), error(2)],
            "data": { "users": { "nodes": [{ "id": "USR-1", "r": 1 }, { "id": "USR-2", "r": null }, { "id": "USR-3", "r": null }] } }
        })
    );
}

#[tokio::test]
async fn errors_come_before_the_data() {
    let kit = kit().await;
    let text = text(&kit, r#"{ user(id: "x") { id } }"#).await;
    assert!(text.starts_with(r#"{"errors":[{"message":"#) && text.ends_with(r#"],"data":{"user":null}}"#), "{text}");
}
