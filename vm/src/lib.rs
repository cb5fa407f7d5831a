//! The Lisp machine of `tenure`.
#![forbid(unsafe_code)]
