//! The tape against `serde_json`: the same bodies are accepted and the same values are read.

use serde_json::{Map, Value};

use super::{At, Json, ROOT, Tape};

fn rebuild(tape: &Tape, at: At) -> Value {
    match tape.kind(at) {
        Json::Null => Value::Null,
        Json::Bool => Value::Bool(tape.raw(at) == b"true"),
        Json::Number => serde_json::from_slice(tape.raw(at)).unwrap(),
        Json::String => Value::String(tape.text(at).unwrap().into_owned()),
        Json::List => tape.items(at).map(|item| rebuild(tape, item)).collect(),
        Json::Object => {
            let members = tape.members(at).map(|(name, value)| (name.into_owned(), rebuild(tape, value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

/// Compares one body. `serde_json` refuses numbers beyond `f64`, which the tape passes on: nothing to compare then.
fn compare(body: &[u8]) {
    let shown = || String::from_utf8_lossy(body).into_owned();
    match (Tape::scan(body), serde_json::from_slice::<Value>(body)) {
        (Ok(tape), Ok(value)) => {
            assert_eq!(rebuild(&tape, ROOT), value, "{}", shown());
            if let Value::Object(members) = &value {
                for name in members.keys() {
                    assert!(tape.get(ROOT, name).is_some(), "{name} of {}", shown());
                }
            }
        }
        (Err(_), Err(_)) => {}
        (_, Err(error)) if error.to_string().starts_with("number out of range") => {}
        (tape, value) => panic!("{}: tape {tape:?}, serde_json {value:?}", shown()),
    }
}

const SEEDS: &[&str] = &[
    r#"{"$meta":{"pagination":{"offset":0,"limit":10,"total":2},"omitted":["groups"]},"data":[{"id":"USR-0000-0001",
        "name":"Zo\u00eb \"Z\" O'Neil","email":"z@example.com","audit":{"created":{"at":"2025-01-01T00:00:00.000Z"}},
        "account":"[Circular Reference]","revision":1},{"id":"USR-0000-0002","name":null,"icon":"/v1/x.png"}]}"#,
    r#"[[],{},[[]],[{}],{"a":{}},{"":[]},null,true,false,"",0,-0,1.5,-1.5e10,1E+2,2e-3,123456789012345678901234567890]"#,
    r#"{"a":"\"\\\/\b\f\n\r\t\u0000\uFFFF\ud83d\ude00 é 😀","a":2,"b\u0061":3,"ba":4}"#,
    "\t\r\n [ 1 , \"two\" , { \"three\" : 3 } ] \n",
    r#"{"errors":[{"message":"External ID is too long","properties":["externalId"]}],"status":400}"#,
];

const EDGES: &[&[u8]] = &[
    b"",
    b" ",
    b"nul",
    b"nulll",
    b"truefalse",
    b"True",
    b"NaN",
    b"Infinity",
    b"-",
    b"+1",
    b"00",
    b"-01",
    b"0.",
    b".5",
    b"1.e1",
    b"1e",
    b"1e+",
    b"0x1",
    b"1_0",
    b"1e999",
    b"-1e-999",
    b"[",
    b"]",
    b"[}",
    b"{]",
    b"[1,]",
    b"[,1]",
    b"[1,,2]",
    b"[1 2]",
    b"{,}",
    b"{\"a\":1,}",
    b"{\"a\":}",
    b"{\"a\"}",
    b"{\"a\" 1}",
    b"{a:1}",
    b"{'a':1}",
    b"{1:1}",
    b"{null:1}",
    b"\"",
    b"\"\\\"",
    b"\"\\",
    b"\"\\u\"",
    b"\"\\u12\"",
    b"\"\\u12G4\"",
    b"\"\\u+123\"",
    b"\"\\x41\"",
    b"\"\\u{41}\"",
    b"\"\\ud800\"",
    b"\"\\udc00\"",
    b"\"\\ud800\\ud800\"",
    b"\"\\ud800\\n\"",
    b"\"\\ud800\\u0041\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\uD834\\uDD1E\"",
    b"\"\t\"",
    b"\"\n\"",
    b"\"\0\"",
    b"\"\x1F\"",
    b"\"\x7F\"",
    b"1\0",
    b"\x0C1",
    b"\xC2\xA01",
    b"\xEF\xBB\xBF{}",
    b"\"\xFF\"",
    b"\"\xC3\"",
    b"\"\xC0\x80\"",
    b"\"\xED\xA0\x80\"",
    b"\"\xF4\x90\x80\x80\"",
    b"[\"\xE2\x82\"]",
    b"{}{}",
    b"1 2",
    b"[] // no",
    b"/**/1",
    b"{\"a\":1}\n\n",
];

/// splitmix64: small, and the same sequence on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// What a mutation puts in: whatever means something to the grammar, and what is next to it.
const ALPHABET: &[u8] = b"\"\\{}[]:, \n0123456789-+.eEutrfalsn/bdD\x00\x1F\x7F\x80\xBF\xC3\xED\xFF";

fn mutate(body: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(body.len().max(1));
    match random.below(5) {
        0 if !body.is_empty() => body[at] = ALPHABET[random.below(ALPHABET.len())],
        1 if !body.is_empty() => drop(body.remove(at)),
        2 => body.truncate(at),
        3 if !body.is_empty() => {
            let end = (at + 1 + random.below(12)).min(body.len());
            let copy = body[at..end].to_vec();
            let to = random.below(body.len());
            body.splice(to..to, copy);
        }
        _ => body.insert(at, ALPHABET[random.below(ALPHABET.len())]),
    }
}

#[test]
fn edge_cases_are_judged_as_by_serde_json() {
    for body in EDGES {
        compare(body);
    }
    for seed in SEEDS {
        assert!(Tape::scan(*seed).is_ok(), "{seed}");
        compare(seed.as_bytes());
    }
}

#[test]
fn every_prefix_is_judged_as_by_serde_json() {
    for seed in SEEDS {
        for end in 0..seed.len() {
            compare(&seed.as_bytes()[..end]);
        }
    }
}

#[test]
fn mutated_documents_are_judged_as_by_serde_json() {
    let mut random = Random(0x5EED);
    for round in 0..30_000 {
        let mut body = SEEDS[round % SEEDS.len()].as_bytes().to_vec();
        for _ in 0..=random.below(3) {
            mutate(&mut body, &mut random);
        }
        compare(&body);
    }
}

#[test]
fn numbers_beyond_f64_are_the_readers_business() {
    assert!(serde_json::from_str::<Value>("1e999").is_err());
    assert_eq!(Tape::scan("1e999").unwrap().raw(ROOT), b"1e999");
}

/// Lists of rows that mostly have the same members and values, as answers have them: what the scan expects of one row
/// from those before must not show in what it reads.
#[test]
fn rows_that_are_alike_are_read_as_they_are() {
    let mut state = 0x2545_F491_4F6C_DD1D_u64;
    let mut draw = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let values = [
        r#"{"id":"MOD-4893","name":"Account administration"}"#,
        r#"{"id":"MOD-4893","name":"Account administration","x":[[{"id":"MOD-4893"}]]}"#,
        r#"[{"id":"MOD-9881","name":"Programs"},{"id":"MOD-9881","name":"Programs"},{"id":"MOD-9881","nome":"Programs"}]"#,
        r#"{"omitted":["revision","name","description","logo"]}"#,
        r#"[[[{"id":"ACC-0000-0001","name":"A"}]],{"id":"ACC-0000-0001","name":"A"}]"#,
        "\"text\"",
        "12.5",
        "{}",
        "[]",
        "null",
    ];
    let names =
        ["id", "a", "name", "$meta", "cultureCode", "aMemberWithALongName", "aMemberWithALongNameToo", "n\\u0061me"];
    for _ in 0..2_000 {
        let mut body = String::from("[");
        for row in 0..draw(12) {
            body.push_str(if row > 0 { ",{" } else { "{" });
            let mut first = true;
            for name in names {
                // Sometimes a member is left out, comes with another value or is spelled with spaces.
                if draw(5) == 0 {
                    continue;
                }
                let colon = ["\":", "\" :", "\": "][if draw(8) == 0 { draw(3) } else { 0 }];
                let value = values[if draw(3) == 0 { draw(values.len()) } else { name.len() % values.len() }];
                body.extend([if first { "\"" } else { ",\"" }, name, colon, value]);
                first = false;
            }
            body.push('}');
        }
        body.push(']');
        compare(body.as_bytes());
    }
    // More members than are remembered.
    let members: Vec<_> = (0..2_000).map(|name| format!("\"m{}\":{{\"v\":{name}}}", name % 700)).collect();
    compare(format!("[{{{0}}},{{{0}}}]", members.join(",")).as_bytes());
}
