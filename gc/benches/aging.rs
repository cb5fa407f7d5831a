//! What aging saves: objects that live for a while and then die, beside garbage, with and without it.
//!
//! `cargo bench -p tenure-gc --bench aging [-- COLLECTOR [MILLIONS]]`: the collector (`generational`) and how many million
//! conses a run allocates (100).  Half of the conses are garbage at once; the other half enter a queue and leave it when as
//! many bytes have entered after them as the row says, so that they die in the order in which they were born.  It prints a
//! row for each length of the queue and each `--tenure-age`: nanoseconds a cons, by the wall clock and by the processor time
//! of the thread, what was copied and what was promoted, in percent of what was allocated, the collections of each kind,
//! and the longest pause in microseconds.

use std::time::Instant;
use tenure_gc::{Config, Context, Event, NIL, Object, PauseKind};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const CONS_BYTES: u64 = 16;

/// Processor time of this thread in seconds.
fn cpu_time() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the structure that it is given, which outlives it.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

fn run(cx: &mut Context, conses: u64, queued: u64) {
    let scope = cx.scope();
    let (first, last) = (scope.root(NIL), scope.root(NIL));
    // The queue is a list: each new cons is put behind the last one, and the first one is let go.
    let head = Object::from(cx.cons(NIL, NIL));
    first.set(cx, head);
    last.set(cx, head);
    let (wall, cpu) = (Instant::now(), cpu_time());
    for i in 0..conses / 2 {
        cx.cons(Object::fixnum(i as i64), NIL);
        let entered: Object<'_> = cx.cons(Object::fixnum(i as i64), NIL).into();
        last.get(cx).as_cons().expect("a cons").set_cdr(cx, entered);
        last.set(cx, entered);
        if i >= queued {
            let left = first.get(cx).as_cons().expect("a cons");
            first.set(cx, left.cdr());
            // What follows must not be kept by what died, should that be old already.
            left.set_cdr(cx, NIL);
        }
        cx.safepoint();
    }
    let (wall, cpu) = (wall.elapsed().as_secs_f64(), cpu_time() - cpu);
    let mut events = Vec::new();
    cx.event_sink().lock().drain_into(&mut events);
    let (mut kinds, mut copied, mut promoted, mut longest) = ([0; 4], 0, 0, 0);
    for event in events {
        if let Event::Pause(pause) = event {
            kinds[pause.kind as usize] += 1;
            copied += pause.bytes_copied;
            promoted += pause.bytes_promoted;
            longest = longest.max(pause.pause_ns);
        }
    }
    let share = |bytes: u64| 100.0 * bytes as f64 / (conses * CONS_BYTES) as f64;
    println!(
        "{:13} queue {:5} KiB  age {}: {:5.2} ns wall {:5.2} ns cpu  {:5.1} % copied {:5.1} % promoted  {:5} minor {:3} major {:4} increments {:3} final, longest {:5}",
        cx.plan().name,
        (queued * CONS_BYTES) >> 10,
        cx.config().tenure_age,
        wall * 1e9 / conses as f64,
        cpu * 1e9 / conses as f64,
        share(copied),
        share(promoted),
        kinds[PauseKind::Minor as usize],
        kinds[PauseKind::Major as usize],
        kinds[PauseKind::Increment as usize],
        kinds[PauseKind::Final as usize],
        longest / 1000,
    );
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let name = words.first().map_or("generational", String::as_str);
    let millions = words.get(1).and_then(|word| word.parse().ok()).unwrap_or(100);
    for kib in [16, 64, 256, 512, 2048] {
        for age in 1..=4 {
            let mut config = Config::named(name).unwrap_or_else(|error| panic!("{error}"));
            config.set("tenure-age", &age.to_string()).unwrap_or_else(|error| panic!("{error}"));
            config.verify = false;
            config.poison = false;
            run(&mut Context::new(config, &SYMBOLS), millions * 1_000_000, kib << 10 >> 4);
        }
    }
}
