//! Listens to what the framework says about itself, and prints it as JSON Lines.
//!
//! The framework traces every message and syscall. This is the one place that knows the wording of version 0.1.0.

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write},
    sync::{Arc, Mutex},
    time::Instant,
};

use serde_json::{Value, json};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{Layer, layer::Context};

use wasmi_plugin_pdk::rpc_message::RpcError;

use crate::rust_debug;

/// Prints events, and counts those that are too many to print. Clones share their counts.
#[derive(Clone)]
pub struct Observer {
    start: Instant,
    print_syscalls: bool,
    counts: Arc<Mutex<Counts>>,
}

#[derive(Default)]
struct Counts {
    yields: u64,
    syscalls: BTreeMap<String, u64>,
}

impl Observer {
    pub fn new(print_syscalls: bool) -> Self {
        Observer {
            start: Instant::now(),
            print_syscalls,
            counts: Arc::default(),
        }
    }

    /// Prints one line: the event, and the ms since the start.
    pub fn event(&self, mut event: Value) {
        let ms = (self.start.elapsed().as_secs_f64() * 1e3 * 1e3).round() / 1e3;
        event["ms"] = json!(ms);
        println!("{event}");
    }

    /// Prints the last line: how the call ended, and the counts.
    pub fn end(&self, outcome: Value) {
        let counts = self.counts.lock().expect("nobody panics while counting");
        let mut end =
            json!({ "event": "end", "yields": counts.yields, "syscalls": counts.syscalls });
        if let (Value::Object(end), Value::Object(outcome)) = (&mut end, outcome) {
            end.extend(outcome);
        }
        drop(counts);
        self.event(end);
    }

    fn transport(&self, level: &Level, text: &str) {
        if let Some(line) = text.strip_prefix("JsonRpcTransport::write_message() - ") {
            let message = serde_json::from_str(line).unwrap_or_else(|_| json!(line));
            self.event(json!({ "event": "message", "direction": "in", "message": message }));
        } else if let Some(message) = text.strip_prefix("JsonRpcTransport::process_next_line() - ")
        {
            let message = rust_debug::to_json(message)
                .map(with_error_code)
                .unwrap_or_else(|| json!(message));
            self.event(json!({ "event": "message", "direction": "out", "message": message }));
        } else if let Some(line) = text.strip_prefix("Failed to parse line: ") {
            self.event(json!({ "event": "not_a_message", "direction": "out", "line": line }));
        } else if *level <= Level::WARN {
            self.event(json!({ "event": "host", "message": text }));
        }
    }

    fn syscall(&self, level: &Level, text: &str) {
        let name = text
            .strip_prefix("wasi ")
            .and_then(|call| call.split_once('('))
            .map(|(name, _)| name);
        if let Some(name) = name {
            let mut counts = self.counts.lock().expect("nobody panics while counting");
            *counts.syscalls.entry(name.to_string()).or_default() += 1;
        }
        if self.print_syscalls {
            self.event(json!({ "event": "syscall", "text": text }));
        } else if *level <= Level::WARN {
            self.event(json!({ "event": "host", "message": text }));
        }
    }

    fn execution(&self, level: &Level, text: &str) {
        if text == "Plugin out of fuel, yielding..." {
            self.counts
                .lock()
                .expect("nobody panics while counting")
                .yields += 1;
        }
        if let Some(end) = text.strip_prefix("Plugin error: ") {
            self.event(how_it_ended(end));
        } else if self.print_syscalls {
            self.event(json!({ "event": "execution", "text": text }));
        } else if *level <= Level::WARN && !text.starts_with("Error resuming plugin: ") {
            self.event(json!({ "event": "host", "message": text }));
        }
    }
}

/// An exit's code or a trap's name, out of the wordy `{:?}` of wasmi's errors (which includes its whole engine).
pub fn how_it_ended(error: &str) -> Value {
    let named = |name: &str| {
        let (_, rest) = error.rsplit_once(&format!("{name}("))?;
        rest.split_once(')').map(|(value, _)| value)
    };
    if let Some(code) = named("I32ExitStatus").and_then(|code| code.parse::<i32>().ok()) {
        json!({ "event": "exit", "code": code })
    } else if let Some(code) = named("TrapCode") {
        json!({ "event": "trap", "code": code })
    } else {
        json!({ "event": "died", "error": error })
    }
}

/// The message with its error as it stands on the wire as far as the framework knows: what was lost on the way stays lost.
fn with_error_code(mut message: Value) -> Value {
    if let Some(error) = message.get_mut("error") {
        let kind = match error.as_str() {
            Some("ParseError") => RpcError::ParseError,
            Some("InvalidRequest") => RpcError::InvalidRequest,
            Some("MethodNotFound") => RpcError::MethodNotFound,
            Some("InvalidParams") => RpcError::InvalidParams,
            Some("InternalError") => RpcError::InternalError,
            _ => RpcError::Custom(error["Custom"].as_str().unwrap_or_default().to_string()),
        };
        *error = json!(kind);
    }
    message
}

impl<S: Subscriber> Layer<S> for Observer {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let text = text_of(event);
        let level = event.metadata().level();
        match event.metadata().target() {
            "wasmi_plugin_pdk::transport" => self.transport(level, &text),
            "wasmi_plugin_hdk::wasi::wasi_ctx" => self.syscall(level, &text),
            "wasmi_plugin_hdk::wasi::wasmi" => self.execution(level, &text),
            _ if *level <= Level::WARN => {
                self.event(json!({ "event": "host", "message": text }));
            }
            _ => {}
        }
    }
}

/// The text of a `tracing` event.
pub fn text_of(event: &Event<'_>) -> String {
    let mut message = Message(String::new());
    event.record(&mut message);
    message.0
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").expect("writing to a string does not fail");
        }
    }
}
