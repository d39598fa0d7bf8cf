//! Lines with several calls, for a debugger that steps into one of them: no plugin, and without the standard library. The modules beside it are in
//! git; to make them anew (rustc 1.95):
//!
//! ```sh
//! for level in 0 2; do
//!   rustc --edition 2024 --target wasm32-wasip1 --crate-type cdylib -g -Copt-level=$level -Cpanic=abort -Cdebug-assertions=off \
//!     -Clink-arg=--no-entry --remap-path-prefix="$PWD"=/rust-calls -o level$level.wasm main.rs
//! done
//! ```
#![no_std]

use core::hint::black_box;

#[inline(never)]
fn one() -> u32 {
    let one = black_box(1);
    one
}

#[inline(never)]
fn twice(number: u32) -> u32 {
    let twice = black_box(number) * 2;
    twice
}

#[inline(never)]
fn next(number: u32) -> u32 {
    let next = black_box(number) + 1;
    next
}

#[inline(never)]
fn sum(left: u32, right: u32) -> u32 {
    let sum = black_box(left) + right;
    sum
}

#[inline(always)]
fn inlined(number: u32) -> u32 {
    let inlined = black_box(number) * 3;
    inlined
}

#[inline(never)]
fn generic<T: Into<u64>>(item: T) -> u64 {
    let wide = item.into();
    black_box(wide)
}

#[inline(never)]
fn factorial(number: u32) -> u32 {
    if number == 0 {
        return 1;
    }
    let below = sum(0, factorial(number - 1));
    below * number
}

struct Counter {
    count: u32,
}

trait Bump {
    fn bump(&mut self, by: u32) -> u32;
}

impl Counter {
    #[inline(never)]
    fn reset(&mut self) -> u32 {
        self.count = 0;
        self.count
    }
}

impl Bump for Counter {
    #[inline(never)]
    fn bump(&mut self, by: u32) -> u32 {
        self.count += black_box(by);
        self.count
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let nested = sum(one(), twice(next(3)));
    let skipped = nested > 1000 && next(nested) > twice(nested);
    let mapped = Some(nested).map(|some| next(some) + 1).unwrap_or(0);
    let add = |more: u32| sum(nested, more);
    let closed = add(one());
    let both = sum(inlined(2), inlined(one()));
    let mut counter = Counter { count: 1 };
    let bumped = counter.bump(one()) + counter.reset();
    let shown: &mut dyn Bump = black_box(&mut counter);
    let dynamic = shown.bump(one());
    let wide = generic(1u8) + generic(2u32);
    let product = factorial(3);
    black_box((nested, skipped, mapped, closed, both, bumped, dynamic, wide, product));
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
