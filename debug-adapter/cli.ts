#!/usr/bin/env node
// The terminal's entry: `wasmi-plugin-debugger call | replay | inspect | dap`. Reads arguments and files, prints; everything else is in
// the rooms. The result goes to stdout, alone; the trace and all sentences to stderr.
import { main } from './terminal/main.ts';

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exitCode = 2;
  },
);
