//! Makes NaNs canonical: those that come of conversions between floats, which wasm-smith leaves as they are, or those of all arithmetic.

use crate::bodies::{Around, rewrite};
use crate::leb::leb;
use wasmparser::{BinaryReaderError, Operator};

#[derive(Clone, Copy)]
enum Float {
    F32,
    F64,
    F32x4,
    F64x2,
}

impl Float {
    fn value_type(self) -> u8 {
        match self {
            Float::F32 => F32,
            Float::F64 => F64,
            Float::F32x4 | Float::F64x2 => V128,
        }
    }
}

/// What a conversion between floats gives.
fn converted(operator: &Operator<'_>) -> Option<Float> {
    match operator {
        Operator::F32DemoteF64 => Some(Float::F32),
        Operator::F64PromoteF32 => Some(Float::F64),
        Operator::F32x4DemoteF64x2Zero => Some(Float::F32x4),
        Operator::F64x2PromoteLowF32x4 => Some(Float::F64x2),
        _ => None,
    }
}

/// What arithmetic gives whose NaNs engines choose (WebAssembly core §4.3.3, `nans`).
fn computed(operator: &Operator<'_>) -> Option<Float> {
    use Operator::*;
    match operator {
        F32Ceil | F32Floor | F32Trunc | F32Nearest | F32Sqrt | F32Add | F32Sub | F32Mul
        | F32Div | F32Min | F32Max => Some(Float::F32),
        F64Ceil | F64Floor | F64Trunc | F64Nearest | F64Sqrt | F64Add | F64Sub | F64Mul
        | F64Div | F64Min | F64Max => Some(Float::F64),
        F32x4Ceil | F32x4Floor | F32x4Trunc | F32x4Nearest | F32x4Sqrt | F32x4Add | F32x4Sub
        | F32x4Mul | F32x4Div | F32x4Min | F32x4Max => Some(Float::F32x4),
        F64x2Ceil | F64x2Floor | F64x2Trunc | F64x2Nearest | F64x2Sqrt | F64x2Add | F64x2Sub
        | F64x2Mul | F64x2Div | F64x2Min | F64x2Max => Some(Float::F64x2),
        _ => converted(operator),
    }
}

/// After which instructions NaNs are made canonical.
#[derive(Clone, Copy)]
pub enum Nans {
    Converted,
    Computed,
}

const NAN_32: [u8; 4] = 0x7fc0_0000_u32.to_le_bytes();
const NAN_64: [u8; 8] = 0x7ff8_0000_0000_0000_u64.to_le_bytes();
const F32: u8 = 0x7d;
const F64: u8 = 0x7c;
const V128: u8 = 0x7b;

/// Keeps the value on the stack where it equals itself, and gives the canonical NaN elsewhere. `local` is free.
fn keep_unless_nan(float: Float, local: u64) -> Vec<u8> {
    let mut code = vec![0x22];
    code.extend(leb(local));
    match float {
        Float::F32 => code.push(0x43),
        Float::F64 => code.push(0x44),
        Float::F32x4 | Float::F64x2 => code.extend([0xfd, 0x0c]),
    }
    match float {
        Float::F32 => code.extend(NAN_32),
        Float::F64 => code.extend(NAN_64),
        Float::F32x4 => code.extend([NAN_32; 4].concat()),
        Float::F64x2 => code.extend([NAN_64; 2].concat()),
    }
    for _ in 0..2 {
        code.push(0x20);
        code.extend(leb(local));
    }
    match float {
        Float::F32 => code.extend([0x5b, 0x1b]),
        Float::F64 => code.extend([0x61, 0x1b]),
        Float::F32x4 => code.extend([0xfd, 0x41, 0xfd, 0x52]),
        Float::F64x2 => code.extend([0xfd, 0x47, 0xfd, 0x52]),
    }
    code
}

/// The module with canonical NaNs.
pub fn canonical(module: &[u8], nans: Nans) -> Result<Vec<u8>, BinaryReaderError> {
    rewrite(module, &mut |operator, _, scratch| {
        let float = match nans {
            Nans::Converted => converted(operator),
            Nans::Computed => computed(operator),
        };
        let after = float.map(|float| keep_unless_nan(float, scratch.local(float.value_type())));
        Around {
            before: Vec::new(),
            after: after.unwrap_or_default(),
        }
    })
}
