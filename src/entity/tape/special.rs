//! Where a string stops being plain.

/// The first quote, backslash or control character at or behind `at`, or the end.
///
/// Eight bytes a step. Strings in bodies are short (ids, names, dates), which is why this is neither a call into a
/// search library nor a byte loop, and control characters come at no extra pass.
pub(super) fn special(body: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // Has a byte's high bit set where the byte of `word` is below `limit`; a borrow can only spoil bytes above the
    // first hit, and only the first is used.
    let below = |word: u64, limit: u8| word.wrapping_sub(ONES * u64::from(limit)) & !word;
    while let Some(&chunk) = body.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(chunk);
        let quote = below(word ^ (ONES * u64::from(b'"')), 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let hit = (below(word, b' ') | quote | backslash) & HIGH;
        if hit != 0 {
            return at + hit.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while body.get(at).is_some_and(|&byte| byte != b'"' && byte != b'\\' && byte >= b' ') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_finds_the_first_of_each_kind_at_any_distance() {
        for distance in 0..40 {
            for found in [b'"', b'\\', 0, b'\n', 0x1F] {
                for behind in [b'a', b'!', b'#', 0xFF] {
                    let mut body = vec![b'x'; distance];
                    body.push(found);
                    body.extend([behind; 9]);
                    assert_eq!(special(&body, 0), distance);
                    assert_eq!(special(&body, distance + 1), body.len());
                }
            }
        }
        let harmless: Vec<u8> = (0x20..=0xFF).filter(|byte| !b"\"\\".contains(byte)).collect();
        assert_eq!(special(&harmless, 0), harmless.len());
    }
}
