// The commands of the palette, the code lenses and the debug toolbar. Each is a line or two: what they start is elsewhere.
import * as vscode from 'vscode';
import type { CargoTasks } from './cargoTask.ts';
import { callConfiguration } from './launchConfigurations.ts';
import { findPlugins, pluginsOfSource } from './pluginSearch.ts';
import { DEBUG_TYPE } from './sessions.ts';
import { mayRun } from './trust.ts';

/** What a code lens passes. */
interface CallTarget {
  readonly method: string;
  /** URI of the source that serves it. */
  readonly source: string;
}

function isCallTarget(value: unknown): value is CallTarget {
  if (typeof value !== 'object' || value === null) return false;
  const { method, source } = value as Record<string, unknown>;
  return typeof method === 'string' && typeof source === 'string';
}

async function startCall(given: unknown, noDebug: boolean): Promise<void> {
  if (!mayRun('A plugin call runs')) return;
  const target = isCallTarget(given) ? given : undefined;
  const source = target ? vscode.Uri.parse(target.source) : undefined;
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder =
    vscode.workspace.getWorkspaceFolder(source ?? active ?? vscode.Uri.file('/')) ??
    vscode.workspace.workspaceFolders?.[0];
  // a module that is made from what the editor holds, not from what the disk does, can't be built
  await vscode.workspace.saveAll(false);
  await vscode.debug.startDebugging(folder, callConfiguration(target?.method, source), { noDebug });
}

async function buildPlugin(tasks: CargoTasks): Promise<void> {
  if (!mayRun('A plugin is built')) return;
  const active = vscode.window.activeTextEditor?.document.uri;
  const folder = (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
  if (!folder) {
    void vscode.window.showErrorMessage('There is nothing to build: open the folder of a plugin.');
    return;
  }
  const rust = active?.fsPath.endsWith('.rs') && vscode.workspace.getWorkspaceFolder(active);
  const { plugins, problem } = await (active && rust ? pluginsOfSource(active) : findPlugins(folder));
  const crates = plugins.filter((plugin) => plugin.kind === 'cargo');
  if (crates.length === 0) {
    void vscode.window.showErrorMessage(
      problem ?? 'There is no Cargo package with a binary here, so there is nothing to build.',
    );
    return;
  }
  const items = crates.map((crate) => ({ label: crate.label, description: crate.place, crate }));
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: 'Build which plugin?' });
  if (chosen) await tasks.build(chosen.crate.target, {}, folder);
}

/** Sends one of our own requests (docs/dap-extensions.md) to the session with the focus. */
async function step(request: string, more: object = {}): Promise<void> {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== DEBUG_TYPE) return;
  try {
    await session.customRequest(request, { threadId: 1, ...more });
  } catch (error) {
    void vscode.window.showErrorMessage(error instanceof Error ? error.message : String(error));
  }
}

/** Asks for a number of instructions, and lets the call run until it has passed so many. */
async function runToMoment(): Promise<void> {
  const session = vscode.debug.activeDebugSession;
  if (session?.type !== DEBUG_TYPE) return;
  const { moment = 0 } = (await session.customRequest('plugin/fuel')) as { moment?: number };
  const text = await vscode.window.showInputBox({
    title: 'Run to Moment',
    prompt: `Instructions passed. The call stands at ${moment}.`,
    value: String(moment + 1000),
    validateInput: (given) =>
      /^[\d _]*\d[\d _]*$/.test(given) ? undefined : 'A moment is a number of instructions, such as 1 000 000.',
  });
  if (text !== undefined) await step('plugin/runToMoment', { moment: Number(text.replaceAll(/[ _]/g, '')) });
}

/** Registers them all; the caller owns what is returned. */
export function registerCommands(tasks: CargoTasks): vscode.Disposable {
  const commands: Record<string, (argument: unknown) => Promise<void>> = {
    debugCall: (target) => startCall(target, false),
    runCall: (target) => startCall(target, true),
    buildPlugin: () => buildPlugin(tasks),
    nextMessage: () => step('plugin/nextMessage'),
    nextSyscall: () => step('plugin/nextSyscall'),
    nextYield: () => step('plugin/nextYield'),
    runToMoment,
  };
  return vscode.Disposable.from(
    ...Object.entries(commands).map(([name, run]) =>
      vscode.commands.registerCommand(`wasmiPluginDebugger.${name}`, run),
    ),
  );
}
