//! Enums: C-like, tagged, with niches.

use std::cmp::Ordering;
use std::convert::Infallible;
use std::num::NonZeroU8;
use std::ops::ControlFlow;
use std::task::Poll;

use crate::{keep, stop_here};

pub fn options() {
    let some = Some(5u32); // view: some = Some(5)
    let none: Option<u32> = None; // view: none = None
    let some_zero = Some(0u64); // view: some_zero = Some(0)
    let some_str = Some("Ada"); // view: some_str = Some("Ada")
    let none_str: Option<&str> = None; // view: none_str = None
    let some_string = Some("Ada".to_string()); // view: some_string = Some("Ada")
    let none_string: Option<String> = None; // view: none_string = None
    let some_box = Some(Box::new(1.5f64)); // view: some_box = Some(1.5)
    let none_box: Option<Box<f64>> = None; // view: none_box = None
    let some_bool = Some(false); // view: some_bool = Some(false)
    let none_bool: Option<bool> = None; // view: none_bool = None
    let some_none: Option<Option<bool>> = Some(None); // view: some_none = Some(None)
    let none_option: Option<Option<bool>> = None; // view: none_option = None
    let some_char = Some('x'); // view: some_char = Some('x')
    let none_char: Option<char> = None; // view: none_char = None
    let some_nonzero = NonZeroU8::new(9); // view: some_nonzero = Some(9)
    let none_nonzero = NonZeroU8::new(0); // view: none_nonzero = None
    let some_vec = Some(vec![1, 2]); // view: some_vec = Some([1, 2])
    let none_vec: Option<Vec<i32>> = None; // view: none_vec = None
    let some_unit = Some(()); // view: some_unit = Some(())
    let some_u128 = Some(u128::MAX); // view: some_u128 = Some(340282366920938463463374607431768211455)
    stop_here(); // stop: options
    keep!(some, none, some_zero, some_str, none_str, some_string, none_string, some_box, none_box);
    keep!(some_bool, none_bool, some_none, none_option, some_char, none_char, some_nonzero, none_nonzero);
    keep!(some_vec, none_vec, some_unit, some_u128);
}

pub fn results() {
    let good: Result<u32, String> = Ok(1); // view: good = Ok(1)
    let bad: Result<u32, String> = Err("no".to_string()); // view: bad = Err("no")
    let parse_error = "x".parse::<i32>(); // view: parse_error = Err(ParseIntError { kind: InvalidDigit })
    let of_unit: Result<(), Box<dyn std::error::Error>> = Ok(()); // view: of_unit = Ok(())
    let infallible: Result<u8, Infallible> = Ok(3); // view: infallible = Ok(3)
    let nested: Result<Option<&str>, ()> = Ok(Some("deep")); // view: nested = Ok(Some("deep"))
    let ready = Poll::Ready(2i8); // view: ready = Ready(2)
    let pending: Poll<i8> = Poll::Pending; // view: pending = Pending
    let going: ControlFlow<&str, u8> = ControlFlow::Continue(1); // view: going = Continue(1)
    let broken: ControlFlow<&str, u8> = ControlFlow::Break("enough"); // view: broken = Break("enough")
    stop_here(); // stop: results
    keep!(good, bad, parse_error, of_unit, infallible, nested, ready, pending, going, broken);
}

#[derive(Clone, Copy)]
pub enum Color {
    Red,
    Green,
    Blue,
}

#[repr(i16)]
#[derive(Clone, Copy)]
pub enum Temperature {
    Freezing = -100,
    Mild = 20,
    Boiling = 1000,
}

#[repr(u64)]
#[derive(Clone, Copy)]
pub enum Wide {
    Zero = 0,
    Largest = u64::MAX,
}

#[derive(Clone, Copy)]
pub enum Alone {
    Only,
}

