// What `cargo metadata --format-version 1 --no-deps` says of the plugins in a workspace: which targets there are, which file
// each becomes, and which of them a launch means. Pure: cargo itself is run by cargo.ts.

/** The target that production's host runs. */
export const WASM_TARGET = 'wasm32-wasip1';

/** A binary that cargo can make. */
export interface CargoTarget {
  readonly packageName: string;
  /** The binary's own name: `--bin NAME`. */
  readonly binary: string;
  /** Absolute path of the package's Cargo.toml. */
  readonly manifestPath: string;
  /** Absolute path of the main source file. */
  readonly sourcePath: string;
  readonly targetDirectory: string;
  /** The Cargo workspace's directory. */
  readonly root: string;
  /** True when the package depends on wasmi-plugin-pdk. */
  readonly usesPdk: boolean;
}

/** What a launch names: `cargo: { package, target, profile }`. */
export interface CargoWish {
  readonly package?: string | undefined;
  readonly target?: string | undefined;
}

export type CargoChoice =
  | { readonly kind: 'one'; readonly target: CargoTarget }
  | { readonly kind: 'several'; readonly targets: readonly CargoTarget[] }
  | { readonly kind: 'none'; readonly message: string };

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The binaries of the workspace, in cargo's order. @throws Error with a sentence when `json` is not what cargo prints. */
export function readCargoMetadata(json: string): readonly CargoTarget[] {
  let metadata: unknown;
  try {
    metadata = JSON.parse(json);
  } catch {
    throw new Error('cargo metadata did not print JSON: is `wasmiPluginDebugger.cargo.command` really cargo?');
  }
  const targetDirectory = isObject(metadata) ? text(metadata['target_directory']) : undefined;
  if (!isObject(metadata) || targetDirectory === undefined)
    throw new Error('cargo metadata printed no target_directory: is `wasmiPluginDebugger.cargo.command` really cargo?');
  const root = text(metadata['workspace_root']) ?? '';
  const members = new Set(list(metadata['workspace_members']));
  const targets: CargoTarget[] = [];
  for (const crate of list(metadata['packages'])) {
    if (!isObject(crate) || (members.size > 0 && !members.has(crate['id']))) continue;
    const packageName = text(crate['name']);
    const manifestPath = text(crate['manifest_path']);
    if (packageName === undefined || manifestPath === undefined) continue;
    const usesPdk = list(crate['dependencies']).some(
      (dependency) => isObject(dependency) && dependency['name'] === 'wasmi-plugin-pdk',
    );
    for (const target of list(crate['targets'])) {
      if (!isObject(target) || !list(target['kind']).includes('bin')) continue;
      const binary = text(target['name']);
      const sourcePath = text(target['src_path']);
      if (binary === undefined || sourcePath === undefined) continue;
      targets.push({ packageName, binary, manifestPath, sourcePath, targetDirectory, root, usesPdk });
    }
  }
  return targets;
}

const named = (target: CargoTarget): string =>
  target.binary === target.packageName ? target.packageName : `${target.packageName} (${target.binary})`;

/** Which binary a launch means. Where it leaves a choice, crates on wasmi-plugin-pdk go before others. */
export function chooseCargoTarget(targets: readonly CargoTarget[], wish: CargoWish): CargoChoice {
  if (targets.length === 0)
    return {
      kind: 'none',
      message: 'This Cargo workspace has no binary: a plugin is a program with `fn main`, so give it a src/main.rs.',
    };
  let left = targets;
  if (wish.package !== undefined) {
    left = left.filter((target) => target.packageName === wish.package);
    if (left.length === 0)
      return {
        kind: 'none',
        message: `This Cargo workspace has no package \`${wish.package}\` with a binary; it has ${targets.map(named).join(', ')}.`,
      };
  }
  if (wish.target !== undefined) {
    const here = left;
    left = left.filter((target) => target.binary === wish.target);
    if (left.length === 0)
      return {
        kind: 'none',
        message: `There is no binary \`${wish.target}\` here; there is ${here.map(named).join(', ')}.`,
      };
  }
  const plugins = left.filter((target) => target.usesPdk);
  if (plugins.length > 0) left = plugins;
  const [first] = left;
  return first !== undefined && left.length === 1 ? { kind: 'one', target: first } : { kind: 'several', targets: left };
}

/** The arguments of cargo that build `target`; `extra` comes last, so that it wins. */
export function buildArguments(target: CargoTarget, profile: string, extra: readonly string[]): string[] {
  return [
    'build',
    ...['--target', WASM_TARGET],
    ...['--manifest-path', target.manifestPath],
    ...['--package', target.packageName, '--bin', target.binary],
    ...(profile === 'dev' || profile === 'debug' ? [] : profile === 'release' ? ['--release'] : ['--profile', profile]),
    // the terminal shows the same text as ever; the rest is for cargoBuild.ts
    '--message-format=json-diagnostic-rendered-ansi',
    ...extra,
  ];
}
