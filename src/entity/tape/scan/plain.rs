//! The grammar of what holds nothing: strings, numbers and words.

use super::{Malformed, Scan, malformed};
use crate::entity::tape::{special::special, text::needs_escape};

impl Scan<'_> {
    /// Reads a string; the answer is whether it has escapes.
    pub(super) fn string(&mut self) -> Result<bool, Malformed> {
        let mut escaped = false;
        self.at += 1;
        loop {
            self.at = special(self.body, self.at);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return malformed(self.at, "a control character in a string"),
                None => return malformed(self.at, "the end inside a string"),
            }
        }
        self.at += 1;
        Ok(escaped)
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        match self.body.get(self.at + 1) {
            Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 2,
            Some(b'/') => {
                self.wordy = true;
                self.at += 2;
            }
            Some(b'u') => match self.unit(self.at)? {
                0xD800..=0xDBFF => {
                    if !matches!(self.unit(self.at + 6), Ok(0xDC00..=0xDFFF)) {
                        return malformed(self.at, "half a surrogate pair");
                    }
                    self.wordy = true;
                    self.at += 12;
                }
                0xDC00..=0xDFFF => return malformed(self.at, "half a surrogate pair"),
                unit => {
                    self.wordy |= char::from_u32(unit).is_some_and(|letter| !needs_escape(letter));
                    self.at += 6;
                }
            },
            _ => return malformed(self.at, "an unknown escape"),
        }
        Ok(())
    }

    /// The code unit of the `\uXXXX` at `at`.
    fn unit(&self, at: usize) -> Result<u32, Malformed> {
        let Some([b'\\', b'u', digits @ ..]) = self.body.get(at..at + 6) else {
            return malformed(at, "a cut \\u escape");
        };
        digits
            .iter()
            .try_fold(0, |unit, &digit| Some(unit << 4 | char::from(digit).to_digit(16)?))
            .ok_or(Malformed { offset: at, what: "a \\u escape without four hexadecimal digits" })
    }

    pub(super) fn number(&mut self) -> Result<(), Malformed> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        // A leading zero stands alone: what follows it is then found to be no separator.
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { malformed(start, "a number without digits") } else { Ok(()) }
    }

    pub(super) fn word(&mut self, word: &[u8]) -> Result<(), Malformed> {
        let start = self.at;
        if !self.body[start..].starts_with(word) {
            return malformed(start, "something that begins no value");
        }
        self.at += word.len();
        self.push(start, 1);
        Ok(())
    }
}
