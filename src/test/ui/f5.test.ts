// F5 as a person presses it, in a real workbench: stops at a host call, shows the message, goes to the next syscall, ends with the
// result and its fuel. Pictures are kept in screenshots/, for eyes. (S4, S5, S6)
import fs from 'node:fs';
import path from 'node:path';
import { after, afterEach, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { findRust } from '../../../scripts/toolchain.ts';
import { giveParams, offered, question, questionBox, takeMethod, typeMethod } from '../harness/call-questions.ts';
import {
  addFunctionBreakpoint,
  callStackRows,
  eventually,
  foldView,
  openRow,
  pressUntil,
  setBreakpoint,
  showDebugViews,
  toolbarButton,
  variableRows,
} from '../harness/debug-views.ts';
import { CONSOLE_IN_FRONT, copyPlugin, keepFailure, openOwnFolder, testPlugin } from '../harness/own-folder.ts';
import { arrowAt, callStackSays, consoleSays, sessionEnded, variablesSay } from '../harness/screen-says.ts';
import { quick, screenshot, type Workbench } from '../harness/workbench.ts';

/** Of a stop in the source, what a scope besides Locals says. VS Code makes the tree anew at each stop. */
const scopeSays = (page: Page, scope: string, pattern: RegExp) =>
  eventually(
    `${pattern} in Variables`,
    async () => {
      // only what is in view can be read
      for (const one of ['Locals', 'Message', 'Syscall']) await openRow(page, '.debug-variables', one, one === scope);
      return variableRows(page);
    },
    (rows) => pattern.test(rows.join('\n')),
  );

describe('F5 on the prebuilt plugin, with its launch.json', () => {
  let workbench: Workbench;

  before(async () => {
    workbench = await openOwnFolder('hello', (folder) => copyPlugin('hello', folder), CONSOLE_IN_FRONT);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  it('S6: stops at a host call, with the arrow in the transcript and the message in Variables', async () => {
    const { page } = workbench;
    await showDebugViews(page);
    await addFunctionBreakpoint(page, 'rpc:get_user');
    await page.keyboard.press('F5');
    await arrowAt(page, /get_user.*"name"\s*:\s*"Ada"/);
    await foldView(page, 'Watch');
    await variablesSay(page, /Message[\s\S]*get_user[\s\S]*Ada/);
    // V8's own stack stands below the transcript
    await callStackSays(page, /get_user[\s\S]*__wasi_fd_write/);
    await screenshot(page, 'hello-1-host-call');
  });

  it('goes to the next syscall, and the arrow moves down the transcript', async () => {
    const { page } = workbench;
    await toolbarButton(page, 'Next Syscall').click();
    await arrowAt(page, /polled once: stdin is empty|fd_read\(0, 1 iovec\)/);
    await variablesSay(page, /Syscall/);
    await screenshot(page, 'hello-2-next-syscall');
  });

  it('goes to the next message', async () => {
    const { page } = workbench;
    await page.keyboard.press('Shift+Alt+F8');
    await arrowAt(page, /#0 result .*Ada Lovelace/);
  });

  it('S5: ends with the result and its fuel', async () => {
    const { page } = workbench;
    await page.keyboard.press('F5');
    await consoleSays(page, /Ada Lovelace[\s\S]*fuel/i);
    await sessionEnded(page);
    await screenshot(page, 'hello-3-result');
  });
});

describe('F5 on the Rust plugin, without a launch.json', () => {
  const rust = findRust();
  const skip = 'lacking' in rust ? rust.lacking : false;
  let workbench: Workbench;

  before(async () => {
    if ('lacking' in rust) return;
    const fill = (folder: string): void => {
      copyPlugin('rust-pdk', folder, ['target', '.vscode']);
      for (const file of fs.globSync('*.mocks.json*', { cwd: folder })) fs.rmSync(path.join(folder, file));
      fs.writeFileSync(path.join(folder, 'host.mocks.json'), '{ "echo": "from the mock" }');
    };
    // what `npm run plugins` built of the dependencies need not be built again
    const target = path.join(testPlugin('rust-pdk/target'), ...(rust.kind === 'debian' ? ['debian'] : []));
    const settings = {
      ...CONSOLE_IN_FRONT,
      'wasmiPluginDebugger.cargo.command': rust.cargo,
      'wasmiPluginDebugger.cargo.env': { ...rust.env, CARGO_TARGET_DIR: target },
    };
    workbench = await openOwnFolder('rust-pdk', fill, settings);
  });

  afterEach((test) => keepFailure(workbench, test));

  after(() => workbench?.close());

  it('asks for the method and its params, builds, and runs to the result', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'Control+P', 'main.rs');
    await page.locator('.tab', { hasText: 'main.rs' }).waitFor();
    await page.keyboard.press('F5');
    await question(page, 'Which method of rust-pdk').waitFor();
    await typeMethod(page, 'echo');
    await screenshot(page, 'rust-1-which-method');
    await takeMethod(page, 'echo');
    await giveParams(page, '{"message":18446744073709551615}');
    // where `npm run plugins` has not been run, this is the first build
    await consoleSays(page, /echo returned "from the mock"/, 300_000);
    await sessionEnded(page);
  });

  it('remembers what was answered, and stops when the call arrives', { skip }, async () => {
    const { page } = workbench;
    await showDebugViews(page);
    await addFunctionBreakpoint(page, 'rpc:echo');
    await page.keyboard.press('F5');
    await question(page, 'Which method of rust-pdk').waitFor();
    await offered(page, 'called before').waitFor();
    await takeMethod(page, 'echo');
    await eventually(
      'what was answered',
      () => questionBox(page).locator('input').inputValue(),
      (text) => text === '{"message":18446744073709551615}',
    );
    await giveParams(page);
    await arrowAt(page, /→ #0 echo/, 60_000);
    await foldView(page, 'Watch');
    await screenshot(page, 'rust-2-call-arrives');
  });

  it('P2: stops at the host call, with its params digit by digit', { skip }, async () => {
    const { page } = workbench;
    await page.keyboard.press('F5');
    // the line that asked stands on top, and what it asked beside its variables
    await arrowAt(page, /host\.\s*call\("echo", params\.message\)/);
    await scopeSays(page, 'Message', /Message[\s\S]*18446744073709551615/);
    await screenshot(page, 'rust-3-host-call');
  });

  it('goes to the next syscall', { skip }, async () => {
    const { page } = workbench;
    await page.keyboard.press('Shift+Alt+F11');
    await callStackSays(page, /fd_read\(0, 1 iovec\) = EAGAIN/);
    await screenshot(page, 'rust-4-next-syscall');
  });

  it('S5: ends with the result and its fuel', { skip }, async () => {
    const { page } = workbench;
    await page.keyboard.press('F5');
    await consoleSays(page, /from the mock[\s\S]*fuel/);
    await sessionEnded(page);
    await screenshot(page, 'rust-5-result');
  });

  // VS Code draws a blank where a stop is amid a line

  const call = async (method: string, params: string) => {
    const { page } = workbench;
    await pressUntil(page, 'F5', question(page, 'Which method of rust-pdk'));
    await typeMethod(page, method);
    await takeMethod(page, method);
    await giveParams(page, params);
  };

  it('S1: stops on a line of an async method, with its arguments decoded', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'F1', 'Remove All Breakpoints');
    await setBreakpoint(page, 'basics.rs', 30, /host\.call\("echo"/);
    await call('echo', '{"message":["Ada",{"id":18446744073709551615}]}');
    await arrowAt(page, /let response =\s*host\.\s*call\("echo", params\.message\)/, 120_000);
    await variablesSay(
      page,
      /Locals[\s\S]*params =EchoParams \{ message: \["Ada", \{"id": 18446744073709551615\}\] \}/,
    );
    await eventually(
      'the stack as the source has it',
      () => callStackRows(page),
      (rows) => /async rust_pdk::basics::echo/.test(rows[0] ?? '') && /rust_pdk::main/.test(rows.join('\n')),
    );
    await screenshot(page, 'source-1-breakpoint');
  });

  it('S1: F10 goes over an .await on a host call to the next line', { skip }, async () => {
    const { page } = workbench;
    await page.keyboard.press('F10');
    await arrowAt(page, /Ok\(\s*response\.result\)/);
    await variablesSay(page, /response =RpcResponse \{ jsonrpc: "2\.0"/);
    await screenshot(page, 'source-2-over-await');
    await page.keyboard.press('F5');
    await sessionEnded(page);
  });

  it('S6: an enum with a struct with a String is shown as Rust writes it, and what it becomes', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'F1', 'Remove All Breakpoints');
    await setBreakpoint(page, 'protocol.rs', 72, /params\.unwrap_or_default\(\)/);
    await call('println', '{"text":"Ada"}');
    await arrowAt(page, /let params =\s*params\.\s*unwrap_or_default\(\)/, 120_000);
    const text = /params =Some\(PrintlnParams \{ text: "Ada", newline: true, then_call: false \}\)/;
    await variablesSay(page, text);
    await screenshot(page, 'source-3-enum');
    await page.keyboard.press('F10');
    await arrowAt(page, /if\s*params\.newline/);
    await variablesSay(page, /params =PrintlnParams \{ text: "Ada", newline: true, then_call: false \}/);
    // it goes on to text on stdout that is no message, which is another test's
    await page.keyboard.press('Shift+F5');
    await sessionEnded(page);
  });

  it('S1: F11 goes into a helper, whose Vec grows, and Shift+F11 out of it', { skip }, async () => {
    const { page } = workbench;
    await quick(page, 'F1', 'Remove All Breakpoints');
    await setBreakpoint(page, 'computation.rs', 28, /primes_up_to\(params\.limit\)/);
    await call('prime_sieve', '{"limit":30}');
    await arrowAt(page, /let primes =\s*primes_up_to\(/, 60_000);
    await page.keyboard.press('F11');
    await arrowAt(page, /let mut composite =\s*vec!/);
    await variablesSay(page, /limit =30/);
    await callStackSays(page, /primes_up_to[\s\S]*async rust_pdk::computation::prime_sieve/);
    await page.keyboard.press('Shift+F11');
    const out = await arrowAt(page, /primes/);
    await page.keyboard.press('F10');
    // a key that comes amid the step is lost, and the variables may say the same before it; whether the way out ends on the call's line, compilers decide
    await arrowAt(page, /count:/.test(out ?? '') ? /largest:\s*primes/ : /count:|Ok\(\s*Primes/);
    await variablesSay(page, /primes =\[2, 3, 5, 7, 11/);
    await screenshot(page, 'source-4-helper');
    await page.keyboard.press('F5');
    await sessionEnded(page);
  });
});
