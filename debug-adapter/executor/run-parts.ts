// The parts of one call in the worker, as they see each other: guest-run.ts owns them all, and each takes only those that it names. Types only.
import type { WasiContext } from '../wasi/context.ts';
import type { Bounds } from './bounds.ts';
import type { CallEnd } from './call-end.ts';
import type { CatchUp } from './catch-up.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Control } from './control.ts';
import type { EventSink } from './event-sink.ts';
import type { FuelMeter } from './fuel-meter.ts';
import type { HostCheck } from './host-check.ts';
import type { HostSide } from './host-side.ts';
import type { Inspected, Inspection } from './inspection.ts';
import type { MemoryBounds } from './memory-bounds.ts';
import type { WorkerPlatform, WorkerStart } from './messages.ts';
import type { RunOptions } from './options.ts';
import type { Pauses } from './pauses.ts';
import type { RecordedEdits } from './recorded-edits.ts';
import type { Replayer } from './replayer.ts';
import type { RunClock } from './run-clock.ts';
import type { Sent } from './sent.ts';
import type { StopRules } from './stops.ts';
import type { Traffic } from './traffic.ts';
import type { Verdicts } from './verdicts.ts';

export interface RunParts {
  readonly platform: WorkerPlatform;
  readonly start: WorkerStart;
  readonly options: RunOptions;
  readonly control: Control;
  readonly rules: StopRules;
  readonly meter: FuelMeter;
  readonly clock: RunClock;
  readonly sink: EventSink;
  readonly pauses: Pauses;
  readonly verdicts: Verdicts;
  readonly bounds: Bounds;
  readonly memory: MemoryBounds;
  readonly context: WasiContext;
  readonly guest: Inspected;
  readonly inspection: Inspection;
  readonly host: HostSide;
  readonly traffic: Traffic;
  /** Undefined in a live run, and in one that is to go on live. */
  readonly hostCheck: HostCheck | undefined;
  /** It goes on its way when the call is done. */
  readonly sent: Sent;
  /** What a replay goes by; undefined in a live run, and once a run that was caught up with goes on live. */
  replayer: Replayer | undefined;
  readonly catchUp: CatchUp;
  readonly edits: RecordedEdits;
  readonly checkpoints: Checkpoints;
  readonly end: CallEnd;
}
