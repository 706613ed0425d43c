//! The schema of the subgraph: the plain one, line by line, with the directives that the table of
//! [`super::federation::keys`] has for its types and fields.

use super::{
    arguments::{DEFAULT_PAGE, EMBEDDED_PAGE},
    federation::keys::{
        self, CACHING, CACHING_DEFINITIONS, DIRECTIVES, IMPORTS, KEYS, NULLABILITY, TOKEN_NEEDED, VERSION,
    },
    printed,
    sizes::Sizes,
};
use crate::{
    entity::kind::Kind,
    graph::names::CONNECTION,
    upstream::marketplace::{
        detail,
        relation::{self, RELATIONS, Strategy},
    },
};
use std::fmt::Write;

/// The schema with the directives of federation. With `authenticated` it says that everything needs a token: for routers
/// that know who calls, since others answer nothing then, or do not start.
#[must_use]
pub fn sdl(authenticated: bool) -> String {
    let needs_token = authenticated.then_some(TOKEN_NEEDED);
    let imports: Vec<_> = IMPORTS.iter().copied().chain(needs_token).map(|name| format!("\"{name}\"")).collect();
    let mut out = format!(
        "extend schema @link(url: \"https://specs.apollo.dev/federation/{VERSION}\", import: [{}])\n{NULLABILITY}\n\
         {CACHING_DEFINITIONS}\n",
        imports.join(", ")
    );
    let plain = printed::sdl();
    let (mut ty, mut field, mut in_text) = ("", "", false);
    for line in plain.lines() {
        let was_in_text = in_text;
        in_text ^= opens_or_closes_text(line);
        let written = if in_text || was_in_text {
            None
        } else if let Some(rest) = line.strip_prefix("type ") {
            ty = name(rest);
            line.strip_suffix(" {").map(|head| format!("{head}{} {{", of_type(ty, needs_token)))
        } else if line.starts_with('}') {
            ty = "";
            None
        } else {
            let inner = line.strip_prefix("  ").filter(|inner| !ty.is_empty() && !inner.starts_with([' ', '"', '}']));
            // A field's name and its type are on two lines when it has arguments.
            if let Some(inner) = inner.filter(|inner| !inner.starts_with(')')) {
                field = name(inner);
            }
            let of = inner.and_then(|inner| inner.split(" @").next()?.rsplit_once(": ")).map(|(_, of)| of);
            of.map(|of| format!("{line}{}", of_field(ty, field, of, needs_token)))
        };
        out.push_str(written.as_deref().unwrap_or(line));
        out.push('\n');
    }
    out
}

fn opens_or_closes_text(line: &str) -> bool {
    line.matches("\"\"\"").count() % 2 == 1
}

/// The name that a line begins with.
fn name(line: &str) -> &str {
    line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default()
}

fn is_root(ty: &str) -> bool {
    matches!(ty, "Query" | "Mutation")
}

fn in_table<'a>(ty: &'a str, field: &'a str) -> impl Iterator<Item = &'static str> + use<'a> {
    let applies = move |(of, at, _): &&(&str, &str, &'static str)| *of == ty && *at == field;
    DIRECTIVES.iter().filter(applies).map(|(_, _, directive)| *directive)
}

fn of_type(ty: &str, needs_token: Option<&'static str>) -> String {
    let mut out = String::new();
    let mut is_entity = false;
    for key in KEYS.iter().filter(|key| key.kind.type_name() == ty) {
        is_entity = true;
        let _ = write!(out, " @key(fields: \"{}\")", key.by.fields());
    }
    let caching = (is_entity || is_root(ty)).then_some(CACHING);
    for directive in in_table(ty, "").chain(caching).chain(needs_token.filter(|_| is_entity)) {
        let _ = write!(out, " {directive}");
    }
    out
}

fn of_field(ty: &str, field: &str, of: &str, needs_token: Option<&'static str>) -> String {
    let named = of.trim_matches(['[', ']', '!']);
    let connected = named.strip_suffix(CONNECTION).and_then(Kind::of_type);
    let of_entities = Kind::of_type(named).is_some() || named == "Node";
    let is_list = of.starts_with('[') && of_entities && !ty.ends_with(CONNECTION);
    let mut directives: Vec<String> = in_table(ty, field).map(str::to_owned).collect();
    let (holder, sizes) = (Kind::of_type(ty), Sizes::default());
    let detailed = holder.is_some_and(|holder| detail::of(holder, field).is_some());
    let asked = holder.and_then(|holder| relation::of(holder, field));
    let asked = is_root(ty) || asked.is_some_and(|place| RELATIONS[place].used == Strategy::Connection);
    directives.extend((asked || detailed).then(keys::request_cost));
    let default = if asked { DEFAULT_PAGE } else { EMBEDDED_PAGE };
    directives.extend(connected.map(|_| keys::connection_size(holder, field, default, &sizes)));
    directives.extend(is_list.then(|| keys::list_size(holder, field, &sizes)));
    directives.extend(needs_token.filter(|_| is_root(ty)).map(str::to_owned));
    directives.iter().fold(String::new(), |out, directive| out + " " + directive)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line<'a>(sdl: &'a str, begins: &str) -> &'a str {
        sdl.lines().find(|line| line.starts_with(begins)).unwrap_or_else(|| panic!("no line begins {begins:?}"))
    }

    #[test]
    fn types_and_fields_have_what_the_table_says() {
        let sdl = sdl(false);
        let caching = CACHING;
        for (begins, expected) in [
            (
                "type User ",
                format!("type User implements Actor & Node @key(fields: \"id\") @key(fields: \"email\") {caching} {{"),
            ),
            (
                "type AccountUser ",
                format!(
                    "type AccountUser implements Node @key(fields: \"id\") \
                     @key(fields: \"user {{ id }} account {{ id }}\") {caching} {{"
                ),
            ),
            ("type PageInfo ", "type PageInfo @shareable {".to_owned()),
            ("type Query ", format!("type Query {caching} {{")),
            ("  modules: [Module!]", "  modules: [Module!] @listSize(assumedSize: 15)".to_owned()),
            ("  sso: ", format!("  sso: SsoStatus {}", keys::request_cost())),
            ("  nodes: [User!]", "  nodes: [User!]!".to_owned()),
        ] {
            assert_eq!(line(&sdl, begins), expected);
        }
    }

    #[test]
    fn without_the_directives_it_is_the_plain_schema() {
        let sdl = sdl(true);
        let (_, schema) = sdl.split_once(CACHING_DEFINITIONS).expect("the definitions");
        let bare = |text: &str| {
            text.lines()
                .map(|line| line.split(" @").next().unwrap_or_default().trim_end_matches(" {").to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(bare(schema.trim_start()), bare(&printed::sdl()));
    }
}
