// JSON whose numbers stay what they were: JavaScript's own would round what a double can't hold.

// TypeScript's library does not know these yet (V8 11.4, Node 21).
const V8 = JSON as unknown as {
  rawJSON(text: string): unknown;
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown;
};

/** A value that `JSON.stringify` writes as it stands. */
export const rawJson = (text: string): unknown => V8.rawJSON(text);

/** Parses JSON so that `JSON.stringify` gives every number back as it stood. */
export const parseExactly = (text: string): unknown =>
  V8.parse(text, (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== String(value) ? rawJson(source) : value,
  );
