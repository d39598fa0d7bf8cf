//! Asynchronous methods: locals across an `.await` on a host call, nested futures, several at once.

use std::pin::Pin;
use std::sync::Arc;

use serde_json::{Value, json};
use wasmi_plugin_pdk::{
    rpc_message::RpcError,
    transport::{JsonRpcTransport, Transport},
};

use crate::structs::User;
use crate::{keep, stop_here};

type Host = Arc<JsonRpcTransport>;

/// `locals` → what the host made of `{"id":7}`: locals before, across and after an await.
pub async fn locals(host: Host, params: Value) -> Result<Value, RpcError> {
    let number = 7u32; // view: number = 7
    let name = String::from("Ada"); // view: name = "Ada"
    let list = vec![1u8, 2, 3]; // view: list = [1, 2, 3]
    let user = User { id: 1, name: name.clone(), active: true }; // view: user = User { id: 1, name: "Ada", active: true }
    let choice = Some("chosen"); // view: choice = Some("chosen")
    let only_before = number + 1; // view: only_before = 8
    stop_here(); // stop: locals before
    keep!(only_before);
    let reply = host.call("echo", json!({ "id": number })).await?;
    let result = reply.result; // view: result = {"id": 7}
    let after = list.len() * 2; // view: after = 6
    stop_here(); // stop: locals after
    keep!(number, name, list, user, choice, after, params);
    {
        let number = "shadowed across the second await"; // view: number = "shadowed across the second await"
        host.call("echo", json!(null)).await?;
        stop_here(); // stop: locals inner
        keep!(number);
    }
    Ok(result)
}

/// `nested` → 20: three asynchronous functions deep.
pub async fn nested(host: Host, _params: Value) -> Result<u64, RpcError> {
    let factor = 2; // view: factor = 2
    let sum = outer(&host, 3).await?; // view: sum = 10
    stop_here(); // stop: nested
    keep!(factor);
    Ok(sum * factor)
}

async fn outer(host: &Host, count: u64) -> Result<u64, RpcError> {
    let label = "outer"; // view: label = "outer"
    let first = inner(host, count).await?; // view: first = 4
    let second = inner(host, count + 2).await?; // view: second = 6
    stop_here(); // stop: outer
    keep!(label);
    Ok(first + second)
}

async fn inner(host: &Host, number: u64) -> Result<u64, RpcError> {
    let doubled = number * 2;
    let reply = host.call("echo", json!(doubled)).await?;
    let answer = reply.result.as_u64().unwrap_or(0);
    stop_here(); // stop: inner
    Ok(answer - number + 1)
}

/// `joined` → `[1, 2]`: two futures at once, one in a block of its own.
pub async fn joined(host: Host, _params: Value) -> Result<Value, RpcError> {
    let first = async {
        let label = "first"; // view: label = "first"
        let reply = host.call("echo", json!(1)).await?;
        stop_here(); // stop: joined first
        keep!(label);
        Ok::<Value, RpcError>(reply.result)
    };
    let (left, right) = tokio::join!(first, inner(&host, 1));
    let (left, right) = (left?, right?); // view: left = 1
    stop_here(); // stop: joined
    Ok(json!([left, right]))
}

/// `boxed` → 6: recursion through boxed futures.
pub async fn boxed(host: Host, _params: Value) -> Result<u64, RpcError> {
    let total = countdown(&host, 3).await?; // view: total = 6
    stop_here(); // stop: boxed
    Ok(total)
}

fn countdown(host: &Host, left: u64) -> Pin<Box<dyn Future<Output = Result<u64, RpcError>> + '_>> {
    Box::pin(async move {
        if left == 0 {
            stop_here(); // stop: countdown
            return Ok(0);
        }
        host.call("echo", json!(left)).await?;
        let below = countdown(host, left - 1).await?;
        Ok(below + left)
    })
}

/// `looped` → `["0", "1", "2"]`: an await in a loop.
pub async fn looped(host: Host, _params: Value) -> Result<Vec<String>, RpcError> {
    let mut collected = Vec::new(); // view: collected = ["0", "1", "2"]
    for number in 0..3 {
        let text = number.to_string();
        let reply = host.call("echo", json!(text)).await?;
        collected.push(reply.result.as_str().unwrap_or("?").to_string());
    }
    stop_here(); // stop: looped
    Ok(collected)
}

/// `fails`: the host does not know the method, and `?` gives its error on.
pub async fn fails(host: Host, _params: Value) -> Result<Value, RpcError> {
    let attempts = 1;
    let reply = host.call("unknown_method", json!(attempts)).await?;
    keep!(attempts);
    Ok(reply.result)
}

/// `panics`: after an await, in a helper.
pub async fn panics(host: Host, _params: Value) -> Result<Value, RpcError> {
    let reply = host.call("echo", json!("not a number")).await?;
    let number = to_number(&reply.result);
    Ok(json!(number))
}

#[inline(never)]
fn to_number(value: &Value) -> u64 {
    value.as_u64().expect("the host answers with a number") // panic: the host answers with a number
}

/// `given_up` → 12: variables that are set again behind an await, which the future does not keep.
pub async fn given_up(host: Host, _params: Value) -> Result<Value, RpcError> {
    let first = doubled(3);
    let second = doubled(first);
    stop_here(); // stop: given_up before
    host.call("echo", json!(second)).await?;
    stop_here(); // stop: given_up behind
    let mut sum = 0;
    let mut last = 0;
    while last < 6 {
        sum += last;
        host.call("echo", json!(sum)).await?;
        last = doubled(sum / 2 + 1);
        stop_here(); // stop: given_up round
    }
    Ok(json!(sum + last))
}

#[inline(never)]
fn doubled(number: u32) -> u32 {
    std::hint::black_box(number) * 2
}

/// `paired` → `[3, 6]`: two futures of one function at once, which take turns, and a third that begins when they are over.
pub async fn paired(host: Host, _params: Value) -> Result<Value, RpcError> {
    let (left, right) = tokio::join!(twice(&host, 1), twice(&host, 2));
    let (left, right) = (left?, right?); // view: left = 3
    let spawned = tokio::task::spawn_local(in_a_task(host.clone(), right));
    let last = spawned.await.map_or(Value::Null, |answer| json!(answer)); // view: last = 6
    Ok(json!([left, last]))
}

async fn twice(host: &Host, number: u64) -> Result<u64, RpcError> {
    let first = host.call("echo", json!(number)).await?;
    let answer = first.result.as_u64().unwrap_or(0);
    stop_here(); // stop: paired
    tokio::task::yield_now().await;
    let sum = answer + number + 1;
    Ok(sum)
}

async fn in_a_task(host: Host, number: u64) -> u64 {
    let below = host.call("echo", json!(number)).await;
    let answer = below.map_or(0, |reply| reply.result.as_u64().unwrap_or(0));
    answer + 1
}
