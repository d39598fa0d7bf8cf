//! Breaking the protocol: what a plugin should never write to stdout, and a question the host can't answer.

use std::{
    io::{self, BufRead, Write},
    sync::Arc,
};

use serde::Deserialize;
use serde_json::{Value, json};
use wasmi_plugin_pdk::{
    rpc_message::{RpcError, to_rpc_err},
    transport::{JsonRpcTransport, Transport},
};

use crate::basics::NoParams;

/// The id of the request that is being answered: the host numbers its requests from 0 and sends one to each instance.
const OWN_REQUEST: u64 = 0;

/// Writes bytes to stdout past the pdk.
fn write_stdout(bytes: &[u8]) -> Result<(), RpcError> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(to_rpc_err)
}

/// Calls the host method `echo` if asked to. After most of the faults in this module nobody answers, and production hangs.
async fn call_host(host: &JsonRpcTransport, wanted: bool) -> Result<(), RpcError> {
    if wanted {
        host.call("echo", json!("still there?")).await?;
    }
    Ok(())
}

/// `unknown_host_method` → the error that the host answers a call to `no_such_method` with.
pub async fn unknown_host_method(
    host: Arc<JsonRpcTransport>,
    _params: NoParams,
) -> Result<Value, RpcError> {
    Ok(host
        .call("no_such_method", json!({ "answer": 42 }))
        .await?
        .result)
}

#[derive(Deserialize)]
#[serde(default)]
pub struct PrintlnParams {
    text: String,
    /// Without a newline the text and the answer share a line.
    newline: bool,
    then_call: bool,
}

impl Default for PrintlnParams {
    fn default() -> Self {
        PrintlnParams {
            text: "debugging with println!".to_string(),
            newline: true,
            then_call: false,
        }
    }
}

/// `println {text, newline = true, then_call = false}` → `null`, with a forgotten `println!` in the middle.
pub async fn println(
    host: Arc<JsonRpcTransport>,
    params: Option<PrintlnParams>,
) -> Result<(), RpcError> {
    let params = params.unwrap_or_default();
    if params.newline {
        println!("{}", params.text);
    } else {
        print!("{}", params.text);
    }
    call_host(&host, params.then_call).await
}

#[derive(Deserialize)]
pub struct RawLineParams {
    line: String,
    #[serde(default)]
    then_call: bool,
}

/// `raw_line {line, then_call = false}` → `null`, after writing the line (a newline is added) as it is.
pub async fn raw_line(host: Arc<JsonRpcTransport>, params: RawLineParams) -> Result<(), RpcError> {
    write_stdout(format!("{}\n", params.line).as_bytes())?;
    call_host(&host, params.then_call).await
}

#[derive(Deserialize)]
pub struct RawIdParams {
    id: u64,
}

/// `raw_id {id}` → the line, as text, with which the host answers a call to `echo` that has this id.
pub async fn raw_id(_host: Arc<JsonRpcTransport>, params: RawIdParams) -> Result<String, RpcError> {
    let request =
        json!({ "jsonrpc": "2.0", "id": params.id, "method": "echo", "params": params.id });
    write_stdout(format!("{request}\n").as_bytes())?;
    let mut line = Vec::new();
    loop {
        match io::stdin().lock().read_until(b'\n', &mut line) {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                tokio::task::yield_now().await;
            }
            Err(error) => return Err(to_rpc_err(error)),
        }
    }
    let line = String::from_utf8(line).map_err(to_rpc_err)?;
    Ok(line.trim_end().to_string())
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub struct StrayParams {
    then_call: bool,
}

/// `unknown_id {then_call = false}` → `null`, after a response to a request that nobody made.
pub async fn unknown_id(
    host: Arc<JsonRpcTransport>,
    params: Option<StrayParams>,
) -> Result<(), RpcError> {
    write_stdout(b"{\"jsonrpc\":\"2.0\",\"id\":999,\"result\":\"nobody asked\"}\n")?;
    call_host(&host, params.unwrap_or_default().then_call).await
}

/// `double_answer {then_call = false}` → `"second"`, after `"first"` was already answered.
pub async fn double_answer(
    host: Arc<JsonRpcTransport>,
    params: Option<StrayParams>,
) -> Result<String, RpcError> {
    let first = json!({ "jsonrpc": "2.0", "id": OWN_REQUEST, "result": "first" });
    write_stdout(format!("{first}\n").as_bytes())?;
    call_host(&host, params.unwrap_or_default().then_call).await?;
    Ok("second".to_string())
}

/// `stray_error {then_call = false}` → `null`, after an error response to a request that nobody made.
pub async fn stray_error(
    host: Arc<JsonRpcTransport>,
    params: Option<StrayParams>,
) -> Result<(), RpcError> {
    write_stdout(
        b"{\"jsonrpc\":\"2.0\",\"id\":999,\"error\":{\"code\":-32603,\"message\":\"stray\"}}\n",
    )?;
    call_host(&host, params.unwrap_or_default().then_call).await
}

#[derive(Deserialize)]
pub struct InvalidUtf8Params {
    /// `stdout` or `stderr`.
    to: String,
}

/// `invalid_utf8 {to}` → `null`, after a line of bytes that are not UTF-8 on stdout or stderr, and one of text on stderr.
pub async fn invalid_utf8(
    _host: Arc<JsonRpcTransport>,
    params: InvalidUtf8Params,
) -> Result<(), RpcError> {
    let bytes = b"not UTF-8: \xff\xfe \xc3(\n";
    match params.to.as_str() {
        "stdout" => write_stdout(bytes)?,
        "stderr" => io::stderr().write_all(bytes).map_err(to_rpc_err)?,
        to => {
            return Err(RpcError::Custom(format!(
                "`to` is stdout or stderr, not {to}"
            )));
        }
    }
    eprintln!("a line of text after it");
    Ok(())
}
