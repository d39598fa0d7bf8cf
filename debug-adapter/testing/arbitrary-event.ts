// Arbitrary events of a call, for property tests of the log and of the recording file. Only tests import it.
import fc from 'fast-check';
import type { AnsweredBy, FoldedCall, RunEvent } from '../recording/event.ts';
import { SYSCALL_NAMES } from '../recording/syscalls.ts';

const fuel = fc.oneof(fc.nat(), fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }));
/** Files keep nanoseconds. */
const time = fc.double({ min: 0, max: 1e7, noNaN: true }).map((ms) => Math.round(ms * 1e6) / 1e6);
/** Objects as literals make them. */
const plain = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(fields, { noNullPrototype: true }) as fc.Arbitrary<T>;
const base = { seq: fc.constant(0), fuel, time };

/** Text of every kind, and bytes that are no text: lone continuation bytes, half a character, a BOM, NULs. */
const bytes = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => new TextEncoder().encode(text)),
  fc.string().map((text) => new TextEncoder().encode(text)),
  fc.uint8Array({ maxLength: 60 }).map((array) => Uint8Array.from(array)),
  fc.constantFrom(
    Uint8Array.of(),
    Uint8Array.of(0),
    Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b),
    Uint8Array.of(0xc3),
    Uint8Array.of(0xed, 0xa0, 0x80),
    new TextEncoder().encode('\u2028\u2029\u0000\u001f"\\🦀\ufeff'),
  ),
);

const isUtf8 = (array: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(array);
    return true;
  } catch {
    return false;
  }
};
const lineOf = (array: Uint8Array) => ({
  bytes: array,
  line: new TextDecoder().decode(array),
  utf8: isUtf8(array),
});

/** Who answered, the reasons of a later day included. */
const answeredBy: fc.Arbitrary<AnsweredBy> = fc.oneof(
  fc
    .tuple(fc.string(), fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 9999 }), fc.constantFrom(0, 1, 2, 3))
    .map(([file, method, number, which]) => ({
      by: 'mock' as const,
      file,
      method,
      ...(which > 0 ? { line: number } : {}),
      ...(which > 1 ? { rule: number, why: file } : {}),
    })),
  fc.string({ unit: 'grapheme' }).map((command) => ({ by: 'host' as const, command })),
  fc.constantFrom({ by: 'nobody' as const }, { by: 'nobody' as const, why: 'no rule fits' }),
  fc.constantFrom(
    { by: 'hand' as const },
    { by: 'hand' as const, changes: 0 },
    { by: 'hand' as const, changes: 2, why: 'in place of another' },
  ),
  fc.string({ unit: 'grapheme' }).map((why) => ({ by: 'debugger' as const, why })),
);

/** An argument of a syscall as a guest passes it: i32 signed, i64 as the BigInt it is where a double can't hold it. */
const argument = fc.oneof(
  fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }),
);
const writes = fc.array(plain({ address: fc.nat(0xffffffff), bytes }), { maxLength: 4 });
const errno = fc.option(fc.integer({ min: 0, max: 76 }), { nil: undefined });
const name = fc.constantFrom(...SYSCALL_NAMES);
const count = fc.integer({ min: 1, max: 0xffffffff });

const foldedCalls = fc
  .array(
    fc.oneof(
      plain({ name, errno, fuelToZero: fc.boolean(), writes }),
      plain({ name: fc.constant('yield' as const), count: fc.integer({ min: 1, max: 1000 }) }),
    ),
    { minLength: 1, maxLength: 6 },
  )
  // yields in a row are one entry
  .map((calls): FoldedCall[] =>
    calls.filter((call, at) => !('count' in call) || !(calls[at - 1] && 'count' in (calls[at - 1] ?? {}))),
  );

export const arbitraryEvent: fc.Arbitrary<RunEvent> = fc.oneof(
  plain({
    ...base,
    dir: fc.constantFrom('in' as const, 'out' as const),
    text: bytes,
    complete: fc.boolean(),
    unread: fc.boolean(),
    source: fc.option(answeredBy, { nil: undefined }),
  }).map(({ text, source, ...rest }) => ({
    ...rest,
    ...lineOf(text),
    ...(source === undefined ? {} : { answeredBy: source }),
    kind: 'rpc' as const,
  })),
  plain({ ...base, text: bytes, complete: fc.boolean() }).map(({ text, ...rest }) => ({
    ...rest,
    ...lineOf(text),
    kind: 'stderr' as const,
  })),
  plain({
    ...base,
    kind: fc.constant('syscall' as const),
    name,
    args: fc.array(argument, { maxLength: 9 }),
    errno,
    writes,
    sent: fc.option(plain({ bytes: fc.nat(0xffffffff), crc: fc.nat(0xffffffff) }), { nil: undefined }),
    flags: plain({
      fuelToZero: fc.boolean(),
      emptyPoll: fc.boolean(),
      hostWouldPanic: fc.boolean(),
      sleepMs: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true }), { nil: undefined }),
    }),
  }),
  plain({ ...base, kind: fc.constant('yield' as const), count, lastFuel: fuel, required: fuel }),
  plain({
    ...base,
    kind: fc.constant('grow' as const),
    space: fc.constantFrom('memory' as const, 'table' as const),
    index: fc.nat(0xffff),
    delta: fuel,
    result: fc.oneof(fc.constant(-1), fc.nat()),
  }),
  plain({
    ...base,
    kind: fc.constant('edit' as const),
    space: fc.constantFrom('local' as const, 'stack' as const, 'global' as const, 'reply' as const),
    index: fc.nat(0xffff),
    address: fc.constant(0),
    bytes: fc.uint8Array({ maxLength: 16 }),
    moment: fc.nat(),
    offset: fc.oneof(fc.constant(-1), fc.nat()),
    text: fc.string({ unit: 'grapheme' }),
  }),
  plain({
    ...base,
    kind: fc.constant('diagnosis' as const),
    diagnosis: fc.constantFrom('stray-text', 'panic', 'hang'),
    message: fc.string({ unit: 'grapheme' }),
    severity: fc.constantFrom('fault' as const, 'warning' as const),
  }),
  plain({
    ...base,
    kind: fc.constant('exit' as const),
    reason: fc.constantFrom('returned', 'exit', 'trap', 'limit', 'terminated', 'unusable', 'ours'),
    code: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }), { nil: undefined }),
    message: fc.string({ unit: 'grapheme' }),
    memorySha256: fc.option(fc.stringMatching(/^[0-9a-f]{64}$/), { nil: undefined }),
    inputs: fc.option(fc.nat(0xffffffff), { nil: undefined }),
    at: fc.constantFrom(undefined, 'event' as const, 'charge' as const, 'before' as const, 'bulk' as const),
  }),
  plain({ ...base, calls: foldedCalls }).map(({ calls, ...rest }) => ({
    ...rest,
    kind: 'folded' as const,
    count: calls.length,
    calls,
  })),
);

/** A run's events, numbered. */
export const arbitraryEvents = fc
  .array(arbitraryEvent, { maxLength: 40 })
  .map((events) => events.map((event, seq): RunEvent => ({ ...event, seq })));
