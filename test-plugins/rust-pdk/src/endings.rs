//! Ways to end a call: an error of each kind, a panic, a trap, an exit, and no end at all.

use std::{
    future::pending,
    sync::{
        Arc,
        atomic::{AtomicI32, Ordering},
    },
};

use serde::Deserialize;
use wasmi_plugin_pdk::{rpc_message::RpcError, transport::JsonRpcTransport};

use crate::basics::NoParams;

#[derive(Deserialize)]
pub struct FailParams {
    code: i64,
    #[serde(default)]
    message: String,
}

/// `fail {code, message = ""}` → the error with that code. The pdk has six: the five of JSON-RPC, which lose their message,
/// and one for everything else, which loses its code (to -32000).
pub async fn fail(_host: Arc<JsonRpcTransport>, params: FailParams) -> Result<(), RpcError> {
    Err(match params.code {
        -32700 => RpcError::ParseError,
        -32600 => RpcError::InvalidRequest,
        -32601 => RpcError::MethodNotFound,
        -32602 => RpcError::InvalidParams,
        -32603 => RpcError::InternalError,
        _ => RpcError::Custom(params.message),
    })
}

#[derive(Deserialize)]
#[serde(default)]
pub struct PanicParams {
    message: String,
}

impl Default for PanicParams {
    fn default() -> Self {
        PanicParams {
            message: "asked to panic".to_string(),
        }
    }
}

/// `panic {message = "asked to panic"}` → a panic with that message, three calls deep.
pub async fn panic(
    _host: Arc<JsonRpcTransport>,
    params: Option<PanicParams>,
) -> Result<(), RpcError> {
    outer(&params.unwrap_or_default().message);
    Ok(())
}

#[inline(never)]
fn outer(message: &str) {
    inner(message);
}

#[inline(never)]
fn inner(message: &str) {
    panic!("{message}");
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct ExitParams {
    code: i32,
}

/// `exit {code = 0}` → no answer: the plugin ends itself in the middle of the call.
pub async fn exit(
    _host: Arc<JsonRpcTransport>,
    params: Option<ExitParams>,
) -> Result<(), RpcError> {
    std::process::exit(params.unwrap_or_default().code);
}

/// What `exit_after` was asked for; 0 is what returning from `main` gives anyway.
static EXIT_CODE: AtomicI32 = AtomicI32::new(0);

#[derive(Deserialize)]
#[serde(default)]
pub struct ExitAfterParams {
    code: i32,
}

impl Default for ExitAfterParams {
    fn default() -> Self {
        ExitAfterParams { code: 3 }
    }
}

/// `exit_after {code = 3}` → `null`, and then an exit with that code.
pub async fn exit_after(
    _host: Arc<JsonRpcTransport>,
    params: Option<ExitAfterParams>,
) -> Result<(), RpcError> {
    EXIT_CODE.store(params.unwrap_or_default().code, Ordering::Relaxed);
    Ok(())
}

/// Ends the plugin with the code that `exit_after` left, if there is one. Called when the answer is out.
pub fn exit_as_asked() {
    match EXIT_CODE.load(Ordering::Relaxed) {
        0 => {}
        code => std::process::exit(code),
    }
}

#[derive(Deserialize)]
pub struct TrapParams {
    kind: String,
}

/// `trap {kind}` → a trap without a word on stderr: `unreachable`, or `out_of_bounds` (a store past the end of memory).
pub async fn trap(_host: Arc<JsonRpcTransport>, params: TrapParams) -> Result<(), RpcError> {
    match params.kind.as_str() {
        "unreachable" => std::process::abort(),
        "out_of_bounds" => {
            // SAFETY: none. The address is past the end of every memory that a test has, and that is the point.
            unsafe { std::ptr::without_provenance_mut::<u8>(0xffff_fff0).write_volatile(1) };
            Ok(())
        }
        kind => Err(RpcError::Custom(format!("no trap is called {kind}"))),
    }
}

/// `never` → nothing: it waits for what nobody will ever wake.
pub async fn never(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<(), RpcError> {
    pending().await
}
