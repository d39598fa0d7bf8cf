// The timeline strip: the shape of the call over fuel or time. A click goes to the row there, the wheel zooms, a drag zooms to what it covers
// (with Shift: moves), a double click or Escape shows all of it. For the keyboard it is a slider: arrows, + and -, Enter.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Strip as StripOf } from '../protocol.ts';
import { useStore } from './hooks.ts';
import { axisText } from './numbers.ts';
import type { Store } from './store.ts';
import { atX, type Range, stripSummary, within, zoomed } from './stripGeometry.ts';
import { coloursOf, paint, underPointer } from './stripPaint.ts';

/** While a call runs the strip is asked for so often at most, ms. */
const PACE = 250;

export function Strip({ store }: { store: Store }) {
  useStore(store);
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [strip, setStrip] = useState<StripOf>();
  const [zoom, setZoom] = useState<Range>();
  const [cursor, setCursor] = useState<number>();
  const [drag, setDrag] = useState<{ from: number; to: number; shift: boolean; start: Range }>();
  const [theme, setTheme] = useState(0);
  const asking = useRef({ busy: false, again: false, last: 0 });
  const axis = store.settings.axis ?? 'fuel';
  const { state } = store;
  const range: Range = zoom ?? { from: 0, to: strip?.end ?? 0 };

  useEffect(() => {
    const watch = new ResizeObserver(([entry]) => {
      if (entry) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    if (box.current) watch.observe(box.current);
    const themes = new MutationObserver(() => setTheme((count) => count + 1));
    themes.observe(document.documentElement, { attributeFilter: ['style', 'class'] });
    themes.observe(document.body, { attributeFilter: ['class'] });
    return () => {
      watch.disconnect();
      themes.disconnect();
    };
  }, []);

  const [call, setCall] = useState(state?.call);
  if (call !== state?.call || (strip && strip.axis !== axis)) {
    setCall(state?.call);
    setZoom(undefined);
    setStrip(undefined);
    setCursor(undefined);
  }

  const load = useRef<() => void>(() => {});
  load.current = () => {
    const { current } = asking;
    if (size.width === 0 || state?.call === undefined) return;
    if (current.busy) {
      current.again = true;
      return;
    }
    current.busy = true;
    current.again = false;
    const wait = Math.max(0, current.last + PACE - performance.now());
    setTimeout(() => {
      current.last = performance.now();
      store.bridge
        .ask('strip', { axis, ...(zoom ?? {}), buckets: Math.max(16, Math.min(800, Math.round(size.width / 2))) })
        .then(setStrip, () => {})
        .finally(() => {
          current.busy = false;
          if (current.again) load.current();
        });
    }, wait);
  };
  useEffect(
    () => load.current(),
    [axis, zoom, size.width, state?.call, state?.total, state?.busy, state?.present?.row],
  );

  const selectedAt = axis === 'fuel' ? store.selectedView?.fuel : store.selectedView?.time;
  useEffect(() => {
    const { current } = canvas;
    if (!current || !strip || size.width === 0) return;
    paint(current, size.width, size.height, {
      strip,
      range,
      colours: coloursOf(current),
      font: `10px ${getComputedStyle(current).fontFamily}`,
      cursor: cursor ?? selectedAt,
      drag: drag && !drag.shift ? [Math.min(drag.from, drag.to), Math.max(drag.from, drag.to)] : undefined,
    });
  }, [strip, zoom, size, cursor, selectedAt, drag, theme]);

  const pick = async (at: number) => {
    const row = await store.bridge.ask('rowAt', { axis, at }).catch(() => 0);
    // before the first event there is nothing: the first is what is meant
    await store.select(Math.max(0, row));
  };
  const zoomAt = (at: number, factor: number) => {
    if (strip) setZoom(zoomed(range, at, factor, strip.end, axis));
  };
  const text = (at: number) => axisText(axis, at);
  const place = (event: MouseEvent) => event.clientX - (canvas.current?.getBoundingClientRect().left ?? 0);

  // React to the wheel without being passive: the page must not scroll too
  const onWheel = useRef<(event: WheelEvent) => void>(() => {});
  onWheel.current = (event) => {
    event.preventDefault();
    if (!strip) return;
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
      const by = ((event.deltaX || event.deltaY) / Math.max(1, size.width)) * (range.to - range.from);
      if (zoom) setZoom(within({ from: range.from + by, to: range.to + by }, strip.end));
    } else zoomAt(atX(place(event), range, size.width), event.deltaY > 0 ? 1.25 : 0.8);
  };
  useEffect(() => {
    const { current } = canvas;
    const listen = (event: WheelEvent) => onWheel.current(event);
    current?.addEventListener('wheel', listen, { passive: false });
    return () => current?.removeEventListener('wheel', listen);
  }, []);

  const onKeyDown = (event: KeyboardEvent) => {
    if (!strip) return;
    const length = range.to - range.from;
    const at = cursor ?? selectedAt ?? range.from;
    const move = (to: number) => {
      const next = Math.max(0, Math.min(strip.end, to));
      setCursor(next);
      if (zoom && (next < range.from || next > range.to))
        setZoom(within({ from: next - length / 2, to: next + length / 2 }, strip.end));
    };
    const step = length / (event.shiftKey ? 10 : 100);
    if (event.key === 'ArrowRight') move(at + step);
    else if (event.key === 'ArrowLeft') move(at - step);
    else if (event.key === 'Home') move(0);
    else if (event.key === 'End') move(strip.end);
    else if (event.key === '+' || event.key === '=') zoomAt(at, 0.5);
    else if (event.key === '-') zoomAt(at, 2);
    else if (event.key === 'Enter' || event.key === ' ') void pick(at);
    else if (event.key === 'Escape' && zoom) setZoom(undefined);
    else if (event.key === 'Escape') store.table?.focus();
    else return;
    event.preventDefault();
  };
  const at = cursor ?? selectedAt ?? 0;
  return (
    <div class="strip" ref={box}>
      <canvas
        ref={canvas}
        class={drag ? 'dragging' : ''}
        role="slider"
        tabIndex={0}
        aria-label={`Timeline by ${axis}`}
        aria-valuemin={0}
        aria-valuemax={Math.round(strip?.end ?? 0)}
        aria-valuenow={Math.round(at)}
        aria-valuetext={`${text(at)}${axis === 'fuel' ? ' fuel' : ''}`}
        aria-describedby="strip-summary"
        onKeyDown={onKeyDown}
        onBlur={() => setCursor(undefined)}
        onDblClick={() => setZoom(undefined)}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          const x = place(event);
          setDrag({ from: x, to: x, shift: event.shiftKey, start: range });
        }}
        onPointerMove={(event) => {
          const x = place(event);
          const y = event.clientY - event.currentTarget.getBoundingClientRect().top;
          if (strip) event.currentTarget.title = underPointer(strip, range, size.width, x, y, size.height);
          if (!drag || !strip) return;
          setDrag({ ...drag, to: x });
          if (!drag.shift || !zoom) return;
          const by = ((drag.from - x) / size.width) * (drag.start.to - drag.start.from);
          setZoom(within({ from: drag.start.from + by, to: drag.start.to + by }, strip.end));
        }}
        onPointerUp={(event) => {
          if (!drag || !strip) return setDrag(undefined);
          const x = place(event);
          const [low, high] = [Math.min(drag.from, x), Math.max(drag.from, x)];
          setDrag(undefined);
          if (high - low < 4) void pick(atX(x, range, size.width));
          else if (!drag.shift) {
            const from = atX(low, range, size.width);
            const to = atX(high, range, size.width);
            setZoom(zoomed({ from, to }, (from + to) / 2, 1, strip.end, axis));
          }
        }}
      />
      {strip && (
        <>
          <span class="strip-lane lane-calls">host calls</span>
          <span class="strip-lane lane-syscalls">syscalls</span>
          <span class="strip-lane lane-stderr">log</span>
          <span class="strip-hint">
            {zoom ? `${text(range.from)} – ${text(range.to)}, double click: all` : axis === 'fuel' ? 'fuel' : 'time'}
          </span>
          <span class="unseen" id="strip-summary">
            {stripSummary(strip, text)}
          </span>
        </>
      )}
    </div>
  );
}
