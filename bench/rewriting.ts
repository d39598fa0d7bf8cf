// How fast the rewriting pass is, in bytes of code section a second: in a fresh process, where nothing is optimised yet, and warm. Fuel is
// reckoned in a pass of its own, and counted with it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { chargeTable } from '../debug-adapter/fuel/charge-table.ts';
import { instrument } from '../debug-adapter/instrument/instrument.ts';
import { parseModule, SectionId, sectionOf } from '../debug-adapter/wasm/module.ts';
import { sourcesOf } from './guest.ts';
import { PLANS } from './plans.ts';
import { type Sample, sampleOf, timed } from './sample.ts';
import type { Plugin } from './workloads.ts';

export interface RewritingSpeed {
  readonly plugin: string;
  readonly plan: string;
  /** Bytes of the code section, before and after. */
  readonly code: number;
  readonly rewritten: number;
  /** ms of the thread: reckoning fuel, and rewriting. */
  readonly cold: { readonly fuel: Sample; readonly rewrite: Sample };
  readonly warm: { readonly fuel: Sample; readonly rewrite: Sample };
  /** Millions of bytes a second: of the rewriting pass, and of both. */
  readonly coldSpeed: number;
  readonly warmSpeed: number;
  readonly warmSpeedWithFuel: number;
}

/** The plans whose rewriting is timed. */
const TIMED: ReadonlySet<string> = new Set(['fuel', 'engine', 'armed']);

interface Passes {
  readonly fuel: number;
  readonly rewrite: number;
  readonly rewritten: number;
}

function passes(file: string, plan: string): () => Passes {
  const bytes = new Uint8Array(fs.readFileSync(file));
  const row = PLANS.find(({ id }) => id === plan);
  if (row === undefined) throw new Error(`there is no plan ${plan}`);
  const sources = sourcesOf(new Uint8Array(bytes));
  return () => {
    const module = parseModule(bytes);
    const fuel = timed(() => chargeTable(module));
    const wanted = row.plan({ ...sources, module, charges: fuel.value });
    if (wanted === null) throw new Error('raw V8 rewrites nothing');
    const rewrite = timed(() => instrument(module, wanted));
    return { fuel: fuel.cpu, rewrite: rewrite.cpu, rewritten: rewrite.value.bytes.length };
  };
}

/** In a fresh process: this file, run with the plugin's file and the plan. */
async function cold(file: string, plan: string): Promise<Passes> {
  const child = fork(fileURLToPath(import.meta.url), [file, plan], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const told = once(child, 'message') as Promise<[Passes]>;
  const ended = once(child, 'exit').then(() => {
    throw new Error('the process that times a cold rewriting ended without a word');
  });
  ended.catch(() => {}); // when it has told, it may end
  return (await Promise.race([told, ended]))[0];
}

export async function rewritingSpeed(plugin: Plugin, rounds: number): Promise<RewritingSpeed[]> {
  const section = sectionOf(parseModule(plugin.bytes), SectionId.Code);
  const code = section === undefined ? 0 : section.end - section.start;
  const speeds: RewritingSpeed[] = [];
  for (const { id } of PLANS) {
    if (!TIMED.has(id)) continue;
    const colds: Passes[] = [];
    for (let round = 0; round < rounds; round++) colds.push(await cold(plugin.file, id));
    const pass = passes(plugin.file, id);
    pass();
    const warm = Array.from({ length: rounds }, pass);
    const samples = (passed: readonly Passes[]): { fuel: Sample; rewrite: Sample } => ({
      fuel: sampleOf(passed.map((one) => one.fuel)),
      rewrite: sampleOf(passed.map((one) => one.rewrite)),
    });
    const first = samples(colds);
    const { fuel, rewrite } = samples(warm);
    const speed = (ms: number): number => code / 1e3 / ms;
    speeds.push({
      plugin: plugin.name,
      plan: id,
      code,
      rewritten: warm[0]?.rewritten ?? 0,
      cold: first,
      warm: { fuel, rewrite },
      coldSpeed: speed(first.rewrite.best),
      warmSpeed: speed(rewrite.best),
      warmSpeedWithFuel: speed(rewrite.best + fuel.best),
    });
  }
  return speeds;
}

const [, script, file, plan] = process.argv;
if (script === fileURLToPath(import.meta.url) && file !== undefined && plan !== undefined && process.send)
  process.send(passes(file, plan)());
