//! What a heap grows to when its live size stays the same: objects of many kinds and sizes in a vector, one of which is
//! replaced at random, for a long time.
//!
//! `cargo bench -p tenure-gc --bench churn [-- SECONDS [COLLECTOR]]`: how long a run is (20; 600 for the figure in
//! `docs/pauses.md`).  It prints a row a collector: the memory of the heap, in MB, when the vector has been filled, after a
//! tenth of the time, when the collector's cycles have settled, and at the end, each after a collection; and the greatest
//! that was seen every 4096 replacements.

use std::time::{Duration, Instant};
use tenure_gc::{Config, Context, NIL, Object, PLANS};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const PLACES: usize = 500_000;

fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

fn object<'ob>(cx: &'ob Context, seed: u64) -> Object<'ob> {
    let size = (seed >> 8) as usize % 40;
    match seed % 4 {
        0 => (0..=size).fold(NIL, |list, i| cx.cons(Object::fixnum(i as i64), list).into()),
        1 => cx.make_vector(size, NIL).into(),
        2 => cx.string(&[b'x'; 320][..8 * size], 8 * size, false).into(),
        _ => cx.cons(cx.float(0.5).into(), NIL).into(),
    }
}

fn run(cx: &mut Context, length: Duration) {
    let mut seed = 0x9E37_79B9_7F4A_7C15;
    let scope = cx.scope();
    let all = scope.root(cx.make_vector(PLACES, NIL).into());
    let replace = |cx: &mut Context, at: usize, seed: u64| {
        let new = object(cx, seed);
        all.get(cx).as_vector().expect("a vector").set(at, new, cx);
        cx.safepoint();
    };
    for at in 0..PLACES {
        replace(cx, at, random(&mut seed));
    }
    cx.collect();
    cx.collect();
    let first = cx.footprint();
    let (mut most, mut replaced) = (first, 0u64);
    let start = Instant::now();
    let mut settled = None;
    while start.elapsed() < length {
        if settled.is_none() && start.elapsed() >= length / 10 {
            cx.collect();
            cx.collect();
            settled = Some(cx.footprint());
        }
        for _ in 0..4096 {
            let at = random(&mut seed) as usize % PLACES;
            replace(cx, at, random(&mut seed));
        }
        replaced += 4096;
        most = most.max(cx.footprint());
    }
    cx.collect();
    cx.collect();
    let settled = settled.unwrap_or(first);
    let more = |than: usize| 100.0 * (cx.footprint() as f64 / than as f64 - 1.0);
    let mb = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    println!(
        "{:13} {:6.1} M replaced: {:7.1} MB filled, {:7.1} MB after a tenth, {:7.1} MB at the end ({:+5.1} %, {:+5.1} % since the tenth), {:7.1} MB at most; {:7.1} MB live",
        cx.plan().name,
        replaced as f64 / 1e6,
        mb(first),
        mb(settled),
        mb(cx.footprint()),
        more(first),
        more(settled),
        mb(most),
        mb(cx.live_bytes()),
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let seconds = words.first().and_then(|word| word.parse().ok()).unwrap_or(20);
    for plan in PLANS.iter().filter(|plan| plan.collects) {
        if words.get(1).is_some_and(|name| name != plan.name) {
            continue;
        }
        let mut config = Config::named(plan.name).expect("a plan of the table");
        config.verify = false;
        config.poison = false;
        run(&mut Context::new(config, &SYMBOLS), Duration::from_secs(seconds));
    }
}
