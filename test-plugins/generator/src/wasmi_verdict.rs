//! Whether wasmi 1.0.3 accepts a module: as the hdk builds it, or with its cargo feature `simd`.

use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use wasmi::{CompilationMode, Config, Engine, Module};

pub struct Wasmi {
    production: Engine,
    simd: Engine,
}

/// As the hdk makes its engine: fuel on, everything translated at once.
fn engine(simd: bool) -> Engine {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        .compilation_mode(CompilationMode::Eager);
    config.wasm_simd(simd).wasm_relaxed_simd(simd);
    Engine::new(&config)
}

/// Why an engine refuses a module; nothing where it takes it.
fn refusal(engine: &Engine, module: &[u8]) -> Option<String> {
    match catch_unwind(AssertUnwindSafe(|| Module::new(engine, module).map(drop))) {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(error.to_string()),
        Err(_) => Some("wasmi panics".to_owned()),
    }
}

impl Wasmi {
    pub fn new() -> Self {
        Self {
            production: engine(false),
            simd: engine(true),
        }
    }

    pub fn refusal(&self, module: &[u8], simd: bool) -> Option<String> {
        refusal(if simd { &self.simd } else { &self.production }, module)
    }

    /// `"production"`, `"simd"` for what only the cargo feature accepts, or `{"refused": why}`.
    pub fn verdict(&self, module: &[u8]) -> Value {
        if self.refusal(module, false).is_none() {
            return json!("production");
        }
        match self.refusal(module, true) {
            None => json!("simd"),
            Some(why) => json!({ "refused": why }),
        }
    }
}
