//! Queries that reach ten times as many entities as the one before.

use std::fmt::Write;

/// What is asked of each user: what its row tells, and what is asked of others for all users together.
pub(crate) const FAMILIES: [&str; 2] = ["rows", "joined"];
/// How many users, and how often they are asked for in the short and in the long run.
pub(crate) const SIZES: [(usize, u32, u32); 3] = [(100, 10, 40), (1_000, 3, 9), (10_000, 2, 4)];
/// How many times the instructions ten times the entities may take.
pub(crate) const MOST: u64 = 11;

/// The most rows of a page.
const PAGE: usize = 100;

/// The query of a family and a size: `joined-1000`.
pub(crate) fn query(name: &str) -> Option<String> {
    let (family, size) = name.split_once('-')?;
    let selection = match family {
        "rows" => "id name email status revision settings { cultureCode languageCode }",
        "joined" => "name currentAccount { name website } groups { nodes { name } }",
        _ => return None,
    };
    let mut query = "{".to_owned();
    for page in 0..size.parse::<usize>().ok()? / PAGE {
        let offset = page * PAGE;
        let _ = write!(query, " p{page}: users(first: {PAGE}, offset: {offset}) {{ nodes {{ {selection} }} }}");
    }
    query.push_str(" }");
    Some(query)
}
