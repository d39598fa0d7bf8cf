// The guest's frames at an event. Asked for only here, because it may take doing the call again.
import { useEffect, useState } from 'preact/hooks';
import type { StackFrame } from '../protocol.ts';
import { Icon } from './icon.tsx';
import type { Store } from './store.ts';

export function StackView({ store, row }: { store: Store; row: number }) {
  const [frames, setFrames] = useState<readonly StackFrame[]>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    let current = true;
    setFrames(undefined);
    setProblem(undefined);
    store.bridge.ask('stack', { row }).then(
      (found) => current && setFrames(found),
      (error: unknown) => current && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      current = false;
    };
  }, [store, row]);
  if (problem) return <p class="problem">{problem}</p>;
  if (!frames)
    return (
      <p class="hint" role="status">
        <Icon name="loading" className="codicon-modifier-spin" /> The call is done again up to this event…
      </p>
    );
  if (frames.length === 0) return <p class="hint">No function of the plugin was running.</p>;
  return (
    <ol class="stack" aria-label="Guest stack, innermost first">
      {frames.map((frame, index) => (
        <li key={index}>
          <button
            type="button"
            class={frame.place === undefined || frame.place.own ? 'frame' : 'frame library'}
            title={`${frame.name}: ${frame.place === undefined ? '' : `${frame.place.path}:${frame.place.line}, `}function ${frame.func}, byte ${frame.offset}`}
            onClick={() => void store.open('revealFunction', row, { frame })}
          >
            <bdi class="frame-name">{frame.name}</bdi>
            <span class="frame-place">
              {frame.place === undefined
                ? `${frame.func} · 0x${frame.offset.toString(16)}`
                : `${frame.place.path.replace(/^.*[\\/]/, '')}:${frame.place.line}`}
            </span>
          </button>
        </li>
      ))}
    </ol>
  );
}
