// The line between two panes that can be dragged, or moved by arrow keys. It only reports; whoever owns the panes moves them.
import { useRef } from 'preact/hooks';

interface Props {
  readonly label: string;
  readonly orientation: 'vertical' | 'horizontal';
  /** Share of the first pane, in percent: for screen readers. */
  readonly value: number;
  /** Called with the pointer's place in CSS pixels. */
  readonly onDrag: (place: number) => void;
  /** Called with -1 or 1. */
  readonly onStep: (step: number) => void;
}

export function Sash({ label, orientation, value, onDrag, onStep }: Props) {
  const dragging = useRef(false);
  const place = (event: PointerEvent) => (orientation === 'vertical' ? event.clientX : event.clientY);
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> can't be dragged
    <div
      class={`sash ${orientation}`}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={orientation}
      aria-valuenow={Math.round(value)}
      aria-valuemin={0}
      aria-valuemax={100}
      onPointerDown={(event) => {
        dragging.current = true;
        event.currentTarget.setPointerCapture(event.pointerId);
        event.preventDefault();
      }}
      onPointerMove={(event) => {
        if (dragging.current) onDrag(place(event));
      }}
      onPointerUp={() => {
        dragging.current = false;
      }}
      onKeyDown={(event) => {
        const back = orientation === 'vertical' ? 'ArrowLeft' : 'ArrowUp';
        const on = orientation === 'vertical' ? 'ArrowRight' : 'ArrowDown';
        if (event.key !== back && event.key !== on) return;
        event.preventDefault();
        onStep(event.key === back ? -1 : 1);
      }}
    />
  );
}
