//! # tenure-vm
//!
//! The Lisp machine of `tenure`: binding, non-local exits, the evaluator, calls, and the primitives that they need, in
//! files named after Emacs's C files.
//!
//! - [`convert`] takes arguments as native types, [`error`] raises Emacs's signals, [`sym`] names the built-in symbols.
//! - A primitive is a Rust function under [`defun`](tenure_macros::defun).

#![forbid(unsafe_code)]

#[expect(unused_extern_crates, reason = "the macros name this crate by its own name")]
extern crate self as tenure_vm;

pub mod convert;
pub mod error;
pub mod number;
pub mod sym;
pub mod variable;

pub use tenure_gc as gc;
pub use tenure_macros::{defsym, defun, defvar, subrs};
