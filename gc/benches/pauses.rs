//! Pauses of the collectors with young collections beside a large live heap, at several survival rates, with stores of
//! young objects into old ones.
//!
//! `cargo bench -p tenure-gc --bench pauses [-- GIB [SECONDS [COLLECTOR]]]`: the live heap in GiB (1) and the length of
//! each run (2).  It prints a row a run: how many pauses of each kind, their median, 99th percentile and longest in
//! microseconds, by the wall clock and by the processor time of the thread (a busy machine lengthens the former), and the
//! minimum mutator utilisation in windows of 20 ms by either clock, and what the host of a virtual machine took from its
//! processors meanwhile, which both clocks count; below it, what was in the window of the least utilisation, and where the
//! pauses went that took the most processor time.  The live heap is half lists in address order and half a ring whose
//! conses are scattered.  What an incremental collector began while that was built is ended before the clock starts.

use std::time::Instant;
use tenure_gc::{Config, Context, Event, NIL, Object, PLANS, Pause, PauseKind, Phase, Trigger};

const SYMBOLS: [&str; 4] = ["nil", "t", "unbound", "memory-full"];
const WINDOW: f64 = 20e-3;
/// How many of the longest pauses of a run are printed.
const LONGEST: usize = 3;

/// Processor time of this thread in seconds.
fn cpu_time() -> f64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes to the structure that it is given, which outlives it.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Pages that this thread touched first so far.
fn page_faults() -> i64 {
    // SAFETY: all zeros is a value of the type, and the call writes to the structure that it is given.
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_THREAD, &mut usage);
        usage.ru_minflt
    }
}

/// Milliseconds that the host took from all processors so far, to the next 10 (`steal` of `/proc/stat`).
fn stolen_ms() -> u64 {
    let stat = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let steal = stat.lines().next().and_then(|all| all.split_whitespace().nth(8)?.parse::<u64>().ok());
    steal.unwrap_or(0) * 10
}

fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

/// The least share of the time that the mutator had in any window that ends with a pause, and which pauses are in that.
fn utilisation(pauses: &[(f64, f64)]) -> (f64, std::ops::Range<usize>) {
    let mut worst = (1.0, 0..0);
    for (i, &(start, length)) in pauses.iter().enumerate() {
        let end = start + length;
        let inside = |&(s, l): &(f64, f64)| (s + l).min(end) - s.max(end - WINDOW);
        let parts: Vec<f64> = pauses[..=i].iter().rev().map(inside).take_while(|&t| t > 0.0).collect();
        let left = (1.0 - parts.iter().sum::<f64>() / WINDOW).max(0.0);
        if left < worst.0 {
            worst = (left, i + 1 - parts.len()..i + 1);
        }
    }
    worst
}

