use std::io::{Cursor, Write};

use domain::ErrorCode;
use engine::import::{preview_import, read_archive};
use flate2::{Compression, write::GzEncoder};
use tar::{Builder, EntryType, Header};
use test_support::test_database::TestDatabase;
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::fixture::{counts, settings};

const CLIENT: &str = "client:\n  name: Acme\n";

pub(super) fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, content) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        writer.start_file(*path, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// A tar.gz. The paths are written as they are, also those that the library would refuse.
fn tar(entries: &[(&str, EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for (path, kind, content) in entries {
        let mut header = Header::new_ustar();
        header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        if kind.is_symlink() || kind.is_hard_link() {
            header.set_link_name("/etc/passwd").unwrap();
        }
        header.set_cksum();
        builder.append(&header, *content).unwrap();
    }
    builder.into_inner().unwrap().finish().unwrap()
}

/// The rule that an archive breaks.
fn refusal(archive: &[u8]) -> String {
    let problem = read_archive(archive).unwrap_err().problem();
    assert_eq!(problem.code, ErrorCode::ValidationError);
    problem.errors[0].rule.clone()
}

#[tokio::test]
async fn both_kinds_of_archives_and_all_layouts_are_read() {
    let db = TestDatabase::new().await;
    let owners = b"tenant_id,email,name,role\nacme,ada@people.example,Ada,owner\n";
    let regular = EntryType::Regular;
    for prefix in ["", "clients/", "backup/", "backup/clients/", "./"] {
        let client = format!("{prefix}acme/client.yaml");
        let other = format!("{prefix}acme/logo.png");
        let people = format!("{}owners.csv", prefix.trim_end_matches("clients/"));
        let files: [(&str, &[u8]); 3] = [(&client, CLIENT.as_bytes()), (&other, b"x"), (&people, owners)];
        for archive in [zip(&files), tar(&files.map(|(path, content)| (path, regular, content)))] {
            let source = read_archive(&archive).unwrap();
            let report = preview_import(&db.engine, &source, &settings()).await.unwrap();
            assert_eq!(counts(&report), [1, 0, 0, 0, 0, 0], "{prefix}: {report:?}");
            assert_eq!(report.rows[0].external_id, "acme");
            assert!(report.rows[0].has_owner && report.not_imported.len() == 1);
        }
    }
}

#[test]
fn unsafe_paths_are_refused() {
    let paths = [
        "../acme/client.yaml",
        "a/../../client.yaml",
        "/etc/client.yaml",
        "a\\..\\client.yaml",
        "C:/x/client.yaml",
    ];
    for path in paths {
        assert_eq!(refusal(&zip(&[(path, b"x")])), "path", "{path}");
        assert_eq!(refusal(&tar(&[(path, EntryType::Regular, b"x")])), "path", "{path}");
    }
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [EntryType::Symlink, EntryType::Link, EntryType::Char, EntryType::Block, EntryType::Fifo] {
        assert_eq!(refusal(&tar(&[("acme/client.yaml", kind, b"")])), "special_file", "{kind:?}");
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.add_symlink("acme/client.yaml", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    assert_eq!(refusal(&writer.finish().unwrap().into_inner()), "special_file");
}

#[test]
fn repeated_paths_are_refused() {
    let regular = EntryType::Regular;
    for path in ["acme/client.yaml", "acme/./client.yaml", "ACME/client.yaml"] {
        let entries = [("acme/client.yaml", regular, CLIENT.as_bytes()), (path, regular, b"x".as_slice())];
        assert_eq!(refusal(&tar(&entries)), "repeated", "{path}");
    }
    // The library writes no path twice, so the second name is changed afterwards.
    let mut archive =
        zip(&[("acme/client.yaml", CLIENT.as_bytes()), ("acmf/client.yaml", CLIENT.as_bytes())]);
    for start in 0..archive.len() - 4 {
        if &archive[start..start + 4] == b"acmf" {
            archive[start + 3] = b'e';
        }
    }
    assert_eq!(refusal(&archive), "repeated");
}

#[test]
fn bombs_are_refused_while_they_are_decompressed() {
    let large = vec![0_u8; 100 * 1024 * 1024];
    let bomb = tar(&[
        ("acme/client.yaml", EntryType::Regular, CLIENT.as_bytes()),
        ("x", EntryType::Regular, &large),
    ]);
    assert!(bomb.len() < 200 * 1024);
    assert_eq!(refusal(&bomb), "too_large");
    // A zip is decompressed only as far as its files are imported, and only the large file is refused.
    let source = read_archive(&zip(&[("acme/client.yaml", &large), ("acme/x", &large)])).unwrap();
    assert_eq!(source.len(), 1);
    let many: Vec<(String, EntryType, &[u8])> =
        (0..20_001).map(|number| (format!("{number}/x"), EntryType::Regular, b"".as_slice())).collect();
    let many: Vec<(&str, EntryType, &[u8])> =
        many.iter().map(|(path, kind, content)| (path.as_str(), *kind, *content)).collect();
    assert_eq!(refusal(&tar(&many)), "too_large");
    // Headers of a directory, which the library reads at once, also if the end record says that there are few.
    let mut directory = zip(&[("acme/client.yaml", CLIENT.as_bytes())]);
    let end = directory.len() - 22;
    directory.splice(end..end, b"PK\x01\x02".repeat(40_001));
    assert_eq!(refusal(&directory), "too_large");
    // Many files that are imported.
    let padding = "#".repeat(250 * 1024);
    let paths: Vec<String> = (0..300).map(|number| format!("{number}/client.yaml")).collect();
    let files: Vec<(&str, &[u8])> = paths.iter().map(|path| (path.as_str(), padding.as_bytes())).collect();
    assert_eq!(refusal(&zip(&files)), "too_large");
}

#[test]
fn damaged_and_other_files_are_refused() {
    let archive = zip(&[("acme/client.yaml", CLIENT.as_bytes())]);
    assert_eq!(refusal(&archive[..archive.len() - 30]), "damaged");
    let archive = tar(&[("acme/client.yaml", EntryType::Regular, CLIENT.as_bytes())]);
    assert_eq!(refusal(&archive[..archive.len() / 2]), "damaged");
    assert_eq!(refusal(b"client:\n"), "type");
    assert_eq!(refusal(b""), "type");
    assert_eq!(refusal(&zip(&[("readme.txt", b"x")])), "empty");
}
