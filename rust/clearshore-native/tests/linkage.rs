//! The library lives in other programs' processes: it shows only its own names and needs only the C library.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used)]

mod support;

use object::read::elf::ElfFile64;
use object::{Object, ObjectSymbol, elf};
use std::fs;

#[test]
fn the_library_shows_only_its_own_names_and_needs_only_the_c_library() {
    let bytes = fs::read(support::library()).unwrap();
    let file = ElfFile64::<object::Endianness>::parse(&*bytes).unwrap();

    let names: Vec<&str> = file
        .dynamic_symbols()
        .filter(|symbol| symbol.is_definition())
        .map(|symbol| symbol.name().unwrap())
        .collect();
    assert!(names.contains(&"cs_scene_run"), "{names:?}");
    for name in names {
        let own = name.starts_with("cs_") || name.starts_with("Java_org_clearshore_");
        assert!(
            own || ["JNI_OnLoad", "JNI_OnUnload"].contains(&name),
            "{name}"
        );
    }

    let dynamic = file.elf_dynamic_table().unwrap();
    let needed: Vec<&str> = dynamic
        .iter()
        .filter(|entry| entry.tag == elf::DT_NEEDED)
        .map(|entry| std::str::from_utf8(dynamic.string(entry).unwrap()).unwrap())
        .collect();
    assert!(needed.contains(&"libc.so.6"), "{needed:?}");
    for library in needed {
        let known = ["libc.so.6", "libm.so.6", "libgcc_s.so.1"].contains(&library);
        assert!(known || library.starts_with("ld-linux"), "{library}");
    }
}
