// The numbers by which a DAP client asks for the children of a row. Those of a stop are forgotten when the call runs on; those of the
// Debug Console's lines live as long as the session. Contract P2 (rows carry texts, never numbers).
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Children, Row } from '../transcript/json-tree.ts';

/** Numbers of the session are odd, those of a stop even, so that neither is ever taken for the other. */
type Lifetime = 'stop' | 'session';

/** Children that a client without paging gets at once. */
const UNPAGED = 5000;

export class VariableStore {
  readonly #session = new Map<number, Children>();
  #stop = new Map<number, Children>();
  #next = 1;

  /** A number for `children`, above 0. */
  add(children: Children, lifetime: Lifetime): number {
    const number = this.#next++ * 2 - (lifetime === 'session' ? 1 : 0);
    (lifetime === 'session' ? this.#session : this.#stop).set(number, children);
    return number;
  }

  /** The call runs on: what was shown of the stop is true no more. */
  forgetStop(): void {
    this.#stop = new Map();
  }

  /** The children that a `variables` request asks for. @throws Error for a number that is no more. */
  async list(
    reference: number,
    filter: 'named' | 'indexed' | undefined,
    start = 0,
    count = 0,
    hex = false,
  ): Promise<DebugProtocol.Variable[]> {
    const children = this.#children(reference);
    // Children without numbers are all of one sort; with them, those that have names come first.
    const named = children.indexed === undefined ? UNPAGED : (children.named ?? 0);
    const least = filter === 'indexed' ? named : 0;
    const most = filter === 'named' ? named : Number.POSITIVE_INFINITY;
    if (filter === 'indexed' && children.indexed === undefined) return [];
    const wanted = Math.min(count > 0 ? count : UNPAGED, most - start);
    if (wanted <= 0) return [];
    const rows = await children.rows(least + start, wanted);
    const lifetime = this.#session.has(reference) ? 'session' : 'stop';
    return rows.map((row) => this.variable(row, lifetime, hex));
  }

  /** The row that a client calls `name` below `reference`. @throws Error where there is none. */
  async row(reference: number, name: string): Promise<Row> {
    const children = this.#children(reference);
    const number = children.indexed === undefined ? undefined : /^\[(\d+)\]$/.exec(name)?.[1];
    const rows = await (number === undefined
      ? children.rows(0, UNPAGED)
      : children.rows((children.named ?? 0) + Number(number), 1));
    const row = rows.find((candidate) => candidate.name === name);
    if (row === undefined) throw new Error(`There is no '${name}' here.`);
    return row;
  }

  #children(reference: number): Children {
    const children = this.#session.get(reference) ?? this.#stop.get(reference);
    if (children === undefined) throw new Error('This belongs to an earlier stop: the call has run on since.');
    return children;
  }

  /** A row as DAP has it. */
  variable(row: Row, lifetime: Lifetime, hex = false): DebugProtocol.Variable {
    const { children } = row;
    return {
      name: row.name,
      value: hex ? hexText(row) : row.value,
      ...(row.type === undefined ? {} : { type: row.type }),
      ...(row.expression === undefined ? {} : { evaluateName: row.expression }),
      ...(row.address === undefined ? {} : { memoryReference: hexReference(row.address) }),
      // editors offer to set only what can be
      ...(isSettable(row) ? {} : { presentationHint: { attributes: ['readOnly'] } }),
      variablesReference: children === undefined ? 0 : this.add(children, lifetime),
      ...(children?.indexed === undefined ? {} : { indexedVariables: children.indexed }),
      ...(children?.named === undefined ? {} : { namedVariables: children.named }),
    };
  }
}

/** A guest address as a DAP memory reference. */
export function hexReference(address: number): string {
  return `0x${address.toString(16)}`;
}

/** What an assignment to a row assigns to; undefined: it can't be set. Cells of memory are the same in every frame. */
export function targetOf({ target, expression }: Row): Row['target'] {
  if (target !== undefined || expression === undefined) return target;
  return /^[iuf](?:8|16|32|64)\[0x[0-9a-f]+\]$/.test(expression) ? { expression, frame: 0 } : undefined;
}

const isSettable = (row: Row): boolean => row.assign !== undefined || targetOf(row) !== undefined;

/** A whole number in hex, as wide as its type; other values as they are. */
function hexText({ type = '', value, extent }: Row): string {
  const written = /^(?:mut )?[iu](8|16|32|64)$/.exec(type)?.[1];
  // what C calls int is as wide as it is in memory
  const bits = written === undefined ? 8 * Math.min(16, extent?.length ?? 0) : Number(written);
  if (bits === 0 || !/^-?\d+$/.test(value)) return value;
  return `0x${BigInt.asUintN(bits, BigInt(value))
    .toString(16)
    .padStart(bits / 4, '0')}`;
}
