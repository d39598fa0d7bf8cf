// What is measured against raw V8: one line for each plan of the rewriting pass, from what costs nothing to all of it. A plan here is
// what the executor would ask for; `sites` of a whole program stand for armed breakpoints.
import { sitePlan } from '../debug-adapter/executor/code-places.ts';
import { NO_SITES } from '../debug-adapter/executor/options.ts';
import type { ProbePlan, SitePlan } from '../debug-adapter/instrument/plan.ts';
import type { Sources } from './guest.ts';

export interface PlanRow {
  readonly id: string;
  readonly about: string;
  /** Null: the module as it is. */
  plan(sources: Sources): ProbePlan | null;
  /** Where breakpoints stand: byte offsets of instructions. */
  breakpoints?(sources: Sources): readonly number[];
}

const NOTHING: ProbePlan = {
  charges: null,
  frameSlots: null,
  canonicalNaN: false,
  chunkBulk: false,
  growHooks: false,
  moments: false,
  sites: null,
  blockCounts: false,
  watchedMemory: null,
};

const statements = ({ statements: bare }: Sources): SitePlan => ({
  entries: false,
  functions: new Uint8Array(),
  offsets: new Uint32Array(),
  bare,
});
const noSites: SitePlan = {
  entries: false,
  functions: new Uint8Array(),
  offsets: new Uint32Array(),
  bare: new Uint32Array(),
};

/** What a call without probes runs under: fuel, moments, depth, canonical NaNs, and what keeps the host in charge. */
const engine = ({ charges }: Sources): ProbePlan => ({
  ...NOTHING,
  charges,
  frameSlots: charges.frameSlots,
  canonicalNaN: true,
  chunkBulk: true,
  growHooks: true,
  moments: true,
});

/** What a debug session runs under: statements of the author's own code are sites that hand over what is there. */
const session = (sources: Sources): ProbePlan => ({
  ...engine(sources),
  sites: sitePlan(sources.module, { ...NO_SITES, statements: true }, [], sources.source),
  storedPointers: { global: sources.layouts.stackPointer, functions: sources.layouts.unusual() },
});

/** As many lines of the plugin's, of a file whose code neither workload comes to: each that it passed would be a stop. */
const BREAKPOINTS = 20;
const UNTOUCHED = /\/endings\.rs$/;

function untouched({ source }: Sources): readonly number[] {
  const found: number[] = [];
  if (source === undefined) return found;
  const { statements, files } = source;
  for (let at = 0; at < statements.count && found.length < BREAKPOINTS; at++)
    if (files.stepped(statements.file(at)) && UNTOUCHED.test(files.path(statements.file(at))))
      found.push(statements.offset[at] ?? 0);
  return found;
}

export const PLANS: readonly PlanRow[] = [
  { id: 'raw', about: 'raw V8', plan: () => null },
  { id: 'nothing', about: 'rewritten, nothing asked for', plan: () => NOTHING },
  { id: 'fuel', about: 'fuel', plan: ({ charges }) => ({ ...NOTHING, charges }) },
  { id: 'nan', about: 'canonical NaNs', plan: () => ({ ...NOTHING, canonicalNaN: true }) },
  { id: 'depth', about: 'depth count', plan: ({ charges }) => ({ ...NOTHING, frameSlots: charges.frameSlots }) },
  { id: 'moments', about: 'fuel + moments', plan: ({ charges }) => ({ ...NOTHING, charges, moments: true }) },
  { id: 'engine', about: 'all that a call runs under', plan: engine },
  {
    id: 'sites',
    about: 'fuel + moments + a site per statement',
    plan: (sources) => ({ ...NOTHING, charges: sources.charges, moments: true, sites: statements(sources) }),
  },
  {
    id: 'armed',
    about: 'all of it + a site per statement',
    plan: (sources) => ({ ...engine(sources), sites: statements(sources) }),
  },
  { id: 'session', about: 'what F5 runs under, 20 breakpoints armed', plan: session, breakpoints: untouched },
  {
    id: 'entries',
    about: 'all of it + a site per function',
    plan: (sources) => ({ ...engine(sources), sites: { ...noSites, entries: true } }),
  },
  { id: 'counts', about: 'all of it + block counts', plan: (sources) => ({ ...engine(sources), blockCounts: true }) },
  {
    id: 'watch',
    about: 'all of it + a watched range of memory',
    plan: (sources) => ({ ...engine(sources), sites: noSites, watchedMemory: 0 }),
  },
];
