// The pane beside the rows: what the selected row is, what is wrong with it, where it leads, and its message, line, facts and stack.
import type { Details as DetailsOf, Door } from '../protocol.ts';
import { useStore } from './hooks.ts';
import { Icon, IconButton } from './icon.tsx';
import { Menu } from './menu.tsx';
import { RawView } from './rawView.tsx';
import { cellText, directionSign, doorSign, kindSign, rowTone } from './rowText.ts';
import { SendAgain } from './sendAgain.tsx';
import { StackView } from './stackView.tsx';
import type { Store, Tab } from './store.ts';
import { Tabs } from './tabs.tsx';
import { Tree } from './tree.tsx';

/** The doors that have a button of their own; the others are in a menu. */
const FIRST: readonly Door[] = ['runToHere', 'stopOnLike', 'sendAgain', 'comparePrevious'];

function Doors({ store, details }: { store: Store; details: DetailsOf }) {
  const { row } = details.row;
  const go = (door: Door) => {
    if (door === 'sendAgain' && details.params !== undefined) store.sendAgain(row);
    else void store.open(door, row);
  };
  const rest = details.doors.filter((door) => !FIRST.includes(door));
  return (
    <div class="doors">
      {FIRST.filter((door) => details.doors.includes(door)).map((door) => (
        <IconButton key={door} icon={doorSign(door).icon} label={doorSign(door).words} onClick={() => go(door)}>
          <span class="door-words">{doorSign(door).words}</span>
        </IconButton>
      ))}
      {rest.length > 0 && (
        <Menu
          icon="ellipsis"
          label="More Actions"
          className="to-left"
          items={rest.map((door) => ({
            id: door,
            icon: doorSign(door).icon,
            label: doorSign(door).words,
            choose: () => go(door),
          }))}
        />
      )}
    </div>
  );
}

function Title({ store, details }: { store: Store; details: DetailsOf | undefined }) {
  const row = details?.row ?? store.selectedView;
  if (!row) return <div class="details-title" />;
  const sign = kindSign(row.kind);
  const direction = directionSign(row.dir);
  return (
    <h2 class="details-title">
      {direction && <Icon name={direction.icon} words={direction.words} className={`dir-${row.dir}`} />}
      <Icon name={sign.icon} words={sign.words} className={`kind kind-${row.kind} tone-${rowTone(row)}`} />
      <bdi class="text" title={row.name}>
        {row.name || sign.words}
      </bdi>
      {row.id !== undefined && <span class="details-id">{`#${row.id}`}</span>}
      {row.duration !== undefined && <span class="details-id">{cellText(row, 'duration')}</span>}
      {row.pending && <span class="badge">pending</span>}
    </h2>
  );
}

function Body({ store, details }: { store: Store; details: DetailsOf }) {
  const { row } = details;
  const links: { label: string; row: number }[] = [];
  if (row.pair !== undefined)
    links.push({ label: row.kind === 'request' ? 'Go to Reply' : 'Go to Request', row: row.pair });
  for (const fact of details.facts)
    if (fact.row !== undefined && fact.row !== row.pair) links.push({ label: `Go to ${fact.name}`, row: fact.row });
  const said = [...new Set(details.diagnoses)];
  const hasTree = details.tree.length > 0;
  const names: [Tab, string][] = [];
  if (hasTree) names.push(['message', row.kind === 'syscall' ? 'Syscall' : 'Message']);
  if (details.raw) names.push(['raw', 'Raw']);
  names.push(['facts', 'Facts'], ['stack', 'Stack']);
  const tab = names.some(([name]) => name === store.tab) ? store.tab : (names[0]?.[0] ?? 'facts');
  return (
    <>
      {said.map((text) => (
        <p key={text} class={`diagnosis tone-${row.severity === 'warning' ? 'warning' : 'fault'}`}>
          <Icon
            name={row.severity === 'warning' ? 'warning' : 'error'}
            words={row.severity === 'warning' ? 'Warning' : 'Fault'}
          />
          <span>{text}</span>
        </p>
      ))}
      {details.answer !== undefined && (
        <p class="answer">
          <Icon name="reply" words="Answered by" /> <span>{details.answer}</span>
        </p>
      )}
      {store.sending === row.row && details.params !== undefined && (
        <SendAgain key={row.row} store={store} details={details} />
      )}
      <Tabs
        label="Details"
        tabs={names}
        selected={tab}
        onSelect={(name) => store.setTab(name)}
        after={
          links.length > 0 && (
            <span class="links">
              {links.map((link) => (
                <button key={link.label} type="button" class="link" onClick={() => void store.select(link.row)}>
                  {link.label}
                </button>
              ))}
            </span>
          )
        }
      >
        {tab === 'message' && <Tree store={store} label="Message" roots={details.tree} />}
        {tab === 'raw' && <RawView store={store} details={details} />}
        {tab === 'facts' && <Tree store={store} label="Facts" roots={details.facts} />}
        {tab === 'stack' && <StackView store={store} row={row.row} />}
      </Tabs>
    </>
  );
}

export function Details({ store }: { store: Store }) {
  useStore(store);
  const details = store.details?.row.row === store.selected?.row ? store.details : undefined;
  return (
    <section
      class="details"
      aria-label="Details"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        store.table?.focus();
      }}
    >
      <div class="details-head">
        <Title store={store} details={details} />
        {details && <Doors store={store} details={details} />}
        <IconButton
          icon="close"
          label="Close Details (Escape)"
          onClick={() => {
            store.closeDetails();
            store.table?.focus();
          }}
        />
      </div>
      {details && <Body store={store} details={details} />}
      {store.detailsProblem && <p class="problem">{store.detailsProblem}</p>}
    </section>
  );
}
