// From what a person wrote, or did not write, into launch.json to a configuration that says everything: finds the plugin, asks for the
// method and params, builds a crate first, and never runs an old module unawares. The fields themselves are checked by
// debug-adapter/session/launch.ts.
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { checkLaunch } from '../debug-adapter/session/launch.ts';
import type { OfferedMethod, Questions } from './askCall.ts';
import type { CallHistory } from './callHistory.ts';
import { cargoSettings, cargoTargets } from './cargo.ts';
import { type CargoTarget, chooseCargoTarget } from './cargoMetadata.ts';
import { type CargoNames, type CargoTasks, manifestOf } from './cargoTask.ts';
import { onlyMocksFile } from './mocksFile.ts';
import { offeredMethods } from './pluginMethods.ts';
import { type FoundPlugin, findPlugins, moduleKey, pluginsOfSource } from './pluginSearch.ts';
import { DEBUG_TYPE } from './sessions.ts';
import { freshness, staleSentence } from './staleness.ts';
import { callOfRecording } from './transcript/launchAgain.ts';
import { mayRun } from './trust.ts';

/** A field of ours that the extension itself puts into a configuration: ask for the params though the method is known. */
const ASK_PARAMS = '__askParams';
/** Where the code lens was, so that the crate around it is called. */
const SOURCE = '__source';

/** What a command starts: a method, if it knows one, of the plugin that `source` is part of. */
export function callConfiguration(
  method: string | undefined,
  source: vscode.Uri | undefined,
): vscode.DebugConfiguration {
  return {
    type: DEBUG_TYPE,
    request: 'launch',
    name: method === undefined ? 'Plugin call' : `Call ${method}`,
    ...(method === undefined ? {} : { method }),
    [ASK_PARAMS]: true,
    ...(source === undefined ? {} : { [SOURCE]: source.toString() }),
  };
}

const isNames = (value: unknown): value is CargoNames =>
  typeof value === 'object' && value !== null && Object.values(value).every((name) => typeof name === 'string');

/** The workspace folder that F5 means when it does not say: that of the active editor, else the first. */
function presentFolder(): vscode.WorkspaceFolder | undefined {
  const active = vscode.window.activeTextEditor?.document.uri;
  return (active && vscode.workspace.getWorkspaceFolder(active)) ?? vscode.workspace.workspaceFolders?.[0];
}

/** `make`, called once at most. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** A plugin that was built elsewhere has its sources in what is open, unless somebody says where they are. */
const withSourceFolders = (launch: vscode.DebugConfiguration): vscode.DebugConfiguration => ({
  ...launch,
  sourceFolders: launch['sourceFolders'] ?? vscode.workspace.workspaceFolders?.map(({ uri }) => uri.fsPath) ?? [],
});

/** What the setting maps holds for every launch, also for those that nobody wrote down; what a launch says itself counts more. */
function withSourceMap(
  launch: vscode.DebugConfiguration,
  folder: vscode.WorkspaceFolder | undefined,
): vscode.DebugConfiguration {
  const settings = vscode.workspace.getConfiguration('wasmiPluginDebugger', folder?.uri ?? null);
  const everywhere = settings.get<object>('sourceMap', {});
  const own: unknown = launch['sourceMap'] ?? {};
  const isMap = typeof own === 'object' && own !== null && !Array.isArray(own);
  return Object.keys(everywhere).length === 0 || !isMap ? launch : { ...launch, sourceMap: { ...everywhere, ...own } };
}

async function refuse(sentence: string): Promise<undefined> {
  const open = 'Open launch.json';
  void vscode.window.showErrorMessage(sentence, open).then((chosen) => {
    if (chosen === open) void vscode.commands.executeCommand('workbench.action.debug.configure');
  });
  return undefined;
}

export class LaunchConfigurations implements vscode.DebugConfigurationProvider {
  readonly #questions: Questions;
  readonly #history: CallHistory;
  readonly #tasks: Pick<CargoTasks, 'build'>;

