// The table's header: one tab stop, arrows between the columns, Enter sorts, Shift+arrows make a column wider or narrower; the edges drag.
import { useRef, useState } from 'preact/hooks';
import type { Column } from '../protocol.ts';
import { ariaSort, columnText, resized, type Shown } from './columns.ts';
import { Icon } from './icon.tsx';
import type { Store } from './store.ts';

const STEP = 10;

export function GridHeader({ store, columns }: { store: Store; columns: Shown }) {
  const [at, setAt] = useState(0);
  const line = useRef<HTMLDivElement>(null);
  const drag = useRef<{ column: Column; from: number; width: number } | undefined>(undefined);
  const focus = (index: number) => {
    setAt(index);
    line.current?.querySelectorAll<HTMLElement>('button')[index]?.focus();
  };
  /** What is seen may be wider than what was set: the summary takes the room that is left. */
  const seen = (column: Column) =>
    line.current?.querySelector(`.c-${column}`)?.getBoundingClientRect().width ?? columnText(column).width;
  const resize = (column: Column, width: number) => store.arrange({ columns: resized(columns, column, width) });
  const onKeyDown = (event: KeyboardEvent, index: number, column: Column) => {
    const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (step !== 0 && event.shiftKey) {
      resize(column, seen(column) + step * STEP);
      store.announce(`${columnText(column).long}: ${Math.round(seen(column) + step * STEP)} pixels`);
    } else if (step !== 0) focus(Math.max(0, Math.min(columns.length - 1, index + step)));
    else if (event.key === 'ArrowDown' || event.key === 'Escape') store.table?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const tabbed = Math.min(at, columns.length - 1);
  return (
    // biome-ignore lint/a11y/useSemanticElements: a virtual table is no <table>
    // biome-ignore lint/a11y/useFocusableInteractive: its buttons are
    <div class="header row-line" role="row" aria-rowindex={1} ref={line}>
      {columns.map(({ column }, index) => {
        const { label, long, number } = columnText(column);
        const sort = ariaSort(store.order, column);
        return (
          // biome-ignore lint/a11y/useSemanticElements: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div
            key={column}
            class={`cell c-${column} ${number ? 'number' : ''}`}
            role="columnheader"
            aria-sort={sort}
            aria-colindex={index + 1}
          >
            <button
              type="button"
              class="sort"
              tabIndex={index === tabbed ? 0 : -1}
              aria-label={long}
              title={`${long} (Shift+Left, Shift+Right: width)`}
              onClick={() => store.sort(column)}
              onFocus={() => setAt(index)}
              onKeyDown={(event) => onKeyDown(event, index, column)}
            >
              <span class="text">{label}</span>
              {sort !== 'none' && <Icon name={sort === 'ascending' ? 'arrow-small-up' : 'arrow-small-down'} />}
            </button>
            <span
              class="edge"
              onPointerDown={(event) => {
                drag.current = { column, from: event.clientX, width: seen(column) };
                event.currentTarget.setPointerCapture(event.pointerId);
                event.preventDefault();
              }}
              onPointerMove={(event) => {
                const { current } = drag;
                if (current) resize(current.column, current.width + event.clientX - current.from);
              }}
              onPointerUp={() => {
                drag.current = undefined;
              }}
            />
          </div>
        );
      })}
    </div>
  );
}
