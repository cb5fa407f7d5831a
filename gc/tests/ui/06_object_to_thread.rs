//! An `Object` sent to another thread.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn send<V: Send>(_: V) {}
fn misuse(cx: &Context) {
    let value: Object<'_> = cx.cons(NIL, NIL).into();
    send(value);
}

fn main() {}
