//! Puts instructions into function bodies, before or after others, with scratch locals for them. All else stays byte for byte.

use crate::leb::leb;
use std::ops::Range;
use wasmparser::{BinaryReaderError, FunctionBody, Operator, Parser, Payload, TypeRef};

/// Locals behind those of a function, one of each type that is asked for.
pub struct Scratch {
    first: u64,
    types: Vec<u8>,
}

impl Scratch {
    /// The index of the local of this type (a byte of the binary format).
    pub fn local(&mut self, value_type: u8) -> u64 {
        let known = self.types.iter().position(|known| *known == value_type);
        let at = known.unwrap_or_else(|| {
            self.types.push(value_type);
            self.types.len() - 1
        });
        self.first + at as u64
    }
}

/// What is put before an instruction, and after it.
#[derive(Default)]
pub struct Around {
    pub before: Vec<u8>,
    pub after: Vec<u8>,
}

/// Whether each memory is a memory64.
pub type Memories = Vec<bool>;

type Put<'a> = dyn FnMut(&Operator<'_>, &Memories, &mut Scratch) -> Around + 'a;

/// A part of the module; wasmparser gives offsets of 64 bits.
fn part(module: &[u8], range: Range<u64>) -> &[u8] {
    &module[range.start as usize..range.end as usize]
}

fn rewritten_body(
    module: &[u8],
    body: &FunctionBody<'_>,
    parameters: u64,
    memories: &Memories,
    put: &mut Put<'_>,
) -> Result<Vec<u8>, BinaryReaderError> {
    let mut locals = body.get_locals_reader()?;
    let groups = locals.get_count();
    let first_group = locals.original_position();
    let mut first = parameters;
    for _ in 0..groups {
        first += u64::from(locals.read()?.0);
    }
    let mut scratch = Scratch {
        first,
        types: Vec::new(),
    };
    let mut operators = body.get_operators_reader()?;
    let start = operators.original_position();
    let mut code = Vec::new();
    while !operators.eof() {
        let from = operators.original_position();
        let operator = operators.read()?;
        let Around { before, after } = put(&operator, memories, &mut scratch);
        code.extend(before);
        code.extend_from_slice(part(module, from..operators.original_position()));
        code.extend(after);
    }
    if scratch.types.is_empty() && code.len() as u64 == body.range().end - start {
        return Ok(part(module, body.range()).to_vec());
    }
    let mut out = leb(u64::from(groups) + scratch.types.len() as u64);
    out.extend_from_slice(part(module, first_group..start));
    for value_type in scratch.types {
        out.extend([1, value_type]);
    }
    out.extend(code);
    Ok(out)
}

/// The module with what `put` gives for each instruction.
pub fn rewrite(module: &[u8], put: &mut Put<'_>) -> Result<Vec<u8>, BinaryReaderError> {
    let mut parameters: Vec<u64> = Vec::new();
    let mut types: Vec<u32> = Vec::new();
    let mut memories: Memories = Vec::new();
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    let mut code = None;
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    parameters.push(ty?.params().len() as u64);
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    if let TypeRef::Memory(memory) = import?.ty {
                        memories.push(memory.memory64);
                    }
                }
            }
            Payload::MemorySection(section) => {
                for memory in section {
                    memories.push(memory?.memory64);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    types.push(ty?);
                }
            }
            Payload::CodeSectionStart {
                unchecked_range, ..
            } => code = Some(unchecked_range),
            Payload::CodeSectionEntry(body) => {
                let ty = types[bodies.len()] as usize;
                bodies.push(rewritten_body(
                    module,
                    &body,
                    parameters[ty],
                    &memories,
                    put,
                )?);
            }
            _ => {}
        }
    }
    let Some(code) = code else {
        return Ok(module.to_vec());
    };
    let mut section = leb(bodies.len() as u64);
    for body in bodies {
        section.extend(leb(body.len() as u64));
        section.extend(body);
    }
    // before the section's content stand its id and its size
    let mut header = code.start as usize - 1;
    while module[header - 1] >= 0x80 {
        header -= 1;
    }
    let mut out = module[..header].to_vec();
    out.extend(leb(section.len() as u64));
    out.extend(section);
    out.extend_from_slice(&module[code.end as usize..]);
    Ok(out)
}
