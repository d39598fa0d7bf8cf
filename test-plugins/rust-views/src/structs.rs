//! Structs, tuples, unions.

use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};

use crate::{keep, stop_here};

pub struct User {
    pub id: u64,
    pub name: String,
    pub active: bool,
}

pub struct Point {
    pub x: i32,
    pub y: i32,
}

pub struct Segment {
    pub from: Point,
    pub to: Point,
}

/// The compiler puts these in another order.
pub struct Reordered {
    pub first: u8,
    pub second: u64,
    pub third: u8,
    pub fourth: u32,
}

#[repr(C)]
pub struct AsInC {
    pub first: u8,
    pub second: u64,
    pub third: u8,
}

#[repr(C, packed)]
pub struct Packed {
    pub tag: u8,
    pub number: u32,
}

pub struct Unit;

pub struct Meters(pub f64);

pub struct Rgb(pub u8, pub u8, pub u8);

pub struct Keyword {
    pub r#type: u8,
    pub r#match: &'static str,
}

pub struct Empty {}

pub struct Wide {
    pub a: u8,
    pub b: u8,
    pub c: u8,
    pub d: u8,
    pub e: u8,
    pub f: u8,
    pub g: u8,
    pub h: u8,
    pub long_text: String,
    pub list: Vec<u32>,
}

pub fn structs() {
    let user = User { id: 1, name: "Ada".to_string(), active: true }; // view: user = User { id: 1, name: "Ada", active: true }
    let point = Point { x: -3, y: 4 }; // view: point = Point { x: -3, y: 4 }
    let segment = Segment { from: Point { x: 0, y: 0 }, to: Point { x: 1, y: 1 } }; // view: segment = Segment { from: Point { x: 0, y: 0 }, to: Point { x: 1, y: 1 } }
    let reordered = Reordered { first: 1, second: 2, third: 3, fourth: 4 }; // view: reordered = Reordered { first: 1, second: 2, third: 3, fourth: 4 }
    let as_in_c = AsInC { first: 1, second: u64::MAX, third: 3 }; // view: as_in_c = AsInC { first: 1, second: 18446744073709551615, third: 3 }
    let packed = Packed { tag: 9, number: 0x0102_0304 }; // view: packed = Packed { tag: 9, number: 16909060 }
    let unit = Unit; // view: unit = Unit
    let meters = Meters(1.5); // view: meters = Meters(1.5)
    let rgb = Rgb(255, 128, 0); // view: rgb = Rgb(255, 128, 0)
    let keyword = Keyword { r#type: 1, r#match: "m" }; // view: keyword = Keyword { type: 1, match: "m" }
    let empty = Empty {}; // view: empty = Empty
    let wide = Wide { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7, h: 8, long_text: "long ".repeat(100), list: (0..500).collect() };
    let users = vec![User { id: 2, name: String::new(), active: false }]; // view: users = [User { id: 2, name: "", active: false }]
    stop_here(); // stop: structs
    keep!(user, point, segment, reordered, as_in_c, packed, unit, meters, rgb, keyword, empty, wide, users);
    user.show(7);
}

impl User {
    /// A method: `self` is a reference.
    #[inline(never)]
    fn show(&self, times: u32) {
        let name = &self.name; // view: name = "Ada"
        stop_here(); // stop: User::show
        keep!(name, times);
    }
}

pub fn tuples() {
    let pair = (1u8, "two"); // view: pair = (1, "two")
    let single = (1.5f32,); // view: single = (1.5,)
    let nested = ((1, 2), [3, 4], ('5', true)); // view: nested = ((1, 2), [3, 4], ('5', true))
    let uneven = (1u8, 2u64, 3u16); // view: uneven = (1, 2, 3)
    let with_unit = ((), 1); // view: with_unit = ((), 1)
    let twelve = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12); // view: twelve = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    let (first, second) = (10, 20); // view: second = 20
    stop_here(); // stop: tuples
    keep!(pair, single, nested, uneven, with_unit, twelve, first, second);
}

pub struct Pair<A, B> {
    pub left: A,
    pub right: B,
}

pub struct Typed<T> {
    pub id: u32,
    pub kind: PhantomData<T>,
}

pub struct Buffer<T, const N: usize> {
    pub items: [T; N],
}

pub struct Borrowing<'a> {
    pub text: &'a str,
    pub user: &'a User,
}

pub fn generic_structs() {
    let user = User { id: 3, name: "Bo".to_string(), active: false };
    let pair = Pair { left: 1u8, right: "r" }; // view: pair = Pair { left: 1, right: "r" }
    let pairs = Pair { left: Pair { left: 1, right: 2 }, right: Some(3) }; // view: pairs = Pair { left: Pair { left: 1, right: 2 }, right: Some(3) }
    let typed: Typed<User> = Typed { id: 5, kind: PhantomData }; // view: typed = Typed { id: 5, kind: PhantomData }
    let buffer = Buffer { items: [1u16, 2, 3] }; // view: buffer = Buffer { items: [1, 2, 3] }
    let borrowing = Borrowing { text: "t", user: &user }; // view: borrowing = Borrowing { text: "t", user: User { id: 3, name: "Bo", active: false } }
    let by_hand = ManuallyDrop::new("not dropped".to_string()); // view: by_hand = "not dropped"
    stop_here(); // stop: generic_structs
    keep!(user, pair, pairs, typed, buffer, borrowing, by_hand);
}

#[repr(C)]
pub union Bits {
    pub float: f32,
    pub bits: u32,
    pub bytes: [u8; 4],
}

pub fn unions() {
    let bits = Bits { float: 1.0 };
    let uninit: MaybeUninit<u32> = MaybeUninit::new(77);
    stop_here(); // stop: unions
    keep!(bits, uninit);
}
