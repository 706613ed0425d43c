//! Forms of several parts, `multipart/form-data`.

/// One part of a form.
pub(crate) struct Part<'a> {
    pub(crate) name: String,
    pub(crate) is_file: bool,
    pub(crate) kind: Option<String>,
    pub(crate) content: &'a [u8],
}

/// What separates the parts, as a media type says.
pub(crate) fn boundary(kind: &str) -> Option<&str> {
    parameter(kind, "boundary").filter(|boundary| !boundary.is_empty())
}

/// A parameter of a header's value. Quoted ones hold no semicolons here.
fn parameter<'a>(header: &'a str, name: &str) -> Option<&'a str> {
    header.split(';').skip(1).find_map(|part| {
        let (key, value) = part.split_once('=')?;
        let value = value.trim();
        let bare = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
        key.trim().eq_ignore_ascii_case(name).then_some(bare)
    })
}

/// The parts between the boundaries; none where the body is no form.
pub(crate) fn parts<'a>(boundary: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let delimiter = format!("\r\n--{boundary}");
    let mut rest = match find(body, &delimiter.as_bytes()[2..])? {
        0 => &body[delimiter.len() - 2..],
        _ => &body[find(body, delimiter.as_bytes())? + delimiter.len()..],
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let inner = rest.strip_prefix(b"\r\n")?;
        let end = find(inner, delimiter.as_bytes())?;
        parts.push(part(&inner[..end])?);
        rest = &inner[end + delimiter.len()..];
    }
    Some(parts)
}

fn part(bytes: &[u8]) -> Option<Part<'_>> {
    let split = find(bytes, b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..split]).ok()?;
    let header = |name: &str| {
        let pairs = head.split("\r\n").filter_map(|line| line.split_once(':'));
        pairs.filter(|(key, _)| key.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim()).next()
    };
    let disposition = header("content-disposition")?;
    Some(Part {
        name: parameter(disposition, "name")?.to_owned(),
        is_file: parameter(disposition, "filename").is_some(),
        kind: header("content-type").map(str::to_owned),
        content: &bytes[split + 4..],
    })
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}

/// A media type without its parameters.
pub(crate) fn essence(kind: &str) -> &str {
    kind.split(';').next().unwrap_or_default().trim()
}
