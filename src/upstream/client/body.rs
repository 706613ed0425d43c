//! Bodies of answers: unpacked while they arrive, and never more of them than allowed.
//!
//! The limit counts unpacked bytes, since 150 kB of gzip can hold 150 MB. `deflate` means the zlib format (RFC 9110
//! section 8.4.1.2), but some servers send raw deflate data under that name, so both are read.

use std::io::{self, Write};

use flate2::write::MultiGzDecoder;
use flate2::{Decompress, FlushDecompress, Status};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use reqwest::{Response, StatusCode};

use super::cut;
use crate::fault::{Fault, FaultKind};

/// How many bytes raw and zlib data are unpacked to at a time.
const STEP: usize = 32 * 1024;

/// Reads a body to its end, but no more than `limit` unpacked bytes of it.
pub(super) async fn body(name: &str, mut response: Response, limit: usize) -> Result<Vec<u8>, Fault> {
    let coding = Coding::of(name, response.headers())?;
    // What is promised is the length as sent.
    let promised = response.content_length().filter(|_| coding == Coding::Plain);
    let promised = promised.map_or(Ok(0), usize::try_from).unwrap_or(usize::MAX);
    if promised > limit {
        return Err(too_long(name, limit));
    }
    let target = Bounded { bytes: Vec::with_capacity(promised), limit, full: false };
    let mut unpacker = Unpacker::new(coding, target);
    let mut came = false;
    while let Some(chunk) = response.chunk().await.map_err(|e| cut(name, e))? {
        came |= !chunk.is_empty();
        unpacker.write(&chunk).map_err(|error| unpacker.fault(name, coding, error))?;
    }
    // An empty body has nothing to unpack, whatever the header says.
    if !came {
        return Ok(Vec::new());
    }
    unpacker.finish().map_err(|error| unpacker.fault(name, coding, error))
}

/// What is wrong with the body of a 404 that cannot be unpacked: it would have said whether the row is missing or the
/// route, so the status alone means neither.
pub(super) fn unexplained(status: StatusCode, headers: &HeaderMap, body: &Result<Vec<u8>, Fault>) -> Option<Fault> {
    let packed = !matches!(Coding::of("", headers), Ok(Coding::Plain));
    let fault = body.as_ref().err().filter(|fault| fault.kind() == FaultKind::Invalid)?;
    (status == StatusCode::NOT_FOUND && packed).then(|| fault.clone())
}

fn too_long(name: &str, limit: usize) -> Fault {
    Fault::invalid(format!("{name} answered more than {limit} bytes"))
}

/// How a body is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Plain,
    Gzip,
    Deflate,
}

impl Coding {
    fn of(name: &str, headers: &HeaderMap) -> Result<Coding, Fault> {
        let values = headers.get_all(CONTENT_ENCODING).into_iter();
        let text = values.map(|value| value.to_str().unwrap_or("?")).collect::<Vec<_>>().join(",").to_ascii_lowercase();
        let codings = text.split(',').map(str::trim).filter(|coding| !matches!(*coding, "" | "identity"));
        match codings.collect::<Vec<_>>()[..] {
            [] => Ok(Coding::Plain),
            ["gzip" | "x-gzip"] => Ok(Coding::Gzip),
            ["deflate"] => Ok(Coding::Deflate),
            ref other => Err(unknown(name, other)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Coding::Plain => "identity",
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
        }
    }
}

/// Names a coding that cannot be unpacked, if it looks like the name of one: headers may hold anything.
fn unknown(name: &str, codings: &[&str]) -> Fault {
    let plain = |coding: &&str| {
        coding.len() <= 20 && coding.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let named = if codings.len() <= 4 && codings.iter().all(plain) { codings.join(", ") } else { "unreadable".into() };
    Fault::invalid(format!("{name} answered with the Content-Encoding {named}, which cannot be unpacked"))
}

/// Unpacked bytes, up to a limit.
#[derive(Debug)]
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    /// Whether more came than the limit allows.
    full: bool,
}

impl Write for Bounded {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if part.len() > self.limit - self.bytes.len() {
            self.full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Unpacker {
    Plain(Bounded),
    Gzip(Box<MultiGzDecoder<Bounded>>),
    Deflate(Box<Inflate>),
}

impl Unpacker {
    fn new(coding: Coding, target: Bounded) -> Unpacker {
        match coding {
            Coding::Plain => Unpacker::Plain(target),
            Coding::Gzip => Unpacker::Gzip(Box::new(MultiGzDecoder::new(target))),
            Coding::Deflate => {
                Unpacker::Deflate(Box::new(Inflate { head: Vec::new(), state: None, step: Vec::new(), target }))
            }
        }
    }

    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        match self {
            Unpacker::Plain(target) => target.write_all(chunk),
            Unpacker::Gzip(decoder) => decoder.write_all(chunk),
            Unpacker::Deflate(inflate) => inflate.write(chunk),
        }
    }

