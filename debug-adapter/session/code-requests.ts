// Requests about the plugin's code and about changing what it works on: disassembly, setting variables, expressions and memory, what can
// be watched. Each gives the body of its response, or throws an Error whose message is a sentence. Contracts S1, R1 (edits are the run's).
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Evaluated, WIDTHS } from '../expressions/expression.ts';
import type { Row } from '../transcript/json-tree.ts';
import { grouped } from '../transcript/transcript-line.ts';
import type { DisassemblyRow } from '../wasm/disassembly.ts';
import type { Call } from './call.ts';
import { bytesAt, dataId, instructionOffset, slotDataId, slotId, type WatchedSlot } from './code-breakpoints.ts';
import { evaluatedRow } from './evaluate-rows.ts';
import { addressOf } from './scopes.ts';
import { evaluationFrame, stopOf } from './stack.ts';
import { hexReference, targetOf } from './variable-store.ts';

/** Rows of one answer; editors ask for some hundreds. */
const MOST_ROWS = 10_000;
/** Bytes that one `writeMemory` takes. */
const MOST_WRITTEN = 16 * 1024 * 1024;

export async function disassemble(
  call: Call,
  args: DebugProtocol.DisassembleArguments,
): Promise<DebugProtocol.DisassembleResponse['body']> {
  stopOf(call);
  const at = instructionOffset(args.memoryReference, args.offset ?? 0);
  if (at === undefined) throw new Error(`'${args.memoryReference}' is no place in the plugin's code.`);
  const { instructionOffset: skipped = 0, instructionCount } = args;
  if (!Number.isSafeInteger(skipped) || !Number.isSafeInteger(instructionCount) || instructionCount < 0)
    throw new Error(`${skipped} and ${instructionCount} name no instructions: both must be whole numbers.`);
  const rows = await call.run.disassemble(at, skipped, Math.min(instructionCount, MOST_ROWS));
  return { instructions: rows.map(instructionOf) };
}

function instructionOf({
  offset,
  bytes,
  text,
  depth,
  symbol,
  valid,
  definedFunction,
}: DisassemblyRow): DebugProtocol.DisassembledInstruction {
  // Before the first function and behind the last there are none; editors leave out what stands at -1.
  if (definedFunction < 0) return { address: '-1', instruction: '', presentationHint: 'invalid' };
  return {
    address: hexReference(offset),
    instructionBytes: bytes,
    // VS Code does not show symbols, and one function would run into the next
    instruction: `${'  '.repeat(Math.min(depth, 20))}${text}${symbol === '' ? '' : `  ;; ${symbol}`}`,
    ...(symbol === '' ? {} : { symbol }),
    ...(valid ? {} : { presentationHint: 'invalid' as const }),
  };
}

/** What was assigned to, told to a client that shows memory. */
export type Changed = (address: number, length: number) => void;

export async function setVariable(
  call: Call,
  args: DebugProtocol.SetVariableArguments,
  changed: Changed,
): Promise<DebugProtocol.SetVariableResponse['body']> {
  stopOf(call);
  const row = await call.variables.row(args.variablesReference, args.name);
  if (row.assign !== undefined) {
    const set = await row.assign(args.value);
    if (set.extent !== undefined) changed(set.extent.address, set.extent.length);
    const { name: _, evaluateName: __, ...rest } = call.variables.variable(set, 'stop');
    return rest;
  }
  const target = targetOf(row);
  if (target === undefined) throw new Error(`'${args.name}' can't be set: locals, operands, globals and memory can.`);
  return assign(call, target, args.value, changed);
}

export async function setExpression(
  call: Call,
  args: DebugProtocol.SetExpressionArguments,
  changed: Changed,
): Promise<DebugProtocol.SetExpressionResponse['body']> {
  const { frame, level } = evaluationFrame(call, args.frameId);
  return assign(call, { expression: args.expression, frame, level }, args.value, changed);
}

async function assign(
  call: Call,
  { expression, frame, level = 0 }: NonNullable<Row['target']>,
  value: string,
  changed: Changed,
): Promise<DebugProtocol.SetVariableResponse['body']> {
  const assigned = await call.run.assign(expression, value, frame, level);
  const { memoryReference: memory, extent } = assigned;
  if (extent !== undefined) changed(extent.address, extent.length);
  else if (memory !== undefined && isCell(expression)) changed(memory, lengthOf(assigned));
  const row = evaluatedRow(call.run, { source: expression, frame, level, names: {} }, assigned);
  return {
    value: assigned.value,
    type: assigned.type,
    variablesReference: row.children === undefined ? 0 : call.variables.add(row.children, 'stop'),
    ...(memory === undefined ? {} : { memoryReference: hexReference(memory) }),
  };
}

