//! # tenure-vm
//!
//! The Lisp machine of `tenure`: binding, non-local exits, the evaluator, calls, and the primitives that they need, in
//! files named after Emacs's C files.
//!
//! - [`convert`] takes arguments as native types, [`error`] raises Emacs's signals, [`sym`] names the built-in symbols.
//! - [`state::new_context`] makes a context with all of this in it; [`init`] names primitives and variables.
//! - [`eval`] evaluates and calls, [`binding`] reads and binds variables, [`specpdl`] undoes what was bound, [`handler`]
//!   finds who catches a signal or a throw.
//! - [`bytecode`] runs compiled functions.
//! - A primitive is a Rust function under [`defun`](tenure_macros::defun).

#![forbid(unsafe_code)]

extern crate self as tenure_vm;

pub mod alloc;
pub mod arith;
pub mod binding;
pub mod bytecode;
pub mod casefiddle;
pub mod category;
pub mod character;
pub mod chartab;
pub mod conditions;
pub mod convert;
pub mod data;
pub mod error;
pub mod eval;
mod floatfns;
pub mod fns;
pub mod handler;
pub mod init;
mod limbs;
pub mod local;
pub mod lread;
pub mod number;
pub mod numeral;
pub mod specpdl;
pub mod state;
pub mod string;
pub mod sym;
pub mod syntax;
pub mod tails;
pub mod textprop;
pub mod variable;

pub use tenure_gc as gc;
pub use tenure_macros::{defsym, defun, defvar, subrs};
