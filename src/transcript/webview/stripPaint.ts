// Draws the timeline strip on a canvas, in the theme's colours. Reads nothing but what it is given.
import type { Strip } from '../protocol.ts';
import { axisText } from './numbers.ts';
import { atX, type Lane, lanes, type Range, ticks, xOf } from './stripGeometry.ts';

export interface Colours {
  readonly text: string;
  readonly line: string;
  readonly calls: string;
  readonly syscalls: string;
  readonly stderr: string;
  readonly wrong: string;
  readonly present: string;
  readonly cursor: string;
  readonly selection: string;
}

/** The theme's variables as they are now. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const read = (...names: string[]): string => {
    for (const name of names) {
      const value = style.getPropertyValue(`--vscode-${name}`).trim();
      if (value !== '') return value;
    }
    return style.color;
  };
  return {
    text: read('descriptionForeground', 'foreground'),
    line: read('contrastBorder', 'charts-lines', 'panel-border'),
    calls: read('charts-blue'),
    syscalls: read('charts-purple'),
    stderr: read('charts-green'),
    wrong: read('charts-red', 'errorForeground'),
    present: read('debugIcon-breakpointCurrentStackframeForeground', 'charts-yellow'),
    cursor: read('focusBorder', 'charts-foreground'),
    selection: read('editor-selectionBackground', 'list-hoverBackground'),
  };
}

export interface Picture {
  readonly strip: Strip;
  readonly range: Range;
  readonly colours: Colours;
  readonly font: string;
  /** Place on the axis: of the keyboard's cursor, or of the selected row. */
  readonly cursor: number | undefined;
  /** Pixels from and to which is being dragged. */
  readonly drag: readonly [number, number] | undefined;
}

const AXIS = 15;

export function paint(canvas: HTMLCanvasElement, width: number, height: number, picture: Picture): void {
  const scale = window.devicePixelRatio || 1;
  const [wide, high] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== wide || canvas.height !== high) {
    canvas.width = wide;
    canvas.height = high;
  }
  const on = canvas.getContext('2d');
  if (!on) return;
  on.setTransform(scale, 0, 0, scale, 0, 0);
  on.clearRect(0, 0, width, height);
  const { strip, range, colours } = picture;
  on.font = picture.font;
  paintAxis(on, width, height, picture);
  for (const lane of lanes(height, AXIS)) {
    if (lane.id === 'calls' && strip.spans) paintSpans(on, lane, width, picture, strip.spans);
    else {
      const counts = lane.id === 'calls' ? strip.inFlight : lane.id === 'syscalls' ? strip.syscalls : strip.stderr;
      paintDensity(on, lane, width, picture, counts, lane.id === 'calls' ? colours.calls : colours[lane.id]);
    }
  }
  paintWrong(on, width, height, picture);
  if (picture.drag) {
    on.globalAlpha = 0.5;
    on.fillStyle = colours.selection;
    on.fillRect(picture.drag[0], 0, picture.drag[1] - picture.drag[0], height);
    on.globalAlpha = 1;
  }
  if (picture.cursor !== undefined) mark(on, xOf(picture.cursor, range, width), height, colours.cursor, false);
  if (strip.present !== undefined) mark(on, xOf(strip.present, range, width), height, colours.present, true);
}

function paintAxis(
  on: CanvasRenderingContext2D,
  width: number,
  height: number,
  { strip, range, colours }: Picture,
): void {
  const base = height - AXIS;
  on.fillStyle = colours.line;
  on.globalAlpha = 0.6;
  on.fillRect(0, base, width, 1);
  on.textBaseline = 'middle';
  for (const at of ticks(range, width, 110)) {
    const x = Math.round(xOf(at, range, width));
    on.globalAlpha = 0.25;
    on.fillStyle = colours.line;
    on.fillRect(x, 0, 1, base + 3);
    on.globalAlpha = 1;
    on.fillStyle = colours.text;
    const label = axisText(strip.axis, at);
    if (x + on.measureText(label).width + 6 < width) on.fillText(label, x + 3, base + AXIS / 2 + 1);
  }
  on.globalAlpha = 1;
}

