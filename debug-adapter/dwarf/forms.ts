// How long the value of an attribute is, form by form (DWARF 5 §7.5.5, §7.5.6; versions 2 to 4; GNU's forms). Not what it means: die-reader.ts.
import { Form } from './constants.ts';
import { skipLeb, u16, u32, uleb } from './sections.ts';

/** What the sizes of some forms depend on (§7.4, §7.5.1). */
export interface Encoded {
  readonly version: number;
  /** Bytes of a section offset: 8 in 64-bit DWARF. */
  readonly offsetSize: 4 | 8;
  /** Bytes of an address: 4, or 8 of wasm64. */
  readonly addressSize: number;
}

const VARIABLE = -1;
const OFFSET = -2;
const ADDRESS = -3;
const REF_ADDR = -4;
const UNKNOWN = -5;

const SIZES = new Int8Array(0x2d).fill(UNKNOWN);
for (const [form, size] of [
  [Form.Addr, ADDRESS],
  [Form.Block2, VARIABLE],
  [Form.Block4, VARIABLE],
  [Form.Data2, 2],
  [Form.Data4, 4],
  [Form.Data8, 8],
  [Form.String, VARIABLE],
  [Form.Block, VARIABLE],
  [Form.Block1, VARIABLE],
  [Form.Data1, 1],
  [Form.Flag, 1],
  [Form.Sdata, VARIABLE],
  [Form.Strp, OFFSET],
  [Form.Udata, VARIABLE],
  [Form.RefAddr, REF_ADDR],
  [Form.Ref1, 1],
  [Form.Ref2, 2],
  [Form.Ref4, 4],
  [Form.Ref8, 8],
  [Form.RefUdata, VARIABLE],
  [Form.Indirect, VARIABLE],
  [Form.SecOffset, OFFSET],
  [Form.Exprloc, VARIABLE],
  [Form.FlagPresent, 0],
  [Form.Strx, VARIABLE],
  [Form.Addrx, VARIABLE],
  [Form.RefSup4, 4],
  [Form.StrpSup, OFFSET],
  [Form.Data16, 16],
  [Form.LineStrp, OFFSET],
  [Form.RefSig8, 8],
  [Form.ImplicitConst, 0],
  [Form.Loclistx, VARIABLE],
  [Form.Rnglistx, VARIABLE],
  [Form.RefSup8, 8],
  [Form.Strx1, 1],
  [Form.Strx2, 2],
  [Form.Strx3, 3],
  [Form.Strx4, 4],
  [Form.Addrx1, 1],
  [Form.Addrx2, 2],
  [Form.Addrx3, 3],
  [Form.Addrx4, 4],
] as const)
  SIZES[form] = size;

function sizeClass(form: number): number {
  if (form < SIZES.length) return SIZES[form]!;
  switch (form) {
    case Form.GnuAddrIndex:
    case Form.GnuStrIndex:
      return VARIABLE;
    case Form.GnuRefAlt:
    case Form.GnuStrpAlt:
      return OFFSET;
    default:
      return UNKNOWN;
  }
}

/** Bytes that every value of this form takes; -1 where each tells by itself, or where nobody knows the form. */
export function fixedSize(form: number, encoded: Encoded): number {
  const size = sizeClass(form);
  if (size >= 0) return size;
  switch (size) {
    case OFFSET:
      return encoded.offsetSize;
    case ADDRESS:
      return encoded.addressSize;
    case REF_ADDR: // an address in version 2, an offset since
      return encoded.version <= 2 ? encoded.addressSize : encoded.offsetSize;
    default:
      return -1;
  }
}

/** Whether this reader knows how long values of the form are. */
export function isKnownForm(form: number): boolean {
  return sizeClass(form) !== UNKNOWN;
}

/** Where the value that begins at `at` ends; -1: the form is unknown, or it ends behind `limit`. */
export function skipForm(bytes: Uint8Array, at: number, limit: number, form: number, encoded: Encoded): number {
  let end = at;
  switch (form) {
    case Form.Block1:
      end = at + 1 + (bytes[at] ?? 0);
      break;
    case Form.Block2:
      end = at + 2 + u16(bytes, at);
      break;
    case Form.Block4:
      end = at + 4 + u32(bytes, at);
      break;
    case Form.Block:
    case Form.Exprloc:
      end = skipLeb(bytes, at, limit) + uleb(bytes, at);
      break;
    case Form.String: {
      const zero = bytes.indexOf(0, at);
      if (zero < 0) return -1;
      end = zero + 1;
      break;
    }
    case Form.Sdata:
    case Form.Udata:
    case Form.RefUdata:
    case Form.Strx:
    case Form.Addrx:
    case Form.Loclistx:
    case Form.Rnglistx:
    case Form.GnuAddrIndex:
    case Form.GnuStrIndex:
      end = skipLeb(bytes, at, limit);
      break;
    case Form.Indirect: {
      const actual = uleb(bytes, at);
      // An indirect form that names itself, or one whose value would stand in the abbreviation, says nothing.
      if (actual === Form.Indirect || actual === Form.ImplicitConst) return -1;
      return skipForm(bytes, skipLeb(bytes, at, limit), limit, actual, encoded);
    }
    default: {
      const size = fixedSize(form, encoded);
      if (size < 0) return -1;
      end = at + size;
    }
  }
  return end <= limit ? end : -1;
}
