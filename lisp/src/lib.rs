//! The language around the machine.
#![forbid(unsafe_code)]

pub mod editfns;
pub mod print;
pub mod reader;
