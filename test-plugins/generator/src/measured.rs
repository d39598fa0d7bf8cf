//! Modules at random that wasmi 1.0.3 runs here: what their calls come to, and how much fuel each consumes. (I3)

use crate::container::Modules;
use crate::random::{Dice, Request, TERMINATION_FUEL, module};
use serde_json::{Value, json};
use wasmi::{
    CompilationMode, Config, Engine, Error, Extern, F32, F64, Instance, Linker, Module, Store, Val,
    ValType,
};

/// More than any of the modules consumes.
const FUEL: u64 = 1 << 40;
const MOST_CALLS: usize = 24;

const I32: [i32; 9] = [0, 1, -1, 7, 255, 4096, 65_536, i32::MAX, i32::MIN];
const I64: [i64; 7] = [0, 1, -1, 300, 1 << 32, i64::MAX, i64::MIN];
const F32_BITS: [u32; 8] = [
    0,
    0x8000_0000,
    0x3f80_0000,
    0xbfc0_0000,
    0x4f00_0000,
    0x7f80_0000,
    0x7fc0_0000,
    1,
];
const F64_BITS: [u64; 7] = [
    0,
    1 << 63,
    0x3ff0 << 48,
    0xbff8 << 48,
    0x41e0 << 48,
    0x7ff0 << 48,
    0x7ff8 << 48,
];

fn pick<T: Copy>(dice: &mut Dice, items: &[T]) -> T {
    items[dice.below(items.len() as u64) as usize]
}

fn argument(dice: &mut Dice, ty: ValType) -> Val {
    match ty {
        ValType::I32 if dice.once_in(3) => Val::I32(dice.next() as i32),
        ValType::I32 => Val::I32(pick(dice, &I32)),
        ValType::I64 => Val::I64(pick(dice, &I64)),
        ValType::F32 => Val::F32(F32::from_bits(pick(dice, &F32_BITS))),
        ValType::F64 => Val::F64(F64::from_bits(pick(dice, &F64_BITS))),
        other => Val::default(other),
    }
}

/// As `suite.rs` writes arguments.
fn written(value: &Val) -> Value {
    match value {
        Val::I32(value) => json!(["i32", value.to_string()]),
        Val::I64(value) => json!(["i64", value.to_string()]),
        Val::F32(value) => json!(["f32", value.to_bits().to_string()]),
        Val::F64(value) => json!(["f64", value.to_bits().to_string()]),
        Val::FuncRef(value) => json!([if value.is_null() { "null" } else { "func" }]),
        Val::ExternRef(value) => json!([if value.is_null() { "null" } else { "extern" }]),
        Val::V128(_) => json!(["v128"]),
    }
}

/// wasmi's words for a trap.
fn trapped(error: &Error) -> String {
    error
        .as_trap_code()
        .map_or_else(|| error.to_string(), |code| code.to_string())
}

struct Guest {
    store: Store<()>,
    instance: Instance,
}

impl Guest {
    /// Consumed since the last time.
    fn consumed(&mut self) -> Result<u64, Error> {
        let left = self.store.get_fuel()?;
        self.store.set_fuel(FUEL)?;
        Ok(FUEL - left)
    }

    /// FNV-1a of the 32-bit words of each exported memory, by name.
    fn memories(&self) -> Value {
        let mut hashes = Vec::new();
        for export in self.instance.exports(&self.store) {
            let name = export.name().to_owned();
            if let Extern::Memory(memory) = export.into_extern() {
                let words = memory.data(&self.store).chunks_exact(4);
                let hash = words.fold(0x811c_9dc5_u32, |hash, word| {
                    (hash ^ u32::from_le_bytes([word[0], word[1], word[2], word[3]]))
                        .wrapping_mul(0x0100_0193)
                });
                hashes.push(json!([name, hash]));
            }
        }
        json!(hashes)
    }
}

fn measure(
    engine: &Engine,
    bytes: &[u8],
    fuel_global: &str,
    dice: &mut Dice,
) -> Result<Value, Error> {
    let module = Module::new(engine, bytes)?;
    let mut store = Store::new(engine, ());
    store.set_fuel(FUEL)?;
    let instance = match <Linker<()>>::new(engine).instantiate_and_start(&mut store, &module) {
        Ok(instance) => instance,
        Err(error) => return Ok(json!({ "uninstantiable": trapped(&error) })),
    };
    let mut guest = Guest { store, instance };
    let start = guest.consumed()?;
    let functions: Vec<String> = module
        .exports()
        .filter(|export| export.ty().func().is_some())
        .map(|export| export.name().to_owned())
        .collect();
    let mut calls = Vec::new();
    for name in functions
        .iter()
        .cycle()
        .take(MOST_CALLS.min(functions.len() * 3))
    {
        let Some(function) = guest.instance.get_func(&guest.store, name) else {
            continue;
        };
        if let Some(global) = guest.instance.get_global(&guest.store, fuel_global) {
            global.set(&mut guest.store, Val::I32(TERMINATION_FUEL as i32))?;
        }
        let ty = function.ty(&guest.store);
        let args: Vec<Val> = ty.params().iter().map(|ty| argument(dice, *ty)).collect();
        let mut results: Vec<Val> = ty.results().iter().map(|ty| Val::default(*ty)).collect();
        let mut call =
            json!({ "function": name, "args": args.iter().map(written).collect::<Vec<_>>() });
        match function.call(&mut guest.store, &args, &mut results) {
            Ok(()) => call["results"] = json!(results.iter().map(written).collect::<Vec<_>>()),
            Err(error) => call["trap"] = json!(trapped(&error)),
        }
        call["fuel"] = json!(guest.consumed()?);
        calls.push(call);
    }
    Ok(json!({ "start": start, "calls": calls, "memories": guest.memories() }))
}

pub fn write(request: &Request) -> Result<(), String> {
    let mut config = Config::default();
    config
        .consume_fuel(true)
        .compilation_mode(CompilationMode::Eager);
    let engine = Engine::new(&config);
    let mut modules = Modules::default();
    let mut rows: Vec<Value> = Vec::new();
    for seed in (0..request.count).map(|n| request.seed.wrapping_add(n)) {
        let (bytes, fuel) = module(seed, request.features, false)?;
        let mut dice = Dice::new(!seed);
        let measured = measure(&engine, &bytes, &fuel, &mut dice)
            .map_err(|error| format!("module {seed}: {error}"))?;
        rows.push(json!({
            "seed": seed.to_string(),
            "module": modules.add(&bytes),
            "fuel": fuel,
            "measured": measured,
        }));
    }
    modules.write(&json!({ "termination": TERMINATION_FUEL, "modules": rows }))
}
