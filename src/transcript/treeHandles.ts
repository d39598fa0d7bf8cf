// The numbers by which the webview asks for the children of a node. They live as long as the details they belong to are shown.
import type { Children, Row } from '../../debug-adapter/transcript/json-tree.ts';
import type { TreeNode } from './protocol.ts';

/** Children that are given at once. */
const MOST = 1000;

export class TreeHandles {
  readonly #open = new Map<number, Children>();
  #next = 1;

  /** Other details are shown: what was asked about the old ones is not answered any more. */
  forget(): void {
    this.#open.clear();
  }

  /** A row of a tree for the webview. */
  node(row: Row): TreeNode {
    const { children } = row;
    let handle: number | undefined;
    if (children !== undefined) {
      handle = this.#next++;
      this.#open.set(handle, children);
    }
    const count = children?.indexed;
    return {
      name: row.name,
      value: row.value,
      ...(row.type === undefined ? {} : { type: row.type }),
      ...(handle === undefined ? {} : { handle }),
      ...(count === undefined ? {} : { count }),
    };
  }

  /** @throws Error with a sentence for a number that is no more. */
  async children(handle: number, from: number, count: number): Promise<TreeNode[]> {
    const children = this.#open.get(handle);
    if (children === undefined) throw new Error('These details are not shown any more: select the row again.');
    const rows = await children.rows(from, Math.min(count, MOST));
    return rows.map((row) => this.node(row));
  }
}
