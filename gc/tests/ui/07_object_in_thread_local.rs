//! An `Object` in a thread-local.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

use std::cell::Cell;
thread_local!(static KEPT: Cell<Object<'static>> = const { Cell::new(NIL) });
fn misuse(cx: &Context) {
    KEPT.set(cx.cons(NIL, NIL).into());
}

fn main() {}
