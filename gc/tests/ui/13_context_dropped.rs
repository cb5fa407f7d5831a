//! A context dropped under a live value.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(cx: Context) -> bool {
    let value: Object<'_> = cx.cons(NIL, NIL).into();
    drop(cx);
    value == NIL
}

fn main() {}
