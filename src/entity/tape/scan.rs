//! The pass over a body: validates and records spans. The hot path of the gateway.

mod plain;

use super::habit::{BODY, Habits, MemberId, NONE, Seen};
use super::key::hash;
use super::token::{MARK, Token, narrow};

/// How deep lists and objects may nest.
pub const MAX_DEPTH: usize = 128;

/// Where and why a body is not JSON. Carries nothing of the body itself, so it may be logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("malformed JSON: {what} at byte {offset}")]
pub struct Malformed {
    /// The byte at which reading stopped.
    pub offset: usize,
    /// What was found or missed there.
    pub what: &'static str,
}

fn malformed<T>(offset: usize, what: &'static str) -> Result<T, Malformed> {
    Err(Malformed { offset, what })
}

/// What the pass over a body found.
pub(super) struct Scanned {
    pub(super) tokens: Vec<Token>,
    /// Whether a container was repeated, so that places stand for several values.
    pub(super) shares: bool,
    /// Whether a string escapes what it need not escape.
    pub(super) wordy: bool,
}

/// Reads `body`, which has to be UTF-8 already: strings are not checked for it again. `shared`: a repeated container has
/// the place of the first one.
pub(super) fn scan(body: &[u8], shared: bool) -> Result<Scanned, Malformed> {
    if u32::try_from(body.len()).is_err() {
        return malformed(u32::MAX as usize, "more than 4 GiB");
    }
    let mut scan = Scan::new(body, shared);
    scan.document()?;
    Ok(Scanned { tokens: scan.tokens, shares: scan.shares, wordy: scan.wordy })
}

/// A list or object that the scan is in.
#[derive(Clone, Copy)]
struct Container {
    token: u32,
    object: bool,
    /// Where it is looked for when it comes again.
    slot: u16,
    /// The member whose value it is or is in.
    holder: MemberId,
}

struct Scan<'a> {
    body: &'a [u8],
    at: usize,
    tokens: Vec<Token>,
    /// The containers we are in, outermost first. A stack of its own rather than recursion: the depth of a body is the
    /// sender's choice, the size of our call stack is not.
    open: [Container; MAX_DEPTH],
    depth: usize,
    /// How many lists are among them.
    lists: usize,
    habits: Habits,
    seen: Seen,
    shared: bool,
    shares: bool,
    wordy: bool,
    /// The member whose value we are in.
    member: MemberId,
}

impl<'a> Scan<'a> {
    fn new(body: &'a [u8], shared: bool) -> Self {
        Scan {
            body,
            at: 0,
            // Bodies of the accounts API have 9 to 12 bytes a token; growing the list once is dearer than a few spare entries.
            tokens: Vec::with_capacity(body.len() / 8 + 1),
            open: [Container { token: 0, object: false, slot: 0, holder: NONE }; MAX_DEPTH],
            depth: 0,
            lists: 0,
            habits: Habits::new(),
            seen: Seen::new(body.len()),
            shared,
            shares: false,
            wordy: false,
            member: BODY,
        }
    }

    fn document(&mut self) -> Result<(), Malformed> {
        self.white();
        loop {
            // An opened container with something in it goes on with its first value, anything else is complete.
            let opened = self.value()?;
            if !opened && !self.separator()? {
                break;
            }
        }
        if self.at < self.body.len() { malformed(self.at, "something behind the value") } else { Ok(()) }
    }