/// What survives of every 1000 conses.
fn run(cx: &mut Context, gib: f64, seconds: f64, survivors: u64) {
    let conses = (gib * (1u64 << 30) as f64 / 16.0) as usize;
    let scope = cx.scope();
    let (lists, ring) = (scope.root(NIL), scope.root(NIL));
    for _ in 0..conses / 2 {
        lists.set(cx, cx.cons(Object::fixnum(1), lists.get(cx)).into());
        cx.safepoint();
    }
    // Chains of 16 conses in a vector; each is replaced as a whole, at a random place.
    let places = conses / 2 / 16;
    ring.set(cx, cx.make_vector(places, NIL).into());
    let mut seed = 0x9E37_79B9_7F4A_7C15;
    let chain = scope.root(NIL);
    let replace = |cx: &mut Context, at: usize, length: usize| {
        chain.set(cx, NIL);
        for i in 0..length {
            chain.set(cx, cx.cons(Object::fixnum(i as i64), chain.get(cx)).into());
            cx.safepoint();
        }
        ring.get(cx).as_vector().expect("a vector").set(at, chain.get(cx), cx);
    };
    for _ in 0..2 {
        for at in 0..places {
            replace(cx, at, 8);
        }
    }
    for _ in 0..places {
        let at = random(&mut seed) as usize % places;
        replace(cx, at, 16);
    }
    // The cycle that is under way now has to keep up with the building, and owes for it.
    cx.idle(u64::from(u32::MAX));
    cx.event_sink().lock().drain_into(&mut Vec::new());
    let mut old = lists.get(cx).as_cons().expect("a cons");
    for _ in 0..conses / 4 {
        old = old.cdr().as_cons().expect("a longer list");
    }
    let old = scope.root(old.into());
    let (mut wall, mut cpu, mut timeline, mut cpu_timeline) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut faults = Vec::new();
    let mut kinds = [0; 4];
    let stolen = stolen_ms();
    let start = Instant::now();
    let mut allocated = 0u64;
    while start.elapsed().as_secs_f64() < seconds {
        for _ in 0..1000 {
            allocated += 1;
            if random(&mut seed) % 1000 < survivors {
                let at = random(&mut seed) as usize % places;
                let rest = ring.get(cx).as_vector().and_then(|v| v.get(at)).expect("a place");
                // Sixteen conses of a chain live; then the place is emptied.
                let long = rest.as_cons().and_then(|c| c.car().as_fixnum()).unwrap_or(0);
                let rest = if long >= 16 { NIL } else { rest };
                let cell = cx.cons(Object::fixnum(long % 16 + 1), rest);
                ring.get(cx).as_vector().expect("a vector").set(at, cell.into(), cx);
            } else {
                let cell = cx.cons(NIL, NIL);
                if allocated.is_multiple_of(64) {
                    // A young object in an old one.
                    old.get(cx).as_cons().expect("a cons").set_car(cx, cell.into());
                    let next = old.get(cx).as_cons().expect("a cons").cdr();
                    old.set(cx, if next.is_nil() { lists.get(cx) } else { next });
                }
            }
            if cx.is_pending() {
                let faults_before = page_faults();
                let (before, cpu_before) = (start.elapsed().as_secs_f64(), cpu_time());
                cx.safepoint();
                let cpu_length = cpu_time() - cpu_before;
                cpu.push(cpu_length * 1e6);
                cpu_timeline.push((cpu_before, cpu_length));
                let length = start.elapsed().as_secs_f64() - before;
                wall.push(length * 1e6);
                timeline.push((before, length));
                faults.push(page_faults() - faults_before);
            }
        }
    }
    let stolen = stolen_ms() - stolen;
    let mut events = Vec::new();
    cx.event_sink().lock().drain_into(&mut events);
    let pauses: Vec<Pause> = events
        .into_iter()
        .filter_map(|event| if let Event::Pause(pause) = event { Some(pause) } else { None })
        .collect();
    pauses.iter().for_each(|pause| kinds[pause.kind as usize] += 1);
    let (least, window) = utilisation(&cpu_timeline);
    // One for each safepoint, unless the log was full.
    let mut longest: Vec<(f64, i64, Pause)> =
        cpu.iter().zip(&faults).zip(&pauses).map(|((&cpu, &faults), &pause)| (cpu, faults, pause)).collect();
    longest.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mutated = start.elapsed().as_secs_f64();
    wall.sort_by(f64::total_cmp);
    cpu.sort_by(f64::total_cmp);
    let at =
        |sorted: &[f64], q: f64| sorted.get(((sorted.len() as f64 * q) as usize).min(sorted.len().max(1) - 1)).copied();
    let row =
        |sorted: &[f64]| [0.5, 0.99, 0.999, 1.0].map(|q| format!("{:8.0}", at(sorted, q).unwrap_or(0.0))).join(" ");
    println!(
        "{:13} {:5.1} % survive  {:>6.1} M conses/s  {:6} minor {:4} major {:5} increments {:3} final | wall {} | cpu {} | MMU(20 ms) {:3.0} % {:3.0} % | host {stolen} ms",
        cx.plan().name,
        survivors as f64 / 10.0,
        allocated as f64 / mutated / 1e6,
        kinds[PauseKind::Minor as usize],
        kinds[PauseKind::Major as usize],
        kinds[PauseKind::Increment as usize],
        kinds[PauseKind::Final as usize],
        row(&wall),
        row(&cpu),
        100.0 * utilisation(&timeline).0,
        100.0 * least,
    );
    let sum = |kind: PauseKind| {
        let of_kind = window.clone().filter(|&i| pauses.get(i).is_some_and(|pause| pause.kind == kind));
        let (count, time) = of_kind.fold((0, 0.0), |(n, time), i| (n + 1, time + cpu_timeline[i].1 * 1e3));
        format!("{count} {} {time:.1} ms", kind.name())
    };
    let kinds = [PauseKind::Minor, PauseKind::Increment, PauseKind::Final, PauseKind::Major].map(sum);
    println!(
        "    least utilisation, from {:.3} s on: {}",
        cpu_timeline[window.start].0 - cpu_timeline[0].0,
        kinds.join(", ")
    );
    for (cpu, faults, pause) in longest.iter().take(LONGEST) {
        let phases = Phase::ALL.iter().zip(pause.phases).map(|(phase, ns)| format!("{} {}", phase.name(), ns / 1000));
        println!(
            "    {} cpu {cpu:.0}, wall {} = {}; {faults} page faults, {} bytes copied, {} roots, {} remembered",
            pause.kind.name(),
            pause.pause_ns / 1000,
            phases.collect::<Vec<_>>().join(", "),
            pause.bytes_copied,
            pause.roots,
            pause.remembered,
        );
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let number = |i: usize, default: f64| words.get(i).and_then(|word| word.parse().ok()).unwrap_or(default);
    let (gib, seconds) = (number(0, 1.0), number(1, 2.0));
    println!("pauses in microseconds: median, 99 %, 99.9 %, longest; {gib} GiB live");
    for plan in PLANS.iter().filter(|plan| plan.generational()) {
        if words.get(2).is_some_and(|name| name != plan.name) {
            continue;
        }
        for survivors in [0, 20, 200, 1000] {
            let mut config = Config::named(plan.name).expect("a plan of the table");
            config.verify = false;
            config.poison = false;
            // The heap need hardly grow for a collection of all of it, so that a cycle is under way in every run.
            if plan.incremental {
                config.trigger = Trigger::Multiple(1.002);
            }
            run(&mut Context::new(config, &SYMBOLS), gib, seconds, survivors);
        }
    }
}
