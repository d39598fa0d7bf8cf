// The scopes of a frame in the plugin's code: its Wasm locals, what lies on the operand stack, globals, and where it stands. Asks the run
// only when a scope is opened. Contracts S6, P2.
import type { FrameValue, FrameValues, GuestFrame, Stop } from '../executor/options.ts';
import { type Children, listed, type Row } from '../transcript/json-tree.ts';
import { grouped } from '../transcript/transcript-line.ts';
import { addressOf, eventScopes, fuelScope, globalsScope, lazily, type NamedScope } from './scopes.ts';
import type { SessionRun } from './session-run.ts';
import { hexReference } from './variable-store.ts';

const NO_LOCALS: Row = { name: 'none', value: 'the function has no locals' };
const NO_OPERANDS: Row = { name: 'empty', value: 'nothing is on the stack here' };
const NOT_BEFORE_INSTRUCTION: Row = {
  name: 'not available',
  value: 'seen where the plugin stands before an instruction: step by instruction, or set a breakpoint in the code',
};
const NOT_OF_CALLER: Row = {
  name: 'not available',
  value: 'this caller was left before its locals were of interest: set a breakpoint in it to see them',
};
const OUT_OF_REACH: Row = { name: 'not available', value: "a caller's operands are out of reach" };

/**
 * The scopes of the guest's frame `index`, 0 being the innermost. `inCode`: it is on top of all, and has what an event has. `before` is the
 * fuel at the stop before this one.
 */
export function frameScopesOf(
  run: SessionRun,
  stop: Stop,
  index: number,
  inCode: boolean,
  before: number | undefined,
): NamedScope[] {
  const frame = stop.frames[index];
  if (frame === undefined) return [];
  // asked anew each time: an edit may have changed them
  const values = () => Promise.all([run.frameValues(index), run.memorySize()]);
  const rows = (make: (values: FrameValues, size: number) => Row[]): Children =>
    lazily(async () => {
      try {
        return make(...(await values()));
      } catch (error) {
        return [{ name: 'not available', value: (error as Error).message }];
      }
    });
  // where it has trapped, what the frame had is found out
  const here = index === 0 && (stop.inCode || stop.trap !== undefined);
  // There are none to be had, and looking for them may mean to do the whole call again.
  const amid = index === 0 && !here ? listed([NOT_BEFORE_INSTRUCTION]) : undefined;
  const locals = rows((found, size) =>
    found.locals.length === 0
      ? [here ? NO_LOCALS : NOT_OF_CALLER]
      : found.locals.map((local) => valueRow(local, localName(local, found.locals), index, size)),
  );
  const operands = rows((found, size) =>
    found.operands.length === 0
      ? [here ? NO_OPERANDS : OUT_OF_REACH]
      : found.operands.map((operand) => valueRow(operand, `stack[${operand.index}]`, index, size)),
  );
  const scopes: NamedScope[] = [
    { name: 'Wasm locals', hint: 'locals', expensive: false, children: amid ?? locals },
    { name: 'Operand stack', hint: 'registers', expensive: false, children: amid ?? operands },
    globalsScope(run),
    { name: 'Frame', expensive: false, children: lazily(() => frameRows(frame, index, stop, values)) },
  ];
  if (index === 0 && inCode) scopes.push(...eventScopes(run, stop), fuelScope(stop, before));
  return scopes;
}

/** How an expression names a local: by its name where that is plain and the first of its kind, else by its number. */
function localName({ index, name }: FrameValue, all: readonly FrameValue[]): string {
  const plain = /^[\p{ID_Start}_][\p{ID_Continue}$]*$/u.test(name);
  return plain && all.find((other) => other.name === name)?.index === index ? `$${name}` : `$${index}`;
}

function valueRow(found: FrameValue, expression: string, frame: number, size: number): Row {
  const { name, type, value, available } = found;
  const label = name === '' || expression === `$${name}` ? expression : `${expression} ${name}`;
  if (!available) return { name: label, value: `not available: ${value}`, type, expression };
  const address = addressOf(type, value, size);
  const row = { name: label, value, type, expression, target: { expression, frame } };
  return address === undefined ? row : { ...row, address };
}

async function frameRows(
  { func, name, offset }: GuestFrame,
  index: number,
  stop: Stop,
  values: () => Promise<readonly [FrameValues, number]>,
): Promise<Row[]> {
  const rows: Row[] = [
    { name: 'function', value: name },
    { name: 'index', value: String(func) },
    { name: 'offset', value: `${hexReference(offset)} in the file` },
  ];
  if (index === 0) rows.push({ name: 'moment', value: grouped(stop.moment) });
  const base = await values().then(
    ([{ frameBase }]) => frameBase,
    (error: Error) => ({ reason: error.message }),
  );
  if ('address' in base)
    rows.push({ name: 'frame base', value: hexReference(base.address), type: 'i32', address: base.address });
  else rows.push({ name: 'frame base', value: `not available: ${base.reason}` });
  return rows;
}
