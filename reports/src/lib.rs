//! Records to figures and pages.
#![forbid(unsafe_code)]

pub mod stats;
