//! `serde_json::Value` of every kind.

use std::sync::Arc;

use serde_json::{Map, Number, Value, json};
use wasmi_plugin_pdk::{rpc_message::RpcError, transport::JsonRpcTransport};

use crate::{keep, stop_here};

/// `json` → its params.
pub async fn json(_host: Arc<JsonRpcTransport>, params: Value) -> Result<Value, RpcError> {
    values();
    Ok(params)
}

fn values() {
    let null = Value::Null; // view: null = null
    let yes = json!(true); // view: yes = true
    let integer = json!(42); // view: integer = 42
    let negative = json!(-7); // view: negative = -7
    let largest = json!(u64::MAX); // view: largest = 18446744073709551615
    let float = json!(1.5); // view: float = 1.5
    let whole_float = json!(2.0); // view: whole_float = 2.0
    let string = json!("text \"quoted\""); // view: string = "text \"quoted\""
    let empty_array = json!([]); // view: empty_array = []
    let array = json!([1, "two", null]); // view: array = [1, "two", null]
    let empty_object = json!({}); // view: empty_object = {}
    let object = json!({"name": "Ada", "tags": ["a", "b"], "nested": {"deep": true}}); // view: object = {"name": "Ada", "nested": {"deep": true}, "tags": ["a", "b"]}
    let large = Value::Array((0..1000).map(Value::from).collect()); // length: large = 1000
    let number: Number = 9.into(); // view: number = 9
    let map: Map<String, Value> = Map::from_iter([("key".to_string(), json!(1))]); // view: map = {"key": 1}
    let some = Some(json!("inside")); // view: some = Some("inside")
    let none: Option<Value> = None; // view: none = None
    let reference = &object["tags"]; // view: reference = ["a", "b"]
    stop_here(); // stop: json
    keep!(null, yes, integer, negative, largest, float, whole_float, string, empty_array, array);
    keep!(empty_object, object, large, number, map, some, none, reference);
}
