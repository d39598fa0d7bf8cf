// A tree of names and values: a message's JSON, a decoded syscall, facts. Arrows move and open; Enter opens, or shows a long value whole.
import { useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import type { TreeNode } from '../protocol.ts';
import { Icon } from './icon.tsx';
import type { Store } from './store.ts';
import { type Item, TreeModel } from './treeModel.ts';

/** The colour of a value: by its type, as in the Debug Console. */
const valueClass = (type: string | undefined): string =>
  type === 'string' || type === 'number' || type === 'boolean' || type === 'null' ? `token-${type}` : '';

interface Props {
  readonly store: Store;
  readonly label: string;
  readonly roots: readonly TreeNode[];
}

export function Tree({ store, label, roots }: Props) {
  const [, again] = useReducer((count: number, _: undefined) => count + 1, 0);
  const [active, setActive] = useState('0');
  const [whole, setWhole] = useState<ReadonlySet<string>>(new Set());
  const box = useRef<HTMLDivElement>(null);
  const model = useMemo(
    () =>
      new TreeModel(
        (handle, from, count) => store.bridge.ask('children', { handle, from, count }),
        () => again(undefined),
      ),
    [store],
  );
  useMemo(() => model.show(roots), [model, roots]);
  useEffect(() => {
    setActive('0');
    setWhole(new Set());
  }, [roots]);
  const { items } = model;
  const at = Math.max(
    0,
    items.findIndex(({ path }) => path === active),
  );
  const id = (item: Item): string => `${label.toLowerCase()}-${item.path}`;
  const go = (index: number) => {
    const item = items[Math.max(0, Math.min(index, items.length - 1))];
    if (!item) return;
    setActive(item.path);
    box.current?.querySelector(`[id="${id(item)}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  const press = (item: Item) => {
    setActive(item.path);
    if (item.opens || item.more) model.toggle(item);
    else if (item.node.row !== undefined) void store.select(item.node.row);
    else {
      const next = new Set(whole);
      if (!next.delete(item.path)) next.add(item.path);
      setWhole(next);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const item = items[at];
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (key === 'ArrowDown') go(at + 1);
    else if (key === 'ArrowUp') go(at - 1);
    else if (key === 'Home') go(0);
    else if (key === 'End') go(items.length - 1);
    else if (key === 'PageDown') go(at + 10);
    else if (key === 'PageUp') go(at - 10);
    else if (key === 'ArrowRight' && item.opens && !item.open) model.toggle(item);
    else if (key === 'ArrowRight' && item.open) go(at + 1);
    else if (key === 'ArrowLeft' && item.open) model.toggle(item);
    else if (key === 'ArrowLeft' && item.parent !== undefined) go(items.findIndex(({ path }) => path === item.parent));
    else if (key === 'Enter' || key === ' ') press(item);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="tree"
      role="tree"
      aria-label={label}
      tabIndex={0}
      ref={box}
      aria-activedescendant={items[at] ? id(items[at]) : undefined}
      onKeyDown={onKeyDown}
    >
      {items.map((item, index) => (
        <div
          key={item.path}
          id={id(item)}
          class={`tree-item ${index === at ? 'active' : ''} ${whole.has(item.path) ? 'whole' : ''}`}
          role="treeitem"
          tabIndex={-1}
          aria-level={item.level}
          aria-posinset={item.place}
          aria-setsize={item.size}
          aria-expanded={item.opens ? item.open : undefined}
          aria-selected={index === at}
          style={{ paddingInlineStart: `${4 + (item.level - 1) * 12}px` }}
          onClick={() => {
            // a text that is being marked is not a click
            if (getSelection()?.isCollapsed !== false) press(item);
          }}
          onKeyDown={onKeyDown}
        >
          <Icon name={item.opens ? (item.open ? 'chevron-down' : 'chevron-right') : 'blank'} className="twistie" />
          {item.more === 'loading' && <Icon name="loading" className="codicon-modifier-spin" />}
          {item.node.name !== '' && (
            <>
              <bdi class="token-name">{item.node.name}</bdi>
              <span class="colon">: </span>
            </>
          )}
          <bdi
            class={`value ${item.more ? 'link' : item.node.row !== undefined ? 'link' : valueClass(item.node.type)}`}
          >
            {item.node.value}
          </bdi>
        </div>
      ))}
    </div>
  );
}
