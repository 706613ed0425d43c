//! JSON bodies as text and spans.
//!
//! A body is read once, front to back, into a flat list of tokens that say where each value begins and ends. Nothing
//! is copied out: a value is decoded when somebody asks for it, and most are only ever passed on as they stand. The
//! pass also validates, so whoever holds a [`Tape`] holds well-formed JSON. What the values mean is left to others.

mod decoded;
#[cfg(test)]
mod differential;
mod habit;
mod key;
mod scan;
mod special;
mod text;
mod token;

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use decoded::Decoded;
pub use key::{Key, Keys};
use scan::Scanned;
pub use scan::{MAX_DEPTH, Malformed};
use token::Token;

/// The place of a value on its [`Tape`]. The whole body is at [`ROOT`].
///
/// Lists and objects that are the same, byte for byte, mostly share a place: references to one entity repeat, and what was
/// found out at one of them need not be found out again. The same place is the same text, different places may be too.
///
/// A place is only good for the tape that handed it out; another tape answers nonsense or panics.
pub type At = u32;

/// Where the body's one value is.
pub const ROOT: At = 0;

/// What a JSON value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number, of any size and precision.
    Number,
    /// A string.
    String,
    /// An array.
    List,
    /// An object.
    Object,
}

/// One validated JSON body and the spans of its values.
///
/// The body is held as text rather than bytes so that a string can be lent as `&str` without checking it again.
pub struct Tape {
    body: String,
    tokens: Vec<Token>,
    shares: bool,
    /// The strings that still have escapes, decoded when one of them is asked for.
    decoded: OnceLock<Decoded>,
}

impl Tape {
    /// Reads a body.
    ///
    /// Accepted is what RFC 8259 allows, in UTF-8, with these limits: no byte order mark, no lone surrogates in `\u`
    /// escapes, at most [`MAX_DEPTH`] levels of nesting and `u32::MAX` bytes. Numbers are checked for their grammar,
    /// not for their size.
    ///
    /// Escapes that a string need not have are replaced by the characters that they stand for.
    ///
    /// # Errors
    /// Says where the body stops being JSON.
    pub fn scan(body: impl Into<Vec<u8>>) -> Result<Tape, Malformed> {
        Tape::of(body.into(), true)
    }

    /// The same as [`Tape::scan`], but the body stays as it is and each value has a place of its own.
    ///
    /// # Errors
    /// Says where the body stops being JSON.
    pub fn scan_apart(body: impl Into<Vec<u8>>) -> Result<Tape, Malformed> {
        Tape::of(body.into(), false)
    }

    fn of(body: Vec<u8>, shared: bool) -> Result<Tape, Malformed> {
        let mut body = String::from_utf8(body)
            .map_err(|e| Malformed { offset: e.utf8_error().valid_up_to(), what: "bytes that are not UTF-8" })?;
        let mut scanned = scan::scan(body.as_bytes(), shared)?;
        if scanned.wordy && shared {
            // Read again: bodies of most hosts have none, and reading once would cost them something.
            body = text::without_needless_escapes(&body);
            scanned = scan::scan(body.as_bytes(), shared)?;
        }
        let Scanned { tokens, shares, .. } = scanned;
        Ok(Tape { body, tokens, shares, decoded: OnceLock::new() })
    }

    /// What the value is.
    #[must_use]
    pub fn kind(&self, at: At) -> Json {
        match self.body.as_bytes()[self.token(at).start as usize] {
            b'{' => Json::Object,
            b'[' => Json::List,
            b'"' => Json::String,
            b'n' => Json::Null,
            b't' | b'f' => Json::Bool,
            _ => Json::Number,
        }
    }

    /// The JSON text of the value, quotes and brackets included.
    #[must_use]
    pub fn raw(&self, at: At) -> &[u8] {
        &self.body.as_bytes()[self.token(at).span()]
    }

    /// Where in the body the value begins.
    #[must_use]
    pub fn start(&self, at: At) -> usize {
        self.token(at).start as usize
    }

