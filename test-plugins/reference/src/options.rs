//! The command line.

use std::collections::HashMap;

use serde_json::{Map, Value};

pub const USAGE: &str = "\
usage: reference PLUGIN METHOD [PARAMS-JSON] [--mocks FILE-OR-JSON] [--delay [METHOD=]MS]… [--never METHOD]…
                 [--max-fuel N] [--timeout MS] [--syscalls]
       reference --script FILE
       reference --bench PLUGIN

  --mocks     a JSON object from host method to result; `echo`, which gives its params back, is always there
  --delay     how long every host method takes, or only the one named
  --never     this host method never answers
  --max-fuel  the slice after which the hdk yields (100 000 unless told otherwise)
  --timeout   after this long the call counts as a hang (10 000 ms unless told otherwise)
  --syscalls  print every syscall and yield; otherwise they are counted
  --script    makes the calls of a file of JSON Lines, and prints for each every line that went over its pipes, and how it ended:
              {\"plugin\", \"method\", \"params\", \"host\": {METHOD: [REPLY, …]}, \"slice\", \"timeout\"}, where a reply is {\"result\": …},
              {\"error\": {\"code\", \"message\"}}, {\"echo\": true} or {\"never\": true}, with {\"delay\": MS} if it takes time
  --bench     reads {\"method\", \"params\"} line by line from stdin, and prints how many ms the instance and the call took

exit code: 0 a result, 1 an error response, 2 bad usage, 3 a hang, 4 the plugin can't run or the host died";

/// One call: which plugin, which method, and what its host is like.
pub struct Options {
    pub plugin: String,
    pub method: String,
    pub params: Value,
    pub mocks: Map<String, Value>,
    pub delay_ms: HashMap<String, u64>,
    pub delay_all_ms: u64,
    pub never: Vec<String>,
    pub max_fuel: Option<u64>,
    pub timeout_ms: u64,
    pub syscalls: bool,
}

impl Options {
    /// Reads the arguments, without the program's name.
    pub fn from_args(args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut args = args;
        let mut positional = Vec::new();
        let mut options = Options {
            plugin: String::new(),
            method: String::new(),
            params: Value::Null,
            mocks: Map::new(),
            delay_ms: HashMap::new(),
            delay_all_ms: 0,
            never: Vec::new(),
            max_fuel: None,
            timeout_ms: 10_000,
            syscalls: false,
        };
        while let Some(arg) = args.next() {
            let mut value = || args.next().ok_or(format!("{arg} needs a value"));
            match arg.as_str() {
                "--mocks" => options.mocks = mocks(&value()?)?,
                "--delay" => options.set_delay(&value()?)?,
                "--never" => options.never.push(value()?),
                "--max-fuel" => options.max_fuel = Some(number(&arg, &value()?)?),
                "--timeout" => options.timeout_ms = number(&arg, &value()?)?,
                "--syscalls" => options.syscalls = true,
                flag if flag.starts_with("--") => return Err(format!("there is no flag {flag}")),
                _ => positional.push(arg),
            }
        }
        match positional.as_slice() {
            [plugin, method, params @ ..] if params.len() <= 1 => {
                options.plugin = plugin.clone();
                options.method = method.clone();
                if let [params] = params {
                    options.params = json("the params", params)?;
                }
                Ok(options)
            }
            _ => Err("a plugin and a method are needed, and params at most".to_string()),
        }
    }

    /// `MS` for every host method, `METHOD=MS` for one.
    fn set_delay(&mut self, delay: &str) -> Result<(), String> {
        match delay.split_once('=') {
            Some((method, ms)) => {
                self.delay_ms
                    .insert(method.to_string(), number("--delay", ms)?);
            }
            None => self.delay_all_ms = number("--delay", delay)?,
        }
        Ok(())
    }
}

fn number(flag: &str, text: &str) -> Result<u64, String> {
    text.parse()
        .map_err(|_| format!("{flag} takes a whole number, not {text}"))
}

fn json(what: &str, text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|error| format!("{what} are not JSON: {error}"))
}

/// Mocks from a file, or from the argument itself when it starts with a brace.
fn mocks(file_or_json: &str) -> Result<Map<String, Value>, String> {
    let text = if file_or_json.trim_start().starts_with('{') {
        file_or_json.to_string()
    } else {
        std::fs::read_to_string(file_or_json)
            .map_err(|error| format!("cannot read the mocks {file_or_json}: {error}"))?
    };
    match json("the mocks", &text)? {
        Value::Object(mocks) => Ok(mocks),
        _ => Err("mocks are a JSON object from host method to result".to_string()),
    }
}
