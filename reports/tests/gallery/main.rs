//! The committed examples: each session in `gallery/` renders to the page and the data files beside it, byte for byte.
//!
//! `UPDATE_EXPECT=1 cargo test -p tenure-reports --test gallery` writes what is there now.
//! Sessions whose header says `synthetic` are made by [`synthetic`], and are checked to be what it makes.

mod synthetic;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tenure_record::Session;
use tenure_reports::report::PAGE;
use tenure_reports::{render, write_report};

/// The records of an example.
const SESSION: &str = "session.ndjson";

fn gallery() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("gallery")
}

fn updating() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some_and(|value| value == "1")
}

fn examples() -> Vec<PathBuf> {
    let entries = fs::read_dir(gallery()).expect("the gallery");
    let mut examples: Vec<PathBuf> =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.join(SESSION).exists()).collect();
    examples.sort();
    examples
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Where two texts part, since the whole of them is too much to print.
fn same(path: &Path, expected: &str, found: &str) {
    if expected == found {
        return;
    }
    let lines = expected.lines().zip(found.lines()).enumerate();
    let first = lines.map(|(index, (a, b))| (index + 1, a, b)).find(|(_, a, b)| a != b);
    let cut = |line: &str| line.chars().take(300).collect::<String>();
    match first {
        Some((line, a, b)) => panic!(
            "{}: line {line} is not what is rendered now (UPDATE_EXPECT=1 rewrites it)\ncommitted: {}\nrendered:  {}",
            path.display(),
            cut(a),
            cut(b)
        ),
        None => panic!("{}: committed and rendered differ in length", path.display()),
    }
}

/// One test and not three, since updating must make the sessions before the pages.
#[test]
fn the_gallery_is_what_is_rendered() {
    synthetic_sessions_are_what_the_generator_makes();
    pages_are_rendered_byte_for_byte();
    the_gallery_is_small();
}

fn synthetic_sessions_are_what_the_generator_makes() {
    for (name, session) in synthetic::sessions() {
        let path = gallery().join(name).join(SESSION);
        let text = session.to_ndjson();
        if path.exists() && !Session::parse(&read(&path)).is_ok_and(|session| session.header.synthetic) {
            // A real session has taken its place.
            continue;
        }
        if updating() {
            fs::create_dir_all(gallery().join(name)).expect("a directory");
            fs::write(&path, text).expect("the session is written");
        } else {
            same(&path, &read(&path), &text);
        }
    }
}

fn pages_are_rendered_byte_for_byte() {
    let examples = examples();
    assert!(!examples.is_empty(), "the gallery has no example");
    for example in examples {
        let session = Session::parse(&read(&example.join(SESSION))).expect("a session");
        let report = render(&session);
        assert_eq!(report, render(&session), "rendering twice gives the same");
        let mut expected: BTreeSet<String> = [SESSION, PAGE].map(str::to_owned).into();
        expected.extend(report.figures.iter().map(|(name, _)| name.clone()));
        let files = fs::read_dir(&example).expect("the example");
        let present: BTreeSet<String> =
            files.map(|file| file.expect("a file").file_name().to_string_lossy().into_owned()).collect();
        if updating() {
            for stale in present.difference(&expected) {
                fs::remove_file(example.join(stale)).expect("a stale file is removed");
            }
            write_report(&report, &example).expect("the report is written");
            continue;
        }
        assert_eq!(present, expected, "files of {}", example.display());
        let page = (PAGE.to_owned(), report.html.clone());
        for (name, content) in std::iter::once(&page).chain(&report.figures) {
            same(&example.join(name), &read(&example.join(name)), content);
        }
    }
}

fn the_gallery_is_small() {
    let files = examples().into_iter().flat_map(|example| fs::read_dir(example).expect("the example"));
    let bytes: u64 = files.map(|file| file.expect("a file").metadata().expect("its size").len()).sum();
    assert!(bytes < 3_000_000, "the gallery has {bytes} bytes");
}
