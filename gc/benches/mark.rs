//! Marking and copying: lists in address order, short lists and trees at shuffled addresses; sweeping; and the reason
//! why the marker uses plain words where the block maps use `bitvec`.

use bitvec::vec::BitVec;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use std::time::Duration;
use tenure_gc::{Config, Context, NIL, Object, PLANS, Weakness};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const CONSES: usize = 4_000_000;

fn context(plan: &str) -> Context {
    let mut config = Config::named(plan).expect("a plan of the table");
    config.verify = false;
    config.poison = false;
    let cx = Context::new(config, &SYMBOLS);
    cx.set_threshold(1 << 40);
    cx.set_percentage(None);
    cx
}

fn shuffled_conses<'ob>(cx: &'ob Context) -> Vec<Object<'ob>> {
    shuffled((0..CONSES).map(|_| cx.cons(NIL, NIL).into()).collect())
}

fn shuffled(mut conses: Vec<Object<'_>>) -> Vec<Object<'_>> {
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    for i in (1..conses.len()).rev() {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        conses.swap(i, (seed % (i as u64 + 1)) as usize);
    }
    conses
}

fn link<'ob>(cell: Object<'ob>, car: Object<'ob>, cdr: Object<'ob>, cx: &Context) -> Object<'ob> {
    let c = cell.as_cons().expect("a cons");
    c.set_car(cx, car);
    c.set_cdr(cx, cdr);
    cell
}

type Shape = (&'static str, for<'ob> fn(&'ob Context) -> Object<'ob>);
const SHAPES: [Shape; 3] = [
    ("one list, address order", |cx| (0..CONSES).fold(NIL, |list, _| cx.cons(NIL, list).into())),
    ("lists of 32, shuffled", |cx| short_lists(&shuffled_conses(cx), cx)),
    ("binary tree, shuffled", |cx| tree(&shuffled_conses(cx), cx)),
];

fn short_lists<'ob>(conses: &[Object<'ob>], cx: &'ob Context) -> Object<'ob> {
    conses.chunks_exact(33).fold(NIL, |spine, chunk| {
        let list = chunk[1..].iter().fold(NIL, |tail, &cell| link(cell, NIL, tail, cx));
        link(chunk[0], list, spine, cx)
    })
}

fn tree<'ob>(conses: &[Object<'ob>], cx: &Context) -> Object<'ob> {
    for i in 0..conses.len() / 2 {
        let right = conses.get(2 * i + 2).copied().unwrap_or(NIL);
        link(conses[i], conses[2 * i + 1], right, cx);
    }
    conses[0]
}

/// What links conses to a structure.
type Linking = (&'static str, for<'ob> fn(Vec<Object<'ob>>, &'ob Context) -> Object<'ob>);
const LINKINGS: [Linking; 3] = [
    ("one list, address order", |conses, cx| conses.into_iter().fold(NIL, |list, cell| link(cell, NIL, list, cx))),
    ("lists of 32, shuffled", |conses, cx| short_lists(&shuffled(conses), cx)),
    ("binary tree, shuffled", |conses, cx| tree(&shuffled(conses), cx)),
];

/// One collection of `immix` that empties three fifths of all blocks: two conses of five live, at random places.  Building
/// them takes far longer, so the best of three is printed, of the processor's time.
fn evacuation(_: &mut Criterion) {
    if std::env::args().skip(1).any(|word| !word.starts_with('-') && !"evacuate/immix".contains(&word)) {
        return;
    }
    for (name, linking) in LINKINGS {
        let times = (0..3).map(|_| evacuate(&mut context("immix"), linking));
        let best = times.min().expect("three times").as_secs_f64();
        eprintln!("evacuate/immix/{name}: {:.1} ms, {:.1} ns a live cons", best * 1e3, best * 1e9 / CONSES as f64);
    }
}

fn evacuate(cx: &mut Context, linking: for<'ob> fn(Vec<Object<'ob>>, &'ob Context) -> Object<'ob>) -> Duration {
    const ALL: usize = CONSES / 2 * 5;
    let scope = cx.scope();
    let kept = scope.root(cx.make_vector(ALL, NIL).into());
    for i in 0..ALL {
        let cell = cx.cons(NIL, NIL).into();
        kept.get(cx).as_vector().expect("a vector").set(i, cell, cx);
        cx.safepoint();
    }
    // Now all are old, and stay where they are.
    cx.collect();
    let mut seed = 0x9E37_79B9_7F4A_7C15_u64;
    let mut is_kept = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % 5 < 2
    };
    let conses = kept.get(cx).as_vector().expect("a vector").iter().filter(|_| is_kept()).collect();
    kept.set(cx, linking(conses, cx));
    // This one finds how full the blocks are, the next one empties the sparse ones.
    cx.collect();
    let start = cpu_time();
    cx.collect();
    cpu_time() - start
}

