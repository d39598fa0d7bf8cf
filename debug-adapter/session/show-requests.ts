// The requests that show: threads, scopes, variables, sources, memory, values, what is wrong. Each takes the call and the
// arguments of the request and gives the body of the response, or throws an Error whose message is a sentence. Contracts S6, P2, P3.

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Stop } from '../executor/options.ts';
import { formatEvent } from '../recording/jsonl.ts';
import type { Call } from './call.ts';
import { codeReference } from './code-sources.ts';
import { type EvaluateContext, evaluate, isHoverable } from './evaluate.ts';
import { frameScopesOf } from './frame-scopes.ts';
import { eventScopes, fuelScope, type NamedScope, scopesOf } from './scopes.ts';
import type { ShownFrame } from './shown-frames.ts';
import { sourceScopesOf } from './source-scopes.ts';
import { evaluationFrame, shownFrameOf, stopOf } from './stack.ts';
import { THREAD } from './stopped.ts';
import { hexReference } from './variable-store.ts';

/** Bytes that one readMemory answers; the hex view asks for less at a time. */
const MOST_BYTES = 16 * 1024 * 1024;
/** What one `plugin/events` answers: so many events, of so many characters, unless the first is larger. */
const MOST_EVENTS = 1000;
const MOST_CHARACTERS = 1024 * 1024;

export function threads(call: Call | undefined): DebugProtocol.ThreadsResponse['body'] {
  return { threads: [{ id: THREAD, name: call?.plan.method ?? 'call' }] };
}

export function scopes(call: Call, args: DebugProtocol.ScopesArguments): DebugProtocol.ScopesResponse['body'] {
  const stop = stopOf(call);
  const frame = shownFrameOf(call, args.frameId);
  const found = frame === undefined ? scopesOf(call.run, stop, call.fuelBefore) : guestScopes(call, stop, frame);
  return { scopes: found.map((scope) => dapScope(call, scope)) };
}

/**
 * What the source has comes first, then, in the frame that a client shows by itself, what the call stands at; below it, what the machine has is
 * asked for when somebody opens it.
 */
function guestScopes(call: Call, stop: Stop, frame: ShownFrame): NamedScope[] {
  const ofSource = sourceScopesOf(call.run, frame);
  const ofMachine = frameScopesOf(call.run, stop, frame.index, call.standsInCode, call.fuelBefore);
  if (ofSource.length === 0) return ofMachine;
  const shown = call.frames.find(({ source }) => source?.place?.own === true);
  const ofEvent =
    shown === frame && frame.index > 0 ? [...eventScopes(call.run, stop), fuelScope(stop, call.fuelBefore)] : [];
  return [...ofSource, ...ofEvent, ...ofMachine.map((scope) => ({ ...scope, expensive: scope.hint !== undefined }))];
}

function dapScope(call: Call, scope: NamedScope): DebugProtocol.Scope {
  return {
    name: scope.name,
    ...(scope.hint === undefined ? {} : { presentationHint: scope.hint }),
    expensive: scope.expensive,
    variablesReference: call.variables.add(scope.children, 'stop'),
  };
}

export async function variables(
  call: Call,
  args: DebugProtocol.VariablesArguments,
): Promise<DebugProtocol.VariablesResponse['body']> {
  const { variablesReference, filter, start, count, format } = args;
  return { variables: await call.variables.list(variablesReference, filter, start, count, format?.hex === true) };
}

const CONTEXTS: readonly EvaluateContext[] = ['repl', 'watch', 'hover', 'clipboard'];

export async function evaluateRequest(
  call: Call,
  args: DebugProtocol.EvaluateArguments,
): Promise<DebugProtocol.EvaluateResponse['body']> {
  const context = CONTEXTS.find((one) => one === args.context) ?? 'other';
  if (context === 'hover' && !isHoverable(args.expression)) throw new Error('This is no expression.');
  const frame = call.run.stop === undefined ? undefined : evaluationFrame(call, args.frameId);
  const row = await evaluate(call.run, args.expression, context, frame);
  const hex = args.format?.hex === true;
  const { value, name: _, evaluateName: __, ...rest } = call.variables.variable(row, 'stop', hex);
  return { result: value, ...rest };
}

export async function source(
  call: Call,
  args: DebugProtocol.SourceArguments,
): Promise<DebugProtocol.SourceResponse['body']> {
  const reference = args.source?.sourceReference ?? args.sourceReference;
  if (codeReference(reference) === undefined) return { content: await call.sources.text(reference) };
  return { content: await call.code.text(reference), mimeType: 'text/wat' };
}

export function loadedSources(call: Call | undefined): DebugProtocol.LoadedSourcesResponse['body'] {
  return { sources: call?.sources.all() ?? [] };
}

export async function readMemory(
  call: Call,
  args: DebugProtocol.ReadMemoryArguments,
): Promise<DebugProtocol.ReadMemoryResponse['body']> {
  stopOf(call);
  const base = Number(args.memoryReference);
  if (!Number.isSafeInteger(base)) throw new Error(`'${args.memoryReference}' is no address.`);
  const { offset = 0, count } = args;
  if (!Number.isSafeInteger(offset) || !Number.isSafeInteger(count) || count < 0)
    throw new Error(`An offset of ${offset} and a count of ${count} name no bytes: both must be whole numbers.`);
  const address = base + offset;
  const from = Math.max(0, address);
  const before = from - address; // bytes asked for that lie before address 0
  const wanted = Math.max(0, Math.min(count - before, MOST_BYTES));
  const bytes = wanted === 0 ? new Uint8Array() : await call.run.readMemory(from, wanted);
  const unreadableBytes = wanted - bytes.length;
  return {
    address: hexReference(from),
    ...(unreadableBytes > 0 ? { unreadableBytes } : {}),
    ...(bytes.length > 0 ? { data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64') } : {}),
  };
}

/** Events [from, to) with their bodies, as far as one answer goes; each has the fields of its line in a recording, and `seq`. */
export function events(call: Call, args: { readonly from?: unknown; readonly to?: unknown }): object {
  const { store } = call.run;
  const bound = (value: unknown, name: string, otherwise: number): number => {
    if (value === undefined) return otherwise;
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return Math.min(value, store.length);
    throw new Error(`"${name}" is ${JSON.stringify(value)}, and must be the number of an event.`);
  };
  const from = bound(args.from, 'from', 0);
  const end = Math.min(bound(args.to, 'to', store.length), from + MOST_EVENTS);
  const found: object[] = [];
  let to = from;
  for (let characters = 0; to < end; to++) {
    const text = formatEvent(store.get(to));
    characters += text.length;
    if (characters > MOST_CHARACTERS && to > from) break;
    found.push({ seq: to, ...(JSON.parse(text) as object) });
  }
  return { from, to, length: store.length, events: found };
}

/** The counters; where the call is stopped, also how many instructions it has passed. */
export function fuel(call: Call): object {
  const { run } = call;
  return { ...run.fuel(), ...(run.stop === undefined ? {} : { moment: run.stop.moment }) };
}
