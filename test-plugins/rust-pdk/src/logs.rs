//! What a plugin writes to stderr, which the host hands to its logger line by line.

use std::{
    io::{self, Write},
    sync::Arc,
};

use serde::Deserialize;
use tracing::{debug, error, info, info_span, trace, warn};
use wasmi_plugin_pdk::{
    rpc_message::{RpcError, to_rpc_err},
    transport::JsonRpcTransport,
};

use crate::basics::NoParams;

/// `log` → `null`, after a line at every level, one inside a span, and one event of three lines.
pub async fn log(_host: Arc<JsonRpcTransport>, _params: NoParams) -> Result<(), RpcError> {
    error!("a line at level error");
    warn!("a line at level warn");
    info!(
        answer = 42,
        name = "field",
        "a line at level info, with fields"
    );
    debug!("a line at level debug");
    trace!("a line at level trace");
    info_span!("outer", request = 7).in_scope(|| info!("a line inside a span"));
    info!("the first of three lines\nthe second\nthe third");
    Ok(())
}

#[derive(Deserialize)]
pub struct StderrParams {
    text: String,
    #[serde(default = "once")]
    times: u32,
}

fn once() -> u32 {
    1
}

/// `stderr {text, times = 1}` → `null`, after writing the text as it is: with or without a newline, long or short.
pub async fn stderr(_host: Arc<JsonRpcTransport>, params: StderrParams) -> Result<(), RpcError> {
    let mut stderr = io::stderr().lock();
    for _ in 0..params.times {
        stderr
            .write_all(params.text.as_bytes())
            .map_err(to_rpc_err)?;
    }
    Ok(())
}
