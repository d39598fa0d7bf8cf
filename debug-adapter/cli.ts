#!/usr/bin/env node
// The terminal's entry: `wasmi-plugin-debugger call | replay | inspect | dap`. Everything it does is in terminal/.
import manifest from '../package.json' with { type: 'json' };
import { main } from './terminal/main.ts';
import { exit, outliveReaders } from './terminal/output.ts';

outliveReaders();
main(process.argv.slice(2), manifest.version).then(exit, (error: unknown) => {
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  exit(2);
});
