// Holds a module that was rewritten against wasmi 1.0.3 itself, call by call: results to the bit, traps, memories; and adds up the fuel of both,
// as the cost model is not exact. Only tests import it. (I1, I3)
import assert from 'node:assert/strict';
import { trapOf } from '../executor/traps.ts';
import { RewrittenGuest } from '../instrument/testing.ts';
import { ImportKind, parseModule } from '../wasm/module.ts';
import { isReferenceType } from '../wasm/value-types.ts';
import { callerModule, RESULT_BYTES } from './differential-caller.ts';
import type { MeasuredCall, MeasuredModule, SuiteValue } from './differential-corpus.ts';
import { bitsOf } from './differential-script.ts';
import { memoryHash } from './differential-suite.ts';
import { typeOf } from './differential-world.ts';
import type { NamedPlan } from './plans.ts';

/** Results as text: numbers by their bits, references by what they are. */
function expectedText(results: readonly SuiteValue[]): string {
  return results
    .map((result) => {
      const bits = bitsOf(result);
      return bits === null ? result[0] : Buffer.from(bits).toString('hex');
    })
    .join(' ');
}

const SIZE: Readonly<Record<number, number>> = { 127: 4, 125: 4, 126: 8, 124: 8 };

/**
 * Whether V8's words for a trap may be wasmi's: V8 has one for two of wasmi's, which says one with a number behind it, and for a bulk operation
 * within one table names that (wasmi_core table/error.rs, where its other traps are TrapCodes).
 */
function sameTrap(ours: string, wasmis: string): boolean {
  const same = wasmis
    .replace(/^(uninitialized element) 2$/, '$1')
    .replace(/^(?=out of bounds table access: `table\.\w+`$)/, 'undefined element: ')
    .replace(/: `table\.\w+`$/, '');
  return ours.split(' or ').includes(same);
}

export interface WasmiTally {
  calls: number;
  traps: number;
  uninstantiable: number;
  /** Modules given up because V8's own stack ran out, which in use is 64 MB. (E8) */
  overflows: number;
  /** Fuel that wasmi says the calls consumed, and that we say. */
  fuel: number;
  charged: number;
}

/** @throws Error at the first difference */
export function holdAgainstWasmi(
  { bytes, measured, fuel, termination }: MeasuredModule,
  plan: NamedPlan,
  tally: WasmiTally,
): void {
  if ('uninstantiable' in measured) {
    assert.throws(
      () => new RewrittenGuest(bytes, plan.make),
      WebAssembly.RuntimeError,
      `wasmi does not instantiate it: ${measured.uninstantiable}`,
    );
    tally.uninstantiable++;
    return;
  }
  const module = parseModule(bytes);
  const guest = new RewrittenGuest(bytes, plan.make);
  const { exports } = guest.instance;
  const types = measured.calls.map((call) => {
    const entry = module.exports.find(({ name, kind }) => name === call.function && kind === ImportKind.Function);
    assert.ok(entry);
    return typeOf(module, entry.index);
  });
  const compiled = new WebAssembly.Module(
    callerModule(measured.calls.map((call, n) => ({ ...types[n]!, args: call.args.map(bitsOf) }))),
  );
  const caller = new WebAssembly.Instance(compiled, {
    callee: Object.fromEntries(measured.calls.map((call, n) => [n, exports[call.function]])),
  });
  const { buffer } = caller.exports['results'] as WebAssembly.Memory;
  const run = (call: MeasuredCall, n: number): { text: string; trap: string | undefined } | undefined => {
    const { results } = types[n]!;
    let references: unknown[];
    try {
      const given = (caller.exports[String(n)] as (...values: unknown[]) => unknown)(
        ...call.args.filter((argument) => bitsOf(argument) === null).map(() => null),
      );
      references = Array.isArray(given) ? given : [given];
    } catch (error) {
      const trap = trapOf(error);
      assert.ok(trap !== undefined, `${error}`);
      if (trap.kind === 'ours') return undefined;
      return { text: 'trap', trap: trap.message };
    }
    const text = results.map((type, at) =>
      isReferenceType(type)
        ? references.shift() === null
          ? 'null'
          : 'func'
        : Buffer.from(buffer, at * RESULT_BYTES, SIZE[type]).toString('hex'),
    );
    return { text: text.join(' '), trap: undefined };
  };
  for (const [n, call] of measured.calls.entries()) {
    const label = `call ${n}, ${call.function}(${call.args.map(([type, value]) => `${type} ${value ?? ''}`).join(', ')})`;
    guest.forgetFrames();
    (exports[fuel] as WebAssembly.Global).value = termination;
    const before = guest.consumed;
    const outcome = run(call, n);
    if (outcome === undefined) {
      tally.overflows++;
      return;
    }
    const { text, trap } = outcome;
    if (call.results !== undefined) assert.equal(text, expectedText(call.results), label);
    else
      assert.ok(trap !== undefined && sameTrap(trap, call.trap ?? ''), `${label}: ${trap ?? text}, not ${call.trap}`);
    tally.calls++;
    if (trap !== undefined) tally.traps++;
    tally.fuel += call.fuel;
    tally.charged += guest.consumed - before;
  }
  for (const [name, hash] of measured.memories)
    assert.equal(memoryHash((exports[name] as WebAssembly.Memory).buffer), hash, `memory ${name}`);
}
