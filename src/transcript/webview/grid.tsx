// The table of rows: windowing over a list of any length, keys, following the end. What a row looks like is in gridRow.tsx. Positions are set
// through the CSSOM, which the page's policy allows; it allows no style attributes.
import { Component, createRef } from 'preact';
import { columnText, type Shown } from './columns.ts';
import { GridHeader } from './gridHeader.tsx';
import { GridRow, rowId } from './gridRow.tsx';
import type { Store, Table } from './store.ts';
import { drawn, furthest, type Lengths, revealing, scaled, scrollOf, spacer, topOf } from './windowing.ts';

/** Rows that are drawn on either side of those in view, so that a scroll finds them there. */
const BEYOND = 12;

export class Grid extends Component<{ store: Store }> implements Table {
  readonly #scroller = createRef<HTMLDivElement>();
  readonly #layer = createRef<HTMLDivElement>();
  #unsubscribe: (() => void) | undefined;
  #resize: ResizeObserver | undefined;
  #theme: MutationObserver | undefined;
  #rowHeight = 22;
  #view = 0;
  /** Place in the whole list, CSS pixels; what the scroll bar says of it is only as exact as its pixels. */
  #top = 0;
  /** The scroll bar is still to be brought to #top. */
  #moved = false;
  /** A scroll event that we caused says nothing new. */
  #setScroll = -1;

  override componentDidMount(): void {
    const { store } = this.props;
    store.table = this;
    this.#unsubscribe = store.subscribe(() => this.setState({}));
    this.#resize = new ResizeObserver(() => this.#measure());
    if (this.#scroller.current) this.#resize.observe(this.#scroller.current);
    // VS Code writes the theme's variables, its font sizes among them, into these attributes
    this.#theme = new MutationObserver(() => this.#measure());
    this.#theme.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
    this.#measure();
  }

  override componentWillUnmount(): void {
    this.#unsubscribe?.();
    this.#resize?.disconnect();
    this.#theme?.disconnect();
    if (this.props.store.table === this) this.props.store.table = undefined;
  }

  #measure(): void {
    const scroller = this.#scroller.current;
    if (!scroller) return;
    const font = Number.parseFloat(getComputedStyle(document.body).fontSize) || 13;
    this.#rowHeight = Math.max(22, Math.round(font * 1.7));
    scroller.style.setProperty('--row-height', `${this.#rowHeight}px`);
    // the header stands above the rows, in the same box
    this.#view = Math.max(0, scroller.clientHeight - this.#rowHeight);
    this.setState({});
  }

  get #lengths(): Lengths {
    return { count: this.props.store.state?.shown ?? 0, row: this.#rowHeight, view: this.#view };
  }

