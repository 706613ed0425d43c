//! The values of strings and block strings.

use std::borrow::Cow;

/// Why a string cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken {
    /// The byte, from the first quote on, that is wrong.
    pub(super) at: usize,
    pub(super) why: String,
}

fn broken<T>(at: usize, why: impl Into<String>) -> Result<T, Broken> {
    Err(Broken { at, why: why.into() })
}

/// The value of a string that starts with a quote, and how many bytes it takes.
pub(super) fn quoted(text: &str) -> Result<(Cow<'_, str>, usize), Broken> {
    let bytes = text.as_bytes();
    let mut value = Cow::Borrowed("");
    let (mut at, mut plain) = (1, 1);
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                append(&mut value, &text[plain..at]);
                return Ok((value, at + 1));
            }
            None | Some(b'\n' | b'\r') => return broken(at, "Unterminated string."),
            Some(b'\\') => {
                append(&mut value, &text[plain..at]);
                let (found, length) = escape(text, at)?;
                value.to_mut().push(found);
                at += length;
                plain = at;
            }
            Some(_) => at += 1,
        }
    }
}

fn append<'a>(value: &mut Cow<'a, str>, part: &'a str) {
    if value.is_empty() {
        *value = Cow::Borrowed(part);
    } else if !part.is_empty() {
        value.to_mut().push_str(part);
    }
}

/// The character that an escape sequence at a byte stands for, and its length.
fn escape(text: &str, at: usize) -> Result<(char, usize), Broken> {
    let found = match text.as_bytes().get(at + 1) {
        Some(b'"') => '"',
        Some(b'\\') => '\\',
        Some(b'/') => '/',
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') if text.as_bytes().get(at + 2) == Some(&b'{') => return braced(text, at),
        Some(b'u') => return fixed(text, at),
        _ => {
            let found = text[at + 1..].chars().next().map_or(String::new(), |found| found.to_string());
            return broken(at, format!("Invalid character escape sequence: \"\\{}\".", found.escape_debug()));
        }
    };
    Ok((found, 2))
}

fn no_escape<T>(at: usize) -> Result<T, Broken> {
    broken(at, "Invalid Unicode escape sequence.")
}

/// `\u{1F600}`: any number of digits.
fn braced(text: &str, at: usize) -> Result<(char, usize), Broken> {
    let digits = &text[at + 3..];
    let Some(length) = digits.bytes().position(|byte| !byte.is_ascii_hexdigit()) else { return no_escape(at) };
    if length == 0 || digits.as_bytes()[length] != b'}' {
        return no_escape(at);
    }
    let significant = digits[..length].trim_start_matches('0');
    let code = if significant.is_empty() { Ok(0) } else { u32::from_str_radix(significant, 16) };
    code.ok().and_then(char::from_u32).map_or_else(|| no_escape(at), |found| Ok((found, length + 4)))
}

/// `\u00E9`, or two of them that are a surrogate pair.
fn fixed(text: &str, at: usize) -> Result<(char, usize), Broken> {
    let unit = |at: usize| {
        let digits = text.as_bytes().get(at..at + 6).filter(|unit| unit.starts_with(b"\\u"))?;
        let digits = std::str::from_utf8(&digits[2..]).ok()?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(at) else { return no_escape(at) };
    let second = if (0xd800..0xdc00).contains(&first) { unit(at + 6) } else { None };
    match char::decode_utf16([Some(first), second].into_iter().flatten()).next() {
        Some(Ok(found)) => Ok((found, if second.is_some() { 12 } else { 6 })),
        _ => no_escape(at),
    }
}

/// The value of a block string that starts with three quotes, and how many bytes it takes.
pub(super) fn block(text: &str) -> Result<(Cow<'_, str>, usize), Broken> {
    let bytes = text.as_bytes();
    let mut at = 3;
    loop {
        let Some(quote) = memchr::memchr(b'"', &bytes[at..]) else {
            return broken(text.len(), "Unterminated string.");
        };
        at += quote;
        if !bytes[at..].starts_with(b"\"\"\"") {
            at += 1;
        } else if bytes[at - 1] == b'\\' && at > 3 {
            at += 3;
        } else {
            return Ok((Cow::Owned(dedented(&text[3..at])), at + 3));
        }
    }
}

/// Without the indentation that all lines but the first have, and without blank lines around.
fn dedented(raw: &str) -> String {
    let raw = raw.replace("\\\"\"\"", "\"\"\"").replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = raw.split('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let is_blank = |line: &&str| indent(line) == line.len();
    let common = lines.iter().skip(1).filter(|line| !is_blank(line)).map(|line| indent(line)).min().unwrap_or(0);
    let Some(first) = lines.iter().position(|line| !is_blank(line)) else { return String::new() };
    let last = lines.iter().rposition(|line| !is_blank(line)).unwrap_or(first);
    let line = |place: usize| if place == 0 { lines[0] } else { &lines[place][common.min(lines[place].len())..] };
    (first..=last).map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_stand_for_one_character_each() {
        for (text, value) in [
            (r#""""#, ""),
            (r#""plain ü""#, "plain ü"),
            (r#""a\"\\\/\b\f\n\r\tz""#, "a\"\\/\u{8}\u{c}\n\r\tz"),
            (r#""\u00e9\u00E9""#, "éé"),
            (r#""\uD83D\uDE00!""#, "😀!"),
            (r#""\u{1F600}\u{0}\u{000000000041}""#, "😀\0A"),
        ] {
            assert_eq!(quoted(text), Ok((Cow::Borrowed(value), text.len())), "{text}");
        }
    }

    #[test]
    fn broken_strings_are_refused_where_they_break() {
        for (text, at) in [
            ("\"a", 2),
            ("\"a\nb\"", 2),
            (r#""a\x""#, 2),
            (r#""a\u12""#, 2),
            (r#""a\u12G4""#, 2),
            (r#""a\uD83D""#, 2),
            (r#""a\uD83Dx""#, 2),
            (r#""a\uD83D\uD83D""#, 2),
            (r#""a\uDE00\uD83D""#, 2),
            (r#""a\uD83D\u{DE00}""#, 2),
            (r#""a\u{D83D}""#, 2),
            (r#""a\u{}""#, 2),
            (r#""a\u{110000}""#, 2),
            (r#""a\u{FFFFFFFFFFFF}""#, 2),
            (r#""a\u{12""#, 2),
            (r#""a\u{"#, 2),
            (r#""a\"#, 2),
        ] {
            assert_eq!(quoted(text).map_err(|broken| broken.at), Err(at), "{text}");
        }
    }

    #[test]
    fn block_strings_lose_common_indentation_and_blank_ends() {
        for (text, value) in [
            ("\"\"\"\"\"\"", ""),
            ("\"\"\"a\"\"\"", "a"),
            ("\"\"\"\n  a\n    b\r\n\r\n  c\r\n  \"\"\"", "a\n  b\n\nc"),
            ("\"\"\"  a\n   b\"\"\"", "  a\nb"),
            ("\"\"\"a \\\"\"\" \\u0041 \" \"\"\"", "a \"\"\" \\u0041 \" "),
            ("\"\"\" \n\t\n \"\"\"", ""),
        ] {
            assert_eq!(block(text), Ok((Cow::Borrowed(value), text.len())), "{text}");
        }
        assert!(block("\"\"\"a\\\"\"\"").is_err());
        assert!(block("\"\"\"a\"\"").is_err());
    }
}
