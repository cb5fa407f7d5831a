//! Embeds the workloads, and notes what the binary was built from.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

fn main() {
    let manifest = env::var("CARGO_MANIFEST_DIR").expect("cargo sets the directory of the manifest");
    let out = env::var("OUT_DIR").expect("cargo sets the directory for what is generated");
    embed_workloads(&Path::new(&manifest).join("workloads"), &Path::new(&out).join("workloads.rs"));
    note_commit(Path::new(&manifest));
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    note("TENURE_RUSTC", first_line(Command::new(rustc).arg("--version")));
    note("TENURE_PROFILE", Some(profile()));
}

/// Writes a table of names and `include_str!`s of all workloads, sorted by name.
fn embed_workloads(directory: &Path, table: &Path) {
    println!("cargo::rerun-if-changed={}", directory.display());
    let mut files: Vec<_> = fs::read_dir(directory)
        .into_iter()
        .flatten()
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "el"))
        .collect();
    files.sort();
    let mut text = String::from("[\n");
    for file in files {
        let name = file.file_stem().expect("a file has a name").to_string_lossy().into_owned();
        writeln!(text, "    ({name:?}, include_str!({:?})),", file.display().to_string())
            .expect("a String takes all that is written");
    }
    text.push_str("]\n");
    fs::write(table, text).expect("the table of workloads can be written");
}

/// The commit, and a reason to run again when another one is checked out.
fn note_commit(directory: &Path) {
    let git = |arguments: &[&str]| first_line(Command::new("git").current_dir(directory).args(arguments));
    if let Some(log) = git(&["rev-parse", "--git-path", "logs/HEAD"]) {
        let log = directory.join(log);
        if log.exists() {
            println!("cargo::rerun-if-changed={}", log.display());
        }
    }
    note("TENURE_COMMIT", git(&["rev-parse", "HEAD"]));
}

fn profile() -> String {
    let mut profile = env::var("PROFILE").unwrap_or_default();
    if env::var_os("CARGO_FEATURE_DHAT_HEAP").is_some() {
        profile.push_str("+dhat-heap");
    }
    profile
}

fn note(name: &str, value: Option<String>) {
    if let Some(value) = value {
        println!("cargo::rustc-env={name}={value}");
    }
}

fn first_line(command: &mut Command) -> Option<String> {
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}
