// The view Host Methods put together: the mocks in force, the tallies of the calls, the sources, the tree, its commands, answers by hand. Wires, and
// sees to it that the tree is made anew when something has changed; what is shown model.ts decides.
import * as vscode from 'vscode';
import type { MockSet } from '../../debug-adapter/mocks/rules.ts';
import { classifyLine } from '../../debug-adapter/rpc/message.ts';
import type { Sessions } from '../sessions.ts';
import type { KeptCall } from '../transcript/calls.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { chosenRow, told } from '../transcript/transcriptCommands.ts';
import { mayRun } from '../trust.ts';
import { Actions, type Chosen, replyOf } from './actions.ts';
import { AnswerByHand } from './answerByHand.ts';
import { wantRemembered } from './answerRemembered.ts';
import { answerOf, CallTally } from './callTally.ts';
import { FileEdits } from './editFile.ts';
import { LiveRuns, type Waiting } from './liveRuns.ts';
import type { NewReply } from './mockEdits.ts';
import { mocksFromCall } from './mocksFromCall.ts';
import { MocksInForce } from './mocksInForce.ts';
import { hostMethods, type MethodNode, Misses } from './model.ts';
import { SourceScan } from './sourceScan.ts';
import { stopShown } from './stopShown.ts';
import { HostMethodsTree, type TreeRow } from './tree.ts';

const PREFIX = 'wasmiPluginDebugger.hostMethods.';
/** The tree is made anew so often at most (ms). */
const EVERY = 200;
/** Counting takes so long at a time (ms). */
const TURN = 5;

export class HostMethods implements vscode.Disposable {
  readonly runs: LiveRuns;
  readonly mocks: MocksInForce;
  readonly tree: HostMethodsTree;
  readonly answers: AnswerByHand;
  readonly #edits = new FileEdits();
  readonly #actions: Actions;
  readonly #sources = new SourceScan();
  readonly #misses = new Misses();
  readonly #listeners = new Set<() => void>();
  readonly #transcript: Transcript;
  readonly #extensionPath: string;
  readonly #tallies = new Map<KeptCall, { readonly tally: CallTally; readonly leave: () => void }>();
  readonly #registration: vscode.Disposable;
  #timer: NodeJS.Timeout | undefined;

