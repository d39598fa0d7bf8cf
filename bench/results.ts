// What a run of the benchmark comes to: the form of bench/results/latest.json. Types only.
import type { FilterSpeed } from './filter.ts';
import type { HostMethodsSpeed } from './host-methods.ts';
import type { Launch } from './launch.ts';
import type { Resident } from './memory.ts';
import type { RoundTrips } from './mocks.ts';
import type { NumberToHold } from './numbers.ts';
import type { Opening } from './opening.ts';
import type { PanelSpeed } from './panel.ts';
import type { RewritingSpeed } from './rewriting.ts';
import type { SourceSpeed } from './source.ts';
import type { Stacks } from './stacks.ts';
import type { Measured } from './workloads.ts';

export interface Results {
  readonly version: 1;
  readonly created: string;
  readonly quick: boolean;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    /** Mean number of processes that wanted to run, in the minute before and after. */
    readonly load: readonly [before: number, after: number];
    readonly platform: string;
    readonly node: string;
    readonly v8: string;
  };
  readonly seconds: number;
  readonly workloads: readonly Measured[];
  readonly rewriting: readonly RewritingSpeed[];
  /** Of plugins that have debug information. */
  readonly openings: readonly Opening[];
  readonly mocks: readonly RoundTrips[];
  readonly launches: readonly Launch[];
  readonly memory: readonly Resident[];
  readonly stacks: readonly Stacks[];
  readonly filters: readonly FilterSpeed[];
  readonly hostMethods: readonly HostMethodsSpeed[];
  /** Sentences where they could not be measured. */
  readonly source: SourceSpeed | string;
  readonly panel: PanelSpeed | string;
}

export interface Report extends Results {
  readonly numbers: readonly NumberToHold[];
}
