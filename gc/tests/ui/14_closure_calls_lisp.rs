//! Raw values iterated with a Rust closure that calls Lisp.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn for_each<'ob>(mut list: Object<'ob>, _cx: &'ob Context, mut f: impl FnMut(Object<'ob>)) {
    while let Kind::Cons(c) = list.untag() {
        f(c.car());
        list = c.cdr();
    }
}
fn misuse(list: Root<'_>, cx: &mut Context) {
    for_each(list.get(cx), cx, |_| cx.safepoint());
}

fn main() {}