const isCell = (expression: string): boolean => /^\s*[iuf](?:8|16|32|64)\s*\[/.test(expression);

/** Bytes of memory that a value takes there: cells as many as they are, a number as its type says, what points to memory four. */
function lengthOf({ type, children }: Evaluated): number {
  if (children?.kind === 'cells') return children.bytes.length;
  return Object.hasOwn(WIDTHS, type) ? WIDTHS[type as keyof typeof WIDTHS].bytes : 4;
}

export async function writeMemory(
  call: Call,
  args: DebugProtocol.WriteMemoryArguments,
  changed: Changed,
): Promise<DebugProtocol.WriteMemoryResponse['body']> {
  stopOf(call);
  const address = Number(args.memoryReference) + (args.offset ?? 0);
  if (!Number.isSafeInteger(address) || address < 0)
    throw new Error(`'${args.memoryReference}' and an offset of ${args.offset ?? 0} name no address.`);
  if (typeof args.data !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(args.data))
    throw new Error('The bytes to write are no base64 text.');
  if (args.data.length > MOST_WRITTEN) throw new Error(`At most ${grouped(MOST_WRITTEN)} bytes are written at once.`);
  const bytes = Uint8Array.from(Buffer.from(args.data, 'base64'));
  const size = await call.run.memorySize();
  const room = Math.max(0, size - address);
  if (bytes.length > room && args.allowPartial !== true)
    throw new Error(
      `${grouped(bytes.length)} bytes at ${hexReference(address)} do not fit: memory has ${grouped(size)} bytes.`,
    );
  const bytesWritten = await call.run.writeMemory(address, bytes.subarray(0, room));
  if (bytesWritten > 0) changed(address, bytesWritten);
  return { bytesWritten };
}

/** What can be watched: cells and ranges of memory, locals and globals; where bytes are asked for, what a local or global points to. */
export async function dataBreakpointInfo(
  call: Call,
  args: DebugProtocol.DataBreakpointInfoArguments,
): Promise<DebugProtocol.DataBreakpointInfoResponse['body']> {
  stopOf(call);
  const asked = args.bytes;
  if (asked !== undefined && (!Number.isSafeInteger(asked) || asked < 1))
    throw new Error(`${asked} bytes can't be watched: at least one must be.`);
  if (args.asAddress === true) {
    const address = Number(args.name);
    if (args.name.trim() === '' || !Number.isSafeInteger(address) || address < 0)
      return { dataId: null, description: `'${args.name}' is no address.` };
    return watch(address, asked ?? 4);
  }
  let expression: string | undefined = args.name;
  let { frame, level } = evaluationFrame(call, args.frameId);
  if (args.variablesReference !== undefined) {
    const row = await call.variables.row(args.variablesReference, args.name);
    if (row.extent !== undefined) return named(row.extent, asked, row.expression ?? row.name);
    const target = targetOf(row);
    if (target === undefined && row.address !== undefined) return watch(row.address, asked ?? 4);
    expression = target?.expression;
    frame = target?.frame ?? frame;
    level = target?.level ?? level;
  }
  if (expression === undefined)
    return { dataId: null, description: `'${args.name}' does not lie in the plugin's memory.` };
  const slot = asked === undefined ? await slotOf(call, expression, frame) : undefined;
  if (slot !== undefined)
    return {
      dataId: slotId(slot),
      description: `${expression}, ${slotId(slot)}`,
      accessTypes: ['write'],
      canPersist: false,
    };
  const found = await call.run.evaluate(expression, frame, {}, level);
  if (found.extent !== undefined) return named(found.extent, asked, expression);
  const held = found.slot === undefined ? undefined : await slotOf(call, slotText(found.slot), frame);
  if (held !== undefined)
    return {
      dataId: slotDataId(held, expression),
      description: `${expression}, which is ${slotId(held)}`,
      accessTypes: ['write'],
      canPersist: false,
    };
  const size = await call.run.memorySize();
  const lies = isCell(expression) || found.children?.kind === 'cells';
  const address = lies ? found.memoryReference : addressOf(found.type, found.value, size);
  if (address === undefined || address >= size)
    return { dataId: null, description: `'${expression}' is no address in the plugin's memory.` };
  return watch(address, asked ?? (lies ? lengthOf(found) : 4), lies ? '' : `, where ${expression} points`);
}

const slotText = ({ kind, index }: NonNullable<Evaluated['slot']>): string => `${kind}[${index}]`;

/** The local or global that an expression is; undefined where it is something else. */
async function slotOf(call: Call, expression: string, frame: number): Promise<WatchedSlot | undefined> {
  const match = /^\s*(?:\$(\d{1,9})|local\[(\d{1,9})\]|global\[(\d{1,9})\]|\$([^\d\s[\]()]+))\s*$/.exec(expression);
  if (match === null) return undefined;
  const [, short, local, global, name] = match;
  const func = call.run.stop?.frames[frame]?.func;
  const ofLocal = (index: number): WatchedSlot | undefined =>
    func === undefined ? undefined : { written: 'local', index, func };
  if (global !== undefined) return { written: 'global', index: Number(global) };
  if (name === undefined) return ofLocal(Number(short ?? local));
  const { locals } = await call.run.frameValues(frame);
  const found = locals.find((one) => one.name === name);
  if (found !== undefined) return ofLocal(found.index);
  const named = (await call.run.globals()).find((one) => one.name.replace(/^\$/, '') === name);
  return named === undefined ? undefined : { written: 'global', index: named.index };
}

/** A variable of the source, or a part of one, by what it is called there; `asked`: fewer or more bytes. */
function named(
  extent: NonNullable<Row['extent']>,
  asked: number | undefined,
  label: string,
): DebugProtocol.DataBreakpointInfoResponse['body'] {
  const { address } = extent;
  const length = asked ?? extent.length;
  const body = watch(address, length);
  return { ...body, dataId: dataId(address, length, label), description: `${label}: ${body.description}` };
}

function watch(address: number, length: number, why = ''): DebugProtocol.DataBreakpointInfoResponse['body'] {
  return {
    dataId: dataId(address, length),
    description: `${bytesAt(address, length)}${why}`,
    accessTypes: ['write'],
    canPersist: false,
  };
}
