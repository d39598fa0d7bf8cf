//! How long calls take under the real hdk: one plugin, compiled once, and a call for each line of stdin, so that whoever asks can mix
//! them with measurements of their own.

use std::{io::BufRead, sync::Arc, time::Instant};

use serde_json::{Value, json};
use tapped_hdk::{plugin::Plugin, tap};
use wasmi_plugin_pdk::transport::Transport;

use crate::host;

/// Prints `{"compileMs"}`, and for each line `{"method", "params"}` of stdin how long a call took: `{"instanceMs", "callMs", "cpuMs"}`,
/// the making of the instance apart from the call inside; the last is what this thread worked in both, null where the system does not
/// tell. Nothing is traced, and of the pipes only the first write is noted.
pub fn run(file: &str) -> i32 {
    match serve(file) {
        Ok(()) => 0,
        Err(message) => {
            eprintln!("{message}");
            2
        }
    }
}

fn serve(file: &str) -> Result<(), String> {
    let wasm = std::fs::read(file).map_err(|error| format!("cannot read {file}: {error}"))?;
    let start = Instant::now();
    let plugin = Plugin::new(
        "plugin",
        wasm,
        Arc::new(host::server!(tapped_hdk, host::echo())),
    )
    .map_err(|error| format!("{file}: {error}"))?
    .with_logger(Box::new(|_, _| {}));
    println!("{}", json!({ "compileMs": ms_since(start) }));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O needs nothing that can fail");
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let call: Value = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let method = call["method"].as_str().ok_or("a call needs a method")?;
        tap::begin(false);
        let worked = worked_ns();
        let start = Instant::now();
        let response = runtime.block_on(plugin.call(method, call["params"].clone()));
        let whole = ms_since(start);
        let cpu = worked_ns()
            .zip(worked)
            .map(|(after, before)| (after - before) as f64 / 1e6);
        let tapped = tap::end().expect("the tap is on");
        let instance = tapped
            .first_write
            .map_or(0.0, |at| (at - start).as_secs_f64() * 1e3);
        response.map_err(|error| format!("{method}: {error}"))?;
        println!(
            "{}",
            json!({ "instanceMs": instance, "callMs": whole - instance, "cpuMs": cpu })
        );
    }
    Ok(())
}

fn ms_since(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// How long this thread has been running, in ns: Linux alone says so in a file.
fn worked_ns() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    stat.split(' ').next()?.parse().ok()
}
