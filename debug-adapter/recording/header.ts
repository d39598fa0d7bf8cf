// The first line of a recording: checked field by field, since a file may come from anywhere; what it does not know it keeps. Contracts R4, R5.
import { MAX_DEPTH, scanJson } from '../rpc/json-scan.ts';
import { quoted } from '../wasm/quoted.ts';
import { DEFAULT_LIMITS, type RecordingHeader, type RunLimits } from './event.ts';

export const RECORDING_VERSION = 1;

/** A recording that can't be read: one sentence that names the line and the way out. */
export class RecordingError extends Error {
  override readonly name = 'RecordingError';
}

export type Fields = Record<string, unknown>;

export function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}

/** What a field holds, for a sentence: short, whatever it is. */
export function shown(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  return quoted(String(JSON.stringify(value)).slice(0, 60));
}

const CLOCK = /^(?:real|virtual:\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

/** The header's line, without newline. */
export function formatHeader(header: RecordingHeader): string {
  return JSON.stringify(header);
}

/** Reads the first line of recording `name`. @throws RecordingError naming the field that is wrong. */
export function parseHeader(line: string, name: string): RecordingHeader {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new RecordingError(`${name}:1: this is no recording: its first line is not JSON.`, { cause: error });
  }
  // what is kept of it is written out again some day, which takes stack
  if (scanJson(line).fault?.kind === 'depth')
    throw new RecordingError(`${name}:1: this is no recording: its header is nested deeper than ${MAX_DEPTH} levels.`);
  const header = fieldsOf(value);
  if (header?.['format'] !== 'wasmi-plugin-recording')
    throw new RecordingError(`${name}:1: this is no recording: "format" is not "wasmi-plugin-recording".`);
  const { version } = header;
  if (version !== RECORDING_VERSION) {
    const newer = typeof version === 'number' && version > RECORDING_VERSION;
    throw new RecordingError(
      newer
        ? `${name}:1: this recording has version ${version}, and this debugger reads up to ${RECORDING_VERSION}; update the debugger.`
        : `${name}:1: "version" is ${shown(version)}, and must be ${RECORDING_VERSION}.`,
    );
  }
  const take = <T>(fields: Fields, key: string, path: string, is: (found: unknown) => found is T, what: string): T => {
    const found = fields[key];
    if (is(found)) return found;
    throw new RecordingError(`${name}:1: "${path}" in the header is not ${what}; record the call again.`);
  };
  const maybe = <T>(key: string, is: (found: unknown) => found is T, what: string, otherwise: T): T =>
    header[key] === undefined ? otherwise : take(header, key, key, is, what);
  const isFields = (found: unknown): found is Fields => fieldsOf(found) !== undefined;
  const module = take(header, 'module', 'module', isFields, 'an object');
  const call = take(header, 'call', 'call', isFields, 'an object');
  const isSha = (found: unknown): found is string => isText(found) && /^[0-9a-f]{64}$/.test(found);
  const isClock = (found: unknown): found is string => isText(found) && CLOCK.test(found);
  const isImports = (found: unknown): found is 'fail' | 'enosys' => found === 'fail' || found === 'enosys';
  const limits: Record<keyof RunLimits, number> = { ...DEFAULT_LIMITS };
  const given = maybe('limits', isFields, 'an object', {});
  for (const key of Object.keys(limits) as (keyof RunLimits)[])
    if (given[key] !== undefined) limits[key] = take(given, key, `limits.${key}`, isAmount, 'a whole number from 1 up');
  return {
    ...(header as unknown as RecordingHeader), // unknown fields are kept (R4); those that are used are checked here
    module: {
      ...module,
      sha256: take(module, 'sha256', 'module.sha256', isSha, '64 hexadecimal digits'),
      bytes: module['bytes'] === undefined ? 0 : take(module, 'bytes', 'module.bytes', isCount, 'a number of bytes'),
      ...(module['path'] === undefined ? {} : { path: take(module, 'path', 'module.path', isText, 'a text') }),
    },
    call: {
      ...call,
      method: take(call, 'method', 'call.method', isText, 'a text'),
      params: take(call, 'params', 'call.params', isText, 'a text'),
    },
    fuelModel: take(header, 'fuelModel', 'fuelModel', isText, 'a text'),
    slice: take(header, 'slice', 'slice', isAmount, 'a whole number of fuel from 1 up'),
    clock: take(header, 'clock', 'clock', isClock, '"real" or "virtual:" and a time'),
    ...(header['seed'] === undefined ? {} : { seed: take(header, 'seed', 'seed', isText, 'a text') }),
    args: maybe('args', isTexts, 'a list of texts', []),
    env: maybe('env', isTexts, 'a list of texts', []),
    features: maybe('features', isTexts, 'a list of texts', []),
    missingImports: maybe('missingImports', isImports, '"fail" or "enosys"', 'fail'),
    limits,
  };
}
