//! Modules at random, by wasm-smith: of the features that wasmi 1.0.3 accepts, with canonical NaNs, ending by themselves, everything exported.

use crate::addresses;
use crate::container::Modules;
use crate::leb::{leb, read_leb};
use crate::memory_traffic;
use crate::nans::{Nans, canonical};
use crate::wasmi_verdict::Wasmi;
use arbitrary::Unstructured;
use serde_json::{Value, json};
use wasm_smith::{Config, MemoryOffsetChoices, Module};

/// Function entries and loop iterations that a call may take: fewer than the 1 000 frames at which production's stack ends.
pub const TERMINATION_FUEL: u32 = 900;

#[derive(Clone, Copy, PartialEq)]
pub enum Features {
    Plain,
    Simd,
    Relaxed,
    /// SIMD, and NaNs as engines choose them.
    Nans,
}

pub struct Request {
    pub seed: u64,
    pub count: u64,
    pub features: Features,
}

impl Request {
    pub fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut request = Self {
            seed: 0,
            count: 1,
            features: Features::Plain,
        };
        for pair in arguments.chunks(2) {
            let [name, value] = pair else {
                return Err(format!("{} needs a value", pair[0]));
            };
            let number = || {
                value
                    .parse()
                    .map_err(|_| format!("{name} takes a whole number, not {value}"))
            };
            match name.as_str() {
                "--seed" => request.seed = number()?,
                "--count" => request.count = number()?,
                "--features" => {
                    request.features = match value.as_str() {
                        "plain" => Features::Plain,
                        "simd" => Features::Simd,
                        "relaxed" => Features::Relaxed,
                        "nans" => Features::Nans,
                        _ => {
                            return Err(format!(
                                "--features is plain, simd, relaxed or nans, not {value}"
                            ));
                        }
                    }
                }
                _ => return Err(format!("there is no option {name}")),
            }
        }
        Ok(request)
    }
}

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// True once in `times`.
    pub fn once_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }
}

/// Swarm testing: each module has features and sizes of its own.
fn config(dice: &mut Dice, features: Features, imports: bool) -> Config {
    let page = 65_536;
    let memory = page * (1 + dice.below(4));
    Config {
        // what wasmi 1.0.3 does not know
        exceptions_enabled: false,
        gc_enabled: false,
        threads_enabled: false,
        shared_everything_threads_enabled: false,
        custom_page_sizes_enabled: false,
        wide_arithmetic_enabled: false,
        compact_imports_enabled: false,
        custom_descriptors_enabled: false,
        acquire_release_atomics_enabled: false,
        multibyte_array_access_enabled: false,
        // what it knows
        simd_enabled: features != Features::Plain,
        relaxed_simd_enabled: features == Features::Relaxed,
        memory64_enabled: dice.once_in(3),
        tail_call_enabled: !dice.once_in(3),
        multi_value_enabled: !dice.once_in(6),
        bulk_memory_enabled: !dice.once_in(8),
        reference_types_enabled: !dice.once_in(8),
        extended_const_enabled: !dice.once_in(4),
        allow_floats: !dice.once_in(4) || features == Features::Nans,
        // the same on every engine
        canonicalize_nans: features != Features::Nans,
        disallow_traps: dice.once_in(2),
        export_everything: true,
        allow_start_export: dice.once_in(4),
        generate_custom_sections: dice.once_in(8),
        // small, and bounded, so that growing does the same everywhere
        memory_max_size_required: true,
        table_max_size_required: true,
        max_memory32_bytes: memory,
        max_memory64_bytes: u128::from(memory),
        max_table_elements: 64,
        min_memories: u32::from(!dice.once_in(8)),
        max_memories: 1 + dice.below(3) as usize,
        min_tables: u32::from(!dice.once_in(3)),
        max_tables: 1 + dice.below(3) as usize,
        min_funcs: 2,
        max_funcs: 4 + dice.below(10) as usize,
        max_imports: dice.below(8) as usize * usize::from(imports),
        min_globals: dice.below(4) as usize,
        max_globals: 10,
        min_types: 2,
        max_types: 3 + dice.below(12) as usize,
        max_type_size: 300,
        max_data_segments: dice.below(6) as usize,
        max_element_segments: dice.below(6) as usize,
        max_elements: 12,
        max_instructions: [20, 60, 120, 300, 600][dice.below(5) as usize],
        memory_offset_choices: MemoryOffsetChoices(95, 4, 1),
        min_uleb_size: if dice.once_in(8) {
            1 + dice.below(5) as u8
        } else {
            1
        },
        ..Config::default()
    }
}

