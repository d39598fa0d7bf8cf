// Asks cargo what is in a workspace, with the command and environment that the settings name. Does not build (cargoTask.ts) and
// does not choose (cargoMetadata.ts).
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { type CargoTarget, readCargoMetadata, WASM_TARGET } from './cargoMetadata.ts';

export interface CargoSettings {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** The settings `wasmiPluginDebugger.cargo.*` as they are for `scope`. */
export function cargoSettings(scope: vscode.Uri | undefined): CargoSettings {
  const settings = vscode.workspace.getConfiguration('wasmiPluginDebugger.cargo', scope ?? null);
  return {
    command: settings.get<string>('command') || 'cargo',
    args: settings.get<string[]>('args') ?? [],
    env: settings.get<Record<string, string>>('env') ?? {},
  };
}

export type CargoAnswer =
  | { readonly kind: 'targets'; readonly targets: readonly CargoTarget[] }
  /** There is no cargo on this machine. */
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly message: string };

type Ended = { readonly code: number | string | undefined; readonly stdout: string; readonly stderr: string };

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024, timeout: 60_000 };
    execFile(command, args, options, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : (error.code ?? undefined), stdout, stderr }),
    );
  });
}

/** The binaries of the Cargo workspace that `manifestPath` (absolute) belongs to. Never rejects. */
export async function cargoTargets(manifestPath: string, settings: CargoSettings): Promise<CargoAnswer> {
  if (!fs.existsSync(manifestPath)) return { kind: 'failed', message: `There is no ${manifestPath}.` };
  const args = ['metadata', '--format-version', '1', '--no-deps', '--manifest-path', manifestPath];
  const { code, stdout, stderr } = await run(settings.command, args, path.dirname(manifestPath), settings.env);
  if (code === 'ENOENT') return { kind: 'absent' };
  if (code !== 0) {
    const reason = stderr.split('\n').find((line) => line.startsWith('error')) ?? `it ended with ${code}`;
    return { kind: 'failed', message: `cargo metadata can't read ${manifestPath}: ${reason.replace(/^error: /, '')}` };
  }
  try {
    return { kind: 'targets', targets: readCargoMetadata(stdout) };
  } catch (error) {
    return { kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

/** True when rustc is there and has no standard library for the plugins' target: the commonest reason why a build fails. */
export async function targetIsMissing(directory: string, settings: CargoSettings): Promise<boolean> {
  const rustc = settings.env['RUSTC'] ?? process.env['RUSTC'] ?? 'rustc';
  const args = ['--print', 'target-libdir', '--target', WASM_TARGET];
  const { code, stdout } = await run(rustc, args, directory, settings.env);
  return code === 0 && !fs.existsSync(stdout.trim());
}
