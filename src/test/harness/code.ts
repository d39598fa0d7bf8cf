#!/usr/bin/env node
// A stand-in for the desktop `code` program: takes the arguments that @vscode/test-electron passes (as its
// `vscodeExecutablePath`) and runs the suite in the extension host of a real workbench.
// Exit: the suite's; 95 the server ended, 97 time limit, 98 page crash, 99 the browser is gone. An extension host that dies in
// the middle of a suite is reported as 0, here as in other hosts: believe only what the suite writes at its end.
import path from 'node:path';
import process from 'node:process';
import util from 'node:util';
import type { Page } from 'playwright-core';
import { launchBrowser } from './browser.ts';
import { type Server, startServer } from './server.ts';
import { remote, screenshot, workbenchUrl } from './workbench.ts';

type Arguments = { development: string[]; flags: Set<string>; values: Map<string, string>; folder?: string };

function parse(argv: readonly string[]): Arguments {
  const parsed: Arguments = { development: [], flags: new Set(), values: new Map() };
  for (const argument of argv) {
    const [, name, value] = /^--([^=]+)(?:=(.*))?$/s.exec(argument) ?? [];
    if (name === undefined) parsed.folder = path.resolve(argument);
    else if (value === undefined) parsed.flags.add(name);
    else if (name === 'extensionDevelopmentPath') parsed.development.push(path.resolve(value));
    else parsed.values.set(name, value);
  }
  return parsed;
}

// What the workbench logs on its own about the network and accounts that it can't reach; SUITE_VERBOSE=1 shows it.
const NOISE = /^(Resolv|Creating a socket|\[|Updating|getaddrinfo|Timed out waiting for authentication)/;

function print(type: string, args: readonly unknown[]): void {
  const line = util.format(...args);
  if (!process.env['SUITE_VERBOSE'] && NOISE.test(line)) return;
  (type === 'error' ? process.stderr : process.stdout).write(`${line}\n`);
}

async function runSuite(server: Server, page: Page, args: Arguments, tests: string): Promise<number> {
  const ended = new Promise<number>((resolve) => {
    page.exposeFunction('codeAutomationExit', resolve).catch(() => resolve(98));
    page.on('crash', () => resolve(98));
    page
      .context()
      .browser()
      ?.on('disconnected', () => resolve(99));
    server.child.once('exit', () => resolve(95));
    setTimeout(() => resolve(97), Number(process.env['SUITE_TIMEOUT_MS'] ?? 900_000)).unref();
  });
  await page.exposeFunction('codeAutomationLog', print);
  const payload = [
    ...args.development.map((directory) => ['extensionDevelopmentPath', remote(server, directory)] as const),
    ['extensionTestsPath', remote(server, path.resolve(tests))] as const,
  ];
  await page.goto(workbenchUrl(server, args.folder, payload));
  const code = await ended;
  if (code >= 95 && code !== 99) console.error(`Last seen: ${await screenshot(page, 'stuck').catch(() => 'nothing')}`);
  return code;
}

async function main(): Promise<number> {
  const args = parse(process.argv.slice(2));
  const tests = args.values.get('extensionTestsPath');
  if (tests === undefined) throw new Error('The stand-in for VS Code only runs suites: pass --extensionTestsPath=….');
  const server = await startServer({
    userDataDirectory: args.values.get('user-data-dir'),
    extensionsDirectory: args.values.get('extensions-dir'),
    trusted: args.flags.has('disable-workspace-trust'),
  });
  try {
    const browser = await launchBrowser();
    const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    const code = await runSuite(server, page, args, tests);
    await browser.close();
    return code;
  } finally {
    await server.stop();
  }
}

process.exit(await main());