  constructor(sessions: Sessions, transcript: Transcript, extensionPath: string) {
    this.#transcript = transcript;
    this.#extensionPath = extensionPath;
    this.runs = new LiveRuns(sessions);
    this.mocks = new MocksInForce(this.runs);
    this.#actions = new Actions(this.mocks, this.#edits, transcript.doors);
    const actions = this.#actions;
    this.tree = new HostMethodsTree({
      turn: (nodes) => this.#edit(() => actions.turn(nodes)),
      move: (rule, to) => this.#edit(() => actions.move(rule, to)),
    });
    this.answers = new AnswerByHand(this.runs, (waiting, reply) => this.#remember(waiting, reply));
    transcript.doors.changeReply = (call, row) => this.changeReply(call, row);
    const { calls } = transcript;
    const leave = calls.onDidChange(() => this.#soon());
    const soon = (): void => this.#soon();
    this.#registration = vscode.Disposable.from(
      this.runs,
      this.mocks,
      this.tree,
      this.answers,
      this.#sources,
      { dispose: leave },
      this.mocks.onDidChange(soon),
      this.#sources.onDidChange(soon),
      this.runs.onDidChange(soon),
      this.tree.view.onDidChangeSelection(({ selection }) => {
        void vscode.commands.executeCommand('setContext', `${PREFIX}hasRow`, selection.length > 0);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(soon),
      this.runs.onDidAsk((waiting) => this.#asked(waiting)),
      ...this.#commands(),
    );
    this.#soon();
  }

  /** The rows as they are now. */
  get methods(): readonly MethodNode[] {
    return this.tree.methods;
  }

  /** The mocks in force. */
  get set(): MockSet | undefined {
    return this.mocks.set;
  }

  /** The rows were made anew. */
  onDidShow(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #soon(delay = EVERY): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#refresh();
    }, delay);
  }

  #refresh(): void {
    const { calls } = this.#transcript.calls;
    for (const [call, { leave }] of this.#tallies)
      if (!calls.includes(call)) {
        leave();
        this.#tallies.delete(call);
      }
    const end = performance.now() + TURN;
    let all = true;
    for (const call of calls) {
      let known = this.#tallies.get(call);
      if (known === undefined) {
        const leaves = [call.store.onAppend(() => this.#soon()), call.onDidChange(() => this.#soon())];
        known = {
          tally: new CallTally(call, this.mocks),
          leave: () => {
            for (const leave of leaves) leave();
          },
        };
        this.#tallies.set(call, known);
      }
      // rows are laid out behind the events
      all = known.tally.advance(() => performance.now(), end) && call.rows.laid === call.store.length && all;
    }
    if (!all) this.#soon(20);
    const waiting = this.runs.waiting;
    void vscode.commands.executeCommand('setContext', `${PREFIX}asks`, waiting !== undefined);
    void vscode.commands.executeCommand('setContext', `${PREFIX}canUndo`, this.#edits.canUndo);
    const tallies = calls.flatMap((call) => this.#tallies.get(call)?.tally ?? []);
    const methods = hostMethods({
      set: this.mocks.set,
      tallies,
      places: this.#sources.places,
      hasHost: calls.at(-1)?.plan?.hostCommand !== undefined,
      waiting: waiting?.ask.method,
      idOf: this.mocks.idOf,
      misses: this.#misses,
    });
    const { problem } = this.mocks;
    this.tree.show(methods, problem && `${problem} The last good rules stay in force.`);
    for (const listener of this.#listeners) listener();
  }

  #asked(waiting: Waiting): void {
    this.#refresh();
    void stopShown(waiting.live.session).then(() => {
      if (waiting.live.run.stop?.ask?.id !== waiting.ask.id) return;
      void told(() => this.answers.open(waiting, this.#begin(waiting)));
    });
  }

  /** What stands in the answer's editor to begin with: the last result of the method. */
  #begin({ ask }: Waiting): string {
    const method = this.tree.methods.find(({ name }) => name === ask.method);
    const answer = method?.last && answerOf(method.last.tally.call, method.last.row);
    const real = answer ?? (method?.real && answerOf(method.real.tally.call, method.real.row));
    return real?.kind === 'result' && real.json.length < 10_000 ? real.json : 'null';
  }

  /** Keeps the reply to a call that waits: in the rule that said to pause, for all calls of the method, or for those with such params. */
  async #remember({ ask, live }: Waiting, reply: NewReply): Promise<void> {
    this.#refresh();
    const method = this.tree.methods.find(({ name }) => name === ask.method);
    if (method === undefined) return;
    const rule = method.rules.find(
      ({ rule: { number, place } }) => number === ask.rule?.number && place.line === ask.rule.line,
    );
    const given = { session: live.session.id, method: ask.method, params: ask.params, reply };
    const others = this.answers.given.othersThan(given);
    await this.#edit(async () => this.#actions.keep(wantRemembered(method, rule, given, others)));
  }

  /**
   * The answer of a host call, whose request or reply the row is, is sent from now on to all calls of its method.
   * @throws Error with a sentence where there is none
   */
  async mockAnswer(call: KeptCall, row: number): Promise<void> {
    const { rows } = call;
    const request = rows.kind(row) === 'request' ? row : rows.pair(row);
    const answer = request < 0 || rows.dir(request) !== 'out' ? undefined : answerOf(call, request);
    if (answer === undefined)
      throw new Error('This is no call of a host method that was answered: choose the request or the reply of one.');
    this.#refresh();
    const method = this.tree.methods.find(({ name }) => name === rows.name(request));
    if (method === undefined) throw new Error('The calls are still being counted: try again in a moment.');
    await this.#actions.reply({ method, rule: undefined }, replyOf(answer));
    this.#refresh();
  }

  /**
   * Opens the editor with the reply of a host call, whose request or reply the row is: what is sent from there takes its place, as long as the
   * plugin has read nothing of it. @throws Error with a sentence where there is none
   */
  async changeReply(call: KeptCall, row: number): Promise<void> {
    const { rows } = call;
    const request = rows.kind(row) === 'request' ? row : rows.pair(row);
    const live = this.runs.of(call.store);
    const event = request < 0 ? undefined : call.store.get(rows.event(request));
    const message = event?.kind === 'rpc' ? classifyLine(event.line) : undefined;
    if (live === undefined || event === undefined || message?.type !== 'request')
      throw new Error('This is no reply to a host call of a call that runs.');
    const { id, method, params } = message;
    if (live.run.stop?.ask?.id === id) return this.answers.open({ live, ask: live.run.stop.ask });
    const answer = answerOf(call, request);
    const text =
      answer?.kind === 'error'
        ? `{ "code": ${answer.code}, "message": ${JSON.stringify(answer.message)} }`
        : (answer?.json ?? 'null');
    const canChange = (): boolean => call.canChangeReply(request);
    await this.answers.open({ live, ask: { id, method, params, seq: event.seq }, canChange }, text);
  }

  async #edit(work: () => Promise<void>): Promise<void> {
    await told(work);
    // also where nothing came of it: a checkbox shows what is so
    this.#refresh();
  }

  #commands(): vscode.Disposable[] {
    const actions = this.#actions;
    const commands: Record<string, (chosen: Chosen) => Promise<void>> = {
      mockWithReal: (chosen) => actions.mockWithReal(chosen),
      mockWithValue: (chosen) => actions.mockWithValue(chosen),
      fail: (chosen) => actions.fail(chosen),
      mockWithError: (chosen) => actions.mockWithError(chosen),
      mockWithDelay: (chosen) => actions.mockWithDelay(chosen),
      pauseHere: (chosen) => actions.pauseHere(chosen),
      disable: (chosen) => actions.enable(chosen, false),
      enable: (chosen) => actions.enable(chosen, true),
      moveUp: (chosen) => actions.moveBy(chosen, -1),
      moveDown: (chosen) => actions.moveBy(chosen, 1),
      goToRule: (chosen) => actions.goToRule(chosen),
      goToGuest: (chosen) => actions.goToGuest(chosen),
      copyJson: (chosen) => actions.copyJson(chosen),
    };
    const plain: Record<string, () => Promise<void>> = {
      undo: () => actions.undo(),
      openMocks: () => actions.openMocks(),
      answer: () => this.answers.open(this.runs.waiting, this.runs.waiting && this.#begin(this.runs.waiting)),
      sendResult: () => this.answers.send('result', false),
      sendError: () => this.answers.send('error', false),
      sendNever: () => this.answers.send('never', false),
      rememberResult: () => this.answers.send('result', true),
      rememberError: () => this.answers.send('error', true),
      rememberNever: () => this.answers.send('never', true),
    };
    const { panel, calls } = this.#transcript;
    return [
      vscode.commands.registerCommand('wasmiPluginDebugger.transcript.mocksFromCall', () =>
        told(async () => {
          const call = panel.model.shownCall;
          if (call === undefined) throw new Error('No call is shown: press F5 on a plugin call, or open a recording.');
          await mocksFromCall(call.store, this.#extensionPath);
        }),
      ),
      vscode.commands.registerCommand('wasmiPluginDebugger.transcript.mockAnswer', (context: unknown) =>
        told(() => {
          const { call, row } = chosenRow(panel, calls, context);
          return this.mockAnswer(call, row);
        }),
      ),
      ...Object.entries(commands).map(([name, run]) =>
        vscode.commands.registerCommand(PREFIX + name, (node?: TreeRow) =>
          this.#edit(async () => run(this.#chosen(node))),
        ),
      ),
      ...Object.entries(plain).map(([name, run]) =>
        vscode.commands.registerCommand(PREFIX + name, () =>
          this.#edit(async () => {
            if (name === 'undo' || name === 'openMocks' || mayRun('A plugin call is answered')) await run();
          }),
        ),
      ),
    ];
  }

  /** @throws Error with a sentence where no row is meant */
  #chosen(chosen: TreeRow | undefined): Chosen {
    const node = chosen?.kind === 'group' ? chosen.of : chosen;
    const present = node === undefined ? this.tree.selected : (this.tree.present(node.id) ?? node);
    const method = present && this.tree.methodOf(present);
    if (method === undefined) throw new Error('No host method is selected: choose one in the view Host Methods first.');
    return { method, rule: present?.kind === 'rule' ? present : undefined };
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const { leave } of this.#tallies.values()) leave();
    this.#registration.dispose();
  }
}
