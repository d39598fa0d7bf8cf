// Runs a single module of the generator through the differential comparison again: node debug-adapter/testing/differential-seed.ts SEED FEATURES.
// With a third word, the name of a file, it keeps the module there.
import fs from 'node:fs';
import process from 'node:process';
import { runLockstep } from './differential.ts';
import { type GeneratedFeatures, generatedModules } from './differential-corpus.ts';
import { emptyTally } from './differential-tally.ts';

const [seed, features = 'plain', file] = process.argv.slice(2);
if (seed === undefined || !/^\d+$/.test(seed) || !/^(plain|simd|relaxed|nans)$/.test(features)) {
  console.error('usage: node debug-adapter/testing/differential-seed.ts SEED [plain|simd|relaxed|nans] [FILE]');
  process.exit(2);
}
const { modules, refused } = generatedModules(Number(seed), 1, features as GeneratedFeatures);
for (const line of refused) console.log(line);
for (const subject of modules) {
  if (file !== undefined) fs.writeFileSync(file, subject.bytes);
  const tally = emptyTally();
  runLockstep(subject, tally);
  console.log(JSON.stringify(tally));
}
