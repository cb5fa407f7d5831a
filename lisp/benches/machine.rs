//! What the machine's own operations cost: each line is the time of one operation in a compiled loop with what counts the
//! turns, which is a line of its own.  `docs/machine.md` has the figures.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenure_gc::{Config, Context, Object, T};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, funcall};

#[path = "machine/rows.rs"]
mod rows;
use rows::{CALL_ROWS, FUNCTIONS, LIST_ROWS, PRELUDE, ROWS, TURNS};

fn run(source: &str, cx: &mut Context) {
    let scope = cx.scope();
    let form = read_one(source.as_bytes(), &mut 0, cx).expect("a form");
    let (form, lexical) = (scope.root(form), scope.root(T));
    eval::eval(form, lexical, cx).expect("a value").get(cx);
}

fn machine(c: &mut Criterion) {
    let mut cx = tenure_lisp::new_context(Config::default());
    let cx = &mut cx;
    run(PRELUDE, cx);
    run(&format!("(progn (mapc #'byte-compile '({})) (setq gc-cons-threshold 64000000))", FUNCTIONS.join(" ")), cx);
    let mut group = c.benchmark_group("machine");
    let mut measure = |name: &str, body: &str, per: u64, cx: &mut Context| {
        run(&format!("(fset 'bench-run (byte-compile '(lambda (n) {body})))"), cx);
        group.throughput(Throughput::Elements(per));
        group.bench_function(name, |b| {
            b.iter(|| {
                let run = cx.intern("bench-run").into();
                funcall!(cx, run, Object::fixnum(TURNS as i64)).expect("a value").get(cx);
            });
        });
    };
    for (name, around, turn) in ROWS {
        measure(name, &rows::turns(name, around, turn), TURNS, cx);
    }
    for (name, body) in LIST_ROWS {
        measure(name, body, TURNS, cx);
    }
    for (name, body, calls) in CALL_ROWS {
        measure(name, body, *calls, cx);
    }
    group.finish();
}

criterion_group!(benches, machine);
criterion_main!(benches);
