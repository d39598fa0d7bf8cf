// Where VS Code comes in: checks the engine and wires the parts together. What they do is theirs; everything that has to be disposed
// of is owned by the extension's context.
import path from 'node:path';
import process from 'node:process';
import * as vscode from 'vscode';
import { lackingSentence, probeEngine } from '../debug-adapter/executor/engine-check.ts';
import { nodePlatform } from '../debug-adapter/executor/node-platform.ts';
import { AdapterFactory } from './adapterFactory.ts';
import { askPerson } from './askCall.ts';
import { CallHistory } from './callHistory.ts';
import { CARGO_TASK, CargoTasks } from './cargoTask.ts';
import { CodeLenses } from './codeLenses.ts';
import { registerCommands } from './commands.ts';
import { HostMethods } from './hostMethods/hostMethods.ts';
import { Languages } from './languageClient.ts';
import { LaunchConfigurations } from './launchConfigurations.ts';
import { ObservedCalls } from './observedCalls.ts';
import { PluginDocuments } from './pluginDocuments.ts';
import { DEBUG_TYPE, Sessions } from './sessions.ts';
import { SourceProviders } from './source/sourceProviders.ts';
import { FuelStatus } from './statusBar.ts';
import { Transcript } from './transcript/transcript.ts';

/** What our own tests inside VS Code look at. */
export interface Activated {
  readonly transcript: Transcript;
  readonly languages: Languages;
  readonly hostMethods: HostMethods;
}

export function activate(context: vscode.ExtensionContext): Activated {
  const lacking = lackingSentence(probeEngine(), process.versions.v8, 'vscode');
  if (lacking !== undefined) void vscode.window.showErrorMessage(lacking);

  const platform = nodePlatform(path.join(context.extensionPath, 'dist', 'worker.mjs'));
  const sessions = new Sessions();
  const documents = new PluginDocuments();
  const tasks = new CargoTasks();
  const codeLenses = new CodeLenses();
  const configurations = new LaunchConfigurations(askPerson, new CallHistory(context.workspaceState), tasks);
  // VS Code has every provider of a type resolve each launch, so the second one only offers
  const transcript = new Transcript(context, platform, documents);
  const languages = new Languages(context.extensionPath);
  const hostMethods = new HostMethods(sessions, transcript, context.extensionPath);
  const offered = {
    provideDebugConfigurations: (folder?: vscode.WorkspaceFolder) => configurations.provideDebugConfigurations(folder),
  };
  const { Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  context.subscriptions.push(
    sessions,
    documents,
    tasks,
    codeLenses,
    new FuelStatus(sessions),
    new SourceProviders(sessions),
    registerCommands(tasks),
    transcript,
    languages,
    hostMethods,
    new ObservedCalls(hostMethods, (observed) => languages.observed(observed)),
    sessions.onDidAdd(({ session, adapter }) => transcript.follow(session, adapter)),
    vscode.debug.registerDebugAdapterDescriptorFactory(
      DEBUG_TYPE,
      new AdapterFactory(platform, sessions, documents, configurations, (name) => transcript.recording(name)),
    ),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, configurations),
    vscode.debug.registerDebugConfigurationProvider(DEBUG_TYPE, offered, Dynamic),
    vscode.languages.registerCodeLensProvider({ language: 'rust', scheme: 'file' }, codeLenses),
    vscode.tasks.registerTaskProvider(CARGO_TASK, tasks),
  );
  return { transcript, languages, hostMethods };
}