/// Module number `seed`, and the name of the exported global that bounds each call.
pub fn module(seed: u64, features: Features, imports: bool) -> Result<(Vec<u8>, String), String> {
    let mut dice = Dice(seed.wrapping_mul(3).wrapping_add(features as u64));
    // wasm-smith has no module for some configurations and choices: the same dice go on
    let mut made = attempt(&mut dice, features, imports);
    for _ in 0..20 {
        if made.is_ok() {
            break;
        }
        made = attempt(&mut dice, features, imports);
    }
    made
}

fn attempt(
    dice: &mut Dice,
    features: Features,
    imports: bool,
) -> Result<(Vec<u8>, String), String> {
    let config = config(dice, features, imports);
    let size = [600, 3_000, 12_000][dice.below(3) as usize] + dice.below(1_000);
    let mut choices = Vec::with_capacity(size as usize + 8);
    while choices.len() < size as usize {
        choices.extend_from_slice(&dice.next().to_le_bytes());
    }
    let mut module = Module::new(config, &mut Unstructured::new(&choices))
        .map_err(|error| format!("wasm-smith: {error}"))?;
    let fuel = module
        .ensure_termination(TERMINATION_FUEL)
        .map_err(|error| format!("wasm-smith: {error}"))?;
    let mut bytes = module.to_bytes();
    if !dice.once_in(4) {
        bytes = addresses::near(&bytes).map_err(|error| format!("wasmparser: {error}"))?;
    }
    if !dice.once_in(3) {
        bytes =
            memory_traffic::busy(&bytes, dice).map_err(|error| format!("wasmparser: {error}"))?;
    }
    if features == Features::Nans {
        return Ok(with_export(&bytes, fuel));
    }
    let bytes =
        canonical(&bytes, Nans::Converted).map_err(|error| format!("wasmparser: {error}"))?;
    Ok(with_export(&bytes, fuel))
}

/// Adds an export of global `index`: `ensure_termination` comes after wasm-smith has exported everything.
fn with_export(module: &[u8], index: u32) -> (Vec<u8>, String) {
    const EXPORT: u8 = 7;
    const AFTER_EXPORT: [u8; 5] = [8, 9, 12, 10, 11];
    let mut name = "termination fuel".to_owned();
    while module
        .windows(name.len())
        .any(|part| part == name.as_bytes())
    {
        name.push('\'');
    }
    let mut entry = leb(name.len() as u64);
    entry.extend_from_slice(name.as_bytes());
    entry.push(3);
    entry.extend(leb(u64::from(index)));
    let section = |out: &mut Vec<u8>, count: u64, entries: &[u8]| {
        let mut body = leb(count + 1);
        body.extend_from_slice(entries);
        body.extend_from_slice(&entry);
        out.push(EXPORT);
        out.extend(leb(body.len() as u64));
        out.extend(body);
    };
    let mut out = module[..8].to_vec();
    let mut written = false;
    let mut at = 8;
    while at < module.len() {
        let start = at;
        let id = module[at];
        at += 1;
        let size = read_leb(module, &mut at) as usize;
        let end = at + size;
        if id == EXPORT {
            let count = read_leb(module, &mut at);
            section(&mut out, count, &module[at..end]);
            written = true;
        } else {
            if !written && AFTER_EXPORT.contains(&id) {
                section(&mut out, 0, &[]);
                written = true;
            }
            out.extend_from_slice(&module[start..end]);
        }
        at = end;
    }
    if !written {
        section(&mut out, 0, &[]);
    }
    (out, name)
}

pub fn write(request: &Request) -> Result<(), String> {
    let wasmi = Wasmi::new();
    let mut modules = Modules::default();
    let mut rows: Vec<Value> = Vec::new();
    for seed in (0..request.count).map(|n| request.seed.wrapping_add(n)) {
        let seed_text = seed.to_string();
        match module(seed, request.features, true) {
            Err(why) => rows.push(json!({ "seed": seed_text, "refused": why })),
            Ok((bytes, fuel)) => {
                let mut row =
                    json!({ "seed": seed_text, "module": modules.add(&bytes), "fuel": fuel });
                if request.features == Features::Nans {
                    let twin = canonical(&bytes, Nans::Computed)
                        .map_err(|error| format!("wasmparser: {error}"))?;
                    row["canonical"] = modules.add(&twin);
                }
                if let Some(why) = wasmi.refusal(&bytes, request.features != Features::Plain) {
                    row["refused"] = json!(why);
                }
                rows.push(row);
            }
        }
    }
    modules.write(&json!({ "termination": TERMINATION_FUEL, "modules": rows }))
}
