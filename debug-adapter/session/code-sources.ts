// The plugin's functions as DAP sources: WAT text, one instruction a line, so that a stop in code shows the code with the arrow on the
// instruction (S6) though there are no sources. A long function comes in windows. Asks the run for rows when one is shown; keeps texts.
// Contracts S6, E2 (few rows at a time), S3 (lines and instructions both ways).
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { GuestFrame } from '../executor/options.ts';
import { grouped, visible } from '../transcript/transcript-line.ts';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import type { SessionRun } from './session-run.ts';

/** Numbers of these sources; DAP has 31 bits for them. The number says which function it is, in every call of the same plugin. */
const FIRST_REFERENCE = 0x4000_0000;
const WINDOWS = 1024;
const LAST_REFERENCE = 0x7fff_ffff;
/** Instructions of one window. */
export const WINDOW = 8000;
/** Lines above the first instruction. */
export const HEAD_LINES = 2;
/** Rows that are asked for at once: each is an object that crosses threads. */
const BATCH = 2000;
/** Characters of texts that are kept. */
const MOST_KEPT = 8_000_000;
const ORIGIN = 'code of the plugin';

interface Window {
  /** Offset of each instruction, ascending. */
  readonly offsets: Float64Array;
  /** Without what is told of it in its first line. */
  readonly text: string;
}

/** The function and window that a source is of; undefined: it is none of these. */
export function codeReference(reference: unknown): { readonly func: number; readonly window: number } | undefined {
  if (typeof reference !== 'number' || !Number.isInteger(reference)) return undefined;
  if (reference < FIRST_REFERENCE || reference > LAST_REFERENCE) return undefined;
  const number = reference - FIRST_REFERENCE;
  return { func: Math.floor(number / WINDOWS), window: number % WINDOWS };
}

export class CodeSources {
  readonly #run: Pick<SessionRun, 'functions' | 'disassemble'>;
  readonly #plugin: string;
  readonly #kept = new Map<number, Window>();
  #keptCharacters = 0;
  /** Where windows of long functions begin, as far as they were looked for. */
  readonly #starts = new Map<number, number[]>();
  readonly #names = new Map<number, string>();
  /** Why a function's text is shown in place of its source, in a sentence; the last that was told counts. */
  readonly #why = new Map<number, string>();

  /** @param plugin the module's file name */
  constructor(run: Pick<SessionRun, 'functions' | 'disassemble'>, plugin: string) {
    this.#run = run;
    this.#plugin = visible(plugin);
  }

