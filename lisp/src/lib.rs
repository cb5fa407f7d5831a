//! The language around the machine.
#![forbid(unsafe_code)]

pub mod reader;
