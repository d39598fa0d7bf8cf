// What whoever drives a run hears of it. Types only.
import type { RecordingHeader } from '../recording/event.ts';
import type { Outcome, ResolvedBreakpoint, Stop } from './options.ts';
import type { TrapSearch } from './trap-witness.ts';

export interface RunListener {
  progress?(phase: string, fraction: number): void;
  loaded?(header: RecordingHeader): void;
  stopped?(stop: Stop): void;
  resumed?(): void;
  /** A log rule was hit at event `seq`. */
  log?(text: string, seq: number): void;
  ended?(outcome: Outcome): void;
  /** At a trap: how far the search is for what frames had there, which somebody has asked for; undefined: none goes on any more. */
  search?(state: TrapSearch | undefined): void;
  /** Something could not be done, in a sentence; the run stays as it is. */
  problem?(sentence: string): void;
  /** What a person is to know of the run, and nothing is wrong, in a sentence. */
  notice?(sentence: string): void;
  /** What became of the breakpoints that were set. */
  breakpoints?(resolved: readonly ResolvedBreakpoint[]): void;
}
