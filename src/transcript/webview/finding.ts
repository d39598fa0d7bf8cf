// Find among the shown rows: whether its widget is open, what is looked for, and what was found last. The matching is the extension's.
import type { Requests } from '../protocol.ts';
import { rowLabel } from './rowText.ts';
import type { Store } from './store.ts';

export class Finding {
  readonly #store: Store;
  #asked = 0;
  open = false;
  text = '';
  result: Requests['find']['result'] | undefined;
  /** Counts up when the text box is to take the focus. */
  focus = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  show(): void {
    this.open = true;
    this.focus++;
    this.#store.changed();
  }

  hide(): void {
    this.open = false;
    this.#store.changed();
    this.#store.table?.focus();
  }

  /** The same again, on or back; without a text it asks for one. */
  again(backwards: boolean): void {
    if (this.text === '') this.show();
    else void this.find(this.text, backwards);
  }

  /** From the selected row, on or back. `typed`: the text has changed, and the selected row itself may match. */
  async find(text: string, backwards: boolean, typed = false): Promise<void> {
    const store = this.#store;
    const asked = ++this.#asked;
    this.text = text;
    if (text === '') this.result = undefined;
    store.changed();
    if (text === '') return;
    const at = store.selected && store.selected.index >= 0 ? store.selected.index : backwards ? 0 : -1;
    try {
      const result = await store.bridge.ask('find', { text, from: typed ? Math.max(-1, at - 1) : at, backwards });
      if (this.#asked !== asked) return;
      this.result = result;
      if (result.index >= 0) {
        store.selectAt({ row: result.row, index: result.index }, store.detailsOpen);
        store.table?.reveal(result.index, 'center');
        const row = store.rows.at(result.index);
        store.announce(`${result.ordinal} of ${result.count}${row ? `: ${rowLabel(row, false)}` : ''}`);
      } else store.announce('Nothing found');
    } catch (error) {
      store.refused(error);
    }
    store.changed();
  }
}
