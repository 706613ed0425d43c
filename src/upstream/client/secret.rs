//! Secrets in answers: the accounts API returns the secret of an API token with every read of it
//! (`accounts-api-v5.md` section 2.5), and some hosts may do so although it was not selected.

use memchr::memmem::Finder;
use std::sync::LazyLock;

/// The path of API tokens in a target.
const TOKENS: &str = "/api-tokens";

static MEMBER: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"token\""));

/// The body of an answer about API tokens without their secrets: each is overwritten before anything else sees the body,
/// so it cannot be kept, copied, explained or logged.
pub(super) fn without_secrets(target: &str, mut bytes: Vec<u8>) -> Vec<u8> {
    let path = target.split('?').next().unwrap_or_default();
    if !path.contains(TOKENS) || MEMBER.find(&bytes).is_none() {
        return bytes;
    }
    let mut from = 0;
    while let Some(found) = MEMBER.find(&bytes[from..]) {
        from += found + MEMBER.needle().len();
        let space = |bytes: &[u8]| bytes.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let colon = from + space(&bytes[from..]);
        let value = colon + 1 + space(bytes.get(colon + 1..).unwrap_or_default());
        if bytes.get(colon) != Some(&b':') || bytes.get(value) != Some(&b'"') {
            continue;
        }
        let mut at = value + 1;
        while let Some(byte) = bytes.get(at).copied().filter(|byte| *byte != b'"') {
            // What an escape stands for is part of the secret as well.
            let length = if byte == b'\\' { 2 } else { 1 };
            let end = (at + length).min(bytes.len());
            bytes[at..end].fill(b'*');
            at = end;
        }
        from = at;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_overwritten_and_nothing_else() {
        let hidden =
            |target: &str, body: &'static str| String::from_utf8(without_secrets(target, body.into())).unwrap();
        let tokens = "/v1/accounts/api-tokens/TKN-1?select=-*,id";
        for (body, expected) in [
            (
                r#"{"id":"TKN-1","token":"idt:TKN-1:x","name":"a"}"#,
                r#"{"id":"TKN-1","token":"***********","name":"a"}"#,
            ),
            ("{\"token\" : \n \"ab\\\"c\\u0041\"}", "{\"token\" : \n \"***********\"}"),
            (r#"[{"token":"a"},{"token":"b"}]"#, r#"[{"token":"*"},{"token":"*"}]"#),
            (r#"{"token":null,"name":"token"}"#, r#"{"token":null,"name":"token"}"#),
            (
                r#"{"name":"token","description":"\"token\":\"a\""}"#,
                r#"{"name":"token","description":"\"token\":\"a\""}"#,
            ),
            (r#"{"token":"cut"#, r#"{"token":"***"#),
            (r#"{"token":"cut\"#, r#"{"token":"****"#),
            (r#"{"token""#, r#"{"token""#),
            (r#"{"token":"#, r#"{"token":"#),
        ] {
            assert_eq!(hidden(tokens, body), expected, "{body}");
            assert_eq!(hidden("/v1/accounts/users?eq(name,api-tokens)", body), body, "{body}");
            assert_eq!(hidden("/v1/accounts/users?x=/api-tokens", body), body, "{body}");
        }
        assert_eq!(hidden("/v1/accounts/api-tokens?in(id,(%22TKN-1%22))", r#"{"token":"a"}"#), r#"{"token":"*"}"#);
    }
}
