//! Replaces unused functions with stubs that trap. The frontend never calls these functions, but the compiler
//! keeps them, because a type-erased value or an export refers to them.
//!
//! A stub has no relocations, so that it needs no other code when the module is split. The module keeps its
//! layout.

use std::{collections::BTreeMap, ops::Range};

use wasmparser::{KnownCustom, Name, Parser, Payload, RelocAddendKind, RelocationEntry, TypeRef};

use crate::{
    Result,
    leb128::{write_signed, write_unsigned},
};

const UNREACHABLE: u8 = 0x00;
const NOP: u8 = 0x01;
const END: u8 = 0x0b;

/// The layout of a module, as [`stub_unused_functions`] needs it.
#[derive(Debug, Default)]
struct Module {
    /// Each section's identifier and the range of its content.
    sections: Vec<(u8, Range<usize>)>,
    imported_functions: usize,
    /// The range of each function's locals and instructions.
    bodies: Vec<Range<usize>>,
    names: BTreeMap<usize, String>,
    /// The start of the code section's content. The offsets of relocations are relative to it.
    code_start: usize,
    /// The index of the section that holds the code's relocations.
    relocations_index: usize,
    /// The index of the code section.
    code_index: u32,
    relocations: Vec<RelocationEntry>,
}

/// Returns `module` with a stub in place of every function whose mangled name satisfies `is_unused`.
///
/// # Errors
/// Fails if the module is malformed, or if it has no names or relocations.
pub(crate) fn stub_unused_functions(module: &[u8], is_unused: impl Fn(&str) -> bool) -> Result<Vec<u8>> {
    let info = read(module)?;
    if info.names.is_empty() || info.relocations.is_empty() {
        return Err("the module has no function names or no relocations".into());
    }
    let mut bytes = module.to_vec();
    let mut stubs = Vec::new();
    for (index, body) in info.bodies.iter().enumerate() {
        let name = info.names.get(&(info.imported_functions + index));
        if body.len() >= 3 && name.is_some_and(|name| is_unused(name)) {
            // A body without locals. `unreachable` is valid for any result type, and `nop` fills the rest.
            bytes[body.clone()].fill(NOP);
            bytes[body.start] = 0;
            bytes[body.start + 1] = UNREACHABLE;
            bytes[body.end - 1] = END;
            stubs.push(body.start - info.code_start..body.end - info.code_start);
        }
    }
    let is_kept = |entry: &&RelocationEntry| {
        let offset = entry.offset as usize;
        let next = stubs.partition_point(|range| range.end <= offset);
        stubs.get(next).is_none_or(|range| offset < range.start)
    };
    let relocations = encode(info.code_index, info.relocations.iter().filter(is_kept));

    let mut output = bytes[..8].to_vec();
    for (index, (id, content)) in info.sections.iter().enumerate() {
        let content = if index == info.relocations_index { &relocations } else { &bytes[content.clone()] };
        output.push(*id);
        write_unsigned(&mut output, content.len() as u64);
        output.extend(content);
    }
    Ok(output)
}

fn read(module: &[u8]) -> Result<Module> {
    let mut info = Module::default();
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Some((id, range)) = payload.as_section() {
            info.sections.push((id, range.start as usize..range.end as usize));
        }
        match payload {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    info.imported_functions += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionStart { range, .. } => {
                info.code_start = range.start as usize;
                info.code_index = u32::try_from(info.sections.len() - 1)?;
            }
            Payload::CodeSectionEntry(body) => {
                let range = body.range();
                info.bodies.push(range.start as usize..range.end as usize);
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Name(names) => {
                    for name in names {
                        // The linker writes subsections that the parser does not know.
                        if let Ok(Name::Function(map)) = name {
                            for naming in map {
                                let naming = naming?;
                                info.names.insert(naming.index as usize, naming.name.to_owned());
                            }
                        }
                    }
                }
                KnownCustom::Reloc(relocations) if section.name() == "reloc.CODE" => {
                    info.relocations_index = info.sections.len() - 1;
                    info.relocations =
                        relocations.entries().into_iter().collect::<std::result::Result<_, _>>()?;
                }
                _ => {}
            },
            _ => {}
        }
    }
    Ok(info)
}

/// Returns the content of a section `reloc.CODE`.
fn encode<'a>(code_index: u32, entries: impl Iterator<Item = &'a RelocationEntry>) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut count = 0;
    for entry in entries {
        encoded.push(entry.ty as u8);
        write_unsigned(&mut encoded, entry.offset.into());
        write_unsigned(&mut encoded, entry.index.into());
        if !matches!(entry.ty.addend_kind(), RelocAddendKind::None) {
            write_signed(&mut encoded, entry.addend);
        }
        count += 1;
    }
    let mut content = vec![10];
    content.extend(b"reloc.CODE");
    write_unsigned(&mut content, code_index.into());
    write_unsigned(&mut content, count);
    content.extend(encoded);
    content
}

#[cfg(test)]
mod tests {
    use super::{read, stub_unused_functions};

    /// A module with two functions, `live` and `dead`, that call each other.
    fn module() -> Vec<u8> {
        fn section(id: u8, content: &[u8]) -> Vec<u8> {
            [&[id, content.len() as u8], content].concat()
        }
        let call = |function: u8| [8, 0, 0x10, 0x80 | function, 0x80, 0x80, 0x80, 0, 0x0b];
        let code = [&[2][..], &call(1), &call(0)].concat();
        let names = [&[4][..], b"name", &[1, 13, 2, 0, 4], b"live", &[1, 4], b"dead"].concat();
        // One relocation for each call: type 0, at the offsets 4 and 13 of section 2.
        let relocations = [&[10][..], b"reloc.CODE", &[2, 2, 0, 4, 1, 0, 13, 0]].concat();
        let sections = [
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[2, 0, 0]),
            section(10, &code),
            section(0, &names),
            section(0, &relocations),
        ];
        [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
    }

    #[test]
    fn an_unused_function_traps_and_loses_its_relocations() {
        let before = module();
        let after = stub_unused_functions(&before, |name| name == "dead").unwrap();
        let info = read(&after).unwrap();
        let (live, dead) = (info.bodies[0].clone(), info.bodies[1].clone());
        assert_eq!(after[live.clone()], before[live]);
        assert_eq!(after[dead], [0, 0, 1, 1, 1, 1, 1, 0x0b]);
        assert_eq!(info.relocations.iter().map(|entry| entry.offset).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn a_module_without_unused_functions_is_not_changed() {
        assert_eq!(stub_unused_functions(&module(), |_| false).unwrap(), module());
    }

    #[test]
    fn a_module_without_names_or_relocations_is_refused() {
        let without_relocations = &module()[..8 + 6 + 5 + 21];
        assert!(stub_unused_functions(without_relocations, |_| true).is_err());
    }
}
