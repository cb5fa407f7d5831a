//! A value held across a safepoint.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(x: Root<'_>, cx: &mut Context) -> i64 {
    let saved = x.get(cx);
    cx.safepoint();
    saved.as_fixnum().unwrap_or(0)
}

fn main() {}
