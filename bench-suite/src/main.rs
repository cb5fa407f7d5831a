//! The `tenure` binary.
#![forbid(unsafe_code)]
fn main() {}
