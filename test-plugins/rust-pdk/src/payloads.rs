//! What a message may carry: much of it, numbers that a double can't hold, deep nesting, any text.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use wasmi_plugin_pdk::{
    rpc_message::RpcError,
    transport::{JsonRpcTransport, Transport},
};

use crate::basics::NoParams;

#[derive(Deserialize)]
pub struct PayloadParams {
    bytes: usize,
}

/// `payload {bytes}` → how many characters came back of as many that were sent to the host method `echo`.
pub async fn payload(
    host: Arc<JsonRpcTransport>,
    params: PayloadParams,
) -> Result<usize, RpcError> {
    let text: String = ('a'..='z').cycle().take(params.bytes).collect();
    let reply = host.call("echo", json!(text)).await?.result;
    match reply.as_str() {
        Some(echoed) if echoed == text => Ok(echoed.len()),
        _ => Err(RpcError::Custom(
            "the host sent something else back".to_string(),
        )),
    }
}

/// `u64_extremes` → the numbers that doubles round, after a trip through the host method `echo`.
pub async fn u64_extremes(
    host: Arc<JsonRpcTransport>,
    _params: NoParams,
) -> Result<Value, RpcError> {
    let sent = json!([
        u64::MAX,
        1_u64 << 63,
        (1_u64 << 53) + 1,
        i64::MIN,
        -((1_i64 << 53) + 1)
    ]);
    let received = host.call("echo", sent.clone()).await?.result;
    if received == sent {
        Ok(received)
    } else {
        Err(RpcError::Custom(format!("{sent} came back as {received}")))
    }
}

#[derive(Deserialize)]
pub struct DeepJsonParams {
    depth: u32,
    #[serde(default)]
    through_host: bool,
}

/// `deep_json {depth, through_host = false}` → `[[[…]]]`, as deep as asked. serde_json stops reading at 128 levels.
pub async fn deep_json(
    host: Arc<JsonRpcTransport>,
    params: DeepJsonParams,
) -> Result<Value, RpcError> {
    let mut nested = json!([]);
    for _ in 1..params.depth {
        // Not `json!([nested])`, which would walk through all of it again.
        nested = Value::Array(vec![nested]);
    }
    if params.through_host {
        nested = host.call("echo", nested).await?.result;
    }
    Ok(nested)
}

/// `text` → strings that are easily broken: escapes, a NUL, line separators, emoji, what looks like JSON-RPC, and floats.
pub async fn text(host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<Value, RpcError> {
    let sent = json!({
        "quotes": "\"'\\/",
        "controls": "\u{0}\u{1}\t\r\n\u{7f}",
        "separators": "\u{2028}\u{2029}\u{85}\u{feff}",
        "emoji": "🦀 é e\u{301} 👩‍👩‍👧",
        "json": "{\"jsonrpc\":\"2.0\",\"id\":0,\"result\":null}\n",
        "": "an empty key",
        "__proto__": "not a prototype",
        "floats": [0.1, -0.0, 1e300, 5e-324, 1.0],
    });
    let received = host.call("echo", sent.clone()).await?.result;
    if received == sent {
        Ok(received)
    } else {
        Err(RpcError::Custom(format!("{sent} came back as {received}")))
    }
}
