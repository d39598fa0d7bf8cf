//! A plugin on `wasmi-plugin-pdk` with one method for each thing a debugger has to get right.
//!
//! Not an example of what a plugin should do: many of these methods break the rules on purpose. The table in README.md
//! says what each of them takes, answers and calls on the host; ../expected.json says what production makes of it.

mod basics;
mod computation;
mod concurrency;
mod endings;
mod logs;
mod payloads;
mod protocol;

use tracing::Level;
use tracing_subscriber::{filter::Targets, prelude::*};
use wasmi_plugin_pdk::server::PluginServer;

fn main() {
    log_to_stderr();

    PluginServer::new_with_transport()
        // What every plugin does: answer, ask the host, use the clock and chance.
        .with_method("ping", basics::ping)
        .with_method("echo", basics::echo)
        .with_method("many_echo", basics::many_echo)
        .with_method("nested", basics::nested)
        .with_method("random", basics::random)
        .with_method("time", basics::time)
        .with_method("sleep", basics::sleep)
        // Several things at once.
        .with_method("joined", concurrency::joined)
        .with_method("select", concurrency::select)
        .with_method("reply_or_timeout", concurrency::reply_or_timeout)
        // The log.
        .with_method("log", logs::log)
        .with_method("stderr", logs::stderr)
        // Work: fuel, memory, the call stack.
        .with_method("prime_sieve", computation::prime_sieve)
        .with_method("floats", computation::floats)
        .with_method("alloc", computation::alloc)
        .with_method("recurse", computation::recurse)
        .with_method("spin", computation::spin)
        .with_method("grow", computation::grow)
        // What a message may carry.
        .with_method("payload", payloads::payload)
        .with_method("u64_extremes", payloads::u64_extremes)
        .with_method("deep_json", payloads::deep_json)
        .with_method("text", payloads::text)
        // Ways to end a call.
        .with_method("fail", endings::fail)
        .with_method("panic", endings::panic)
        .with_method("exit", endings::exit)
        .with_method("exit_after", endings::exit_after)
        .with_method("trap", endings::trap)
        .with_method("never", endings::never)
        // Breaking the protocol.
        .with_method("unknown_host_method", protocol::unknown_host_method)
        .with_method("println", protocol::println)
        .with_method("raw_line", protocol::raw_line)
        .with_method("raw_id", protocol::raw_id)
        .with_method("unknown_id", protocol::unknown_id)
        .with_method("double_answer", protocol::double_answer)
        .with_method("stray_error", protocol::stray_error)
        .with_method("invalid_utf8", protocol::invalid_utf8)
        .run();

    endings::exit_as_asked();
}

/// stdout belongs to JSON-RPC, so the log goes to stderr, where the host reads it line by line.
fn log_to_stderr() {
    // At level trace the pdk logs every message, so all of a payload: more than one wants to read.
    let levels = Targets::new()
        .with_default(Level::INFO)
        .with_target(env!("CARGO_CRATE_NAME"), Level::TRACE);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(false);
    tracing_subscriber::registry()
        .with(lines)
        .with(levels)
        .init();
}
