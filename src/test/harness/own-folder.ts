// A workbench on a folder of its own: made for one test, filled by it, gone with it. And what is kept of a test that failed.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWorkbench, screenshot, type Workbench, type WorkbenchOptions } from './workbench.ts';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');

/** A file or folder of test-plugins/. */
export const testPlugin = (file: string): string => path.join(root, 'test-plugins', file);

/** Copies a test plugin's folder, but for what bears one of the names in `leave`. */
export function copyPlugin(plugin: string, folder: string, leave: readonly string[] = ['target']): void {
  const filter = (file: string): boolean => !leave.includes(path.basename(file));
  fs.cpSync(testPlugin(plugin), folder, { recursive: true, filter });
}

/** Copies a test plugin's sources, to look at, and beside them a module that is built: nothing has to be built there. */
export function copyBuilt(plugin: string, module: string, folder: string): void {
  copyPlugin(`${plugin}/src`, path.join(folder, 'src'));
  fs.copyFileSync(module, path.join(folder, `${plugin}.wasm`));
}

/** Settings by which nothing is built, though a folder has a Cargo.toml. */
export const NO_CARGO = { 'wasmiPluginDebugger.cargo.command': 'a-cargo-that-is-not-there' };

/** Settings by which the Debug Console stays in front: the first call would bring the transcript panel there. */
export const CONSOLE_IN_FRONT = { 'wasmiPluginDebugger.transcript.openOnCall': 'never' };

/** Opens a new folder called `name`, which `fill` is given to put files into. It is removed when the workbench is closed. */
export async function openOwnFolder(
  name: string,
  fill: (folder: string) => void,
  settings?: NonNullable<WorkbenchOptions['settings']>,
): Promise<Workbench> {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), 'wpd-'));
  const remove = (): void => fs.rmSync(base, { recursive: true, force: true });
  try {
    const folder = path.join(base, name);
    fs.mkdirSync(folder);
    fill(folder);
    const workbench = await openWorkbench({ folder, ...(settings && { settings }) });
    const close = async (): Promise<void> => {
      await workbench.close();
      remove();
    };
    return { ...workbench, close };
  } catch (error) {
    remove();
    throw error;
  }
}

/** A picture of what was on the screen when a test failed: `screenshots/failed-NAME.png`. For `afterEach`. */
export async function keepFailure(
  workbench: Workbench | undefined,
  test: { name: string; passed?: boolean },
): Promise<void> {
  if (workbench && test.passed === false) await screenshot(workbench.page, `failed-${test.name.replace(/\W+/g, '-')}`);
}
