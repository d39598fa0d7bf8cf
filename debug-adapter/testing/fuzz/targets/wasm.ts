// Fuzz target: modules through the reader, the feature scan, the fuel reckoner and the rewriting pass. The oracle is V8: what it takes is taken and
// stays valid under every plan, what it refuses stays refused. Contracts E3, I1, I2.
import { chargeTable } from '../../../fuel/charge-table.ts';
import { instrument } from '../../../instrument/instrument.ts';
import type { ProbePlan, SitePlan } from '../../../instrument/plan.ts';
import { NO_PLAN } from '../../../instrument/testing.ts';
import { WasmError } from '../../../wasm/error.ts';
import { PRODUCTION } from '../../../wasm/features.ts';
import { parseModule, type WasmModule } from '../../../wasm/module.ts';
import { FunctionNames } from '../../../wasm/names.ts';
import { summarize } from '../../../wasm/summary.ts';
import type { Bytes } from '../bytes.ts';
import { expect, expectSentence, type FuzzTarget, Wrong } from '../target.ts';
import { makeModule } from '../wasm-inputs.ts';

const EVERYWHERE: SitePlan = { entries: true, functions: 'all', offsets: new Uint32Array(0), bare: new Uint32Array(0) };

const watchedMemory = (module: WasmModule): number | null => (module.memories.length > 0 ? 0 : null);

/** The plans a module is rewritten under, each made for it. */
function plansOf(module: WasmModule): [string, ProbePlan][] {
  const charges = chargeTable(module);
  const fuel: ProbePlan = { ...NO_PLAN, charges };
  const full: ProbePlan = {
    ...fuel,
    frameSlots: charges.frameSlots,
    canonicalNaN: true,
    chunkBulk: true,
    growHooks: true,
  };
  return [
    ['nothing', NO_PLAN],
    ['fuel', fuel],
    ['depth', { ...NO_PLAN, frameSlots: charges.frameSlots }],
    ['everything without probes', full],
    ['moments', { ...full, moments: true }],
    ['sites', { ...full, moments: true, blockCounts: true, sites: EVERYWHERE, watchedMemory: watchedMemory(module) }],
  ];
}

/** What only production and this engine refuse, for a reason of theirs, though V8 takes it. */
const STRICTER =
  /more than 65535 operands|more than 50 000 locals|more than the 50000 that V8 takes|too large to be debugged/;

/** The error must be a WasmError, say one sentence, and name a place in the file. */
function checkError(error: unknown, bytes: Bytes, valid: boolean): void {
  if (!(error instanceof WasmError)) throw error;
  expectSentence(error.message, 'the refusal');
  const place = /\(at byte 0x([0-9a-f]+)\)$/.exec(error.message);
  expect(place !== null && Number.parseInt(place[1]!, 16) === error.offset, () => `no place: ${error.message}`);
  expect(
    Number.isInteger(error.offset) && error.offset >= 0 && error.offset <= bytes.length,
    () => `the place lies outside of the file: ${error.message}`,
  );
  const refused = error.feature !== undefined && !PRODUCTION[error.feature].accepted;
  expect(!valid || refused || STRICTER.test(error.message), () => `V8 takes what is refused: ${error.message}`);
}

function check(bytes: Bytes): void {
  const valid = WebAssembly.validate(bytes);
  let module: WasmModule;
  try {
    module = parseModule(bytes);
  } catch (error) {
    checkError(error, bytes, valid);
    return;
  }
  try {
    const summary = summarize(module, { features: [] });
    for (const fault of summary.faults) {
      expectSentence(fault.message.replace(/imports [\s\S]*?, (?=which|and)/, 'imports X, '), 'a fault', 200_000);
      expect(fault.offset >= 0 && fault.offset <= bytes.length, () => `a fault at ${fault.offset}: ${fault.message}`);
    }
  } catch (error) {
    checkError(error, bytes, valid);
  }
  const names = new FunctionNames(module);
  for (let index = 0; index < Math.min(20, module.functionTypes.length); index++) names.display(index);
  let plans: [string, ProbePlan][];
  try {
    plans = plansOf(module);
  } catch (error) {
    checkError(error, bytes, valid);
    return;
  }
  for (const [name, plan] of plans) {
    let rewritten: ReturnType<typeof instrument>;
    try {
      rewritten = instrument(module, plan);
    } catch (error) {
      checkError(error, bytes, valid);
      continue;
    }
    if (WebAssembly.validate(rewritten.bytes) !== valid) throw new Wrong(differs(name, bytes, rewritten.bytes, valid));
    if (valid) checkMap(module, rewritten);
  }
}

function differs(plan: string, bytes: Bytes, rewritten: Bytes, valid: boolean): string {
  let why = '';
  try {
    new WebAssembly.Module(valid ? rewritten : bytes);
  } catch (error) {
    why = (error as Error).message;
  }
  return `under the plan '${plan}' V8 ${valid ? 'refuses the rewritten module' : 'takes a module that it refused before'}: ${why}`;
}

/** Offsets go from the rewritten code to the guest's, and lie in the body they should. */
function checkMap(module: WasmModule, { map }: ReturnType<typeof instrument>): void {
  const { rewritten, original, kind, end } = map.columns;
  let last = 0;
  for (let n = 0; n < rewritten.length; n++) {
    expect(rewritten[n]! >= last && rewritten[n]! <= end, () => `row ${n} of the offset map goes back`);
    last = rewritten[n]!;
    if (kind[n] !== 3)
      expect(original[n]! <= module.bytes.length, () => `row ${n} of the offset map lies outside of the file`);
  }
}

export const target: FuzzTarget = {
  name: 'wasm',
  about: 'modules: reader, feature scan, fuel, rewriting; against V8',
  make: makeModule,
  check,
  // V8's own validation and the rewritten module of some plans; a module may ask for a table of ten million numbers that V8 takes too
  bounds: { bytes: 96 << 20 },
};
