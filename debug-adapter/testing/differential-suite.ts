// Runs a file of the WebAssembly test suite, as it is or rewritten under a plan: what comes of each step as text, and whether that is what the
// suite asks for. Only tests import it. (I1)
import { instrument } from '../instrument/instrument.ts';
import { RewrittenGuest } from '../instrument/testing.ts';
import { WasmError } from '../wasm/error.ts';
import { ImportKind, parseModule, type WasmModule } from '../wasm/module.ts';
import { isReferenceType, V128 } from '../wasm/value-types.ts';
import { RESULT_BYTES } from './differential-caller.ts';
import type { SuiteValue } from './differential-corpus.ts';
import { framesOf } from './differential-frames.ts';
import { bitsOf, type Script, type ScriptCall, type ScriptModule, type Step } from './differential-script.ts';
import type { NamedPlan } from './plans.ts';

/** What came of a step. Two runs of a file must agree in `text`; `wrong` is what the suite does not find right. */
export interface StepOutcome {
  readonly line: number;
  readonly text: string;
  readonly wrong: string | undefined;
}

interface Instance {
  readonly module: WasmModule;
  readonly instance: WebAssembly.Instance;
  readonly guest: RewrittenGuest | undefined;
  readonly caller: WebAssembly.Instance | undefined;
  /** Calls nothing of another module, so that every frame is its own. */
  readonly alone: boolean;
}

/** What externrefs hold, by the number that the suite gives them. */
const OBJECTS: object[] = [];
function hostObject(n: number): object {
  OBJECTS[n] ??= { hostObject: n };
  return OBJECTS[n];
}

function spectest(): Record<string, unknown> {
  const print = () => {};
  const global = (value: WebAssembly.ValueType, initial: unknown) => new WebAssembly.Global({ value }, initial);
  return {
    ...Object.fromEntries(
      ['', '_i32', '_i64', '_f32', '_f64', '_i32_f32', '_f64_f64'].map((of) => [`print${of}`, print]),
    ),
    global_i32: global('i32', 666),
    global_i64: global('i64', 666n),
    global_f32: global('f32', 666.6),
    global_f64: global('f64', 666.6),
    table: new WebAssembly.Table({ element: 'anyfunc', initial: 10, maximum: 20 }),
    memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }),
  };
}

/** V8's own stack ran out, or the count says that production's would have. Where it does is no part of I1 (E8). */
const EXHAUSTED = 'exhausted';

function isExhaustion(error: unknown): boolean {
  return error instanceof RangeError && /call stack/.test(error.message);
}

function valueText(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'function') return `function ${value.name}`;
  const object = OBJECTS.indexOf(value as object);
  return object >= 0 ? `extern ${object}` : `${typeof value} ${String(value)}`;
}

function nanFits(bits: bigint, width: 32 | 64, kind: string): boolean {
  const [infinity, quiet] = width === 32 ? [0x7f80_0000n, 0x0040_0000n] : [0x7ff0n << 48n, 0x0008n << 48n];
  const magnitude = BigInt.asUintN(width - 1, bits);
  if (kind === 'canonical') return magnitude === infinity + quiet;
  return (magnitude & infinity) === infinity && (magnitude & quiet) !== 0n;
}

function laneFits(view: DataView, at: number, width: 32 | 64, expected: string): boolean {
  const bits = width === 32 ? BigInt(view.getUint32(at, true)) : view.getBigUint64(at, true);
  if (expected === 'canonical' || expected === 'arithmetic') return nanFits(bits, width, expected);
  return bits === BigInt(expected);
}

/** Whether a result is one that the suite takes: numbers are looked at in `view`, references as they came. */
function fits(expected: SuiteValue, view: DataView, at: number, reference: unknown): boolean {
  const [type, value] = expected;
  switch (type) {
    case 'f32':
      return laneFits(view, at, 32, String(value));
    case 'f64':
      return laneFits(view, at, 64, String(value));
    case 'f32x4':
      return (value as string[]).every((lane, n) => laneFits(view, at + n * 4, 32, lane));
    case 'f64x2':
      return (value as string[]).every((lane, n) => laneFits(view, at + n * 8, 64, lane));
    case 'either':
      return (value as SuiteValue[]).some((choice) => fits(choice, view, at, reference));
    case 'null':
      return reference === null;
    case 'extern':
      return value === null ? reference !== null : reference === hostObject(Number(value));
    case 'func':
      return typeof reference === 'function';
    default: {
      const bits = bitsOf(expected);
      return bits !== null && Buffer.from(view.buffer, at, bits.length).equals(bits);
    }
  }
}

