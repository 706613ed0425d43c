//! One flat scan over the text of a document, by the lexical rules of GraphQL.

use super::MAX_NAME;

/// What a text has too much of.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Excess {
    /// Brackets in brackets.
    Nesting,
    /// Names, numbers, strings and punctuation.
    Tokens,
    /// Letters, in a name.
    Name,
}

/// Counts tokens, open brackets and the letters of each name until there are too many.
pub(super) fn scan(text: &[u8], nesting: usize, tokens: usize) -> Result<(), Excess> {
    let (mut at, mut depth, mut count) = (0, 0_usize, 0_usize);
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => continue,
            b'#' => {
                at += line(&text[at..]);
                continue;
            }
            b'{' | b'[' | b'(' => {
                depth += 1;
                if depth > nesting {
                    return Err(Excess::Nesting);
                }
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'"' if text[at..].starts_with(b"\"\"") => at += block_string(&text[at..]),
            b'"' => at += string(&text[at..]),
            b'.' => at += run(&text[at..], |byte| byte == b'.'),
            b'-' | b'0'..=b'9' => at += run(&text[at..], |byte| is_name(byte) || matches!(byte, b'.' | b'+' | b'-')),
            _ if is_name(byte) => {
                let rest = run(&text[at..], is_name);
                if rest >= MAX_NAME {
                    return Err(Excess::Name);
                }
                at += rest;
            }
            _ => {}
        }
        count += 1;
        if count > tokens {
            return Err(Excess::Tokens);
        }
    }
    Ok(())
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(text: &[u8], belongs: impl Fn(u8) -> bool) -> usize {
    text.iter().position(|byte| !belongs(*byte)).unwrap_or(text.len())
}

/// The length of the rest of a line.
fn line(text: &[u8]) -> usize {
    run(text, |byte| !matches!(byte, b'\n' | b'\r'))
}

/// The length of the rest of a string, which a line's end ends as well: there the parser stops.
fn string(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'\\' => at += 1,
            b'"' | b'\n' | b'\r' => break,
            _ => {}
        }
    }
    at.min(text.len())
}

/// The length of the rest of a block string, from its second quote on; an empty string is over with that quote.
fn block_string(text: &[u8]) -> usize {
    if !text.starts_with(b"\"\"") {
        return 1;
    }
    let mut at = 2;
    while at < text.len() {
        if text[at..].starts_with(b"\\\"\"\"") {
            at += 4;
        } else if text[at..].starts_with(b"\"\"\"") {
            return at + 3;
        } else {
            at += 1;
        }
    }
    at
}