  constructor(questions: Questions, history: CallHistory, tasks: Pick<CargoTasks, 'build'>) {
    this.#questions = questions;
    this.#history = history;
    this.#tasks = tasks;
  }

  /** What a new launch.json holds, and what the list of automatic configurations offers. */
  async provideDebugConfigurations(folder = presentFolder()): Promise<vscode.DebugConfiguration[]> {
    if (!vscode.workspace.isTrusted || !folder) return [];
    const { plugins } = await findPlugins(folder);
    return plugins.map((plugin) => ({
      type: DEBUG_TYPE,
      request: 'launch',
      name: `Call a method of ${plugin.label}`,
      ...this.#named(plugin, folder),
    }));
  }

  #named(plugin: FoundPlugin, folder: vscode.WorkspaceFolder): { cargo: CargoNames } | { plugin: string } {
    const inFolder = (file: string) =>
      `\${workspaceFolder}/${path.relative(folder.uri.fsPath, file).replaceAll('\\', '/')}`;
    if (plugin.kind === 'module') return { plugin: inFolder(plugin.file) };
    const { packageName, binary, manifestPath } = plugin.target;
    const elsewhere = path.dirname(manifestPath) !== folder.uri.fsPath;
    return {
      cargo: {
        package: packageName,
        ...(binary === packageName ? {} : { target: binary }),
        ...(elsewhere ? { manifestPath: inFolder(manifestPath) } : {}),
      },
    };
  }

  /** Fills in what is missing, by looking and by asking. Undefined: the person gave up, or was told why it can't be. */
  async resolveDebugConfiguration(
    given: vscode.WorkspaceFolder | undefined,
    configuration: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    if (!mayRun('A plugin call runs')) return undefined;
    const { [ASK_PARAMS]: askParams, [SOURCE]: source, ...written } = configuration;
    const folder = given ?? presentFolder();
    const launch = withSourceMap({ ...written, type: DEBUG_TYPE, request: 'launch' }, folder);
    // a recording says everything itself
    if (launch['recording'] !== undefined) return { ...launch, name: written.name || 'Replay' };
    let plugin: FoundPlugin | undefined;
    if (launch['plugin'] === undefined && launch['cargo'] === undefined) {
      if (!folder) return refuse('There is no plugin to call: open the folder of a plugin, or name one in `plugin`.');
      const search = await (typeof source === 'string'
        ? pluginsOfSource(vscode.Uri.parse(source))
        : findPlugins(folder));
      if (search.plugins.length === 0)
        return refuse(
          search.problem ??
            'There is no plugin in this folder: it has neither a Cargo package with a binary nor a .wasm file, so name one in `plugin`.',
        );
      plugin = await this.#choosePlugin(search.plugins);
      if (plugin === undefined) return undefined;
      Object.assign(launch, this.#named(plugin, folder));
    }
    const key = plugin?.key ?? this.#keyOf(launch, folder);
    const label = plugin?.label ?? 'the plugin';
    const methods = once(() => this.#methods(key, plugin, folder));
    const hadMethod = typeof launch['method'] === 'string';
    const method = hadMethod ? String(launch['method']) : await this.#questions.method(label, await methods());
    if (method === undefined) return undefined;
    launch['method'] = method;
    if (launch['params'] === undefined && launch['paramsText'] === undefined && (!hadMethod || askParams === true)) {
      const known = (await methods()).find(({ name }) => name === method);
      const params = await this.#questions.params(method, known?.params ?? 'null');
      if (params === undefined) return undefined;
      launch['paramsText'] = params;
      await this.#history.remember(key, method, params);
    }
    launch.name = written.name || `Call ${method}`;
    return launch;
  }

  async #choosePlugin(plugins: readonly FoundPlugin[]): Promise<FoundPlugin | undefined> {
    if (plugins.length === 1) return plugins[0];
    const last = this.#history.lastPlugin(plugins.map(({ key }) => key));
    const ordered = [...plugins].sort((a, b) => Number(b.key === last) - Number(a.key === last));
    return this.#questions.plugin(ordered);
  }

  #keyOf(launch: vscode.DebugConfiguration, folder: vscode.WorkspaceFolder | undefined): string {
    const { plugin, cargo } = launch;
    if (typeof plugin === 'string' && folder)
      return moduleKey(plugin.replace(/\$\{workspaceFolder\}/, folder.uri.fsPath), folder);
    return isNames(cargo) ? `cargo:${cargo.package ?? ''}/${cargo.target ?? cargo.package ?? ''}` : '';
  }

  /** The methods to offer: those that were called before, most recent first, then the others of the source. */
  async #methods(
    key: string,
    plugin: FoundPlugin | undefined,
    folder: vscode.WorkspaceFolder | undefined,
  ): Promise<readonly OfferedMethod[]> {
    const root = plugin?.kind === 'cargo' ? path.dirname(plugin.target.manifestPath) : folder?.uri.fsPath;
    const served = root === undefined ? [] : await offeredMethods(root);
    const recent = this.#history.methods(key).map((name) => {
      const known = served.find((method) => method.name === name);
      const place = known ? `${known.place}, called before` : 'called before';
      return { name, place, params: this.#history.params(key, name) ?? 'null' };
    });
    return [...recent, ...served.filter(({ name }) => !recent.some((method) => method.name === name))];
  }

  /** Checks what is there once the variables are filled in; builds; looks whether the module is older than its source. */
  async resolveDebugConfigurationWithSubstitutedVariables(
    given: vscode.WorkspaceFolder | undefined,
    launch: vscode.DebugConfiguration,
    token?: vscode.CancellationToken,
  ): Promise<vscode.DebugConfiguration | undefined> {
    if (!mayRun('A plugin call runs')) return undefined;
    const folder = given ?? presentFolder();
    const absolute = (file: string) => path.resolve(folder?.uri.fsPath ?? '', file);
    if (launch['recording'] !== undefined) return this.#recorded(launch, absolute);
    const { cargo, ...rest } = launch;
    if (cargo !== undefined && launch['plugin'] !== undefined)
      return refuse('The launch names both a `plugin` and a `cargo` crate: keep one of them.');
    if (cargo !== undefined && !isNames(cargo))
      return refuse(
        '`cargo` must be an object of texts: `package`, `target`, `profile`, `manifestPath`, all of them optional.',
      );
    // everything else is checked before minutes go into a build
    const { problems } = checkLaunch({ ...rest, plugin: launch['plugin'] ?? 'plugin.wasm' });
    if (problems.length > 0) return refuse(problems.join(' '));
    const prepared = await this.prepare(folder, launch, token);
    if (prepared === undefined) return undefined;
    const { cwd, hostCommand, mocks, record } = launch;
    const module = String(prepared['plugin']);
    const directories = [
      path.dirname(module),
      ...(folder ? [folder.uri.fsPath, path.join(folder.uri.fsPath, '.vscode')] : []),
    ];
    const found = typeof mocks === 'string' ? absolute(mocks) : await onlyMocksFile(directories);
    if (found !== undefined && !fs.existsSync(found))
      return refuse(`There is no mock file ${found}: correct \`mocks\`, or remove it.`);
    return {
      ...withSourceFolders(prepared),
      ...(found === undefined ? {} : { mocks: found }),
      // somebody is there to be asked, and nobody else knows
      ...(launch['unmatched'] === undefined && hostCommand === undefined && launch['noDebug'] !== true
        ? { unmatched: 'pause' }
        : {}),
      ...(typeof record === 'string' ? { record: absolute(record) } : {}),
      // a relative name in the host's command means a file of this folder, not of wherever VS Code was started
      ...(typeof hostCommand === 'string'
        ? { cwd: typeof cwd === 'string' ? absolute(cwd) : (folder?.uri.fsPath ?? path.dirname(module)) }
        : {}),
    };
  }

  /** A launch of a recording: nothing is built, since the module is the one that was recorded, which the session checks. */
  #recorded(
    launch: vscode.DebugConfiguration,
    absolute: (file: string) => string,
  ): vscode.DebugConfiguration | Promise<undefined> {
    if (launch['cargo'] !== undefined)
      return refuse('The launch names both a `recording` and a `cargo` crate: keep one of them.');
    const { problems } = checkLaunch(launch);
    if (problems.length > 0) return refuse(problems.join(' '));
    const { recording, plugin } = launch;
    const held = callOfRecording(recording) !== undefined;
    const file = held ? String(recording) : absolute(String(recording));
    if (!held && !fs.existsSync(file))
      return refuse(`There is no recording ${file}: correct \`recording\`, or remove it.`);
    return {
      ...withSourceFolders(launch),
      recording: file,
      ...(typeof plugin === 'string' ? { plugin: absolute(plugin) } : {}),
    };
  }

  /**
   * The launch with `plugin` as the absolute path of a module that is up to date: just built where it names a crate (`cargo`, which
   * stays in it for a restart), else looked at. Undefined: nothing is to run, and the person knows why.
   */
  async prepare(
    folder: vscode.WorkspaceFolder | undefined,
    launch: vscode.DebugConfiguration,
    token?: vscode.CancellationToken,
  ): Promise<vscode.DebugConfiguration | undefined> {
    const { cargo } = launch;
    if (launch['recording'] !== undefined) return launch;
    const file = path.resolve(folder?.uri.fsPath ?? '', String(launch['plugin']));
    const module = isNames(cargo) ? await this.#built(cargo, folder, token) : await this.#current(file, folder, token);
    return module === undefined ? undefined : { ...launch, plugin: module };
  }

  /** The module of a crate, just built. */
  async #built(
    names: CargoNames,
    folder: vscode.WorkspaceFolder | undefined,
    token: vscode.CancellationToken | undefined,
  ): Promise<string | undefined> {
    const answer = await cargoTargets(manifestOf(names, folder), cargoSettings(folder?.uri));
    if (answer.kind === 'absent')
      return refuse(
        'cargo is not on the PATH: install Rust, set `wasmiPluginDebugger.cargo.command`, or name a .wasm file in `plugin`.',
      );
    if (answer.kind === 'failed') return refuse(answer.message);
    const choice = chooseCargoTarget(answer.targets, names);
    if (choice.kind === 'none') return refuse(choice.message);
    let target: CargoTarget | undefined;
    if (choice.kind === 'one') target = choice.target;
    else {
      const plugins = choice.targets.map((one) => ({
        kind: 'cargo' as const,
        key: `cargo:${one.packageName}/${one.binary}`,
        label: one.binary,
        place: one.packageName,
        target: one,
      }));
      const chosen = await this.#choosePlugin(plugins);
      target = chosen?.kind === 'cargo' ? chosen.target : undefined;
    }
    if (target === undefined) return undefined;
    return this.#tasks.build(target, names, folder, token);
  }

  /** A module that is there and not older than its source, or that the person wants all the same. */
  async #current(
    module: string,
    folder: vscode.WorkspaceFolder | undefined,
    token: vscode.CancellationToken | undefined,
  ): Promise<string | undefined> {
    const state = await freshness(module);
    if (state.kind === 'fresh') return module;
    if (state.kind === 'missing') return refuse(`There is no plugin ${module}: build it, or correct \`plugin\`.`);
    const answer = await this.#questions.stale(staleSentence(module, state, folder?.uri.fsPath));
    if (answer === 'old') return module;
    if (answer === undefined) return undefined;
    const { plugins } = await pluginsOfSource(vscode.Uri.file(state.source));
    const maker = plugins.find((plugin) => plugin.kind === 'cargo' && module.startsWith(plugin.target.targetDirectory));
    if (maker?.kind === 'cargo') {
      const profile = path.basename(path.dirname(module));
      return this.#tasks.build(maker.target, profile === 'debug' ? {} : { profile }, folder, token);
    }
    // how else it is made only the workspace's own build task knows
    await vscode.commands.executeCommand('workbench.action.tasks.build');
    return undefined;
  }
}
