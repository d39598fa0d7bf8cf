// Views of times and of ranges: `1.5s`, `2025-05-01T12:00:00.123Z`, `1..=5`.
import type { StructType } from '../../dwarf/type.ts';
import type { Shown, Value } from '../value.ts';
import { field, type Look, leaf, withFields } from './look.ts';
import { baseName, holderOf, need, Unreadable, unsigned } from './reading.ts';
import { typeName } from './type-name.ts';

interface Time {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** Duration { secs, nanos }, in SystemTime and Instant of WASI too; `tv_sec`, `tv_nsec` elsewhere. */
function timeOf(value: Value, look: Look): Time {
  const { types } = look;
  const holder = holderOf(value, types, 'secs', 'nanos') ?? holderOf(value, types, 'tv_sec', 'tv_nsec');
  if (holder === undefined) throw new Unreadable(`this version of ${typeName(value.type, types)} has another time`);
  const seconds = unsigned(need(holder, types, 'secs', 'tv_sec'), types);
  const nanoseconds = Number(unsigned(need(holder, types, 'nanos', 'tv_nsec'), types));
  if (nanoseconds >= 1e9) throw new Unreadable(`${nanoseconds} nanoseconds are more than a second`);
  return { seconds, nanoseconds };
}

/** As Debug writes a Duration: in the unit that leaves something before the point. */
function durationText({ seconds, nanoseconds }: Time): string {
  const decimal = (whole: bigint, fraction: number, digits: number, unit: string): string => {
    const places = String(fraction).padStart(digits, '0').replace(/0+$/, '');
    return `${whole}${places === '' ? '' : `.${places}`}${unit}`;
  };
  if (seconds > 0n) return decimal(seconds, nanoseconds, 9, 's');
  if (nanoseconds >= 1e6) return decimal(BigInt(Math.floor(nanoseconds / 1e6)), nanoseconds % 1e6, 6, 'ms');
  if (nanoseconds >= 1e3) return decimal(BigInt(Math.floor(nanoseconds / 1e3)), nanoseconds % 1e3, 3, 'µs');
  return `${nanoseconds}ns`;
}

const fields = (value: Value, type: StructType, look: Look, text: string): Shown => {
  const children = () => type.members.map(({ name }) => field(name, `.${name}`, need(value, look.types, name), look));
  return withFields(text, typeName(value.type, look.types), type.members.length, children, value.bytes.address);
};

export const durationView = (value: Value, type: StructType, look: Look): Shown =>
  fields(value, type, look, durationText(timeOf(value, look)));

/** Counted from a moment that means nothing to people. */
export const instantView = (value: Value, _type: StructType, look: Look): Shown =>
  leaf(`Instant(${durationText(timeOf(value, look))})`, typeName(value.type, look.types), {
    address: value.bytes.address,
  });

/** In UTC, with as many digits as it has. */
export function systemTimeView(value: Value, _type: StructType, look: Look): Shown {
  const { seconds, nanoseconds } = timeOf(value, look);
  const name = typeName(value.type, look.types);
  // the last second of the year 9999
  if (seconds > 253402300799n) return leaf(`SystemTime(${durationText({ seconds, nanoseconds })})`, name);
  const date = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = String(nanoseconds)
    .padStart(9, '0')
    .replace(/(?:000){1,3}$/, '');
  return leaf(`${date}${fraction === '' ? '' : `.${fraction}`}Z`, name, { address: value.bytes.address });
}

/** Range, RangeFrom, RangeTo, RangeInclusive, RangeToInclusive, RangeFull; of core::range too, which calls the end `last`. */
export function rangeView(value: Value, type: StructType, look: Look): Shown {
  const { types } = look;
  const has = (name: string) => type.members.some((member) => member.name === name);
  const text = (name: string) => look.inside(need(value, types, name)).text;
  const dots = baseName(type.name).endsWith('Inclusive') ? '..=' : '..';
  const end = has('end') ? text('end') : has('last') ? text('last') : '';
  const line = `${has('start') ? text('start') : ''}${dots}${end}`;
  if (type.members.length === 0) return leaf(line, typeName(value.type, types));
  return fields(value, type, look, line);
}
