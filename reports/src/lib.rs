//! Records to figures and pages.
#![forbid(unsafe_code)]

pub mod chart;
pub mod compare;
pub mod export;
pub mod figure;
pub mod matrix;
pub mod metric;
pub mod page;
pub mod report;
pub mod stats;
pub mod table;
pub mod units;

pub use report::{Report, render, write_report};
