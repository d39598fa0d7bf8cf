//! What every plugin does: it answers, asks the host, and uses the clock and chance.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use wasmi_plugin_pdk::{
    rpc_message::{RpcError, to_rpc_err},
    transport::{JsonRpcTransport, Transport},
};

/// Params of a method that takes none: callers send `null`, `{}` or `[]`, and all of them will do.
pub type NoParams = Value;

/// `ping` → `"pong"`.
pub async fn ping(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<String, RpcError> {
    Ok("pong".to_string())
}

#[derive(Deserialize)]
pub struct EchoParams {
    message: Value,
}

/// `echo {message}` → what the host method `echo` made of the message.
pub async fn echo(host: Arc<JsonRpcTransport>, params: EchoParams) -> Result<Value, RpcError> {
    let response = host.call("echo", params.message).await?;
    Ok(response.result)
}

#[derive(Deserialize)]
pub struct ManyEchoParams {
    n: u32,
}

/// `many_echo {n}` → how many of n numbers, sent to the host method `echo` one after the other, came back unchanged.
pub async fn many_echo(
    host: Arc<JsonRpcTransport>,
    params: ManyEchoParams,
) -> Result<u32, RpcError> {
    let mut unchanged = 0;
    for number in 0..params.n {
        let response = host.call("echo", json!(number)).await?;
        if response.result == json!(number) {
            unchanged += 1;
        }
    }
    Ok(unchanged)
}

#[derive(Deserialize)]
pub struct NestedParams {
    depth: u32,
}

/// `nested {depth}` → `[[…null…]]`, one pair of brackets for each host call: the params of every call to `echo` contain
/// the result of the one before.
pub async fn nested(host: Arc<JsonRpcTransport>, params: NestedParams) -> Result<Value, RpcError> {
    let mut result = Value::Null;
    for _ in 0..params.depth {
        result = host.call("echo", json!([result])).await?.result;
    }
    Ok(result)
}

#[derive(Deserialize)]
pub struct RandomParams {
    bytes: usize,
}

/// `random {bytes}` → that many random bytes in hexadecimal.
pub async fn random(
    _host: Arc<JsonRpcTransport>,
    params: RandomParams,
) -> Result<String, RpcError> {
    let mut bytes = vec![0; params.bytes];
    getrandom::fill(&mut bytes).map_err(to_rpc_err)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[derive(Serialize)]
pub struct Time {
    /// Nanoseconds since 1970, as CLOCKID_REALTIME gives them.
    unix_ns: u64,
    /// Between two readings of CLOCKID_MONOTONIC.
    elapsed_ns: u64,
}

/// `time` → `{unix_ns, elapsed_ns}`.
pub async fn time(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<Time, RpcError> {
    let start = Instant::now();
    let unix = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(to_rpc_err)?;
    Ok(Time {
        unix_ns: unix.as_nanos() as u64,
        elapsed_ns: start.elapsed().as_nanos() as u64,
    })
}

#[derive(Deserialize)]
pub struct SleepParams {
    ms: u64,
}

/// `sleep {ms}` → how many ms the clock says it took. Nothing else is going on, so tokio parks in `poll_oneoff`.
pub async fn sleep(_host: Arc<JsonRpcTransport>, params: SleepParams) -> Result<u64, RpcError> {
    let start = Instant::now();
    tokio::time::sleep(Duration::from_millis(params.ms)).await;
    Ok(start.elapsed().as_millis() as u64)
}
