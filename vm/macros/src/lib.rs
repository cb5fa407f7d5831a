//! Procedural macros of `tenure`.
#![forbid(unsafe_code)]