pub fn c_like() {
    let red = Color::Red; // view: red = Red
    let green = Color::Green; // view: green = Green
    let colors = [Color::Blue, Color::Red]; // view: colors = [Blue, Red]
    let freezing = Temperature::Freezing; // view: freezing = Freezing
    let mild = Temperature::Mild; // view: mild = Mild
    let boiling = Temperature::Boiling; // view: boiling = Boiling
    let zero = Wide::Zero; // view: zero = Zero
    let largest = Wide::Largest; // view: largest = Largest
    let alone = Alone::Only; // view: alone = Only
    let less = Ordering::Less; // view: less = Less
    let some_ordering = Some(Ordering::Greater); // view: some_ordering = Some(Greater)
    let none_ordering: Option<Ordering> = None; // view: none_ordering = None
    stop_here(); // stop: c_like
    keep!(red, green, colors, freezing, mild, boiling, zero, largest, alone, less, some_ordering, none_ordering);
}

pub enum Shape {
    Empty,
    Circle(f64),
    Line(i32, i32),
    Rectangle { width: u32, height: u32 },
    Named { name: String, inner: Box<Shape> },
}

#[repr(u8)]
pub enum Message {
    Quit = 10,
    Move { x: i32, y: i32 } = 20,
    Write(String) = 30,
}

pub enum Tree {
    Leaf(i32),
    Node(Box<Tree>, Box<Tree>),
}

pub enum Single {
    One(u8, u16),
}

pub fn tagged() {
    let empty = Shape::Empty; // view: empty = Empty
    let circle = Shape::Circle(2.5); // view: circle = Circle(2.5)
    let line = Shape::Line(-1, 1); // view: line = Line(-1, 1)
    let rectangle = Shape::Rectangle { width: 3, height: 4 }; // view: rectangle = Rectangle { width: 3, height: 4 }
    let named = Shape::Named { name: "n".to_string(), inner: Box::new(Shape::Circle(1.0)) }; // view: named = Named { name: "n", inner: Circle(1.0) }
    let quit = Message::Quit; // view: quit = Quit
    let moved = Message::Move { x: -7, y: 8 }; // view: moved = Move { x: -7, y: 8 }
    let write = Message::Write("text".to_string()); // view: write = Write("text")
    let tree = Tree::Node(Box::new(Tree::Leaf(1)), Box::new(Tree::Leaf(2))); // view: tree = Node(Leaf(1), Leaf(2))
    let single = Single::One(1, 2); // view: single = One(1, 2)
    let shapes = vec![Shape::Empty, Shape::Line(0, 9)]; // view: shapes = [Empty, Line(0, 9)]
    stop_here(); // stop: tagged
    keep!(empty, circle, line, rectangle, named, quit, moved, write, tree, single, shapes);
}

/// The niche of the String's capacity tells the variants without one.
pub enum Niche {
    Text(String),
    Nothing,
    Unknown,
    Number(u32),
}

pub enum InBool {
    Flag(bool),
    Neither,
    Both,
}

pub enum Payload<'a> {
    Reference(&'a u32),
    Absent,
}

pub fn niches() {
    let number = 17;
    let text = Niche::Text("in a niche".to_string()); // view: text = Text("in a niche")
    let nothing = Niche::Nothing; // view: nothing = Nothing
    let unknown = Niche::Unknown; // view: unknown = Unknown
    let of_number = Niche::Number(u32::MAX); // view: of_number = Number(4294967295)
    let flag = InBool::Flag(true); // view: flag = Flag(true)
    let neither = InBool::Neither; // view: neither = Neither
    let both = InBool::Both; // view: both = Both
    let reference = Payload::Reference(&number); // view: reference = Reference(17)
    let absent = Payload::Absent; // view: absent = Absent
    let some_flag = Some(InBool::Flag(false)); // view: some_flag = Some(Flag(false))
    let none_flag: Option<InBool> = None; // view: none_flag = None
    stop_here(); // stop: niches
    keep!(text, nothing, unknown, of_number, flag, neither, both, reference, absent, some_flag, none_flag);
}
