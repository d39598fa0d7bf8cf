// The functions of a module with all that is declared in them, as llvm-dwarfdump prints them: what it prints is read a line at a time, and of its
// hundreds of megabytes only this is kept. Only tests import it.
import { linesOf } from './llvm-tools.ts';

/** A DIE of a function, a block, an inlined call, a variable; or one that these are declared in. */
export interface ScopeDie {
  readonly offset: number;
  /** Without DW_TAG_. */
  readonly tag: string;
  readonly parent: ScopeDie | undefined;
  readonly children: ScopeDie[];
  name?: string;
  linkage?: string;
  declFile?: string;
  declLine?: number;
  declColumn?: number;
  callFile?: string;
  callLine?: number;
  callColumn?: number;
  low?: number;
  high?: number;
  /** Pairs low, high. */
  ranges?: number[];
  type?: number;
  origin?: number;
  specification?: number;
  artificial?: boolean;
  /** Of a variable that lies at one address of memory. */
  address?: number;
  /** Of a vtable's type. */
  containing?: number;
}

const KEPT = new Set([
  ...['compile_unit', 'namespace', 'structure_type', 'class_type', 'union_type', 'enumeration_type', 'variant'],
  ...['variant_part', 'subprogram', 'inlined_subroutine', 'lexical_block', 'formal_parameter', 'variable'],
]);

/** Names stand in quotes, with quotes and backslashes in them escaped. */
const text = (value: string): string => value.slice(1, -1).replace(/\\(["\\])/g, '$1');

/** Sets an attribute; whether ranges follow. */
function set(die: ScopeDie, attribute: string, value: string): boolean {
  switch (attribute) {
    case 'name':
      die.name = text(value);
      break;
    case 'linkage_name':
      die.linkage = text(value);
      break;
    case 'decl_file':
      die.declFile = text(value);
      break;
    case 'decl_line':
      die.declLine = Number(value);
      break;
    case 'decl_column':
      die.declColumn = Number(value);
      break;
    case 'call_file':
      die.callFile = text(value);
      break;
    case 'call_line':
      die.callLine = Number(value);
      break;
    case 'call_column':
      die.callColumn = Number(value);
      break;
    case 'low_pc':
      die.low = Number.parseInt(value, 16);
      break;
    case 'high_pc':
      die.high = Number.parseInt(value, 16);
      break;
    case 'type':
      die.type = Number.parseInt(value, 16);
      break;
    case 'abstract_origin':
      die.origin = Number.parseInt(value, 16);
      break;
    case 'specification':
      die.specification = Number.parseInt(value, 16);
      break;
    case 'containing_type':
      die.containing = Number.parseInt(value, 16);
      break;
    case 'location': {
      // of version 5 it prints an index: an address all the same
      const [, indexed, address] = /^DW_OP_addr(x)? (0x[0-9a-f]+)$/.exec(value) ?? [];
      if (address !== undefined) die.address = indexed === undefined ? Number(address) : 1;
      break;
    }
    case 'artificial':
      die.artificial = true;
      break;
    case 'ranges':
      die.ranges = [];
      return true;
  }
  return false;
}

/** All of them by offset, in ascending order. */
export async function scopeDies(file: string): Promise<Map<number, ScopeDie>> {
  const dies = new Map<number, ScopeDie>();
  const open: { readonly die: ScopeDie; readonly indent: number }[] = [];
  let die: ScopeDie | undefined;
  let inRanges = false;
  for await (const lines of linesOf('llvm-dwarfdump', ['--debug-info', file]))
    for (const line of lines) {
      if (line.charCodeAt(0) === 0x30) {
        const colon = line.indexOf(':');
        const tagAt = line.indexOf('DW_TAG_', colon);
        die = undefined;
        inRanges = false;
        if (tagAt < 0) continue; // a unit's header, or the end of children
        const indent = tagAt - colon;
        while ((open.at(-1)?.indent ?? -1) >= indent) open.pop();
        const tag = line.slice(tagAt + 7).trimEnd();
        if (!KEPT.has(tag)) continue;
        const parent = open.at(-1)?.die;
        die = { offset: Number.parseInt(line, 16), tag, parent, children: [] };
        dies.set(die.offset, die);
        parent?.children.push(die);
        open.push({ die, indent });
      } else if (die !== undefined) {
        const at = line.indexOf('DW_AT_');
        if (at >= 0) {
          const tab = line.indexOf('\t', at);
          const end = line.endsWith(')') ? -1 : undefined;
          inRanges = set(die, line.slice(at + 6, tab), line.slice(tab + 2, end));
        } else if (inRanges) {
          const [, low, high] = /\[0x([0-9a-f]+), 0x([0-9a-f]+)\)/.exec(line) ?? [];
          if (low !== undefined && high !== undefined)
            die.ranges?.push(Number.parseInt(low, 16), Number.parseInt(high, 16));
        }
      }
    }
  return dies;
}