    fn target(&self) -> &Bounded {
        match self {
            Unpacker::Plain(target) => target,
            Unpacker::Gzip(decoder) => decoder.get_ref(),
            Unpacker::Deflate(inflate) => &inflate.target,
        }
    }

    /// Checks that the data are whole, and hands them out.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        let target = match self {
            Unpacker::Plain(target) => target,
            Unpacker::Gzip(decoder) => {
                decoder.try_finish()?;
                decoder.get_mut()
            }
            Unpacker::Deflate(inflate) => {
                inflate.finish()?;
                &mut inflate.target
            }
        };
        Ok(std::mem::take(&mut target.bytes))
    }

    /// What an error of unpacking means.
    fn fault(&self, name: &str, coding: Coding, error: io::Error) -> Fault {
        if self.target().full {
            return too_long(name, self.target().limit);
        }
        Fault::invalid(format!("{name} answered a body that is not valid {}", coding.name())).caused_by(error)
    }
}

/// Deflate data in either form. The library's own writers do not notice that data end too early.
struct Inflate {
    /// The first bytes, until there are enough of them to tell the form.
    head: Vec<u8>,
    state: Option<State>,
    step: Vec<u8>,
    target: Bounded,
}

struct State {
    decompress: Decompress,
    ended: bool,
}

impl Inflate {
    fn write(&mut self, chunk: &[u8]) -> io::Result<()> {
        if self.state.is_some() {
            return self.unpack(chunk);
        }
        self.head.extend_from_slice(chunk);
        if self.head.len() < 2 {
            return Ok(());
        }
        let head = std::mem::take(&mut self.head);
        self.begin(is_zlib(head[0], head[1]));
        self.unpack(&head)
    }

    fn begin(&mut self, zlib: bool) {
        self.step = vec![0; STEP];
        self.state = Some(State { decompress: Decompress::new(zlib), ended: false });
    }

    fn unpack(&mut self, mut input: &[u8]) -> io::Result<()> {
        let Some(State { decompress, ended }) = &mut self.state else { return Ok(()) };
        while !*ended {
            let (read, wrote) = (decompress.total_in(), decompress.total_out());
            let status = decompress.decompress(input, &mut self.step, FlushDecompress::None)?;
            let read = usize::try_from(decompress.total_in() - read).unwrap_or(usize::MAX);
            let wrote = usize::try_from(decompress.total_out() - wrote).unwrap_or(usize::MAX);
            self.target.write_all(&self.step[..wrote])?;
            input = &input[read..];
            *ended = status == Status::StreamEnd;
            if read == 0 && wrote == 0 {
                break;
            }
        }
        if *ended && !input.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "more bytes after the end of the data"));
        }
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        if self.state.is_none() {
            let head = std::mem::take(&mut self.head);
            self.begin(false);
            self.unpack(&head)?;
        }
        match &self.state {
            Some(State { ended: true, .. }) => Ok(()),
            _ => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}