/** Bars of the host calls; lanes are as low as they must be for all of them to have room. */
function paintSpans(
  on: CanvasRenderingContext2D,
  lane: Lane,
  width: number,
  { range, colours, strip }: Picture,
  spans: NonNullable<Strip['spans']>,
): void {
  const count = spans.reduce((most, span) => Math.max(most, span.lane + 1), 1);
  const each = Math.min(14, lane.height / count);
  for (const span of spans) {
    const from = xOf(span.from, range, width);
    const to = xOf(span.to ?? Math.max(strip.end, span.from), range, width);
    if (to < 0 || from > width) continue;
    const [x, y] = [Math.max(-2, from), lane.top + span.lane * each];
    const [wide, high] = [Math.max(2, Math.min(width + 2, to) - x), Math.max(1, each - 1)];
    on.fillStyle = span.failed ? colours.wrong : colours.calls;
    on.globalAlpha = span.to === undefined ? 0.45 : 0.75;
    on.fillRect(x, y, wide, high);
    on.globalAlpha = 1;
    if (high < 9 || wide < 30) continue;
    on.save();
    on.beginPath();
    on.rect(x, y, wide - 3, high);
    on.clip();
    on.fillStyle = colours.text;
    on.fillText(span.name, Math.max(0, x) + 4, y + high / 2 + 0.5);
    on.restore();
  }
}

function paintDensity(
  on: CanvasRenderingContext2D,
  lane: Lane,
  width: number,
  { strip, range }: Picture,
  counts: readonly number[],
  colour: string,
): void {
  const most = counts.reduce((high, value) => Math.max(high, value), 0);
  if (most === 0) return;
  on.fillStyle = colour;
  const step = (strip.to - strip.from) / counts.length;
  counts.forEach((count, index) => {
    if (count === 0) return;
    const from = xOf(strip.from + index * step, range, width);
    const to = xOf(strip.from + (index + 1) * step, range, width);
    // the square root, so that one is seen beside a thousand
    const high = Math.max(2, Math.sqrt(count / most) * lane.height);
    on.fillRect(from, lane.top + lane.height - high, Math.max(1.5, to - from), high);
  });
}

function paintWrong(
  on: CanvasRenderingContext2D,
  width: number,
  height: number,
  { strip, range, colours }: Picture,
): void {
  const step = (strip.to - strip.from) / strip.faults.length;
  on.fillStyle = colours.wrong;
  strip.faults.forEach((count, index) => {
    if (count === 0) return;
    const x = xOf(strip.from + (index + 0.5) * step, range, width);
    on.fillRect(x - 0.5, 0, 1.5, height - AXIS);
    // a shape too: red alone is not seen by all
    on.beginPath();
    on.moveTo(x - 4, 0);
    on.lineTo(x + 4, 0);
    on.lineTo(x, 6);
    on.fill();
  });
}

function mark(on: CanvasRenderingContext2D, x: number, height: number, colour: string, arrow: boolean): void {
  on.fillStyle = colour;
  on.fillRect(Math.round(x) - 0.5, 0, arrow ? 2 : 1, height - AXIS + 4);
  if (!arrow) return;
  on.beginPath();
  on.moveTo(x - 4.5, height - AXIS + 4);
  on.lineTo(x + 5.5, height - AXIS + 4);
  on.lineTo(x + 0.5, height - AXIS - 3);
  on.fill();
}

/** What lies under a pixel, in words: for the tooltip. */
export function underPointer(strip: Strip, range: Range, width: number, x: number, y: number, height: number): string {
  const at = atX(x, range, width);
  const place = `${axisText(strip.axis, at)}${strip.axis === 'fuel' ? ' fuel' : ''}`;
  const lane = lanes(height, AXIS).find((one) => y >= one.top && y < one.top + one.height);
  if (lane?.id === 'calls' && strip.spans) {
    const count = strip.spans.reduce((most, span) => Math.max(most, span.lane + 1), 1);
    const row = Math.floor((y - lane.top) / Math.min(14, lane.height / count));
    const span = strip.spans.find((one) => one.lane === row && at >= one.from && at <= (one.to ?? strip.end));
    if (span)
      return `${span.name}${span.to === undefined ? ', pending' : ''}${span.failed ? ', failed' : ''} · ${place}`;
  }
  const index = Math.floor(((at - strip.from) / (strip.to - strip.from)) * strip.syscalls.length);
  const count =
    lane?.id === 'syscalls'
      ? strip.syscalls[index]
      : lane?.id === 'stderr'
        ? strip.stderr[index]
        : strip.inFlight[index];
  return `${lane ? `${lane.label}: ${count ?? 0} · ` : ''}${place}`;
}
