//! Records to figures and pages.
#![forbid(unsafe_code)]

pub mod chart;
pub mod compare;
pub mod matrix;
pub mod metric;
pub mod stats;
pub mod units;
