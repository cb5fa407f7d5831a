//! Sessions that look like real ones, for the time until there are real ones: a coarse model of mutators and collectors, with a seed.
//!
//! The numbers say nothing about any collector; the header says `synthetic`, and the page says so in its first lines.
//! The model allocates at a steady rate, stops when its collector would, and makes pauses as long as their work.

use std::collections::BTreeMap;

use tenure_record::{
    HeapSample, Host, Invocation, MinHeap, Outcome, Pause, PauseCause, PauseKind, Request, RunHeader, Session,
};
use tenure_reports::stats::rng::SplitMix64;

const MIB: f64 = 1_048_576.0;
const MS: f64 = 1e6;

/// All synthetic sessions, with the names of their directories.
pub fn sessions() -> Vec<(&'static str, Session)> {
    vec![("collectors", collectors()), ("heap-sizes", heap_sizes())]
}

/// A program.
#[derive(Clone, Copy)]
struct Mutator {
    name: &'static str,
    /// Time it takes without a collector.
    work_ns: f64,
    /// Bytes it allocates a nanosecond.
    rate: f64,
    /// Bytes that are live in the middle of its run.
    live: f64,
    /// Share of the nursery that survives.
    survival: f64,
    /// Length of a request, and of the thinking after it; 0 for a program without requests.
    request_ns: f64,
    think_ns: f64,
}

/// A collector, or a peer.
#[derive(Clone, Copy)]
struct Model {
    name: &'static str,
    /// Factor on the mutator's time.
    tax: f64,
    nursery: f64,
    /// Share of the heap that may be filled.
    usable: f64,
    /// Nanoseconds a live byte in a collection of the whole heap.
    trace: f64,
    /// Whether old objects are marked in slices.
    incremental: bool,
    /// Memory of the process besides the heap.
    base: f64,
}

const SPLAY: Mutator = Mutator {
    name: "splay",
    work_ns: 800.0 * MS,
    rate: 0.16,
    live: 24.0 * MIB,
    survival: 0.22,
    request_ns: 0.0,
    think_ns: 0.0,
};
const FONT_LOCK: Mutator = Mutator {
    name: "font-lock",
    work_ns: 700.0 * MS,
    rate: 0.10,
    live: 9.0 * MIB,
    survival: 0.04,
    request_ns: 0.0,
    think_ns: 0.0,
};
const EDITOR: Mutator = Mutator {
    name: "editor-session",
    work_ns: 520.0 * MS,
    rate: 0.12,
    live: 16.0 * MIB,
    survival: 0.06,
    request_ns: 3.2 * MS,
    think_ns: 1.6 * MS,
};

const MS_PLAN: Model =
    Model { name: "ms", tax: 1.0, nursery: 0.0, usable: 1.0, trace: 0.55, incremental: false, base: 9.0 * MIB };
const SEMI: Model =
    Model { name: "semi", tax: 0.97, nursery: 0.0, usable: 0.5, trace: 0.62, incremental: false, base: 9.0 * MIB };
const GEN: Model = Model {
    name: "gen",
    tax: 1.03,
    nursery: 4.0 * MIB,
    usable: 0.94,
    trace: 0.55,
    incremental: false,
    base: 10.0 * MIB,
};
const INC: Model = Model {
    name: "inc",
    tax: 1.07,
    nursery: 4.0 * MIB,
    usable: 0.90,
    trace: 0.60,
    incremental: true,
    base: 10.5 * MIB,
};
const EMACS: Model = Model {
    name: "gnu-emacs",
    tax: 1.45,
    nursery: 0.0,
    usable: 1.0,
    trace: 0.80,
    incremental: false,
    base: 41.0 * MIB,
};

