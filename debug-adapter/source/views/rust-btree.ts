// Views of BTreeMap and BTreeSet: a walk over the nodes in order, as far as somebody looks. Leaves have keys and values, inner nodes begin with
// the same and have edges behind; the type of inner nodes is found through a leaf's pointer to its parent.
import type { DieOffset, StructType } from '../../dwarf/type.ts';
import type { Shown, Value } from '../value.ts';
import type { Look } from './look.ts';
import { baseName, checkExtent, count, need, pointee, pointerOf, structOf, Unreadable, unwrapped } from './reading.ts';
import { mapShown, setShown } from './rust-hash.ts';
import { someOf } from './rust-option.ts';
import { typeName } from './type-name.ts';

/** No tree that fits in 4 GiB is higher. */
const HIGHEST = 32;

class Walk {
  readonly length: number;
  readonly #look: Look;
  /** Where keys and values are, in order. */
  readonly #keys: Value[] = [];
  readonly #values: Value[] = [];
  readonly #steps: Iterator<void>;
  #visited = 0;

  constructor(map: Value, look: Look) {
    const { types, program } = look;
    this.#look = look;
    this.length = count(need(map, types, 'length'), types);
    checkExtent(0, this.length, 1, program);
    const root = this.length === 0 ? undefined : someOf(need(map, types, 'root'), look);
    if (this.length > 0 && root === undefined) throw new Unreadable(`length ${this.length}, and no root`);
    this.#steps = root === undefined ? [][Symbol.iterator]() : this.#start(root);
  }

  #start(root: Value): Iterator<void> {
    const { types } = this.#look;
    const height = count(need(root, types, 'height'), types);
    if (height > HIGHEST) throw new Unreadable(`its height ${height} is more than a tree can have`);
    return this.#node(need(root, types, 'node'), height, undefined);
  }

  *#node(reference: Value, height: number, inner: DieOffset | undefined): Generator<void> {
    const { types, program } = this.#look;
    // every node but the root has an element: a corrupted tree has more nodes than that
    if (this.#visited++ > this.length) throw new Unreadable('its nodes refer to each other in a circle');
    const pointer = pointerOf(reference, program);
    const leaf = pointee(pointer, program);
    const keys = need(leaf, types, 'keys');
    const values = need(leaf, types, 'vals');
    const length = count(need(leaf, types, 'len'), types);
    const capacity = elementsOf(keys, this.#look);
    if (length > capacity.count) throw new Unreadable(`a node has ${length} elements, and room for ${capacity.count}`);
    const innerType = height > 0 ? (inner ?? innerNode(leaf, this.#look)) : undefined;
    const edges =
      innerType === undefined
        ? undefined
        : need({ type: innerType, bytes: program.memory(pointer.address) }, types, 'edges');
    const edge = edges === undefined ? undefined : elementsOf(edges, this.#look);
    const slots = elementsOf(values, this.#look);
    for (let index = 0; index <= length; index++) {
      if (edge !== undefined) yield* this.#node(edge.at(index), height - 1, innerType);
      if (index === length) break;
      this.#keys.push(capacity.at(index));
      this.#values.push(slots.at(index));
      yield;
    }
  }

  #reach(index: number): void {
    while (this.#keys.length <= index)
      if (this.#steps.next().done === true && this.#keys.length <= index)
        throw new Unreadable(`only ${this.#keys.length} of its ${this.length} entries are in the tree`);
  }

  key(index: number): Value {
    this.#reach(index);
    return this.#keys[index]!;
  }

  value(index: number): Value {
    this.#reach(index);
    return this.#values[index]!;
  }
}

function elementsOf(array: Value, look: Look): { readonly count: number; readonly at: (index: number) => Value } {
  const type = look.types.bare(array.type);
  if (type.kind !== 'array') throw new Unreadable('what should be an array is none');
  const size = look.types.sizeOf(look.types.bare(type.element)) ?? 0;
  return {
    count: type.count ?? 0,
    at: (index) => unwrapped({ type: type.element, bytes: array.bytes.at(index * size) }, look.types),
  };
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