/** One run of a file. */
export class SuiteRun {
  readonly #script: Script;
  readonly #plan: NamedPlan | undefined;
  readonly #registered: Record<string, Record<string, unknown>> = { spectest: spectest() };
  readonly #instances: (Instance | undefined)[] = [];

  /** @param plan undefined: the modules as they are */
  constructor(script: Script, plan: NamedPlan | undefined) {
    this.#script = script;
    this.#plan = plan;
  }

  /** What comes of each step, and at last the state of each instance. */
  run(): StepOutcome[] {
    const outcomes = this.#script.steps.map((step) => ({ line: step.line, ...this.#step(step) }));
    for (const [n, instance] of this.#instances.entries())
      if (instance !== undefined)
        outcomes.push({ line: 0, text: `instance ${n}: ${stateText(instance)}`, wrong: undefined });
    return outcomes;
  }

  #step(step: Step): { text: string; wrong: string | undefined } {
    switch (step.kind) {
      case 'instantiate': {
        try {
          this.#instances[step.instance] = this.#instance(step.module, step.instance);
          return { text: 'instance', wrong: undefined };
        } catch (error) {
          const text = this.#errorText(error, step.module);
          return { text, wrong: `it can't be instantiated: ${text}` };
        }
      }
      case 'uninstantiable':
        try {
          this.#instance(step.module, -1);
          return { text: 'instance', wrong: 'it can be instantiated' };
        } catch (error) {
          const text = this.#errorText(error, step.module);
          const wrong = error instanceof WasmError ? `the pass refuses it: ${text}` : undefined;
          return { text, wrong };
        }
      case 'register': {
        const exported = this.#instances[step.instance]?.instance.exports;
        if (exported === undefined) return { text: 'nothing', wrong: 'there is no such instance' };
        this.#registered[step.as] = exported;
        return { text: 'registered', wrong: undefined };
      }
      case 'refused':
        return this.#refused(step.bytes);
      case 'get': {
        const global = this.#instances[step.instance]?.instance.exports[step.global];
        const [expected] = step.results;
        if (!(global instanceof WebAssembly.Global) || expected === undefined)
          return { text: 'nothing', wrong: 'there is no such global' };
        const right = globalFits(expected, global.value);
        return { text: valueText(global.value), wrong: right ? undefined : `it is ${valueText(global.value)}` };
      }
      default:
        return this.#called(step);
    }
  }

  #called(step: Extract<Step, { readonly call: ScriptCall }>): { text: string; wrong: string | undefined } {
    const { call } = step;
    const instance = this.#instances[call.instance];
    if (instance?.caller === undefined) return { text: 'nothing', wrong: 'there is no such instance' };
    for (const each of this.#instances) each?.guest?.forgetFrames();
    const args = call.references.map(([type, value]) => (type === 'extern' ? hostObject(Number(value)) : null));
    const { buffer } = instance.caller.exports['results'] as WebAssembly.Memory;
    let references: unknown[];
    try {
      const result = (instance.caller.exports[String(call.n)] as (...values: unknown[]) => unknown)(...args);
      references = Array.isArray(result) ? result : [result];
    } catch (error) {
      const text = isExhaustion(error) ? EXHAUSTED : this.#trapText(error, instance);
      const right =
        step.kind === 'exhaustion'
          ? text === EXHAUSTED
          : step.kind === 'trap' && error instanceof WebAssembly.RuntimeError;
      return { text, wrong: right ? undefined : text };
    }
    const text = resultsText(call, buffer, references);
    if (step.kind === 'invoke') return { text, wrong: undefined };
    if (step.kind !== 'return') return { text, wrong: `it gives ${text}` };
    const view = new DataView(buffer);
    let reference = 0;
    const right =
      step.results.length === call.results.length &&
      step.results.every((expected, n) => {
        const value = isReferenceType(call.results[n]!) ? references[reference++] : undefined;
        return fits(expected, view, n * RESULT_BYTES, value);
      });
    // the suite leaves some NaNs open, and settles all else
    return { text: right ? 'as asked' : text, wrong: right ? undefined : `it gives ${text}` };
  }

