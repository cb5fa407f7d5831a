//! What the mutator pays besides allocation: roots, the write barrier, the safepoint's poll, calls of primitives.

use criterion::{Criterion, criterion_group, criterion_main};
use std::hint::black_box;
use tenure_gc::{Config, Context, NIL, Object, Subr, T, call};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];

fn mutator(c: &mut Criterion) {
    let cx = &mut Context::new(Config { verify: false, poison: false, ..Config::default() }, &SYMBOLS);
    let mut group = c.benchmark_group("mutator");
    group.bench_function("scope, root, get, pop", |b| {
        b.iter(|| {
            let scope = cx.scope();
            scope.root(black_box(T)).get(cx).is_nil()
        });
    });
    group.bench_function("root vec push, pop", |b| {
        let roots = cx.root_vec();
        b.iter(|| {
            roots.push(cx, black_box(T));
            roots.pop(cx) == Some(NIL)
        });
    });
    group.bench_function("set_car with barrier", |b| {
        let cell = cx.cons(NIL, NIL);
        b.iter(|| cell.set_car(cx, black_box(T)));
    });
    group.bench_function("vector store with barrier", |b| {
        let v = cx.make_vector(64, NIL);
        b.iter(|| v.set(black_box(17), black_box(T), cx));
    });
    group.bench_function("safepoint, nothing due", |b| b.iter(|| black_box(&mut *cx).safepoint()));
    let add = Subr::Pure1(|x, _| Ok(Object::fixnum(x.as_fixnum().unwrap_or(0) + 1)));
    group.bench_function("call of a pure primitive by the stack", |b| {
        b.iter(|| call!(cx, black_box(add), Object::fixnum(1)).map(|v| v.get(cx) == NIL).unwrap_or(false));
    });
    let calling = Subr::Call(|args, cx| Ok(cx.ret(args.root(0).get(cx))));
    group.bench_function("call of a calling primitive", |b| {
        b.iter(|| call!(cx, black_box(calling), Object::fixnum(1)).map(|v| v.get(cx) == NIL).unwrap_or(false));
    });
}

criterion_group!(benches, mutator);
criterion_main!(benches);
