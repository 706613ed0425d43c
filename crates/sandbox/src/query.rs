//! The query string: reserved keys, and the filter that is made of everything else.

use percent_encoding::percent_decode_str;

use super::problem::Problem;

const DEFAULT_LIMIT: usize = 10;

/// The parts of a query string. How many rows a page has at most is not its business.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Query {
    pub(crate) filter: Option<String>,
    pub(crate) select: Option<String>,
    pub(crate) order: Option<String>,
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

impl Query {
    /// Splits at the raw `&`, each part at its first `=`, and keeps the first value of a repeated key. That is how
    /// the upstream does it, and why two filters that read the same up to their first `=` lose one.
    pub(crate) fn parse(raw: &str) -> Result<Query, Problem> {
        let mut parts: Vec<(String, Option<String>)> = Vec::new();
        for segment in raw.split('&').filter(|segment| !segment.is_empty()) {
            let (key, value) = segment.split_once('=').map_or((segment, None), |(key, value)| (key, Some(value)));
            let key = decode(key);
            if !parts.iter().any(|(known, _)| *known == key) {
                parts.push((key, value.map(decode)));
            }
        }
        let mut query = Query { limit: DEFAULT_LIMIT, ..Query::default() };
        let mut filter: Vec<String> = Vec::new();
        for (key, value) in parts {
            match (key.as_str(), value) {
                ("select", value) => query.select = value,
                ("order", value) => query.order = Some(value.unwrap_or_default()),
                ("limit", value) => query.limit = number("limit", value)?,
                ("offset", value) => query.offset = number("offset", value)?,
                ("rql", _) => return Err(Problem::mistake("Invalid equals shortcut expression")),
                (_, Some(value)) => filter.push(format!("{key}={value}")),
                (_, None) => filter.push(key),
            }
        }
        if !filter.is_empty() {
            query.filter = Some(filter.join("&"));
        }
        Ok(query)
    }
}

fn number(key: &'static str, value: Option<String>) -> Result<usize, Problem> {
    let value = value.unwrap_or_default();
    value.parse().map_err(|_| Problem::invalid(key, &format!("Cannot convert value: '{value}'.")))
}

/// Form decoding: a raw plus is a space.
fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::Query;

    #[test]
    fn filters_are_what_no_key_reserves() {
        let query = Query::parse("eq(name,%22a%3Db%22)&select=%2Ba,b&status=%22x%22&limit=500").expect("valid");
        assert_eq!(query.filter.as_deref(), Some("eq(name,\"a=b\")&status=\"x\""));
        assert_eq!(query.select.as_deref(), Some("+a,b"));
        assert_eq!((query.limit, query.offset), (500, 0));
    }

    #[test]
    fn a_repeated_key_keeps_its_first_value() {
        let query = Query::parse("any(groups,id=%22A%22)&any(groups,id=%22B%22)&limit=1&limit=2").expect("valid");
        assert_eq!(query.filter.as_deref(), Some("any(groups,id=\"A\")"));
        assert_eq!(query.limit, 1);
    }
}
