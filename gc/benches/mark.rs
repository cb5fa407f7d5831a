//! Marking and copying: lists in address order, short lists and trees at shuffled addresses; sweeping; and the reason
//! why the marker uses plain words where the block maps use `bitvec`.

use bitvec::vec::BitVec;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
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
    let mut conses: Vec<Object<'ob>> = (0..CONSES).map(|_| cx.cons(NIL, NIL).into()).collect();
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
    ("lists of 32, shuffled", |cx| {
        let conses = shuffled_conses(cx);
        let mut spine = NIL;
        for chunk in conses.chunks_exact(33) {
            let list = chunk[1..].iter().fold(NIL, |tail, &cell| link(cell, NIL, tail, cx));
            spine = link(chunk[0], list, spine, cx);
        }
        spine
    }),
    ("binary tree, shuffled", |cx| {
        let conses = shuffled_conses(cx);
        for i in 0..conses.len() / 2 {
            let right = conses.get(2 * i + 2).copied().unwrap_or(NIL);
            link(conses[i], conses[2 * i + 1], right, cx);
        }
        conses[0]
    }),
];

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

criterion_group!(benches, full_collection, ephemerons, sweep, bitmaps);
criterion_main!(benches);
