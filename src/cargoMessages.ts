// One line of `cargo build --message-format=json…`: what to print, what to mark in which file, which module was made. Pure; anything
// that is not such a line is text to print. (The Cargo Book, External Tools, JSON messages.)
import path from 'node:path';

/** A place in a source, in the editor's terms: lines and UTF-16 columns from 0. */
export interface Mark {
  /** Absolute. */
  readonly file: string;
  readonly from: readonly [line: number, column: number];
  readonly to: readonly [line: number, column: number];
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** `E0308`, or a lint's name. */
  readonly code: string | undefined;
}

export interface CargoMessage {
  /** Text for the terminal. */
  readonly text: string;
  readonly mark: Mark | undefined;
  /** Absolute path of a binary that was made, or was there already and is up to date. */
  readonly executable: { readonly binary: string; readonly file: string } | undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const isText = (value: unknown): value is string => typeof value === 'string';

/** rustc counts characters; an editor counts UTF-16 units. The span carries its first line's text. */
function column(span: Record<string, unknown>, name: 'column_start' | 'column_end'): number {
  const characters = Number(span[name]) - 1;
  const [line] = Array.isArray(span['text']) ? span['text'] : [];
  const text = isObject(line) && isText(line['text']) ? line['text'] : '';
  const oneLine = span['line_start'] === span['line_end'];
  if (name === 'column_end' && !oneLine) return characters;
  return [...text].slice(0, characters).join('').length || characters;
}

function markOf(message: Record<string, unknown>, root: string): Mark | undefined {
  const { level, spans, code } = message;
  if (level !== 'error' && level !== 'warning') return undefined;
  const primary = Array.isArray(spans)
    ? spans.find((span) => isObject(span) && span['is_primary'] === true)
    : undefined;
  if (!isObject(primary) || !isText(primary['file_name'])) return undefined;
  // what a macro made has no file
  if (primary['file_name'].startsWith('<')) return undefined;
  const label = isText(primary['label']) ? `: ${primary['label']}` : '';
  return {
    file: path.resolve(root, primary['file_name']),
    from: [Number(primary['line_start']) - 1, column(primary, 'column_start')],
    to: [Number(primary['line_end']) - 1, column(primary, 'column_end')],
    severity: level,
    message: `${isText(message['message']) ? message['message'] : 'rustc gave no reason'}${label}`,
    code: isObject(code) && isText(code['code']) ? code['code'] : undefined,
  };
}

/** Reads a line of cargo's stdout. `root` is the Cargo workspace's directory, which rustc's paths are relative to. */
export function readCargoLine(line: string, root: string): CargoMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { text: `${line}\n`, mark: undefined, executable: undefined };
  }
  const none = { text: '', mark: undefined, executable: undefined };
  if (!isObject(value)) return { ...none, text: `${line}\n` };
  const { reason, message, executable, target } = value;
  if (reason === 'compiler-message' && isObject(message)) {
    const text = isText(message['rendered']) ? message['rendered'] : '';
    return { ...none, text, mark: markOf(message, root) };
  }
  if (reason === 'compiler-artifact' && isText(executable) && isObject(target) && isText(target['name']))
    return { ...none, executable: { binary: target['name'], file: executable } };
  return none;
}
