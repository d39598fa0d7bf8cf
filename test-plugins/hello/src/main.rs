//! A first plugin: it asks its host who somebody is, and greets them.
//!
//! The host calls `greet` or `roll`; the plugin calls the host methods `get_user` and `log` back. hello.mocks.json says what
//! they answer in the debugger.

use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use wasmi_plugin_pdk::{
    rpc_message::{RpcError, to_rpc_err},
    server::PluginServer,
    transport::{JsonRpcTransport, Transport},
};

fn main() {
    PluginServer::new_with_transport()
        .with_method("greet", greet)
        .with_method("roll", roll)
        .run();
}

#[derive(Deserialize)]
struct GreetParams {
    name: String,
}

/// What the host method `get_user` tells.
#[derive(Deserialize)]
struct User {
    display_name: String,
    utc_offset_hours: i64,
}

#[derive(Serialize)]
struct Greeting {
    text: String,
    part_of_day: &'static str,
}

/// `greet {name}`: asks the host who that is and what time it is there, and greets accordingly.
async fn greet(host: Arc<JsonRpcTransport>, params: GreetParams) -> Result<Greeting, RpcError> {
    eprintln!("who is {}?", params.name);
    let user: User = call(&host, "get_user", json!({ "name": params.name })).await?;

    let part_of_day = part_of_day(local_hour(user.utc_offset_hours)?);
    let wish = pick(&["How are you?", "Nice to see you.", "What a day!"])?;
    let text = format!("Good {part_of_day}, {}! {wish}", user.display_name);

    eprintln!("it is {part_of_day} there");
    let _: Value = call(&host, "log", json!({ "level": "info", "message": text })).await?;
    Ok(Greeting { text, part_of_day })
}

#[derive(Deserialize)]
struct RollParams {
    dice: usize,
}

/// `roll {dice}`: that many throws of a die.
async fn roll(_host: Arc<JsonRpcTransport>, params: RollParams) -> Result<Vec<u8>, RpcError> {
    if params.dice > 100 {
        return Err(RpcError::Custom(
            "that is more dice than I have".to_string(),
        ));
    }
    (0..params.dice)
        .map(|_| pick(&[1, 2, 3, 4, 5, 6]).copied())
        .collect()
}

/// Calls a host method and reads its result. On a result of another shape, the error says which method gave it.
async fn call<R: DeserializeOwned>(
    host: &JsonRpcTransport,
    method: &str,
    params: Value,
) -> Result<R, RpcError> {
    let response = host.call(method, params).await?;
    serde_json::from_value(response.result)
        .map_err(|error| RpcError::Custom(format!("the host's answer to {method}: {error}")))
}

/// The hour of the day, 0 to 23, where the offset from UTC is the given one.
fn local_hour(utc_offset_hours: i64) -> Result<u64, RpcError> {
    let since_1970 = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_err(to_rpc_err)?;
    let hours = (since_1970.as_secs() / 3600) as i64 + utc_offset_hours;
    Ok(hours.rem_euclid(24) as u64)
}

fn part_of_day(hour: u64) -> &'static str {
    match hour {
        5..=11 => "morning",
        12..=17 => "afternoon",
        _ => "evening",
    }
}

/// One of the choices, each as likely as the others as far as 32 random bits can tell.
fn pick<T>(choices: &[T]) -> Result<&T, RpcError> {
    let mut bytes = [0; 4];
    getrandom::fill(&mut bytes).map_err(to_rpc_err)?;
    Ok(&choices[u32::from_le_bytes(bytes) as usize % choices.len()])
}
