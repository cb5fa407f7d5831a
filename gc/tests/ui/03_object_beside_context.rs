//! An `Object` passed beside `&mut Context`.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn takes_both(x: Object<'_>, cx: &mut Context) -> CallResult {
    cx.safepoint();
    Ok(cx.ret(x))
}
fn misuse(x: Root<'_>, cx: &mut Context) -> CallResult {
    takes_both(x.get(cx), cx)
}

fn main() {}
