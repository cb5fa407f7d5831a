//! What a live cons costs of the process's memory, all in: its cell, its bits and descriptor, the nursery, and what was
//! touched ahead.  The only test of its program, so that nothing else takes memory meanwhile.

use tenure_gc::{Config, Context, NIL, PLANS};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const CONSES: usize = 7_500_000;
/// Bytes.
const MOST: f64 = 16.5;

/// Bytes of the process that are in memory.
fn resident() -> usize {
    let text = std::fs::read_to_string("/proc/self/statm").expect("Linux says what a process holds");
    let pages: usize = text.split(' ').nth(1).and_then(|word| word.parse().ok()).expect("a number of pages");
    pages * 4096
}

/// Plans without young collections ask for huge pages, of which the last may be mostly empty.
#[test]
fn a_live_cons_costs_16_bytes_and_a_half() {
    for plan in PLANS.iter().filter(|plan| plan.generational()) {
        let run = move || {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.verify = false;
            config.poison = false;
            let cx = &mut Context::new(config, &SYMBOLS);
            let scope = cx.scope();
            let list = scope.root(NIL);
            let before = resident();
            for _ in 0..CONSES {
                list.set(cx, cx.cons(NIL, list.get(cx)).into());
                cx.safepoint();
            }
            cx.collect();
            let bytes = resident().saturating_sub(before) as f64 / CONSES as f64;
            eprintln!("{}: {bytes:.3} bytes of the process for a live cons", plan.name);
            assert!(bytes > 16.0 && bytes <= MOST, "{bytes:.3} bytes for a live cons under {}", plan.name);
        };
        std::thread::spawn(run).join().expect("the test passes");
    }
}
