// A second worker that stands right before the instruction at which a call has trapped: the call is done again up to there, from its own
// recording, with locals and operands at hand, which the trap itself has taken away. It answers questions and never runs on. Contracts P1, S6, R2.
import type { RecordingHeader } from '../recording/event.ts';
import { type Control, REQUEST } from './control.ts';
import type { Answer, Query, Standing, WorkerStart } from './messages.ts';
import { NO_SITES, type RunOptions, type Stop } from './options.ts';
import type { Platform, WorkerHandle } from './platform.ts';
import { RunQueries } from './run-queries.ts';
import { type Succession, startSuccessor } from './successor.ts';

const NO_CHANGE = 'The plugin has trapped and does not run on: nothing can be changed any more.';

/** The call that has trapped. */
export interface Trapped {
  readonly stop: Stop;
  readonly standing: Standing;
  /** As it was started; the bytes are those of the module. */
  readonly options: RunOptions;
  readonly recording: { readonly header: RecordingHeader; readonly records: Uint8Array<ArrayBuffer> };
}

/** How far the search for what frames had is: what it does, and a fraction from 0 to 1 of that. */
export interface TrapSearch {
  readonly phase: string;
  readonly fraction: number;
}

/** Who is told of a search. */
export interface TrapSearcher {
  /** How far the search is; undefined: none goes on any more. */
  search(state: TrapSearch | undefined): void;
  /** Why there is no witness, in a sentence. */
  problem(sentence: string): void;
}

/** Between two looks at how far a search is. */
const TELL_MS = 200;

/** Questions about what frames had. Those about memory the worker that has trapped can answer too, and does it at once. */
const ITS: ReadonlySet<Query['what']> = new Set<Query['what']>([
  'trap',
  'frameValues',
  'evaluate',
  'rowsBelow',
  'completions',
  'visible',
  'variables',
]);

/** Questions that would change the guest. */
const CHANGES: ReadonlySet<Query['what']> = new Set<Query['what']>(['assign', 'setVariable', 'writeMemory']);

/** The trap at which a call stands, for its driving side: a witness is made when somebody asks for what only one can tell. */
export class AtTrap {
  readonly #platform: Platform;
  readonly #trapped: () => Omit<Trapped, 'standing'> | undefined;
  readonly #told: TrapSearcher;
  /** Of the present stop. */
  standing: Standing | undefined;
  /** Of the frame that has trapped; and of all frames, which takes longer where one of their calls is in a loop. */
  #top: Witness | undefined;
  #all: Witness | undefined;

  /** Tells how far the search is, as long as one goes on. */
  #ticking: NodeJS.Timeout | undefined;

  /** @param trapped is asked where the call stands at a trap */
  constructor(platform: Platform, trapped: () => Omit<Trapped, 'standing'> | undefined, told: TrapSearcher) {
    this.#platform = platform;
    this.#trapped = trapped;
    this.#told = told;
  }

