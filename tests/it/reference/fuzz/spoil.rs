//! Ways to spoil an answer without knowing what it says: bytes, status, headers.

use super::upstream::Reply;
use crate::reference::luck::Luck;

/// What is inserted anywhere.
const SCRAPS: [&[u8]; 36] = [
    b"\0",
    b"\xff",
    b"\xfe\xff",
    b"\xed\xa0\x80",
    b"\xc0\xaf",
    b"\xf4\x90\x80\x80",
    b"\xe2\x82",
    b"\xef\xbb\xbf",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"\n",
    b"\x1f",
    b"\xe2\x80\xa8",
    b"\\u0000",
    b"\\ud800",
    b"\\udfff",
    b"\\ud83d\\ude00",
    b"\\u12",
    b"\\x",
    b"1e999",
    b"-",
    b"NaN",
    b"//",
    b",,",
    b"{}",
    b"[]",
    b"\"a\":1,",
    b"\"[Circular Reference]\"",
    b"\x7f\x80\x81",
];
/// What stands in the place of a number.
const NUMBERS: [&str; 14] = [
    "1e999",
    "-1e-999",
    "99999999999999999999999999",
    "-0",
    "0.5",
    "2147483647",
    "2147483648",
    "-2147483649",
    "18446744073709551616",
    "1E2",
    "01",
    "+1",
    "-1",
    "0",
];
/// What stands in the place of a text.
const TEXTS: [&str; 13] = [
    r#""\ud800""#,
    r#""\udc00\ud800""#,
    r#""\u0000""#,
    r#""[Circular Reference]""#,
    r#""\u005bCircular Reference]""#,
    r#""\"},{""#,
    r#""\uD83D\uDE00\u00e9""#,
    "\"\"",
    "null",
    "7",
    "[]",
    "{}",
    "true",
];
/// What a body says twice.
const MEMBERS: [&str; 12] = [
    r#""id":"USR-0000-0001","#,
    r#""id":null,"#,
    r#""\u0069d":"ACC-0000-0002","#,
    r#""name":{},"#,
    r#""data":[],"#,
    r#""data":[{"id":"USR-0000-0001"}],"#,
    r#""$meta":7,"#,
    r#""$meta":{"omitted":["name","groups",7]},"#,
    r#""account":"ACC-0000-0001","#,
    r#""user":[{"id":"USR-0000-0001"}],"#,
    r#""groups":{"id":"UGR-0000-0001"},"#,
    r#""":"","#,
];
/// What stands in the place of a body.
const BODIES: [&[u8]; 14] = [
    b"",
    b" ",
    b"null",
    b"[]",
    b"{}",
    b"\"x\"",
    b"0",
    b"[[[]]]",
    b"{\"data\":[]}",
    b"{\"data\":[null]}",
    b"\x1f\x8b\x08\0",
    b"{\"data\":[{}],\"$meta\":{\"pagination\":{\"total\":1}}}",
    b"\xff\xfe{\0}\0",
    b"<html></html>",
];
const CONTENT_TYPES: [&[u8]; 7] = [
    b"text/html",
    b"text/plain",
    b"application/xml",
    b"application/problem+json",
    b"\xff\xfe",
    b"",
    b"application/json; charset=utf-16",
];
const STATUSES: [u16; 16] = [200, 201, 202, 204, 206, 299, 302, 304, 400, 401, 404, 408, 410, 429, 500, 503];
/// Where pages are counted.
const COUNTS: [&str; 3] = ["\"total\":", "\"limit\":", "\"offset\":"];

/// Spoils an answer in one way.
pub(super) fn spoil(reply: &mut Reply, luck: &mut Luck) {
    let length = reply.body.len();
    let body = &mut reply.body;
    match luck.below(24) {
        0..3 => {
            for _ in 0..=luck.below(4) {
                if let Some(byte) = body.get_mut(luck.below(length)) {
                    *byte ^= 1 << luck.below(8);
                }
            }
        }
        3 => body.truncate(luck.below(length)),
        4 | 5 => {
            let part = part(luck, length);
            body.drain(part);
        }
        6 | 7 => {
            let copy = body[part(luck, length)].to_vec();
            insert(body, luck.below(length), &copy);
        }
        8..11 => insert(body, luck.below(length), luck.pick(&SCRAPS).expect("a scrap")),
        11 | 12 => {
            let start = next(body, luck.below(length), |byte| byte.is_ascii_digit());
            let end = next(body, start, |byte| !byte.is_ascii_digit());
            body.splice(start..end, luck.pick(&NUMBERS).expect("a number").bytes());
        }
        13..16 => {
            let start = next(body, luck.below(length), |byte| byte == b'"');
            let end = next(body, start + 1, |byte| byte == b'"');
            let end = (end + 1).min(body.len());
            body.splice(start.min(end)..end, luck.pick(&TEXTS).expect("a text").bytes());
        }
        16 | 17 => {
            let place = next(body, luck.below(length), |byte| byte == b'{') + 1;
            insert(body, place, luck.pick(&MEMBERS).expect("a member").as_bytes());
        }
        18 => {
            let depth = [5, 100, 127, 128, 129, 100_000][luck.below(6)];
            let (open, close) = if luck.chance(50) { ("[", "]") } else { ("{\"a\":", "}") };
            let place = next(body, luck.below(length), |byte| byte == b':') + 1;
            insert(body, place, format!("{}0{},\"z\":", open.repeat(depth), close.repeat(depth)).as_bytes());
        }
        19 => {
            let name = luck.pick(&COUNTS).expect("a count").as_bytes();
            if let Some(place) = body.windows(name.len()).position(|part| part == name) {
                let start = place + name.len();
                let end = next(body, start, |byte| !byte.is_ascii_digit());
                body.splice(start..end, luck.pick(&NUMBERS).expect("a number").bytes());
            }
        }
        20 => reply.content_type = luck.pick(&CONTENT_TYPES).copied().filter(|bytes| !bytes.is_empty()),
        21 => reply.status = *luck.pick(&STATUSES).expect("a status"),
        22 => *body = luck.pick(&BODIES).expect("a body").to_vec(),
        _ => reply.cut = true,
    }
}

/// Some bytes of a body; mostly few.
fn part(luck: &mut Luck, length: usize) -> std::ops::Range<usize> {
    let start = luck.below(length);
    let most = if luck.chance(70) { 40 } else { length };
    let end = (start + 1 + luck.below(most)).min(length);
    start.min(end)..end
}

/// The first place from here on that is so; the end if none is.
fn next(body: &[u8], from: usize, is: impl Fn(u8) -> bool) -> usize {
    let from = from.min(body.len());
    body[from..].iter().position(|byte| is(*byte)).map_or(body.len(), |place| from + place)
}

fn insert(body: &mut Vec<u8>, place: usize, bytes: &[u8]) {
    let place = place.min(body.len());
    body.splice(place..place, bytes.iter().copied());
}
