// A mock file's JSON text while it is read: its members, where they stand, and a list of all that is wrong with them. Knows what a member may
// be, not what it means. Contract E4 (bounded depth).
import { MAX_DEPTH, scanJson } from '../rpc/json-scan.ts';
import { quoted } from '../wasm/quoted.ts';
import { includePath } from './include-path.ts';
import type { JsoncText, JsonMember, JsonNode } from './jsonc.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { type MockProblem, type MockProblemCode, Places } from './problems.ts';
import type { MockPlace, MockStateUse } from './rules.ts';
import { compileTemplate, type Template } from './template.ts';

/** In a reply line a result lies one level deep, and serde_json in the plugin reads MAX_DEPTH levels. */
export const RESULT_DEPTH = MAX_DEPTH - 1;

export const TOO_DEEP = `This result is nested deeper than ${RESULT_DEPTH} levels, which no plugin could read.`;

export class FileText {
  readonly name: string;
  readonly text: JsoncText;
  /** Some results may be nested too deep. */
  readonly mayBeDeep: boolean;
  /** All that is wrong, as it was found. */
  readonly problems: MockProblem[] = [];
  /** So many of the problems are errors. */
  errors = 0;
  readonly stateUses: MockStateUse[] = [];
  readonly #places: Places;

  /** `written`: the text whose lines are told, where it is another one. */
  constructor(name: string, text: JsoncText, mayBeDeep: boolean, written = text.text) {
    this.name = name;
    this.text = text;
    this.mayBeDeep = mayBeDeep;
    this.#places = new Places(name, written);
  }

  place({ start, end }: { start: number; end: number }): MockPlace {
    return this.#places.place(start, end);
  }

  readonly report = (
    node: { start: number; end: number },
    code: MockProblemCode,
    message: string,
    severity: MockProblem['severity'] = 'error',
  ): void => {
    if (severity === 'error') this.errors++;
    this.problems.push({ ...this.place(node), severity, code, message });
  };

  /** For compilers, which know errors only. */
  readonly #error = (node: { start: number; end: number }, code: MockProblemCode, message: string): void =>
    this.report(node, code, message);

  pattern(node: JsonNode): Pattern {
    return compilePattern(this.text, node, this.#error);
  }

  template(node: JsonNode): Template {
    return compileTemplate(this.text, node, this.#error);
  }

  /** Where the path of a plugin leads that this file names. */
  plugin(path: string): string {
    return includePath(this.name, path);
  }

  /** The name of a state; undefined, and reported, where it is none. */
  state(node: JsonNode, use: MockStateUse['use']): string | undefined {
    if (node.kind !== 'string') {
      this.report(node, 'shape', 'A state is a name in quotes.');
      return undefined;
    }
    const state = this.text.string(node);
    this.stateUses.push({ state, use, place: this.place(node) });
    return state;
  }

  /** Members, each key once. */
  distinct(
    members: readonly JsonMember[],
    code: MockProblemCode,
    what: (name: string) => string,
  ): readonly JsonMember[] {
    const seen = new Set<string>();
    return members.filter(({ key, keyStart, keyEnd }) => {
      if (!seen.has(key)) {
        seen.add(key);
        return true;
      }
      const node = { start: keyStart, end: keyEnd };
      this.report(node, code, `${what(quoted(key))} stands here a second time; remove one.`);
      return false;
    });
  }

  /** Reports a member that is none of those `of` has. */
  unknown({ key, keyStart, keyEnd }: JsonMember, of: string, known: readonly string[]): void {
    this.report(
      { start: keyStart, end: keyEnd },
      'unknown-member',
      `There is no \`${quoted(key)}\` in ${of}: there are ${known.map((name) => `\`${name}\``).join(', ')}.`,
    );
  }

  /** The texts of a list; what else is in it, or stands in its place, is reported by `sentence`. */
  texts(node: JsonNode, sentence: string): JsonNode[] {
    const items = node.kind === 'array' ? this.text.items(node) : [];
    if (node.kind !== 'array') this.report(node, 'shape', sentence);
    return items.filter((item) => {
      if (item.kind !== 'string') this.report(item, 'shape', sentence);
      return item.kind === 'string';
    });
  }

  /** Reports a result that no plugin could read. */
  checkDepth({ start, end }: JsonNode): void {
    if (!this.mayBeDeep) return;
    const { fault } = scanJson(this.text.text, { start, end, trailingCommas: true, maxDepth: RESULT_DEPTH });
    if (fault !== undefined) this.report({ start: fault.offset, end }, 'too-deep', TOO_DEEP);
  }
}
