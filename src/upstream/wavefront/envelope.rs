//! The envelope around most answers. Which operations have one is not the same in documentation and recordings, so an
//! answer is taken for enveloped when it looks so (`wavefront-api.md` section 3).

use crate::{
    entity::{
        kind::Upstream,
        tape::{At, Json, ROOT, Tape},
    },
    fault::{Fault, FaultKind},
};

/// Where the answer proper is.
///
/// # Errors
///
/// When the envelope says that it is an error, whatever the status of the response said.
pub fn open(tape: &Tape) -> Result<At, Fault> {
    let Some(status) = tape.get(ROOT, "status").filter(|status| tape.kind(*status) == Json::Object) else {
        return Ok(ROOT);
    };
    let failed = tape.get(status, "result").and_then(|result| tape.plain(result)) == Some("ERROR");
    match tape.get(ROOT, "response") {
        Some(response) if !failed => Ok(response),
        _ => {
            let code = tape.get(status, "code").map(|code| tape.json(code)).unwrap_or_default();
            Err(failure(code))
        }
    }
}

fn failure(code: &str) -> Fault {
    let name = Upstream::Wavefront.name();
    let (kind, what) = match code {
        "400" => (FaultKind::Rejected, "refused the request"),
        "401" => (FaultKind::Unauthenticated, "does not accept the credentials"),
        "403" => (FaultKind::Forbidden, "does not allow this to the caller"),
        "404" => (FaultKind::NotFound, "does not have this or does not show it to the caller"),
        "406" | "429" => (FaultKind::RateLimited, "asks for fewer requests"),
        _ => (FaultKind::Upstream, "answered with an error"),
    };
    Fault::new(kind, format!("{name} {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_found_in_its_envelope_and_without_one() {
        let opened = |body: &str| {
            let tape = Tape::scan(body).unwrap();
            open(&tape).map(|at| tape.json(at).to_owned()).map_err(|fault| fault.kind().code().text())
        };
        let cases = [
            (r#"{"identifier":"a@b.c"}"#, Ok(r#"{"identifier":"a@b.c"}"#)),
            (r#"{"status":{"result":"OK","message":"","code":200},"response":{"id":"x"}}"#, Ok(r#"{"id":"x"}"#)),
            (r#"{"response":[1],"status":{"result":"OK"}}"#, Ok("[1]")),
            (r#"{"status":"Active","response":1}"#, Ok(r#"{"status":"Active","response":1}"#)),
            (r#"{"status":{"result":"ERROR","message":"x","code":404}}"#, Err("NOT_FOUND")),
            (r#"{"status":{"result":"ERROR","code":403},"response":{}}"#, Err("FORBIDDEN")),
            (r#"{"status":{"result":"ERROR","code":406}}"#, Err("RATE_LIMITED")),
            (r#"{"status":{"result":"OK","code":200}}"#, Err("UPSTREAM_ERROR")),
        ];
        for (body, expected) in cases {
            assert_eq!(opened(body), expected.map(str::to_owned), "{body}");
        }
    }
}
