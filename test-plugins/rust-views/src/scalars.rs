//! Numbers, booleans, characters.

use std::num::{NonZeroI64, NonZeroU32, Wrapping};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32};

use crate::{keep, stop_here};

pub fn integers() {
    let small = 42u8; // view: small = 42
    let largest_u8 = u8::MAX; // view: largest_u8 = 255
    let smallest_i8 = i8::MIN; // view: smallest_i8 = -128
    let largest_u16 = u16::MAX; // view: largest_u16 = 65535
    let smallest_i16 = i16::MIN; // view: smallest_i16 = -32768
    let largest_u32 = u32::MAX; // view: largest_u32 = 4294967295
    let smallest_i32 = i32::MIN; // view: smallest_i32 = -2147483648
    let largest_u64 = u64::MAX; // view: largest_u64 = 18446744073709551615
    let smallest_i64 = i64::MIN; // view: smallest_i64 = -9223372036854775808
    let largest_u128 = u128::MAX; // view: largest_u128 = 340282366920938463463374607431768211455
    let smallest_i128 = i128::MIN; // view: smallest_i128 = -170141183460469231731687303715884105728
    let largest_usize = usize::MAX; // view: largest_usize = 4294967295
    let smallest_isize = isize::MIN; // view: smallest_isize = -2147483648
    let minus_one = -1i64; // view: minus_one = -1
    let minus_one_i128 = -1i128; // view: minus_one_i128 = -1
    let beyond_doubles = 9_007_199_254_740_993u64; // view: beyond_doubles = 9007199254740993
    let yes = true; // view: yes = true
    let no = false; // view: no = false
    let unit = (); // view: unit = ()
    let nonzero = NonZeroU32::new(7).unwrap(); // view: nonzero = 7
    let nonzero_i64 = NonZeroI64::MIN; // view: nonzero_i64 = -9223372036854775808
    let wrapping = Wrapping(250u8) + Wrapping(10); // view: wrapping = 4
    let atomic = AtomicU32::new(1 << 31); // view: atomic = 2147483648
    let atomic_i64 = AtomicI64::new(-5); // view: atomic_i64 = -5
    let atomic_bool = AtomicBool::new(true); // view: atomic_bool = true
    stop_here(); // stop: integers
    keep!(small, largest_u8, smallest_i8, largest_u16, smallest_i16, largest_u32, smallest_i32);
    keep!(largest_u64, smallest_i64, largest_u128, smallest_i128, largest_usize, smallest_isize);
    keep!(minus_one, minus_one_i128, beyond_doubles, yes, no, unit, nonzero, nonzero_i64);
    keep!(wrapping, atomic, atomic_i64, atomic_bool);
}

pub fn floats() {
    let half = 0.5f32; // view: half = 0.5
    let tenth_f32 = 0.1f32; // view: tenth_f32 = 0.1
    let tenth = 0.1f64; // view: tenth = 0.1
    let third = 1.0f64 / 3.0; // view: third = 0.3333333333333333
    let third_f32 = 1.0f32 / 3.0; // view: third_f32 = 0.33333334
    let whole = 3.0f64; // view: whole = 3.0
    let minus_zero = -0.0f64; // view: minus_zero = -0.0
    let not_a_number = f64::NAN; // view: not_a_number = NaN
    let not_a_number_f32 = f32::NAN; // view: not_a_number_f32 = NaN
    let infinite = f64::INFINITY; // view: infinite = inf
    let minus_infinite = f32::NEG_INFINITY; // view: minus_infinite = -inf
    let large = 1e300f64; // view: large = 1e300
    let small = 1.5e-7f64; // view: small = 1.5e-7
    let smallest = f64::from_bits(1); // view: smallest = 5e-324
    let largest_f32 = f32::MAX; // view: largest_f32 = 3.4028235e38
    let pi = std::f64::consts::PI; // view: pi = 3.141592653589793
    stop_here(); // stop: floats
    keep!(half, tenth_f32, tenth, third, third_f32, whole, minus_zero, not_a_number, not_a_number_f32);
    keep!(infinite, minus_infinite, large, small, smallest, largest_f32, pi);
}

pub fn characters() {
    let letter = 'a'; // view: letter = 'a'
    let accented = 'é'; // view: accented = 'é'
    let astral = '🦀'; // view: astral = '🦀'
    let quote = '\''; // view: quote = '\''
    let double_quote = '"'; // view: double_quote = '"'
    let newline = '\n'; // view: newline = '\n'
    let nul = '\0'; // view: nul = '\0'
    let escape = '\u{1b}'; // view: escape = '\u{1b}'
    let highest = char::MAX; // view: highest = '\u{10ffff}'
    let byte = b'a'; // view: byte = 97
    stop_here(); // stop: characters
    keep!(letter, accented, astral, quote, double_quote, newline, nul, escape, highest, byte);
}
