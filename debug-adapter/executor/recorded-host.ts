// The host in a replay: what it did (messages to the guest, diagnoses) is done again from the recording, in its place, and goes into the
// replay's own log. Contracts R2, R3.
import type { DiagnosisEvent, RunEvent } from '../recording/event.ts';
import { classifyBytes, type Message, type MessageId } from '../rpc/message.ts';
import { madeAnew } from './host-check.ts';
import type { RunParts } from './run-parts.ts';

type RecordedHostContext = Pick<
  RunParts,
  'sink' | 'verdicts' | 'host' | 'traffic' | 'hostCheck' | 'catchUp' | 'pauses' | 'options'
>;

export class RecordedHost {
  readonly #run: RecordedHostContext;

  constructor(run: RecordedHostContext) {
    this.#run = run;
  }

  /** An event of the host's own, where the recording has it. @throws Divergence */
  did(event: RunEvent): void {
    const { sink, host, traffic, hostCheck, catchUp } = this.#run;
    const endsLive = catchUp.endsLive;
    sink.host(event);
    if (event.kind === 'diagnosis') {
      this.#diagnosed(event);
      return;
    }
    if (event.kind !== 'rpc') return;
    hostCheck?.wrote(event);
    if (endsLive) host.rewrote(event.bytes);
    sink.rpc++;
    const message = classifyBytes(event.bytes);
    const { endpoint } = host;
    let asked = true;
    const fault = event.answeredBy?.fault;
    if (endsLive && fault !== 'duplicate') {
      const id = fault === 'malformed' || fault === 'wrongId' ? endpoint.answering?.id : idOf(message);
      if (id !== undefined) host.resettled(id);
    }
    if (fault !== undefined) asked = endpoint.settleFaulty(fault, idOf(message));
    else if (message.type === 'request') endpoint.start();
    else if (message.type === 'response') asked = endpoint.settle(message.id, { result: message.result });
    else if (message.type === 'error') asked = endpoint.settle(message.id, { error: message });
    if (!asked && hostCheck !== undefined) throw hostCheck.unasked(event);
    endpoint.pump(host.replayed);
    endpoint.takeLines();
    traffic.replayedMessageIn(message, event.bytes);
    if (!endsLive) catchUp.arrive('event');
  }

  #diagnosed({ diagnosis, message, severity, ...event }: DiagnosisEvent): void {
    const { verdicts, traffic, hostCheck, catchUp, pauses, options } = this.#run;
    hostCheck?.recorded({ diagnosis, message, severity, ...event });
    if (diagnosis === 'output') traffic.logNoLongerKept();
    const faulty = severity === 'fault';
    if (faulty) verdicts.faults.push({ kind: diagnosis, message });
    // What time and bounds gave cause for is not made anew: the call stopped there, and so does its replay.
    if (madeAnew(diagnosis) || hostCheck === undefined) return;
    if (catchUp.underWay) catchUp.arrive('event');
    else if (faulty && options.debug) pauses.stop('limit', [], { diagnosis, message }, 'event');
    else verdicts.stopIfReached();
  }
}

/** Of a reply. */
function idOf(message: Message): MessageId | undefined {
  return message.type === 'response' || message.type === 'error' ? message.id : undefined;
}
