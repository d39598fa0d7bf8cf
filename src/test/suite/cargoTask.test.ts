// Building a crate as a task of VS Code, by a real cargo: a build that succeeds, and one that fails into the Problems view.
/// <reference types="mocha" />
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { cargoSettings, cargoTargets, targetIsMissing } from '../../cargo.ts';
import type { CargoTarget } from '../../cargoMetadata.ts';
import { CargoTasks } from '../../cargoTask.ts';
import { folder, until } from './support.ts';

const MANIFEST = '[package]\nname = "tiny"\nversion = "0.1.0"\nedition = "2021"\n[workspace]\n';

describe('cargo tasks', function () {
  this.timeout(300_000);
  const directory = () => path.join(folder().uri.fsPath, 'tiny');
  const source = () => path.join(directory(), 'src/main.rs');
  const names = { manifestPath: 'tiny/Cargo.toml' };
  const tasks = new CargoTasks();
  let target: CargoTarget;

  before(async function () {
    fs.mkdirSync(path.dirname(source()), { recursive: true });
    fs.writeFileSync(path.join(directory(), 'Cargo.toml'), MANIFEST);
    fs.writeFileSync(source(), 'fn main() {}\n');
    const settings = cargoSettings(folder().uri);
    const answer = await cargoTargets(path.join(directory(), 'Cargo.toml'), settings);
    if (answer.kind !== 'targets' || (await targetIsMissing(directory(), settings))) return this.skip();
    const [only] = answer.targets;
    assert.ok(only);
    target = only;
  });
  after(() => {
    tasks.dispose();
    fs.rmSync(directory(), { recursive: true, force: true, maxRetries: 3 });
  });

  it('a task that only names its manifest is filled in', async () => {
    const definition = { type: 'wasmi-plugin-cargo', ...names };
    const written = new vscode.Task(definition, folder(), 'tiny', 'plugin');
    const filled = await tasks.resolveTask(written);
    assert.equal(filled?.definition, definition);
    assert.ok(filled?.execution instanceof vscode.CustomExecution);
  });

  it('what can be built is offered, for both profiles', async () => {
    const offered = await vscode.tasks.fetchTasks({ type: 'wasmi-plugin-cargo' });
    assert.deepEqual(
      offered.map(({ name }) => name),
      ['build hello', 'build hello (release)'],
    );
  });

  it('a build that succeeds makes the module', async () => {
    const module = await tasks.build(target, names, folder());
    assert.ok(module);
    assert.equal(path.basename(module), 'tiny.wasm');
    assert.equal(fs.readFileSync(module).subarray(0, 4).toString('latin1'), '\0asm');
  });

  it('a build that fails says so, with its errors in the Problems view', async () => {
    fs.writeFileSync(source(), 'fn main() {\n    let x: u8 = "text";\n}\n');
    assert.equal(await tasks.build(target, names, folder()), undefined);
    const problem = await until('the error in the Problems view', 10_000, () =>
      vscode.languages
        .getDiagnostics(vscode.Uri.file(source()))
        .find(({ severity }) => severity === vscode.DiagnosticSeverity.Error),
    );
    assert.match(problem.message, /mismatched types/);
    assert.equal(problem.range.start.line, 1);
    assert.equal(problem.source, 'rustc');
  });

  it('a fault that is mended is gone from the Problems view', async () => {
    fs.writeFileSync(source(), 'fn main() {}\n');
    assert.ok(await tasks.build(target, names, folder()));
    await until('no more problems', 10_000, () =>
      vscode.languages.getDiagnostics(vscode.Uri.file(source())).length === 0 ? true : undefined,
    );
  });

  it('a cargo that is not there is told, and ends too', async () => {
    const settings = vscode.workspace.getConfiguration('wasmiPluginDebugger.cargo');
    await settings.update('command', 'no-such-cargo-anywhere', vscode.ConfigurationTarget.Workspace);
    try {
      assert.equal(await tasks.build(target, names, folder()), undefined);
    } finally {
      await settings.update('command', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});
