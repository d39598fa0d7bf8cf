// The calls that a step in may be told to go into: those of the statement at which a frame stands. Numbers of them are good for one stop. Contract S1.
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Resume } from '../executor/options.ts';
import type { Call } from './call.ts';
import { shownFrameOf } from './stack.ts';

type Target = NonNullable<Resume['target']>;

/** What clients were told of at this stop. */
export class StepInTargets {
  readonly #known = new Map<number, Target>();
  #last = 0;

  add(target: Target): number {
    this.#known.set(++this.#last, target);
    return this.#last;
  }

  /** The call is about to run on. */
  forget(): void {
    this.#known.clear();
  }

  /** Undefined where a step is told no target. @throws Error with a sentence for a number that is none of this stop's */
  of(id: unknown): Target | undefined {
    if (id === undefined || id === null) return undefined;
    const found = typeof id === 'number' ? this.#known.get(id) : undefined;
    if (found === undefined) throw new Error(`There is no call ${String(id)} to step into here: ask for them anew.`);
    return found;
  }
}

/** A line and a column as a client counts them. */
interface ToClient {
  line(line: number): number;
  column(column: number): number;
}

export async function stepInTargets(
  call: Call,
  { frameId }: DebugProtocol.StepInTargetsArguments,
  toClient: ToClient,
): Promise<DebugProtocol.StepInTargetsResponse['body']> {
  const shown = shownFrameOf(call, frameId);
  if (shown?.source === undefined) return { targets: [] };
  const { index: frame, level } = shown;
  const found = await call.run.stepTargets(frame, level);
  const targets = found.map(({ at, label, line, column }) => ({
    id: call.stepTargets.add({ frame, level, at }),
    label,
    line: toClient.line(line),
    ...(column === 0 ? {} : { column: toClient.column(column) }),
  }));
  return { targets };
}
