// Views of addresses of the net, as people write them: `127.0.0.1`, `[::1]:80`.
import type { StructType } from '../../dwarf/type.ts';
import type { Shown, Value } from '../value.ts';
import { type Look, leaf, wrapped } from './look.ts';
import { count, need, readBytes, Unreadable } from './reading.ts';
import { activeVariant } from './rust-variants.ts';
import { typeName } from './type-name.ts';

function octetsOf(value: Value, size: number, look: Look): Uint8Array {
  const octets = need(value, look.types, 'octets', 'inner', 's_addr', 's6_addr');
  if (look.types.sizeOf(look.types.bare(octets.type)) !== size)
    throw new Unreadable(`its address has not ${size} bytes`);
  return readBytes(octets, size);
}

const v4Text = (octets: Uint8Array): string => octets.join('.');

/** RFC 5952: the longest run of zeros, of two or more, is `::`; mapped ones end as version 4 does. */
function v6Text(octets: Uint8Array): string {
  const segments = Array.from({ length: 8 }, (_, at) => (octets[at * 2] ?? 0) * 256 + (octets[at * 2 + 1] ?? 0));
  if (segments.slice(0, 5).every((one) => one === 0) && segments[5] === 0xffff)
    return `::ffff:${v4Text(octets.subarray(12))}`;
  let start = -1;
  let length = 1;
  for (let at = 0; at < 8; at++) {
    let end = at;
    while (end < 8 && segments[end] === 0) end++;
    if (end - at > length) {
      start = at;
      length = end - at;
    }
  }
  const hex = (part: readonly number[]): string => part.map((one) => one.toString(16)).join(':');
  return start < 0 ? hex(segments) : `${hex(segments.slice(0, start))}::${hex(segments.slice(start + length))}`;
}

const shown = (text: string, value: Value, look: Look): Shown =>
  leaf(text, typeName(value.type, look.types), { address: value.bytes.address });

export const ipv4View = (value: Value, _type: StructType, look: Look): Shown =>
  shown(v4Text(octetsOf(value, 4, look)), value, look);

export const ipv6View = (value: Value, _type: StructType, look: Look): Shown =>
  shown(v6Text(octetsOf(value, 16, look)), value, look);

/** IpAddr and SocketAddr: of version 4 or 6, which the text shows by itself. */
export function addressView(value: Value, type: StructType, look: Look): Shown {
  const inner = look.through(need(activeVariant(value, type, look.types).payload, look.types, '__0'));
  return wrapped(inner, typeName(value.type, look.types));
}

export function socketView(value: Value, type: StructType, look: Look): Shown {
  const ip = look.inside(need(value, look.types, 'ip')).text;
  const port = count(need(value, look.types, 'port'), look.types);
  return shown(`${type.name === 'SocketAddrV6' ? `[${ip}]` : ip}:${port}`, value, look);
}
