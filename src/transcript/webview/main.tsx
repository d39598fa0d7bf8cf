// The webview's entry: joins VS Code's bridge, the store and the UI, and carries out what the extension sends by itself.
import { render } from 'preact';
import type { ToWebview } from '../protocol.ts';
import { App } from './app.tsx';
import { Bridge, type VsCodeApi } from './bridge.ts';
import { Store } from './store.ts';

declare function acquireVsCodeApi(): VsCodeApi;

const api = acquireVsCodeApi();
const bridge = new Bridge(api, window);
const store = new Store(bridge, api);

function perform(what: Extract<ToWebview, { type: 'do' }>['what']): void {
  if (what === 'filter') {
    store.focusFilter++;
    store.changed();
  } else if (what === 'follow') store.setFollow(!store.follow);
  else if (what === 'clearFilter') void store.setFilter('');
  else if (what === 'find') store.finding.show();
  else store.finding.again(what === 'findPrevious');
}

async function reveal(row: number, sendAgain: boolean): Promise<void> {
  await store.select(row, { open: sendAgain || store.detailsOpen });
  if (sendAgain) store.sendAgain(row);
  else store.table?.focus();
}

bridge.onMessage((message) => {
  if (message.type === 'state') store.setState(message.state);
  else if (message.type === 'do') perform(message.what);
  else void reveal(message.row, message.sendAgain ?? false);
});

window.addEventListener('focus', () => bridge.focused(true));
window.addEventListener('blur', () => bridge.focused(false));
if (document.hasFocus()) bridge.focused(true);

const place = document.getElementById('app');
if (place) render(<App store={store} />, place);
store.start().catch((error: unknown) => store.refused(error));
