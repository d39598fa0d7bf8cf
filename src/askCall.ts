// The three questions that F5 may have to ask: which plugin, which method, which params. Only asks; what is offered, and what is done
// with the answer, is decided by whoever asks. An interface, because tests answer in a person's place.
import * as vscode from 'vscode';
import { scanJson } from '../debug-adapter/rpc/json-scan.ts';
import type { FoundPlugin } from './pluginSearch.ts';

export interface OfferedMethod {
  readonly name: string;
  /** Where it is defined, or that it was called before. */
  readonly place: string;
  /** JSON text to begin with. */
  readonly params: string;
}

/** Each answers undefined when the person gives up. */
export interface Questions {
  plugin(plugins: readonly FoundPlugin[]): Promise<FoundPlugin | undefined>;
  method(plugin: string, methods: readonly OfferedMethod[]): Promise<string | undefined>;
  /** Answers JSON text. */
  params(method: string, last: string): Promise<string | undefined>;
  /** A module that is older than its source. */
  stale(sentence: string): Promise<'build' | 'old' | undefined>;
}

/** A sentence when `text` is not JSON; undefined when it is. */
export function notJson(text: string): string | undefined {
  const { fault } = scanJson(text, { maxDepth: Number.POSITIVE_INFINITY });
  return fault === undefined ? undefined : `Not JSON: ${fault.reason} at character ${fault.offset + 1}.`;
}

async function askPlugin(plugins: readonly FoundPlugin[]): Promise<FoundPlugin | undefined> {
  const items = plugins.map((plugin) => ({ label: plugin.label, description: plugin.place, plugin }));
  const chosen = await vscode.window.showQuickPick(items, { title: 'Which plugin?', matchOnDescription: true });
  return chosen?.plugin;
}

/** A list that takes free input too: what is typed and stands in no row becomes the first row. */
function askMethod(plugin: string, methods: readonly OfferedMethod[]): Promise<string | undefined> {
  return new Promise((resolve) => {
    const box = vscode.window.createQuickPick();
    const offered = methods.map(({ name, place }) => ({ label: name, description: place }));
    box.title = `Which method of ${plugin}?`;
    box.placeholder = methods.length > 0 ? 'Choose a method, or type its name' : 'Type the name of the method';
    box.items = offered;
    box.ignoreFocusOut = true;
    box.onDidChangeValue((value) => {
      const typed = value.trim();
      const known = typed === '' || methods.some(({ name }) => name === typed);
      box.items = known ? offered : [...offered, { label: typed, description: 'as typed', alwaysShow: true }];
    });
    box.onDidAccept(() => {
      const name = box.selectedItems[0]?.label ?? box.value.trim();
      if (name === '') return;
      resolve(name);
      box.hide();
    });
    box.onDidHide(() => {
      resolve(undefined);
      box.dispose();
    });
    box.show();
  });
}

async function askParams(method: string, last: string): Promise<string | undefined> {
  return vscode.window.showInputBox({
    title: `Params of ${method}`,
    prompt: 'JSON; numbers are sent digit by digit',
    value: last,
    // inside the outermost brackets, where one types
    valueSelection: last === '{}' || last === '[]' ? [1, 1] : [0, last.length],
    ignoreFocusOut: true,
    validateInput: notJson,
  });
}

async function askStale(sentence: string): Promise<'build' | 'old' | undefined> {
  const build = 'Build';
  const old = 'Use the Old Module';
  const chosen = await vscode.window.showWarningMessage(sentence, { modal: true }, build, old);
  return chosen === build ? 'build' : chosen === old ? 'old' : undefined;
}

export const askPerson: Questions = { plugin: askPlugin, method: askMethod, params: askParams, stale: askStale };
