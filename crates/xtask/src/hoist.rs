//! Moves code to the main module: code that several pages share, and the code of small shared chunks.
//!
//! The splitter creates a chunk for each set of lazy functions that share code, so a few pages and parts
//! result in dozens of chunks. Code that the main module exports stays in the main module.
//! [`export_shared_functions`] therefore adds exports before the split. [`is_added_export`] identifies them,
//! so that they can be removed afterwards. Some of the remaining chunks contain only constants, which
//! [`append_data`] adds to the main module.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use wasmparser::{BinaryReader, KnownCustom, Name, Parser, Payload, TypeRef};

use crate::{
    Result,
    budget::{area, page_name, page_of},
    leb128::write_unsigned,
};

/// Code that at least this many pages of the console share moves to the main module. A part counts as its page.
/// Code that only pages outside the console share stays in chunks, because the console does not need it.
const MIN_PAGES: usize = 5;
/// Code that these pages share moves, too: a provisioned tenant leads from one to the other, and the budget of
/// each would have to contain the progress of a request.
const PAGES_WITH_PROGRESS: [&str; 2] = ["provision", "request"];
/// Code up to this size that only parts need stays in a chunk, in bytes before optimisation, because no page
/// downloads it at first. Larger code moves, because the budget of each part would have to contain it.
const MAX_CHUNK_OF_PARTS: usize = 30_000;
/// The minimum size of the code in a shared chunk, in bytes before optimisation. A smaller chunk is not worth
/// a request.
const MIN_CHUNK_SIZE: usize = 1_500;
/// The same for code that only pages outside the console need. The console would download it with the main
/// module.
const MIN_OTHER_CHUNK_SIZE: usize = 600;
/// The names of added exports begin with this prefix.
const PREFIX: &str = "hoisted_";

/// Returns whether [`export_shared_functions`] has added the export with this name.
pub(crate) fn is_added_export(export: &str) -> bool {
    export.starts_with(PREFIX)
}

/// Returns `module` with an export for every function that moves from a chunk to the main module. `directory`
/// contains the chunks, and `needs` the stems of the chunks that each lazy function needs.
///
/// # Errors
/// Fails if a chunk cannot be read or a module is malformed.
pub(crate) fn export_shared_functions(
    module: &[u8],
    directory: &Path,
    needs: &BTreeMap<String, Vec<String>>,
) -> Result<Vec<u8>> {
    let mut users = BTreeMap::<&str, BTreeSet<&str>>::new();
    for (function, chunks) in needs {
        chunks.iter().for_each(|chunk| _ = users.entry(chunk).or_default().insert(function));
    }
    let mut hoisted = BTreeSet::new();
    for (chunk, users) in users.into_iter().filter(|(_, users)| users.len() > 1) {
        let functions = functions(&fs::read(directory.join(format!("{chunk}.wasm")))?)?;
        let of_console: Vec<_> = users.into_iter().filter(|function| area(function).is_none()).collect();
        let is_on_page = of_console.iter().any(|function| page_name(function).is_some());
        let pages: BTreeSet<_> = of_console.into_iter().map(page_of).collect();
        let is_shared =
            pages.len() >= MIN_PAGES || PAGES_WITH_PROGRESS.iter().all(|page| pages.contains(page));
        let size: usize = functions.iter().map(|function| function.size).sum();
        let stays = !is_on_page && size <= MAX_CHUNK_OF_PARTS;
        let min_size = if pages.is_empty() { MIN_OTHER_CHUNK_SIZE } else { MIN_CHUNK_SIZE };
        if is_shared && !stays || size < min_size {
            hoisted.extend(functions.into_iter().map(|function| function.name));
        }
    }
    let is_hoisted = |function: &Function| hoisted.contains(&function.name);
    let all = functions(module)?;
    export(module, &all.iter().filter(|f| is_hoisted(f)).map(|f| f.index).collect::<Vec<_>>())
}

/// Returns whether a module contains only data: it defines no functions.
///
/// # Errors
/// Fails if the module is malformed.
pub(crate) fn is_data_only(module: &[u8]) -> Result<bool> {
    Ok(section(module, CODE)?.is_none_or(|content| content == [0]))
}

