//! An `Object` pushed into a struct that lives longer.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

struct Holder<'a> {
    values: Vec<Object<'a>>,
}
fn misuse<'a>(holder: &mut Holder<'a>, cx: &Context) {
    holder.values.push(cx.cons(NIL, NIL).into());
}

fn main() {}
