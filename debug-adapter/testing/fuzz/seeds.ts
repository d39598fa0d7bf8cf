// What inputs are made from: real plugins, recordings, conversations, mock files and sources of this repository. Reads files; makes none. Only
// targets import it.
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildWat } from '../../../test-plugins/wat/build.ts';
import type { Bytes } from './bytes.ts';

const ROOT = new URL('../../../', import.meta.url);
const encoder = new TextEncoder();

export function fileBytes(file: string): Bytes {
  return new Uint8Array(fs.readFileSync(new URL(file, ROOT)));
}

export function fileText(file: string): string {
  return fs.readFileSync(new URL(file, ROOT), 'utf8');
}

/** Files whose path from the project's root matches, in order. */
export function files(pattern: string): string[] {
  return fs.globSync(pattern, { cwd: fileURLToPath(ROOT) }).sort();
}

export function texts(...from: readonly string[]): Bytes[] {
  return from.map((text) => encoder.encode(text));
}

/** The modules of test-plugins/wat: some hundred bytes each, one for each thing that a plugin may be or do wrong. */
export const watModules: readonly Bytes[] = (await buildWat()).map(({ wasm }) => new Uint8Array(fs.readFileSync(wasm)));

/** The prebuilt plugin: 258 KB of Rust. */
export const hello = (): Bytes => fileBytes('test-plugins/hello/hello.wasm');

/** Pieces between triple backquotes in a page of docs/. */
export function fenced(file: string): string[] {
  return [...fileText(file).matchAll(/^```\w*\n([\s\S]*?)^```/gm)].map(([, inside = '']) => inside);
}
