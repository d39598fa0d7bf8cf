// The panel as a whole: toolbar, timeline, rows and details beside or below each other, and what screen readers are told.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Details } from './details.tsx';
import { EmptyState } from './emptyState.tsx';
import { FindWidget } from './findWidget.tsx';
import { Grid } from './grid.tsx';
import { useStore } from './hooks.ts';
import { Icon, IconButton } from './icon.tsx';
import { Sash } from './sash.tsx';
import type { Store } from './store.ts';
import { Strip } from './strip.tsx';
import { Toolbar } from './toolbar.tsx';

/** Below this width the details stand under the rows. */
const NARROW = 640;
const LEAST = 0.15;
const MOST = 0.85;

/** The parts that F6 goes through, if they are there. */
const STOPS = ['.filter input', '.strip canvas', '.grid', '.details [role=tab][aria-selected=true]'];

/** False behind the last of them (before the first): F6 is VS Code's then, and goes on to its next part. */
function goOn(backwards: boolean): boolean {
  const there = STOPS.map((selector) => document.querySelector<HTMLElement>(selector)).filter((one) => one !== null);
  const now = document.activeElement;
  const part = (one: HTMLElement): Element | null => one.closest('.toolbar, .strip, .grid, .details');
  const at = there.findIndex((one) => part(one)?.contains(now));
  const next = there[at < 0 ? 0 : at + (backwards ? -1 : 1)];
  next?.focus();
  return next !== undefined;
}

export function App({ store }: { store: Store }) {
  useStore(store);
  const panes = useRef<HTMLDivElement>(null);
  const [narrow, setNarrow] = useState(false);
  useEffect(() => {
    const watch = new ResizeObserver(() => setNarrow((panes.current?.clientWidth ?? NARROW) < NARROW));
    if (panes.current) watch.observe(panes.current);
    return () => watch.disconnect();
  }, []);
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'F6') {
        if (!goOn(event.shiftKey)) return;
      } else if (event.key === 'F3') store.finding.again(event.shiftKey);
      else if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'f')
        store.finding.show();
      else return;
      event.preventDefault();
      // VS Code would find in the editor besides
      event.stopPropagation();
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [store]);
  const share = Math.max(LEAST, Math.min(MOST, store.settings.details ?? 0.42));
  const arrange = (details: number) => store.arrange({ details: Math.max(LEAST, Math.min(MOST, details)) });
  const open = store.detailsOpen && store.selected !== undefined;
  const { state } = store;
  const size = `${(share * 100).toFixed(2)}%`;
  return (
    <div class="panel">
      <Toolbar store={store} />
      {store.notice !== undefined && (
        <div class="notice" role="alert">
          <Icon name="error" /> <span>{store.notice}</span>
          <IconButton icon="close" label="Dismiss" onClick={() => store.dismiss()} />
        </div>
      )}
      {store.call?.note !== undefined && (
        <div class="notice note">
          <Icon name="warning" words="Note" /> <span>{store.call.note}</span>
        </div>
      )}
      {(store.settings.strip ?? true) && state?.call !== undefined && state.total > 0 && <Strip store={store} />}
      <div class={`panes ${narrow ? 'stacked' : ''}`} ref={panes}>
        <div class="rows-pane">
          <Grid store={store} />
          <EmptyState store={store} />
          <FindWidget store={store} />
        </div>
        {open && (
          <>
            <Sash
              label="Size of the details"
              orientation={narrow ? 'horizontal' : 'vertical'}
              value={(1 - share) * 100}
              onDrag={(place) => {
                const box = panes.current?.getBoundingClientRect();
                if (box) arrange(narrow ? (box.bottom - place) / box.height : (box.right - place) / box.width);
              }}
              onStep={(step) => arrange(share - step * 0.03)}
            />
            <div
              class="details-pane"
              style={narrow ? { height: size, width: 'auto' } : { width: size, height: 'auto' }}
            >
              <Details store={store} />
            </div>
          </>
        )}
      </div>
      <div class="unseen" aria-live="polite" role="status">
        {store.announcement}
      </div>
    </div>
  );
}
