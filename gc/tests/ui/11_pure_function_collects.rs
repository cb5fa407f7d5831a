//! A pure function that tries to collect.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse<'ob>(x: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    cx.safepoint();
    Ok(x)
}

fn main() {}
