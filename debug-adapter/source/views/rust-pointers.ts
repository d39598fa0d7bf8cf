// Views of Rust's references, Box, raw and function pointers, and of what wide ones point to: slices, str, trait objects.
import type { PointerType, StructType, Type } from '../../dwarf/type.ts';
import type { Assigned, Shown, Value } from '../value.ts';
import { functionShown } from './function-view.ts';
import { integerBytes, isRefused, parseInteger } from './literals.ts';
import { field, type Look, leaf, remark, withFields, wrapped, writing } from './look.ts';
import { hex, memberNamed, type Pointer, peel, pointee, pointerOf, Unreadable, unsignedOf, wideOf } from './reading.ts';
import { sliceShown } from './rust-sequences.ts';
import { strShown } from './rust-strings.ts';
import { cut } from './text.ts';
import { shortName, typeName } from './type-name.ts';

export function pointerView(value: Value, type: PointerType | StructType, look: Look): Shown {
  const name = shortName(type.name);
  const { pointsTo } = value.bytes;
  if (type.kind === 'pointer' && pointsTo !== undefined) {
    const inner = look.through({ type: type.target, bytes: pointsTo });
    return wrapped(inner, name, (/^&(?:mut )?/.exec(type.name)?.[0] ?? '&') + inner.text);
  }
  const pointer = pointerOf(value, look.program);
  if (look.types.bare(pointer.target).kind === 'function') {
    return { ...functionShown(pointer.address, name, look), assign: (text) => assignAddress(value, name, text) };
  }
  if (type.name.startsWith('*')) return rawView(value, pointer, look, name);
  const prefix = /^&(?:mut )?/.exec(type.name)?.[0] ?? '';
  return referenceView(pointer, look, name, prefix, value);
}

/** A reference or a box: what it points to, `&` before it where no quote says that it is text. */
export function referenceView(pointer: Pointer, look: Look, type: string, prefix: string, value?: Value): Shown {
  const { wide } = pointer;
  if (wide !== undefined && 'length' in wide && wide.of === 'str') {
    const length = value === undefined ? undefined : memberNamed(peel(value, look.types), look.types, 'length');
    return strShown({ address: pointer.address, length: wide.length, type, look, room: wide.length, lengthAt: length });
  }
  const target = pointee(pointer, look.program);
  if (wide === undefined) checkTarget(pointer.address, look.types.sizeOf(look.types.at(target.type)), look);
  const inner = look.through(target);
  const text = /^["‹]/.test(inner.text) ? inner.text : prefix + inner.text;
  return wrapped(inner, type, text);
}

/** What has no size is pointed to by any address. @throws Unreadable */
function checkTarget(address: number, size: number | undefined, look: Look): void {
  if (size === 0) return;
  if (address === 0) throw new Unreadable('it points to address 0');
  if (address + (size ?? 1) > look.program.memorySize)
    throw new Unreadable(`it points to ${hex(address)}, outside memory`);
}

function rawView(value: Value, pointer: Pointer, look: Look, name: string): Shown {
  const { address, wide } = pointer;
  const { program } = look;
  const assign = wide === undefined ? (text: string): Assigned => assignAddress(value, name, text) : undefined;
  if (address === 0) return leaf('null', name, { plain: 0, assign });
  const length = wide !== undefined && 'length' in wide ? `, length ${wide.length}` : '';
  const outside = address >= program.memorySize ? ` ${remark('outside memory')}` : '';
  const text = `${hex(address)}${length}${outside}`;
  const target = pointee(pointer, program);
  const isNothing = look.types.bare(target.type).kind === 'unknown';
  if (outside !== '' || isNothing) return leaf(text, name, { address, plain: address, assign });
  const shown = withFields(text, name, 1, () => [field('*', '*', target, look)], address);
  return { ...shown, plain: address, assign };
}

function assignAddress(value: Value, name: string, text: string): Assigned {
  const plain = text.replace(/ ‹[^›]*›\s*$/, '').trim();
  const given = plain === 'null' ? 0n : parseInteger(plain);
  if (isRefused(given)) return given;
  const bytes = integerBytes(given, 4, false, name);
  return isRefused(bytes) ? bytes : writing(value, bytes);
}

/** What wide pointers point to. Undefined: the struct's own view shows it, with its tail. */
export function unsizedView(value: Value, type: Type, look: Look): Shown | undefined {
  const wide = wideOf(value);
  const address = value.bytes.address ?? 0;
  if (wide === undefined) return undefined;
  if ('vtable' in wide) {
    if (type.kind === 'struct' && type.members.length > 0) return undefined;
    return leaf(remark(unknownType(wide.vtable, look)), typeName(value.type, look.types), { address });
  }
  if (wide.of === 'struct') return undefined;
  if (wide.of === 'str') return strShown({ address, length: wide.length, type: 'str', look, room: 0 });
  return sliceShown(address, wide.length, value.type, look, `[${typeName(value.type, look.types)}]`);
}

/** What is told of a trait object without the description of its vtable: the function that drops it, the vtable's first word, names it. */
function unknownType(vtable: number, look: Look): string {
  const word = look.program.memory(vtable).read(0, 4);
  const name = word instanceof Uint8Array ? look.program.functionNamed(Number(unsignedOf(word)))?.name : undefined;
  const dropped = /drop_in_place(?:::)?<(.*)>$/.exec(name ?? '')?.[1];
  if (dropped !== undefined) return `${cut(shortName(dropped), 60)}, which the debug info does not describe`;
  return `unknown type, vtable at ${hex(vtable)}`;
}
