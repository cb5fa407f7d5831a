//! The language around the machine.
#![forbid(unsafe_code)]