/// Returns `main` with the data segments of `modules`, which contain only data.
///
/// # Errors
/// Fails if a module is malformed.
pub(crate) fn append_data(main: &[u8], modules: &[Vec<u8>]) -> Result<Vec<u8>> {
    let mut segments = SectionItems::default();
    segments.append(section(main, DATA)?)?;
    for module in modules {
        segments.append(section(module, DATA)?)?;
    }
    let mut count = Vec::new();
    write_unsigned(&mut count, segments.count);
    replace(main, &[(DATA, segments.encode()), (DATA_COUNT, count)])
}

const EXPORTS: u8 = 7;
const CODE: u8 = 10;
const DATA: u8 = 11;
const DATA_COUNT: u8 = 12;

/// The encoded items of a section, and their number.
#[derive(Debug, Default)]
struct SectionItems {
    count: u64,
    items: Vec<u8>,
}

impl SectionItems {
    /// Appends the items of another section, if it exists.
    fn append(&mut self, section: Option<&[u8]>) -> Result<()> {
        if let Some(section) = section {
            let mut reader = BinaryReader::new(section, 0);
            self.count += u64::from(reader.read_var_u32()?);
            self.items.extend(reader.read_bytes(reader.bytes_remaining())?);
        }
        Ok(())
    }

    fn encode(&self) -> Vec<u8> {
        let mut content = Vec::new();
        write_unsigned(&mut content, self.count);
        content.extend(&self.items);
        content
    }
}

/// Returns the content of the section with this identifier.
fn section(module: &[u8], wanted: u8) -> Result<Option<&[u8]>> {
    for payload in Parser::new(0).parse_all(module) {
        if let Some((_, range)) = payload?.as_section().filter(|(id, _)| *id == wanted) {
            return Ok(Some(&module[range.start as usize..range.end as usize]));
        }
    }
    Ok(None)
}

/// Returns `module` with new contents for some sections. `contents` has the identifier and the new content of
/// each.
fn replace(module: &[u8], contents: &[(u8, Vec<u8>)]) -> Result<Vec<u8>> {
    let mut output = module[..8].to_vec();
    for payload in Parser::new(0).parse_all(module) {
        let Some((id, range)) = payload?.as_section() else { continue };
        let content = match contents.iter().find(|(replaced, _)| *replaced == id) {
            Some((_, content)) => content,
            None => &module[range.start as usize..range.end as usize],
        };
        output.push(id);
        write_unsigned(&mut output, content.len() as u64);
        output.extend(content);
    }
    Ok(output)
}

/// A function that a module defines.
#[derive(Debug, PartialEq, Eq)]
struct Function {
    index: u32,
    name: String,
    size: usize,
}

/// Returns the functions that have a name.
fn functions(module: &[u8]) -> Result<Vec<Function>> {
    let (mut next, mut sizes, mut names) = (0, BTreeMap::new(), BTreeMap::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    next += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                }
            }
            Payload::CodeSectionEntry(body) => {
                sizes.insert(next, (body.range().end - body.range().start) as usize);
                next += 1;
            }
            Payload::CustomSection(section) => {
                if let KnownCustom::Name(subsections) = section.as_known() {
                    for subsection in subsections {
                        if let Name::Function(map) = subsection? {
                            for naming in map {
                                let naming = naming?;
                                names.insert(naming.index, naming.name.to_owned());
                            }
                        }
                    }
                }
            }
            _ => {}
        }
    }
    let function = |(index, size)| Some(Function { index, name: names.remove(&index)?, size });
    Ok(sizes.into_iter().filter_map(function).collect())
}

