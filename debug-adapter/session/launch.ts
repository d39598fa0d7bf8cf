// The launch arguments of a DAP client, checked field by field: what comes in is anything, what goes out is a LaunchPlan, or one
// sentence for each field that is wrong. Reads no files and starts nothing (engine.ts does). Contracts P2 (params), E7, E9.

import path from 'node:path';
import {
  type CallSettings,
  type ClockChoice,
  type CodeBreakpoint,
  DEFAULT_SLICE,
  type RunOptions,
  type StopRule,
  settingsOf,
} from '../executor/options.ts';
import type { MockSources } from '../mocks/mock-set.ts';
import { MOCK_DEFAULTS, type MockDefault } from '../mocks/rules.ts';
import { DEFAULT_LIMITS, type RunLimits } from '../recording/event.ts';
import { scanJson } from '../rpc/json-scan.ts';
import type { SourceChoices } from '../source/files.ts';
import { visible } from '../transcript/transcript-line.ts';
import { OPTIONAL_FEATURES } from '../wasm/features.ts';
import { called, Fields, isRecord, shown } from './launch-fields.ts';

/** What the Debug Console shows as it happens. */
const TRACE_KINDS = ['rpc', 'syscall', 'stderr', 'fuel'] as const;
export type TraceKind = (typeof TRACE_KINDS)[number];

/** Where a virtual clock starts unless it is told: the same for everybody, so that runs can be compared. */
const VIRTUAL_START = '2024-01-01T00:00:00Z';

/** A launch configuration that has been checked. Paths are as given; the plugin and the mocks are not read yet. With a recording: its call. */
export interface LaunchPlan extends CallSettings {
  readonly plugin: string;
  readonly method: string;
  /** JSON text on one line. */
  readonly params: string;
  readonly args: readonly string[];
  /** `K=V`. */
  readonly env: readonly string[];
  readonly mocks: string | undefined;
  readonly hostCommand: string | undefined;
  /** What a host call gets that no mock matches, where the mocks do not say. Left out: `host` with a host command, else `unknown`. */
  readonly unmatched?: MockDefault;
  /** Folder in which the host command runs; undefined: this process's. */
  readonly cwd: string | undefined;
  readonly record: string | undefined;
  /** The recording that is run again; undefined: the call is a live one. */
  readonly recording: string | undefined;
  /** Of a recording: the event to stop at. */
  readonly stopAt: number | undefined;
  readonly stopOnEntry: boolean;
  readonly noDebug: boolean;
  /** How the plugin's source is seen. */
  readonly source: SourceChoices;
  readonly trace: readonly TraceKind[];
}

/** A launch of a recording that has been checked: what its call is, only the recording says (recording-launch.ts). */
export interface RecordingPlan extends Pick<LaunchPlan, 'stopAt' | 'stopOnEntry' | 'noDebug' | 'source' | 'trace'> {
  readonly recording: string;
  /** Undefined: where the recording says. */
  readonly plugin: string | undefined;
}

export type LaunchCheck =
  | { readonly plan: LaunchPlan; readonly recorded?: undefined; readonly problems: readonly [] }
  | { readonly plan?: undefined; readonly recorded: RecordingPlan; readonly problems: readonly [] }
  | { readonly plan?: undefined; readonly recorded?: undefined; readonly problems: readonly string[] };

/**
 * Checks the arguments of a `launch` request. Fields that it does not know are ignored: editors add their own.
 * Every field that is wrong is named, not only the first.
 */
