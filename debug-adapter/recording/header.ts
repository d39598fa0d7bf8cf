// The first line of a recording: checked field by field, since a file may come from anywhere; what it does not know it keeps. Contracts R4, R5.
import { MAX_DEPTH, scanJson } from '../rpc/json-scan.ts';
import { firstPart, type Joined, LONGEST_FIELD, type LongField, NOTHING_JOINED, toBase64 } from './continuation.ts';
import { DEFAULT_LIMITS, type RecordingHeader, type RunLimits } from './event.ts';
import { type Fields, fieldsOf, RecordingError, shown } from './fields.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/**
 * What is written. 2: long texts go on in lines of their own, which a reader of version 1 would take for damage. A recorder writes the header before it
 * knows whether one will come, so all that is written is of version 2.
 */
const RECORDING_VERSION = 2;

const CLOCK = /^(?:real|virtual:\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)$/;
const isText = (value: unknown): value is string => typeof value === 'string';
const isTexts = (value: unknown): value is string[] => Array.isArray(value) && value.every(isText);
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 1;

/** A text that may have gone on behind its line. */
function textOf(value: unknown, joined: Joined): unknown {
  return typeof value === 'object' && value !== null && joined.has(value) ? fieldsOf(value)?.['text'] : value;
}

/** The header's line, without newline, whatever its length. */
export function formatHeader(header: RecordingHeader): string {
  return JSON.stringify({ ...header, version: RECORDING_VERSION });
}

/** The header's line, without newline, and the field that goes on behind it if there is one. */
export function packHeader(header: RecordingHeader): { readonly line: string; readonly long: readonly LongField[] } {
  const params = encoder.encode(header.call.params);
  if (params.length <= LONGEST_FIELD) return { line: formatHeader(header), long: [] };
  const field: LongField = { bytes: params, utf8: true };
  const call = { ...header.call, params: firstPart(field) };
  return { line: JSON.stringify({ ...header, call, version: RECORDING_VERSION }), long: [field] };
}

/** Reads the first line of recording `name`, where nothing of it goes on behind it. @throws RecordingError naming the field that is wrong. */
export function parseHeader(line: string, name: string): RecordingHeader {
  return readHeader(openHeader(line, name), NOTHING_JOINED, name);
}

/** The first line's fields, of which only format and version are checked. @throws RecordingError when it begins no recording that can be read. */
export function openHeader(line: string, name: string): Fields {
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
  if (version !== 1 && version !== RECORDING_VERSION) {
    const newer = typeof version === 'number' && version > RECORDING_VERSION;
    throw new RecordingError(
      newer
        ? `${name}:1: this recording has version ${version}, and this debugger reads up to ${RECORDING_VERSION}; update the debugger.`
        : `${name}:1: "version" is ${shown(version)}, and must be 1 or ${RECORDING_VERSION}; record the call again.`,
    );
  }
  return header;
}

/** The header from its fields; `joined` has what went on behind it. @throws RecordingError naming the field that is wrong. */
export function readHeader(header: Fields, joined: Joined, name: string): RecordingHeader {
  // of fields that are not known, too: kept whole
  for (const [place, bytes] of joined) {
    const field = place as Fields;
    delete field['more'];
    if (typeof field['text'] === 'string') field['text'] = decoder.decode(bytes);
    else field['base64'] = toBase64(bytes);
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
      params: take({ params: textOf(call['params'], joined) }, 'params', 'call.params', isText, 'a text'),
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
