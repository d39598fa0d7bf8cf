// A module that calls functions of another one with constants, and keeps what they return in a memory of its own: JavaScript can neither pass
// nor take a v128, and forgets the bits of a NaN. Only tests import it.
import { EXTERNREF, F32, F64, FUNCREF, I32, I64, isReferenceType, V128 } from '../wasm/value-types.ts';
import { ByteWriter } from '../wasm/writer.ts';

/** Bytes kept for each result. */
export const RESULT_BYTES = 16;
/** What V8 calls this module in stack traces, with a dash and a hash behind it. */
export const CALLER_NAME = 'caller';

export interface FunctionType {
  readonly parameters: readonly number[];
  readonly results: readonly number[];
}

export interface ConstantCall extends FunctionType {
  /** The bits of each argument, in memory's order; null for references, which are passed. */
  readonly args: readonly (Uint8Array | null)[];
}

/**
 * The bytes of a module that imports `callee` `0`, `1`, …, one function for each call, and exports `0`, `1`, …, which call them: they take and
 * give references only; numbers lie in the exported memory `results` afterwards, RESULT_BYTES each.
 */
export function callerModule(calls: readonly ConstantCall[]): Uint8Array<ArrayBuffer> {
  const out = new ByteWriter(256 + calls.length * 64);
  out.raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0);
  const section = (id: number, count: number, write: (body: ByteWriter) => void) => {
    const body = new ByteWriter();
    body.u32(count);
    write(body);
    out.section(id, body.bytes());
  };
  const types = (body: ByteWriter, parameters: readonly number[], results: readonly number[]) => {
    body.byte(0x60);
    for (const list of [parameters, results]) {
      body.u32(list.length);
      body.raw(...list);
    }
  };
  section(1, calls.length * 2, (body) => {
    for (const { parameters, results } of calls) {
      types(body, parameters, results);
      types(body, parameters.filter(isReferenceType), results.filter(isReferenceType));
    }
  });
  section(2, calls.length, (body) => {
    for (const n of calls.keys()) {
      body.name('callee');
      body.name(String(n));
      body.byte(0);
      body.u32(n * 2);
    }
  });
  section(3, calls.length, (body) => {
    for (const n of calls.keys()) body.u32(n * 2 + 1);
  });
  section(5, 1, (body) => body.raw(0, 1));
  section(7, calls.length + 1, (body) => {
    for (const n of calls.keys()) {
      body.name(String(n));
      body.byte(0);
      body.u32(calls.length + n);
    }
    body.name('results');
    body.raw(2, 0);
  });
  section(10, calls.length, (body) => {
    for (const [n, call] of calls.entries()) {
      const code = bodyOf(n, call);
      body.u32(code.length);
      body.append(code);
    }
  });
  const name = new ByteWriter();
  name.name('name');
  name.byte(0);
  name.u32(CALLER_NAME.length + 1);
  name.name(CALLER_NAME);
  out.section(0, name.bytes());
  return out.bytes().slice();
}

const CONSTANT = new Map([
  [F32, [0x43]],
  [F64, [0x44]],
  [V128, [0xfd, 0x0c]],
]);
const STORE = new Map([
  [I32, [0x36]],
  [I64, [0x37]],
  [F32, [0x38]],
  [F64, [0x39]],
  [V128, [0xfd, 0x0b]],
]);

function bodyOf(n: number, call: ConstantCall): Uint8Array {
  const code = new ByteWriter();
  code.u32(call.results.length);
  for (const type of call.results) code.raw(1, type);
  let reference = 0;
  for (const [index, type] of call.parameters.entries()) {
    const bits = call.args[index];
    if (bits === null || bits === undefined) {
      code.byte(0x20);
      code.u32(reference++);
    } else if (type === I32) {
      code.byte(0x41);
      code.s32(new DataView(bits.buffer, bits.byteOffset).getInt32(0, true));
    } else if (type === I64) {
      code.byte(0x42);
      code.s64(new DataView(bits.buffer, bits.byteOffset).getBigInt64(0, true));
    } else {
      code.raw(...(CONSTANT.get(type) ?? []));
      code.append(bits);
    }
  }
  code.byte(0x10);
  code.u32(n);
  const first = call.parameters.filter(isReferenceType).length;
  for (let result = call.results.length - 1; result >= 0; result--) {
    code.byte(0x21);
    code.u32(first + result);
  }
  for (const [result, type] of call.results.entries()) {
    const store = STORE.get(type);
    if (store === undefined) continue;
    code.byte(0x41);
    code.s32(result * RESULT_BYTES);
    code.byte(0x20);
    code.u32(first + result);
    code.raw(...store, 0);
    code.u32(0);
  }
  for (const [result, type] of call.results.entries()) {
    if (type !== FUNCREF && type !== EXTERNREF) continue;
    code.byte(0x20);
    code.u32(first + result);
  }
  code.byte(0x0b);
  return code.bytes().slice();
}
