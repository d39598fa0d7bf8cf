//! Maps and sets, hashed and ordered.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasherDefault, DefaultHasher};

use crate::{keep, stop_here};

pub fn hash_maps() {
    let empty: HashMap<String, u32> = HashMap::new(); // view: empty = {}
    let one = HashMap::from([("only", 1)]); // view: one = {"only": 1}
    let three = HashMap::from([("a", 1u32), ("b", 2), ("c", 3)]); // entries: three = {"a": 1, "b": 2, "c": 3}
    let large: HashMap<u32, u64> = (0..10_000).map(|n| (n, u64::from(n) * 3)).collect(); // length: large = 10000
    let owned = HashMap::from([("key".to_string(), vec![1u8, 2])]); // view: owned = {"key": [1, 2]}
    let mut removed: HashMap<u32, char> = ('a'..='z').enumerate().map(|(n, letter)| (n as u32, letter)).collect();
    removed.retain(|number, _| *number == 25); // view: removed = {25: 'z'}
    let uneven = HashMap::from([((1u8, 2u64), 3u16)]); // view: uneven = {(1, 2): 3}
    let of_units = HashMap::from([(5u8, ())]); // view: of_units = {5: ()}
    let mut hashed_alike: HashMap<u8, bool, BuildHasherDefault<DefaultHasher>> = HashMap::default();
    hashed_alike.extend([(1, true), (2, false)]); // entries: hashed_alike = {1: true, 2: false}
    stop_here(); // stop: hash_maps
    keep!(empty, one, three, large, owned, removed, uneven, of_units, hashed_alike);
}

pub fn hash_sets() {
    let empty: HashSet<u8> = HashSet::new(); // view: empty = {}
    let numbers = HashSet::from([1, 2, 3]); // entries: numbers = {1, 2, 3}
    let strings = HashSet::from(["x".to_string()]); // view: strings = {"x"}
    let large: HashSet<u64> = (0..1000).collect(); // length: large = 1000
    stop_here(); // stop: hash_sets
    keep!(empty, numbers, strings, large);
}

pub fn btrees() {
    let empty: BTreeMap<u8, u8> = BTreeMap::new(); // view: empty = {}
    let one_node = BTreeMap::from([(2, "two"), (1, "one"), (3, "three")]); // view: one_node = {1: "one", 2: "two", 3: "three"}
    let several_levels: BTreeMap<u32, u64> = (0..1000).map(|n| (n, u64::from(n) * n as u64)).collect(); // length: several_levels = 1000
    let mut thinned: BTreeMap<u32, String> = (0..200).map(|n| (n, n.to_string())).collect();
    thinned.retain(|number, _| number % 100 == 0); // view: thinned = {0: "0", 100: "100"}
    let of_strings = BTreeMap::from([("b".to_string(), vec![1]), ("a".to_string(), vec![])]); // view: of_strings = {"a": [], "b": [1]}
    let mut emptied = BTreeMap::from([(1, 1)]);
    emptied.clear(); // view: emptied = {}
    let set = BTreeSet::from(['b', 'a']); // view: set = {'a', 'b'}
    let large_set: BTreeSet<i16> = (-250..250).collect(); // length: large_set = 500
    stop_here(); // stop: btrees
    keep!(empty, one_node, several_levels, thinned, of_strings, emptied, set, large_set);
}
