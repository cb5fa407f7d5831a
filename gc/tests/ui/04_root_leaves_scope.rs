//! A root that leaves its scope.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse(cx: &mut Context) -> Root<'_> {
    let scope = cx.scope();
    scope.root(T)
}

fn main() {}
