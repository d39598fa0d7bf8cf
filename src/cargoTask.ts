// Building a plugin by cargo, as a VS Code task: the provider of `wasmi-plugin-cargo` tasks, and running one to its end. Which crate
// is meant is decided in cargoMetadata.ts; the run of cargo itself is cargoBuild.ts.
import path from 'node:path';
import * as vscode from 'vscode';
import { type CargoSettings, cargoSettings, cargoTargets, targetIsMissing } from './cargo.ts';
import { CargoBuild } from './cargoBuild.ts';
import { buildArguments, type CargoTarget, chooseCargoTarget } from './cargoMetadata.ts';

export const CARGO_TASK = 'wasmi-plugin-cargo';

/** What a task, or a launch's `cargo`, names. */
export interface CargoNames {
  readonly package?: string;
  readonly target?: string;
  readonly profile?: string;
  readonly manifestPath?: string;
}

/** The names in a task's definition; what is not text there is not taken. */
function namesOf(definition: vscode.TaskDefinition): CargoNames {
  const names: Record<string, string> = {};
  for (const name of ['package', 'target', 'profile', 'manifestPath'])
    if (typeof definition[name] === 'string') names[name] = definition[name];
  return names;
}

/** Absolute path of the manifest that `names` means in `folder`. */
export const manifestOf = (names: CargoNames, folder: vscode.WorkspaceFolder | undefined): string =>
  path.resolve(folder?.uri.fsPath ?? '', names.manifestPath ?? 'Cargo.toml');

export class CargoTasks implements vscode.TaskProvider, vscode.Disposable {
  readonly #diagnostics = vscode.languages.createDiagnosticCollection('wasmi-plugin-cargo');

  /** The task that builds `target`; `started` is told of each run. */
  #task(
    target: CargoTarget,
    names: CargoNames,
    scope: vscode.WorkspaceFolder | vscode.TaskScope,
    started?: (run: CargoBuild) => void,
  ): vscode.Task {
    const settings = cargoSettings(typeof scope === 'object' ? scope.uri : undefined);
    const profile = names.profile ?? 'dev';
    const execution = new vscode.CustomExecution(async () => {
      const args = buildArguments(target, profile, settings.args);
      const run = new CargoBuild({ ...settings, args, root: target.root, binary: target.binary }, this.#diagnostics);
      started?.(run);
      return run;
    });
    const name = `build ${target.binary}${profile === 'dev' ? '' : ` (${profile})`}`;
    const task = new vscode.Task({ type: CARGO_TASK, ...names }, scope, name, 'plugin', execution, []);
    task.group = vscode.TaskGroup.Build;
    // the Debug Console is what one looks at after F5; the terminal is shown when the build fails
    task.presentationOptions = {
      reveal: vscode.TaskRevealKind.Silent,
      showReuseMessage: false,
      clear: true,
      echo: false,
    };
    return task;
  }

  /** A task for each plugin crate whose manifest lies in a workspace folder's root. */
  async provideTasks(): Promise<vscode.Task[]> {
    if (!vscode.workspace.isTrusted) return [];
    const tasks: vscode.Task[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      const settings = cargoSettings(folder.uri);
      const answer = await cargoTargets(manifestOf({}, folder), settings);
      if (answer.kind !== 'targets') continue;
      const plugins = answer.targets.filter((target) => target.usesPdk);
      for (const target of plugins.length > 0 ? plugins : answer.targets) {
        for (const profile of ['dev', 'release']) {
          const names = { package: target.packageName, target: target.binary, profile };
          tasks.push(this.#task(target, names, folder));
        }
      }
    }
    return tasks;
  }

  /** Fills in a task of tasks.json that says only what it means. Undefined when that is not one crate. */
  async resolveTask(task: vscode.Task): Promise<vscode.Task | undefined> {
    if (!vscode.workspace.isTrusted) return undefined;
    const { definition, scope } = task;
    const folder = typeof scope === 'object' ? scope : vscode.workspace.workspaceFolders?.[0];
    const settings = cargoSettings(folder?.uri);
    const names = namesOf(definition);
    const answer = await cargoTargets(manifestOf(names, folder), settings);
    if (answer.kind !== 'targets') return undefined;
    const choice = chooseCargoTarget(answer.targets, names);
    if (choice.kind !== 'one') return undefined;
    const filled = this.#task(choice.target, names, scope ?? vscode.TaskScope.Workspace);
    // VS Code takes the answer only when its definition is the very one that it asked about
    filled.definition = definition;
    return filled;
  }

  /** Builds `target`; the absolute path of its module. Undefined when that failed: the person is then shown why, in one sentence. */
  async build(
    target: CargoTarget,
    names: CargoNames,
    folder: vscode.WorkspaceFolder | undefined,
    token?: vscode.CancellationToken,
  ): Promise<string | undefined> {
    let run: CargoBuild | undefined;
    const task = this.#task(target, names, folder ?? vscode.TaskScope.Workspace, (started) => {
      run = started;
    });
    const code = await runTask(task, token);
    if (code === 0 && run?.module !== undefined) return run.module;
    void tellOfFailure(target, cargoSettings(folder?.uri), code, run);
    return undefined;
  }

  dispose(): void {
    this.#diagnostics.dispose();
  }
}

