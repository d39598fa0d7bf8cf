//! A plugin of std alone that ends badly: each method is a way to do so, in a function of its own with a local beside it.
//!
//! `// ends:` stands on the line at which a debugger is to show that the plugin ended.

use std::collections::VecDeque;
use std::fmt;
use std::hint::black_box;
use std::io::BufRead;

const ENDINGS: &[(&str, fn())] = &[
    ("stack_overflow", stack_overflow),
    ("leaf_overflow", leaf_overflow),
    ("call_each_other", call_each_other),
    ("panic_in_drop", panic_in_drop),
    ("panic_while_shown", panic_while_shown),
    ("library", library),
    ("many_lines", many_lines),
    ("no_message", no_message),
    ("aborts", aborts),
    ("never_reached", never_reached),
    ("capacity", capacity),
    ("out_of_memory", out_of_memory),
    ("past_the_end", past_the_end),
];

/// One request is read, and its method called.
fn main() {
    let mut line = String::new();
    let mut stdin = std::io::stdin().lock();
    // while nothing is there, reading would block
    while stdin.read_line(&mut line).is_err() {}
    let named = |name: &str| line.contains(&format!("\"method\":\"{name}\""));
    if let Some((_, ending)) = ENDINGS.iter().find(|(name, _)| named(name)) {
        ending();
    }
    println!(r#"{{"jsonrpc":"2.0","id":0,"result":null}}"#);
}

/// 16 KiB a frame: the stack of 1 MiB is full long before there are 1 000 frames.
#[allow(unconditional_recursion)]
#[inline(never)]
fn large_frames(depth: u32) -> u32 {
    let mut room = [depth; 4096];
    black_box(&mut room); // ends: stack_overflow
    large_frames(depth + 1) + room[17]
}

fn stack_overflow() {
    let first = 1;
    black_box(large_frames(first));
}

/// A last frame that is larger than what is left of the stack, in a function that calls no other.
#[inline(never)]
fn larger_than_the_stack(number: usize) -> u8 {
    let mut room = [0u8; 4 << 20];
    room[number] = 1; // ends: leaf_overflow
    room[number * 2]
}

fn leaf_overflow() {
    let number = black_box(3);
    black_box(larger_than_the_stack(number));
}

#[inline(never)]
fn is_even(number: u64) -> bool {
    number == 0 || is_odd(black_box(number + 1)) // ends: call_each_other
}

#[inline(never)]
fn is_odd(number: u64) -> bool {
    number != 0 && is_even(black_box(number + 1))
}

fn call_each_other() {
    let number = black_box(2);
    black_box(is_even(number));
}

struct Guard {
    name: String,
}

impl Drop for Guard {
    fn drop(&mut self) {
        let name = &self.name;
        panic!("{name} was still open"); // ends: panic_in_drop
    }
}

fn panic_in_drop() {
    let guard = Guard {
        name: "the file".to_string(),
    };
    black_box(&guard);
}

struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("cannot be shown")
    }
}

fn panic_while_shown() {
    let unspeakable = Unspeakable;
    panic!("what is wrong: {unspeakable}"); // ends: panic_while_shown
}

fn library() {
    let mut queue = VecDeque::from([1, 2, 3]);
    let beyond = black_box(7);
    queue.swap(0, beyond); // ends: library
    black_box(&queue);
}

fn many_lines() {
    let lines = [
        "first: \u{1F980} \u{202E}",
        "",
        "\tthird\u{1b}[31m, with a quote \"",
        "last",
    ];
    panic!("{}", lines.join("\n")); // ends: many_lines
}

fn no_message() {
    let empty = black_box("");
    panic!("{empty}"); // ends: no_message
}

fn aborts() {
    let code = black_box(3);
    if code != 0 {
        std::process::abort(); // ends: aborts
    }
}

fn never_reached() {
    let state = black_box(3);
    match state {
        0 => {}
        _ => unreachable!("state {state}"), // ends: never_reached
    }
}

fn capacity() {
    let length = black_box(usize::MAX);
    let room: Vec<u8> = Vec::with_capacity(length); // ends: capacity
    black_box(&room);
}

/// More than a memory of 32 bits has.
fn out_of_memory() {
    let length = black_box(isize::MAX as usize);
    let rooms: Vec<Vec<u8>> = (0..3).map(|_| Vec::with_capacity(length)).collect(); // ends: out_of_memory
    black_box(&rooms);
}

fn past_the_end() {
    let numbers = [1u32, 2, 3];
    let start = numbers.as_ptr();
    let beyond = black_box(1 << 28);
    // SAFETY: none, and that is the point.
    let number = unsafe { *start.add(beyond) }; // ends: past_the_end
    black_box(number);
}