fn collectors() -> Session {
    let mut header = header(
        "Five collectors on three workloads",
        "tenure bench splay font-lock editor-session --collectors ms,semi,gen,inc --peer gnu-emacs --heap 48M --invocations 5 --baseline ms --seed 42",
    );
    header.not_measured.push("Native code: all Lisp ran as byte-code.".to_owned());
    let mut session = Session::new(header);
    let mut rng = SplitMix64::new(42);
    for mutator in [SPLAY, FONT_LOCK, EDITOR] {
        for model in [MS_PLAN, SEMI, GEN, INC, EMACS] {
            for invocation in 0..5 {
                let mut run = run(&mutator, &model, 48.0 * MIB, &mut rng);
                run.invocation = invocation;
                if model.name == "inc" && mutator.name == "font-lock" && invocation == 3 {
                    run.outcome = Outcome::WrongResult { expected: "8191".to_owned() };
                    run.result = "8190".to_owned();
                }
                session.invocations.push(run);
            }
        }
    }
    shuffle(&mut session, &mut rng);
    session
}

fn heap_sizes() -> Session {
    let mut session = Session::new(header(
        "Two workloads over the size of the heap",
        "tenure sweep splay font-lock --collectors ms,semi,gen --heap 1x,1.25x,1.5x,2x,3x,4x,6x --invocations 5 --baseline ms --seed 7",
    ));
    let mut rng = SplitMix64::new(7);
    for mutator in [SPLAY, FONT_LOCK] {
        // The smallest heap of the collector that needs least.
        let smallest = mutator.live * 1.3;
        for model in [MS_PLAN, SEMI, GEN] {
            session.min_heaps.push(MinHeap {
                workload: mutator.name.to_owned(),
                scale: "1".to_owned(),
                collector: model.name.to_owned(),
                heap_bytes: Some((smallest / model.usable) as u64),
                failed_bytes: Some((smallest / model.usable * 0.98) as u64),
                probes: 9,
                ..MinHeap::default()
            });
            for factor in ["1", "1.25", "1.5", "2", "3", "4", "6"] {
                for invocation in 0..5 {
                    let heap = smallest * factor.parse::<f64>().expect("a number");
                    let mut run = run(&mutator, &model, heap, &mut rng);
                    run.invocation = invocation;
                    run.options.insert("heap-factor".to_owned(), factor.to_owned());
                    // The sweep keeps totals only.
                    run.pauses = None;
                    run.heap.clear();
                    session.invocations.push(run);
                }
            }
        }
    }
    shuffle(&mut session, &mut rng);
    session
}

fn header(title: &str, command: &str) -> RunHeader {
    RunHeader {
        title: Some(title.to_owned()),
        synthetic: true,
        commit: Some("0000000000000000000000000000000000000000".to_owned()),
        rustc: Some("rustc 1.95.0".to_owned()),
        profile: Some("release".to_owned()),
        command_line: command.split(' ').map(str::to_owned).collect(),
        order: Some("random".to_owned()),
        baseline: Some("ms".to_owned()),
        notes: vec![
            "This session was generated by a model to show what a report looks like; nothing was measured.".to_owned(),
        ],
        host: Host {
            cpu_model: Some("no processor (synthetic)".to_owned()),
            cores: Some(2),
            kernel: Some("none (synthetic)".to_owned()),
            memory_bytes: Some(24 << 30),
            page_bytes: Some(4096),
            thp: Some("madvise".to_owned()),
            ..Host::default()
        },
        options: BTreeMap::from([("gc-cons-percentage".to_owned(), "0.1".to_owned())]),
        ..RunHeader::new("tenure", "0.1.0", 42)
    }
}

/// Gives the invocations a random order, as a session has.
fn shuffle(session: &mut Session, rng: &mut SplitMix64) {
    let runs = &mut session.invocations;
    for last in (1..runs.len()).rev() {
        runs.swap(last, rng.below(last + 1));
    }
    for (order, run) in (0..).zip(runs.iter_mut()) {
        run.order = order;
    }
    session.header.planned_invocations = Some(session.invocations.len() as u64);
}

/// A number around 1, rarely more than `spread` away.
fn noise(rng: &mut SplitMix64, spread: f64) -> f64 {
    let uniform = |rng: &mut SplitMix64| rng.below(1 << 20) as f64 / f64::from(1 << 20);
    1.0 + spread * ((0..4).map(|_| uniform(rng)).sum::<f64>() - 2.0) / 2.0
}

