//! Tokens of a document, one after the other, with their lines and columns.

use super::{syntax_error, text};
use crate::graph::error::GraphError;
use async_graphql::Pos;
use std::{borrow::Cow, fmt};

/// A token.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) kind: TokenKind<'a>,
    pub(super) pos: Pos,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TokenKind<'a> {
    /// The end of the text.
    End,
    /// One of `! $ & ( ) : = @ [ ] { | }`.
    Punctuator(char),
    /// Three dots.
    Spread,
    Name(&'a str),
    Int(&'a str),
    Float(&'a str),
    /// A string or block string, its escapes replaced.
    Text(Cow<'a, str>),
}

impl fmt::Display for TokenKind<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TokenKind::End => f.write_str("<EOF>"),
            TokenKind::Punctuator(one) => write!(f, "\"{one}\""),
            TokenKind::Spread => f.write_str("\"...\""),
            TokenKind::Name(name) => write!(f, "Name \"{name}\""),
            TokenKind::Int(digits) => write!(f, "Int \"{digits}\""),
            TokenKind::Float(digits) => write!(f, "Float \"{digits}\""),
            // A text may be long, and may be a secret.
            TokenKind::Text(_) => f.write_str("String"),
        }
    }
}

/// Reads a text token by token.
pub(super) struct Lexer<'a> {
    text: &'a str,
    /// The byte where the next token, or what is ignored before it, starts.
    at: usize,
    /// The line of `at`.
    line: usize,
    /// A byte of that line, not after `at`, and its column.
    mark: (usize, usize),
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Lexer { text, at: 0, line: 1, mark: (0, 1) }
    }

    /// The next token.
    pub(super) fn next(&mut self) -> Result<Token<'a>, GraphError> {
        self.skip_ignored();
        let pos = self.pos(self.at);
        let rest = &self.text[self.at..];
        let Some(first) = rest.chars().next() else { return Ok(Token { kind: TokenKind::End, pos }) };
        let (kind, length) = match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                (TokenKind::Punctuator(first), 1)
            }
            '.' if rest.starts_with("...") => (TokenKind::Spread, 3),
            'a'..='z' | 'A'..='Z' | '_' => {
                let length = run(rest, is_name);
                (TokenKind::Name(&rest[..length]), length)
            }
            '0'..='9' | '-' => self.number(rest)?,
            '"' => return self.text_token(rest, pos),
            other => return Err(self.unexpected(Some(other), self.at)),
        };
        self.at += length;
        Ok(Token { kind, pos })
    }

    /// White space, line ends, commas, comments and byte order marks mean nothing.
    fn skip_ignored(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b' ' | b'\t' | b',' => self.at += 1,
                b'\n' => self.new_line(1),
                b'\r' => self.new_line(if bytes.get(self.at + 1) == Some(&b'\n') { 2 } else { 1 }),
                b'#' => self.at += run(&self.text[self.at..], |byte| !matches!(byte, b'\n' | b'\r')),
                0xef if self.text[self.at..].starts_with('\u{feff}') => self.at += '\u{feff}'.len_utf8(),
                _ => return,
            }
        }
    }

    fn new_line(&mut self, length: usize) {
        self.at += length;
        self.line += 1;
        self.mark = (self.at, 1);
    }

    /// The place of a byte of the current line. Characters are counted from the last place on, so that the places of
    /// all tokens together cost one pass.
    fn pos(&mut self, at: usize) -> Pos {
        let (from, column) = self.mark;
        let column = column + self.text[from..at].chars().count();
        self.mark = (at, column);
        Pos { line: self.line, column }
    }

    fn unexpected(&mut self, found: Option<char>, at: usize) -> GraphError {
        let pos = self.pos(at);
        match found {
            Some('\'') => {
                syntax_error("Unexpected single quote character ('), did you mean to use a double quote (\")?", pos)
            }
            Some(found) => syntax_error(&format!("Unexpected character: {}.", shown(found)), pos),
            None => syntax_error("Unexpected character: <EOF>.", pos),
        }
    }

    fn number(&mut self, rest: &'a str) -> Result<(TokenKind<'a>, usize), GraphError> {
        let bytes = rest.as_bytes();
        let digits = |from: usize| run(&rest[from..], |byte| byte.is_ascii_digit());
        let invalid = |lexer: &mut Self, length: usize| {
            let found = rest[length..].chars().next();
            let found = found.map_or("<EOF>".to_owned(), shown);
            let pos = lexer.pos(lexer.at + length);
            syntax_error(&format!("Invalid number, expected digit but got: {found}."), pos)
        };
        let mut length = usize::from(bytes[0] == b'-');
        let whole = digits(length);
        if whole == 0 {
            return Err(invalid(self, length));
        }
        if whole > 1 && bytes[length] == b'0' {
            let pos = self.pos(self.at + length + 1);
            return Err(syntax_error("Invalid number, unexpected digit after 0.", pos));
        }
        length += whole;
        let mut float = false;
        if bytes.get(length) == Some(&b'.') {
            float = true;
            length += 1;
            match digits(length) {
                0 => return Err(invalid(self, length)),
                fraction => length += fraction,
            }
        }
        if matches!(bytes.get(length), Some(b'e' | b'E')) {
            float = true;
            length += 1 + usize::from(matches!(bytes.get(length + 1), Some(b'+' | b'-')));
            match digits(length) {
                0 => return Err(invalid(self, length)),
                exponent => length += exponent,
            }
        }
        if bytes.get(length).is_some_and(|byte| *byte == b'.' || is_name(*byte)) {
            return Err(invalid(self, length));
        }
        let number = &rest[..length];
        Ok((if float { TokenKind::Float(number) } else { TokenKind::Int(number) }, length))
    }

    fn text_token(&mut self, rest: &'a str, pos: Pos) -> Result<Token<'a>, GraphError> {
        let read = if rest.starts_with("\"\"\"") { text::block(rest) } else { text::quoted(rest) };
        match read {
            Ok((value, length)) => {
                self.pass(length);
                Ok(Token { kind: TokenKind::Text(value), pos })
            }
            Err(text::Broken { at, why }) => {
                self.pass(at);
                let pos = self.pos(self.at);
                Err(syntax_error(&why, pos))
            }
        }
    }

    /// Goes over what may hold line ends.
    fn pass(&mut self, length: usize) {
        let end = self.at + length;
        let bytes = self.text.as_bytes();
        while self.at < end {
            match bytes[self.at] {
                b'\n' => self.new_line(1),
                b'\r' => self.new_line(if bytes.get(self.at + 1) == Some(&b'\n') && self.at + 1 < end { 2 } else { 1 }),
                _ => self.at += 1,
            }
        }
    }
}

/// A character as messages show it.
fn shown(found: char) -> String {
    match found {
        '"' => "'\"'".to_owned(),
        ' '..='~' => format!("\"{found}\""),
        _ => format!("U+{:04X}", u32::from(found)),
    }
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn run(text: &str, belongs: impl Fn(u8) -> bool) -> usize {
    text.bytes().position(|byte| !belongs(byte)).unwrap_or(text.len())
}
