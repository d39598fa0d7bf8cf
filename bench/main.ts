// `npm run bench`: measures, prints tables, writes a JSON, and says which of DESIGN.md's numbers are held. Exit code 1 only when it can't
// measure: a number that is not held is said, not a failure, since machines differ.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { pluginFile } from '../debug-adapter/testing/run-call.ts';
import { filterSpeed } from './filter.ts';
import { hostMethodsSpeed } from './host-methods.ts';
import { launches } from './launch.ts';
import { resident } from './memory.ts';
import { HUNDRED_RULES, roundTrips } from './mocks.ts';
import { hasReference } from './native.ts';
import { numbersToHold } from './numbers.ts';
import { openingSpeed } from './opening.ts';
import { panelSpeed } from './panel.ts';
import type { Report, Results } from './results.ts';
import { rewritingSpeed } from './rewriting.ts';
import { sourceSpeed } from './source.ts';
import { stacks } from './stacks.ts';
import { reportText } from './table.ts';
import { measure, measureCold, type Plugin, type Workload } from './workloads.ts';

const USAGE = `usage: npm run bench -- [--quick] [--rounds N] [--out FILE] [PLUGIN…]

Measures rust-pdk.release and rust-pdk.debug, or the plugins named (of test-plugins/out). --quick: once, and small.
What it needs: node test-plugins/build.ts rust-pdk reference. Without the reference program there is no wasmi to compare with.`;

const DEFAULT_OUT = fileURLToPath(new URL('results/latest.json', import.meta.url));

/** What each plugin is given to do. */
const work = (plugin: string, quick: boolean): { workloads: Workload[]; calls: number; ping: [string, string] } =>
  plugin.startsWith('hello')
    ? {
        workloads: [{ method: 'roll', params: (size) => `{"dice":${size}}`, size: 100, least: undefined }],
        calls: 0,
        ping: ['roll', '{"dice":1}'],
      }
    : {
        workloads: [
          {
            method: 'prime_sieve',
            params: (size) => `{"limit":${size}}`,
            size: 1_000_000,
            least: quick ? undefined : 200,
          },
          {
            method: 'many_echo',
            params: (size) => `{"n":${size}}`,
            size: quick ? 100 : 1_000,
            least: quick ? undefined : 50,
          },
        ],
        calls: quick ? 200 : plugin.endsWith('.debug') ? 5_000 : 20_000,
        ping: ['ping', 'null'],
      };

/** Measures these plugins. `say` is told what is being done. */
export async function bench(
  names: readonly string[],
  { quick, rounds, say }: { quick: boolean; rounds: number; say: (step: string) => void },
): Promise<Report> {
  const start = performance.now();
  const before = os.loadavg()[0] ?? 0;
  const results: {
    -readonly [K in
      | 'workloads'
      | 'rewriting'
      | 'openings'
      | 'mocks'
      | 'launches'
      | 'memory'
      | 'stacks'
      | 'filters'
      | 'hostMethods']: Results[K][number][];
  } = {
    workloads: [],
    rewriting: [],
    openings: [],
    mocks: [],
    launches: [],
    memory: [],
    stacks: [],
    filters: [],
    hostMethods: [],
  };
  for (const name of names) {
    const file = pluginFile(name);
    if (!fs.existsSync(file)) throw new Error(`${file} is not there; node test-plugins/build.ts ${name} builds it.`);
    const plugin: Plugin = { name, file, bytes: new Uint8Array(fs.readFileSync(file)) };
    const { workloads, calls, ping } = work(name, quick);
    // A module that V8 has once compiled is in its cache: the launches come before all else.
    say(`${name}: launches`);
    results.launches.push(await launches(plugin, rounds));
    say(`${name}: rewriting`);
    results.rewriting.push(...(await rewritingSpeed(plugin, rounds)));
    const opening = await openingSpeed(plugin, rounds);
    if (opening !== undefined) results.openings.push(opening);
    for (const workload of workloads) {
      say(`${name}: ${workload.method}`);
      results.workloads.push(await measure(plugin, workload, rounds));
    }
    say(`${name}: ${ping[0]}, cold`);
    results.workloads.push(await measureCold(plugin, ...ping, Math.min(rounds, 3)));
    if (calls > 0) {
      say(`${name}: mocks`);
      results.mocks.push(await roundTrips(plugin, calls, rounds));
      results.mocks.push(await roundTrips(plugin, calls, rounds, HUNDRED_RULES));
      say(`${name}: stacks`);
      results.stacks.push(await stacks(plugin, Math.ceil(calls / 5), Math.min(rounds, 3)));
    }
    say(`${name}: memory`);
    results.memory.push(await resident(plugin, ...ping));
    if (calls > 0) results.memory.push(await resident(plugin, 'many_echo', `{"n":${calls}}`));
  }
  say('variables and conditions');
  const source = await sourceSpeed(rounds, quick);
  if (typeof source === 'string') say(source);
  say('filter');
  results.filters.push(...filterSpeed(rounds, quick));
  say('Host Methods');
  results.hostMethods.push(...(await hostMethodsSpeed(rounds, quick ? 1_000 : 10_000)));
  const panel = await panelSpeed({ rows: quick ? 1_000 : 100_000, rounds, seconds: quick ? 0.3 : 3 }, say);
  if (typeof panel === 'string') say(panel);
  const measured: Results = {
    version: 1,
    created: new Date().toISOString(),
    quick,
    machine: {
      cpu: os.cpus()[0]?.model.trim() ?? 'an unknown processor',
      cores: os.cpus().length,
      load: [before, os.loadavg()[0] ?? 0],
      platform: `${process.platform} ${process.arch}`,
      node: process.versions.node,
      v8: process.versions.v8,
    },
    seconds: (performance.now() - start) / 1e3,
    ...results,
    source,
    panel,
  };
  return { ...measured, numbers: numbersToHold(measured) };
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      out: { type: 'string', default: DEFAULT_OUT },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    return;
  }
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 5));
  if (!Number.isInteger(rounds) || rounds < 1)
    throw new Error(`--rounds takes a whole number from 1 on, not ${values.rounds}.`);
  if (!hasReference())
    console.error('Without wasmi: test-plugins/out/reference is not built (node test-plugins/build.ts reference).');
  const names = positionals.length > 0 ? positionals : ['rust-pdk.release', 'rust-pdk.debug'];
  const report = await bench(names, {
    quick: values.quick,
    rounds,
    say: (step) => console.error(`${(performance.now() / 1e3).toFixed(0).padStart(4)} s  ${step}`),
  });
  fs.mkdirSync(path.dirname(values.out), { recursive: true });
  fs.writeFileSync(values.out, `${JSON.stringify(report, null, 2)}\n`);
  console.log(reportText(report));
  console.log(`${path.relative(process.cwd(), values.out)} has all of it.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}
