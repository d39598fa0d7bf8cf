// Find among the shown rows: a text in the filter's language, next and previous, which one it is of how many.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useDebounced, useStore } from './hooks.ts';
import { IconButton } from './icon.tsx';
import { grouped } from './numbers.ts';
import type { Store } from './store.ts';

export function FindWidget({ store }: { store: Store }) {
  useStore(store);
  const input = useRef<HTMLInputElement>(null);
  const { finding } = store;
  const { open, result } = finding;
  const [text, setText] = useState(finding.text);
  const search = useDebounced((value: string) => void finding.find(value, false, true), 100);
  useEffect(() => {
    if (open) input.current?.select();
  }, [open, finding.focus]);
  if (!open) return null;
  const problem = result?.problems[0]?.message;
  const said =
    problem ??
    (text === '' || result === undefined
      ? ''
      : result.index < 0
        ? 'No results'
        : `${grouped(result.ordinal)} of ${grouped(result.count)}`);
  const go = (backwards: boolean) => void finding.find(text, backwards);
  return (
    // biome-ignore lint/a11y/useSemanticElements: <search> is not known to every reader yet
    <div
      class="find"
      role="search"
      aria-label="Find in the transcript"
      onKeyDown={(event) => {
        if (event.key === 'Escape') finding.hide();
        else if (event.key === 'Enter') go(event.shiftKey);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <div class={`input-box ${problem ? 'invalid' : ''}`}>
        <input
          ref={input}
          type="text"
          spellcheck={false}
          aria-label="Find"
          placeholder="Find"
          value={text}
          onInput={(event) => {
            setText(event.currentTarget.value);
            search(event.currentTarget.value);
          }}
        />
      </div>
      <span class={`find-count ${result && result.index < 0 ? 'none' : ''}`} title={problem}>
        {said}
      </span>
      <IconButton icon="arrow-up" label="Previous Match (Shift+Enter)" onClick={() => go(true)} />
      <IconButton icon="arrow-down" label="Next Match (Enter)" onClick={() => go(false)} />
      <IconButton icon="close" label="Close (Escape)" onClick={() => finding.hide()} />
    </div>
  );
}
