// The keys of the filter's language: what each takes, and what the completion says of it. Not how rows are held against them (filter-rows.ts).
// docs/transcript-filter.md tells the same to people.
import { SYSCALL_NAMES } from '../recording/syscalls.ts';
import { ERRNO_NAMES, errnoName } from '../wasi/definitions.ts';
import { ROW_KINDS, type RowKind } from './row-table.ts';

/** Units of an amount: what they multiply it by. The first is what a bare number is in. */
export type Units = Readonly<Record<string, number>>;
const COUNT: Units = {};
const FUEL: Units = { k: 1e3, m: 1e6, g: 1e9 };
const BYTES: Units = {
  b: 1,
  k: 1e3,
  kb: 1e3,
  m: 1e6,
  mb: 1e6,
  g: 1e9,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};
const MS: Units = { ms: 1, ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, s: 1e3 };

/** What rows have a number for. */
export type Quantity = 'fuel' | 'total' | 'dur' | 'time' | 'bytes' | 'depth' | 'event' | 'errno';
export type NameField = 'method' | 'name' | 'syscall';
export type WordField = 'kind' | 'dir' | 'level' | 'is';
export type KeyName = Quantity | NameField | WordField | 'id' | 'text';

export type Key = {
  readonly name: KeyName;
  /** A few words, for the list of completions. */
  readonly about: string;
  /** A token that is right. */
  readonly example: string;
} & (
  | { readonly takes: 'names'; readonly name: NameField }
  /** Words of a closed list; what each is, in a few words. */
  | { readonly takes: 'words'; readonly name: WordField; readonly words: ReadonlyMap<string, string> }
  | {
      readonly takes: 'numbers';
      readonly name: Quantity;
      readonly units: Units;
      /** `5ms, 2s`: what the refusal of something else says. */
      readonly samples: string;
      /** Of the unit's amounts only whole ones are there. */
      readonly whole: boolean;
    }
  | { readonly takes: 'ids'; readonly name: 'id' }
  | { readonly takes: 'text'; readonly name: 'text' }
);

/** What `kind:` has words for: kinds, and groups of them. */
export const KIND_GROUPS: ReadonlyMap<string, readonly RowKind[]> = new Map<string, readonly RowKind[]>([
  ...ROW_KINDS.map((kind) => [kind, [kind]] as const),
  ['message', ['request', 'result', 'error', 'invalid']],
  ['reply', ['result', 'error']],
  ['log', ['stderr']],
]);

const KIND_ABOUT: Readonly<Record<string, string>> = {
  request: 'a call of a method',
  result: 'a reply with a result',
  error: 'a reply with an error',
  invalid: 'a line that is no message',
  syscall: 'a WASI call',
  polls: 'polls of an empty stdin, folded',
  stderr: 'a log line',
  yield: 'the slice of fuel ran out',
  grow: 'memory.grow or table.grow',
  edit: 'changed by hand at a stop',
  diagnosis: 'what is wrong, in a sentence',
  exit: 'the end of the plugin',
  folded: 'past the bound on events: only counted',
  message: 'any line between plugin and host',
  reply: 'a result or an error',
  log: 'a log line',
};