export function checkLaunch(given: unknown): LaunchCheck {
  if (!isRecord(given)) return { problems: [`The launch arguments are ${shown(given)}, and must be an object.`] };
  const fields = new Fields(given);
  if (fields.raw('recording') !== undefined) return checkRecordingLaunch(fields);
  if (fields.raw('stopAt') !== undefined)
    fields.problems.push('"stopAt" is the number of an event of a recording, and there is no "recording".');
  const plugin = fields.text('plugin', 'the path of a .wasm file');
  if (fields.raw('plugin') === undefined)
    fields.problems.push('"plugin" is missing: give the path of the .wasm file to run.');
  const method = fields.text('method', 'the name of a plugin method');
  if (fields.raw('method') === undefined) fields.problems.push('"method" is missing: name the plugin method to call.');
  const params = checkParams(fields);
  const mocks = fields.text('mocks', 'the path of a mock file');
  const hostCommand = fields.text('hostCommand', 'a command line of a process that answers host methods');
  const unmatched =
    fields.raw('unmatched') === undefined ? undefined : fields.choice('unmatched', MOCK_DEFAULTS, 'unknown');
  const record = fields.text('record', 'the path of the recording to write');
  const cwd = fields.text('cwd', 'the path of a folder');
  for (const [what, input] of [
    ['plugin', plugin],
    ['mock file', mocks],
  ] as const)
    if (record !== undefined && input !== undefined && path.resolve(record) === path.resolve(input))
      fields.problems.push(
        `"record" is ${shown(record)}, the ${what} itself, which the recording would overwrite: name another file.`,
      );
  const seed = checkSeed(fields);
  const slice = checkSlice(fields);
  const limits = checkLimits(fields);
  const clock = checkClock(fields);
  const env = checkEnv(fields);
  const args = fields.texts('args', 'a list of texts without NUL characters');
  const features = checkFeatures(fields);
  const missingImports = fields.choice('missingImports', ['fail', 'enosys'] as const, 'fail');
  const trace = checkTrace(fields);
  const stopOnEntry = fields.flag('stopOnEntry');
  const noDebug = fields.flag('noDebug');
  const source = checkSource(fields);
  if (fields.problems.length > 0 || plugin === undefined || method === undefined || params === undefined)
    return { problems: fields.problems };
  return {
    problems: [],
    plan: {
      plugin,
      method,
      params,
      args,
      env,
      mocks,
      hostCommand,
      ...(unmatched === undefined ? {} : { unmatched }),
      cwd,
      clock,
      seed,
      slice,
      limits,
      missingImports,
      features,
      record,
      recording: undefined,
      stopAt: undefined,
      stopOnEntry,
      noDebug,
      source,
      trace,
    },
  };
}

/** What a recording has itself: a launch that says it too may mean something else. */
const RECORDED =
  'method params paramsText args env mocks hostCommand unmatched cwd clock seed slice limits missingImports features record'.split(
    ' ',
  );

function checkRecordingLaunch(fields: Fields): LaunchCheck {
  const recording = fields.text('recording', 'the path of a recording');
  const plugin = fields.text('plugin', 'the path of a .wasm file');
  const stopAt = fields.raw('stopAt');
  const isEvent = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
  if (stopAt !== undefined && !isEvent(stopAt)) fields.wrong('stopAt', 'the number of an event, from 0 up');
  for (const name of RECORDED)
    if (fields.raw(name) !== undefined)
      fields.problems.push(
        name === 'record'
          ? '"record" is given, and a replay is no call of its own to record: leave it out, or leave out "recording".'
          : `"${name}" is given, and what it was is in the recording: leave it out, or leave out "recording".`,
      );
  const trace = checkTrace(fields);
  const stopOnEntry = fields.flag('stopOnEntry');
  const noDebug = fields.flag('noDebug');
  const source = checkSource(fields);
  if (fields.problems.length > 0 || recording === undefined) return { problems: fields.problems };
  return {
    problems: [],
    recorded: { recording, plugin, stopAt: isEvent(stopAt) ? stopAt : undefined, stopOnEntry, noDebug, source, trace },
  };
}

/**
 * `params` is any JSON value; `paramsText` is JSON text that is sent digit by digit. A whole number past 2^53 in `params` may have been
 * rounded by whoever parsed the launch configuration, and nobody can tell: it is refused rather than sent wrong (P2).
 */
