// The DAP session: takes a client's requests apart, hands them to the call and its parts, and answers. Holds what outlives one call: the
// launch, the rules, what the client can do. Runs inline in VS Code's extension host and on a stream alike. Contracts S1, S5, S6, P3.
import { DebugSession, Event, Response } from '@vscode/debugadapter';
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { ResolvedBreakpoint } from '../executor/options.ts';
import type { Platform } from '../executor/platform.ts';
import type { MockSources } from '../mocks/mock-set.ts';
import { delay } from '../transcript/turns.ts';
import { argumentsOf } from './arguments.ts';
import { breakpointLocations } from './breakpoint-locations.ts';
import { BreakpointSet, type SetAnswer } from './breakpoint-set.ts';
import { exceptionFilters } from './breakpoints.ts';
import { Call } from './call.ts';
import type { Client } from './client.ts';
import * as code from './code-requests.ts';
import { completions } from './completions.ts';
import { resume, runToEvent, runToMoment, STEPS } from './control-requests.ts';
import { engineOf, type Recordings } from './engine.ts';
import { exceptionInfo } from './exception-info.ts';
import { checkLaunch, type LaunchPlan, type RecordingPlan, runOptions } from './launch.ts';
import { readLaunchMocks } from './launch-mocks.ts';
import { type RecordingLaunch, readRecordingLaunch, recordingOptions } from './recording-launch.ts';
import * as reply from './reply-requests.ts';
import type { CallView, SessionEngine, SessionRun, StartedRun } from './session-run.ts';
import * as show from './show-requests.ts';
import { stackTrace } from './stack.ts';
import { stepInTargets } from './step-in-targets.ts';
import { THREAD } from './stopped.ts';
import { hexReference } from './variable-store.ts';

export type { Recordings } from './engine.ts';
export type { CallView, HeldRecording } from './session-run.ts';

/** How long a request that sets breakpoints waits for what becomes of them; a guest that computes looks up every few ms. */
const RESOLVED_MS = 250;
/** The same where the call stands, and may be rewritten for them: nothing is held up by that. */
const REWRITTEN_MS = 5000;

type Handler = (args: never) => object | undefined | Promise<object | undefined>;

/**
 * A session for one client. In VS Code it is the inline adapter itself (`new vscode.DebugAdapterInlineImplementation(session)`); on a stream,
 * call `start(input, output)`. It is not a LoggingDebugSession: that one writes out every message a second time, and inline keeps
 * all of them for ever.
 */
export class PluginDebugSession extends DebugSession {
  readonly #engine: SessionEngine;
  readonly #handlers: ReadonlyMap<string, Handler>;
  readonly #client: Client;
  #supportsProgress = false;
  #supportsMemoryEvent = false;
  #supportsInvalidatedEvent = false;
  readonly #patience: number | undefined;
  #initialized = false;
  /** What was launched, to be read anew at a restart. */
  #asked: Asked | undefined;
  #plan: LaunchPlan | undefined;
  #call: Call | undefined;
  #view: CallView | undefined;
  readonly #callListeners = new Set<(view: CallView) => void>();
  readonly #breakpoints = new BreakpointSet();
  readonly #awaiting = new Set<() => void>();
  #configured = false;
  /** What was read for a launch that waits for `configurationDone`. */
  #ready: Ready | undefined;
  #over = false;
  /** Called once when the client of a stream is gone and its call has ended. */
  onGone: (() => void) | undefined;

