//! Several things at once on the pdk's single thread: joined host calls, and races of a reply against a timer.
//!
//! While a host call is pending the pdk polls stdin, so tokio never parks and nothing ever calls `poll_oneoff`: the
//! timers are driven by reading the clock.

use std::{sync::Arc, time::Duration};

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::sleep;
use wasmi_plugin_pdk::{
    rpc_message::RpcError,
    transport::{JsonRpcTransport, Transport},
};

#[derive(Deserialize)]
#[serde(default)]
pub struct JoinedParams {
    /// How long the timer beside the two calls runs.
    ms: u64,
}

impl Default for JoinedParams {
    fn default() -> Self {
        JoinedParams { ms: 20 }
    }
}

/// `joined {ms = 20}` → `[first, second]`: two calls to `echo` are on their way together, and a timer runs beside them.
///
/// The replies must come in the order of the requests. In the other order this hangs for ever: the first call reads the
/// second's reply and puts it into a channel that the second, busy waiting for a line, never looks at.
pub async fn joined(
    host: Arc<JsonRpcTransport>,
    params: Option<JoinedParams>,
) -> Result<Value, RpcError> {
    let JoinedParams { ms } = params.unwrap_or_default();
    let (first, second, ()) = tokio::join!(
        host.call("echo", json!("first")),
        host.call("echo", json!("second")),
        sleep(Duration::from_millis(ms)),
    );
    Ok(json!([first?.result, second?.result]))
}

#[derive(Deserialize)]
#[serde(default)]
pub struct SelectParams {
    /// How long the reply may take.
    ms: u64,
}

impl Default for SelectParams {
    fn default() -> Self {
        SelectParams { ms: 100 }
    }
}

/// `select {ms = 100}` → `{"reply": …}` if the host method `echo` answers within that time, else `{"timeout": ms}`.
pub async fn select(
    host: Arc<JsonRpcTransport>,
    params: Option<SelectParams>,
) -> Result<Value, RpcError> {
    let SelectParams { ms } = params.unwrap_or_default();
    tokio::select! {
        reply = host.call("echo", json!("in time?")) => Ok(json!({ "reply": reply?.result })),
        () = sleep(Duration::from_millis(ms)) => Ok(json!({ "timeout": ms })),
    }
}

/// `reply_or_timeout {ms = 100}` → `[select, echo]`: as `select`, and then a second call to `echo`, which also reads the
/// late reply of the first when that one was given up.
pub async fn reply_or_timeout(
    host: Arc<JsonRpcTransport>,
    params: Option<SelectParams>,
) -> Result<Value, RpcError> {
    let first = select(host.clone(), params).await?;
    let second = host.call("echo", json!("after")).await?.result;
    Ok(json!([first, second]))
}
