//! Allocation and memory where objects of many sizes come and go, for each collector and for the native allocator of the
//! build: one row of a table each, from a fresh process each.
//!
//! Time is the processor's, as the scheduler counts it, so that other programs disturb it less; memory is what the process
//! holds beyond what it held when its heap was empty.

use std::process::Command;
use tenure_gc::{Config, Context, NATIVE_ALLOCATOR, NIL, Object, PLANS};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const PLACES: usize = 200_000;
const TURNS: usize = 4_000_000;
/// One in so many objects is kept at last.
const KEPT: usize = 16;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    if let Ok(plan) = std::env::var("FRAGMENTATION_OF") {
        return println!("{}", row(&plan));
    }
    println!("| collector | ns for a vector | MiB live | MiB held | MiB live after most has died | MiB held then |");
    println!("|---|---|---|---|---|---|");
    let program = std::env::current_exe().expect("a program has a file");
    for plan in PLANS.iter().filter(|plan| words.is_empty() || words.iter().any(|word| word == plan.name)) {
        let mut one = Command::new(&program);
        assert!(one.env("FRAGMENTATION_OF", plan.name).status().expect("it runs").success(), "{}", plan.name);
    }
}

fn row(plan: &str) -> String {
    let mut config = Config::named(plan).expect("a plan of the table");
    config.verify = false;
    config.poison = false;
    let cx = &mut Context::new(config, &SYMBOLS);
    let scope = cx.scope();
    let places = scope.root(cx.make_vector(PLACES, NIL).into());
    cx.set_percentage(Some(0.5));
    let before = resident();
    let start = processor_ns();
    let mut random = 1u64;
    for _ in 0..TURNS {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let v = cx.make_vector(1 + (random >> 33) as usize % 32, NIL);
        let place = (random >> 38) as usize % PLACES;
        places.get(cx).as_vector().expect("a vector").set(place, v.into(), cx);
        cx.safepoint();
    }
    let ns = (processor_ns() - start) as f64 / TURNS as f64;
    let name = if cx.plan().native { format!("`{plan}`, {NATIVE_ALLOCATOR}") } else { format!("`{plan}`") };
    if !cx.plan().collects {
        return format!("| {name} | {ns:.0} | | | | |");
    }
    let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    cx.collect();
    let (live, held) = (cx.live_bytes(), resident() - before);
    for i in (0..PLACES).filter(|i| !i.is_multiple_of(KEPT)) {
        places.get(cx).as_vector().expect("a vector").set(i, Object::fixnum(0), cx);
    }
    (0..4).for_each(|_| cx.collect());
    let (live_then, held_then) = (cx.live_bytes(), resident().saturating_sub(before));
    format!(
        "| {name} | {ns:.0} | {:.1} | {:.1} | {:.1} | {:.1} |",
        mib(live),
        mib(held),
        mib(live_then),
        mib(held_then)
    )
}

/// Nanoseconds of the processor that this thread has had.
fn processor_ns() -> u64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux says what a thread had");
    text.split(' ').next().and_then(|word| word.parse().ok()).expect("a number of nanoseconds")
}

/// Bytes of the process that are in memory.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux says what a process holds");
    let pages: usize = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a number of pages");
    pages * 4096
}