function checkParams(fields: Fields): string | undefined {
  const text = fields.raw('paramsText');
  const value = fields.values['params'];
  if (text !== undefined) {
    if (value !== undefined && value !== null) {
      fields.problems.push('"params" and "paramsText" are both given: keep one of them.');
      return undefined;
    }
    if (typeof text !== 'string') return fields.wrong('paramsText', 'a text that holds JSON');
    const { fault } = scanJson(text, { maxDepth: Number.POSITIVE_INFINITY });
    if (fault !== undefined) {
      fields.problems.push(`"paramsText" is not JSON: ${fault.reason} at character ${fault.offset + 1}.`);
      return undefined;
    }
    // Messages are lines. In JSON that is well-formed, a line break can only stand between two tokens.
    return text.trim().replace(/[\r\n]+/g, ' ');
  }
  if (value === undefined) return 'null'; // production always sends params, null if there are none
  const rounded = roundedNumber(value, 'params');
  if (rounded !== undefined) {
    fields.problems.push(rounded);
    return undefined;
  }
  try {
    return JSON.stringify(value);
  } catch {
    fields.problems.push('"params" is nested too deep to be written out here: give it as JSON text in "paramsText".');
    return undefined;
  }
}

/** A sentence about the first number that may have lost digits on its way here, else undefined. Does not recurse. */
function roundedNumber(value: unknown, path: string): string | undefined {
  const rest: { value: unknown; path: string }[] = [{ value, path }];
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const found = next.value;
    if (typeof found === 'number' && !Number.isSafeInteger(found) && !(Math.abs(found) < 2 ** 53))
      return `"${visible(next.path.slice(0, 200))}" is ${found}, which may have been rounded on its way here, as whole numbers past 2^53 are: give the parameters as JSON text in "paramsText".`;
    if (typeof found !== 'object' || found === null) continue;
    for (const [key, inner] of Object.entries(found))
      rest.push({ value: inner, path: Array.isArray(found) ? `${next.path}[${key}]` : `${next.path}.${key}` });
  }
  return undefined;
}

function checkSeed(fields: Fields): string | undefined {
  const value = fields.raw('seed');
  if (value === undefined) return undefined;
  if (typeof value === 'string' && value !== '') return value;
  if (Number.isSafeInteger(value)) return String(value);
  return fields.wrong('seed', 'a text or a whole number (past 2^53 as a text)');
}

function checkSlice(fields: Fields): number {
  const value = fields.raw('slice');
  if (value === undefined) return DEFAULT_SLICE;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 1) return value;
  fields.wrong('slice', `a whole number of fuel from 1 up (production's default is ${DEFAULT_SLICE})`);
  return DEFAULT_SLICE;
}

const LIMIT_UNITS: Readonly<Record<keyof RunLimits, string>> = {
  wallMs: 'milliseconds',
  fuel: 'fuel',
  memory: 'bytes',
  events: 'events',
  output: 'bytes',
  line: 'bytes',
};

function checkLimits(fields: Fields): RunLimits {
  const value = fields.raw('limits');
  if (value === undefined) return DEFAULT_LIMITS;
  if (!isRecord(value)) {
    fields.wrong('limits', 'an object, such as {"wallMs": 10000}');
    return DEFAULT_LIMITS;
  }
  const limits: { -readonly [K in keyof RunLimits]: number } = { ...DEFAULT_LIMITS };
  for (const [name, limit] of Object.entries(value)) {
    const known = Object.keys(LIMIT_UNITS).find((key): key is keyof RunLimits => key === name);
    if (known === undefined)
      fields.problems.push(`"limits.${called(name)}" is no limit: there are ${Object.keys(LIMIT_UNITS).join(', ')}.`);
    else if (typeof limit === 'number' && Number.isSafeInteger(limit) && limit >= 1) limits[known] = limit;
    else if (limit !== null && limit !== undefined)
      fields.wrong(`limits.${name}`, `a whole number of ${LIMIT_UNITS[known]} from 1 up`, limit);
  }
  return limits;
}

/** `real`, `virtual`, or `virtual:` and a time such as 2024-01-01T00:00:00Z. Undefined for anything else (E7). */
export function parseClock(text: string): ClockChoice | undefined {
  if (text === 'real') return { kind: 'real' };
  const match = /^virtual(?::(.+))?$/.exec(text);
  if (match === null) return undefined;
  const startMs = Date.parse(match[1] ?? VIRTUAL_START);
  // wasi's clock is a u64 of nanoseconds since 1970.
  return startMs >= 0 && startMs < 2 ** 64 / 1e6 ? { kind: 'virtual', startMs } : undefined;
}

