//! References, boxes, counted and raw pointers.

use std::borrow::Cow;
use std::cell::RefCell;
use std::pin::Pin;
use std::ptr::NonNull;
use std::rc::{Rc, Weak};
use std::sync::Arc;

use crate::structs::Point;
use crate::{keep, stop_here};

pub fn references() {
    let number = 42u32;
    let reference = &number; // view: reference = 42
    let twice = &reference; // view: twice = 42
    let mut changed = 1i64;
    let mutable = &mut changed; // view: mutable = 2
    *mutable += 1;
    let point = Point { x: 1, y: 2 };
    let to_struct = &point; // view: to_struct = Point { x: 1, y: 2 }
    let to_unit = &(); // view: to_unit = ()
    let some_reference = Some(&point); // view: some_reference = Some(Point { x: 1, y: 2 })
    let borrowed: Cow<'_, [u8]> = Cow::Borrowed(&[1, 2]); // view: borrowed = [1, 2]
    let owned: Cow<'_, [u8]> = Cow::Owned(vec![3]); // view: owned = [3]
    stop_here(); // stop: references
    keep!(number, reference, twice, mutable, point, to_struct, to_unit, some_reference, borrowed, owned);
}

pub fn boxes() {
    let boxed = Box::new(5u8); // view: boxed = 5
    let of_struct = Box::new(Point { x: 3, y: 4 }); // view: of_struct = Point { x: 3, y: 4 }
    let twice = Box::new(Box::new("deep")); // view: twice = "deep"
    let of_unit = Box::new(()); // view: of_unit = ()
    let of_array = Box::new([1, 2, 3]); // view: of_array = [1, 2, 3]
    let pinned = Box::pin(6u16); // view: pinned = 6
    let pinned_reference = Pin::new(&of_struct); // view: pinned_reference = Point { x: 3, y: 4 }
    stop_here(); // stop: boxes
    keep!(boxed, of_struct, twice, of_unit, of_array, pinned, pinned_reference);
}

pub fn counted() {
    let rc = Rc::new(1u32); // view: rc = 1
    let clone = rc.clone(); // view: clone = 1
    let weak = Rc::downgrade(&rc); // view: weak = (Weak)
    let rc_string = Rc::new("counted".to_string()); // view: rc_string = "counted"
    let rc_slice: Rc<[u8]> = Rc::from([1, 2, 3]); // view: rc_slice = [1, 2, 3]
    let arc = Arc::new(Point { x: 5, y: 6 }); // view: arc = Point { x: 5, y: 6 }
    let arc_weak = Arc::downgrade(&arc); // view: arc_weak = (Weak)
    let arc_clones = [arc.clone(), arc.clone()]; // view: arc_clones = [Point { x: 5, y: 6 }, Point { x: 5, y: 6 }]
    let never: Weak<u32> = Weak::new(); // view: never = (Weak)
    let dropped = Rc::downgrade(&Rc::new(9u64)); // view: dropped = (Weak)
    stop_here(); // stop: counted
    keep!(rc, clone, weak, rc_string, rc_slice, arc, arc_weak, arc_clones, never, dropped);
}

pub fn raw() {
    let mut number = 42u32;
    let constant: *const u32 = &number;
    let mutable: *mut u32 = &mut number;
    let null: *const u32 = std::ptr::null();
    let outside = 0xffff_fff0 as *const u64;
    let to_slice: *const [u8] = &[1u8, 2, 3];
    let nonnull = NonNull::from(&mut number);
    let dangling: NonNull<u64> = NonNull::dangling();
    let to_unit = 1 as *const ();
    stop_here(); // stop: raw
    keep!(constant, mutable, null, outside, to_slice, nonnull, dangling, to_unit);
}

pub struct Node {
    pub value: u32,
    pub next: Option<Rc<RefCell<Node>>>,
}

pub fn cycle() {
    let first = Rc::new(RefCell::new(Node { value: 1, next: None }));
    let second = Rc::new(RefCell::new(Node { value: 2, next: Some(first.clone()) }));
    first.borrow_mut().next = Some(second.clone());
    let values = (first.borrow().value, second.borrow().value); // view: values = (1, 2)
    stop_here(); // stop: cycle
    keep!(first, second, values);
}
