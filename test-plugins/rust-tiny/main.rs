//! A little of everything that rustc writes into debug information, without the standard library: for tests that change bytes of it, and for
//! version 5 of DWARF, which rustc writes when it is told to. The modules beside it are in git; to make them anew (rustc 1.95):
//!
//! ```sh
//! for version in 4 5; do
//!   rustc --edition 2024 --target wasm32-wasip1 --crate-type cdylib -g -Copt-level=1 -Cpanic=abort -Cdebug-assertions=off \
//!     -Clink-arg=--no-entry --remap-path-prefix="$PWD"=/rust-tiny -Cdwarf-version=$version -o dwarf$version.wasm main.rs
//! done
//! ```
#![no_std]

use core::cell::Cell;
use core::hint::black_box;

pub enum Shape {
    Empty,
    Circle(f32),
    Rectangle { width: u32, height: u32 },
}

#[derive(Clone, Copy)]
pub enum Color {
    Red = 1,
    Blue = -7,
}

pub struct Pair<A, B> {
    pub left: A,
    pub right: B,
}

#[repr(C)]
pub union Bits {
    pub float: f32,
    pub bits: u32,
}

pub trait Area {
    fn area(&self) -> u32;
}

impl Area for Shape {
    fn area(&self) -> u32 {
        match self {
            Shape::Empty => 0,
            Shape::Circle(radius) => (radius * radius * 3.0) as u32,
            Shape::Rectangle { width, height } => width.wrapping_mul(*height),
        }
    }
}

impl Area for Pair<u32, u8> {
    fn area(&self) -> u32 {
        self.left.wrapping_add(self.right as u32)
    }
}

pub static COUNTER: [u16; 3] = [1, 2, 3];

#[inline(always)]
fn inner(number: u32) -> u32 {
    let tripled = number.wrapping_mul(3);
    black_box(tripled)
}

#[inline(never)]
fn generic<T: Copy>(item: T, times: u32) -> Pair<T, u32> {
    let mut count = 0;
    while count < times {
        let next = inner(count);
        count = next.wrapping_add(1);
    }
    Pair { left: item, right: count }
}

#[inline(never)]
fn recursive(depth: u32, shown: &dyn Area) -> u32 {
    if depth == 0 {
        return shown.area();
    }
    let below = recursive(depth.wrapping_sub(1), shown);
    below.wrapping_add(depth)
}

#[unsafe(no_mangle)]
pub extern "C" fn _start() {
    let text = "text";
    let option: Option<&u32> = black_box(Some(&7));
    let cell = Cell::new((1u8, Color::Blue));
    let bits = Bits { float: 1.5 };
    let shapes = [Shape::Empty, Shape::Circle(1.0), Shape::Rectangle { width: 2, height: 3 }];
    let mut total = 0u64;
    for shape in &shapes {
        total = total.wrapping_add(recursive(3, shape) as u64);
    }
    if let Some(number) = option {
        let pair = generic(*number, 2);
        let wide = generic(-1i128, 3);
        total = total.wrapping_add(pair.right as u64).wrapping_add(wide.right as u64);
        black_box((&pair, &wide));
    }
    let closure = |add: u64| total.wrapping_add(add);
    let pointer: fn(u32, &dyn Area) -> u32 = recursive;
    black_box((text, option, &cell, &bits, &shapes, closure(1), pointer, Color::Red, COUNTER[1]));
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