    /// The same text as [`Tape::raw`].
    #[must_use]
    pub fn json(&self, at: At) -> &str {
        &self.body[self.token(at).span()]
    }

    /// The member `name` of an object, or nothing of anything else. For names that are looked for often there is
    /// [`Tape::find`].
    #[must_use]
    pub fn get(&self, at: At, name: &str) -> Option<At> {
        self.look(at, name, key::hash(name.as_bytes()))
    }

    /// The member with this key of an object, or nothing of anything else.
    ///
    /// Names are compared decoded. When an object repeats a name the FIRST member is found, where `serde_json` keeps
    /// the last: looking on would cost every lookup the rest of the object, and the upstream never repeats one.
    #[must_use]
    pub fn find(&self, at: At, key: &Key) -> Option<At> {
        self.look(at, key.text(), key.hash())
    }

    fn look(&self, at: At, name: &str, hash: u32) -> Option<At> {
        let (mut here, end) = self.inside(at, Json::Object);
        while here < end {
            let token = self.token(here);
            if token.is_name(hash) {
                let span = token.span();
                if same(&self.body.as_bytes()[span.start + 1..span.end - 1], name.as_bytes()) {
                    return Some(self.place(here + 1));
                }
            } else if token.escaped() && text::decode(self.between_quotes(token)) == name {
                return Some(self.place(here + 1));
            }
            here += 1 + self.token(here + 1).tokens();
        }
        None
    }

    /// The elements of a list, in order; none of anything else.
    pub fn items(&self, at: At) -> impl Iterator<Item = At> + '_ {
        let (mut here, end) = self.inside(at, Json::List);
        std::iter::from_fn(move || {
            let item = (here < end).then_some(here)?;
            here += self.token(item).tokens();
            Some(self.place(item))
        })
    }

    /// The members of an object, in order and with repetitions; none of anything else.
    pub fn members(&self, at: At) -> impl Iterator<Item = (Cow<'_, str>, At)> + '_ {
        let (mut here, end) = self.inside(at, Json::Object);
        std::iter::from_fn(move || {
            let key = (here < end).then_some(here)?;
            here += 1 + self.token(key + 1).tokens();
            Some((self.decode(self.token(key)), self.place(key + 1)))
        })
    }

    /// The members of an object that are among these keys, each with what its key stands for, in the object's order.
    pub fn known<'a, T: Copy>(&'a self, at: At, keys: &'a Keys<T>) -> impl Iterator<Item = (T, At)> + 'a {
        let (mut here, end) = self.inside(at, Json::Object);
        let stands_for = |name: At| {
            let token = self.token(name);
            if token.escaped() {
                keys.get(&self.decode(token))
            } else {
                keys.look(token.hash(), self.between_quotes(token))
            }
        };
        std::iter::from_fn(move || {
            while here < end {
                let name = here;
                here += 1 + self.token(name + 1).tokens();
                if let Some(meaning) = stands_for(name) {
                    return Some((meaning, self.place(name + 1)));
                }
            }
            None
        })
    }

    /// Any string, decoded; nothing for other values. For ids and other short texts, which have escapes in odd cases only.
    #[must_use]
    pub fn plain(&self, at: At) -> Option<&str> {
        let token = self.token(at);
        match (self.kind(at), token.escaped()) {
            (Json::String, false) => Some(self.between_quotes(token)),
            (Json::String, true) => self.decoded.get_or_init(|| Decoded::of(self)).get(at),
            _ => None,
        }
    }

    /// Any string, decoded; nothing for other values.
    #[must_use]
    pub fn text(&self, at: At) -> Option<Cow<'_, str>> {
        (self.kind(at) == Json::String).then(|| self.decode(self.token(at)))
    }

    /// Whether the value is `null`.
    #[must_use]
    pub fn is_null(&self, at: At) -> bool {
        self.kind(at) == Json::Null
    }

    /// Whether a place may stand for several values.
    #[must_use]
    pub fn shares(&self) -> bool {
        self.shares
    }

    /// How many places there are: each is below this number.
    #[must_use]
    pub fn places(&self) -> usize {
        self.tokens.len()
    }

    /// The size of the body in bytes.
    #[must_use]
    pub fn len_bytes(&self) -> usize {
        self.body.len()
    }

    /// The place of the value with this token.
    fn place(&self, at: At) -> At {
        self.token(at).first().unwrap_or(at)
    }

    fn token(&self, at: At) -> &Token {
        &self.tokens[at as usize]
    }

    /// The first place inside a container and the first behind it; an empty range if the value is of another kind.
    fn inside(&self, at: At, kind: Json) -> (At, At) {
        if self.kind(at) == kind { (at + 1, at + self.token(at).tokens()) } else { (at, at) }
    }

    fn between_quotes(&self, string: &Token) -> &str {
        let span = string.span();
        &self.body[span.start + 1..span.end - 1]
    }

    fn decode(&self, string: &Token) -> Cow<'_, str> {
        let inner = self.between_quotes(string);
        if string.escaped() { Cow::Owned(text::decode(inner)) } else { Cow::Borrowed(inner) }
    }
}