/// Adds exports for the functions with these indices.
fn export(module: &[u8], functions: &[u32]) -> Result<Vec<u8>> {
    const FUNCTION: u8 = 0;
    let mut exports = SectionItems::default();
    exports.append(section(module, EXPORTS)?)?;
    for function in functions {
        let name = format!("{PREFIX}{function}");
        exports.count += 1;
        write_unsigned(&mut exports.items, name.len() as u64);
        exports.items.extend(name.as_bytes());
        exports.items.push(FUNCTION);
        write_unsigned(&mut exports.items, (*function).into());
    }
    replace(module, &[(EXPORTS, exports.encode())])
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs};

    use super::{MIN_CHUNK_SIZE, append_data, export_shared_functions, is_added_export, is_data_only};
    use crate::{leb128::write_unsigned, temporary_directory::TemporaryDirectory};
    use wasmparser::{Parser, Payload};

    fn section(id: u8, content: &[u8]) -> Vec<u8> {
        let mut section = vec![id];
        write_unsigned(&mut section, content.len() as u64);
        [&section, content].concat()
    }

    /// A module that exports its first function. `functions` has the name and the approximate size of each.
    fn module(functions: &[(&str, usize)]) -> Vec<u8> {
        let count = functions.len() as u8;
        let (mut code, mut names) = (vec![count], vec![count]);
        for (index, (name, size)) in functions.iter().enumerate() {
            let body = [&[0][..], &vec![1; *size], &[0x0b]].concat();
            write_unsigned(&mut code, body.len() as u64);
            code.extend(body);
            names.extend([index as u8, name.len() as u8]);
            names.extend(name.as_bytes());
        }
        let sections = [
            section(1, &[1, 0x60, 0, 0]),
            section(3, &[&[count][..], &vec![0; functions.len()]].concat()),
            section(7, &[1, 5, b's', b't', b'a', b'r', b't', 0, 0]),
            section(10, &code),
            section(0, &[&[4][..], b"name", &section(1, &names)].concat()),
        ];
        [&b"\0asm\x01\0\0\0"[..], &sections.concat()].concat()
    }

    /// Returns the exported functions, by their indices, and whether the export was added.
    fn exports(module: &[u8]) -> Vec<(u32, bool)> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ExportSection(exports) = payload.unwrap() {
                found.extend(exports.into_iter().map(|export| {
                    let export = export.unwrap();
                    (export.index, is_added_export(export.name))
                }));
            }
        }
        found
    }

    #[test]
    fn functions_of_several_pages_and_of_small_chunks_are_exported() {
        const LARGE: usize = MIN_CHUNK_SIZE;
        let directory = TemporaryDirectory::new("hoist").unwrap();
        let chunks = [
            ("shared", LARGE),
            ("of_page", LARGE),
            ("tiny", 1),
            ("own", 1),
            ("of_parts", LARGE),
            ("of_portal", LARGE),
            ("of_two_pages", LARGE),
            ("progress", LARGE),
        ];
        for chunk in chunks {
            fs::write(directory.path().join(format!("{}.wasm", chunk.0)), module(&[chunk])).unwrap();
        }
        let needs: [(&str, &[&str]); 10] = [
            ("__a_route_view_1", &["shared", "of_page", "tiny", "own", "of_two_pages"]),
            ("__portal_a_route_view_1", &["of_portal", "of_page"]),
            ("__portal_b_route_view_1", &["of_portal"]),
            ("b_part", &["shared", "of_parts", "of_two_pages"]),
            ("c_part", &["shared"]),
            ("d_part", &["shared"]),
            ("e_part", &["shared"]),
            ("a_part", &["of_page", "tiny", "of_parts"]),
            ("__provision_route_view_1", &["progress"]),
            ("__request_route_view_1", &["progress"]),
        ];
        let needs =
            needs.map(|(name, chunks)| (name.to_owned(), chunks.iter().map(|c| c.to_string()).collect()));
        let whole = module(&[&[("start", 1)][..], &chunks].concat());
        let exported = export_shared_functions(&whole, directory.path(), &BTreeMap::from(needs));
        assert_eq!(exports(&exported.unwrap()), [(0, false), (1, true), (3, true), (8, true)]);
    }

    /// A module with a data count, and with one data segment of memory 0 for each byte of `segments`.
    fn data(segments: &[u8]) -> Vec<u8> {
        let count = segments.len() as u8;
        let segment = |content: &u8| vec![0, 0x41, 1, 0x0b, 1, *content];
        let content = [vec![count], segments.iter().flat_map(segment).collect()].concat();
        [&b"\0asm\x01\0\0\0"[..], &section(12, &[count]), &section(11, &content)].concat()
    }

    #[test]
    fn data_of_modules_without_functions_is_added_to_the_main_module() {
        assert!(is_data_only(&data(&[1])).unwrap());
        assert!(!is_data_only(&module(&[("function", 1)])).unwrap());
        assert_eq!(append_data(&data(&[1, 2]), &[data(&[3]), data(&[])]).unwrap(), data(&[1, 2, 3]));
    }
}
