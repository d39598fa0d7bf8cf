// Where a variable is (DWARF 5 §2.6, with DW_OP_WASM_location), and what is asked of the stopped program to find that out. Types only; expressions
// are evaluated in location-expression.ts.

/** Where a value lies, or what it is. Never an exception: what can't be had says why. */
export type Location =
  /** An address in the plugin's memory. */
  | { readonly kind: 'memory'; readonly address: number }
  /** A Wasm local, a global, an operand (counted from the bottom of the operand stack) itself is the variable. */
  | { readonly kind: 'local' | 'global' | 'operand'; readonly index: number }
  /** It lies nowhere, but this is its value, little-endian (DW_OP_stack_value, DW_OP_implicit_value, DW_AT_const_value). */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** §2.6.1.1.4: a pointer that was optimised away; what it points to is described at `die`. */
  | { readonly kind: 'implicitPointer'; readonly die: number; readonly offset: number }
  /** §2.6.1.2. Sizes and offsets in bits; together from the low end on. */
  | {
      readonly kind: 'pieces';
      readonly pieces: readonly { readonly location: Location; readonly size: number; readonly offset: number }[];
    }
  /** `reason` is a clause: `it was optimised away`, `local 3 is not at hand here`. `address`: where in memory it will be, but is not yet. */
  | { readonly kind: 'unavailable'; readonly reason: string; readonly address?: number };

/** A value that can't be had; `reason` is a clause. */
export interface Missing {
  readonly reason: string;
}

/** The stopped program as one of its frames sees it. Synchronous; nothing throws. */
export interface Machine {
  /** What DWARF says of Wasm locals is held against the function's code, which may have given a dead variable's local to another. */
  readonly checksCode?: boolean;
  /** Bits of a Wasm local, unsigned (floats as their bits). */
  local(index: number): bigint | Missing;
  global(index: number): bigint | Missing;
  /** Counted from the bottom of the operand stack. */
  operand(index: number): bigint | Missing;
  /** Bytes of memory, or why not; all of them or none. May be a view: not to be kept, not to be changed. */
  memory(address: number, length: number): Uint8Array | Missing;
  /** What DW_OP_fbreg counts from, where the code's own prologue tells (unwound): preferred to evaluating DW_AT_frame_base for a caller. */
  frameBase(): number | Missing;
  /** `__stack_pointer` as this frame has it, which is not the present global in a caller: DW_OP_WASM_location 3 0 of a caller. */
  stackPointer(): { readonly global: number; readonly value: number } | undefined;
  /** §2.5.1.7 DW_OP_entry_value: a parameter as the frame was entered with; Missing where nobody knows. */
  entry(location: { readonly kind: 'local'; readonly index: number }): bigint | Missing;
}

export const isMissing = (value: unknown): value is Missing =>
  typeof value === 'object' && value !== null && !(value instanceof Uint8Array) && 'reason' in value;