    /// Reads a scalar or an empty container, or enters a container up to its first value: then the answer is true.
    fn value(&mut self) -> Result<bool, Malformed> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => {
                let escaped = self.string()?;
                self.push(start, if escaped { MARK } else { 1 });
            }
            Some(opening @ (b'{' | b'[')) => {
                let slot = self.seen.slot(self.body, start);
                if !self.repeated(slot) {
                    return self.enter(opening == b'{', slot);
                }
            }
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                self.push(start, 1);
            }
            Some(b't') => self.word(b"true")?,
            Some(b'f') => self.word(b"false")?,
            Some(b'n') => self.word(b"null")?,
            Some(_) => return malformed(start, "something that begins no value"),
            None => return malformed(start, "the end where a value is due"),
        }
        Ok(false)
    }

    /// After a value: leaves the containers that end here and goes to the next value, if there is one.
    fn separator(&mut self) -> Result<bool, Malformed> {
        loop {
            self.white();
            let Some(top) = self.depth.checked_sub(1) else { return Ok(false) };
            let object = self.open[top].object;
            match self.peek() {
                Some(b',') => {
                    self.at += 1;
                    self.white();
                    if object {
                        self.name()?;
                    }
                    return Ok(true);
                }
                Some(b'}') if object => self.leave(),
                Some(b']') if !object => self.leave(),
                Some(_) => return malformed(self.at, "neither a comma nor the closing bracket"),
                None => return malformed(self.at, "the end inside a list or object"),
            }
        }
    }

    fn enter(&mut self, object: bool, slot: u16) -> Result<bool, Malformed> {
        if self.depth == MAX_DEPTH {
            return malformed(self.at, "too many levels of nesting");
        }
        // What stands in no list stands once: there is nothing to expect.
        if !object {
            self.lists += 1;
        }
        if self.lists == 1 && !object && self.member == NONE {
            self.member = BODY;
        }
        let (token, holder) = (narrow(self.tokens.len()), self.member);
        self.open[self.depth] = Container { token, object, slot, holder };
        self.push(self.at, 1);
        self.depth += 1;
        self.at += 1;
        self.white();
        if self.peek() == Some(if object { b'}' } else { b']' }) {
            self.leave();
            return Ok(false);
        }
        if object {
            self.habits.enter(holder);
            self.name()?;
        }
        Ok(true)
    }

    fn leave(&mut self) {
        self.at += 1;
        self.depth -= 1;
        let Container { token, object, slot, holder } = self.open[self.depth];
        if !object {
            self.lists -= 1;
        }
        let (at, tokens) = (narrow(self.at), narrow(self.tokens.len()));
        let container = &mut self.tokens[token as usize];
        container.length = at - container.start;
        container.rest = tokens - token;
        self.seen.remember(slot, token, self.depth);
        self.member = holder;
        if let Some(around) = self.depth.checked_sub(1) {
            self.habits.leave(self.open[around].holder, holder);
        }
    }

    /// A container that is the same, byte for byte, as one that was read.
    fn repeated(&mut self, slot: u16) -> bool {
        let (body, start) = (self.body, self.at);
        let same = |seen: &u32| body[start..].starts_with(&body[self.tokens[*seen as usize].span()]);
        let Some(seen) = self.seen.at(slot, self.depth).filter(|_| self.shared).find(same) else { return false };
        self.at += self.tokens[seen as usize].length as usize;
        self.push(start, MARK | seen);
        self.shares = true;
        true
    }

    /// A member's name and its colon.
    fn name(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        if let Some((member, length, hash)) = self.habits.expected(self.body, start) {
            self.at += length - 1;
            self.push(start, hash);
            self.at += 1;
            self.member = member;
        } else {
            self.unexpected()?;
        }
        self.white();
        Ok(())
    }

    #[cold]
    fn unexpected(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        if self.peek() != Some(b'"') {
            return malformed(self.at, "something that is no member name");
        }
        let escaped = self.string()?;
        let hash = hash(&self.body[start + 1..self.at - 1]);
        self.push(start, if escaped { hash | MARK } else { hash });
        let end = self.at;
        self.white();
        if self.peek() != Some(b':') {
            return malformed(self.at, "a member name without a colon");
        }
        let plain = self.at == end && !escaped && self.lists > 0;
        self.at += 1;
        self.member = if plain { self.habits.learn(self.body, start, self.at, hash) } else { self.habits.unknown() };
        Ok(())
    }

    /// Records what reaches from `start` to here.
    fn push(&mut self, start: usize, rest: u32) {
        self.tokens.push(Token { start: narrow(start), length: narrow(self.at - start), rest });
    }

    fn white(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.body.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_bodies_say_where() {
        let cases: [(&str, usize, &str); 20] = [
            ("", 0, "the end where a value is due"),
            (" ", 1, "the end where a value is due"),
            ("\u{FEFF}1", 0, "something that begins no value"),
            ("1 1", 2, "something behind the value"),
            ("01", 1, "something behind the value"),
            ("-", 1, "a number without digits"),
            ("1.", 2, "a number without digits"),
            ("1e+", 3, "a number without digits"),
            ("nul", 0, "something that begins no value"),
            ("[1,]", 3, "something that begins no value"),
            ("[1 2]", 3, "neither a comma nor the closing bracket"),
            ("[1}", 2, "neither a comma nor the closing bracket"),
            ("[", 1, "the end where a value is due"),
            ("[1", 2, "the end inside a list or object"),
            ("{1:2}", 1, "something that is no member name"),
            (r#"{"a"}"#, 4, "a member name without a colon"),
            ("\"a\nb\"", 2, "a control character in a string"),
            (r#""\x""#, 1, "an unknown escape"),
            (r#""\u12g4""#, 1, "a \\u escape without four hexadecimal digits"),
            (r#""a\ud800\u0041""#, 2, "half a surrogate pair"),
        ];
        for (body, offset, what) in cases {
            assert_eq!(scan(body.as_bytes(), true).err(), Some(Malformed { offset, what }), "{body:?}");
        }
        let shown = Malformed { offset: 7, what: "an unknown escape" }.to_string();
        assert_eq!(shown, "malformed JSON: an unknown escape at byte 7");
    }

    #[test]
    fn names_that_come_again_are_expected() {
        let omitted = r#""omitted":["revision","name","icon","email","status"]"#;
        let row = |place: usize| {
            let users = (0..5).map(|user| format!(r#"{{"id":"USR-{place:04}-{user:04}","name":"N{user}"}}"#));
            let users = users.collect::<Vec<_>>().join(",");
            format!(
                r#"{{"$meta":{{{omitted}}},"id":"UGR-{place:04}","account":{{"id":"ACC-{place:04}","name":"A"}},"users":[{users}],"name":"G{place}"}}"#
            )
        };
        let rows: Vec<_> = (0..50).map(row).collect();
        let body = format!(r#"{{"$meta":{{"pagination":{{"offset":0}},{omitted}}},"data":[{}]}}"#, rows.join(","));
        let mut scan = Scan::new(body.as_bytes(), true);
        scan.document().unwrap();
        // Of a row, its account and its users: each name was learnt once.
        assert_eq!(scan.habits.learnt(), 10);
    }

    #[test]
    fn nesting_is_bounded_and_never_overflows_the_stack() {
        let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + "1" + &close.repeat(depth);
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            assert!(scan(nested(open, close, MAX_DEPTH).as_bytes(), true).is_ok());
            for depth in [MAX_DEPTH + 1, 1 << 20] {
                let error = scan(nested(open, close, depth).as_bytes(), true).err();
                assert_eq!(error.map(|e| e.what), Some("too many levels of nesting"));
            }
            assert!(scan(open.repeat(1 << 20).as_bytes(), true).is_err());
        }
    }
}
