// Words of the command line as options and positionals. Not node:util's parser: a parameter may be `-5`, a plugin's argument may be
// `--verbose`, and what is wrong is said in one sentence. Pure.

/** Wrong words on the command line, or a file that can't be read or written: one sentence; exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface Option {
  /** `text` takes a value: the next word, or what follows `=`. */
  readonly type: 'text' | 'flag';
  /** May be given more than once. Of others the last counts. */
  readonly many?: true;
  readonly short?: string;
}

type Options = Readonly<Record<string, Option>>;
type Value<T extends Option> = T extends { type: 'flag' } ? boolean : T extends { many: true } ? string[] : string;

export interface Words<T extends Options> {
  readonly values: { readonly [K in keyof T]?: Value<T[K]> };
  readonly positionals: readonly string[];
}

/** `-`, and what begins like a negative number, is no option: a call's parameters may be one. */
const NO_OPTION = /^(?!-)|^-\d|^-$/;

/** Reads the words after a command's name. `--` ends the options. @throws UsageError */
export function parseWords<const T extends Options>(command: string, words: readonly string[], options: T): Words<T> {
  const values: Record<string, boolean | string | string[]> = {};
  const positionals: string[] = [];
  const known = (word: string): string | undefined => {
    const long = word.startsWith('--');
    const name = word.slice(long ? 2 : 1);
    if (long) return Object.hasOwn(options, name) ? name : undefined;
    return Object.keys(options).find((key) => options[key]?.short === name);
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      positionals.push(...words.slice(at + 1));
      break;
    }
    if (NO_OPTION.test(word)) {
      positionals.push(word);
      continue;
    }
    const equals = word.indexOf('=');
    const given = equals < 0 ? word : word.slice(0, equals);
    const name = known(given);
    const option = name === undefined ? undefined : options[name];
    if (name === undefined || option === undefined)
      throw new UsageError(`There is no option ${cut(given)}${meant(given, options)}: ${command} --help lists them.`);
    if (option.type === 'flag') {
      if (equals >= 0) throw new UsageError(`${given} takes no value, and was given '${cut(word.slice(equals + 1))}'.`);
      values[name] = true;
      continue;
    }
    let value = equals < 0 ? words[++at] : word.slice(equals + 1);
    // An option of ours is no value, unless `=` says so: its own value was forgotten.
    if (equals < 0 && value !== undefined && (value === '--' || (!NO_OPTION.test(value) && known(value) !== undefined)))
      value = undefined;
    if (value === undefined) throw new UsageError(`${given} lacks its value: ${command} --help shows it.`);
    if (!option.many) values[name] = value;
    else values[name] = [...((values[name] as string[] | undefined) ?? []), value]; // only this line sets it
  }
  return { values: values as Words<T>['values'], positionals }; // each by its option's type
}

/** A word as a sentence repeats it: whole parameters may stand where an option should. */
function cut(word: string): string {
  return word.length > 100 ? `${word.slice(0, 100)}…` : word;
}

/** The option that was probably meant. */
function meant(given: string, options: Options): string {
  const near =
    cut(given) !== given
      ? undefined
      : Object.keys(options).find((name) => distance(given.replace(/^-+/, ''), name) <= 2);
  return near === undefined ? '' : ` (did you mean --${near}?)`;
}

/** Levenshtein's distance. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
