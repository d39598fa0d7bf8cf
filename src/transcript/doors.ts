// What leads from a row of the panel to elsewhere in VS Code: a debug session, a breakpoint, the clipboard, an editor. Refusals are thrown as
// sentences; nothing of what a plugin wrote is run, or named as a file or command.
import * as vscode from 'vscode';
import { isLong } from '../../debug-adapter/transcript/headline.ts';
import { grouped } from '../../debug-adapter/transcript/transcript-line.ts';
import { notJson } from '../askCall.ts';
import type { PluginDocuments } from '../pluginDocuments.ts';
import type { Calls, KeptCall } from './calls.ts';
import { terminalCommand } from './commandLine.ts';
import { firstRequest, previousLike } from './details.ts';
import { rowJson, rowLine, rowMarkdown, type Versions } from './exports.ts';
import { GuestCode } from './guestCode.ts';
import { callOfRecording, DEBUG_TYPE, runToConfiguration, sendAgainConfiguration } from './launchAgain.ts';
import { messageName, messageUri } from './messageDocuments.ts';
import type { Door, StackFrame } from './protocol.ts';
import { shellOf } from './shellWords.ts';
import type { ShownCall, ThroughDoor } from './shownCall.ts';
import { breakpointFor } from './stopOn.ts';

/** Context key: a message was selected to compare others with. */
const SELECTED = 'wasmiPluginDebugger.transcript.selectedForCompare';

/** What the doors need that others have. */
export interface DoorParts {
  readonly calls: Calls;
  readonly documents: PluginDocuments;
  readonly versions: Versions;
  stack(call: KeptCall, event: number, signal: AbortSignal): Promise<readonly StackFrame[]>;
  /** Opens the panel on a row, with the form for its params. */
  edit(call: KeptCall, row: number): Promise<void>;
  save(call: KeptCall): Promise<void>;
}

type Through = (call: KeptCall, row: number, more: ThroughDoor) => Promise<void>;

/** @throws Error with a sentence where there are no params that the panel's form can show */
function refuseToEdit({ rows }: KeptCall, row: number): void {
  if (row !== firstRequest(rows))
    throw new Error(
      'Only the call itself can be sent again, which is the first row: what is sent in it, the plugin or the host decides.',
    );
  const event = rows.store.get(rows.event(row));
  if (event.kind === 'rpc' && isLong(event))
    throw new Error(
      `The call has ${grouped(event.bytes.length)} bytes, too many to be edited here: give its params in a launch configuration, as \`paramsText\`.`,
    );
}

/** @throws Error with a sentence in a workspace that is not trusted */
function onlyTrusted(what: string): void {
  if (!vscode.workspace.isTrusted)
    throw new Error(`${what} only in a trusted workspace, and this one is not: trust it first.`);
}

/** Shows a line of source. @returns false: its file is not here */
async function revealSource({ path, line }: NonNullable<StackFrame['place']>): Promise<boolean> {
  const uri = vscode.Uri.file(path);
  const here = await vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
  if (!here) return false;
  const at = new vscode.Position(line - 1, 0);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), preview: true });
  return true;
}

export class Doors {
  readonly #parts: DoorParts;
  readonly #code = new GuestCode();
  /** Opens the editor for the reply of a row; the host methods know how. */
  changeReply: ((call: KeptCall, row: number) => Promise<void>) | undefined;
  #selected: { readonly call: number; readonly row: number } | undefined;

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  /** @throws Error with a sentence when it can't be done */
  async open(door: Door, shown: ShownCall, row: number, more: ThroughDoor = {}): Promise<void> {
    const call = this.#parts.calls.get(shown.id);
    if (call === undefined) throw new Error('This call is not kept any more.');
    // what is about the whole call needs no row
    if (row < 0 || (row > 0 && row >= call.rows.length)) throw new Error(`The call has no row ${row}.`);
    if (!call.doors.includes(door))
      throw new Error('The recording does not say where its plugin is, so that can’t be done with this call.');
    await this.#doors[door](call, row, more);
  }

  /** Copies the row as the line that it is. */
  async copyRow(call: KeptCall, row: number): Promise<void> {
    await vscode.env.clipboard.writeText(rowLine(call.rows, row));
  }

