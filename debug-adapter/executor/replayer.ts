// The recording's side of a replay: hands out what entered the guest, event by event, and compares what the guest does with what it
// did (R3). What the host did (messages to the guest, diagnoses) it hands over in its place. Contracts R2, R3, R5.
import type { EditEvent, ExitEvent, FoldedCall, MemoryWrite, RunEvent } from '../recording/event.ts';
import type { EventStore } from '../recording/event-store.ts';
import { LINE } from '../recording/log-format.ts';
import { RunEnd } from './traps.ts';

/** The first event that differs, in one sentence. */
export class Divergence extends Error {
  readonly seq: number;
  constructor(seq: number, message: string) {
    super(message);
    this.seq = seq;
  }
}

/** What a replayed syscall answers. */
export interface ReplayedCall {
  /** Undefined: the call ended the guest. */
  readonly errno: number | undefined;
  readonly writes: readonly MemoryWrite[];
  readonly fuelToZero: boolean;
  /** The whole event; undefined when the call was folded, and only errno and writes are known. */
  readonly event: Extract<RunEvent, { kind: 'syscall' }> | undefined;
}

export class Replayer {
  readonly #store: EventStore;
  readonly #hostEvent: (event: RunEvent) => void;
  readonly #began: (event: RunEvent) => void;
  /** False under another fuel model: fuel and yields are then computed anew, and not compared (R5). */
  readonly #compareFuel: boolean;
  #next = 0;
  /** The call that was answered last; undefined when it was folded. */
  #lastCall: Extract<RunEvent, { kind: 'syscall' }> | undefined;
  #event: RunEvent | undefined;
  #moment: (() => number) | undefined;
  #begun = -1;
  /** Of the recorded events, NaN where one was not replayed yet; empty unless they were asked for. */
  moments = new Float64Array(0);
  /** Of the event before. */
  #fuel = 0;
  /** The recording stands at the beginning or at a yield: the host may have written. */
  #hostsTurn = true;
  /** It wrote elsewhere: then the guest must have ended. */
  #wroteLast = false;
  // inside the present event when it stands for several
  #yieldsTaken = 0;
  #callsTaken = 0;
  /** Past the bound on events, yields are only counted: their fuel is not known. */
  #folding = false;

  /**
   * `hostEvent` takes what the host did, in its place: messages to the guest, and diagnoses. `began` is told of every event when it is done
   * again, or the first of what it stands for.
   */
  constructor(
    store: EventStore,
    compareFuel: boolean,
    hostEvent: (event: RunEvent) => void,
    began: (event: RunEvent) => void = () => {},
  ) {
    this.#store = store;
    this.#compareFuel = compareFuel;
    this.#hostEvent = hostEvent;
    this.#began = began;
  }

  /** The event that must come next on the guest's side, after handing over the host's own. Undefined at the end of a recording cut short. */
  #peek(): RunEvent | undefined {
    for (;;) {
      const event = this.#present();
      if (event === undefined) return undefined;
      const hosts = event.kind === 'diagnosis' || (event.kind === 'rpc' && event.dir === 'in') || changesReply(event);
      if (event.kind === 'folded') {
        this.#folding = true;
        while (!this.#compareFuel && event.calls[this.#callsTaken]?.name === 'yield') this.#callsTaken++;
      }
      const skipped =
        (event.kind === 'yield' && !this.#compareFuel) ||
        (event.kind === 'folded' && this.#callsTaken >= event.calls.length);
      if (!hosts && !skipped) return event;
      this.#take();
      if (hosts) this.#hostEvent(event);
    }
  }

  #present(): RunEvent | undefined {
    if (this.#event === undefined && this.#next < this.#store.length) {
      this.#event = this.#store.get(this.#next);
      this.#yieldsTaken = 0;
      this.#callsTaken = 0;
    }
    return this.#event;
  }

  #take(): void {
    const event = this.#event;
    if (event !== undefined) {
      this.#checkOrder(event);
      this.#begin(event);
    }
    this.#event = undefined;
    this.#next++;
  }

