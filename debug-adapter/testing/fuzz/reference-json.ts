// A second, plain reader of JSON, to compare ours with: it keeps members in order, the same key twice, and each scalar's text. JSON.parse says what is
// JSON; this says what is in it. Only targets import it.

export type Tree =
  | { readonly kind: 'scalar'; readonly source: string }
  | { readonly kind: 'array'; readonly items: readonly Tree[] }
  | { readonly kind: 'object'; readonly members: readonly (readonly [key: string, value: Tree])[] };

const TOKEN = /[ \t\r\n]*("(?:[^"\\]|\\[\s\S])*"|-?\d[\d.eE+-]*|true|false|null|[[\]{},:])/y;

/** What is in `text`, which JSON.parse takes. Not for texts nested deeper than some thousand levels. */
export function readTree(text: string): Tree {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text)) tokens.push(match[1] ?? '');
  let at = 0;
  const value = (): Tree => {
    const token = tokens[at++] ?? '';
    if (token === '[') {
      const items: Tree[] = [];
      while (tokens[at] !== ']') {
        items.push(value());
        if (tokens[at] === ',') at++;
      }
      at++;
      return { kind: 'array', items };
    }
    if (token === '{') {
      const members: [string, Tree][] = [];
      while (tokens[at] !== '}') {
        const key = JSON.parse(tokens[at] ?? '""') as string;
        at += 2; // the key and its colon
        members.push([key, value()]);
        if (tokens[at] === ',') at++;
      }
      at++;
      return { kind: 'object', members };
    }
    return { kind: 'scalar', source: token };
  };
  return value();
}

/** The texts of all numbers of a JSON text, in order. Members that a later one of the same name hides are left out where `last` is set. */
export function numbersIn(tree: Tree, last = false): string[] {
  const found: string[] = [];
  const rest: Tree[] = [tree];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    if (next.kind === 'scalar') {
      if (/^[-\d]/.test(next.source)) found.push(next.source);
    } else if (next.kind === 'array') rest.push(...next.items);
    else rest.push(...(last ? new Map(next.members).values() : next.members.map(([, value]) => value)));
  }
  return found;
}

/** How many brackets stand inside one another at most, in a text that JSON.parse takes. */
export function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\[\s\S])*"|[[\]{}]/g)) {
    if (token === '[' || token === '{') most = Math.max(most, ++depth);
    else if (token === ']' || token === '}') depth--;
  }
  return most;
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
