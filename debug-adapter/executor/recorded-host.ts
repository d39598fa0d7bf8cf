// The host in a replay: what it did (messages to the guest, diagnoses) is done again from the recording, in its place, and goes into the
// replay's own log. Contracts R2, R3.
import type { DiagnosisEvent, EditEvent, RunEvent } from '../recording/event.ts';
import type { HostLine } from '../rpc/endpoint.ts';
import { classifyBytes, type Message, type MessageId, type RequestMessage } from '../rpc/message.ts';
import { madeAnew } from './host-check.ts';
import { Divergence } from './replayer.ts';
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
    if (event.kind === 'edit') {
      this.#takenBack(event);
      return;
    }
    if (event.kind !== 'rpc') return;
    sink.rpc++;
    const message = classifyBytes(event.bytes);
    const { endpoint } = host;
    const { answeredBy } = event;
    const request = endpoint.requestOf(idOf(message), answeredBy?.fault);
    const line: HostLine = {
      text: event.line,
      message,
      ...(answeredBy === undefined ? {} : { answeredBy }),
      ...(request === undefined ? {} : { request }),
    };
    const changes = answeredBy?.by === 'hand' ? answeredBy.changes : undefined;
    if (changes !== undefined) {
      hostCheck?.changed(changes, event);
      if (endsLive && !host.rechanged(changes, line, event.bytes, event.seq)) throw notUnread(event, changes);
      if (!endsLive) catchUp.arrive('event');
      return;
    }
    // one that was never to come was given by hand after all
    if (request !== undefined && (answeredBy?.fault !== undefined || idOf(message) === request.id))
      endpoint.revive(request.id);
    hostCheck?.wrote(event, request);
    if (endsLive) host.rewrote(line, event.bytes, event.seq);
    let asked = true;
    const fault = answeredBy?.fault;
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

  /** A reply was taken out of stdin, unread, and those behind it. @throws Divergence */
  #takenBack(event: EditEvent): void {
    const { host, traffic, hostCheck, catchUp } = this.#run;
    const { endsLive } = catchUp;
    const from = event.index;
    let requests: readonly RequestMessage[] | undefined = [];
    if (endsLive) requests = host.retakenBack(from);
    else if (hostCheck !== undefined) {
      requests = hostCheck.takenBack(from, event.seq);
      host.endpoint.takeBack(requests);
    }
    if (requests === undefined) throw notUnread(event, from);
    traffic.takenBack(requests);
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

function notUnread({ seq }: RunEvent, from: number): Divergence {
  const message = `The replay differs at event ${seq}: it changes the reply of event ${from}, which is none that the plugin has not read.`;
  return new Divergence(seq, message);
}

/** Of a reply. */
function idOf(message: Message): MessageId | undefined {
  return message.type === 'response' || message.type === 'error' ? message.id : undefined;
}
