//! Trait objects, function pointers, closures.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::rc::Rc;

use crate::structs::{Point, Unit};
use crate::{keep, stop_here};

pub trait Area {
    fn area(&self) -> f64;
}

pub struct Square {
    pub side: f64,
}

impl Area for Square {
    fn area(&self) -> f64 {
        self.side * self.side
    }
}

impl Area for Unit {
    fn area(&self) -> f64 {
        1.0
    }
}

pub struct Scaled<T> {
    pub by: f64,
    pub inner: T,
}

impl<T: Area> Area for Scaled<T> {
    fn area(&self) -> f64 {
        self.by * self.inner.area()
    }
}

#[derive(Debug)]
pub struct Failure {
    pub code: u32,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "failure {}", self.code)
    }
}

impl Error for Failure {}

pub fn trait_objects() {
    let square = Square { side: 2.0 };
    let reference: &dyn Area = &square; // view: reference = Square { side: 2.0 }
    let boxed: Box<dyn Area> = Box::new(Square { side: 3.0 }); // view: boxed = Square { side: 3.0 }
    let generic: Box<dyn Area> = Box::new(Scaled { by: 2.0, inner: Square { side: 1.0 } }); // view: generic = Scaled { by: 2.0, inner: Square { side: 1.0 } }
    let without_size: Box<dyn Area> = Box::new(Unit); // view: without_size = Unit
    let counted: Rc<dyn Area> = Rc::new(Square { side: 4.0 }); // view: counted = Square { side: 4.0 }
    let several: Vec<Box<dyn Area>> = vec![Box::new(Square { side: 5.0 }), Box::new(Unit)]; // view: several = [Square { side: 5.0 }, Unit]
    let error: Box<dyn Error> = Box::new(Failure { code: 404 }); // view: error = Failure { code: 404 }
    let any: Box<dyn Any> = Box::new(17u64); // view: any = 17
    let any_point: &dyn Any = &Point { x: 1, y: 2 }; // view: any_point = Point { x: 1, y: 2 }
    let areas = [reference.area(), boxed.area(), generic.area(), without_size.area(), counted.area()];
    stop_here(); // stop: trait_objects
    keep!(square, reference, boxed, generic, without_size, counted, several, error, any, any_point, areas);
}

#[inline(never)]
pub fn double(number: i32) -> i32 {
    number * 2
}

#[inline(never)]
pub fn identity<T>(value: T) -> T {
    value
}

extern "C" fn as_in_c(left: i32, right: i32) -> i32 {
    left - right
}

pub fn function_pointers() {
    let pointer: fn(i32) -> i32 = double; // view: pointer = rust_views::dynamic::double
    let generic: fn(u8) -> u8 = identity::<u8>; // view: generic = rust_views::dynamic::identity<u8>
    let of_c: extern "C" fn(i32, i32) -> i32 = as_in_c; // view: of_c = rust_views::dynamic::as_in_c
    let some: Option<fn(i32) -> i32> = Some(double); // view: some = Some(rust_views::dynamic::double)
    let none: Option<fn(i32) -> i32> = None; // view: none = None
    let item = double;
    let from_closure: fn(i32) -> i32 = |number| number + 1;
    let calls = (pointer(1), generic(2), of_c(3, 4), item(5), from_closure(6)); // view: calls = (2, 2, -1, 10, 7)
    stop_here(); // stop: function_pointers
    keep!(pointer, generic, of_c, some, none, from_closure, calls, item);
}

pub fn closures() {
    let factor = 3;
    let name = "captured".to_string();
    let mut total = 0;
    let nothing = |number: i32| number + 1;
    let by_reference = |number: i32| {
        let product = number * factor; // view: product = 12
        stop_here(); // stop: closure by_reference
        product
    };
    let by_move = move |suffix: &str| {
        let joined = format!("{name}{suffix}"); // view: joined = "captured!"
        stop_here(); // stop: closure by_move
        joined.len()
    };
    let mut by_mutable = |number: i32| total += number;
    by_mutable(nothing(1));
    by_mutable(by_reference(4));
    let length = by_move("!"); // view: length = 9
    let boxed: Box<dyn Fn(i32) -> i32> = Box::new(move |number| number + factor);
    let boxed_result = boxed(10); // view: boxed_result = 13
    stop_here(); // stop: closures
    keep!(factor, total, nothing, by_reference, by_move, length, boxed, boxed_result);
}
