// What the language server is told of host methods: what the tree Host Methods knows of the calls that are kept, and the params that they had. Built in
// short turns and told seldom; keeps texts of params, no messages. Contracts E2, P2, P3.
import {
  MOST_PARAMS,
  type Observed,
  type ObservedCall,
  type ObservedMethod,
  type ObservedRule,
  shortened,
} from '../debug-adapter/language/observed.ts';
import type { MockSet } from '../debug-adapter/mocks/rules.ts';
import { classifyLine } from '../debug-adapter/rpc/message.ts';
import { answerOf, isLong, paramsOf, type TalliedCall } from './hostMethods/callTally.ts';
import { type MethodNode, type Miss, Misses, type RuleNode, type SeenCall } from './hostMethods/model.ts';

/** The tree, as far as this looks at it. */
export interface ShownMethods {
  readonly methods: readonly MethodNode[];
  /** The mocks in force. */
  readonly set: MockSet | undefined;
  /** The rows were made anew. */
  onDidShow(listener: () => void): () => void;
}

/** A turn's length (ms), and the rest before it is looked again. */
const TURN_MS = 5;
const REST_MS = 300;
/** Bytes of a message whose params are kept. */
const LONGEST_PARAMS = 20_000;
const STRIDE = 16;

export class ObservedCalls {
  readonly #shown: ShownMethods;
  readonly #tell: (observed: Observed) => void;
  readonly #leave: () => void;
  readonly #params = new WeakMap<TalliedCall, CallParams>();
  readonly #calls = new Map<
    string,
    { readonly call: TalliedCall; readonly answer: number; readonly observed: ObservedCall }
  >();
  readonly #misses = new Misses();
  #work: Generator<undefined, Observed> | undefined;
  #again = false;
  #told = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(shown: ShownMethods, tell: (observed: Observed) => void) {
    this.#shown = shown;
    this.#tell = tell;
    this.#leave = shown.onDidShow(() => {
      this.#again = true;
      this.#soon(REST_MS);
    });
  }

  #soon(ms: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#turn();
    }, ms);
  }

  #turn(): void {
    if (this.#work === undefined) {
      this.#again = false;
      this.#work = this.#observe();
    }
    const end = performance.now() + TURN_MS;
    for (let steps = 1; ; steps++) {
      const { done, value } = this.#work.next();
      if (done) {
        this.#work = undefined;
        const text = JSON.stringify(value);
        if (text !== this.#told) this.#tell(value);
        this.#told = text;
        if (this.#again) this.#soon(REST_MS);
        return;
      }
      if (steps % STRIDE === 0 && performance.now() >= end) break;
    }
    this.#soon(0);
  }

  *#observe(): Generator<undefined, Observed> {
    const { methods: nodes, set } = this.#shown;
    const methods: ObservedMethod[] = [];
    const rules: ObservedRule[] = [];
    const calls = new Set(nodes.flatMap(({ seenIn }) => seenIn.map(({ call }) => call)));
    for (const call of calls) yield* this.#paramsOf(call).read();
    for (const node of nodes) {
      yield;
      const miss = this.#unmatched(node, set);
      if (node.calls + node.earlier > 0) methods.push(this.#method(node, miss));
      for (const rule of node.rules) {
        const near = miss?.near?.rule === rule.rule ? nearMissText(miss) : undefined;
        if (rule.hits + rule.earlier === 0 && near === undefined) continue;
        yield;
        rules.push(this.#rule(rule, near));
      }
    }
    return { methods, rules };
  }

  #method({ name, calls, earlier, last, seenIn }: MethodNode, miss: Miss | undefined): ObservedMethod {
    const params = new Set<string>();
    for (const { call } of seenIn)
      for (const text of this.#paramsOf(call).of(name)) if (params.size < MOST_PARAMS) params.add(text);
    const near = miss && nearMissText(miss);
    return {
      ...{ method: name, calls, earlier, params: [...params] },
      ...(last && { last: this.#call(`m:${name}`, last) }),
      ...(miss && {
        unmatched: { ...this.#call(`u:${name}`, miss.call), ...(near !== undefined && { nearMiss: near }) },
      }),
    };
  }

  #rule({ id, rule, hits, earlier, last }: RuleNode, nearMiss: string | undefined): ObservedRule {
    return {
      ...{ file: rule.place.file, method: rule.method, number: rule.number, hits, earlier },
      ...(last && { last: this.#call(id, last), at: timeText(last.tally.call, last.answer) }),
      ...(nearMiss !== undefined && { nearMiss }),
    };
  }

  /** The last call that no rule answered, whoever did, and none would by now. */
  #unmatched({ name, miss, real }: MethodNode, set: MockSet | undefined): Miss | undefined {
    if (real === undefined) return miss;
    if (miss !== undefined && isLater(miss.call, real)) return miss;
    return this.#misses.of(name, set, real) ?? miss;
  }

  /** A call with its answer, read once. */
  #call(key: string, { tally: { call }, row }: SeenCall): ObservedCall {
    const answer = call.rows.pair(row);
    const known = this.#calls.get(key);
    if (known?.call === call && known.answer === answer && known.observed !== undefined && answer >= 0)
      return known.observed;
    const params = paramsOf(call, row);
    const found = answerOf(call, row);
    const bytes = (of: number): string => JSON.stringify(`… (${call.rows.bytes(of)} bytes)`);
    const told: ObservedCall['answer'] =
      found === undefined
        ? answer >= 0 && isLong(call.rows, answer)
          ? { kind: 'result', text: bytes(answer) }
          : undefined
        : found.kind === 'result'
          ? { kind: 'result', text: shortened(found.json) }
          : { kind: 'error', text: shortened(`${found.code}: ${found.message}`) };
    const observed = {
      params: params === undefined ? bytes(row) : shortened(params),
      ...(told && { answer: told }),
    };
    this.#calls.set(key, { call, answer, observed });
    return observed;
  }

  #paramsOf(call: TalliedCall): CallParams {
    const known = this.#params.get(call) ?? new CallParams(call);
    this.#params.set(call, known);
    return known;
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#leave();
  }
}

/** The kinds of params that one call's host methods were called with. */
class CallParams {
  readonly #call: TalliedCall;
  readonly #seen = new Map<string, Set<string>>();
  #done = 0;

  constructor(call: TalliedCall) {
    this.#call = call;
  }

  *read(): Generator<undefined, void> {
    const { rows, store } = this.#call;
    for (; this.#done < rows.length; this.#done++) {
      yield;
      const row = this.#done;
      if (rows.kind(row) !== 'request' || rows.dir(row) !== 'out' || rows.bytes(row) > LONGEST_PARAMS) continue;
      const seen = this.#seen.get(rows.name(row)) ?? new Set();
      if (seen.size >= MOST_PARAMS) continue;
      const event = store.get(rows.event(row));
      const message = event.kind === 'rpc' ? classifyLine(event.line) : undefined;
      if (message?.type !== 'request') continue;
      seen.add(message.params);
      this.#seen.set(message.method, seen);
    }
  }

  of(method: string): Iterable<string> {
    return this.#seen.get(method) ?? [];
  }
}

function isLater(one: SeenCall, other: SeenCall): boolean {
  if (one.tally === other.tally) return one.row > other.row;
  return one.tally.call.started > other.tally.call.started;
}

/** Which rule came closest, and what differed. */
function nearMissText({ near, long }: Miss): string | undefined {
  if (long) return 'The params are too long to be compared with the rules here.';
  if (near === undefined) return undefined;
  const { rule, message, differences } = near;
  const which = `${rule.number === 0 ? 'The mock' : `Rule ${rule.number}`}${rule.name === undefined ? '' : ` (${rule.name})`}`;
  const more = differences > 1 ? ` ${differences} things differ in all.` : '';
  return `${which} came closest: ${message}${more}`;
}

/** When an answer left, as a person reads it. */
function timeText({ rows, store, started }: TalliedCall, row: number): string {
  return new Date(started + store.time(rows.event(row))).toLocaleTimeString();
}
