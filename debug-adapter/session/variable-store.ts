// The numbers by which a DAP client asks for the children of a row. Those of a stop are forgotten when the call runs on; those of the
// Debug Console's lines live as long as the session. Contract P2 (rows carry texts, never numbers).
import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Children, Row } from './json-tree.ts';

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
  ): Promise<DebugProtocol.Variable[]> {
    const children = this.#session.get(reference) ?? this.#stop.get(reference);
    if (children === undefined) throw new Error('This belongs to an earlier stop: the call has run on since.');
    // All children of a container are of one sort: those of a paged array have numbers, all others names.
    const numbered = children.indexed !== undefined;
    if ((filter === 'named' && numbered) || (filter === 'indexed' && !numbered)) return [];
    const rows = await children.rows(start, count > 0 ? count : UNPAGED);
    const lifetime = this.#session.has(reference) ? 'session' : 'stop';
    return rows.map((row) => this.variable(row, lifetime));
  }

  /** A row as DAP has it. */
  variable(row: Row, lifetime: Lifetime): DebugProtocol.Variable {
    const { children } = row;
    return {
      name: row.name,
      value: row.value,
      ...(row.type === undefined ? {} : { type: row.type }),
      ...(row.expression === undefined ? {} : { evaluateName: row.expression }),
      ...(row.address === undefined ? {} : { memoryReference: hexReference(row.address) }),
      variablesReference: children === undefined ? 0 : this.add(children, lifetime),
      ...(children?.indexed === undefined ? {} : { indexedVariables: children.indexed }),
    };
  }
}

/** A guest address as a DAP memory reference. */
export function hexReference(address: number): string {
  return `0x${address.toString(16)}`;
}
