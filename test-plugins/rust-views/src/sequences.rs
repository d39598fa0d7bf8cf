//! Arrays, slices, vectors, deques.

use std::collections::{BinaryHeap, LinkedList, VecDeque};

use crate::{keep, stop_here};

pub fn arrays() {
    let array = [1, 2, 3]; // view: array = [1, 2, 3]
    let empty: [u8; 0] = []; // view: empty = []
    let matrix = [[1u8, 2, 3], [4, 5, 6]]; // view: matrix = [[1, 2, 3], [4, 5, 6]]
    let of_strings = ["a".to_string(), "b".to_string()]; // view: of_strings = ["a", "b"]
    let of_bools = [true, false]; // view: of_bools = [true, false]
    let large = [7u32; 1000]; // length: large = 1000
    let slice = &array[1..]; // view: slice = [2, 3]
    let empty_slice: &[String] = &[]; // view: empty_slice = []
    let mut numbers = [10i64, 20, 30, 40];
    let mutable = &mut numbers[..2]; // view: mutable = [11, 20]
    mutable[0] += 1;
    let boxed: Box<[u16]> = vec![1, 2].into_boxed_slice(); // view: boxed = [1, 2]
    let of_slices: [&[i32]; 2] = [&array, slice]; // view: of_slices = [[1, 2, 3], [2, 3]]
    let reference = &array; // view: reference = [1, 2, 3]
    stop_here(); // stop: arrays
    keep!(array, empty, matrix, of_strings, of_bools, large, slice, empty_slice, mutable, boxed, of_slices);
    keep!(reference);
}

pub fn vectors() {
    let empty: Vec<u32> = Vec::new(); // view: empty = []
    let vec3 = vec![1, 2, 3]; // view: vec3 = [1, 2, 3]
    let large: Vec<u32> = (0..100_000).collect(); // length: large = 100000
    let mut with_capacity = Vec::with_capacity(64);
    with_capacity.push(1.5f32); // view: with_capacity = [1.5]
    let nested = vec![vec![1u8], vec![], vec![2, 3]]; // view: nested = [[1], [], [2, 3]]
    let of_units = vec![(), (), ()]; // view: of_units = [(), (), ()]
    let of_options = vec![Some(1), None]; // view: of_options = [Some(1), None]
    let of_tuples = vec![("a", 1u64), ("b", 2)]; // view: of_tuples = [("a", 1), ("b", 2)]
    let of_chars: Vec<char> = "añ".chars().collect(); // view: of_chars = ['a', 'ñ']
    let slice = &vec3[..2]; // view: slice = [1, 2]
    let reference = &vec3; // view: reference = [1, 2, 3]
    stop_here(); // stop: vectors
    keep!(empty, vec3, large, with_capacity, nested, of_units, of_options, of_tuples, of_chars, slice, reference);
}

pub fn deques() {
    let empty: VecDeque<u8> = VecDeque::new(); // view: empty = []
    let straight = VecDeque::from(vec![1, 2, 3]); // view: straight = [1, 2, 3]
    let mut wrapped: VecDeque<u32> = VecDeque::with_capacity(4); // view: wrapped = [3, 4, 5, 6]
    wrapped.extend([1, 2, 3, 4]);
    wrapped.drain(..2);
    wrapped.extend([5, 6]);
    let mut of_strings: VecDeque<String> = VecDeque::new(); // view: of_strings = ["first", "second"]
    of_strings.push_back("second".to_string());
    of_strings.push_front("first".to_string());
    let heap = BinaryHeap::from([1, 5, 2]); // length: heap = 3
    let list = LinkedList::from([1, 2]); // length: list = 2
    stop_here(); // stop: deques
    keep!(empty, straight, wrapped, of_strings, heap, list);
}
