// The variables of every stop of a call as one text, for golden files and for checks against what the source says: what stands at each
// `stop_here()`, frame by frame, row by row, down to a depth. Addresses and what else differs from build to build are masked. Only tests import it.
import fs from 'node:fs';
import path from 'node:path';
import type { CodeBreakpoint } from '../executor/options.ts';
import type { Run } from '../executor/run.ts';
import type { VariableRow, VariableScope } from '../source/frame-variables.ts';
import type { SourceFrame } from '../source/module-source.ts';
import type { CallOptions } from './run-call.ts';
import { SourceSession, type Standing, sourceFile } from './source-session.ts';

/** A variable of a frame, and the parts that were looked at. */
export interface TreeRow {
  readonly row: VariableRow;
  readonly parts: readonly TreeRow[];
  /** Parts that were not. */
  readonly left: number;
}

export interface StopTree {
  /** `scalars.rs:42` */
  readonly at: string;
  readonly line: number;
  readonly frames: readonly {
    readonly frame: SourceFrame;
    readonly locals: readonly TreeRow[];
  }[];
}

/** How much is looked at. */
interface TreeBounds {
  /** Levels of parts below a variable. */
  readonly depth: number;
  /** Parts of one value. */
  readonly parts: number;
  /** Own frames of a stop, from the innermost. */
  readonly frames: number;
}

const BOUNDS: TreeBounds = { depth: 2, parts: 4, frames: 2 };

/** Breakpoints on all lines of a folder's sources that call `stop_here()`, or that have `text`. */
export function stopsIn(folder: string, text = /^\s*(?:if .*)?stop_here\(\);/): CodeBreakpoint[] {
  const breakpoints: CodeBreakpoint[] = [];
  for (const name of fs.readdirSync(sourceFile(folder)).sort()) {
    if (!/\.(?:rs|c)$/.test(name)) continue;
    const file = sourceFile(path.posix.join(folder, name));
    for (const [at, line] of fs.readFileSync(file, 'utf8').split('\n').entries())
      if (text.test(line)) breakpoints.push({ id: `${name}:${at + 1}`, place: { path: file, line: at + 1 } });
  }
  return breakpoints;
}

/** Where modules that were built elsewhere have their sources: `/rust-views` of the kept one. */
export const KEPT_SOURCES = { sourceMap: [['/rust-views', sourceFile('rust-views')]], justMyCode: true } as const;

/** Everything that is visible at each stop of a call. */
export async function treesOf(
  test: { after(end: () => Promise<void>): void },
  plugin: string,
  method: string,
  breakpoints: readonly CodeBreakpoint[],
  more: CallOptions = {},
  bounds = BOUNDS,
): Promise<StopTree[]> {
  const session = SourceSession.of(test, plugin, method, 'null', breakpoints, {
    seed: '1',
    ...(plugin.endsWith('.kept') ? { source: KEPT_SOURCES } : {}),
    ...more,
  });
  const stops: StopTree[] = [];
  for (let standing = await session.standing(); standing.own !== undefined; ) {
    stops.push(await treeAt(session.run, standing, bounds));
    standing = await session.go({ until: undefined });
  }
  await session.end();
  return stops;
}

async function treeAt(run: Run, { frames, at, own }: Standing, bounds: TreeBounds): Promise<StopTree> {
  const found: { frame: SourceFrame; locals: TreeRow[] }[] = [];
  for (const [index, levels] of frames.entries())
    for (const [level, frame] of levels.entries()) {
      const isMain = frame.place?.path.endsWith('main.rs') === true || frame.name === 'main';
      // the plugin's own `main` has all of the framework in its variables
      if (frame.place?.own !== true || isMain || found.length >= bounds.frames) continue;
      found.push({ frame, locals: await rowsOf(run, index, level, 'locals', [], bounds, 0) });
    }
  return { at, line: own?.frame.place?.line ?? 0, frames: found };
}

async function rowsOf(
  run: Run,
  frame: number,
  level: number,
  scope: VariableScope,
  path: readonly number[],
  bounds: TreeBounds,
  depth: number,
): Promise<TreeRow[]> {
  const most = path.length === 0 ? 200 : bounds.parts;
  const { rows } = await run.variables({ frame, level, scope, path }, 0, most);
  const found: TreeRow[] = [];
  for (const [at, row] of rows.entries()) {
    const count = row.named + row.indexed;
    const deeper = count > 0 && depth < bounds.depth;
    const parts = deeper ? await rowsOf(run, frame, level, scope, [...path, at], bounds, depth + 1) : [];
    found.push({ row, parts, left: deeper ? count - parts.length : 0 });
  }
  return found;
}

/** What no two builds have alike: addresses, hashes in names, and times, which go with fuel. */
const masked = (text: string): string =>
  text
    .replace(/0x[0-9a-f]{4,8}\b/g, '0x…')
    .replace(/(?<=rust_views)\[[0-9a-f]{6,}\]/g, '')
    .replace(/(?<=Instant\()[\d.]+s|(?<=now: SystemTime = )\S+/g, '…');

/** The stops of a call as text. */
export function treeText(method: string, stops: readonly StopTree[]): string {
  let text = `# ${method}\n`;
  for (const { at, frames } of stops) {
    text += `at ${at}\n`;
    for (const { frame, locals } of frames) {
      text += `  ${frame.name === '' ? `from line ${frame.from}` : frame.name}\n`;
      text += locals.map((row) => rowText(row, '    ')).join('');
    }
  }
  return text;
}

function rowText({ row, parts, left }: TreeRow, indent: string): string {
  const { name, type, value, settable } = row;
  let text = masked(`${indent}${name}${type === '' ? '' : `: ${type}`} ${settable ? ':=' : '='} ${value}\n`);
  for (const part of parts) text += rowText(part, `${indent}  `);
  if (left > 0) text += `${indent}  … ${left} more\n`;
  return text;
}