/// Whether data begin with the header of the zlib format. Raw data do not: the same first byte would begin a stored block
/// whose padding is not zero.
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    const TEXT: &[u8] = br#"{"id":"USR-0000-0001","name":"Ada","roles":["a","a","a","a","a","a"]}"#;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn packings() -> [(&'static str, Coding, Vec<u8>); 3] {
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(TEXT).unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(TEXT).unwrap();
        [
            ("gzip", Coding::Gzip, gzip(TEXT)),
            ("zlib", Coding::Deflate, zlib.finish().unwrap()),
            ("raw", Coding::Deflate, raw.finish().unwrap()),
        ]
    }

    fn unpack(coding: Coding, chunks: &[&[u8]], limit: usize) -> Result<Vec<u8>, bool> {
        let mut unpacker = Unpacker::new(coding, Bounded { bytes: Vec::new(), limit, full: false });
        for chunk in chunks {
            unpacker.write(chunk).map_err(|_| unpacker.target().full)?;
        }
        unpacker.finish().map_err(|_| unpacker.target().full)
    }

    #[test]
    fn bodies_are_unpacked_however_they_are_cut_into_chunks() {
        for (name, coding, packed) in packings() {
            for size in [1, 2, 3, 7, packed.len()] {
                let chunks: Vec<&[u8]> = packed.chunks(size).collect();
                assert_eq!(unpack(coding, &chunks, TEXT.len()).as_deref(), Ok(TEXT), "{name} by {size}");
            }
        }
        let twice = [gzip(&TEXT[..20]), gzip(&TEXT[20..])].concat();
        assert_eq!(unpack(Coding::Gzip, &[&twice], TEXT.len()).as_deref(), Ok(TEXT), "gzip may have several members");
    }

    #[test]
    fn a_body_that_is_cut_changed_or_followed_by_something_is_broken() {
        for (name, coding, packed) in packings() {
            for length in 1..packed.len() {
                assert_eq!(unpack(coding, &[&packed[..length]], 1000), Err(false), "{name} cut after {length}");
            }
            let longer = [&packed[..], b"x"].concat();
            assert_eq!(unpack(coding, &[&longer], 1000), Err(false), "{name} with a byte more");
        }
        let mut changed = gzip(TEXT);
        let crc = changed.len() - 8;
        changed[crc] ^= 1;
        assert_eq!(unpack(Coding::Gzip, &[&changed], 1000), Err(false), "another checksum");
        for coding in [Coding::Gzip, Coding::Deflate] {
            assert_eq!(unpack(coding, &[TEXT], 1000), Err(false), "not packed at all");
        }
    }

    #[test]
    fn the_limit_counts_unpacked_bytes() {
        for (name, coding, packed) in packings() {
            assert_eq!(unpack(coding, &[&packed], TEXT.len() - 1), Err(true), "{name}");
        }
    }

    #[test]
    fn codings_are_named_if_they_are_not_known() {
        let of = |values: &[&'static str]| {
            let headers = values.iter().map(|value| (CONTENT_ENCODING, value.parse().unwrap())).collect();
            Coding::of("It", &headers).map_err(|fault| fault.message().to_owned())
        };
        for (values, coding) in [
            (&[][..], Coding::Plain),
            (&["identity"], Coding::Plain),
            (&["", " GZip "], Coding::Gzip),
            (&["x-gzip"], Coding::Gzip),
            (&["deflate, identity"], Coding::Deflate),
        ] {
            assert_eq!(of(values), Ok(coding), "{values:?}");
        }
        let message =
            |named: &str| Err(format!("It answered with the Content-Encoding {named}, which cannot be unpacked"));
        assert_eq!(of(&["br"]), message("br"));
        assert_eq!(of(&["gzip", "GZIP"]), message("gzip, gzip"));
        assert_eq!(of(&["see http://x"]), message("unreadable"));
    }
}
