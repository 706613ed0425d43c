// The documents that the tests of the gateway are written with.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const LITERALS = /r#"([\s\S]*?)"#|"((?:[^"\\]|\\[\s\S])*)"/g;
const ESCAPES = { n: "\n", t: "\t", r: "\r", 0: "\0" };

function unescape(literal) {
  return literal.replace(/\\\r?\n\s*/g, "").replace(/\\([\s\S])/g, (_, letter) => ESCAPES[letter] ?? letter);
}

/** Every string literal in the Rust files of a folder that is a document and passes a check, once each, sorted. */
export function written(folder, isValid) {
  const files = readdirSync(folder, { recursive: true }).filter((name) => name.endsWith(".rs")).sort();
  const texts = new Set();
  for (const file of files) {
    for (const [, raw, quoted] of readFileSync(join(folder, file), "utf8").matchAll(LITERALS)) {
      const text = raw ?? unescape(quoted);
      if (text.includes("{") && text.length < 4000) texts.add(text);
    }
  }
  return [...texts].filter(isValid).sort();
}
