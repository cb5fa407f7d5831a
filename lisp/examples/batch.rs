//! The command line of the language alone: `cargo run -p tenure-lisp --example batch -- --batch --eval '(print 1)'`.

fn main() -> std::process::ExitCode {
    let code = tenure_lisp::cli::main(std::env::args_os().collect());
    std::process::ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}
