//! Runs one plugin call under the real wasmi-plugin-hdk and prints what happened as JSON Lines: what production does.
//!
//! Nothing of the framework is rebuilt here: messages, syscalls, yields and ends are what it reports by `tracing`.

mod host;
mod observer;
mod options;
mod rust_debug;

use std::{process::ExitCode, sync::Arc, time::Duration};

use futures::FutureExt;
use serde_json::{Value, json};
use tracing_subscriber::layer::SubscriberExt;
use wasmi_plugin_hdk::plugin::{Plugin, PluginError};
use wasmi_plugin_pdk::transport::Transport;

use crate::{observer::Observer, options::Options};

fn main() -> ExitCode {
    let options = match Options::from_args(std::env::args().skip(1)) {
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
    let plugin = match Plugin::new("plugin", wasm, Arc::new(host::handler(options))) {
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
