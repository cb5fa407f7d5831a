//! A value held across a call.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(x: Root<'_>, g: Subr, cx: &mut Context) -> CallResult {
    let saved = x.get(cx);
    let v = call!(cx, g, NIL)?.get(cx);
    Ok(cx.ret(cx.cons(saved, v).into()))
}

fn main() {}
