//! Turns what `{:?}` prints for the framework's messages back into JSON.
//!
//! The hdk shows what it receives only in this form. It covers what derives of `Debug` and serde_json's values print.

use serde_json::{Map, Number, Value, json};

/// The JSON value behind `text`, or nothing if it is not understood whole.
///
/// Names of types around a value are dropped, and so are `String`, `Number` and the like. Of an error's variants
/// `Custom("text")` becomes `{"Custom": "text"}` and `MethodNotFound` its name, as serde would have it.
pub fn to_json(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value()?;
    reader.rest.trim().is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn value(&mut self) -> Option<Value> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '"' => self.string().map(Value::String),
            '[' => self.array(),
            '{' => self.object(),
            first if first.is_ascii_digit() || first == '-' => self.number(),
            _ => self.named(),
        }
    }

    /// `Name`, `Name(value)`, `Name [ … ]` or `Name { … }`.
    fn named(&mut self) -> Option<Value> {
        let name = self.name()?;
        self.rest = self.rest.trim_start();
        match self.rest.chars().next() {
            Some('(') => {
                self.take('(')?;
                let value = self.value()?;
                self.take(')')?;
                Some(if name == "Custom" {
                    json!({ name: value })
                } else {
                    value
                })
            }
            Some('[') => self.array(),
            Some('{') => self.object(),
            _ => Some(match name.as_str() {
                "Null" => Value::Null,
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                _ => Value::String(name),
            }),
        }
    }

    fn name(&mut self) -> Option<String> {
        let end = self
            .rest
            .find(|next: char| !next.is_alphanumeric() && next != '_')
            .unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!name.is_empty()).then(|| name.to_string())
    }

    fn array(&mut self) -> Option<Value> {
        self.take('[')?;
        let mut elements = Vec::new();
        while !self.next_is(']') {
            elements.push(self.value()?);
            if !self.next_is(']') {
                self.take(',')?;
            }
        }
        self.take(']')?;
        Some(Value::Array(elements))
    }

    fn object(&mut self) -> Option<Value> {
        self.take('{')?;
        let mut members = Map::new();
        while !self.next_is('}') {
            let key = if self.next_is('"') {
                self.string()?
            } else {
                self.name()?
            };
            self.take(':')?;
            let value = self.value()?;
            members.insert(key, value);
            if !self.next_is('}') {
                self.take(',')?;
            }
        }
        self.take('}')?;
        Some(Value::Object(members))
    }

    fn number(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|next: char| !next.is_ascii_digit() && !"+-.eE".contains(next))
            .unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        digits.parse::<Number>().ok().map(Value::Number)
    }

    /// A string literal as Rust escapes it: `\u{1f}` in place of JSON's `\u001f`.
    fn string(&mut self) -> Option<String> {
        self.take('"')?;
        let mut text = String::new();
        let mut chars = self.rest.char_indices();
        while let Some((at, next)) = chars.next() {
            match next {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Some(text);
                }
                '\\' => match chars.next()?.1 {
                    'n' => text.push('\n'),
                    'r' => text.push('\r'),
                    't' => text.push('\t'),
                    '0' => text.push('\0'),
                    'u' => {
                        let digits: String = chars
                            .by_ref()
                            .map(|(_, digit)| digit)
                            .skip(1)
                            .take_while(|&digit| digit != '}')
                            .collect();
                        text.push(char::from_u32(u32::from_str_radix(&digits, 16).ok()?)?);
                    }
                    escaped => text.push(escaped),
                },
                plain => text.push(plain),
            }
        }
        None
    }

    fn next_is(&mut self, wanted: char) -> bool {
        self.rest = self.rest.trim_start();
        self.rest.starts_with(wanted)
    }

    fn take(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(wanted)?;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use wasmi_plugin_pdk::rpc_message::{RpcError, RpcErrorResponse, RpcMessage, RpcRequest};

    use super::*;

    #[test]
    fn reads_back_a_request() {
        let params = json!({
            "text": "a \"quote\", \\, \n\r\t\u{0}\u{1}\u{2028}é🦀",
            "numbers": [u64::MAX, i64::MIN, 0.1, -1e300, 5e-324],
            "rest": [null, true, false, {}, [], { "": { "__proto__": [[]] } }],
        });
        let message = RpcMessage::RpcRequest(RpcRequest {
            jsonrpc: "2.0".to_string(),
            id: u64::MAX,
            method: "m(\"{".to_string(),
            params,
        });
        let printed = format!("{message:?}");
        assert_eq!(
            to_json(&printed),
            Some(serde_json::to_value(&message).unwrap())
        );
    }

    #[test]
    fn names_a_kind_of_error() {
        let message = RpcMessage::RpcErrorResponse(RpcErrorResponse {
            jsonrpc: "2.0".to_string(),
            id: 1,
            error: RpcError::MethodNotFound,
        });
        let read = to_json(&format!("{message:?}")).unwrap();
        assert_eq!(
            read,
            json!({ "jsonrpc": "2.0", "id": 1, "error": "MethodNotFound" })
        );
    }

    #[test]
    fn says_nothing_about_what_it_does_not_understand() {
        assert_eq!(to_json("Name(1"), None);
        assert_eq!(to_json("[1] 2"), None);
        assert_eq!(to_json(""), None);
    }
}
