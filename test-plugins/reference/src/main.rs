//! Runs plugin calls under the real wasmi-plugin-hdk and prints what happened as JSON Lines: what production does.
//!
//! One call is observed from outside: nothing of the framework is rebuilt, and messages, syscalls, yields and ends are what it
//! reports by `tracing`. A script of calls runs with the hdk's pipes tapped, so that every byte is seen (script.rs).

mod bench;
mod host;
mod observer;
mod options;
mod rust_debug;
mod script;

use std::{process::ExitCode, sync::Arc, time::Duration};

use futures::FutureExt;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;
use wasmi_plugin_hdk::plugin::{Plugin, PluginError};
use wasmi_plugin_pdk::transport::Transport;

use crate::{observer::Observer, options::Options};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let mode = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--script", file] => Some(script::run(file)),
        ["--bench", file] => Some(bench::run(file)),
        _ => None,
    };
    if let Some(exit_code) = mode {
        // Not by returning: see below.
        std::process::exit(exit_code);
    }
    let options = match Options::from_args(args.into_iter()) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("{message}\n\n{}", options::USAGE);
            return ExitCode::from(2);
        }
    };

    let observer = Observer::new(options.syscalls);
    let subscriber = tracing_subscriber::registry().with(observer.clone());
    tracing::subscriber::set_global_default(subscriber).expect("nobody else sets a subscriber");
    // The hdk unwraps what a guest gives it, so a guest can make it panic. That is an outcome too.
    std::panic::set_hook({
        let observer = observer.clone();
        Box::new(move |panic| {
            let place = panic
                .location()
                .map(|place| (in_crate(place.file()), place.line()));
            let message = panic.payload_as_str().unwrap_or_default();
            observer.event(json!({ "event": "host_panic", "message": message, "place": place }));
        })
    });

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O needs nothing that can fail");
    let (outcome, exit_code) = runtime.block_on(run(&options, &observer));
    observer.end(outcome);
    // Not by returning: a runtime that still has a guest in it may wait for it.
    std::process::exit(exit_code);
}

/// Makes the call, and gives its outcome and this program's exit code.
async fn run(options: &Options, observer: &Observer) -> (Value, i32) {
    let wasm = match std::fs::read(&options.plugin) {
        Ok(wasm) => wasm,
        Err(error) => {
            let message = format!("cannot read {}: {error}", options.plugin);
            return (json!({ "outcome": "unreadable", "message": message }), 2);
        }
    };
    let methods = host::of_options(options);
    let handler = Arc::new(host::server!(wasmi_plugin_hdk, methods));
    let plugin = match Plugin::new("plugin", wasm, handler) {
        Ok(plugin) => plugin,
        Err(error) => {
            return (
                json!({ "outcome": "rejected", "message": error.to_string() }),
                4,
            );
        }
    };
    let logger = observer.clone();
    let plugin = plugin.with_logger(Box::new(move |_, line| {
        logger.event(json!({ "event": "stderr", "line": line }));
    }));
    let plugin = match options.max_fuel {
        Some(max_fuel) => plugin.with_max_fuel(max_fuel),
        None => plugin,
    };

    let call = plugin.call(&options.method, options.params.clone());
    let call = std::panic::AssertUnwindSafe(call).catch_unwind();
    match tokio::time::timeout(Duration::from_millis(options.timeout_ms), call).await {
        Err(_) => (json!({ "outcome": "hang", "ms": options.timeout_ms }), 3),
        Ok(Err(_)) => (json!({ "outcome": "host_panic" }), 4),
        Ok(Ok(Ok(response))) => (json!({ "outcome": "result", "result": response.result }), 0),
        Ok(Ok(Err(PluginError::RpcError(error)))) => {
            (json!({ "outcome": "error", "error": error }), 1)
        }
        Ok(Ok(Err(PluginError::SpawnError(error)))) => {
            let message = format!("{error}: {}", with_causes(&error));
            (json!({ "outcome": "rejected", "message": message }), 4)
        }
        Ok(Ok(Err(PluginError::PluginDied))) => (json!({ "outcome": "died" }), 4),
    }
}

/// A source file's path from the folder of its crate on.
fn in_crate(file: &str) -> &str {
    file.find("wasmi-plugin-").map_or(file, |at| &file[at..])
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ")
}
