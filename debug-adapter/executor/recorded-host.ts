// The host in a replay: what it did (messages to the guest, diagnoses) is done again from the recording, in its place, and goes into the
// replay's own log. Contracts R2, R3.
import type { RunEvent } from '../recording/event.ts';
import { classifyBytes } from '../rpc/message.ts';
import type { RunParts } from './run-parts.ts';

type RecordedHostContext = Pick<RunParts, 'sink' | 'verdicts' | 'host' | 'traffic' | 'hostCheck' | 'catchUp'>;

export class RecordedHost {
  readonly #run: RecordedHostContext;

  constructor(run: RecordedHostContext) {
    this.#run = run;
  }

  /** An event of the host's own, where the recording has it. @throws Divergence */
  did(event: RunEvent): void {
    const { sink, verdicts, host, traffic, hostCheck, catchUp } = this.#run;
    const caughtUp = catchUp.underWay;
    if (!caughtUp) sink.log.append(event);
    if (event.kind === 'diagnosis') {
      hostCheck?.recorded(event);
      if (event.diagnosis === 'output') traffic.logNoLongerKept();
      if (event.severity === 'fault') verdicts.faults.push({ kind: event.diagnosis, message: event.message });
      return;
    }
    if (event.kind !== 'rpc') return;
    hostCheck?.wrote(event);
    if (caughtUp) host.rewrote(event.bytes);
    sink.rpc++;
    const message = classifyBytes(event.bytes);
    traffic.replayedMessageIn(message);
    const { endpoint } = host;
    let asked = true;
    if (caughtUp && 'id' in message && message.type !== 'request') host.resettled(message.id);
    if (message.type === 'request') endpoint.start();
    else if (message.type === 'response') asked = endpoint.settle(message.id, { result: message.result });
    else if (message.type === 'error') asked = endpoint.settle(message.id, { error: message });
    if (!asked && hostCheck !== undefined) throw hostCheck.unasked(event);
    endpoint.pump(host.replayed);
    endpoint.takeLines();
  }
}