  /**
   * `recordings` gives recordings that are on no disk, by the names that the launch argument `recording` may have then (`call:3`). `engine` takes
   * the place of the one that `platform` makes: for tests. `patience`: ms that `exceptionInfo` waits for what a trapping instruction was given.
   */
  constructor(
    platform: Platform,
    options: { readonly engine?: SessionEngine; readonly recordings?: Recordings; readonly patience?: number } = {},
  ) {
    super();
    this.#patience = options.patience;
    this.setDebuggerLinesStartAt1(true);
    this.setDebuggerColumnsStartAt1(true);
    this.#engine = options.engine ?? engineOf(platform, options.recordings);
    const event = (name: string, body?: object): void => this.sendEvent(new Event(name, body));
    const supportsProgress = (): boolean => this.#supportsProgress;
    this.#client = {
      event,
      get supportsProgress() {
        return supportsProgress();
      },
    };
    this.#handlers = new Map(Object.entries(this.#requests()));
  }

  /** The present call's run: views in this process read its store (P3). Undefined before the launch; another one after a restart. */
  get run(): SessionRun | undefined {
    return this.#call?.run;
  }

  /** The same, with what a view needs. */
  get view(): CallView | undefined {
    return this.#view;
  }

  /**
   * Calls `listener` when a call starts: the launch's, and that of each restart, before any of its events. How it goes on `view.run.on` tells,
   * and the last one's end is told there before the next one starts. Returns the way to stop that.
   */
  onCall(listener: (view: CallView) => void): () => void {
    this.#callListeners.add(listener);
    return () => this.#callListeners.delete(listener);
  }

  /** Ends the call: VS Code is done with the adapter. */
  override dispose(): void {
    void this.#end();
  }

  /** On a stream: the client has disconnected, is gone, or speaks no DAP. The process goes on: that is its owner's business. */
  override shutdown(): void {
    const gone = this.onGone;
    this.onGone = undefined;
    void this.#end().then(gone);
  }

  #requests(): Record<string, Handler> {
    const call = (): Call => {
      if (this.#call === undefined) throw new Error('There is no call yet: launch one first.');
      return this.#call;
    };
    const line = (number: number): number => this.convertDebuggerLineToClient(number);
    const changed = this.#changed;
    const breakpoints = this.#breakpoints;
    // A client knows what its own requests do; of ours it must be told.
    const continued = (): undefined => {
      this.#client.event('continued', { threadId: THREAD, allThreadsContinued: true });
    };
    const steps = Object.entries(STEPS).map(([name, step]): [string, Handler] => [
      name,
      ({ granularity, targetId }: { granularity?: unknown; targetId?: unknown }) => {
        resume(call(), step, granularity, targetId);
        if (name.startsWith('plugin/')) continued();
        return name === 'continue' ? { allThreadsContinued: true } : undefined;
      },
    ]);
    return {
      ...Object.fromEntries(steps),
      launch: (args: object) => this.#launch(args),
      configurationDone: () => this.#configurationDone(),
      restart: (args: { arguments?: object }) => this.#restart(args.arguments),
      disconnect: () => this.#end(),
      terminate: () => this.#terminate(),
      pause: () => {
        call().run.pause();
        return undefined;
      },
      setBreakpoints: (args: DebugProtocol.SetBreakpointsArguments) =>
        this.#inCode(breakpoints.setLines(args, (number) => this.convertClientLineToDebugger(number))),
      breakpointLocations: (args: DebugProtocol.BreakpointLocationsArguments) =>
        breakpointLocations(this.#call, args, (number) => this.convertClientLineToDebugger(number), this.#engine),
      setFunctionBreakpoints: (args: DebugProtocol.SetFunctionBreakpointsArguments) =>
        this.#inCode(this.#atEvents(breakpoints.setFunctions(args))),
      setInstructionBreakpoints: (args: DebugProtocol.SetInstructionBreakpointsArguments) =>
        this.#inCode(breakpoints.setInstructions(args)),
      setDataBreakpoints: (args: DebugProtocol.SetDataBreakpointsArguments) =>
        this.#inCode(breakpoints.setWatches(args)),
      setExceptionBreakpoints: (args: DebugProtocol.SetExceptionBreakpointsArguments) =>
        this.#atEvents(breakpoints.setFilters(args))(),
      dataBreakpointInfo: (args: DebugProtocol.DataBreakpointInfoArguments) => code.dataBreakpointInfo(call(), args),
      disassemble: (args: DebugProtocol.DisassembleArguments) => code.disassemble(call(), args),
      setVariable: (args: DebugProtocol.SetVariableArguments) => this.#setting(code.setVariable(call(), args, changed)),
      setExpression: (args: DebugProtocol.SetExpressionArguments) =>
        this.#setting(code.setExpression(call(), args, changed)),
      writeMemory: (args: DebugProtocol.WriteMemoryArguments) => this.#setting(code.writeMemory(call(), args, changed)),
      threads: () => show.threads(this.#call),
      stackTrace: (args: DebugProtocol.StackTraceArguments) => stackTrace(call(), args, line),
      scopes: (args: DebugProtocol.ScopesArguments) => show.scopes(call(), args),
      variables: (args: DebugProtocol.VariablesArguments) => show.variables(call(), args),
      evaluate: (args: DebugProtocol.EvaluateArguments) => show.evaluateRequest(call(), args),
      stepInTargets: (args: DebugProtocol.StepInTargetsArguments) =>
        stepInTargets(call(), args, { line, column: (column) => this.convertDebuggerColumnToClient(column) }),
      completions: (args: DebugProtocol.CompletionsArguments) =>
        completions(call(), args, {
          fromClient: (column) => this.convertClientColumnToDebugger(column),
          toClient: (column) => this.convertDebuggerColumnToClient(column),
        }),
      source: (args: DebugProtocol.SourceArguments) => show.source(call(), args),
      loadedSources: () => show.loadedSources(this.#call),
      readMemory: (args: DebugProtocol.ReadMemoryArguments) => show.readMemory(call(), args),
      exceptionInfo: () => exceptionInfo(call(), this.#patience),
      'plugin/events': (args: { from?: unknown; to?: unknown }) => show.events(call(), args),
      'plugin/fuel': () => show.fuel(call()),
      'plugin/replies': () => reply.replies(call()),
      'plugin/answer': (args: reply.ReplyArguments) => reply.answer(call(), args),
      'plugin/changeReply': (args: reply.ReplyArguments) => reply.changeReply(call(), args),
      'plugin/runToMoment': ({ moment }: { moment?: unknown }) => {
        runToMoment(call(), moment);
        return continued();
      },
      'plugin/runToEvent': ({ event }: { event?: unknown }) => {
        runToEvent(call(), event);
        return continued();
      },
    };
  }

  protected override dispatchRequest(request: DebugProtocol.Request): void {
    if (request.command === 'initialize') {
      // DAP's default, which the library refuses to assume
      super.dispatchRequest({ ...request, arguments: { pathFormat: 'path', ...argumentsOf(request) } });
      return;
    }
    void this.#answer(request);
  }

  async #answer(request: DebugProtocol.Request): Promise<void> {
    const response: DebugProtocol.Response = new Response(request);
    try {
      if (!this.#initialized) throw new Error(`'${request.command}' came before 'initialize'.`);
      const handler = this.#handlers.get(request.command);
      if (handler === undefined) throw new Error(`This debugger knows no request '${request.command}'.`);
      const body = await handler(argumentsOf(request) as never); // the protocol says what each command's arguments are
      if (body !== undefined) response.body = body;
      this.sendResponse(response);
    } catch (error) {
      const sentence = sentenceOf(error, request.command);
      const showUser = request.command === 'launch' || request.command === 'restart';
      this.sendErrorResponse(response, { id: 1, format: '{_sentence}', variables: { _sentence: sentence }, showUser });
    }
    if (request.command === 'disconnect') this.shutdown();
  }

  protected override initializeRequest(
    response: DebugProtocol.InitializeResponse,
    args: DebugProtocol.InitializeRequestArguments,
  ): void {
    this.#initialized = true;
    this.#supportsProgress = args.supportsProgressReporting === true;
    this.#supportsMemoryEvent = args.supportsMemoryEvent === true;
    this.#supportsInvalidatedEvent = args.supportsInvalidatedEvent === true;
    response.body = {
      supportsConfigurationDoneRequest: true,
      supportsFunctionBreakpoints: true,
      supportsBreakpointLocationsRequest: true,
      supportsInstructionBreakpoints: true,
      supportsDataBreakpoints: true,
      supportsDataBreakpointBytes: true,
      supportsDisassembleRequest: true,
      supportsSteppingGranularity: true,
      supportsStepInTargetsRequest: true,
      supportsSetVariable: true,
      supportsSetExpression: true,
      supportsWriteMemoryRequest: true,
      supportsValueFormattingOptions: true,
      supportsConditionalBreakpoints: true,
      supportsHitConditionalBreakpoints: true,
      supportsLogPoints: true,
      supportsEvaluateForHovers: true,
      supportsCompletionsRequest: true,
      completionTriggerCharacters: ['.', '>', ':'],
      supportsClipboardContext: true,
      exceptionBreakpointFilters: exceptionFilters(),
      supportsExceptionFilterOptions: true,
      supportsExceptionInfoRequest: true,
      supportsRestartRequest: true,
      supportsTerminateRequest: true,
      supportTerminateDebuggee: false,
      supportsDelayedStackTraceLoading: true,
      supportsLoadedSourcesRequest: true,
      supportsReadMemoryRequest: true,
    };
    this.sendResponse(response);
    this.#client.event('initialized');
  }

  /** Answers as soon as the launch is known to be sound; the call begins when the client has sent its breakpoints. */
  async #launch(args: object): Promise<undefined> {
    if (this.#asked !== undefined) throw new Error('A call has been launched already in this session.');
    const asked = soundPlan(args);
    // Found out now rather than later: a launch that fails is shown where it was asked for.
    const ready = await this.#read(asked);
    this.#asked = asked;
    this.#plan = ready.plan;
    if (this.#configured) this.#start(ready);
    else this.#ready = ready;
    return undefined;
  }
  #configurationDone(): undefined {
    this.#configured = true;
    const ready = this.#ready;
    this.#ready = undefined;
    if (ready !== undefined) this.#start(ready);
    return undefined;
  }

  async #read({ plan, recorded }: Asked): Promise<Ready> {
    if (recorded !== undefined) return readRecordingLaunch(this.#engine, recorded);
    const bytes = await this.#engine.readFile(plan.plugin, 'The plugin');
    if (plan.mocks === undefined) return { plan, bytes, mocks: undefined };
    return { plan, bytes, mocks: await readLaunchMocks(this.#engine, plan.mocks) };
  }

  #startRun(ready: Ready, report: (sentence: string) => void): StartedRun {
    const { rules, code } = this.#breakpoints;
    if ('recording' in ready) return this.#engine.replay(ready.recording, recordingOptions(ready, { rules, code }));
    const { plan, bytes, mocks } = ready;
    return this.#engine.start(runOptions(plan, bytes, mocks, rules, code), plan, report);
  }

  #start(ready: Ready): void {
    if (this.#over) return;
    const { plan } = ready;
    this.#breakpoints.forget();
    let call: Call | undefined;
    const started = this.#startRun(ready, (sentence) => {
      if (call !== undefined) call.report(sentence);
      else this.#client.event('output', { category: 'console', output: `${sentence}\n` });
    });
    call = new Call(plan, started, this.#client, this.#engine, {
      resolved: (found) => this.#resolved(found),
      watched: (rules) => this.#breakpoints.watched(rules),
    });
    this.#call = call;
    this.#view = call.view;
    for (const listener of this.#callListeners) listener(this.#view);
    if (plan.env.length > 0 || plan.args.length > 0)
      call.report('Production gives a plugin neither arguments nor environment; this call has them.');
  }

  /** Runs the call again: the plugin may have been built anew, and the client may send a changed configuration. */
  async #restart(args: object | undefined): Promise<undefined> {
    if (this.#asked === undefined || !this.#configured)
      throw new Error('There is no call to restart: launch one first.');
    const asked = args === undefined ? this.#asked : soundPlan(args);
    const ready = await this.#read(asked);
    const old = this.#call;
    this.#call = undefined;
    this.#view = undefined;
    await old?.end();
    this.#asked = asked;
    this.#plan = ready.plan;
    this.#start(ready);
    return undefined;
  }

  async #terminate(): Promise<undefined> {
    const call = this.#call;
    // The end is told as any end is: with what the call has cost, and the `terminated` event.
    if (call === undefined) this.#client.event('terminated');
    else await call.run.terminate();
    return undefined;
  }

  async #end(): Promise<undefined> {
    this.#over = true;
    await this.#call?.end();
    return undefined;
  }

  /** Hands the changed rules over events to the call. */
  #atEvents(answer: SetAnswer): SetAnswer {
    if (this.#plan?.noDebug !== true) this.#call?.run.setRules(this.#breakpoints.rules);
    return answer;
  }

  /** Hands the changed breakpoints in the code to the call, and waits a moment for what becomes of them: editors show the answer at once. */
  async #inCode(answer: SetAnswer): Promise<object> {
    const run = this.#call?.run;
    if (run === undefined || this.#plan?.noDebug === true) return answer();
    run.setBreakpoints(this.#breakpoints.code);
    if (run.state !== 'loading' && run.state !== 'ended' && !this.#breakpoints.allResolved) {
      const known = new Promise<void>((resolve) => this.#awaiting.add(resolve));
      await Promise.race([known, delay(run.state === 'stopped' ? REWRITTEN_MS : RESOLVED_MS)]);
    }
    return answer();
  }

  #resolved(resolved: readonly ResolvedBreakpoint[]): void {
    this.#breakpoints.resolved(resolved);
    const answering = this.#awaiting.size > 0;
    // one that answers to an earlier request leaves those of a later one unknown
    if (this.#breakpoints.allResolved) {
      for (const known of this.#awaiting) known();
      this.#awaiting.clear();
    }
    const tell = (): void => {
      for (const breakpoint of this.#breakpoints.news())
        this.#client.event('breakpoint', { reason: 'changed', breakpoint });
    };
    // behind the answers that waited for this, which tell of their own
    if (answering) setImmediate(tell);
    else tell();
  }

  /** What a value is part of, or points to, reads otherwise once it is set: for clients that show variables. */
  async #setting<Body>(set: Promise<Body>): Promise<Body> {
    const body = await set;
    // behind the answer, which tells of the value itself
    if (this.#supportsInvalidatedEvent)
      setImmediate(() => this.#client.event('invalidated', { areas: ['variables'], threadId: THREAD }));
    return body;
  }

  /** Memory was written by hand: for clients that show it. */
  readonly #changed: code.Changed = (address, count) => {
    if (this.#supportsMemoryEvent)
      this.#client.event('memory', { memoryReference: hexReference(address), offset: 0, count });
  };
}

/** A launch that is sound: of a call, or of a recording. */
type Asked =
  | { readonly plan: LaunchPlan; readonly recorded?: undefined }
  | { readonly plan?: undefined; readonly recorded: RecordingPlan };

/** What was read for it. */
type Ready =
  | RecordingLaunch
  | { readonly plan: LaunchPlan; readonly bytes: Uint8Array<ArrayBuffer>; readonly mocks: MockSources | undefined };

/** What went wrong, for the client. Arguments that are not what DAP says they are show as TypeErrors where they are used. */
function sentenceOf(error: unknown, command: string): string {
  if (!(error instanceof TypeError)) return error instanceof Error ? error.message : String(error);
  console.error(error);
  return `The arguments of '${command}' are not what the protocol says they are (${error.message}).`;
}

function soundPlan(args: object): Asked {
  const checked = checkLaunch(args);
  if (checked.plan === undefined && checked.recorded === undefined) throw new Error(checked.problems.join(' '));
  return checked;
}
