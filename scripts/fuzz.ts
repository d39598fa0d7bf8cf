// `npm run fuzz`: mutated inputs for every decoder, or for those that are named, until Ctrl-C. What fails is made smaller and saved under .cache/fuzz; the
// exit code is then 1. `npm test` runs some thousand inputs of the same targets.
import fs from 'node:fs';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { fuzz, save, told } from '../debug-adapter/testing/fuzz/fuzz.ts';
import { kindOf, verdictOn } from '../debug-adapter/testing/fuzz/loop.ts';
import { type FuzzTarget, inputOf } from '../debug-adapter/testing/fuzz/target.ts';
import { isTarget, moduleOf, TARGETS, type TargetName } from '../debug-adapter/testing/fuzz/targets.ts';

const HELP = `Usage: npm run fuzz -- [TARGET …] [options]

  --seed N      begin with this seed (default: one at random, which is printed)
  --seconds S   end after so many seconds (default: Ctrl-C ends it)
  --input N     run only input N of the seed, in this thread, where a debugger sees it
  --file FILE   run only this input, such as one that was saved

Targets: ${TARGETS.join(', ')}
`;

/** Seconds for one target before the next has its turn. */
const TURN_S = 10;

async function loaded(name: TargetName): Promise<FuzzTarget> {
  return ((await import(moduleOf(name))) as { target: FuzzTarget }).target; // targets.ts names such modules
}

/** Runs one input in this thread. */
async function one(name: TargetName, input: Uint8Array<ArrayBuffer>): Promise<number> {
  const verdict = await verdictOn(await loaded(name), input);
  console.log(
    verdict === undefined ? `${name}: ${input.length} bytes, nothing wrong` : `${verdict.fault}: ${verdict.message}`,
  );
  if (verdict !== undefined) console.log(verdict.stack);
  return verdict === undefined ? 0 : 1;
}

/** Each target in turn, over and over. */
async function endless(names: readonly TargetName[], seed: number, seconds: number): Promise<number> {
  const end = performance.now() + seconds * 1000;
  const place = new Map<TargetName, number>();
  const seen = new Map<TargetName, string[]>();
  for (;;) {
    for (const name of names) {
      const left = end - performance.now();
      if (left <= 0) return seen.size > 0 ? 1 : 0;
      const first = place.get(name) ?? 0;
      const share = names.length === 1 ? TURN_S : Math.max(1, Math.min(TURN_S, seconds / names.length));
      const known = seen.get(name) ?? [];
      const { ran, ms, finding } = await fuzz(moduleOf(name), { seed, first, ms: Math.min(left, share * 1000), known });
      place.set(name, first + ran);
      const speed = Math.round((ran * 1000) / Math.max(1, ms));
      console.log(`${name.padEnd(12)} seed ${seed}  inputs ${first} to ${first + ran - 1}  ${speed}/s`);
      if (finding === undefined) continue;
      const kind = kindOf(finding);
      if (known.includes(kind)) continue; // a hang: those are found from outside
      seen.set(name, [...known, kind]);
      console.log(`\n${told(finding)}\nsaved: ${save(finding)}\n${finding.stack}\n`);
    }
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seed: { type: 'string' },
      seconds: { type: 'string' },
      input: { type: 'string' },
      file: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const unknown = positionals.filter((name) => !isTarget(name));
  if (unknown.length > 0) {
    console.error(`There is no target ${unknown.join(', ')}; there are ${TARGETS.join(', ')}.`);
    return 2;
  }
  const names = positionals.length > 0 ? positionals.filter(isTarget) : TARGETS;
  const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  const [name] = names;
  if (!Number.isInteger(seed)) {
    console.error(`--seed is '${values.seed}', and must be a whole number.`);
    return 2;
  }
  if (values.input !== undefined || values.file !== undefined) {
    if (name === undefined || positionals.length !== 1) {
      console.error('Name the one target that is to run the input.');
      return 2;
    }
    const input =
      values.file === undefined
        ? inputOf(await loaded(name), seed, Number(values.input))
        : new Uint8Array(fs.readFileSync(values.file));
    return one(name, input);
  }
  return endless(names, seed, values.seconds === undefined ? Number.POSITIVE_INFINITY : Number(values.seconds));
}

process.exitCode = await main();
