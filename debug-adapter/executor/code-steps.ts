// Steps in the guest's code: from which frame one begins, at which sites it may end, and what a site that is reached means to the one under way.
// Where it does end is decided by code-stops.ts. Contract S1.
import { statementOf } from '../source/step-targets.ts';
import type { FutureOrigin, FutureReached } from '../source/stepping.ts';
import { InstructionReader } from '../wasm/instructions.ts';
import { opcodeNamed } from '../wasm/opcodes.ts';
import type { CodeStops, SiteStatement } from './code-stops.ts';
import type { Loaded } from './loading.ts';
import type { GuestFrame, Resume, StepKind, StepOrigin } from './options.ts';
import type { StepFutures } from './step-futures.ts';
import { type GuestStack, isInCall } from './step-into.ts';

const CALL = opcodeNamed('call');
const CALLS: ReadonlySet<number> = new Set(['call_indirect', 'return_call', 'return_call_indirect'].map(opcodeNamed));

/** What steps need of the run around the code. */
interface CodeStepsContext {
  /** The innermost frames of the guest, `count` of them where there are so many. */
  frames(count: number): readonly GuestFrame[];
  /** The future that frame `index` of the stop works on; undefined: it is no body of an async function, or that is not known. */
  future(index: number): Pick<FutureOrigin, 'address' | 'depth'> | undefined;
}

/** Where a site was reached; `frames` are those that are counted there. */
interface SitePlace {
  readonly func: number;
  readonly frames: number;
  readonly offset: number;
}

/** What a site means to the step under way, and to a pause that waits for a statement. */
interface SiteMeaning {
  /** The statement that begins there, where that is of interest. */
  readonly statement: SiteStatement | undefined;
  readonly future: FutureReached | undefined;
  /** It is in the call that the step goes into. */
  readonly wanted: boolean;
}