  /** The present event is done again, or the first of what it stands for: that is its moment. */
  #begin(event: RunEvent): void {
    if (this.#begun >= this.#next) return;
    this.#begun = this.#next;
    if (this.#moment !== undefined) this.moments[this.#next] = this.#moment();
    this.#began(event);
  }

  /** The host writes while the guest yields, at that fuel, and when the guest has ended; and fuel never runs backwards. @throws Divergence */
  #checkOrder(event: RunEvent): void {
    const where = (): string => `The replay differs at event ${this.#next} (${nameEvent(event)})`;
    const { fuel } = event;
    if (this.#compareFuel) {
      if (!(fuel >= this.#fuel))
        throw new Divergence(
          this.#next,
          `${where()}: its fuel ${fuel} is less than that of the event before, ${this.#fuel}.`,
        );
      const wrote = event.kind === 'rpc' && event.dir === 'in' && !changesReply(event);
      if (wrote && this.#hostsTurn && !this.#folding && fuel !== this.#fuel)
        throw new Divergence(this.#next, `${where()}: its fuel is ${fuel}, and the plugin yielded at ${this.#fuel}.`);
      this.#fuel = event.kind === 'yield' ? event.lastFuel : fuel;
    }
    if (event.kind === 'diagnosis' || event.kind === 'edit' || changesReply(event)) return;
    if (event.kind === 'rpc' && event.dir === 'in') {
      if (!this.#hostsTurn) this.#wroteLast = true;
      return;
    }
    if (this.#wroteLast && event.kind !== 'exit')
      throw new Divergence(
        this.#next,
        `${where()}: before it the host wrote a message, though the plugin had not yielded.`,
      );
    this.#hostsTurn = event.kind === 'yield' || (event.kind === 'folded' && event.calls.at(-1)?.name === 'yield');
  }

  /** From now on each event gets a moment: what `moment` says when it is replayed. */
  dateEvents(moment: () => number): void {
    this.#moment = moment;
    this.moments = new Float64Array(this.#store.length).fill(Number.NaN);
  }

  /** All edits of the recording that change the guest itself. */
  get edits(): EditEvent[] {
    const edits: EditEvent[] = [];
    for (let seq = 0; seq < this.#store.length; seq++) {
      const event = this.#store.kind(seq) === 'edit' ? this.#store.get(seq) : undefined;
      if (event?.kind === 'edit' && event.space !== 'reply') edits.push(event);
    }
    return edits;
  }

  /** The edit that comes next, if one does; what the host did before it is left where it is. */
  nextEdit(): EditEvent | undefined {
    const event = this.#present();
    return event?.kind === 'edit' && event.space !== 'reply' ? event : undefined;
  }

  /** The edit that came next was done. */
  edited(): void {
    if (this.#peek()?.kind === 'edit') this.#take();
  }

  /** The number of the recorded event that comes next. */
  get position(): number {
    return this.#next;
  }

  /** The number of the recorded event that was done again last, or the first of what it stands for; -1 before the first. */
  get begun(): number {
    return this.#begun;
  }

  /** The recorded event with this number. */
  recorded(seq: number): RunEvent {
    return this.#store.get(seq);
  }

  /** The recording begins with the host's request, as all do of calls that began. */
  get beginsWithHost(): boolean {
    return this.#store.length > 0 && this.#store.kind(0) === 'rpc';
  }

  /** Whether fuel means the same as when it was recorded (R5). */
  get comparesFuel(): boolean {
    return this.#compareFuel;
  }

  /** Copies what the host did at the present point. To be called where the host had its turn. */
  copyHostEvents(): void {
    this.#peek();
  }

  /** Copies the diagnoses that come next: those of what the guest did last. */
  copyDiagnoses(): void {
    for (let event = this.#present(); event?.kind === 'diagnosis'; event = this.#present()) {
      this.#take();
      this.#hostEvent(event);
    }
  }

  /** Copies the changes of unread replies that come next: done at a stop, before the host had its turn. */
  copyChanges(): void {
    for (let event = this.#present(); event !== undefined && changesReply(event); event = this.#present()) {
      this.#take();
      this.#hostEvent(event);
    }
  }

  /** The recording has no more events though it has no end: it was cut short, and the replay ends here. */
  get exhausted(): boolean {
    return this.#peek() === undefined;
  }

  /** The recorded end, when it comes next. */
  nextExit(): ExitEvent | undefined {
    const event = this.#peek();
    return event?.kind === 'exit' ? event : undefined;
  }

  /** The recorded end of the run wherever it stands: the last event, when the recording is whole. */
  exit(): ExitEvent | undefined {
    const last = this.#store.length > 0 ? this.#store.get(this.#store.length - 1) : undefined;
    return last?.kind === 'exit' ? last : undefined;
  }

  readonly #differ: (event: RunEvent | undefined, got: string) => never = (
    event: RunEvent | undefined,
    got: string,
  ): never => {
    const seq = this.#next;
    // Only a recording that was cut short has no exit at its end: as far as it goes, the replay was exact (R4).
    if (event === undefined) throw new RunEnd('terminated', 'event', 'the recording ends here');
    throw new Divergence(
      seq,
      `The replay differs at event ${seq}: the recording has ${nameEvent(event)}, and the plugin did ${got}.`,
    );
  };

  #sameFuel(event: RunEvent, recorded: number, fuel: number, what: string): void {
    if (this.#compareFuel && recorded !== fuel) {
      const seq = this.#next;
      throw new Divergence(
        seq,
        `The replay differs at event ${seq} (${nameEvent(event)}): the fuel at ${what} was ${recorded} when it was recorded, and is ${fuel} now.`,
      );
    }
  }

  /** The next syscall, which must be this one. @throws Divergence */
  call(name: string, args: readonly (number | bigint)[], fuel: number): ReplayedCall {
    const event = this.#peek();
    if (event?.kind === 'folded') return this.#folded(event.calls, name, args);
    if (event?.kind !== 'syscall' || event.name !== name) return this.#differ(event, callText(name, args));
    for (let i = 0; i < Math.max(args.length, event.args.length); i++) {
      // a number and a bigint of the same value are the same argument
      if (String(args[i]) !== String(event.args[i])) return this.#differ(event, callText(name, args));
    }
    this.#sameFuel(event, event.fuel, fuel, `this call`);
    this.#take();
    this.#lastCall = event;
    return { errno: event.errno, writes: event.writes, fuelToZero: event.flags.fuelToZero, event };
  }

  #folded(calls: readonly FoldedCall[], name: string, args: readonly (number | bigint)[]): ReplayedCall {
    const call = calls[this.#callsTaken];
    if (call === undefined || 'count' in call || call.name !== name)
      return this.#differ(this.#event, callText(name, args));
    if (this.#event !== undefined) this.#begin(this.#event);
    this.#callsTaken++;
    this.#lastCall = undefined;
    return { errno: call.errno, writes: call.writes, fuelToZero: call.fuelToZero, event: undefined };
  }

  /** What a replayed fd_write sent must be what was sent then. @throws Divergence */
  sent(bytes: number, crc: number): void {
    const call = this.#lastCall;
    if (call === undefined || (call.sent?.bytes === bytes && call.sent.crc === crc)) return;
    throw new Divergence(
      call.seq,
      `The replay differs at event ${call.seq}: fd_write sent ${call.sent?.bytes ?? 'an unknown number of'} bytes when it was recorded, and ${bytes === call.sent?.bytes ? 'other' : bytes} bytes now.`,
    );
  }

  /** The guest ran out of its slice. @throws Divergence */
  yield(fuel: number, required: number): void {
    const event = this.#peek();
    if (!this.#compareFuel) return;
    if (event?.kind === 'folded') {
      const yields = event.calls[this.#callsTaken];
      if (yields === undefined || !('count' in yields)) this.#differ(event, `a yield at fuel ${fuel}`);
      this.#begin(event);
      if (++this.#yieldsTaken < yields.count) return;
      this.#yieldsTaken = 0;
      this.#callsTaken++;
      return;
    }
    if (event?.kind !== 'yield') this.#differ(event, `a yield at fuel ${fuel}`);
    this.#yieldsTaken++;
    if (this.#yieldsTaken === 1) this.#sameFuel(event, event.fuel, fuel, 'the yield');
    this.#begin(event);
    if (this.#yieldsTaken === event.count) {
      this.#sameFuel(event, event.lastFuel, fuel, 'the last of its yields');
      this.#sameFuel(event, event.required, required, 'its charge');
      this.#take();
    }
  }

  /** A line that the guest wrote. @returns the flags it was recorded with. @throws Divergence */
  line(kind: 'rpc' | 'stderr', bytes: Uint8Array, fuel: number): number {
    const event = this.#peek();
    const right = event?.kind === kind && (event.kind !== 'rpc' || event.dir === 'out');
    if (!right || !sameBytes(event.bytes, bytes))
      return this.#differ(event, `${kind === 'rpc' ? 'the message' : 'the log line'} ${excerpt(bytes)}`);
    this.#sameFuel(event, event.fuel, fuel, 'this line');
    this.#take();
    const unread = event.kind === 'rpc' && event.unread ? LINE.unread : 0;
    return (event.utf8 ? 0 : LINE.notUtf8) | (event.complete ? 0 : LINE.incomplete) | unread;
  }

  /** Whether a log line comes next: past the bound on output, lines were not kept. */
  get expectsStderr(): boolean {
    return this.#peek()?.kind === 'stderr';
  }

  /** The recorded answer to a grow, before it is done. @throws Divergence */
  growth(space: 'memory' | 'table', index: number, delta: number): number {
    const event = this.#peek();
    if (event?.kind !== 'grow' || event.space !== space || event.index !== index || event.delta !== delta)
      return this.#differ(event, `${space}.grow by ${delta}`);
    return event.result;
  }

  /** A grow was done. @throws Divergence */
  grew(space: 'memory' | 'table', index: number, delta: number, result: number): void {
    if (this.growth(space, index, delta) !== result) this.#differ(this.#event, `${space}.grow by ${delta} = ${result}`);
    this.#take();
  }

  /** The end. @throws Divergence */
  end(exit: Pick<ExitEvent, 'reason' | 'code' | 'message' | 'memorySha256' | 'inputs'>, fuel: number): void {
    const event: RunEvent | undefined = this.#peek();
    if (event?.kind !== 'exit' || event.reason !== exit.reason || event.code !== exit.code)
      this.#differ(event, `the end (${exit.reason}: ${exit.message})`);
    if (event.reason === 'trap' && event.message !== exit.message) this.#differ(event, `the trap '${exit.message}'`);
    this.#sameFuel(event, event.fuel, fuel, 'the end');
    // an end of our making comes at a fuel, and so elsewhere under another model
    const same = this.#compareFuel || (event.reason !== 'limit' && event.reason !== 'terminated');
    if (same && exit.memorySha256 !== undefined && event.memorySha256 !== exit.memorySha256)
      throw new Divergence(this.#next, `The replay differs at the end: the plugin's memory is not what it was.`);
    if (event.inputs !== exit.inputs)
      throw new Divergence(
        this.#next,
        `The replay differs at the end: what the recording's syscalls gave the plugin is not what they gave it when it was recorded.`,
      );
    this.#take();
  }
}

/** Somebody at a stop changed an unread reply, or took it back: no doing of the host's, that has its turn for what it does. */
function changesReply(event: RunEvent): boolean {
  if (event.kind === 'edit') return event.space === 'reply';
  return event.kind === 'rpc' && event.answeredBy?.by === 'hand' && event.answeredBy.changes !== undefined;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function excerpt(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes.subarray(0, 80));
  return `${JSON.stringify(text)}${bytes.length > 80 ? ` … (${bytes.length} bytes)` : ''}`;
}

function callText(name: string, args: readonly (number | bigint)[]): string {
  return `${name}(${args.join(', ')})`;
}

/** An event in a few words, for sentences. */
function nameEvent(event: RunEvent): string {
  switch (event.kind) {
    case 'rpc':
      return `the message ${excerpt(event.bytes)}`;
    case 'syscall':
      return callText(event.name, event.args);
    case 'stderr':
      return `the log line ${excerpt(event.bytes)}`;
    case 'yield':
      return `a yield at fuel ${event.fuel}`;
    case 'grow':
      return `${event.space}.grow by ${event.delta} = ${event.result}`;
    case 'diagnosis':
      return `the diagnosis '${event.message}'`;
    case 'exit':
      return `the end (${event.reason}: ${event.message})`;
    case 'edit':
      return `the edit '${event.text}'`;
    case 'folded':
      return `${event.count} folded syscalls`;
  }
}