export const KEYS: readonly Key[] = [
  { name: 'method', takes: 'names', about: 'requests of a method, and their replies', example: 'method:greet.*' },
  {
    name: 'kind',
    takes: 'words',
    about: 'what a row is',
    example: 'kind:error,invalid',
    words: new Map([...KIND_GROUPS.keys()].map((kind) => [kind, KIND_ABOUT[kind] ?? kind])),
  },
  {
    name: 'dir',
    takes: 'words',
    about: 'direction of a message',
    example: 'dir:out',
    words: new Map([
      ['out', 'plugin → host'],
      ['in', 'host → plugin'],
    ]),
  },
  { name: 'text', takes: 'text', about: 'text or /pattern/ in what was written', example: 'text:"not found"' },
  { name: 'syscall', takes: 'names', about: 'WASI calls by name', example: 'syscall:fd_*' },
  {
    name: 'errno',
    takes: 'numbers',
    about: 'what a WASI call returned',
    example: 'errno:!0',
    units: COUNT,
    samples: 'EBADF, 8, !0',
    whole: true,
  },
  {
    name: 'level',
    takes: 'words',
    about: 'rows that something is wrong with',
    example: 'level:fault',
    words: new Map([
      ['fault', 'what production fails at'],
      ['warning', 'what production lets pass'],
    ]),
  },
  {
    name: 'is',
    takes: 'words',
    about: 'state of a row',
    example: 'is:pending',
    words: new Map([
      ['pending', 'a request without a reply so far'],
      ['nested', 'caused by a request that is still open'],
      ['poll', 'a poll of an empty stdin'],
    ]),
  },
  { name: 'id', takes: 'ids', about: 'id of a message', example: 'id:3' },
  {
    name: 'dur',
    takes: 'numbers',
    about: 'time from a request to its reply',
    example: 'dur:>5ms',
    units: MS,
    samples: '>5ms, 10us..2s',
    whole: false,
  },
  {
    name: 'time',
    takes: 'numbers',
    about: 'time since the call began',
    example: 'time:10..20ms',
    units: MS,
    samples: '<2s, 10..20ms',
    whole: false,
  },
  {
    name: 'fuel',
    takes: 'numbers',
    about: 'fuel since the row before',
    example: 'fuel:>1000',
    units: FUEL,
    samples: '>1000, 5k..2M',
    whole: true,
  },
  {
    name: 'total',
    takes: 'numbers',
    about: 'fuel since the call began',
    example: 'total:>1M',
    units: FUEL,
    samples: '>1M, 5k..2M',
    whole: true,
  },
  {
    name: 'bytes',
    takes: 'numbers',
    about: 'size of a line, or of what a WASI call moved',
    example: 'bytes:>1kB',
    units: BYTES,
    samples: '>1kB, 0..64KiB',
    whole: true,
  },
  {
    name: 'depth',
    takes: 'numbers',
    about: 'how deep a row is nested',
    example: 'depth:>1',
    units: COUNT,
    samples: '2, >1, 1..3',
    whole: true,
  },
  {
    name: 'event',
    takes: 'numbers',
    about: 'number of the event',
    example: 'event:120..130',
    units: COUNT,
    samples: '120, >=120, 120..130',
    whole: true,
  },
  { name: 'name', takes: 'names', about: 'method, WASI call, or what else a row is called', example: 'name:memory.*' },
];

const BY_NAME: ReadonlyMap<string, Key> = new Map(KEYS.map((key) => [key.name, key]));

/** The key that is called `name`, in any case. */
export function keyOf(name: string): Key | undefined {
  return BY_NAME.get(name.toLowerCase());
}

/** The number of an errno that is named as C or WASI names it, in any case: 8 for `EBADF` and `badf`. */
export function errnoOf(name: string): number | undefined {
  return ERRNO_NUMBERS.get(name.toUpperCase());
}
/** Every errno by its number, as C names it. */
export const ERRNOS: readonly string[] = ERRNO_NAMES.map((_, number) => errnoName(number));
const ERRNO_NUMBERS: ReadonlyMap<string, number> = new Map(
  ERRNO_NAMES.flatMap((name, number) => [[name, number] as const, [errnoName(number), number] as const]),
);

/** Syscalls that a plugin can make, for `syscall:`. */
export const SYSCALLS: readonly string[] = SYSCALL_NAMES;

/** The one of `names` that `wrong` was probably meant to be. */
export function nearest(wrong: string, names: Iterable<string>): string | undefined {
  const word = wrong.toLowerCase().slice(0, 40);
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const name of names) {
    const other = name.toLowerCase();
    // `duration` for `dur`, `meth` for `method`
    const begins = word.length > 1 && (other.startsWith(word) || word.startsWith(other));
    // so many characters are to be inserted at least
    if (!begins && Math.abs(word.length - other.length) >= least) continue;
    const cost = begins ? 0.5 : distance(word, other);
    if (cost < least) {
      best = name;
      least = cost;
    }
  }
  return best;
}

/** Characters to insert, remove, exchange or swap. */
function distance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, before[j - 2]! + 1);
      next.push(cost);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}