function checkClock(fields: Fields): ClockChoice {
  const value = fields.raw('clock');
  if (value === undefined) return { kind: 'real' };
  const clock = typeof value === 'string' ? parseClock(value) : undefined;
  if (clock === undefined)
    fields.wrong('clock', `"real", "virtual", or "virtual:" and a time since 1970, such as "virtual:${VIRTUAL_START}"`);
  return clock ?? { kind: 'real' };
}

function checkEnv(fields: Fields): readonly string[] {
  const value = fields.raw('env');
  if (value === undefined) return [];
  if (!isRecord(value)) {
    fields.wrong('env', 'an object from names to texts');
    return [];
  }
  const env: string[] = [];
  for (const [name, text] of Object.entries(value)) {
    if (name === '' || /[=\0]/.test(name))
      fields.problems.push(`"env" has the name ${shown(name)}: a name is not empty and has neither "=" nor NUL.`);
    else if (typeof text !== 'string' || text.includes('\0'))
      fields.wrong(`env.${called(name)}`, 'a text without NUL characters', text);
    else env.push(`${name}=${text}`);
  }
  return env;
}

function checkFeatures(fields: Fields): readonly string[] {
  const features = fields.texts('features', 'a list of WebAssembly features, such as ["simd"]');
  for (const feature of features)
    if (!OPTIONAL_FEATURES.includes(feature))
      fields.problems.push(
        `"features" has "${called(feature)}", which can't be let through: only ${OPTIONAL_FEATURES.join(' and ')} can.`,
      );
  return features;
}

/**
 * `sourceMap` from prefixes of paths in the debug information to what they are here; `sourceFolders` in which files are looked for besides;
 * `justMyCode` is true unless it is said not to be.
 */
function checkSource(fields: Fields): SourceChoices {
  const map = fields.raw('sourceMap');
  const justMyCode = fields.raw('justMyCode') === undefined ? true : fields.flag('justMyCode');
  const asked = fields.texts('sourceFolders', 'a list of paths of folders');
  const folders = asked.length === 0 ? {} : { folders: asked };
  if (map === undefined) return { sourceMap: [], justMyCode, ...folders };
  if (!isRecord(map)) {
    fields.wrong('sourceMap', 'an object from paths in the debug information to folders here');
    return { sourceMap: [], justMyCode, ...folders };
  }
  const sourceMap: [string, string][] = [];
  for (const [from, to] of Object.entries(map)) {
    if (typeof to === 'string' && to !== '' && from !== '') sourceMap.push([from, to]);
    else fields.wrong(`sourceMap.${called(from)}`, 'the path of a folder', to);
  }
  return { sourceMap, justMyCode, ...folders };
}

function checkTrace(fields: Fields): readonly TraceKind[] {
  const value = fields.raw('trace');
  if (value === undefined) return ['rpc', 'stderr'];
  if (value === true) return TRACE_KINDS;
  if (value === false) return [];
  const list = typeof value === 'string' ? value.split(',').map((entry) => entry.trim()) : value;
  const isKind = (entry: unknown): entry is TraceKind => TRACE_KINDS.some((kind) => kind === entry);
  if (Array.isArray(list) && list.every(isKind)) return list;
  fields.wrong('trace', `true, false, or a list of ${TRACE_KINDS.map((kind) => `"${kind}"`).join(', ')}`);
  return [];
}

/** The plan with what was read from files, as the executor takes it. */
export function runOptions(
  plan: LaunchPlan,
  bytes: Uint8Array<ArrayBuffer>,
  mocks: MockSources | undefined,
  rules: readonly StopRule[],
  breakpoints: readonly CodeBreakpoint[] = [],
): RunOptions {
  return {
    plugin: { path: plan.plugin, bytes },
    method: plan.method,
    params: plan.params,
    args: plan.args,
    env: plan.env,
    ...settingsOf(plan),
    mocks,
    hasHost: plan.hostCommand !== undefined,
    // nobody can be asked where nobody debugs
    unmatched: plan.noDebug && plan.unmatched === 'pause' ? undefined : plan.unmatched,
    keepModule: true,
    stopOnEntry: plan.stopOnEntry && !plan.noDebug,
    debug: !plan.noDebug,
    rules: plan.noDebug ? [] : rules,
    breakpoints: plan.noDebug ? [] : breakpoints,
    source: plan.source,
  };
}
