// The calls of debug sessions that run right now, and what host call each of them waits at. Starts and ends none. Replays are not among them: a
// recording answers itself.
import * as vscode from 'vscode';
import type { HandReply } from '../../debug-adapter/executor/messages.ts';
import type { Ask } from '../../debug-adapter/executor/options.ts';
import type { EventStore } from '../../debug-adapter/recording/event-store.ts';
import type { CallView } from '../../debug-adapter/session/session.ts';
import type { AddedSession, Sessions } from '../sessions.ts';

export interface LiveRun {
  readonly session: vscode.DebugSession;
  readonly view: CallView;
  readonly run: CallView['run'];
}

/** A call that waits for an answer. */
export interface Waiting {
  readonly live: LiveRun;
  readonly ask: Ask;
  /** It was answered, and the reply is to be another one: whether that can still be. Absent where the call waits for its first. */
  readonly canChange?: () => boolean;
}

/** What is typed for it can be sent now. */
export function isPresent({ live, ask, canChange }: Waiting): boolean {
  return canChange?.() ?? live.run.stop?.ask?.id === ask.id;
}

/** It was answered otherwise, the plugin has read the reply, or the call is over; a run that goes on may come to stand there again. */
export function hasGone(waiting: Waiting): boolean {
  const { state } = waiting.live.run;
  return state === 'ended' || (state === 'stopped' && !isPresent(waiting));
}

export class LiveRuns implements vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly #started = new vscode.EventEmitter<LiveRun>();
  readonly #asked = new vscode.EventEmitter<Waiting>();
  readonly #registration: vscode.Disposable;
  readonly #live = new Set<LiveRun>();
  /** A run began, stopped, went on, or ended. */
  readonly onDidChange = this.#changed.event;
  readonly onDidStart = this.#started.event;
  /** A run has stopped because a host call waits for an answer. */
  readonly onDidAsk = this.#asked.event;

  constructor(sessions: Sessions) {
    this.#registration = sessions.onDidAdd((added) => this.#follow(added));
  }

  get all(): Iterable<LiveRun> {
    return this.#live;
  }

  /** The run that makes these events. */
  of(store: EventStore): LiveRun | undefined {
    return [...this.#live].find(({ run }) => run.store === store);
  }

  /** That of the session with the focus first, else the last one that waits. */
  get waiting(): Waiting | undefined {
    const waits = [...this.#live].flatMap((live) => {
      const ask = live.run.stop?.ask;
      return ask === undefined ? [] : [{ live, ask }];
    });
    return waits.find(({ live }) => live.session === vscode.debug.activeDebugSession) ?? waits.at(-1);
  }

  #follow({ session, adapter }: AddedSession): void {
    adapter.onCall((view) => {
      if (view.plan.recording !== undefined) return;
      const live: LiveRun = { session, view, run: view.run };
      this.#live.add(live);
      const changed = (): void => this.#changed.fire();
      const leave = view.run.on({
        loaded: changed,
        stopped: (stop) => {
          changed();
          if (stop.reason === 'ask' && stop.ask !== undefined) this.#asked.fire({ live, ask: stop.ask });
        },
        resumed: changed,
        ended: () => {
          this.#live.delete(live);
          leave();
          changed();
        },
      });
      this.#started.fire(live);
      changed();
    });
  }

  /**
   * Answers the call that waits, and has the run go on; or changes the reply that it got, and leaves the run where it stands.
   * @throws Error with a sentence for a result that is not JSON, and where there is nothing to change any more
   */
  async answer({ live, ask, canChange }: Waiting, reply: HandReply): Promise<void> {
    if (canChange !== undefined) {
      await live.run.changeReply(ask.id, reply);
      return;
    }
    const goesOn = live.run.state === 'stopped';
    live.run.answer(ask.id, reply);
    if (goesOn) await live.session.customRequest('continue', { threadId: 1 });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
    this.#started.dispose();
    this.#asked.dispose();
  }
}
