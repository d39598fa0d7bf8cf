// The source side of a guest that stands still: frames of source, variables by paths, what setting one writes. Kept for one stop; frames'
// locals are brought into view by whoever asks (inspection.ts). Contract S6.

import { futureAt } from '../source/coroutines.ts';
import { FrameVariables, programOf, type VariableRow, type VariableScope } from '../source/frame-variables.ts';
import type { SourceFrame } from '../source/module-source.ts';
import type { Assigned } from '../source/value.ts';
import type { CodeRun } from './code-run.ts';
import { FrameMachine } from './frame-machine.ts';
import type { Loaded } from './loading.ts';
import type { GuestFrame } from './options.ts';
import type { UnwoundFrame } from './unwind.ts';
import { unwindGuest } from './unwind-guest.ts';

/** Which variables are asked for: `frame` of the machine's, `level` of the frames of source in it, both from the innermost. */
export interface VariablesAsked {
  readonly frame: number;
  readonly level: number;
  readonly scope: VariableScope;
  /** Numbers of children, from the scope down; empty: the scope itself. */
  readonly path: readonly number[];
}

/** Rows, and how many there are of the scope in all. */
export interface VariablesFound {
  readonly rows: readonly VariableRow[];
  readonly count: number;
  /** Some would be known if the frame's locals were at hand. */
  readonly lacked: boolean;
}

interface Standing {
  readonly code: CodeRun;
  readonly loaded: Loaded;
  readonly instance: WebAssembly.Instance;
  readonly frames: readonly GuestFrame[];
}

export class SourceInspection {
  readonly #standing: Standing;
  readonly #frames = new Map<string, { readonly variables: FrameVariables; readonly machine: FrameMachine }>();
  #unwound: readonly UnwoundFrame[] | undefined;

  constructor(standing: Standing) {
    this.#standing = standing;
  }

  /** Of each frame of the machine: the frames of source that stand there, innermost first; none without debug information. */
  sourceFrames(): SourceFrame[][] {
    const { source } = this.#standing.code.places;
    return this.#standing.frames.map(({ offset }) => source?.framesAt(offset) ?? []);
  }

  /** Children of a path. */
  variables(asked: VariablesAsked, start: number, count: number): VariablesFound {
    const { variables, machine } = this.#of(asked);
    const rows = variables.rows(asked.scope, asked.path, start, count);
    return { rows, count: variables.count(asked.scope), lacked: machine.lacked };
  }

  /** The row at a path. */
  row(asked: VariablesAsked): VariableRow | undefined {
    return this.#of(asked).variables.row(asked.scope, asked.path);
  }

  assign(asked: VariablesAsked, text: string): Assigned {
    return this.#of(asked).variables.assign(asked.scope, asked.path, text);
  }

  /** The variables of a frame, by their names. */
  frame(frame: number, level: number): FrameVariables {
    return this.#of({ frame, level }).variables;
  }

  /** Whether something in a frame would be known if its locals were at hand. */
  lacks(frame: number, level: number): boolean {
    return this.#of({ frame, level }).machine.lacked;
  }

  /** Where the future of the innermost body of an async function lies. */
  future(frame: number): number | undefined {
    const { code, frames } = this.#standing;
    const { source } = code.places;
    const offset = frames[frame]?.offset;
    const around = offset === undefined ? undefined : source?.coroutineAt(offset);
    if (source === undefined || offset === undefined || around === undefined) return undefined;
    const scope = source.functionAt(offset);
    const { machine } = this.#of({ frame, level: source.framesAt(offset).length - 1 });
    return scope && futureAt(source.program, around, { scope, offset, machine });
  }

  #of({ frame, level }: Pick<VariablesAsked, 'frame' | 'level'>): { variables: FrameVariables; machine: FrameMachine } {
    const key = `${frame} ${level}`;
    const known = this.#frames.get(key);
    if (known !== undefined) return known;
    const { code, loaded, instance, frames } = this.#standing;
    const { source } = code.places;
    const place = frames[frame];
    if (source === undefined) throw new Error('This plugin has no debug information.');
    if (place === undefined) throw new Error('There is no such frame.');
    const unwound = (): UnwoundFrame | undefined => {
      const { layouts, instrumented } = loaded;
      this.#unwound ??= unwindGuest({ layouts, instance, exports: instrumented.exports }, frames);
      return this.#unwound[frame];
    };
    const machine = new FrameMachine(code.guest, unwound, loaded.layouts.stackPointer);
    const size = code.guest.memory(0)?.size ?? 0;
    const program = programOf(source.program, machine, size, (index) => loaded.functionInTable(index));
    const made = {
      machine,
      variables: new FrameVariables(source.program, program, machine, place.offset, level, frame > 0),
    };
    this.#frames.set(key, made);
    return made;
  }
}