export class CodeSteps {
  readonly #loaded: Loaded;
  readonly #stops: CodeStops;
  readonly #futures: StepFutures;
  readonly #context: CodeStepsContext;
  readonly #leaves = new Map<number, boolean>();
  readonly #closures = new Map<number, boolean>();
  /** Of the sites that steps by statement have come to. */
  readonly #statements = new Map<number, SiteStatement | undefined>();
  readonly #stack: GuestStack = {
    isLeaf: (func) => this.isLeaf(func),
    isClosure: (func) => this.#isClosure(func),
    frames: (count) => this.#context.frames(count),
  };

  constructor(loaded: Loaded, stops: CodeStops, futures: StepFutures, context: CodeStepsContext) {
    this.#loaded = loaded;
    this.#stops = stops;
    this.#futures = futures;
    this.#context = context;
  }

  /** Begins the step that `mode` says, or goes on with it. `counted`: how many frames are counted where the guest stands in the innermost. */
  begin({ step, origin, statement, target }: Resume, frames: readonly GuestFrame[], counted: number): void {
    if (step === undefined) return;
    if (statement === true || origin?.statement !== undefined) {
      this.#byStatement(origin ?? this.#statementOrigin(step, frames, counted, target), frames);
      return;
    }
    const [top] = frames;
    // of a step that goes on amid what it steps over, the frames where it can end
    const functions = functionsOf(origin === undefined ? frames : framesOutside(origin, frames));
    const inside = step === 'into' ? undefined : (offset: number): boolean => functions.has(this.#functionAt(offset));
    if (origin !== undefined) this.#stops.step(origin, inside);
    // before the first instruction: it is the next
    else if (top === undefined) this.#stops.step({ kind: 'into', func: 0, frames: 0, leaf: false });
    else {
      const { func } = top;
      this.#stops.step({ kind: step, func, frames: counted, leaf: this.isLeaf(func) }, inside);
    }
  }

  /** From the innermost frame whose code steps end in; where there is none, from nowhere: it ends at the first such code. */
  #statementOrigin(
    kind: StepKind,
    frames: readonly GuestFrame[],
    counted: number,
    target: Resume['target'],
  ): StepOrigin {
    const { source } = this.#loaded.places;
    const index = target?.frame ?? frames.findIndex(({ offset }) => source?.steppedAt(offset) === true);
    const frame = frames[index];
    const statement =
      source && frame && (target ? statementOf(source, frame.offset, target.level) : source.originAt(frame.offset));
    if (frame === undefined || statement === undefined)
      return { kind: 'into', func: -1, frames: 0, leaf: false, statement: { file: -1, line: 0, inlined: [] } };
    const future = this.#context.future(index);
    return {
      kind,
      func: frame.func,
      frames: index === 0 ? counted : frames.length - index,
      leaf: index === 0 && this.isLeaf(frame.func),
      statement:
        future === undefined
          ? statement
          : {
              ...statement,
              future: { ...future, awaiting: this.#futures.awaiting(frames.slice(index), future.depth) },
            },
      ...(target && { target: target.at }),
    };
  }

  #byStatement(origin: StepOrigin, frames: readonly GuestFrame[]): void {
    const { source } = this.#loaded.places;
    if (source === undefined) return;
    const functions = origin.kind === 'into' ? undefined : functionsOf(framesOutside(origin, frames));
    const { statements, files } = source;
    const { func, statement } = origin;
    const left = statement?.future === undefined ? -1 : func;
    this.#stops.step(origin, (offset) => {
      const at = statements.at(offset);
      if (at < 0 || !files.stepped(statements.file(at)))
        return source.isExit(offset) && this.#functionAt(offset) === left;
      return functions === undefined || functions.has(this.#functionAt(offset));
    });
  }

  /** What site number `site`, which was reached, means. A future that returned there is done with. */
  reached(site: number, place: SitePlace): SiteMeaning {
    const stops = this.#stops;
    const { offset } = place;
    let step = stops.underWay;
    if (step !== undefined && this.#futures.returns(step, place)) {
      stops.futureReturned();
      step = stops.underWay;
    }
    const wantsStatement = step?.statement !== undefined || stops.pausing;
    const statement = wantsStatement ? this.#statementAt(site, offset) : undefined;
    if (step === undefined || statement === undefined) return { statement, future: undefined, wanted: false };
    const { func, frames } = place;
    const future = this.#futures.reached(step, { func, frames, offset, statement });
    const wanted = step.target !== undefined && isInCall(step.target, step, { func, frames, statement }, this.#stack);
    return { statement, future, wanted };
  }

  /** Whether the function calls nothing that could be another frame of the guest's: its own frame is not counted then. */
  isLeaf(func: number): boolean {
    let leaf = this.#leaves.get(func);
    if (leaf === undefined) {
      leaf = true;
      const { module, places } = this.#loaded;
      const n = func - module.importedFunctions;
      const reader = new InstructionReader(module.bytes);
      reader.reset(places.disassembly.codeStart(n), module.bodyEnd[n] ?? 0);
      while (leaf && reader.next())
        leaf = !(CALLS.has(reader.opcode) || (reader.opcode === CALL && reader.index >= module.importedFunctions));
      this.#leaves.set(func, leaf);
    }
    return leaf;
  }

  #isClosure(func: number): boolean {
    let known = this.#closures.get(func);
    if (known === undefined) {
      known = this.#loaded.nameOf(func).includes('{{closure}}');
      this.#closures.set(func, known);
    }
    return known;
  }

  /** The statement that begins at a site, of those that steps end at. */
  #statementAt(site: number, offset: number): SiteStatement | undefined {
    const known = this.#statements.get(site);
    if (known !== undefined || this.#statements.has(site)) return known;
    const { source } = this.#loaded.places;
    const at = source?.statements.at(offset) ?? -1;
    const stepped =
      source !== undefined && at >= 0 && source.files.stepped(source.statements.file(at)) && !source.isMadeUpAt(offset);
    const origin = stepped ? source.originAt(offset) : undefined;
    const found = origin && source && { ...origin, ...source.entryAt(at) };
    this.#statements.set(site, found);
    return found;
  }

  #functionAt(offset: number): number {
    return this.#loaded.places.functionAt(offset);
  }
}

/** The frame that a step began in, and those around it. */
const framesOutside = ({ frames, leaf }: StepOrigin, standing: readonly GuestFrame[]): readonly GuestFrame[] =>
  standing.slice(-(frames + (leaf ? 1 : 0)));

const functionsOf = (frames: readonly GuestFrame[]): ReadonlySet<number> => new Set(frames.map(({ func }) => func));
