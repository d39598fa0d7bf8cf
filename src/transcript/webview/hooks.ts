// What components share: drawing again when the store changes, and a value that waits for typing to pause.
import { useEffect, useLayoutEffect, useReducer, useRef } from 'preact/hooks';
import type { Store } from './store.ts';

/** Draws the component again whenever the store says that something has changed; several changes in one turn are drawn once. */
export function useStore(store: Store): void {
  const [, again] = useReducer((count: number, _: undefined) => count + 1, 0);
  // at once, not after the next frame: what changes until then would not be drawn
  useLayoutEffect(() => store.subscribe(() => again(undefined)), [store]);
}

/** A function that runs the last call of several, `ms` after it. */
export function useDebounced<Args extends unknown[]>(
  run: (...args: Args) => void,
  ms: number,
): (...args: Args) => void {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latest = useRef(run);
  latest.current = run;
  useEffect(() => () => clearTimeout(timer.current), []);
  return useRef((...args: Args) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => latest.current(...args), ms);
  }).current;
}