  /** Resolves when what frame `frame` had can be asked for, or never will be: true. Or when `patience` ms are over before: false. */
  async collect(frame: number, patience?: number): Promise<boolean> {
    if (frame > 0) this.#all ??= this.#witness(true);
    else if (this.#all === undefined) this.#top ??= this.#witness(false);
    // whoever is there for the frame on top need not wait for the one that takes longer, which ends it when it comes
    const there = (frame > 0 ? this.#all : (this.#top ?? this.#all))?.there.then(() => true);
    if (there === undefined || patience === undefined) return there ?? true;
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, patience, false);
    });
    return Promise.race([there, over]).finally(() => clearTimeout(timer));
  }

  #witness(whole: boolean): Witness | undefined {
    const { standing } = this;
    const trapped = standing === undefined ? undefined : this.#trapped();
    if (standing === undefined || trapped === undefined || trapped.stop.frames.length === 0) return undefined;
    const witness = new Witness(this.#platform, { ...trapped, standing }, whole, (why) =>
      this.#told.problem(`What the plugin had where it trapped could not be found: ${why}`),
    );
    void witness.there.then(() => {
      if (whole && witness.stands) this.#retireTop();
      this.#tell();
    });
    this.#ticking ??= setInterval(() => this.#tell(), TELL_MS);
    this.#ticking.unref(); // nobody's process stays for this
    // it is known by then
    queueMicrotask(() => this.#tell());
    return witness;
  }

  /** A witness of all frames is one of the frame on top too: one worker less. */
  #retireTop(): void {
    this.#top?.retire();
    this.#top = undefined;
  }

  #tell(): void {
    if (this.#ticking === undefined) return;
    const coming = [this.#top, this.#all].find((witness) => witness?.coming === true);
    if (coming === undefined) {
      clearInterval(this.#ticking);
      this.#ticking = undefined;
    }
    this.#told.search(coming?.search);
  }

  /** The answer, as far as this one has it: whoever has trapped answers all else. Rejects with a sentence where there is none */
  ask(query: Query): Promise<Answer> | undefined {
    if (CHANGES.has(query.what)) return Promise.reject(new Error(NO_CHANGE));
    const witness = this.#all?.stands === true ? this.#all : frameOf(query) === 0 ? this.#top : undefined;
    return witness?.stands === true && ITS.has(query.what) ? witness.ask(query) : undefined;
  }

  /** The call does not stand there any more. */
  end(): void {
    this.#top?.end();
    this.#all?.end();
    this.#top = undefined;
    this.#all = undefined;
    this.#tell();
  }
}

/** The frame that a question is about. */
function frameOf(query: Query): number {
  if ('frame' in query) return query.frame;
  return 'asked' in query ? query.asked.frame : 0;
}

class Witness {
  /** Resolves when it can be asked, or never will be. */
  readonly there: Promise<void>;
  readonly #succession: Succession;
  /** Fuel that the call had used where it trapped. */
  readonly #fuel: number;
  #phase: TrapSearch | undefined;
  #coming = true;
  /** It is ended when its last question is answered. */
  #retired = false;
  #stands: { readonly worker: WorkerHandle; readonly control: Control } | undefined;
  #arrive: () => void = () => {};
  readonly #queries = new RunQueries((token, query) => {
    this.#stands?.worker.post({ type: 'query', token, query });
    this.#stands?.control.request(REQUEST.messages);
  });

  /** @param whole callers are seen too @param failed is told in a clause why there is none */
  constructor(platform: Platform, trapped: Trapped, whole: boolean, failed: (why: string) => void) {
    this.there = new Promise((resolve) => {
      this.#arrive = resolve;
    });
    this.#fuel = trapped.stop.fuel.consumed;
    const lost = (why: string): void => {
      this.end();
      failed(why);
    };
    this.#succession = startSuccessor(platform, startOf(trapped, whole), {
      arrived: ({ worker, control, stop, adopt }) => {
        if (!isSamePlace(stop, trapped.stop)) {
          lost('it came to another place.');
          return;
        }
        adopt({
          message: (message) => {
            if (message.type === 'answer') this.#queries.answered(message.token, message.answer);
            else if (message.type === 'refused') this.#queries.refused(message.token, message.message);
            if (this.#retired && this.#queries.idle) this.end();
          },
          died: lost,
        });
        this.#stands = { worker, control };
        this.#coming = false;
        this.#arrive();
      },
      failed: lost,
      progress: (phase, fraction) => {
        this.#phase = { phase, fraction };
      },
    });
  }

  /** It is on its way. */
  get coming(): boolean {
    return this.#coming;
  }

  /** How far it is: its module is made ready, then the call is done again, by the fuel that it takes. */
  get search(): TrapSearch {
    const { consumed } = this.#succession;
    if (consumed === 0) return this.#phase ?? { phase: 'Starting', fraction: 0 };
    return { phase: 'Doing the call again', fraction: Math.min(1, consumed / Math.max(1, this.#fuel)) };
  }

  /** It can be asked. */
  get stands(): boolean {
    return this.#stands !== undefined;
  }

  /** @throws Error with a sentence where there is no answer. */
  ask(query: Query): Promise<Answer> {
    return this.#queries.ask(query);
  }

  /** Nobody asks it anything more. */
  retire(): void {
    this.#retired = true;
    if (this.#queries.idle) this.end();
  }

  end(): void {
    this.#stands = undefined;
    this.#coming = false;
    this.#succession.cancel();
    this.#queries.end('The call has run on.');
    this.#arrive();
  }
}

/** The call once more, by its recording, with the instruction that trapped as a site, and the calls of its frames where `whole`. */
function startOf(
  { stop, standing, options, recording }: Trapped,
  whole: boolean,
): Parameters<typeof startSuccessor>[1] {
  const [top, ...callers] = stop.frames;
  const plan = options.plan ?? NO_SITES;
  const replay: WorkerStart['replay'] = recording;
  return {
    options: {
      ...options,
      rules: [],
      breakpoints: [],
      plan: { ...plan, offsets: [...plan.offsets, ...(top === undefined ? [] : [top.offset])] },
    },
    replay,
    continues: {
      live: false,
      stop: {
        reason: 'moment',
        seq: stop.trap?.after ?? stop.seq,
        rules: [],
        diagnosis: undefined,
        frames: stop.frames,
        fuel: stop.fuel,
        time: stop.time,
        moment: stop.moment,
        over: false,
        steppable: false,
        inCode: true,
        handed: true,
      },
      standing,
      calls: whole ? callers.map(({ offset }) => offset) : [],
      mockChanges: [],
    },
  };
}

const isSamePlace = (one: Stop, other: Stop): boolean =>
  one.moment === other.moment &&
  one.frames.length === other.frames.length &&
  one.frames.every(({ func, offset }, at) => func === other.frames[at]?.func && offset === other.frames[at]?.offset);
