// The fields and values that were seen in params of a host method, along a path: what an author is likely to match. Values keep their digits (P2). Pure.
import { getPath, type JsonPath, type JsonValue, parseJson, stringifyJson } from '../rpc/json.ts';
import { LosslessNumber } from '../rpc/json-number.ts';
import type { Observed } from './observed.ts';

/** The most values of one field. */
const MOST = 30;
/** A longer value is no help in a list (UTF-16 units). */
const LONGEST = 400;

/** All params that were seen of a method and can be read. */
function paramsOf(observed: Observed, method: string): JsonValue[] {
  const seen = observed.methods.find((each) => each.method === method)?.params ?? [];
  return seen.flatMap((text) => {
    try {
      return [parseJson(text)];
    } catch {
      return []; // cut, or no JSON
    }
  });
}

/** Names of the members of the values at `path`, each with JSON texts of what it held. */
export function seenFields(observed: Observed, method: string, path: JsonPath): Map<string, string[]> {
  const fields = new Map<string, string[]>();
  for (const params of paramsOf(observed, method)) {
    const at = getPath(params, path);
    if (typeof at !== 'object' || at === null || Array.isArray(at) || at instanceof LosslessNumber) continue;
    for (const [name, value] of Object.entries(at)) {
      const values = fields.get(name) ?? [];
      fields.set(name, values);
      add(values, value);
    }
  }
  return fields;
}

/** JSON texts of the values at `path`. */
export function seenValues(observed: Observed, method: string, path: JsonPath): string[] {
  const values: string[] = [];
  for (const params of paramsOf(observed, method)) {
    const at = getPath(params, path);
    if (at !== undefined) add(values, at);
  }
  return values;
}

/** Paths to values within params, as `$param` writes them: members of objects, not of arrays. */
export function seenPaths(observed: Observed, method: string): string[] {
  const paths = new Set<string>();
  const visit = (value: JsonValue, path: string, depth: number): void => {
    if (depth > 6 || paths.size >= 200) return;
    if (typeof value !== 'object' || value === null || value instanceof LosslessNumber) return;
    if (Array.isArray(value)) {
      if (value[0] === undefined) return;
      const first = `${path}[0]`;
      paths.add(first);
      visit(value[0], first, depth + 1);
      return;
    }
    for (const [name, each] of Object.entries(value)) {
      const step = /^[\p{ID_Start}_$][\p{ID_Continue}$-]*$/u.test(name)
        ? `${path === '' ? '' : '.'}${name}`
        : `[${JSON.stringify(name)}]`;
      paths.add(path + step);
      visit(each, path + step, depth + 1);
    }
  };
  for (const params of paramsOf(observed, method)) visit(params, '', 0);
  return [...paths];
}

function add(values: string[], value: JsonValue): void {
  if (values.length >= MOST) return;
  const text = stringifyJson(value);
  if (text.length <= LONGEST && !values.includes(text)) values.push(text);
}
