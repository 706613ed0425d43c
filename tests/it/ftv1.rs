//! Inline traces, decoded by the package that routers decode them with.

use crate::{
    fake::{fake, list},
    npm,
    support::{Kit, SMALL, gateway_told, kit, limits, settings},
};
use accounts_graph_sandbox::{self as sandbox, Day, Fault, Options};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::net::SocketAddr;

/// The answer to a body that is sent with a header about traces.
async fn send(address: SocketAddr, body: &Value, include: &str) -> Value {
    let request = reqwest::Client::new().post(format!("http://{address}/graphql")).json(body);
    let response = request.header("apollo-federation-include-trace", include).send().await.expect("an answer");
    response.json().await.expect("JSON")
}

/// What the traces in some answers tell, and the answers without them.
async fn outlines(mut answers: Vec<Value>) -> Vec<(Value, Vec<String>)> {
    let traces: Vec<Value> = answers.iter_mut().map(|answer| answer["extensions"]["ftv1"].take()).collect();
    let traces = json!(traces).to_string();
    let run = tokio::task::spawn_blocking(move || npm::run("trace.mjs", &[&traces]));
    let outlines: Vec<Vec<String>> = serde_json::from_str(&run.await.expect("no panic")).expect("JSON");
    for answer in &mut answers {
        answer.as_object_mut().expect("an object").remove("extensions");
    }
    answers.into_iter().zip(outlines).collect()
}

async fn traced(address: SocketAddr, body: &Value) -> (Value, Vec<String>) {
    outlines(vec![send(address, body, "ftv1").await]).await.remove(0)
}

/// The trace of a query, which is answered as it is without a trace.
async fn query(kit: &Kit, query: &str) -> Vec<String> {
    let (answer, outline) = traced(kit.address, &json!({ "query": query })).await;
    assert_eq!(answer, kit.query(query).await);
    outline
}

