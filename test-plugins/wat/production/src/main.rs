// Calls the plugin method `ping` with `["a"]` as production does and prints one JSON object: what became of the call, and
// the first log lines. The host has the method `echo`. Usage: production PLUGIN MILLISECONDS; a call that takes longer hangs.
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use wasmi_plugin_hdk::plugin::{Plugin, PluginError, PluginId};
use wasmi_plugin_hdk::server::HostServer;
use wasmi_plugin_pdk::{rpc_message::RpcError, transport::Transport};

type Log = Arc<Mutex<Vec<String>>>;

/// An endless log must not end the host.
const MOST_LINES: usize = 3;

fn finish(mut outcome: Value, log: &Log) -> ! {
    let lines = log.lock().unwrap();
    if !lines.is_empty() {
        outcome["log"] = json!(*lines);
    }
    println!("{outcome}");
    std::process::exit(0)
}

fn main() {
    let mut args = std::env::args().skip(1);
    let (Some(path), Some(Ok(limit))) = (args.next(), args.next().map(|ms| ms.parse())) else {
        eprintln!("usage: production PLUGIN MILLISECONDS");
        std::process::exit(2);
    };
    let bytes = std::fs::read(&path).expect("the plugin can be read");
    let log = Log::default();

    let late = log.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(limit));
        finish(json!({ "hangs": true }), &late)
    });

    let panicked = log.clone();
    std::panic::set_hook(Box::new(move |panic| {
        let text = panic.payload_as_str().unwrap_or("without a message");
        finish(json!({ "hostPanics": text }), &panicked)
    }));

    let host = HostServer::new(()).with_method("echo", |_: (PluginId, ()), params: Value| async move {
        Ok::<Value, RpcError>(params)
    });
    let plugin = match Plugin::new("plugin", bytes, Arc::new(host)) {
        Ok(plugin) => plugin,
        Err(error) => finish(json!({ "refused": error.to_string() }), &log),
    };
    let lines = log.clone();
    let plugin = plugin.with_logger(Box::new(move |_, line| {
        let mut lines = lines.lock().unwrap();
        if lines.len() < MOST_LINES {
            lines.push(line.to_string());
        }
    }));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let outcome = match runtime.block_on(plugin.call("ping", json!(["a"]))) {
        Ok(response) => json!({ "result": response.result }),
        Err(PluginError::SpawnError(error)) => json!({ "refused": format!("{error:?}") }),
        Err(PluginError::RpcError(error)) => json!({ "error": { "code": error.code(), "message": error.message() } }),
        Err(error) => json!({ "refused": error.to_string() }),
    };
    finish(outcome, &log)
}
