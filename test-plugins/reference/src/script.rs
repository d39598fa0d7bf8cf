//! A script of calls, one JSON object a line, and what went over the wire in each, one JSON object a line as well.
//!
//! The calls run in the order of the script, each with a host of its own, under the hdk whose pipes are tapped.

use std::{
    collections::BTreeMap,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures::FutureExt;
use serde_json::{Map, Value, json};
use tapped_hdk::{
    plugin::{Plugin, PluginError},
    tap::{self, Line, Pipe},
};
use tracing::{Event, Subscriber};
use tracing_subscriber::{Layer, layer::Context, layer::SubscriberExt};
use wasmi_plugin_pdk::transport::Transport;

use crate::{
    host::{self, Answer, Method, Methods, Reply},
    observer,
};

/// Runs the script of a file. The exit code is 2 where the script can't be read, else 0: what becomes of a call is the script's to tell.
pub fn run(file: &str) -> i32 {
    let script = match std::fs::read_to_string(file) {
        Ok(script) => script,
        Err(error) => {
            eprintln!("cannot read the script {file}: {error}");
            return 2;
        }
    };
    let watch = Watch::default();
    let subscriber = tracing_subscriber::registry().with(watch.clone());
    tracing::subscriber::set_global_default(subscriber).expect("nobody else sets a subscriber");
    // The hdk unwraps what a guest gives it. That is an outcome, and has its line.
    std::panic::set_hook(Box::new(|_| {}));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime without I/O needs nothing that can fail");
    let mut plugins = BTreeMap::new();
    for (number, line) in script.lines().enumerate() {
        let told = Call::parse(line).and_then(|call| {
            if !plugins.contains_key(&call.plugin) {
                let wasm = std::fs::read(&call.plugin)
                    .map_err(|error| format!("cannot read {}: {error}", call.plugin))?;
                plugins.insert(call.plugin.clone(), wasm);
            }
            Ok(runtime.block_on(call.make(plugins[&call.plugin].clone(), &watch)))
        });
        match told {
            Ok(told) => println!("{told}"),
            Err(message) => {
                eprintln!("{file}:{}: {message}", number + 1);
                return 2;
            }
        }
        std::io::stdout().flush().ok();
    }
    0
}

/// One line of a script.
struct Call {
    plugin: String,
    method: String,
    params: Value,
    host: Methods,
    max_fuel: Option<u64>,
    timeout_ms: u64,
}

impl Call {
    fn parse(line: &str) -> Result<Call, String> {
        let value: Value = serde_json::from_str(line).map_err(|error| error.to_string())?;
        let text = |name: &str| {
            value[name]
                .as_str()
                .map(str::to_string)
                .ok_or(format!("a call needs a text `{name}`"))
        };
        let host = match &value["host"] {
            Value::Null => host::echo(),
            Value::Object(methods) => methods
                .iter()
                .map(|(name, replies)| Ok((name.clone(), Arc::new(method(replies)?))))
                .collect::<Result<_, String>>()?,
            other => {
                return Err(format!(
                    "a host is an object from method to replies, not {other}"
                ));
            }
        };
        Ok(Call {
            plugin: text("plugin")?,
            method: text("method")?,
            params: value["params"].clone(),
            host,
            max_fuel: value["slice"].as_u64(),
            timeout_ms: value["timeout"].as_u64().unwrap_or(10_000),
        })
    }

    /// Makes the call, and tells of it.
    async fn make(&self, wasm: Vec<u8>, watch: &Watch) -> Value {
        let plugin = match Plugin::new(
            "plugin",
            wasm,
            Arc::new(host::server!(tapped_hdk, self.host)),
        ) {
            Ok(plugin) => plugin,
            Err(error) => return json!({ "outcome": "rejected", "message": error.to_string() }),
        };
        let log = Arc::new(Mutex::new(Vec::new()));
        let logger = log.clone();
        let plugin = plugin.with_logger(Box::new(move |_, line| {
            logger
                .lock()
                .expect("nobody panics here")
                .push(line.to_string());
        }));
        let plugin = match self.max_fuel {
            Some(max_fuel) => plugin.with_max_fuel(max_fuel),
            None => plugin,
        };
        watch.begin();
        tap::begin(true);
        let call = plugin.call(&self.method, self.params.clone());
        let call = std::panic::AssertUnwindSafe(call).catch_unwind();
        let outcome = match tokio::time::timeout(Duration::from_millis(self.timeout_ms), call).await
        {
            Err(_) => json!({ "outcome": "hang" }),
            Ok(Err(_)) => json!({ "outcome": "host_panic" }),
            // As text: its numbers are u64, and whoever reads this may be JavaScript.
            Ok(Ok(Ok(response))) => {
                json!({ "outcome": "result", "result": response.result.to_string() })
            }
            Ok(Ok(Err(PluginError::RpcError(error)))) => {
                json!({ "outcome": "error", "error": error })
            }
            Ok(Ok(Err(error))) => json!({ "outcome": "rejected", "message": error.to_string() }),
        };
        let tapped = tap::end().expect("the tap is on");
        let mut told = json!({
            "lines": tapped.lines.iter().map(told_line).collect::<Vec<_>>(),
            "log": *log.lock().expect("nobody panics here"),
        });
        if let (Value::Object(told), Value::Object(outcome)) = (&mut told, outcome) {
            told.extend(outcome);
            told.extend(watch.end());
        }
        told
    }
}

fn told_line(line: &Line) -> Value {
    let pipe = match line.pipe {
        Pipe::Stdin => "in",
        Pipe::Stdout => "out",
        Pipe::Stderr => "err",
    };
    let mut told = match std::str::from_utf8(&line.bytes) {
        Ok(text) => json!({ "pipe": pipe, "text": text }),
        Err(_) => {
            let hex: String = line
                .bytes
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            json!({ "pipe": pipe, "hex": hex })
        }
    };
    if line.unfinished {
        told["unfinished"] = json!(true);
    }
    told
}

fn method(replies: &Value) -> Result<Method, String> {
    let replies = replies.as_array().ok_or("a method's replies are a list")?;
    replies
        .iter()
        .map(reply)
        .collect::<Result<_, _>>()
        .map(Method::new)
}

/// `{"result": …}`, `{"error": {"code", "message"}}`, `{"echo": true}` or `{"never": true}`, each with a `delay` in ms if wanted.
fn reply(reply: &Value) -> Result<Reply, String> {
    let answer = if reply["echo"] == true {
        Answer::Echo
    } else if reply["never"] == true {
        Answer::Never
    } else if let Some(error) = reply.get("error") {
        let error = serde_json::from_value(error.clone());
        Answer::Error(error.map_err(|error| format!("no error: {error}"))?)
    } else if let Some(result) = reply.get("result") {
        Answer::Result(result.clone())
    } else {
        return Err(format!(
            "a reply is a result, error, echo or never, not {reply}"
        ));
    };
    Ok(Reply {
        answer,
        delay_ms: reply["delay"].as_u64().unwrap_or(0),
    })
}

/// What the framework traces of a call: how often it yielded, how many lines the host read, how the guest ended.
#[derive(Clone, Default)]
struct Watch(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    yields: u64,
    read: u64,
    end: Option<Value>,
}

impl Watch {
    fn begin(&self) {
        *self.0.lock().expect("nobody panics here") = Seen::default();
    }

    fn end(&self) -> Map<String, Value> {
        let seen = self.0.lock().expect("nobody panics here");
        let mut told = Map::from_iter([
            ("yields".to_string(), json!(seen.yields)),
            ("read".to_string(), json!(seen.read)),
        ]);
        if let Some(end) = &seen.end {
            let name = end["event"].as_str().unwrap_or_default();
            let value = end.get("code").unwrap_or(&end["error"]);
            told.insert(name.to_string(), value.clone());
        }
        told
    }
}

impl<S: Subscriber> Layer<S> for Watch {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let target = event.metadata().target();
        let execution = target.ends_with("::wasi::wasmi");
        if !execution && target != "wasmi_plugin_pdk::transport" {
            return;
        }
        let text = observer::text_of(event);
        let mut seen = self.0.lock().expect("nobody panics here");
        if execution && text == "Plugin out of fuel, yielding..." {
            seen.yields += 1;
        } else if execution && let Some(end) = text.strip_prefix("Plugin error: ") {
            seen.end = Some(observer::how_it_ended(end));
        } else if text.starts_with("JsonRpcTransport::process_next_line() - ")
            || text.starts_with("Failed to parse line: ")
            || text.starts_with("Failed to read line: ")
        {
            seen.read += 1;
        }
    }
}
