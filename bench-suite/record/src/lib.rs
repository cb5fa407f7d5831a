//! The record schema.
#![forbid(unsafe_code)]
