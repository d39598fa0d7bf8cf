// Which plugins there are to call: crates that cargo can build, else modules that lie in the workspace. Finds and names them; which
// one is meant is for the person to say where there are several.
import path from 'node:path';
import * as vscode from 'vscode';
import { type CargoSettings, cargoSettings, cargoTargets } from './cargo.ts';
import { type CargoTarget, chooseCargoTarget, WASM_TARGET } from './cargoMetadata.ts';

/** A plugin that can be called. `key` is how the call history knows it. */
export type FoundPlugin = { readonly key: string; readonly label: string; readonly place: string } & (
  | { readonly kind: 'cargo'; readonly target: CargoTarget }
  | { readonly kind: 'module'; readonly file: string }
);

export type PluginSearch = { readonly plugins: readonly FoundPlugin[]; readonly problem: string | undefined };

const NOT_HERE = '**/{target,node_modules,.git}/**';
/** Manifests that cargo is asked about, outermost first; members of a workspace that is known are not asked about again. */
const MOST_MANIFESTS = 20;

const byDepth = (a: vscode.Uri, b: vscode.Uri): number =>
  a.path.split('/').length - b.path.split('/').length || a.path.localeCompare(b.path);

/** The history's name of a crate's binary. */
const cargoKey = (target: CargoTarget): string => `cargo:${target.packageName}/${target.binary}`;

/** The history's name of a module, wherever the workspace lies. */
export const moduleKey = (file: string, folder: vscode.WorkspaceFolder): string =>
  `module:${path.relative(folder.uri.fsPath, file).replaceAll('\\', '/')}`;

function cargoPlugin(target: CargoTarget): FoundPlugin {
  const label = target.binary === target.packageName ? target.packageName : `${target.packageName} / ${target.binary}`;
  const place = vscode.workspace.asRelativePath(target.manifestPath);
  return { kind: 'cargo', key: cargoKey(target), label, place, target };
}

function modulePlugin(file: string, folder: vscode.WorkspaceFolder): FoundPlugin {
  const place = vscode.workspace.asRelativePath(file);
  return { kind: 'module', key: moduleKey(file, folder), label: path.basename(file), place, file };
}

async function cargoPlugins(
  folder: vscode.WorkspaceFolder,
  settings: CargoSettings,
): Promise<{ targets: CargoTarget[]; problem: string | undefined }> {
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, '**/Cargo.toml'), NOT_HERE, 500);
  const known = new Set<string>();
  const targets: CargoTarget[] = [];
  let problem: string | undefined;
  let asked = 0;
  for (const { fsPath } of found.sort(byDepth)) {
    if (known.has(fsPath) || asked === MOST_MANIFESTS) continue;
    asked++;
    const answer = await cargoTargets(fsPath, settings);
    if (answer.kind === 'absent') break;
    if (answer.kind === 'failed') problem ??= answer.message;
    else
      for (const target of answer.targets) {
        if (
          !known.has(target.manifestPath) ||
          !targets.some((other) => other.manifestPath === target.manifestPath && other.binary === target.binary)
        )
          targets.push(target);
        known.add(target.manifestPath);
      }
  }
  return { targets, problem };
}

async function modules(folder: vscode.WorkspaceFolder, pattern: string, exclude: string): Promise<FoundPlugin[]> {
  const found = await vscode.workspace.findFiles(new vscode.RelativePattern(folder, pattern), exclude, 200);
  return found.sort(byDepth).map(({ fsPath }) => modulePlugin(fsPath, folder));
}

/**
 * The plugins of `folder`: crates on wasmi-plugin-pdk; else modules that cargo has made for the plugins' target; else any module;
 * else any crate with a binary. `problem` says why cargo's part is missing, where it is.
 */
export async function findPlugins(folder: vscode.WorkspaceFolder): Promise<PluginSearch> {
  const { targets, problem } = await cargoPlugins(folder, cargoSettings(folder.uri));
  const onPdk = targets.filter((target) => target.usesPdk);
  if (onPdk.length > 0) return { plugins: onPdk.map(cargoPlugin), problem };
  const made = await modules(folder, `**/target/${WASM_TARGET}/{debug,release}/*.wasm`, '**/node_modules/**');
  // what cargo knows how to make is built first; what it does not know is called as it is
  const makable = targets.filter((target) => made.some((plugin) => path.parse(plugin.label).name === target.binary));
  if (makable.length > 0) return { plugins: makable.map(cargoPlugin), problem };
  if (made.length > 0) return { plugins: made, problem };
  const any = await modules(folder, '**/*.wasm', NOT_HERE);
  if (any.length > 0) return { plugins: any, problem };
  return { plugins: targets.map(cargoPlugin), problem };
}

/** The plugins that the Rust source `file` is part of: those of the nearest manifest above it. */
export async function pluginsOfSource(file: vscode.Uri): Promise<PluginSearch> {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  if (!folder) return { plugins: [], problem: undefined };
  let directory = path.dirname(file.fsPath);
  while (directory.startsWith(folder.uri.fsPath)) {
    const manifest = path.join(directory, 'Cargo.toml');
    const answer = await cargoTargets(manifest, cargoSettings(folder.uri));
    if (answer.kind === 'absent') break;
    if (answer.kind === 'targets') {
      const own = answer.targets.filter(
        (target) => path.relative(path.dirname(target.manifestPath), directory).split(path.sep)[0] !== '..',
      );
      const sameFile = own.filter((target) => target.sourcePath === file.fsPath);
      const choice = chooseCargoTarget(sameFile.length > 0 ? sameFile : own, {});
      if (choice.kind === 'one') return { plugins: [cargoPlugin(choice.target)], problem: undefined };
      if (choice.kind === 'several') return { plugins: choice.targets.map(cargoPlugin), problem: undefined };
    }
    directory = path.dirname(directory);
  }
  return findPlugins(folder);
}