/// The state of a run.
struct Run<'a> {
    mutator: &'a Mutator,
    model: &'a Model,
    heap: f64,
    now: f64,
    worked: f64,
    work: f64,
    /// Bytes in the nursery, and in the rest of the heap.
    young: f64,
    used: f64,
    /// Bytes left to mark by slices; 0 while no such collection is under way.
    to_mark: f64,
    pauses: Vec<Pause>,
    samples: Vec<HeapSample>,
    allocated: f64,
}

const START: u64 = 30_000_000;

fn run(mutator: &Mutator, model: &Model, heap: f64, rng: &mut SplitMix64) -> Invocation {
    let mut options = BTreeMap::from([("gc-cons-threshold".to_owned(), "800000".to_owned())]);
    if model.name != "gnu-emacs" {
        options.insert("heap-size".to_owned(), format!("{}", heap as u64));
    }
    if model.nursery > 0.0 {
        options.insert("nursery-size".to_owned(), "4M".to_owned());
    }
    let mut invocation = Invocation {
        workload: mutator.name.to_owned(),
        scale: "1".to_owned(),
        collector: model.name.to_owned(),
        options,
        start_ns: START,
        ..Invocation::default()
    };
    if mutator.live * 1.25 > heap * model.usable {
        invocation.outcome = Outcome::OutOfMemory;
        invocation.peak_rss_bytes = Some((heap + model.base) as u64);
        return invocation;
    }
    let work = mutator.work_ns * model.tax * noise(rng, 0.03);
    let mut run = Run {
        mutator,
        model,
        heap,
        now: START as f64,
        worked: 0.0,
        work,
        young: 0.0,
        used: mutator.live * 0.4,
        to_mark: 0.0,
        pauses: Vec::new(),
        samples: Vec::new(),
        allocated: 0.0,
    };
    while run.worked < work {
        if mutator.request_ns > 0.0 {
            let start_ns = run.now as u64;
            let length = mutator.request_ns * noise(rng, 0.6);
            run.advance(length * 0.5, rng);
            run.advance(length * 0.5, rng);
            invocation.requests.push(Request { start_ns, end_ns: run.now as u64 });
            run.now += mutator.think_ns * noise(rng, 0.5);
        } else {
            run.advance(0.5 * MS, rng);
        }
    }
    let gc: f64 = run.pauses.iter().map(|pause| pause.pause_ns as f64).sum();
    let wall = run.now - START as f64;
    let peak = run.pauses.iter().filter_map(|pause| pause.bytes_before).max().unwrap_or(0) as f64;
    invocation.wall_ns = Some(wall as u64);
    invocation.user_ns = Some((wall * 0.985 * noise(rng, 0.01)) as u64);
    invocation.sys_ns = Some((wall * 0.012 * noise(rng, 0.2)) as u64);
    invocation.gc_ns = Some(gc as u64);
    invocation.gc_count = Some(run.pauses.len() as u64);
    invocation.allocated_bytes = Some(run.allocated as u64);
    invocation.peak_rss_bytes = Some(((peak.max(heap * 0.6) / model.usable + model.base) * noise(rng, 0.02)) as u64);
    invocation.heap_after_bytes = Some((mutator.live * 0.9) as u64);
    invocation.result = "8191".to_owned();
    invocation.pauses = Some(run.pauses);
    if mutator.name == "font-lock" {
        invocation.heap = run.samples;
    }
    invocation
}

