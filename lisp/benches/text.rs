//! Throughput of the reader and the printer on generated source text.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use tenure_gc::Config;
use tenure_lisp::print::print_to_text;
use tenure_lisp::reader::{Reader, Source};

/// Definitions that look like those of an Emacs Lisp library.
fn source() -> String {
    (0..2_000)
        .map(|i| {
            format!(
                "(defun example-{i} (first second &optional third)\n  \"Return FIRST and SECOND, and sometimes THIRD.\"\n  \
                 ;; Look at each.\n  (let ((sum (+ first {i} 0.5)) (name 'example-{i}))\n    (if (> sum ?a)\n        \
                 (list sum `(,name . ,second) \"text\\n\" third)\n      [1 2 3 {i}])))\n\n"
            )
        })
        .collect()
}

fn text(c: &mut Criterion) {
    let mut cx = tenure_vm::state::new_context(Config::default());
    let source = source();
    let mut group = c.benchmark_group("text");
    group.throughput(Throughput::Bytes(source.len() as u64));
    group.bench_function("read", |b| {
        b.iter(|| {
            cx.safepoint();
            let mut reader = Reader::new(source.as_bytes(), 0, Source::File);
            while let Some(form) = reader.next(&cx).expect("the source is well-formed") {
                black_box(form);
            }
        });
    });
    let all = format!("({source})");
    let form = Reader::new(all.as_bytes(), 0, Source::File).read(&cx).expect("the source is well-formed");
    let printed = print_to_text(form, true, &cx).expect("the form is not circular");
    group.throughput(Throughput::Bytes(printed.len() as u64));
    group.bench_function("print", |b| b.iter(|| black_box(print_to_text(form, true, &cx).expect("as before"))));
    group.finish();
}

criterion_group!(benches, text);
criterion_main!(benches);
