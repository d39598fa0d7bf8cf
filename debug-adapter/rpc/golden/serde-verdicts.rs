// Wrote the verdicts in serde-verdicts.jsonl: lines on stdin, what wasmi-plugin-pdk 0.1.0 takes each for on stdout.
// Build it in a crate of its own that depends on wasmi-plugin-pdk = "=0.1.0" and serde_json = "=1.0.154".
use std::io::BufRead;
use wasmi_plugin_pdk::rpc_message::RpcMessage;

fn main() {
    for line in std::io::stdin().lock().lines() {
        let message = serde_json::from_str::<RpcMessage>(line.unwrap().trim());
        let Ok(message) = message else {
            println!("invalid");
            continue;
        };
        let (kind, id) = match &message {
            RpcMessage::RpcRequest(request) => ("request", request.id),
            RpcMessage::RpcResponse(response) => ("response", response.id),
            RpcMessage::RpcErrorResponse(response) => ("error", response.id),
        };
        println!("{kind} {id} {}", serde_json::to_string(&message).unwrap());
    }
}
