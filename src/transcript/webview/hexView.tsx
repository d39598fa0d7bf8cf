// A line's bytes as a hex dump. Only the lines in view are drawn, and only the bytes near them pulled.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fromBase64, hexLine, NARROW, WIDE } from './hexText.ts';
import type { Store } from './store.ts';
import { drawn, furthest, type Lengths, scrollOf, spacer, topOf } from './windowing.ts';

const LINE = 18;
/** Pixels that a line of sixteen bytes takes. */
const ROOM = 620;
/** Bytes that are pulled at once: a quarter of the protocol's bound. */
const CHUNK = 16_384;

export function HexView({ store, row, size }: { store: Store; row: number; size: number }) {
  const box = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState(0);
  const [{ width, view }, setSize] = useState({ width: 0, view: 200 });
  const [part, setPart] = useState<{ row: number; from: number; bytes: Uint8Array }>();
  const [problem, setProblem] = useState<string>();
  const perLine = width > 0 && width < ROOM ? NARROW : WIDE;
  const lengths: Lengths = { count: Math.ceil(size / perLine), row: LINE, view };
  const top = topOf(scroll, lengths);
  const { from, to } = drawn(top, lengths, 4);
  const first = from * perLine;
  const last = Math.min(size, to * perLine);
  const here = part?.row === row && first >= part.from && last <= part.from + part.bytes.length;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    // at once, too: what a key does before the observer's first answer would be of another layout
    const measure = () => setSize({ width: element.clientWidth, view: element.clientHeight });
    measure();
    const watch = new ResizeObserver(measure);
    watch.observe(element);
    return () => watch.disconnect();
  }, []);
  // lines that get longer or shorter leave the same bytes at the upper edge
  const laidOut = useRef({ perLine, first: 0, atEnd: false });
  useLayoutEffect(() => {
    const before = laidOut.current;
    if (before.perLine !== perLine && box.current) {
      const wanted = before.atEnd ? furthest(lengths) : Math.floor(before.first / perLine) * LINE;
      box.current.scrollTop = scrollOf(wanted, lengths);
    }
    laidOut.current = { perLine, first: Math.floor(top / LINE) * perLine, atEnd: top >= furthest(lengths) - 1 };
  });
  useEffect(() => {
    if (here || size === 0) return;
    let current = true;
    const begin = Math.max(0, first - CHUNK / 4);
    const range = { row, from: begin, to: Math.min(size, begin + CHUNK) };
    store.bridge.ask('bytes', range).then(
      (text) => current && setPart({ row, from: begin, bytes: fromBase64(text) }),
      (error: unknown) => current && setProblem(error instanceof Error ? error.message : String(error)),
    );
    return () => {
      current = false;
    };
  }, [row, first, here]);
  const lines = [];
  for (let index = from; index < to; index++) {
    const line = hexLine(index, part && here ? part.bytes : new Uint8Array(), part && here ? part.from : 0, perLine);
    lines.push(
      <div class="hex-line" key={index}>
        <span class="hex-offset">{line.offset}</span>
        <span class="hex-bytes">{line.hex.padEnd(perLine === WIDE ? 3 * WIDE : 3 * NARROW - 1)}</span>
        <span class="hex-text">{line.text}</span>
      </div>,
    );
  }
  const offset = from * LINE - top + scrollOf(top, lengths);
  if (problem) return <p class="problem">{problem}</p>;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a dump is no set of fields
    <div
      class="hex"
      ref={box}
      role="group"
      aria-label="Bytes"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and keys have to reach it for that
      tabIndex={0}
      onScroll={(event) => setScroll(event.currentTarget.scrollTop)}
    >
      <div style={{ height: `${spacer(lengths)}px` }}>
        <div style={{ transform: `translateY(${Math.round(offset)}px)` }}>{lines}</div>
      </div>
    </div>
  );
}
