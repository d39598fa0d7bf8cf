//! Ways through code: scopes, generics, recursion, iterators, matches, loops, `?`.

use std::fmt::Debug;
use std::hint::black_box;
use std::num::ParseIntError;

use crate::enums::Shape;
use crate::{keep, stop_here};

pub fn shadowed() {
    let value = 1; // view: value = 1
    stop_here(); // stop: shadowed first
    keep!(value);
    let value = "two"; // view: value = "two"
    stop_here(); // stop: shadowed second
    {
        let value = [3.0]; // view: value = [3.0]
        let inner = 'i'; // view: inner = 'i'
        stop_here(); // stop: shadowed inner
        keep!(value, inner);
        if let Some(value) = Some(4u8) { // view: value = 4
            let deepest = value + 1; // view: deepest = 5
            stop_here(); // stop: shadowed deepest
            keep!(deepest);
        }
    }
    let last = value.len(); // view: last = 3
    stop_here(); // stop: shadowed last
    keep!(value, last);
}

#[inline(never)]
fn generic<T: Debug + Clone>(item: T, times: usize) -> Vec<T> {
    let items = vec![item.clone(); times];
    stop_here(); // stop: generic
    keep!(item);
    items
}

pub fn generics() {
    let numbers = generic(7u32, 2); // view: numbers = [7, 7]
    let strings = generic("s".to_string(), 1); // view: strings = ["s"]
    stop_here(); // stop: generics
    keep!(numbers, strings);
}

#[inline(never)]
fn factorial(number: u64) -> u64 {
    if number <= 1 {
        stop_here(); // stop: factorial
        return 1;
    }
    let rest = factorial(number - 1);
    number * rest
}

pub fn recursion() {
    let result = factorial(5); // view: result = 120
    stop_here(); // stop: recursion
    keep!(result);
}

pub fn iterators() {
    let numbers = [1, 2, 3, 4];
    let sum: i32 = numbers // view: sum = 20
        .iter()
        .filter(|number| **number % 2 == 0)
        .map(|number| {
            let square = number * number;
            black_box(square)
        })
        .sum();
    let names: Vec<String> = numbers.iter().map(|number| format!("n{number}")).collect(); // view: names = ["n1", "n2", "n3", "n4"]
    for (index, name) in names.iter().enumerate() {
        if index == 2 {
            stop_here(); // stop: iterators index 2
        }
        keep!(name);
    }
    stop_here(); // stop: iterators
    keep!(sum, names);
}

#[inline(never)]
fn describe(shape: &Shape) -> u32 {
    match shape {
        Shape::Empty => 0,
        Shape::Circle(radius) if *radius > 10.0 => 1,
        Shape::Circle(radius) => {
            let rounded = *radius as u32;
            black_box(rounded)
        }
        Shape::Line(from, to) => (to - from) as u32,
        Shape::Rectangle { width, height } => {
            let area = width * height;
            stop_here(); // stop: match arm
            black_box(area)
        }
        Shape::Named { inner, .. } => describe(inner),
    }
}

pub fn matches() {
    let shapes = [
        Shape::Empty,
        Shape::Circle(2.5),
        Shape::Line(1, 4),
        Shape::Rectangle { width: 3, height: 4 },
        Shape::Named { name: "n".to_string(), inner: Box::new(Shape::Circle(11.0)) },
    ];
    let mut described = Vec::new();
    for shape in &shapes {
        described.push(describe(shape));
    }
    let Shape::Line(from, to) = &shapes[2] else {
        return;
    };
    let total: u32 = described.iter().sum(); // view: total = 18
    stop_here(); // stop: matches
    keep!(described, from, to, total);
}

pub fn loops() {
    let mut rounds = 0; // view: rounds = 3
    while rounds < 3 {
        rounds += 1;
    }
    let mut stack = vec![1, 2];
    let mut popped = 0; // view: popped = 3
    while let Some(top) = stack.pop() {
        popped += top;
    }
    let found = 'outer: loop {
        for row in 0..10 {
            for column in 0..10 {
                if row * column == 42 {
                    break 'outer (row, column); // view: found = (6, 7)
                }
            }
        }
    };
    let mut sum = 0; // view: sum = 15
    for number in 1..=5 {
        sum += number;
    }
    stop_here(); // stop: loops
    keep!(rounds, popped, found, sum);
}

#[inline(never)]
fn parse_sum(left: &str, right: &str) -> Result<i32, ParseIntError> {
    let first = left.parse::<i32>()?;
    let second = right.parse::<i32>()?;
    let sum = first + second;
    Ok(sum)
}

pub fn question_mark() {
    let good = parse_sum("1", "2"); // view: good = Ok(3)
    let bad = parse_sum("1", "two"); // view: bad = Err(ParseIntError { kind: InvalidDigit })
    stop_here(); // stop: question_mark
    keep!(good, bad);
}

#[inline(always)]
fn innermost(number: u32) -> u32 {
    let tripled = number * 3; // view: tripled = 18
    stop_here(); // stop: inlined innermost
    black_box(tripled)
}

#[inline(always)]
fn middle(number: u32) -> u32 {
    let doubled = number * 2; // view: doubled = 6
    innermost(doubled) + 1
}

pub fn inlined() {
    let result = middle(black_box(3)); // view: result = 19
    stop_here(); // stop: inlined
    keep!(result);
}