  readonly #doors: Record<Door, Through> = {
    runToHere: (call, row) => this.#runTo(call, call.rows.event(row)),
    stopOnLike: (call, row) => this.#stopOnLike(call, row),
    changeReply: async (call, row) => {
      if (!call.canChangeReply(row))
        throw new Error(
          'Only a reply of which the plugin has read nothing can be changed, while its call is stopped: this is none.',
        );
      await this.changeReply?.(call, row);
    },
    sendAgain: (call, row, { params }) => {
      if (params !== undefined) return this.#sendAgain(call, params);
      refuseToEdit(call, row);
      return this.#parts.edit(call, row);
    },
    copyCommand: (call) => this.#copy(terminalCommand(call, shellOf(vscode.env.shell)), 'The command'),
    copyJson: (call, row) => this.#copy(rowJson(call.rows, row), 'The message'),
    copyMarkdown: (call, row) => this.#copy(rowMarkdown(call, row, this.#parts.versions), 'The report'),
    revealFunction: (call, row, { frame }) => this.#reveal(call, row, frame),
    openMessage: async (call, row) => {
      await vscode.commands.executeCommand('vscode.open', messageUri(call, row), { preview: true });
    },
    comparePrevious: (call, row, { other = previousLike(call.rows, row) }) => {
      if (other < 0) throw new Error('There is no message of this kind before this one.');
      return this.#compare({ call, row: other }, { call, row });
    },
    selectForCompare: async (call, row) => {
      messageUri(call, row); // told now if it can't be
      this.#selected = { call: call.id, row };
      await vscode.commands.executeCommand('setContext', SELECTED, true);
    },
    compareSelected: (call, row) => this.#compareSelected(call, row),
    saveRecording: (call) => this.#parts.save(call),
  };

  async #copy(text: string, what: string): Promise<void> {
    await vscode.env.clipboard.writeText(text);
    vscode.window.setStatusBarMessage(`${what} was copied.`, 3000);
  }

  /** The session that replays this call and has not come to the event yet goes on to it; else one is started. */
  async #runTo(call: KeptCall, event: number): Promise<void> {
    onlyTrusted('A plugin runs');
    if (call.header === undefined) throw new Error('The call is still loading: wait until it runs.');
    const active = vscode.debug.activeDebugSession;
    if (
      active?.type === DEBUG_TYPE &&
      callOfRecording(active.configuration['recording']) === call.id &&
      call.standing !== undefined &&
      call.standing.seq < event
    ) {
      await active.customRequest('plugin/runToEvent', { threadId: 1, event });
      return;
    }
    await this.#start(call, runToConfiguration(call, event), false);
  }

  async #sendAgain(call: KeptCall, params: string): Promise<void> {
    onlyTrusted('A plugin runs');
    const problem = notJson(params);
    if (problem !== undefined) throw new Error(problem);
    const { origin } = call;
    const noDebug = origin.kind === 'session' && origin.configuration['noDebug'] === true;
    // a module that is made from what the editor holds, not from what the disk does, can't be built
    await vscode.workspace.saveAll(false);
    await this.#start(call, sendAgainConfiguration(call, params), noDebug);
  }

  /** As F5 does, by way of the configuration provider, which tells by itself why a call can't be started. */
  async #start({ origin }: KeptCall, configuration: vscode.DebugConfiguration, noDebug: boolean): Promise<void> {
    const uri = origin.kind === 'session' ? origin.folder : undefined;
    const folder = uri === undefined ? undefined : vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(uri));
    await vscode.debug.startDebugging(folder ?? vscode.workspace.workspaceFolders?.[0], configuration, { noDebug });
  }

  async #stopOnLike(call: KeptCall, row: number): Promise<void> {
    const name = breakpointFor(call.rows, row);
    const all = vscode.debug.breakpoints.filter(
      (breakpoint): breakpoint is vscode.FunctionBreakpoint =>
        breakpoint instanceof vscode.FunctionBreakpoint && breakpoint.functionName === name,
    );
    if (all.some(({ enabled }) => enabled)) {
      vscode.window.setStatusBarMessage(`There is a breakpoint on ${name} already.`, 3000);
      return;
    }
    // one that was switched off is switched on, with its condition
    const [off] = all;
    if (off) vscode.debug.removeBreakpoints([off]);
    vscode.debug.addBreakpoints([
      new vscode.FunctionBreakpoint(name, true, off?.condition, off?.hitCondition, off?.logMessage),
    ]);
    vscode.window.setStatusBarMessage(`Calls stop on ${name} from now on.`, 3000);
  }

  async #reveal(call: KeptCall, row: number, given: StackFrame | undefined): Promise<void> {
    const frame = given ?? (await this.#innermost(call, row));
    if (frame.place !== undefined && (await revealSource(frame.place))) return;
    const place = await this.#code.place(call, frame);
    const uri = await this.#parts.documents.offer(call.pluginPath ?? '', place.name, place.reference, () =>
      place.text(),
    );
    const at = new vscode.Position(place.line - 1, 0);
    await vscode.window.showTextDocument(uri, { selection: new vscode.Range(at, at), preview: true });
  }

  async #innermost(call: KeptCall, row: number): Promise<StackFrame> {
    const event = call.rows.event(row);
    const frames = await vscode.window.withProgress({ location: { viewId: 'wasmiPluginDebugger.transcript' } }, () =>
      this.#parts.stack(call, event, new AbortController().signal),
    );
    // the author's own code, where its source is known
    const frame = frames.find(({ place }) => place?.own === true) ?? frames[0];
    if (frame === undefined) throw new Error('The plugin had nothing on its stack at this event.');
    return frame;
  }

  async #compareSelected(call: KeptCall, row: number): Promise<void> {
    const selected = this.#selected;
    const other = selected === undefined ? undefined : this.#parts.calls.get(selected.call);
    if (selected === undefined || other === undefined)
      throw new Error('No message is selected to compare with: choose Select for Compare on one first.');
    await this.#compare({ call: other, row: selected.row }, { call, row });
  }

  async #compare(left: { call: KeptCall; row: number }, right: { call: KeptCall; row: number }): Promise<void> {
    const title = (side: typeof left) => `${messageName(side.call, side.row)} (row ${side.row})`;
    await vscode.commands.executeCommand(
      'vscode.diff',
      messageUri(left.call, left.row),
      messageUri(right.call, right.row),
      `${title(left)} ↔ ${title(right)}`,
      { preview: true },
    );
  }
}
