const WIDTH = 48;

/** RQL with a line for each part, and long lists of keys shortened to their ends. */
export function readable(rql: string): string {
  return rql
    .split('&')
    .flatMap((part) => (part.length <= WIDTH ? [part] : broken(part)))
    .join('\n');
}

function broken(part: string): string[] {
  const shortened = part.replace(/\(("[^"()]*"(?:,"[^"()]*")+)\)/g, (list, inner: string) => {
    const keys = inner.split(',');
    return keys.length <= 6 ? list : `(${keys.slice(0, 3).join(',')}, … ${keys.length - 4} more …,${keys.at(-1)})`;
  });
  const comma = shortened.indexOf(',');
  return comma < 0 || shortened.length <= WIDTH ? [shortened] : [shortened.slice(0, comma + 1), `  ${shortened.slice(comma + 1)}`];
}