impl Run<'_> {
    /// Lets the mutator work, and collects where the collector would.
    fn advance(&mut self, work: f64, rng: &mut SplitMix64) {
        self.now += work;
        self.worked += work;
        let bytes = self.mutator.rate / self.model.tax * work * noise(rng, 0.3);
        self.allocated += bytes;
        if self.model.nursery > 0.0 {
            self.young += bytes;
        } else {
            self.used += bytes;
        }
        self.sample();
        self.collect(rng);
    }

    fn collect(&mut self, rng: &mut SplitMix64) {
        let live = self.live();
        if self.model.nursery > 0.0 && self.young >= self.model.nursery {
            self.minor(rng);
        }
        if self.to_mark > 0.0 {
            // A slice every half millisecond of work at most, as long as it takes to mark 768 KiB.
            let slice = self.to_mark.min(0.75 * MIB);
            self.to_mark -= slice;
            let last = self.to_mark <= 0.0;
            let kind = if last { PauseKind::Final } else { PauseKind::Increment };
            let freed = if last { self.used.max(live) - live } else { 0.0 };
            self.pause(kind, PauseCause::HeapFull, &[("mark", slice * self.model.trace)], freed, rng);
            return;
        }
        if self.model.name == "gnu-emacs" {
            if self.used > live * 1.35 {
                let freed = self.used - live;
                let work = [("mark", 5.5 * MS + live * 0.12), ("sweep", self.used * 0.06)];
                self.pause(PauseKind::Major, PauseCause::Percentage, &work, freed, rng);
            }
        } else if self.used + self.young >= self.heap * self.model.usable * 0.98 {
            if self.model.incremental {
                self.to_mark = live;
                self.pause(PauseKind::Initial, PauseCause::HeapFull, &[("roots", 0.05 * MS)], 0.0, rng);
            } else {
                let phase = if self.model.usable <= 0.5 { "copy" } else { "mark" };
                let work = [("roots", 0.06 * MS), (phase, live * self.model.trace), ("weak", 0.2 * MS)];
                let freed = (self.used - live).max(0.0);
                self.pause(PauseKind::Major, PauseCause::HeapFull, &work, freed, rng);
            }
        }
    }

    fn minor(&mut self, rng: &mut SplitMix64) {
        let copied = self.young * self.mutator.survival * noise(rng, 0.7);
        let work = [("roots", 0.02 * MS), ("remembered", 0.01 * MS), ("copy", copied * 0.9)];
        let freed = self.young - copied;
        self.pause(PauseKind::Minor, PauseCause::NurseryFull, &work, freed, rng);
        self.used += copied;
        self.young = 0.0;
        if let Some(pause) = self.pauses.last_mut() {
            pause.bytes_copied = Some(copied as u64);
        }
    }

    fn pause(&mut self, kind: PauseKind, cause: PauseCause, work: &[(&str, f64)], freed: f64, rng: &mut SplitMix64) {
        let before = self.used + self.young;
        let phases: BTreeMap<String, u64> =
            work.iter().map(|(phase, ns)| ((*phase).to_owned(), (ns * noise(rng, 0.15)) as u64)).collect();
        let pause_ns = phases.values().sum::<u64>() + 4_000 + rng.below(3_000) as u64;
        let after = before - freed;
        self.pauses.push(Pause {
            phases,
            bytes_before: Some(before as u64),
            bytes_after: Some(after as u64),
            ..Pause::new(self.now as u64, pause_ns, kind.clone(), cause)
        });
        if kind != PauseKind::Minor {
            self.used -= freed;
        }
        self.now = (self.now as u64 + pause_ns) as f64;
        self.sample();
    }

    /// What is live now: it grows to the middle of the run, and falls a little after it.
    fn live(&self) -> f64 {
        let done = (self.worked / self.work).min(1.0);
        let shape = if done < 0.5 { 0.4 + 1.2 * done } else { 1.0 - 0.2 * (done - 0.5) };
        self.mutator.live * shape
    }

    fn sample(&mut self) {
        const APART: u64 = 12_000_000;
        let at_ns = self.now as u64;
        if self.samples.last().is_none_or(|last| at_ns >= last.at_ns + APART) {
            let used_bytes = (self.used + self.young) as u64;
            let held = self.samples.last().and_then(|last| last.committed_bytes).unwrap_or(16 << 20);
            let committed = (used_bytes.div_ceil(4 << 20) * (4 << 20)).max(held);
            self.samples.push(HeapSample { at_ns, used_bytes, committed_bytes: Some(committed) });
        }
    }
}