/** Runs a task to its end. The exit code; undefined when its process did not start or was ended by somebody. */
async function runTask(task: vscode.Task, token?: vscode.CancellationToken): Promise<number | undefined> {
  const listeners: vscode.Disposable[] = [];
  try {
    return await new Promise<number | undefined>((resolve, reject) => {
      let execution: vscode.TaskExecution | undefined;
      // a task may end before executeTask has answered
      const ended: vscode.TaskProcessEndEvent[] = [];
      listeners.push(
        vscode.tasks.onDidEndTaskProcess((event) => {
          if (execution === undefined) ended.push(event);
          else if (event.execution === execution) resolve(event.exitCode);
        }),
        vscode.tasks.onDidEndTask((event) => {
          // without a process there is no other event; with one it comes at the same time
          if (event.execution === execution) setTimeout(() => resolve(undefined), 500);
        }),
      );
      if (token) listeners.push(token.onCancellationRequested(() => execution?.terminate()));
      vscode.tasks.executeTask(task).then((started) => {
        execution = started;
        const early = ended.find((event) => event.execution === started);
        if (early) resolve(early.exitCode);
      }, reject);
    });
  } finally {
    for (const listener of listeners) listener.dispose();
  }
}

async function tellOfFailure(
  target: CargoTarget,
  settings: CargoSettings,
  code: number | undefined,
  run: CargoBuild | undefined,
): Promise<void> {
  if (run?.absent) {
    const sentence = `${target.binary} was not built, and nothing ran: there is no ${settings.command}; install Rust, or set wasmiPluginDebugger.cargo.command.`;
    void vscode.window.showErrorMessage(sentence);
    return;
  }
  if (code !== 0 && (await targetIsMissing(target.root, settings))) {
    const install = 'Install It';
    const sentence = `${target.binary} was not built, and nothing ran: Rust's wasm32-wasip1 target is not installed (rustup target add wasm32-wasip1).`;
    if ((await vscode.window.showErrorMessage(sentence, install)) !== install) return;
    const terminal = vscode.window.createTerminal('rustup');
    terminal.show();
    terminal.sendText('rustup target add wasm32-wasip1');
    return;
  }
  const marked = run?.marked === true;
  await vscode.commands.executeCommand(marked ? 'workbench.actions.view.problems' : 'workbench.action.terminal.focus');
  const how =
    code === 0 ? 'cargo named no module' : code === undefined ? 'its task was ended' : `cargo ended with ${code}`;
  void vscode.window.showErrorMessage(
    `${target.binary} was not built (${how}), and nothing ran: the ${marked ? 'Problems view' : 'terminal'} says why.`,
  );
}