  /**
   * Where a frame stands in its function's text; undefined where that can't be had. The call must be stopped. `why`: a sentence that says why it is
   * this text that is shown, and not the source.
   */
  async place(frame: GuestFrame, why?: string): Promise<{ source: DebugProtocol.Source; line: number } | undefined> {
    this.#names.set(frame.func, frame.name);
    if (why !== undefined) this.#why.set(frame.func, why);
    try {
      const window = await this.#windowOf(frame);
      const { offsets } = await this.#window(frame.func, window);
      const line = HEAD_LINES + 1 + Math.max(0, indexAtOrBefore(offsets, frame.offset));
      return { source: this.#source(frame.func, window), line };
    } catch {
      return undefined; // a frame without code is still a frame
    }
  }

  /** The text of a source. @throws Error with a sentence. */
  async text(reference: number): Promise<string> {
    const found = codeReference(reference);
    if (found === undefined) throw new Error(`There is no function's text with the number ${reference}.`);
    const { text } = await this.#window(found.func, found.window);
    const why = this.#why.get(found.func);
    // in the first line: the lines of instructions stay the same
    return why === undefined ? text : `;; ${visible(why)}  ${text}`;
  }

  #source(func: number, window: number): DebugProtocol.Source {
    // a name is shown in tabs and is part of a path there
    const name = visible(this.#names.get(func) ?? `func[${func}]`).replaceAll(/[\\/]/g, '·');
    const short = name.length > 60 ? `…${name.slice(-59)}` : name;
    return {
      name: `${short}${window === 0 ? '' : ` ${window + 1}`}.wat`,
      sourceReference: FIRST_REFERENCE + func * WINDOWS + window,
      origin: this.#why.get(func) ?? ORIGIN,
    };
  }

  async #windowOf({ func, offset }: GuestFrame): Promise<number> {
    const starts = await this.#startsOf(func);
    for (let last = starts.length - 1; (starts[last] ?? 0) <= offset && last + 1 < WINDOWS; last++) {
      const row = (await this.#run.disassemble(starts[0] ?? 0, (last + 1) * WINDOW, 1))[0];
      if (row === undefined || row.definedFunction !== (await this.#defined(func))) break;
      starts.push(row.offset);
    }
    return Math.max(0, indexAtOrBefore(starts, offset));
  }

  async #startsOf(func: number): Promise<number[]> {
    let starts = this.#starts.get(func);
    if (starts === undefined) {
      const place = (await this.#run.functions(`func[${func}]`))[0];
      if (place === undefined) throw new Error(`The plugin defines no function ${func}.`);
      this.#names.set(func, place.name);
      starts = [place.offset];
      this.#starts.set(func, starts);
    }
    return starts;
  }

  readonly #definedFunctions = new Map<number, number>();
  /** Its number among the functions that the module defines. */
  async #defined(func: number): Promise<number> {
    let defined = this.#definedFunctions.get(func);
    if (defined === undefined) {
      const [start = 0] = await this.#startsOf(func);
      defined = (await this.#run.disassemble(start, 0, 1))[0]?.definedFunction ?? -1;
      this.#definedFunctions.set(func, defined);
    }
    return defined;
  }

  async #window(func: number, window: number): Promise<Window> {
    const key = func * WINDOWS + window;
    const kept = this.#kept.get(key);
    if (kept !== undefined) {
      this.#kept.delete(key);
      this.#kept.set(key, kept);
      return kept;
    }
    const [start = 0] = await this.#startsOf(func);
    const [first] = await this.#run.disassemble(start, 0, 1);
    if (first === undefined) throw new Error(`Function ${func} has no code.`);
    const rows: DisassemblyRow[] = [];
    const from = window * WINDOW;
    let more = true;
    while (more && rows.length < WINDOW) {
      const batch = await this.#run.disassemble(start, from + rows.length, Math.min(BATCH, WINDOW - rows.length));
      const own = batch.findIndex((row) => row.definedFunction !== first.definedFunction);
      rows.push(...(own < 0 ? batch : batch.slice(0, own)));
      more = own < 0 && batch.length > 0;
    }
    if (rows.length === 0) throw new Error(`Function ${func} has no instruction ${from}.`);
    if (more) {
      const [next] = await this.#run.disassemble(start, from + rows.length, 1);
      more = next?.definedFunction === first.definedFunction;
    }
    const name = visible(this.#names.get(func) ?? `func[${func}]`);
    const where = `;; ${name}, function ${func} of ${this.#plugin}, at 0x${start.toString(16)}`;
    const head =
      window === 0
        ? where
        : `${where}: from instruction ${grouped(from)} (0x${(rows[0]?.offset ?? 0).toString(16)}) on`;
    const made = {
      offsets: Float64Array.from(rows, ({ offset }) => offset),
      text: textOf(head, first.symbol, rows, more),
    };
    this.#keep(key, made);
    return made;
  }

  #keep(key: number, made: Window): void {
    this.#kept.set(key, made);
    this.#keptCharacters += made.text.length;
    for (const [oldest, { text }] of this.#kept) {
      if (this.#keptCharacters <= MOST_KEPT || oldest === key) break;
      this.#kept.delete(oldest);
      this.#keptCharacters -= text.length;
    }
  }
}

/** The last index whose number is not above `wanted`; -1 for none. */
function indexAtOrBefore(ascending: ArrayLike<number>, wanted: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** @param goesOn the function has more instructions than these */
function textOf(head: string, header: string, rows: readonly DisassemblyRow[], goesOn: boolean): string {
  const lineOf = new Map(rows.map(({ offset }, index) => [offset, HEAD_LINES + 1 + index]));
  // Offsets in the comments name places that have lines here.
  const line = (all: string, digits: string): string => {
    const found = lineOf.get(Number.parseInt(digits, 16));
    return found === undefined ? all : `→ line ${found}`;
  };
  const lines = [head, `(${header}`];
  for (const [index, { text, depth, valid }] of rows.entries()) {
    const last = !goesOn && index === rows.length - 1 && valid && text === 'end';
    lines.push(last ? ')' : `${'  '.repeat(Math.min(depth, 40) + 1)}${text.replace(/→ 0x([0-9a-f]+)/g, line)}`);
  }
  if (goesOn) lines.push('  ;; … and on');
  return `${lines.join('\n')}\n`;
}
