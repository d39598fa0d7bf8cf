// What stands in the place of rows when there are none: why, and the way out.
import type { ComponentChildren } from 'preact';
import { useStore } from './hooks.ts';
import type { Store } from './store.ts';

function Said({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

export function EmptyState({ store }: { store: Store }) {
  useStore(store);
  const { state, filter } = store;
  if (!state || state.shown > 0) return null;
  if (state.call === undefined)
    return (
      <Said>
        <p>No plugin call so far.</p>
        <p>
          Press F5 on a plugin call, or click Debug above a plugin method: its messages, syscalls and log lines come
          here.
        </p>
      </Said>
    );
  if (state.total > 0 && filter !== '' && !state.busy)
    return (
      <Said>
        <p>No row matches the filter.</p>
        <button type="button" class="button" onClick={() => void store.setFilter('')}>
          Clear Filter
        </button>
      </Said>
    );
  if (store.call?.state === 'loading') return <Said>The plugin is being loaded…</Said>;
  if (state.busy || store.call?.state === 'running')
    return <Said>{state.total === 0 ? 'The call has begun; nothing has happened so far.' : 'Looking…'}</Said>;
  return <Said>Nothing happened in this call.</Said>;
}
