//! An unrooted accumulator in a loop with calls.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(list: Root<'_>, g: Subr, cx: &mut Context) -> CallResult {
    let mut acc: Object<'_> = NIL;
    while let Kind::Cons(c) = list.get(cx).untag() {
        list.set(cx, c.cdr());
        let v = call!(cx, g, c.car())?.get(cx);
        acc = cx.cons(v, acc).into();
    }
    Ok(cx.ret(acc))
}

fn main() {}
