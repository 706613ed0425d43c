//! The wire format of protocol buffers, as much of it as a trace has: numbers, texts, and messages in messages.

const VARINT: u8 = 0;
const BYTES: u8 = 2;

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// The numbers of all fields here are below 16, so that a tag is one byte.
fn tag(out: &mut Vec<u8>, field: u8, wire: u8) {
    out.push(field << 3 | wire);
}

/// A number of a `oneof`, which is there even when it is 0.
pub(super) fn chosen(out: &mut Vec<u8>, field: u8, value: u64) {
    tag(out, field, VARINT);
    varint(out, value);
}

/// A number; 0 is what stands for an absent one.
pub(super) fn number(out: &mut Vec<u8>, field: u8, value: u64) {
    if value > 0 {
        chosen(out, field, value);
    }
}

/// A text, or bytes.
pub(super) fn text(out: &mut Vec<u8>, field: u8, value: impl AsRef<[u8]>) {
    let value = value.as_ref();
    tag(out, field, BYTES);
    varint(out, value.len() as u64);
    out.extend_from_slice(value);
}

/// A message inside the message; its length, which goes before it, is known only after it.
pub(super) fn message(out: &mut Vec<u8>, field: u8, write: impl FnOnce(&mut Vec<u8>)) {
    tag(out, field, BYTES);
    let start = out.len();
    write(out);
    let end = out.len();
    varint(out, (end - start) as u64);
    let length = out.len() - end;
    out[start..].rotate_right(length);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_specification() {
        let mut out = vec![];
        number(&mut out, 1, 150);
        number(&mut out, 2, 0);
        chosen(&mut out, 2, 0);
        text(&mut out, 2, "testing");
        message(&mut out, 3, |out| number(out, 1, 150));
        assert_eq!(
            out,
            [
                &[0x08, 0x96, 0x01][..],
                &[0x10, 0x00],
                &[0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67],
                &[0x1a, 0x03, 0x08, 0x96, 0x01],
            ]
            .concat()
        );
    }

    #[test]
    fn a_long_message_has_a_long_length_before_it() {
        let mut out = vec![];
        message(&mut out, 1, |out| text(out, 1, "x".repeat(300)));
        assert_eq!(out[..6], [0x0a, 0xaf, 0x02, 0x0a, 0xac, 0x02]);
        assert_eq!(out.len(), 306);
        let mut out = vec![];
        number(&mut out, 1, u64::MAX);
        assert_eq!(out, [&[0x08][..], &[0xff; 9], &[0x01]].concat());
    }
}
