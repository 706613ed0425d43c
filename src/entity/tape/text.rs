//! String escapes: decoding, and leaving out those that a body need not have.

use memchr::memchr;

/// Whether a character cannot stand in a JSON string as it is.
pub(super) fn needs_escape(letter: char) -> bool {
    matches!(letter, '"' | '\\' | '\0'..='\u{1F}')
}

/// A well-formed body without the escapes that it need not have. Encoders for web pages write `\u0027` for `'`, and some
/// write `\/` for `/`; afterwards a text has one spelling, so it can be compared as bytes.
pub(super) fn without_needless_escapes(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    // A well-formed body has backslashes in strings only.
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let (decoded, length) = escape(&rest[at..]);
        if needs_escape(decoded) {
            text.push_str(&rest[at..at + length]);
        } else {
            text.push(decoded);
        }
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text
}

/// The text that `inner`, the validated inside of a JSON string, stands for.
pub(super) fn decode(inner: &str) -> String {
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr(b'\\', rest.as_bytes()) {
        text.push_str(&rest[..at]);
        let (decoded, length) = escape(&rest[at..]);
        text.push(decoded);
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    text
}

/// The character that `escaped` begins with and the length of its escape.
fn escape(escaped: &str) -> (char, usize) {
    let simple = match escaped.as_bytes()[1] {
        b'b' => '\u{8}',
        b'f' => '\u{C}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(escaped),
        same => char::from(same),
    };
    (simple, 2)
}

fn unicode(escaped: &str) -> (char, usize) {
    // The scan admitted pairs of surrogates only, so that nothing is ever replaced here.
    let unit = |from: usize| escaped.get(from..from + 4).and_then(|hex| u32::from_str_radix(hex, 16).ok());
    let first = unit(2).unwrap_or_default();
    let (code, length) = match (first, unit(8)) {
        (0xD800..=0xDBFF, Some(second)) => (0x1_0000 + ((first & 0x3FF) << 10 | second & 0x3FF), 12),
        _ => (first, 6),
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_the_characters_they_stand_for() {
        let cases = [
            ("", ""),
            ("plain", "plain"),
            (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{C}\n\r\t"),
            (r"a\u0041b", "aAb"),
            (r"\u00e9\u00E9", "éé"),
            (r"\u0000", "\0"),
            (r"\uD83D\uDE00!", "😀!"),
            (r"\ud83d\ude00\ud83d\ude00", "😀😀"),
            (r"\u0041Z\\u0042", r"AZ\u0042"),
            (r"Zoë \u2013 end\\", "Zoë – end\\"),
            (r"\uFFFF", "\u{FFFF}"),
        ];
        for (inner, text) in cases {
            assert_eq!(decode(inner), text, "{inner}");
        }
    }

    #[test]
    fn only_escapes_that_are_needed_stay() {
        for (body, kept) in [
            (r#"{"a\u0062":"o\u0027neil\u002Bx\u0040y.com"}"#, r#"{"ab":"o'neil+x@y.com"}"#),
            (r#"["\/v1\/x","\\u0027","\\\u0027"]"#, r#"["/v1/x","\\u0027","\\'"]"#),
            (r#""\"\u0022\u005c\n\u000A\u0000""#, r#""\"\u0022\u005c\n\u000A\u0000""#),
            (r#""\u00eb\uD83D\uDE00\u2028\u007f""#, "\"\u{eb}\u{1f600}\u{2028}\u{7f}\""),
            ("[1, \"a\"]", "[1, \"a\"]"),
        ] {
            assert_eq!(without_needless_escapes(body), kept, "{body}");
        }
    }
}
