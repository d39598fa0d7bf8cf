//! Interior mutability: cells, locks, what is set once.

use std::cell::{Cell, LazyCell, OnceCell, RefCell};
use std::sync::{LazyLock, Mutex, OnceLock, RwLock};

use crate::{keep, stop_here};

pub fn cells() {
    let cell = Cell::new(5u32); // view: cell = Cell { value: 6 }
    cell.set(6);
    let of_option: Cell<Option<&str>> = Cell::new(Some("in")); // view: of_option = Cell { value: Some("in") }
    stop_here(); // stop: cells
    keep!(cell, of_option);
}

pub fn ref_cells() {
    let free = RefCell::new(vec![1]); // view: free = RefCell { value: [1] }
    let shared = RefCell::new("shared".to_string()); // view: shared = RefCell { value: "shared" }
    let first = shared.borrow(); // view: first = "shared"
    let second = shared.borrow(); // view: second = "shared"
    let exclusive = RefCell::new(1.5f64); // view: exclusive = RefCell { value: 2.5 }
    let mut guard = exclusive.borrow_mut(); // view: guard = 2.5
    *guard += 1.0;
    stop_here(); // stop: ref_cells
    keep!(free, shared, first, second, exclusive, guard);
}

pub fn locks() {
    let mutex = Mutex::new(7u8); // view: mutex = Mutex { data: 7 }
    let locked = Mutex::new("held".to_string()); // view: locked = Mutex { data: "held" }
    let guard = locked.lock().unwrap(); // view: guard = "held"
    let rw_lock = RwLock::new([1, 2]); // view: rw_lock = RwLock { data: [1, 2] }
    let reading = rw_lock.read().unwrap(); // view: reading = [1, 2]
    stop_here(); // stop: locks
    keep!(mutex, locked, guard, rw_lock, reading);
}

pub fn once() {
    let unset: OnceCell<String> = OnceCell::new(); // view: unset = OnceCell(<uninit>)
    let set = OnceCell::from(3u32); // view: set = OnceCell(3)
    let unset_lock: OnceLock<u64> = OnceLock::new(); // view: unset_lock = OnceLock(<uninit>)
    let set_lock = OnceLock::from("s".to_string()); // view: set_lock = OnceLock("s")
    let lazy: LazyCell<u32> = LazyCell::new(|| 11);
    let _ = *lazy;
    let lazy_lock: LazyLock<u32> = LazyLock::new(|| 12);
    stop_here(); // stop: once
    keep!(unset, set, unset_lock, set_lock, lazy, lazy_lock);
}
