// The calls of debug sessions that run right now, and what host call each of them waits at. Starts and ends none. Replays are not among them: a
// recording answers itself.
import * as vscode from 'vscode';
import type { HandReply } from '../../debug-adapter/executor/messages.ts';
import type { Ask } from '../../debug-adapter/executor/options.ts';
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

  /** Answers the call that waits, and has the run go on. @throws Error with a sentence for a result that is not JSON */
  async answer({ live, ask }: Waiting, reply: HandReply): Promise<void> {
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
