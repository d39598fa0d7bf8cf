// Views of BTreeMap and BTreeSet: a walk over the nodes in order, as far as somebody looks. Leaves have keys and values, inner nodes begin with
// the same and have edges behind; the type of inner nodes is found through a leaf's pointer to its parent.
import type { DieOffset, StructType } from '../../dwarf/type.ts';
import type { Shown, Value } from '../value.ts';
import type { Look } from './look.ts';
import {
  baseName,
  checkExtent,
  count,
  need,
  pointee,
  pointerOf,
  readBytes,
  structOf,
  Unreadable,
  unsignedOf,
  unwrapped,
} from './reading.ts';
import { mapShown, setShown } from './rust-hash.ts';
import { someOf } from './rust-option.ts';
import { typeName } from './type-name.ts';

/** Nodes that are followed; with some elements in each, more than anybody looks through. */
const MOST_NODES = 1_000_000;

/** No tree that fits in 4 GiB is higher. */
const HIGHEST = 32;

/** An array in a node: where it begins, its elements without what wraps them. */
interface Slots {
  readonly offset: number;
  readonly count: number;
  readonly size: number;
  /** From the start of a slot. */
  readonly within: number;
  readonly type: DieOffset | undefined;
}

/** Where the parts of nodes are, by their members' names. */
interface Layout {
  readonly keys: Slots;
  readonly values: Slots;
  /** Only in inner nodes. */
  readonly edges: Slots | undefined;
  readonly length: { readonly offset: number; readonly size: number };
}

/** A node on the way down to where the walk is. */
interface Step {
  readonly address: number;
  readonly height: number;
  readonly length: number;
  index: number;
  /** The edge before the element at `index` was gone down. */
  down: boolean;
}

class Walk {
  readonly length: number;
  readonly #look: Look;
  readonly #layout: Layout | undefined;
  readonly #way: Step[] = [];
  /** Of each element that was reached, in order: its node, and its number there. */
  readonly #node: number[] = [];
  readonly #slot: number[] = [];
  #visited = 0;

  constructor(map: Value, look: Look) {
    const { types, program } = look;
    this.#look = look;
    this.length = count(need(map, types, 'length'), types);
    checkExtent(0, this.length, 1, program);
    if (this.length === 0) return;
    const root = someOf(need(map, types, 'root'), look);
    if (root === undefined) throw new Unreadable(`length ${this.length}, and no root`);
    const height = count(need(root, types, 'height'), types);
    if (height > HIGHEST) throw new Unreadable(`its height ${height} is more than a tree can have`);
    const pointer = pointerOf(need(root, types, 'node'), program);
    this.#layout = layoutOf(pointee(pointer, program), height > 0, look);
    this.#enter(pointer.address, height, this.#layout);
  }

  #enter(address: number, height: number, { length, keys }: Layout): void {
    // every node but the root has an element: what has more nodes than that goes round in circles
    if (this.#visited++ > Math.min(this.length, MOST_NODES))
      throw new Unreadable('its nodes refer to each other in a circle, or are too many');
    const found = this.#number(address + length.offset, length.size);
    if (found > keys.count) throw new Unreadable(`a node has ${found} elements, and room for ${keys.count}`);
    this.#way.push({ address, height, length: found, index: 0, down: height === 0 });
  }

  #number(address: number, size: number): number {
    return Number(unsignedOf(readBytes({ type: undefined, bytes: this.#look.program.memory(address) }, size)));
  }

  /** Goes to the next element; false: there is none. */
  #advance(layout: Layout): boolean {
    for (let top = this.#way.at(-1); top !== undefined; top = this.#way.at(-1)) {
      if (!top.down) {
        top.down = true;
        const { edges } = layout;
        if (edges === undefined) throw new Unreadable('an inner node has no edges');
        this.#enter(this.#number(slotAt(top.address, edges, top.index), 4), top.height - 1, layout);
      } else if (top.index < top.length) {
        this.#node.push(top.address);
        this.#slot.push(top.index++);
        top.down = top.height === 0;
        return true;
      } else this.#way.pop();
    }
    return false;
  }

  #at(index: number, part: 'keys' | 'values'): Value {
    const layout = this.#layout;
    while (layout !== undefined && this.#node.length <= index && this.#advance(layout));
    if (layout === undefined || this.#node.length <= index)
      throw new Unreadable(`only ${this.#node.length} of its ${this.length} entries are in the tree`);
    const slots = layout[part];
    const address = slotAt(this.#node[index]!, slots, this.#slot[index]!);
    return { type: slots.type, bytes: this.#look.program.memory(address) };
  }

  key(index: number): Value {
    return this.#at(index, 'keys');
  }

  value(index: number): Value {
    return this.#at(index, 'values');
  }
}

const slotAt = (node: number, slots: Slots, index: number): number =>
  node + slots.offset + index * slots.size + slots.within;

function layoutOf(leaf: Value, isInner: boolean, look: Look): Layout {
  const { types } = look;
  const length = need(leaf, types, 'len');
  const inner = isInner ? { type: innerNode(leaf, look), bytes: leaf.bytes } : undefined;
  return {
    keys: slotsOf(leaf, need(leaf, types, 'keys'), look),
    values: slotsOf(leaf, need(leaf, types, 'vals'), look),
    edges: inner === undefined ? undefined : slotsOf(inner, need(inner, types, 'edges'), look),
    length: { offset: between(leaf, length), size: types.sizeOf(types.bare(length.type)) ?? 2 },
  };
}

const between = (from: Value, to: Value): number => (to.bytes.address ?? 0) - (from.bytes.address ?? 0);

function slotsOf(node: Value, array: Value, look: Look): Slots {
  const { types } = look;
  const type = types.bare(array.type);
  if (type.kind !== 'array') throw new Unreadable('what should be an array is none');
  const size = types.sizeOf(types.bare(type.element)) ?? 0;
  const slot = { type: type.element, bytes: array.bytes };
  const inner = unwrapped(slot, types);
  return { offset: between(node, array), count: type.count ?? 0, size, within: between(slot, inner), type: inner.type };
}

/** InternalNode, by the parameters of `parent: Option<NonNull<InternalNode<K, V>>>`. */
function innerNode(leaf: Value, look: Look): DieOffset {
  let type: StructType | undefined = structOf(need(leaf, look.types, 'parent'), look.types);
  for (let depth = 0; depth < 6 && type !== undefined; depth++) {
    if (baseName(type.name) === 'InternalNode') return type.die;
    // of an enum, the variants have the parameters
    const templates = [type, ...(type.variants?.variants ?? []).map((one) => look.types.bare(one.members[0]?.type))];
    const [parameter] = templates.flatMap((one) => (one.kind === 'struct' ? one.templates : []));
    const next = look.types.bare(parameter?.type);
    type = next.kind === 'struct' ? next : undefined;
  }
  throw new Unreadable('this version of BTreeMap has other inner nodes');
}

export function btreeMapView(value: Value, _type: StructType, look: Look): Shown {
  const walk = new Walk(value, look);
  const pair = (index: number): readonly [Value, Value] => [walk.key(index), walk.value(index)];
  return mapShown(walk.length, pair, look, typeName(value.type, look.types), value.bytes.address);
}

export function btreeSetView(value: Value, _type: StructType, look: Look): Shown {
  const walk = new Walk(need(value, look.types, 'map'), look);
  return setShown(walk.length, (index) => walk.key(index), look, typeName(value.type, look.types), value.bytes.address);
}
