//! A plugin whose functions hold values of every kind, for what a debugger shows of them.
//!
//! Each method is a family of values. Its function ends in `stop_here()`, where they all are alive. A comment behind a
//! `let` says what a debugger shows of the variable there:
//!
//! - `// view: name = text`: the whole text;
//! - `// entries: name = {"a": 1, "b": 2}`: the entries of a map or a set, which come in any order;
//! - `// length: name = 100000`: how many elements there are.
//!
//! - `// stop: label` behind a `stop_here()`; `// panic: text in its message` and `// trap: kind` where a method ends badly.
//!
//! Without the feature `pdk` it is a plugin of std alone, which an older compiler builds too.

// Most fields are there to be looked at by a debugger only.
#![allow(dead_code)]

#[cfg(feature = "pdk")]
mod asynchronous;
mod cells;
mod control;
mod dynamic;
mod enums;
#[cfg(feature = "pdk")]
mod json;
mod maps;
mod panics;
mod pointers;
mod scalars;
mod sequences;
mod statics;
mod structs;
mod text;
mod times;

use std::hint::black_box;

/// Where a test breaks: the caller's variables are all alive.
#[inline(never)]
pub fn stop_here() {
    black_box(());
}

/// Keeps values alive, and in memory, until here.
#[macro_export]
macro_rules! keep {
    ($($value:expr),* $(,)?) => {{ $(std::hint::black_box(&$value);)* }};
}

/// Every method that takes no params and answers `null`.
const FAMILIES: &[(&str, fn())] = &[
    ("integers", scalars::integers),
    ("floats", scalars::floats),
    ("characters", scalars::characters),
    ("strings", text::strings),
    ("other_strings", text::other_strings),
    ("arrays", sequences::arrays),
    ("vectors", sequences::vectors),
    ("deques", sequences::deques),
    ("hash_maps", maps::hash_maps),
    ("hash_sets", maps::hash_sets),
    ("btrees", maps::btrees),
    ("options", enums::options),
    ("results", enums::results),
    ("c_like", enums::c_like),
    ("tagged", enums::tagged),
    ("niches", enums::niches),
    ("structs", structs::structs),
    ("tuples", structs::tuples),
    ("generic_structs", structs::generic_structs),
    ("unions", structs::unions),
    ("references", pointers::references),
    ("boxes", pointers::boxes),
    ("counted", pointers::counted),
    ("raw", pointers::raw),
    ("cycle", pointers::cycle),
    ("cells", cells::cells),
    ("ref_cells", cells::ref_cells),
    ("locks", cells::locks),
    ("once", cells::once),
    ("ranges", times::ranges),
    ("times", times::times),
    ("addresses", times::addresses),
    ("trait_objects", dynamic::trait_objects),
    ("function_pointers", dynamic::function_pointers),
    ("closures", dynamic::closures),
    ("statics", statics::statics),
    ("shadowed", control::shadowed),
    ("generics", control::generics),
    ("recursion", control::recursion),
    ("iterators", control::iterators),
    ("matches", control::matches),
    ("loops", control::loops),
    ("question_mark", control::question_mark),
    ("inlined", control::inlined),
    ("unwrap_none", panics::unwrap_none),
    ("expect_message", panics::expect_message),
    ("index_out_of_bounds", panics::index_out_of_bounds),
    ("arithmetic_overflow", panics::arithmetic_overflow),
    ("divide_by_zero", panics::divide_by_zero),
    ("borrowed_twice", panics::borrowed_twice),
    ("assertion", panics::assertion),
    ("own_message", panics::own_message),
    ("long_message", panics::long_message),
    ("panic_in_closure", panics::panic_in_closure),
    ("trap_unreachable", panics::trap_unreachable),
    ("trap_out_of_bounds", panics::trap_out_of_bounds),
    ("panic_in_core", panics::panic_in_core),
    ("trap_stack_overflow", panics::trap_stack_overflow),
    ("trap_indirect_call", panics::trap_indirect_call),
    ("trap_null_function", panics::trap_null_function),
];

#[cfg(feature = "pdk")]
fn main() {
    use serde_json::Value;
    let mut server = wasmi_plugin_pdk::server::PluginServer::new_with_transport()
        .with_method("json", json::json)
        .with_method("locals", asynchronous::locals)
        .with_method("nested", asynchronous::nested)
        .with_method("joined", asynchronous::joined)
        .with_method("boxed", asynchronous::boxed)
        .with_method("looped", asynchronous::looped)
        .with_method("fails", asynchronous::fails)
        .with_method("panics", asynchronous::panics)
        .with_method("given_up", asynchronous::given_up)
        .with_method("paired", asynchronous::paired);
    for (name, family) in FAMILIES {
        server = server.with_method(name, move |_host, _params: Value| async move {
            family();
            Ok(Value::Null)
        });
    }
    server.run();
}

/// One request is read, and answered if its method is one of the families.
#[cfg(not(feature = "pdk"))]
fn main() {
    let mut line = String::new();
    let _ = std::io::stdin().read_line(&mut line);
    let named = |name: &str| line.contains(&format!("\"method\":\"{name}\""));
    let Some((_, family)) = FAMILIES.iter().find(|(name, _)| named(name)) else {
        println!(r#"{{"jsonrpc":"2.0","id":0,"error":{{"code":-32601,"message":"Method not found"}}}}"#);
        return;
    };
    family();
    println!(r#"{{"jsonrpc":"2.0","id":0,"result":null}}"#);
}
