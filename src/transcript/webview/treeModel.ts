// A tree that opens a level at a time, as the flat list of lines that are shown. Children are asked for by pages. No markup.
import type { TreeNode } from '../protocol.ts';

type Ask = (handle: number, from: number, count: number) => Promise<readonly TreeNode[]>;

/** Children that come at once, and with each wish for more. */
const PAGE = 100;
const MORE = 1000;

export interface Item {
  /** Unique in the tree. */
  readonly path: string;
  readonly level: number;
  readonly node: TreeNode;
  readonly place: number;
  readonly size: number;
  readonly opens: boolean;
  readonly open: boolean;
  readonly parent: string | undefined;
  /** Not a node: what stands at the end of children that are not all here. */
  readonly more?: 'loading' | 'more' | 'refused';
}

interface Opened {
  children: readonly TreeNode[];
  whole: boolean;
  asking: boolean;
  refusal: string | undefined;
}

export class TreeModel {
  readonly #ask: Ask;
  readonly #changed: () => void;
  #roots: readonly TreeNode[] = [];
  #opened = new Map<string, Opened>();

  constructor(ask: Ask, changed: () => void) {
    this.#ask = ask;
    this.#changed = changed;
  }

  /** Another tree; what was open closes. The only root opens by itself. */
  show(roots: readonly TreeNode[]): void {
    this.#roots = roots;
    this.#opened = new Map();
    const [only] = roots;
    if (roots.length === 1 && only?.handle !== undefined) void this.#more('0', only, PAGE);
  }

  get items(): readonly Item[] {
    const items: Item[] = [];
    this.#list(this.#roots, 1, '', undefined, items);
    return items;
  }

  toggle(item: Item): void {
    if (item.more) {
      this.more(item);
      return;
    }
    if (!item.opens) return;
    if (this.#opened.delete(item.path)) this.#changed();
    else void this.#more(item.path, item.node, PAGE);
  }

  /** Brings the next children; `item` is the line that stands for them. */
  more(item: Item): void {
    if (item.parent !== undefined) void this.#more(item.parent, item.node, MORE);
  }

  #list(nodes: readonly TreeNode[], level: number, prefix: string, parent: string | undefined, items: Item[]): void {
    nodes.forEach((node, index) => {
      const path = `${prefix}${index}`;
      const opened = this.#opened.get(path);
      const opens = node.handle !== undefined;
      items.push({
        path,
        level,
        node,
        place: index + 1,
        size: nodes.length,
        opens,
        open: opened !== undefined,
        parent,
      });
      if (!opened) return;
      this.#list(opened.children, level + 1, `${path}.`, path, items);
      if (opened.whole && !opened.refusal) return;
      const left = node.count === undefined ? undefined : node.count - opened.children.length;
      items.push({
        path: `${path}.more`,
        level: level + 1,
        node: { ...node, name: '', value: opened.refusal ?? (left === undefined ? 'more' : `${left} more`) },
        place: opened.children.length + 1,
        size: opened.children.length + 1,
        opens: false,
        open: false,
        parent: path,
        more: opened.refusal ? 'refused' : opened.asking ? 'loading' : 'more',
      });
    });
  }

  async #more(path: string, { handle, count }: TreeNode, page: number): Promise<void> {
    const opened = this.#opened.get(path) ?? { children: [], whole: false, asking: false, refusal: undefined };
    if (opened.asking || handle === undefined) return;
    opened.asking = true;
    const all = this.#opened;
    all.set(path, opened);
    this.#changed();
    try {
      const found = await this.#ask(handle, opened.children.length, page);
      opened.children = [...opened.children, ...found];
      opened.whole = count === undefined ? found.length < page : opened.children.length >= count || found.length === 0;
    } catch (error) {
      opened.refusal = error instanceof Error ? error.message : String(error);
    }
    opened.asking = false;
    if (all === this.#opened) this.#changed();
  }
}
