// Fuzz target: what reads code to show it: disassembly, operand types, frame layouts, patterns over names. Rows cover a body byte by byte, what V8 takes can
// be read to its end, and code that is broken is said to be. Contracts I1, S1.
import { Disassembly, type DisassemblyRow } from '../../../wasm/disassembly.ts';
import { WasmError } from '../../../wasm/error.ts';
import { featuresUsed } from '../../../wasm/feature-scan.ts';
import { OPTIONAL_FEATURES, PRODUCTION } from '../../../wasm/features.ts';
import { FunctionSymbols } from '../../../wasm/function-symbols.ts';
import { InstructionReader } from '../../../wasm/instructions.ts';
import { parseModule, type WasmModule } from '../../../wasm/module.ts';
import { OperandTypes } from '../../../wasm/operand-types.ts';
import { FrameLayouts } from '../../../wasm/prologue.ts';
import type { Bytes } from '../bytes.ts';
import { expect, type FuzzTarget } from '../target.ts';
import { makeModule } from '../wasm-inputs.ts';

/** Functions and rows of one module that are looked at. */
const FUNCTIONS = 12;
const ROWS = 400;

function check(bytes: Bytes): void {
  let module: WasmModule;
  try {
    module = parseModule(bytes);
  } catch (error) {
    if (error instanceof WasmError) return; // the target wasm looks at those
    throw error;
  }
  const valid = WebAssembly.validate(bytes) && known(module);
  const disassembly = new Disassembly(module);
  const layouts = new FrameLayouts(module);
  const types = new OperandTypes(module);
  const functions = Math.min(FUNCTIONS, module.bodyStart.length);
  for (let n = 0; n < functions; n++) {
    const rows = checkRows(module, disassembly, n, valid);
    checkTypes(module, types, n, valid);
    checkLayout(module, layouts, n, rows);
  }
  checkAround(module, disassembly);
  const symbols = new FunctionSymbols(module);
  for (const pattern of ['*', 'func[0]', '_start', 'a*b', '*::{{closure}}', 'fd_*', '', '['])
    for (const index of symbols.matching(pattern))
      expect(index >= 0 && index < module.functionTypes.length, () => `${pattern} finds function ${index}`);
}

/** Whether the module has nothing that this engine refuses, though V8 may take it. */
function known(module: WasmModule): boolean {
  try {
    return featuresUsed(module).every(
      ({ feature }) => PRODUCTION[feature].accepted || OPTIONAL_FEATURES.includes(feature),
    );
  } catch (error) {
    if (error instanceof WasmError) return false;
    throw error;
  }
}

function checkText(row: DisassemblyRow): void {
  expect(
    !/[\n\r]/.test(row.text + row.symbol) && (row.text !== '' || row.definedFunction < 0),
    () => `a row is no line: ${JSON.stringify(row.text)}`,
  );
  expect(row.text.length < 4000, () => `a row has ${row.text.length} characters`);
}

/** The rows of a function follow on each other without a gap; where all are valid they end where the body does. */
function checkRows(module: WasmModule, disassembly: Disassembly, n: number, valid: boolean): readonly DisassemblyRow[] {
  const rows = disassembly.rowsOf(n, 0, ROWS);
  const count = disassembly.instructionCount(n);
  const end = module.bodyEnd[n]!;
  expect(rows.length === Math.min(count, ROWS), () => `${rows.length} rows of ${count} instructions`);
  let at = rows[0]?.offset ?? module.bodyStart[n]!;
  for (const row of rows) {
    checkText(row);
    expect(
      row.definedFunction === n && row.depth >= 0,
      () => `row ${row.text} lies in function ${row.definedFunction}`,
    );
    if (!row.valid) {
      expect(!valid, () => `V8 takes it, and the row at ${row.offset} can't be read: ${row.text}`);
      break;
    }
    expect(row.offset === at && row.length > 0 && at + row.length <= end, () => `a row at ${row.offset} after ${at}`);
    expect(/^[0-9a-f]{2}(?: [0-9a-f]{2})*(?: ?…)?$/.test(row.bytes), () => `its bytes are ${row.bytes}`);
    at += row.length;
    const place = disassembly.instructionAt(row.offset + row.length - 1);
    expect(
      place?.offset === row.offset && place.exact === (row.length === 1),
      () => `byte ${at - 1} is found at ${place?.offset}`,
    );
  }
  expect(!valid || count > ROWS || at === end, () => `the rows end at ${at}, and the body at ${end}`);
  return rows;
}

function checkTypes(module: WasmModule, types: OperandTypes, n: number, valid: boolean): void {
  const reader = new InstructionReader(module.bytes);
  try {
    types.begin(n);
    reader.reset(types.codeStart, types.codeEnd);
    for (let left = ROWS; left > 0 && reader.next(); left--) {
      types.apply(reader);
      expect(
        types.depth >= 0 && types.depth <= types.types.length && types.nesting >= 0,
        () => `${types.depth} operands`,
      );
    }
    if (valid && reader.end === types.codeEnd) expect(types.nesting === 0, () => 'blocks stay open');
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    expect(!valid, () => `V8 takes it: ${error.message}`);
  }
}

function checkLayout(module: WasmModule, layouts: FrameLayouts, n: number, rows: readonly DisassemblyRow[]): void {
  const func = module.importedFunctions + n;
  const layout = layouts.of(func);
  for (const { offset } of rows.slice(0, 40)) {
    const pointer = layout.stackPointerAt(offset, 65536);
    const base = layout.frameBaseAt(offset, 65536);
    for (const address of [pointer, base])
      expect(address === undefined || Number.isInteger(address), () => `an address is ${address}`);
    if (pointer === undefined) continue;
    const entry = layout.entryFrom(offset, pointer);
    expect(entry === undefined || entry === 65536, () => `entered with 65536, it seems to have been ${entry}`);
  }
  for (const local of layouts.addressLocals(func).slice(0, 5))
    layouts.localAt(func, local, rows[0]?.offset ?? 0, 65536);
}

/** Exactly as many rows as are asked for, wherever that is. */
function checkAround(module: WasmModule, disassembly: Disassembly): void {
  const places = [0, module.bodyStart[0] ?? 8, module.bytes.length - 1, module.bytes.length + 100, -5];
  for (const place of places)
    for (const offset of [-1000, -3, 0, 7]) {
      const rows = disassembly.rowsAround(place, offset, 20);
      expect(rows.length === 20, () => `${rows.length} rows of 20`);
      for (const row of rows) checkText(row);
    }
}

export const target: FuzzTarget = {
  name: 'code',
  about: 'disassembly, operand types, frame layouts, patterns over names',
  make: makeModule,
  check,
};
