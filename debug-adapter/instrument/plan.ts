// What a caller may ask of the rewriting pass, and the numbers both sides of the hooks agree on. Types and constants only.
// (I1, I3, E8, E9, R3)

/** Fixed slots of the appended hook table. Signatures: see hooks.ts. */
export const HookSlot = { Fuel: 0, Stack: 1, GrowBefore: 2, GrowAfter: 3, Bulk: 4, Probe: 5, Stored: 6 } as const;
export const HOOK_SLOTS = 7;

/** Where a charge is woven in, seen from the instruction at its offset. */
export const ChargeKind = {
  /** Before the first instruction of a function, after the depth check. */
  Entry: 0,
  /** After `loop`: at every iteration. */
  Loop: 1,
  /** After `if`, where the condition is not constant. */
  Then: 2,
  /** After `else`. */
  Else: 3,
  /** At the `end` of an `if` with results and without an `else`: an `else` with the charge is put before that `end`. */
  ImplicitElse: 4,
  /** Before the `else` of a constant-true `if`: wasmi falls through the charge of the `else`. */
  ThenEnd: 5,
} as const;

/** Charges by ascending offset; several may share one (function entry before loop or if). `fuel/` computes them. */
export interface Charges {
  readonly count: number;
  /** Byte offset in the original file of the instruction that the charge belongs to. */
  readonly offset: Uint32Array;
  /** Fuel, below 2^31. */
  readonly cost: Uint32Array;
  /** ChargeKind. */
  readonly kind: Uint8Array;
  /** Bytes that memory.copy, fill, init and grow handle for one unit of fuel. */
  readonly bytesPerFuel: number;
  /** Bytes that one item of table.copy, fill, init and grow counts as. */
  readonly bytesPerValue: number;
}

/**
 * Where the guest can be stopped: each place costs a byte that is read, and a branch. A site hands over operands and locals and takes them back,
 * so that from there on V8 knows nothing of any local, and keeps each where the next site finds it. One that only shows the locals leaves them
 * what they were to V8, and costs little. A bare one does neither: it takes the fewest bytes.
 */
export interface SitePlan {
  /** A bare one before the first instruction of every function. */
  readonly entries: boolean;
  /** Ones that take back operands alone, before the instructions at these byte offsets of the original file, ascending. */
  readonly shown?: Uint32Array;
  /** Bare ones before the instructions at these byte offsets of the original file, ascending. */
  readonly bare: Uint32Array;
  /** Before every instruction of these defined functions (1: yes), or of all. */
  readonly functions: Uint8Array | 'all';
  /** Before the instructions at these byte offsets of the original file, ascending; what is no instruction is passed over. */
  readonly offsets: Uint32Array;
}

/** What the pass weaves in. A plan that asks for nothing costs nothing. */
export interface ProbePlan {
  /** Fuel, charged and checked; null: none, neither static nor dynamic costs. */
  readonly charges: Charges | null;
  /** Value-stack slots of a frame, by defined function; null: no depth count. (E8) */
  readonly frameSlots: Uint32Array | null;
  /** NaN results of float arithmetic become the canonical positive quiet NaN. (R3) */
  readonly canonicalNaN: boolean;
  /** memory.copy, fill and init of more than BULK_THRESHOLD bytes run in pieces with the bulk hook between. (E2) */
  readonly chunkBulk: boolean;
  /** memory.grow and table.grow ask the hooks before and tell them after. (R1, E9) */
  readonly growHooks: boolean;
  /** Instructions are counted: see MomentChains. (I2) */
  readonly moments: boolean;
  /** Null: the guest can't be stopped amid its code. */
  readonly sites: SitePlan | null;
  /** How often each straight-line block was run. Needs `moments`. */
  readonly blockCounts: boolean;
  /** Index of a memory whose stores are held against a range; null: none. Needs `sites`, of which there may be none. */
  readonly watchedMemory: number | null;
  /**
   * Where `__stack_pointer` is stored at entry: its global, and functions (imported ones first) of `FrameLayouts.unusual`. Null or not given:
   * nowhere. Needs `frameSlots`. (frame-bases.ts)
   */
  readonly storedPointers?: { readonly global: number; readonly functions: readonly number[] } | null;
}

/** Values that a site hands over: operands first, then locals. V8 takes functions of 1 000 parameters. */
export const HANDED_OVER = 900;
/** Bytes that a value takes in the memory of sites, whatever its type. */
export const VALUE_BYTES = 16;
/** Where in the memory of sites the bytes that arm them begin. */
export const SITES_AT = 16_384;

/** Live frames that production allows; the next one traps. */
export const FRAME_LIMIT = 1000;
/** Value-stack slots from which on production traps. */
export const STACK_LIMIT = 1_000_000;

/** Bulk operations above this many bytes are done in pieces of BULK_CHUNK. */
export const BULK_THRESHOLD = 16 << 20;
export const BULK_CHUNK = 1 << 20;

/** The most bytes that V8 takes for one function body. */
export const BODY_LIMIT = 7_654_321;
