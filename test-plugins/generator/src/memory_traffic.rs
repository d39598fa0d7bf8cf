//! Weaves loads, stores and bulk operations into what wasm-smith made, of which hardly one instruction in five hundred touches a memory.

use crate::bodies::{Around, Memories, Scratch, rewrite};
use crate::leb::leb;
use crate::random::Dice;
use wasmparser::{BinaryReaderError, Operator};

const I32: u8 = 0x7f;
/// 0x3fff as a signed LEB128.
const MASK: [u8; 3] = [0xff, 0xff, 0x00];

/// Whether an instruction gives an i32 that is no part of what makes wasm-smith's modules end (which subtracts, and compares with zero).
fn gives_i32(operator: &Operator<'_>) -> bool {
    use Operator::*;
    matches!(
        operator,
        I32Add
            | I32Mul
            | I32And
            | I32Or
            | I32Xor
            | I32Shl
            | I32ShrU
            | I32Rotl
            | I32LeS
            | I32LeU
            | I32LtS
            | I32Eq
            | I32Popcnt
            | I32Clz
            | I32WrapI64
            | I32ReinterpretF32
    )
}

/// An access at `offset` to a memory, without a promised alignment.
fn argument(memory: u64, offset: u64) -> Vec<u8> {
    let mut out = if memory == 0 {
        vec![0x00]
    } else {
        [vec![0x40], leb(memory)].concat()
    };
    out.extend(leb(offset));
    out
}

/// Code that takes an i32 from the stack and gives one.
fn traffic(dice: &mut Dice, memories: &Memories, scratch: &mut Scratch) -> Vec<u8> {
    let memory = dice.below(memories.len() as u64);
    let wide = memories[memory as usize];
    let local = leb(scratch.local(I32));
    let get = [vec![0x20], local.clone()].concat();
    let mut address = [get.clone(), vec![0x41], MASK.to_vec(), vec![0x71]].concat();
    if wide {
        address.push(0xad);
    }
    let size = |count: u64| {
        if wide {
            [vec![0x42], leb(count)].concat()
        } else {
            [vec![0x41], leb(count)].concat()
        }
    };
    let offset = [0, 1, 8, 300, 40_000][dice.below(5) as usize];
    let short = dice.below(40);
    let mut code = [vec![0x22], local].concat();
    match dice.below(8) {
        // i32.store, i32.store8, i32.store16
        0..3 => {
            let store = [0x36, 0x3a, 0x3b][dice.below(3) as usize];
            code.extend([address, get, vec![store], argument(memory, offset)].concat());
        }
        // i64.extend_i32_s, i64.store or i64.store32
        3 => {
            let store = [0x37, 0x3e][dice.below(2) as usize];
            code.extend([address, get, vec![0xac, store], argument(memory, offset)].concat());
        }
        // f64.convert_i32_s, f64.store
        4 => code.extend([address, get, vec![0xb7, 0x39], argument(memory, offset)].concat()),
        // memory.fill
        5 => code.extend([address, get, size(short), vec![0xfc, 0x0b], leb(memory)].concat()),
        // memory.copy
        6 => {
            let to = address.clone();
            code.extend(
                [
                    to,
                    size(short),
                    size(short / 2),
                    vec![0xfc, 0x0a],
                    leb(memory),
                    leb(memory),
                ]
                .concat(),
            );
        }
        // i32.load, i32.load8_s, i32.load16_u in the value's place
        _ => {
            let load = [0x28, 0x2c, 0x2f][dice.below(3) as usize];
            code.push(0x1a);
            code.extend([address, vec![load], argument(memory, offset)].concat());
        }
    }
    code
}

/// The module with accesses to its memories behind every other instruction that gives an i32.
pub fn busy(module: &[u8], dice: &mut Dice) -> Result<Vec<u8>, BinaryReaderError> {
    rewrite(module, &mut |operator, memories, scratch| {
        let some = !memories.is_empty() && gives_i32(operator) && dice.once_in(2);
        let after = if some {
            traffic(dice, memories, scratch)
        } else {
            Vec::new()
        };
        Around {
            before: Vec::new(),
            after,
        }
    })
}
