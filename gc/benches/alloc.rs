//! Allocation, per kind: from empty blocks, and from blocks in which every second cell (or run of 16) is live.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::{Duration, Instant};
use tenure_gc::{Config, Context, NIL, Object, PLANS};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
/// Allocations between two collections: at most what a default nursery holds, so that memory is warm under every plan.
const BATCH: u64 = 10_000;

fn context(plan: &str) -> Context {
    let mut config = Config::named(plan).expect("a plan of the table");
    config.verify = false;
    config.poison = false;
    let cx = Context::new(config, &SYMBOLS);
    cx.set_threshold(1 << 40);
    cx.set_percentage(None);
    cx
}

/// Time `alloc`, collecting (untimed) after each batch; memory has been touched before.
#[inline(always)]
fn timed(cx: &mut Context, iterations: u64, alloc: impl Fn(&Context, u64)) -> Duration {
    let mut total = Duration::ZERO;
    let mut done = 0;
    while done < iterations {
        let n = BATCH.min(iterations - done);
        let start = Instant::now();
        for i in 0..n {
            alloc(cx, i);
        }
        total += start.elapsed();
        done += n;
        cx.collect();
    }
    total
}

fn cons(cx: &Context, i: u64) {
    black_box(cx.cons(Object::fixnum(i as i64), NIL));
}

/// Measure one kind in a group.  A macro, so that the allocation is inlined into the timed loop as it is in the machine.
macro_rules! measure {
    ($group:expr, $plan:expr, $($name:literal => $alloc:expr),* $(,)?) => {$({
        let cx = &mut context($plan);
        timed(cx, 2 * BATCH, $alloc);
        $group.bench_function($name, |b| b.iter_custom(|n| timed(cx, n, $alloc)));
    })*};
}

fn empty(c: &mut Criterion) {
    for plan in PLANS.iter().filter(|p| p.collects) {
        let mut group = c.benchmark_group(format!("alloc/empty/{}", plan.name));
        group.throughput(Throughput::Elements(1)).sample_size(20);
        measure!(group, plan.name,
            "cons" => cons,
            "float" => |cx, i| _ = black_box(cx.float(i as f64)),
            "vector of 4" => |cx, i| _ = black_box(cx.vector(&[Object::fixnum(i as i64); 4])),
            "string of 20" => |cx, _| _ = black_box(cx.string(b"twenty bytes of text", 20, false)),
            "closure of 1" => |cx, i| _ = black_box(cx.vector(&[NIL, Object::fixnum(i as i64)])),
            "record of 3" => |cx, i| _ = black_box(cx.record(&[NIL, Object::fixnum(i as i64), NIL])),
        );
    }
}

/// Conses in blocks that are half full: single cells, or runs of 16.
fn fragmented(c: &mut Criterion) {
    let mut group = c.benchmark_group("alloc/fragmented/mark-sweep");
    group.throughput(Throughput::Elements(1)).sample_size(20);
    for (name, run) in [("cons, every second cell live", 1), ("cons, every second run of 16 live", 16)] {
        let cx = &mut context("mark-sweep");
        let scope = cx.scope();
        let kept = scope.root(NIL);
        for i in 0..4_000_000 {
            if i / run % 2 == 0 {
                kept.set(cx, cx.cons(NIL, kept.get(cx)).into());
            } else {
                cx.cons(NIL, NIL);
            }
        }
        cx.collect();
        group.bench_function(name, |b| b.iter_custom(|n| timed(cx, n, cons)));
    }
}

/// 120 MB of conses.
const CONSES: usize = 7_500_000;

/// Bytes of the process that are in memory.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux says what a process holds");
    let pages: usize = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a number of pages");
    pages * 4096
}

/// A cons that dies at once, collections included, beside 120 MB of live conses and under Emacs's default trigger.
fn churn(c: &mut Criterion) {
    let mut group = c.benchmark_group("alloc/churn beside 120 MB");
    group.throughput(Throughput::Elements(1)).sample_size(10);
    for plan in PLANS.iter().filter(|p| p.collects) {
        let cx = &mut context(plan.name);
        let scope = cx.scope();
        let kept = scope.root(NIL);
        let before = resident();
        for _ in 0..CONSES {
            kept.set(cx, cx.cons(NIL, kept.get(cx)).into());
            cx.safepoint();
        }
        cx.collect();
        let bytes = (resident() - before) as f64 / CONSES as f64;
        eprintln!("alloc/memory/{}: {bytes:.2} bytes of the process for a live cons", plan.name);
        cx.set_threshold(800_000);
        cx.set_percentage(Some(0.1));
        group.bench_function(plan.name, |b| {
            let mut i = 0;
            b.iter(|| {
                cons(cx, i);
                cx.safepoint();
                i += 1;
            });
        });
    }
}

criterion_group!(benches, empty, fragmented, churn);
criterion_main!(benches);