  /** A module that the suite calls malformed or invalid: what is woven into it must not make it valid. */
  #refused(bytes: Uint8Array<ArrayBuffer>): { text: string; wrong: string | undefined } {
    let rewritten: Uint8Array<ArrayBuffer> = bytes;
    if (this.#plan !== undefined) {
      try {
        const module = parseModule(bytes);
        rewritten = instrument(module, this.#plan.make(module)).bytes;
      } catch (error) {
        if (!(error instanceof WasmError)) throw error;
        return { text: 'refused', wrong: undefined };
      }
    }
    const valid = WebAssembly.validate(rewritten);
    return { text: valid ? 'valid' : 'refused', wrong: valid ? 'it is taken' : undefined };
  }

  #instance({ bytes, parsed }: ScriptModule, row: number): Instance {
    const plan = this.#plan;
    const guest = plan && new RewrittenGuest(bytes, plan.make, this.#registered);
    const instance = guest?.instance ?? new WebAssembly.Instance(new WebAssembly.Module(bytes), this.#registered);
    const calls = this.#script.callers[row];
    const caller =
      calls &&
      new WebAssembly.Instance(calls.compiled, {
        callee: Object.fromEntries(calls.callees.map((name, n) => [n, instance.exports[name]])),
      });
    return { module: parsed, instance, guest, caller, alone: isAlone(parsed) };
  }

  #errorText(error: unknown, { parsed }: ScriptModule): string {
    if (!(error instanceof Error)) return String(error);
    const text = `${error.name}: ${error.message}`;
    if (!(error instanceof WebAssembly.RuntimeError) || !isAlone(parsed)) return text;
    const rewritten = this.#plan && instrument(parsed, this.#plan.make(parsed));
    return `${text} @ ${framesOf(String(error.stack), rewritten).join(' < ')}`;
  }

  #trapText(error: unknown, { guest, alone }: Instance): string {
    if (!(error instanceof Error)) return String(error);
    const text = `${error.name}: ${error.message}`;
    return alone ? `${text} @ ${framesOf(String(error.stack), guest?.instrumented).join(' < ')}` : text;
  }
}

/** Whether a module imports nothing that may hold code of another one. */
function isAlone(module: WasmModule): boolean {
  return module.imports.every(({ module: from, kind }) => from === 'spectest' && kind !== ImportKind.Table);
}

function resultsText(call: ScriptCall, buffer: ArrayBuffer, references: readonly unknown[]): string {
  let reference = 0;
  return call.results
    .map((type, n) =>
      isReferenceType(type)
        ? valueText(references[reference++])
        : Buffer.from(buffer, n * RESULT_BYTES, RESULT_BYTES).toString('hex'),
    )
    .join(' ');
}

function globalFits(expected: SuiteValue, value: unknown): boolean {
  const bits = bitsOf(expected);
  if (bits === null) return expected[0] === 'null' ? value === null : value !== null;
  const view = new DataView(bits.buffer);
  const wanted = {
    i32: () => view.getInt32(0, true),
    i64: () => view.getBigInt64(0, true),
    f32: () => view.getFloat32(0, true),
    f64: () => view.getFloat64(0, true),
  }[expected[0]];
  return Object.is(wanted?.(), value);
}

/** FNV-1a of a memory's words. */
export function memoryHash(buffer: ArrayBuffer): number {
  const words = new Uint32Array(buffer);
  let hash = 0x811c9dc5;
  for (let n = 0; n < words.length; n++) hash = Math.imul(hash ^ words[n]!, 0x01000193);
  return hash >>> 0;
}

/** Globals, tables and memories that a module exports, as text. */
function stateText({ module, instance }: Instance): string {
  const parts: string[] = [];
  for (const { name, kind, index } of module.exports) {
    const exported = instance.exports[name];
    if (exported instanceof WebAssembly.Memory)
      parts.push(`${exported.buffer.byteLength}:${memoryHash(exported.buffer).toString(16)}`);
    else if (kind === ImportKind.Global && module.globalTypes[index] !== V128)
      parts.push(valueText((exported as WebAssembly.Global).value));
    else if (exported instanceof WebAssembly.Table && typeof exported.length === 'number' && exported.length < 1000)
      for (let n = 0; n < exported.length; n++) parts.push(valueText(exported.get(n)));
  }
  return parts.join(' ');
}
