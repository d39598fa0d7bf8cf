// The line above the rows: which call, the filter, how many rows, and the switches of the view.

import type { CallView } from '../protocol.ts';
import { COLUMNS, toggled } from './columns.ts';
import { FilterBox } from './filterBox.tsx';
import { useStore } from './hooks.ts';
import { Icon, IconButton } from './icon.tsx';
import { Menu } from './menu.tsx';
import { countText } from './numbers.ts';
import type { Store } from './store.ts';

/** What state a call is in, as an icon and in words. */
function callSign(call: CallView): { icon: string; words: string; tone: string } {
  if (call.state === 'loading') return { icon: 'loading', words: 'loading', tone: 'plain' };
  if (call.state === 'running') return { icon: 'play', words: 'running', tone: 'running' };
  if (call.state === 'stopped') return { icon: 'debug-pause', words: 'stopped', tone: 'stopped' };
  const words = call.outcome ?? (call.state === 'recording' ? 'recording' : 'ended');
  if (call.outcome === 'result') return { icon: 'pass', words, tone: 'good' };
  if (call.outcome !== undefined) return { icon: 'error', words, tone: 'bad' };
  return { icon: call.state === 'recording' ? 'record' : 'circle-outline', words, tone: 'plain' };
}

const clock = (ms: number): string => new Date(ms).toTimeString().slice(0, 8);

function CallChooser({ store }: { store: Store }) {
  const calls = store.state?.calls ?? [];
  const call = store.call;
  if (calls.length === 0) return null;
  const sign = call ? callSign(call) : undefined;
  return (
    <div class="calls">
      {sign && <Icon name={sign.icon} words={sign.words} className={`tone-${sign.tone}`} />}
      <select
        class="select"
        aria-label="Call"
        title={call ? `${call.title} (${call.plugin}, ${callSign(call).words})` : 'Call'}
        value={String(call?.id ?? '')}
        onChange={(event) => store.show(Number(event.currentTarget.value))}
      >
        {calls.toReversed().map((one) => (
          <option key={one.id} value={String(one.id)}>
            {`${one.title} · ${one.plugin} · ${callSign(one).words} · ${clock(one.started)}`}
          </option>
        ))}
      </select>
      <Icon name="chevron-down" className="select-arrow" />
    </div>
  );
}

export function Toolbar({ store }: { store: Store }) {
  useStore(store);
  const { state, settings, columns } = store;
  const strip = settings.strip ?? true;
  const axis = settings.axis ?? 'fuel';
  return (
    <div class="toolbar" role="toolbar" aria-label="Transcript">
      <CallChooser store={store} />
      <FilterBox store={store} />
      {state && state.call !== undefined && (
        <span class="count" title="Rows that are shown, and rows of the call">
          {countText(state.shown, state.total)}
          {state.busy && <Icon name="loading" words="More rows are being laid out" className="codicon-modifier-spin" />}
        </span>
      )}
      <span class="spring" />
      <IconButton icon="search" label="Find (Ctrl+F)" onClick={() => store.finding.show()} />
      <IconButton
        icon="fold-down"
        label="Follow the End"
        pressed={store.follow}
        onClick={() => store.setFollow(!store.follow)}
      />
      <IconButton
        icon="pulse"
        label="Timeline Strip"
        pressed={strip}
        onClick={() => store.arrange({ strip: !strip })}
      />
      <IconButton
        icon={axis === 'fuel' ? 'flame' : 'clock'}
        label={axis === 'fuel' ? 'Timeline by Fuel: Switch to Time' : 'Timeline by Time: Switch to Fuel'}
        disabled={!strip}
        onClick={() => store.arrange({ axis: axis === 'fuel' ? 'time' : 'fuel' })}
      />
      <Menu
        icon="list-selection"
        label="Columns"
        className="to-left"
        items={COLUMNS.map(({ column, long }) => ({
          id: column,
          label: long,
          checked: columns.some((one) => one.column === column),
          choose: () => store.arrange({ columns: toggled(columns, column) }),
        }))}
      />
    </div>
  );
}
