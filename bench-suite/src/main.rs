//! The `tenure` binary: the laboratory if the first word is one of its commands, else a stand-in for `emacs --batch`.
#![forbid(unsafe_code)]

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr as _;

use tenure_bench::cli;
use tracing_subscriber::fmt::format::FmtSpan;

/// Counts the allocations of Rust code by place.
#[cfg(feature = "dhat-heap")]
#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    let mut words: Vec<OsString> = std::env::args_os().collect();
    if let Err(message) = start_trace(&mut words) {
        eprintln!("tenure: {message}");
        return ExitCode::FAILURE;
    }
    let code = {
        #[cfg(feature = "dhat-heap")]
        let _profile_until_here = dhat::Profiler::new_heap();
        run(words)
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

fn run(words: Vec<OsString>) -> i32 {
    match words.get(1).and_then(|word| word.to_str()) {
        Some(word) if cli::is_ours(word) => cli::main(words),
        Some(word) if !word.starts_with('-') && !Path::new(word).exists() => {
            eprintln!(
                "tenure: expected a command ({}), an option of Emacs or a file, found {word:?}",
                cli::commands().join(", ")
            );
            2
        }
        _ => tenure_lisp::cli::main(words),
    }
}

/// Takes `--trace LEVEL` off the front of the command line and prints what happens from now on: events of that level, and
/// each span when it ends.
fn start_trace(words: &mut Vec<OsString>) -> Result<(), String> {
    if words.get(1).is_none_or(|word| word != "--trace") {
        return Ok(());
    }
    let level = words.get(2).map(|word| word.to_string_lossy().into_owned()).unwrap_or_default();
    let level = tracing::Level::from_str(&level)
        .map_err(|_| format!("--trace: expected error, warn, info, debug or trace, found {level:?}"))?;
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        .init();
    words.drain(1..3);
    Ok(())
}
