//! wasmi-plugin-hdk, unchanged, with its pipes tapped.
//!
//! The hdk shows a host what a call comes to, not what went over the wire. Its pipes are the one place that all of it passes,
//! so its own source files are compiled here once more, and [`tap`] stands in for `wasi/non_blocking_pipe.rs` (and forwards
//! to it). That this changes nothing is checked: each call of ../../cases.ts takes the same course under the crate itself.

pub mod tap;

include!(concat!(env!("OUT_DIR"), "/hdk.rs"));
