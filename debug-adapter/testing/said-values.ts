// What the sources of test plugins say of their variables, by the comments behind them (`// view: name = text`, see rust-views/src/main.rs), and
// whether what is shown is that. Only tests import it.
import fs from 'node:fs';

export interface Said {
  readonly kind: 'view' | 'entries' | 'length';
  readonly name: string;
  readonly text: string;
}

const SOURCES = new URL('../../test-plugins/', import.meta.url);
const COMMENT = /\/\/ (view|entries|length): (\w+) = (.*)$/;

/** What the sources in a folder of test-plugins say, by `file:line`. */
export function saidIn(folder: string): Map<string, Said> {
  const found = new Map<string, Said>();
  for (const file of fs.readdirSync(new URL(folder, SOURCES))) {
    const lines = fs.readFileSync(new URL(`${folder}${file}`, SOURCES), 'utf8').split('\n');
    for (const [at, line] of lines.entries()) {
      const [, kind, name = '', text = ''] = COMMENT.exec(line) ?? [];
      if (kind === 'view' || kind === 'entries' || kind === 'length')
        found.set(`${file}:${at + 1}`, { kind, name, text: text.trim() });
    }
  }
  return found;
}

/** Without what is the debugger's: its remarks, the `&` of references, the number beside a character of C. */
function bare(text: string): string {
  const literal = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)[^']*'/g;
  const outside = (part: string) => part.replace(/ ‹[^›]*›/g, '').replace(/&(?:mut )?/g, '');
  let plain = '';
  let at = 0;
  for (const match of text.matchAll(literal)) {
    plain += outside(text.slice(at, match.index)) + match[0];
    at = match.index + match[0].length;
  }
  return (plain + outside(text.slice(at))).replace(/('(?:[^'\\]|\\.[^']*)') -?\d+/g, '$1');
}

const entries = (text: string): string[] => text.slice(1, -1).split(', ').sort();

/** A value as it is shown. */
interface SeenValue {
  readonly text: string;
  readonly indexed: number;
  /** Of a text: its characters, if they are known. */
  readonly characters?: number | undefined;
}

/** What is wrong with a value, if anything. */
export function wrongIn({ kind, text }: Said, seen: SeenValue): string | undefined {
  if (kind === 'view') return bare(seen.text) === text ? undefined : `shows ${seen.text}, not ${text}`;
  if (kind === 'entries') {
    const alike = JSON.stringify(entries(bare(seen.text))) === JSON.stringify(entries(text));
    return alike ? undefined : `shows ${seen.text}, not ${text} in any order`;
  }
  const length = seen.characters ?? seen.indexed;
  return length === Number(text) ? undefined : `has ${length} elements, not ${text}`;
}

/** Whether a text says that the value, or parts of it, can't be had, and is what the source says where it says anything. */
export function saysWhyNot({ text }: Said, seen: string): boolean {
  const known = bare(seen).split(/‹[^›]*›/);
  if (known.length < 2) return false;
  const literal = (part: string): string => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${known.map(literal).join('.*')}$`, 's').test(text);
}
