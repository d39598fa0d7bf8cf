//! Ways to end badly. Every panic is raised in a function of its own, with a local beside it.

use std::cell::RefCell;
use std::hint::black_box;

use crate::keep;

pub fn unwrap_none() {
    let nothing: Option<u32> = black_box(None);
    let number = nothing.unwrap(); // panic: called `Option::unwrap()` on a `None` value
    keep!(number);
}

pub fn expect_message() {
    let failed: Result<u32, String> = black_box(Err("the reason".to_string()));
    let number = failed.expect("it should have worked"); // panic: it should have worked: "the reason"
    keep!(number);
}

pub fn index_out_of_bounds() {
    let numbers = vec![1, 2, 3];
    let index = black_box(99);
    let number = numbers[index]; // panic: index out of bounds: the len is 3 but the index is 99
    keep!(number);
}

pub fn arithmetic_overflow() {
    let largest = black_box(u8::MAX);
    let beyond = largest + 1; // panic: attempt to add with overflow
    keep!(beyond);
}

pub fn divide_by_zero() {
    let zero = black_box(0);
    let quotient = 1 / zero; // panic: attempt to divide by zero
    keep!(quotient);
}

pub fn borrowed_twice() {
    let cell = RefCell::new(1);
    let first = cell.borrow_mut();
    let second = cell.borrow_mut(); // panic: already borrowed
    keep!(first, second);
}

pub fn assertion() {
    let (left, right) = (black_box(1), black_box(2));
    assert_eq!(left, right, "they differ"); // panic: assertion `left == right` failed: they differ
}

pub fn own_message() {
    let who = "Ada".to_string();
    panic!("{who} said no, {} times", black_box(3)); // panic: Ada said no, 3 times
}

pub fn long_message() {
    let line = "a long line of it\n".repeat(500);
    panic!("{line}");
}

pub fn panic_in_closure() {
    let limit = black_box(2);
    let checked: Vec<u32> = [1u32, 2, 3]
        .iter()
        .map(|number| {
            assert!(*number <= limit, "{number} is beyond {limit}"); // panic: 3 is beyond 2
            *number
        })
        .collect();
    keep!(checked);
}

#[cfg(target_arch = "wasm32")]
pub fn trap_unreachable() {
    core::arch::wasm32::unreachable(); // trap: unreachable
}

#[cfg(not(target_arch = "wasm32"))]
pub fn trap_unreachable() {
    std::process::abort();
}

pub fn trap_out_of_bounds() {
    let address = black_box(0xfff0_0000usize);
    let number = unsafe { (address as *const u32).read_volatile() }; // trap: out of bounds
    keep!(number);
}

pub fn panic_in_core() {
    let zero = black_box(0i32);
    let quotient = black_box(1i32).wrapping_div(zero); // panic: attempt to divide by zero
    keep!(quotient);
}

#[allow(unconditional_recursion)]
#[inline(never)]
fn endless(depth: u64) -> u64 {
    let room = [depth; 8];
    black_box(&room);
    endless(depth + 1) + room[3] // trap: stack overflow
}

pub fn trap_stack_overflow() {
    let depth = endless(0);
    keep!(depth);
}

pub fn trap_indirect_call() {
    let address = black_box(crate::dynamic::double as fn(i32) -> i32 as usize);
    let wrong: fn(f64, f64) -> f64 = unsafe { std::mem::transmute(address) };
    let number = wrong(1.0, 2.0); // trap: indirect call
    keep!(number);
}

pub fn trap_null_function() {
    let beyond = black_box(0x7fff_ffffusize);
    let nowhere: fn() = unsafe { std::mem::transmute(beyond) };
    nowhere(); // trap: null function
}
