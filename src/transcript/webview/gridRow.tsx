// One row of the table. Drawn again only when something of it has changed; all that comes from the plugin is text.
import { Component, type ComponentChildren } from 'preact';
import type { Column, RowView } from '../protocol.ts';
import { columnText, type Shown } from './columns.ts';
import { Icon } from './icon.tsx';
import { cellText, directionSign, kindSign, rowContext, rowLabel, rowTone } from './rowText.ts';

export interface RowProps {
  readonly index: number;
  /** Undefined until it has come. */
  readonly row: RowView | undefined;
  readonly columns: Shown;
  readonly call: number;
  readonly selected: boolean;
  readonly partner: boolean;
  readonly present: boolean;
}

/** By place: what is in the page at once are the rows in view. */
export const rowId = (index: number): string => `row-${index}`;

/** Deeper levels are not set further in: a row keeps room for its name. */
const DEEPEST = 8;

function cell(row: RowView, column: Column, present: boolean): ComponentChildren {
  const text = cellText(row, column);
  switch (column) {
    case 'dir': {
      const sign = directionSign(row.dir);
      return (
        <>
          {present && <Icon name="debug-stackframe" words="The debugger stands here" className="present-arrow" />}
          {sign && <Icon name={sign.icon} words={sign.words} className={`dir-${row.dir}`} />}
        </>
      );
    }
    case 'name': {
      const sign = kindSign(row.kind);
      return (
        <>
          <span class="indent" style={{ width: `${Math.min(row.depth, DEEPEST) * 12}px` }} />
          <Icon name={sign.icon} words={sign.words} className={`kind kind-${row.kind}`} />
          <bdi class={`text ${text === '' ? 'nameless' : ''}`} title={text}>
            {text || sign.words}
          </bdi>
        </>
      );
    }
    case 'summary':
      return (
        <>
          {row.errno !== undefined && <span class="badge errno">{row.errno}</span>}
          {row.severity === 'fault' && <Icon name="error" words="Fault" className="tone-bad" />}
          {row.severity === 'warning' && <Icon name="warning" words="Warning" className="tone-warning" />}
          <bdi class="text" title={row.diagnosis ?? text}>
            {row.diagnosis !== undefined && row.kind !== 'diagnosis' ? `${text}  — ${row.diagnosis}` : text}
          </bdi>
        </>
      );
    case 'duration':
      return row.pending ? <i>{text}</i> : text;
    default:
      // no element of its own: most cells are such, and a fling makes hundreds of them a frame
      return text;
  }
}

export class GridRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    const now = this.props;
    return (
      next.row !== now.row ||
      next.columns !== now.columns ||
      next.selected !== now.selected ||
      next.partner !== now.partner ||
      next.present !== now.present ||
      next.index !== now.index ||
      next.call !== now.call
    );
  }

  override render() {
    const { index, row, columns, call, selected, partner, present } = this.props;
    const names = ['row'];
    if (row) names.push(`tone-${rowTone(row)}`, `is-${row.kind}`);
    if (index % 2 === 1) names.push('odd');
    if (selected) names.push('selected');
    if (partner) names.push('partner');
    if (present) names.push('present');
    if (row?.pending) names.push('pending');
    return (
      // biome-ignore lint/a11y/useSemanticElements: a virtual table is no <table>
      // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus, and names its row by aria-activedescendant
      <div
        class={names.join(' ')}
        id={rowId(index)}
        role="row"
        data-index={index}
        aria-rowindex={index + 2}
        aria-selected={selected}
        aria-label={row ? rowLabel(row, present) : 'Loading'}
        data-vscode-context={row ? rowContext(row, call) : undefined}
      >
        {columns.map(({ column }) => (
          // biome-ignore lint/a11y/useSemanticElements: see above
          // biome-ignore lint/a11y/useFocusableInteractive: see above
          <div key={column} class={`cell c-${column} ${columnText(column).number ? 'number' : ''}`} role="gridcell">
            {row && cell(row, column, present)}
          </div>
        ))}
      </div>
    );
  }
}
