// The filter: a text box that completes, underlines what it can't understand, and remembers what was asked before.
import type { TargetedEvent } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Completion } from '../protocol.ts';
import { marked } from './filterMarks.ts';
import { useDebounced, useStore } from './hooks.ts';
import { IconButton } from './icon.tsx';
import { Menu } from './menu.tsx';
import type { Store } from './store.ts';

export function FilterBox({ store }: { store: Store }) {
  useStore(store);
  const input = useRef<HTMLInputElement>(null);
  const mirror = useRef<HTMLDivElement>(null);
  const [text, setText] = useState(store.filter);
  const [completions, setCompletions] = useState<readonly Completion[]>([]);
  const [at, setAt] = useState(-1);
  const [focused, setFocused] = useState(false);
  const [history, setHistory] = useState<readonly string[]>([]);
  const [earlier, setEarlier] = useState(-1);
  const asked = useRef(0);
  const own = useRef(store.filter);
  const set = (filter: string) => {
    own.current = filter;
    void store.setFilter(filter);
  };
  const apply = useDebounced(set, 40);

  // set by others: Clear Filter, a view that was hidden; what was set here may be older than what is being typed
  useLayoutEffect(() => {
    if (store.filter === own.current) return;
    own.current = store.filter;
    setText(store.filter);
  }, [store.filter]);
  useEffect(() => {
    if (store.focusFilter > 0) input.current?.select();
  }, [store.focusFilter]);

  const close = () => {
    asked.current++;
    setCompletions([]);
    setAt(-1);
  };
  const complete = async (value: string, caret: number) => {
    const mine = ++asked.current;
    const found = await store.bridge.ask('complete', { text: value, caret }).catch(() => []);
    if (mine !== asked.current) return;
    setCompletions(found);
    setAt(-1);
  };
  const loadHistory = async () => {
    const found = await store.bridge.ask('history', {}).catch(() => []);
    setHistory(found);
    return found;
  };
  const put = (value: string) => {
    setText(value);
    apply(value);
  };
  const onInput = (event: TargetedEvent<HTMLInputElement>) => {
    const { value, selectionStart } = event.currentTarget;
    setEarlier(-1);
    put(value);
    void complete(value, selectionStart ?? value.length);
  };
  const accept = (completion: Completion) => {
    const value = text.slice(0, completion.from) + completion.text + text.slice(completion.to);
    const caret = completion.from + completion.text.length;
    put(value);
    close();
    requestAnimationFrame(() => {
      input.current?.setSelectionRange(caret, caret);
      if (completion.text.endsWith(':')) void complete(value, caret);
    });
  };
  const remember = (value: string) => {
    if (value.trim() !== '') store.bridge.ask('history', { add: value }).then(setHistory, () => {});
  };
  const recall = async (step: number) => {
    const list = earlier < 0 ? await loadHistory() : history;
    const next = Math.max(-1, Math.min(list.length - 1, earlier + step));
    setEarlier(next);
    put(next < 0 ? '' : (list[next] ?? ''));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const open = completions.length > 0;
    const chosen = completions[at];
    const { key } = event;
    if (key === 'ArrowDown' && open) setAt((at + 1) % completions.length);
    else if (key === 'ArrowUp' && open) setAt(at <= 0 ? completions.length - 1 : at - 1);
    else if (key === 'ArrowUp') void recall(1);
    else if (key === 'ArrowDown' && earlier >= 0) void recall(-1);
    else if ((key === 'ArrowDown' && event.altKey) || (key === ' ' && event.ctrlKey))
      void complete(text, input.current?.selectionStart ?? text.length);
    else if (key === 'ArrowDown') store.table?.focus();
    else if (key === 'Enter' && chosen) accept(chosen);
    else if (key === 'Enter') {
      close();
      set(text);
      remember(text);
    } else if (key === 'Tab' && !event.shiftKey && chosen) accept(chosen);
    else if (key === 'Escape' && open) close();
    else if (key === 'Escape' && text !== '') put('');
    else if (key === 'Escape') store.table?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const problems = text === store.filter ? store.problems : [];
  return (
    <div class={`filter input-box ${problems.length > 0 ? 'invalid' : ''}`}>
      <div class="filter-field">
        <div class="mirror" ref={mirror} aria-hidden="true">
          {marked(text, problems).map((part, index) => (
            <span key={index} class={part.wrong ? 'wrong' : ''}>
              {part.text}
            </span>
          ))}
        </div>
        <input
          ref={input}
          type="text"
          spellcheck={false}
          autocomplete="off"
          role="combobox"
          aria-label="Filter"
          aria-autocomplete="list"
          aria-expanded={completions.length > 0}
          aria-controls="completions"
          aria-activedescendant={at >= 0 ? `completion-${at}` : undefined}
          aria-invalid={problems.length > 0}
          aria-describedby={problems.length > 0 ? 'filter-problems' : undefined}
          placeholder="Filter: method:echo dir:out kind:error errno:!0 fuel:&gt;1000 text…"
          value={text}
          onInput={onInput}
          onKeyDown={onKeyDown}
          onScroll={(event) => {
            if (mirror.current) mirror.current.scrollLeft = event.currentTarget.scrollLeft;
          }}
          onFocus={() => setFocused(true)}
          onBlur={() => {
            setFocused(false);
            close();
            remember(text);
          }}
        />
      </div>
      {text !== '' && <IconButton icon="close" label="Clear Filter" onClick={() => put('')} />}
      <Menu
        icon="history"
        label="Earlier Filters"
        className="to-left"
        empty="No filter was used so far"
        items={history.map((filter) => ({ id: filter, label: filter, choose: () => put(filter) }))}
        onOpen={() => void loadHistory()}
      />
      {completions.length > 0 && (
        <div class="completions" id="completions" role="listbox" aria-label="Completions">
          {completions.map((completion, index) => (
            <div
              key={`${completion.label} ${completion.from}`}
              id={`completion-${index}`}
              class="completion"
              role="option"
              tabIndex={-1}
              aria-selected={index === at}
              // before the field loses the focus
              onMouseDown={(event) => {
                event.preventDefault();
                accept(completion);
              }}
            >
              <span class="completion-label">{completion.label}</span>
              <span class="completion-detail">{completion.detail}</span>
            </div>
          ))}
        </div>
      )}
      {problems.length > 0 && (
        <div id="filter-problems" class={`problems ${focused && completions.length === 0 ? '' : 'unseen'}`}>
          {problems.map(({ message, from }) => (
            <div key={`${from} ${message}`}>{message}</div>
          ))}
        </div>
      )}
    </div>
  );
}
