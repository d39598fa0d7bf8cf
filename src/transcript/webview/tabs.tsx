// Tabs over one panel: arrows move between them, and show at once.
import type { ComponentChildren } from 'preact';
import { useRef } from 'preact/hooks';
import type { Tab } from './store.ts';

interface Props {
  readonly label: string;
  readonly tabs: readonly (readonly [Tab, string])[];
  readonly selected: Tab;
  readonly onSelect: (tab: Tab) => void;
  /** At the end of the line. */
  readonly after?: ComponentChildren;
  readonly children: ComponentChildren;
}

export function Tabs({ label, tabs, selected, onSelect, after, children }: Props) {
  const line = useRef<HTMLDivElement>(null);
  const go = (index: number) => {
    const tab = tabs[(index + tabs.length) % tabs.length];
    if (!tab) return;
    onSelect(tab[0]);
    line.current?.querySelector<HTMLElement>(`#tab-${tab[0]}`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, index: number) => {
    if (event.key === 'ArrowRight') go(index + 1);
    else if (event.key === 'ArrowLeft') go(index - 1);
    else if (event.key === 'Home') go(0);
    else if (event.key === 'End') go(tabs.length - 1);
    else if (event.key === 'ArrowDown') document.querySelector<HTMLElement>('.tab-panel [tabindex="0"]')?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <>
      <div class="tab-line">
        <div class="tabs" role="tablist" aria-label={label} ref={line}>
          {tabs.map(([tab, words], index) => (
            <button
              key={tab}
              id={`tab-${tab}`}
              type="button"
              role="tab"
              class="tab"
              aria-selected={tab === selected}
              aria-controls="details-panel"
              tabIndex={tab === selected ? 0 : -1}
              onClick={() => onSelect(tab)}
              onKeyDown={(event) => onKeyDown(event, index)}
            >
              {words}
            </button>
          ))}
        </div>
        {after}
      </div>
      <div class="tab-panel" id="details-panel" role="tabpanel" aria-labelledby={`tab-${selected}`}>
        {children}
      </div>
    </>
  );
}