/// Whether two names are the same; most are so short that calling a comparison takes longer than comparing.
#[inline]
fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match (one.first_chunk::<4>(), other.first_chunk::<4>(), one.last_chunk::<4>(), other.last_chunk::<4>()) {
        (Some(start), Some(other_start), Some(end), Some(other_end)) => {
            start == other_start && end == other_end && (one.len() <= 8 || one[4..] == other[4..])
        }
        _ => one.iter().eq(other),
    }
}

/// Prints the size only: bodies hold personal data and must not reach a log through a `{:?}`.
impl fmt::Debug for Tape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tape")
            .field("bytes", &self.body.len())
            .field("tokens", &self.tokens.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tape(body: &str) -> Tape {
        Tape::scan(body).unwrap()
    }

    #[test]
    fn kinds_and_raw_text() {
        let cases = [
            ("null", Json::Null),
            ("true", Json::Bool),
            ("false", Json::Bool),
            ("-0.5e+3", Json::Number),
            (r#""a\n""#, Json::String),
            ("[1, 2]", Json::List),
            (r#"{"a": [] }"#, Json::Object),
        ];
        for (body, kind) in cases {
            let padded = tape(&format!(" \t{body}\r\n"));
            assert_eq!(padded.kind(ROOT), kind, "{body}");
            assert_eq!(padded.raw(ROOT), body.as_bytes(), "{body}");
            assert_eq!(padded.is_null(ROOT), kind == Json::Null, "{body}");
            assert_eq!(padded.len_bytes(), body.len() + 4);
        }
    }

    #[test]
    fn members_are_found_by_their_decoded_name() {
        let t = tape(r#"{"a":{"id":0},"\u0069d":1,"id":2,"na\"me":[3],"é":4,"":5}"#);
        let raw = |name| t.get(ROOT, name).map(|at| t.json(at));
        assert_eq!(raw("a"), Some(r#"{"id":0}"#));
        assert_eq!(raw("id"), Some("1"), "the first of two");
        assert_eq!(raw("na\"me"), Some("[3]"));
        assert_eq!(raw("é"), Some("4"));
        assert_eq!(raw(""), Some("5"));
        assert_eq!(raw("na\\\"me"), None);
        assert_eq!(raw("i"), None);
        let names: Vec<_> = t.members(ROOT).map(|(name, at)| format!("{name}={}", t.json(at))).collect();
        assert_eq!(names, [r#"a={"id":0}"#, "id=1", "id=2", "na\"me=[3]", "é=4", "=5"]);
    }

    #[test]
    fn items_are_the_direct_elements() {
        let t = tape(r#"[[1,[2]],{"a":[3]},"x",[]]"#);
        let items: Vec<_> = t.items(ROOT).map(|at| t.json(at)).collect();
        assert_eq!(items, ["[1,[2]]", r#"{"a":[3]}"#, "\"x\"", "[]"]);
    }

    #[test]
    fn a_value_of_another_kind_holds_nothing() {
        for body in ["null", "1", r#""a""#, "[]", "{}", r#"["a"]"#] {
            let t = tape(body);
            assert_eq!(t.get(ROOT, "a"), None, "{body}");
            assert_eq!(t.members(ROOT).count(), 0, "{body}");
        }
        for body in ["null", "1", r#""a""#, "[]", "{}", r#"{"a":1}"#] {
            assert_eq!(tape(body).items(ROOT).count(), 0, "{body}");
        }
        for body in ["null", "true", "1", "[\"a\"]", "{}"] {
            assert_eq!(tape(body).text(ROOT), None, "{body}");
            assert_eq!(tape(body).plain(ROOT), None, "{body}");
        }
    }

    #[test]
    fn strings_are_lent_when_they_can_be() {
        let plain = tape("\"Zoë\"");
        assert_eq!(plain.plain(ROOT), Some("Zoë"));
        assert!(matches!(plain.text(ROOT), Some(Cow::Borrowed("Zoë"))));
        let needless = tape(r#""Zo\u00eb""#);
        assert_eq!((needless.plain(ROOT), needless.json(ROOT)), (Some("Zoë"), "\"Zoë\""));
        let escaped = tape(r#"["\"a\"@b.c",{"b\n":"c\\","d":"\t"},"e",["\n"],["\n"]]"#);
        let texts: Vec<_> = escaped.items(ROOT).filter_map(|at| escaped.plain(at)).collect();
        assert_eq!(texts, ["\"a\"@b.c", "e"]);
        let inner = escaped.items(ROOT).nth(1).unwrap();
        let texts: Vec<_> = escaped.members(inner).map(|(name, at)| (name, escaped.plain(at))).collect();
        assert_eq!(texts, [("b\n".into(), Some("c\\")), ("d".into(), Some("\t"))]);
        assert_eq!(
            escaped.items(escaped.items(ROOT).nth(4).unwrap()).next().and_then(|at| escaped.plain(at)),
            Some("\n")
        );
        let kept = Tape::scan_apart(r#""Zo\u00eb""#).unwrap();
        assert_eq!((kept.plain(ROOT), kept.json(ROOT)), (Some("Zoë"), r#""Zo\u00eb""#));
    }

    #[test]
    fn what_is_the_same_has_the_same_place() {
        let module = r#"{"id":"MOD-0478-0001","name":"Auditing","tags":["a","b"]}"#;
        let many = [module; 20].join(",");
        let body = format!(r#"{{"one":[{many}],"two":[{module},{{"id":"MOD-0478-0001"}}],"last":1}}"#);
        let places = |t: &Tape| {
            let lists = ["one", "two"].map(|name| t.items(t.get(ROOT, name).unwrap()).collect::<Vec<_>>());
            lists.concat()
        };
        let (shared, apart) = (tape(&body), Tape::scan_apart(&*body).unwrap());
        let [same @ .., other] = &places(&shared)[..] else { panic!("21 and another") };
        assert!(same.len() == 21 && same.iter().all(|place| *place == same[0]) && *other != same[0]);
        assert_eq!(shared.get(same[20], "tags").map(|at| shared.json(at)), Some(r#"["a","b"]"#));
        assert_eq!(shared.get(ROOT, "last").map(|at| shared.json(at)), Some("1"));
        let starts: Vec<_> = places(&apart).iter().map(|at| apart.start(*at)).collect();
        assert!(starts.is_sorted() && starts.windows(2).all(|pair| pair[0] + module.len() < pair[1]), "{starts:?}");
        assert!(shared.places() < apart.places());
        assert!(shared.shares() && !apart.shares());
    }

    #[test]
    fn debug_output_shows_no_content() {
        assert_eq!(format!("{:?}", tape(r#"{"email":"a@b.c"}"#)), "Tape { bytes: 17, tokens: 3, .. }");
    }
}
