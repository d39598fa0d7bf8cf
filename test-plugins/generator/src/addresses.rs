//! Brings addresses near the beginning of their memory: at random nearly all would be far outside, and hardly a store would be done.

use crate::bodies::{Around, Memories, Scratch, rewrite};
use crate::leb::leb;
use wasmparser::{BinaryReaderError, MemArg, MemArgTarget, Operator};

/// Bits of an address that are kept.
const MASK: [u8; 3] = [0xff, 0xff, 0x00]; // 0x3fff as a signed LEB128

const I32: u8 = 0x7f;
const I64: u8 = 0x7e;
const F32: u8 = 0x7d;
const F64: u8 = 0x7c;
const V128: u8 = 0x7b;

/// The memory that an instruction accesses, and the type of what lies on the stack above the address.
fn access(operator: &Operator<'_>) -> Option<(MemArg, Option<u8>)> {
    use Operator::*;
    match operator {
        I32Load { memarg }
        | I64Load { memarg }
        | F32Load { memarg }
        | F64Load { memarg }
        | I32Load8S { memarg }
        | I32Load8U { memarg }
        | I32Load16S { memarg }
        | I32Load16U { memarg }
        | I64Load8S { memarg }
        | I64Load8U { memarg }
        | I64Load16S { memarg }
        | I64Load16U { memarg }
        | I64Load32S { memarg }
        | I64Load32U { memarg }
        | V128Load { memarg }
        | V128Load8x8S { memarg }
        | V128Load8x8U { memarg }
        | V128Load16x4S { memarg }
        | V128Load16x4U { memarg }
        | V128Load32x2S { memarg }
        | V128Load32x2U { memarg }
        | V128Load8Splat { memarg }
        | V128Load16Splat { memarg }
        | V128Load32Splat { memarg }
        | V128Load64Splat { memarg }
        | V128Load32Zero { memarg }
        | V128Load64Zero { memarg } => Some((*memarg, None)),
        I32Store { memarg } | I32Store8 { memarg } | I32Store16 { memarg } => {
            Some((*memarg, Some(I32)))
        }
        I64Store { memarg }
        | I64Store8 { memarg }
        | I64Store16 { memarg }
        | I64Store32 { memarg } => Some((*memarg, Some(I64))),
        F32Store { memarg } => Some((*memarg, Some(F32))),
        F64Store { memarg } => Some((*memarg, Some(F64))),
        V128Store { memarg }
        | V128Load8Lane { memarg, .. }
        | V128Load16Lane { memarg, .. }
        | V128Load32Lane { memarg, .. }
        | V128Load64Lane { memarg, .. }
        | V128Store8Lane { memarg, .. }
        | V128Store16Lane { memarg, .. }
        | V128Store32Lane { memarg, .. }
        | V128Store64Lane { memarg, .. } => Some((*memarg, Some(V128))),
        _ => None,
    }
}

fn masked(operator: &Operator<'_>, memories: &Memories, scratch: &mut Scratch) -> Around {
    let Some((memarg, above)) = access(operator) else {
        return Around::default();
    };
    let MemArgTarget::Memory(memory) = memarg.target else {
        return Around::default();
    };
    let mut before = Vec::new();
    let local = above.map(|value_type| leb(scratch.local(value_type)));
    if let Some(local) = &local {
        before.push(0x21);
        before.extend(local);
    }
    // const, and
    let (constant, and) = if memories[memory as usize] {
        (0x42, 0x83)
    } else {
        (0x41, 0x71)
    };
    before.push(constant);
    before.extend(MASK);
    before.push(and);
    if let Some(local) = &local {
        before.push(0x20);
        before.extend(local);
    }
    Around {
        before,
        after: Vec::new(),
    }
}

/// The module with the addresses of all loads and stores masked.
pub fn near(module: &[u8]) -> Result<Vec<u8>, BinaryReaderError> {
    rewrite(module, &mut masked)
}
