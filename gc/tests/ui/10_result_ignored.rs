//! The result of a call ignored.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(g: Subr, cx: &mut Context) {
    call!(cx, g, NIL);
}

fn main() {}