  /** The scroll bar is moved once the list is as tall as it has to be for that: before, the browser would stop it short. */
  override componentDidUpdate(): void {
    const scroller = this.#scroller.current;
    if (!scroller || !this.#moved) return;
    this.#moved = false;
    const wanted = scrollOf(this.#top, this.#lengths);
    if (Math.abs(scroller.scrollTop - wanted) >= 1) scroller.scrollTop = wanted;
    this.#setScroll = Math.round(scroller.scrollTop);
  }

  #moveTo(top: number): void {
    this.#top = top;
    this.#moved = true;
    this.setState({});
  }

  reveal(index: number, where: 'nearest' | 'center'): void {
    this.#moveTo(revealing(index, this.#top, this.#lengths, where));
  }

  toEnd(): void {
    this.#moveTo(furthest(this.#lengths));
  }

  focus(): void {
    this.#scroller.current?.focus({ preventScroll: true });
  }

  #onScroll = (): void => {
    const scroller = this.#scroller.current;
    if (!scroller) return;
    if (Math.round(scroller.scrollTop) === this.#setScroll) return;
    this.#setScroll = -1;
    this.#scrolledTo(topOf(scroller.scrollTop, this.#lengths));
  };

  #scrolledTo(top: number): void {
    const far = furthest(this.#lengths);
    if (Math.abs(top - this.#top) >= 1) this.props.store.scrolled(top >= far - this.#rowHeight / 2);
    this.#top = top;
    this.setState({});
  }

  /** Where the scroll bar has fewer pixels than the list, a wheel must still move by rows and not by what a pixel stands for. */
  #onWheel = (event: WheelEvent): void => {
    const lengths = this.#lengths;
    if (!scaled(lengths) || event.deltaY === 0 || event.ctrlKey) return;
    event.preventDefault();
    const unit = event.deltaMode === 1 ? this.#rowHeight : event.deltaMode === 2 ? this.#view : 1;
    const top = Math.max(0, Math.min(this.#top + event.deltaY * unit, furthest(lengths)));
    this.#scrolledTo(top);
    this.#moved = true;
  };

  #onKeyDown = (event: KeyboardEvent): void => {
    const { store } = this.props;
    if (event.target !== this.#scroller.current) return;
    const at = store.going ?? (store.selected && store.selected.index >= 0 ? store.selected.index : undefined);
    const page = Math.max(1, Math.floor(this.#view / this.#rowHeight) - 1);
    const last = (store.state?.shown ?? 0) - 1;
    const first = Math.ceil(this.#top / this.#rowHeight);
    const go = (index: number): void => void store.selectIndex(index);
    const { key } = event;
    if (event.altKey && (key.startsWith('Arrow') || key === 'Enter')) void store.jumpToPair();
    else if (event.ctrlKey && (key === 'f' || key === 'F')) store.finding.show();
    else if (event.ctrlKey || event.metaKey || event.altKey) return;
    else if (key === 'ArrowDown') go(at === undefined ? first : at + 1);
    else if (key === 'ArrowUp') go(at === undefined ? first : at - 1);
    else if (key === 'PageDown') go(at === undefined ? first + page : at + page);
    else if (key === 'PageUp') go(at === undefined ? first : at - page);
    else if (key === 'Home') go(0);
    else if (key === 'End') {
      go(last);
      store.setFollow(true);
    } else if (key === 'Enter' || key === ' ') this.#enter(first);
    else if (key === 'Escape' && store.detailsOpen) store.closeDetails();
    else if (key === 'Escape' && store.selected) store.unselect();
    else return;
    event.preventDefault();
  };

  /** Opens the details of the selected row; once they are open, goes there. */
  #enter(first: number): void {
    const { store } = this.props;
    if (store.going !== undefined) void store.selectIndex(store.going, true);
    else if (!store.selected) void store.selectIndex(first);
    else if (!store.detailsOpen) store.openDetails();
    else document.querySelector<HTMLElement>('.details [role=tab][aria-selected=true]')?.focus();
  }

  #onClick = (event: MouseEvent): void => {
    const { store } = this.props;
    const line = event.target instanceof Element ? event.target.closest<HTMLElement>('.row') : null;
    const index = Number(line?.dataset['index'] ?? Number.NaN);
    const row = store.rows.at(index);
    if (!row) return;
    store.selectAt({ row: row.row, index }, event.type === 'contextmenu' ? store.detailsOpen : true);
  };

  #isHere(top: number, lengths: Lengths): boolean {
    const { from, to } = drawn(top, lengths, 0);
    const { rows } = this.props.store;
    return rows.at(from) !== undefined && rows.at(to - 1) !== undefined;
  }

  #columnStyles(columns: Shown): Record<string, string> {
    const widths: Record<string, string> = {};
    for (const { column, width } of columns) widths[`--w-${column}`] = `${width}px`;
    widths['--w-all'] = `${columns.reduce((sum, { width }) => sum + width, 0)}px`;
    return widths;
  }

  override render() {
    const { store } = this.props;
    const { state, columns } = store;
    const lengths = this.#lengths;
    const far = furthest(lengths);
    const top = store.follow ? far : Math.max(0, Math.min(this.#top, far));
    if (top !== this.#top) this.#moved = true;
    this.#top = top;
    const wanted = drawn(top, lengths, BEYOND);
    store.rows.want(wanted.from, wanted.to);
    // while the end runs ahead of the rows that have come, the last of those are seen: no blank rows ten times a second
    const known = store.rows.end * lengths.row - lengths.view;
    const seen = store.follow && known > 0 && !this.#isHere(top, lengths) ? Math.min(known, far) : top;
    const { from, to } = drawn(seen, lengths, BEYOND);
    const partner = store.selectedView?.pair;
    // elements of rows that have gone are those of rows that come: a jump changes texts and makes nothing
    const pool = 2 ** Math.ceil(Math.log2(Math.max(32, to - from)));
    const lines = [];
    for (let index = from; index < to; index++) {
      const row = store.rows.at(index);
      lines.push(
        <GridRow
          key={index % pool}
          index={index}
          row={row}
          columns={columns}
          call={state?.call ?? 0}
          selected={row !== undefined && row.row === store.selected?.row}
          partner={row !== undefined && row.row === partner}
          present={row !== undefined && row.row === state?.present?.row}
        />,
      );
    }
    // the layer stands where its first row is; in a scaled list that moves with the scroll bar
    const offset = from * lengths.row - seen + scrollOf(top, lengths);
    const active = store.selected && store.selected.index >= from && store.selected.index < to;
    const named = columns.map(({ column }) => columnText(column));
    return (
      // biome-ignore lint/a11y/useSemanticElements: a virtual table is no <table>
      <div
        class="grid"
        role="grid"
        tabIndex={0}
        aria-label="Events of the call"
        aria-rowcount={lengths.count + 1}
        aria-colcount={named.length}
        aria-activedescendant={active ? rowId(store.selected?.index ?? 0) : undefined}
        ref={this.#scroller}
        style={this.#columnStyles(columns)}
        onScroll={this.#onScroll}
        onWheel={this.#onWheel}
        onKeyDown={this.#onKeyDown}
        onClick={this.#onClick}
        onContextMenu={this.#onClick}
      >
        <GridHeader store={store} columns={columns} />
        {/* biome-ignore lint/a11y/useSemanticElements: see above */}
        <div class="rows" role="rowgroup" style={{ height: `${spacer(lengths)}px` }}>
          <div
            class="layer"
            role="presentation"
            ref={this.#layer}
            style={{ transform: `translateY(${Math.round(offset)}px)` }}
          >
            {lines}
          </div>
        </div>
      </div>
    );
  }
}
