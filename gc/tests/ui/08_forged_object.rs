//! An `Object` made of thin air.
#![deny(unused_must_use)]
#![allow(unused_imports, dead_code, reason = "a case uses what it needs")]
use tenure_gc::*;

fn misuse() -> Object<'static> {
    Object(0x1003, std::marker::PhantomData)
}

fn main() {}
