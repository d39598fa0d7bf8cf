//! The output: a JSON description, and the bytes of all modules that it speaks of by place and size.

use serde_json::{Value, json};
use std::collections::HashMap;
use std::io::Write;

#[derive(Default)]
pub struct Modules {
    bytes: Vec<u8>,
    /// Many files of the test suite hold the same modules.
    known: HashMap<Vec<u8>, usize>,
}

impl Modules {
    /// Keeps a module and gives `[place, size]`.
    pub fn add(&mut self, module: &[u8]) -> Value {
        let at = match self.known.get(module) {
            Some(at) => *at,
            None => {
                let at = self.bytes.len();
                self.bytes.extend_from_slice(module);
                self.known.insert(module.to_owned(), at);
                at
            }
        };
        json!([at, module.len()])
    }

    /// Writes the container to stdout.
    pub fn write(&self, description: &Value) -> Result<(), String> {
        let text = description.to_string();
        let length = u32::try_from(text.len())
            .map_err(|_| "the description is longer than 4 GiB".to_owned())?;
        let mut out = std::io::stdout().lock();
        out.write_all(&length.to_le_bytes())
            .and_then(|()| out.write_all(text.as_bytes()))
            .and_then(|()| out.write_all(&self.bytes))
            .and_then(|()| out.flush())
            .map_err(|error| format!("the modules could not be written to stdout: {error}"))
    }
}
