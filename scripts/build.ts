// Bundles what ships (dist/extension.cjs, dist/worker.mjs, dist/cli.js, dist/transcript.js with its style and font) and, with --tests, the suites that run inside
// VS Code (dist/test/suite/). Options: --minify, --watch, --strict (a missing entry is an error), --tests.
// The bundles are not told where the worker is: each entry finds worker.mjs beside itself.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { BuildOptions } from 'esbuild';
import * as esbuild from 'esbuild';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');

type Bundle = { from: string; to: string; options: BuildOptions };

// Dependencies written as CommonJS call require() for Node's own modules, which an ESM bundle has not got by itself.
const REQUIRE = `import { createRequire as __createRequire } from 'node:module';
const require = __createRequire(import.meta.url);`;

/** The programs that ship. The extension is CommonJS because VS Code loads it with `require`. */
const BUNDLES: readonly Bundle[] = [
  { from: 'src/extension.ts', to: 'dist/extension.cjs', options: { format: 'cjs', external: ['vscode'] } },
  {
    from: 'debug-adapter/executor/worker.ts',
    to: 'dist/worker.mjs',
    options: { format: 'esm', banner: { js: REQUIRE } },
  },
  { from: 'debug-adapter/cli.ts', to: 'dist/cli.js', options: { format: 'esm', banner: { js: REQUIRE } } },
];

/** The transcript panel's page: a script, a style, and VS Code's icon font, which the style names by a relative address. */
export const WEBVIEW: BuildOptions = {
  entryPoints: [
    { in: 'src/transcript/webview/main.tsx', out: 'transcript' },
    { in: 'src/transcript/webview/styles/transcript.css', out: 'transcript' },
  ],
  outdir: 'dist',
  assetNames: '[name]',
  loader: { '.ttf': 'file' },
  platform: 'browser',
  format: 'iife',
  target: 'chrome128',
};

function common(minify: boolean): BuildOptions {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    target: 'node22',
    minify,
    // jsonc-parser's `main` is UMD, whose inner requires can't be bundled
    mainFields: ['module', 'main'],
    // names stay, so that a stack trace in a bug report can be read
    keepNames: minify,
    sourcemap: minify ? false : 'linked',
    legalComments: 'none',
    logLevel: 'warning',
  };
}

/** Every suite is a bundle of its own, which Mocha's runner (dist/test/suite/index.cjs) loads by name. */
function suites(): BuildOptions | undefined {
  const directory = path.join(root, 'src/test/suite');
  if (!fs.existsSync(directory)) return undefined;
  const entryPoints = fs
    .readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name === 'index.ts' || name.endsWith('.test.ts'))
    .map((name) => path.join(directory, name));
  return {
    entryPoints,
    outdir: 'dist/test/suite',
    outbase: 'src/test/suite',
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    external: ['vscode', 'mocha'],
  };
}

const NOTICES = 'dist/third-party-notices.txt';

/** The licences of the packages whose code is in the bundles: theirs ask for that. */
function writeNotices(inputs: readonly string[]): void {
  const names = inputs.map((file) => /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1]);
  const texts = [...new Set(names.filter((name) => name !== undefined))].sort().map((name) => {
    const directory = path.join(root, 'node_modules', name);
    const licence = fs.readdirSync(directory).find((file) => /^licen[cs]e/i.test(file));
    if (!licence) throw new Error(`${name} is bundled, but has no licence file to pass on.`);
    return `${name}\n\n${fs.readFileSync(path.join(directory, licence), 'utf8').trim()}\n`;
  });
  fs.writeFileSync(path.join(root, NOTICES), texts.join(`\n${'-'.repeat(80)}\n\n`));
}

/** Builds what exists. Returns the entries that do not exist; with `strict` they are an error. */
export async function build(how: { minify?: boolean; watch?: boolean; strict?: boolean; tests?: boolean } = {}) {
  const exists = ({ from }: Bundle) => fs.existsSync(path.join(root, from));
  const missing = BUNDLES.filter((bundle) => !exists(bundle)).map(({ from }) => from);
  if (how.strict && missing.length > 0) throw new Error(`Cannot build: ${missing.join(', ')} missing.`);
  const jobs: BuildOptions[] = BUNDLES.filter(exists).map(({ from, to, options }) => ({
    ...options,
    entryPoints: [from],
    outfile: to,
  }));
  jobs.push(WEBVIEW);
  const tests = how.tests ? suites() : undefined;
  if (tests) jobs.push(tests);
  // a suite that was removed since must not be run from an earlier build
  if (tests) fs.rmSync(path.join(root, 'dist/test/suite'), { recursive: true, force: true });
  // all of them, though one fails: each says what is wrong with it
  const inputs: string[] = [];
  const done = await Promise.allSettled(
    jobs.map(async (job) => {
      const options = { ...common(how.minify ?? false), ...job };
      if (how.watch) return (await esbuild.context({ ...options, logLevel: 'info' })).watch();
      const { metafile } = await esbuild.build({ ...options, metafile: true });
      inputs.push(...Object.keys(metafile.inputs));
    }),
  );
  const failure = done.find((one) => one.status === 'rejected');
  if (failure) throw failure.reason;
  if (how.minify) writeNotices(inputs);
  if (!how.watch && fs.existsSync(path.join(root, 'dist/cli.js'))) fs.chmodSync(path.join(root, 'dist/cli.js'), 0o755);
  return missing;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minify: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
      tests: { type: 'boolean', default: false },
    },
  });
  const missing = await build(values);
  for (const entry of missing) console.error(`${entry} does not exist: not built.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    // esbuild has printed its own diagnostics already
    if (!(error instanceof Error && 'errors' in error)) console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