/// Processor time of this thread.
fn cpu_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the structure that it is given, which outlives it.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn full_collection(c: &mut Criterion) {
    for plan in PLANS.iter().filter(|p| p.collects) {
        let mut group = c.benchmark_group(format!("collect/{}", plan.name));
        group.throughput(Throughput::Elements(CONSES as u64)).sample_size(10);
        for (name, build) in SHAPES {
            let cx = &mut context(plan.name);
            let scope = cx.scope();
            let kept = scope.root(build(cx));
            group.bench_function(name, |b| b.iter(|| cx.collect()));
            assert!(!kept.get(cx).is_nil());
        }
    }
}

/// A chain of ephemerons in a weak table, each of which makes the next one's key live; entered in an order in which a scan
/// of the table finds no key live, or all of them.
fn ephemerons(c: &mut Criterion) {
    const LINKS: usize = 700_000;
    for plan in PLANS.iter().filter(|p| p.collects) {
        let mut group = c.benchmark_group(format!("ephemerons/{}", plan.name));
        group.throughput(Throughput::Elements(LINKS as u64)).sample_size(10);
        for (name, backwards) in [("chain in order", false), ("chain backwards", true)] {
            let cx = &mut context(plan.name);
            let scope = cx.scope();
            let table = scope.root(cx.hash_table(LINKS, Weakness::Key).into());
            let keys: Vec<Object<'_>> = (0..=LINKS).map(|_| cx.cons(NIL, NIL).into()).collect();
            let first = scope.root(keys[0]);
            let t = table.get(cx).as_hash_table().expect("a table");
            let enter = |pair: &[Object<'_>]| _ = t.insert(cx.identity_hash(pair[0]), pair[0], pair[1], cx);
            if backwards {
                keys.windows(2).rev().for_each(enter)
            } else {
                keys.windows(2).for_each(enter)
            }
            drop(keys);
            group.bench_function(name, |b| b.iter(|| cx.collect()));
            assert_eq!(table.get(cx).as_hash_table().map(|t| t.count()), Some(LINKS));
            assert!(!first.get(cx).is_nil());
        }
    }
}

/// Allocation right after a collection that freed everything: what lazy sweeping costs a cell.
fn sweep(c: &mut Criterion) {
    let mut group = c.benchmark_group("sweep");
    group.throughput(Throughput::Elements(CONSES as u64)).sample_size(10);
    let cx = &mut context("mark-sweep");
    group.bench_function("4 M dead conses, collected and allocated anew", |b| {
        b.iter(|| {
            (0..CONSES).for_each(|_| _ = black_box(cx.cons(NIL, NIL)));
            cx.collect();
        });
    });
}

/// Set each bit once at random places: `bitvec` against plain words.
fn bitmaps(c: &mut Criterion) {
    let mut group = c.benchmark_group("bitmap");
    let places: Vec<usize> =
        (0..1_000_000u64).map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 42) as usize).collect();
    let bits = 1 << 22;
    group.throughput(Throughput::Elements(places.len() as u64)).sample_size(20);
    group.bench_function("mark, plain words", |b| {
        let mut words = vec![0u64; bits / 64];
        b.iter(|| {
            words.fill(0);
            let mut new = 0;
            for &i in &places {
                let (word, bit) = (&mut words[i / 64], 1 << (i % 64));
                new += usize::from(*word & bit == 0);
                *word |= bit;
            }
            new
        });
    });
    group.bench_function("mark, bitvec replace", |b| {
        let mut map: BitVec<u64> = BitVec::repeat(false, bits);
        b.iter(|| {
            map.fill(false);
            places.iter().filter(|&&i| !map.replace(i, true)).count()
        });
    });
    group.bench_function("next free, plain words", |b| {
        let words: Vec<u64> = (0..bits as u64 / 64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        b.iter(|| {
            let mut sum = 0;
            for (i, &word) in words.iter().enumerate() {
                let mut free = !word;
                while free != 0 {
                    sum += i * 64 + free.trailing_zeros() as usize;
                    free &= free - 1;
                }
            }
            sum
        });
    });
    group.bench_function("next free, bitvec iter_zeros", |b| {
        let words: Vec<u64> = (0..bits as u64 / 64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15)).collect();
        let map: BitVec<u64> = BitVec::from_vec(words);
        b.iter(|| map.iter_zeros().sum::<usize>());
    });
}

criterion_group!(benches, full_collection, evacuation, ephemerons, sweep, bitmaps);
criterion_main!(benches);
