//! Statics, constants, what a thread has for itself.

use std::cell::Cell;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::structs::Point;
use crate::{keep, stop_here};

pub static COUNTER: AtomicU32 = AtomicU32::new(41);
pub static GREETING: &str = "from a static";
pub static TABLE: [u16; 4] = [1, 1, 2, 3];
pub static ORIGIN: Point = Point { x: 0, y: 0 };
pub static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());
pub const LIMIT: usize = 10;

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
}

pub fn statics() {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    CALLS.fetch_add(1, Ordering::Relaxed);
    COUNTER.fetch_add(1, Ordering::Relaxed);
    NAMES.lock().unwrap().push("added".to_string());
    DEPTH.with(|depth| depth.set(depth.get() + 1));
    let limit = LIMIT; // view: limit = 10
    stop_here(); // stop: statics
    keep!(limit, GREETING, TABLE, ORIGIN);
}
