// The scopes of a stop: Message, Syscall, Fuel, Wasm globals. Those of a frame in the code are frame-scopes.ts. Asks the run only when a
// scope is opened. Contracts S6, P2.
import type { GlobalValue, OpenRequest, Stop } from '../executor/options.ts';
import { type Children, listed, type Row } from '../transcript/json-tree.ts';
import { cut, grouped } from '../transcript/transcript-line.ts';
import { lastOfKind, messageRows } from './event-rows.ts';
import type { SessionRun } from './session-run.ts';

export interface NamedScope {
  readonly name: string;
  readonly hint?: 'locals' | 'registers';
  readonly expensive: boolean;
  readonly children: Children;
}

/** Rows that are made when the scope is opened. */
export function lazily(make: () => Promise<readonly Row[]>): Children {
  return { rows: async (start, count) => (await make()).slice(start, start + count) };
}

/** The scopes of an event at which the call has stopped. `before` is the fuel at the stop before this one, if there was one. */
export function scopesOf(run: SessionRun, stop: Stop, before: number | undefined): NamedScope[] {
  return [...eventScopes(run, stop), fuelScope(stop, before), globalsScope(run)];
}

/** The message and the syscall that were last. */
export function eventScopes(run: SessionRun, stop: Stop): NamedScope[] {
  const scopes: NamedScope[] = [
    { name: 'Message', expensive: false, children: lazily(() => messageScopeRows(run, stop)) },
  ];
  const syscall = lastOfKind(run.store, stop.seq, 'syscall');
  if (syscall >= 0)
    scopes.push({ name: 'Syscall', expensive: false, children: lazily(() => syscallRows(run, syscall, stop.seq)) });
  return scopes;
}

export function fuelScope(stop: Stop, before: number | undefined): NamedScope {
  return { name: 'Fuel', expensive: false, children: listed(fuelRows(stop, before)) };
}

export function globalsScope(run: SessionRun): NamedScope {
  return { name: 'Wasm globals', hint: 'registers', expensive: false, children: lazily(() => globalRows(run)) };
}

async function messageScopeRows(run: SessionRun, stop: Stop): Promise<Row[]> {
  const open = await run.openRequests();
  const rows: Row[] = [];
  const seq = lastOfKind(run.store, stop.seq, 'rpc');
  const event = seq < 0 ? undefined : run.store.get(seq);
  if (event?.kind === 'rpc') rows.push(...messageRows(run.store, event));
  else rows.push({ name: 'message', value: 'none yet' });
  rows.push(waitingRow('plugin waits for', open, 'out'), waitingRow('host waits for', open, 'in'));
  return rows;
}

/** What one side has asked (`dir`: which way its requests go) and has no answer to. */
function waitingRow(name: string, open: readonly OpenRequest[], dir: 'in' | 'out'): Row {
  const own = open.filter((request) => request.dir === dir);
  const first = own[0];
  if (first === undefined) return { name, value: 'nothing' };
  const text = (request: OpenRequest): string => `#${request.id} ${cut(request.method, request.method.length, 60)}`;
  const value = own.length === 1 ? text(first) : `${own.length} requests`;
  if (own.length === 1) return { name, value };
  const rows = own.map(
    (request, i): Row => ({ name: `[${i}]`, value: `${text(request)}, asked by event ${request.seq}` }),
  );
  return { name, value, children: listed(rows) };
}

async function syscallRows(run: SessionRun, syscall: number, present: number): Promise<Row[]> {
  const event = run.store.get(syscall);
  if (event.kind !== 'syscall') return [];
  const rows: Row[] = [{ name: 'call', value: event.name, ...(syscall === present ? { expression: 'name' } : {}) }];
  for (const described of await run.describeSyscall(syscall)) rows.push(describedRow(described));
  if (syscall !== present) rows.push({ name: 'event', value: `${syscall}, the last syscall before this stop` });
  return rows;
}

interface Described {
  readonly name: string;
  readonly value: string;
  readonly memory?: { readonly address: number; readonly length: number };
  readonly children: readonly Described[];
}

function describedRow(described: Described): Row {
  const { name, value, memory, children } = described;
  return {
    name,
    value,
    ...(memory === undefined ? {} : { address: memory.address }),
    ...(children.length === 0 ? {} : { children: listed(children.map(describedRow)) }),
  };
}

/** `before`: consumed at the last stop. */
function fuelRows({ fuel, moment, inCode }: Stop, before: number | undefined): Row[] {
  const about = fuel.exact ? '' : '≈';
  return [
    { name: 'consumed', value: `${about}${grouped(fuel.consumed)}`, expression: 'fuel' },
    { name: 'left in the slice', value: `${about}${grouped(fuel.left)} of ${grouped(fuel.slice)}` },
    { name: 'yields', value: grouped(fuel.yields) },
    {
      name: 'since the last stop',
      value: before === undefined ? 'this is the first stop' : `${about}${grouped(fuel.consumed - before)}`,
    },
    // the moment: where `plugin/runToMoment` goes
    { name: 'instructions passed', value: grouped(moment), ...(inCode ? { expression: 'moment' } : {}) },
  ];
}

async function globalRows(run: SessionRun): Promise<Row[]> {
  const [globals, bytes] = await Promise.all([run.globals(), run.memorySize()]);
  const rows = globals.map(globalRow);
  const pages = bytes / 65_536;
  rows.push({
    name: 'memory',
    value: `${grouped(pages)} ${pages === 1 ? 'page' : 'pages'}, ${grouped(bytes)} bytes`,
    address: 0,
    expression: 'memory[0, 64]',
  });
  return rows;
}

function globalRow(global: GlobalValue): Row {
  const { index, name, value } = global;
  const type = `${global.mutable ? 'mut ' : ''}${global.type}`;
  const base: Row = {
    name: name === '' ? `global ${index}` : `$${name.replace(/^\$/, '')}`,
    value,
    type,
    expression: `global[${index}]`,
    ...(global.mutable ? { target: { expression: `global[${index}]`, frame: 0 } } : {}),
  };
  const address = addressOf(global.type, value);
  return address === undefined ? base : { ...base, address };
}

/** No linker puts anything below: so small a number is a number. */
const FIRST_ADDRESS = 1024;

/** The address in memory that a whole number may well be: for the hex view. `size` is memory's. */
export function addressOf(type: string, value: string, size = Number.MAX_SAFE_INTEGER): number | undefined {
  if (!/^i(32|64)$/.test(type) || !/^-?\d+$/.test(value)) return undefined;
  const number = Number(value);
  const address = number < 0 && type === 'i32' ? number + 2 ** 32 : number;
  return Number.isSafeInteger(address) && address >= FIRST_ADDRESS && address < size ? address : undefined;
}