fn lines(text: &str) -> Vec<&str> {
    text.lines().skip(1).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_field_and_index_has_a_node_with_the_round_that_delivered_it() {
    let kit = kit().await;
    let text = r#"{
        __typename
        who: user(id: "USR-6375-2499") {
            __typename
            id
            called: name
            groups { nodes { name buyers { nodes { id } } account { name type } } }
            audit { created { at by { id ... on User { email } } } }
            icon
            since: createdAt
        }
        accounts(first: 1) {
            __typename
            total: totalCount
            pageInfo { hasNextPage }
            edges { cursor node { id buyers(first: 1) { nodes { name } } } }
        }
        nodes(ids: ["USR-9999-9999", "ACC-1671-0642"]) { id }
        _service { text: sdl }
    }"#;
    let expected = "
who=user: User of Query in 1
  id: ID! of User in 1
  called=name: String of User in 1
  groups: GroupConnection of User in 1
    nodes: [Group!]! of GroupConnection in 1
      0
        name: String of Group in 1
        buyers: BuyerConnection of Group in 1
          nodes: [Buyer!]! of BuyerConnection in 1
<16 buyers>
        account: Account of Group in 1
          name: String of Account in 1
          type: AccountType of Account in 1
      1
        name: String of Group in 1
        buyers: BuyerConnection of Group in 1
          nodes: [Buyer!]! of BuyerConnection in 1
<3 buyers>
        account: Account of Group in 1
          name: String of Account in 1
          type: AccountType of Account in 1
  audit: UserAudit of User in 1
    created: AuditEvent of UserAudit in 1
      at: DateTime of AuditEvent in 1
      by: Actor of AuditEvent in 1
        id: ID! of User in 1
        email: String of User in 2
  icon: String of User in 1
  since=createdAt: DateTime of User in 1
accounts: AccountConnection of Query in 1
  total=totalCount: Int of AccountConnection in 1
  pageInfo: PageInfo! of AccountConnection in 1
    hasNextPage: Boolean! of PageInfo in 1
  edges: [AccountEdge!]! of AccountConnection in 1
    0
      cursor: String! of AccountEdge in 1
      node: Account! of AccountEdge in 1
        id: ID! of Account in 1
        buyers: BuyerConnection of Account in 2
          nodes: [Buyer!]! of BuyerConnection in 2
nodes: [Node]! of Query in 1
  0
  1
    id: ID! of Account in 1
_service: _Service! of Query in 0
  text=sdl: String! of _Service in 0";
    let buyer = |index: usize| format!("            {index}\n              id: ID! of Buyer in 1\n");
    let buyers = |count: usize| (0..count).map(buyer).collect::<Vec<_>>().concat();
    let expected = expected.replace("<16 buyers>\n", &buyers(16)).replace("<3 buyers>\n", &buyers(3));
    assert_eq!(query(&kit, text).await, lines(&expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_have_their_indexes_and_errors_stand_at_their_nodes() {
    let kit = kit().await;
    let query = "query($representations: [_Any!]!) {
        things: _entities(representations: $representations) {
            __typename
            ... on User { id name email }
            ... on Account { id }
        }
    }";
    let representations = json!([
        { "__typename": "Account", "id": "ACC-1671-0642" },
        { "__typename": "User", "id": "USR-1671-0642" },
        { "__typename": "Nobody", "id": "USR-1671-0642" },
        { "__typename": "User", "email": "nobody@example.com" }
    ]);
    let body = json!({ "query": query, "variables": { "representations": representations } });
    let (_, outline) = traced(kit.address, &body).await;
    let expected = "
things=_entities: [_Entity]! of Query in 1
  0
    id: ID! of Account in 0
  1
    id: ID! of User in 0
    name: String of User in 1
    email: String of User in 1
  2
    ! BAD_USER_INPUT at 2:9 for /things/2
  3
    ! NOT_FOUND at 2:9 for /things/3";
    assert_eq!(outline, lines(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_two_upstreams_tell_has_the_rounds_of_both() {
    let kit = kit().await;
    let text = r#"{
        user(id: "USR-1671-0642") { wavefrontAccount { id ssoId user { name wavefrontAccount { customer } } } }
        nobody: wavefrontAccount(id: "nobody@example.com") { id }
        wavefrontRoles(first: 0) { totalCount }
    }"#;
    let expected = "
user: User of Query in 1
  wavefrontAccount: WavefrontAccount of User in 2
    id: ID! of WavefrontAccount in 2
    ssoId: String of WavefrontAccount in 2
    user: User of WavefrontAccount in 3
      name: String of User in 3
      wavefrontAccount: WavefrontAccount of User in 2
        customer: String of WavefrontAccount in 2
nobody=wavefrontAccount: WavefrontAccount of Query in 1
wavefrontRoles: WavefrontRoleConnection of Query in 1
  totalCount: Int of WavefrontRoleConnection in 1";
    assert_eq!(query(&kit, text).await, lines(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_below_what_became_null_stands_at_the_nearest_node() {
    let user = json!({ "id": "USR-1", "name": 7, "groups": [{ "id": "UGR-1", "name": "a" }, { "name": "b" }] });
    let memberships = list(&json!([]));
    let fake =
        fake(move |line| (200, if line.starts_with("/users/") { user.to_string() } else { memberships.clone() })).await;
    let text = r#"{
        user(id: "USR-1") { name groups { nodes { id name } } }
        users(first: 1) { totalCount }
        nothing: account(id: "ACC-1") { id }
    }"#;
    let (_, outline) = traced(fake.address, &json!({ "query": text })).await;
    let expected = "
user: User of Query in 1
  name: String of User in 1
    ! UPSTREAM_INVALID at 2:29 for /user/name
  groups: GroupConnection of User in 1
    ! UPSTREAM_INVALID at 2:34 for /user/groups
users: UserConnection of Query in 1
  totalCount: Int of UserConnection in 1
nothing=account: Account of Query in 1
  ! UPSTREAM_INVALID at 4:9 for /nothing";
    assert_eq!(outline, lines(expected));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_member_of_a_batch_has_its_own_and_what_was_not_run_has_its_errors() {
    let sandbox = sandbox::start(Options { scale: SMALL, date: Some(Day::OF_DATA), ..Options::default() })
        .await
        .expect("a free port");
    let (address, server) = gateway_told(settings(&sandbox.base_url()), limits(), &["--max-batch", "4"]).await;
    sandbox.set_faults(vec![Fault { path: Some("/accounts/accounts".into()), status: Some(503), ..Fault::default() }]);
    let batch = json!([
        { "query": "{ account(id: \"ACC-1671-0642\") { name } module(id: \"MOD-1\") { name } }" },
        { "query": "{ user(id: \"USR-1671-0642\") { accounts { nodes { name website } } } }" },
        { "query": "{ users { nodes { nonsense } } }" },
        { "query": "{ users(first: -1) { nodes { name } } __schema { queryType { name } } }" },
    ]);
    let mut answers = send(address, &batch, "ftv1").await;
    server.abort();
    let outlines = outlines(std::mem::take(answers.as_array_mut().expect("a batch"))).await;
    let expected = [
        "
account: Account of Query in 1
  ! UPSTREAM_UNAVAILABLE at 1:3 for /account
module: Module of Query in 1",
        "
user: User of Query in 1
  accounts: AccountConnection of User in 1
    nodes: [Account!]! of AccountConnection in 1
      0
        name: String of Account in 1
        website: String of Account in 2
          ! UPSTREAM_UNAVAILABLE at 1:55 for /user/accounts/nodes/0/website
      1
        name: String of Account in 1
        website: String of Account in 2
          ! UPSTREAM_UNAVAILABLE at 1:55 for /user/accounts/nodes/1/website",
        "
! GRAPHQL_VALIDATION_FAILED at 1:19 for /",
        "
users: UserConnection of Query in 0
  ! BAD_USER_INPUT at 1:3 for /users",
    ];
    assert_eq!(outlines.len(), 4);
    for ((_, outline), expected) in outlines.iter().zip(expected) {
        assert_eq!(*outline, lines(expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mutation_has_the_round_in_which_it_was_written() {
    let kit = kit().await;
    let text = r#"mutation {
        renamed: updateGroup(input: { id: "UGR-5116-6265", name: "Renamed" }) {
            __typename
            group { id called: name account { name status website } }
            userErrors { message code }
        }
        updateGroup(input: { id: "UGR-5116-6265", name: "Again", ifRevision: 0 }) {
            group { id }
            userErrors { path code ... on RevisionConflict { current { ... on Group { id name } } } }
        }
        deleteGroup(input: { id: "UGR-0000-0000" }) { deletedId userErrors { code } }
    }"#;
    let (_, outline) = traced(kit.address, &json!({ "query": text })).await;
    let expected = "
renamed=updateGroup: UpdateGroupPayload of Mutation in 1
  group: Group of UpdateGroupPayload in 1
    id: ID! of Group in 1
    called=name: String of Group in 1
    account: Account of Group in 1
      name: String of Account in 1
      status: AccountStatus of Account in 1
      website: String of Account in 2
  userErrors: [UserError!]! of UpdateGroupPayload in 1
updateGroup: UpdateGroupPayload of Mutation in 3
  group: Group of UpdateGroupPayload in 3
  userErrors: [UserError!]! of UpdateGroupPayload in 3
    0
      path: [String!]! of RevisionConflict in 3
      code: String! of RevisionConflict in 3
      current: Node of RevisionConflict in 3
        id: ID! of Group in 3
        name: String of Group in 4
deleteGroup: DeleteGroupPayload of Mutation in 5
  deletedId: ID of DeleteGroupPayload in 5
  userErrors: [UserError!]! of DeleteGroupPayload in 5
    0
      code: String! of InputError in 5";
    assert_eq!(outline, lines(expected));
}

#[tokio::test]
async fn there_is_none_unless_it_is_asked_for() {
    let kit = kit().await;
    let body = json!({ "query": "{ users(first: 1) { totalCount } }" });
    for include in ["", "ftv2", "FTV1", "ftv1,ftv1"] {
        assert_eq!(send(kit.address, &body, include).await.get("extensions"), None, "{include}");
    }
    let (name, value) = ("apollo-federation-include-trace", "ftv1");
    let url = format!("http://{}/graphql?query={{users(first:1){{totalCount}}}}", kit.address);
    let answer: Value = reqwest::Client::new()
        .get(url)
        .header(name, value)
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert!(answer["extensions"]["ftv1"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_trace_out_of_proportion_is_cut_and_says_so() {
    let kit = kit().await;
    let body = |aliases: usize| {
        let fields: Vec<_> = (0..aliases).map(|alias| format!("a{alias}: id")).collect();
        let fields = fields.join(" ");
        let query = format!(
            "query($representations: [_Any!]!) {{ _entities(representations: $representations) {{ ... on User {{ {fields} }} }} }}"
        );
        let representations = vec![json!({ "__typename": "User", "id": "USR-1" }); 1000];
        json!({ "query": query, "variables": { "representations": representations } })
    };
    // `is_incomplete` at the end of the message.
    let incomplete = [0x88, 0x02, 1];
    for (aliases, cut) in [(90, false), (110, true)] {
        let answer = send(kit.address, &body(aliases), "ftv1").await;
        let entities = answer["data"]["_entities"].as_array().expect("entities");
        assert!(entities.iter().all(|entity| entity.as_object().is_some_and(|entity| entity.len() == aliases)));
        let trace = STANDARD.decode(answer["extensions"]["ftv1"].as_str().expect("a trace")).expect("base64");
        assert_eq!((trace.ends_with(&incomplete), trace.len() < 6_000_000), (cut, true), "{aliases}: {}", trace.len());
    }
}
