//! A frame window held across a call.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(frame: Args<'_>, g: Subr, cx: &mut Context) -> CallResult {
    let slots = frame.slots(cx);
    let v = call!(cx, g, NIL)?.get(cx);
    slots.set(0, v);
    Ok(cx.ret(slots.get(0)))
}

fn main() {}
