//! `tenure bench`: trials, a plan, the processes in their order, and a report.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tenure_record::{Invocation, MinHeap, Outcome, RunHeader, Session};

use crate::budget::{self, Candidate, ROUNDS, Trial};
use crate::measure::{self, Bench};
use crate::min_heap::{self, Range};
use crate::plan::{Configuration, Job, Plan, Scaled};
use crate::progress::Progress;
use crate::store::{self, Store};
use crate::workload::Workload;
use crate::{environment, plan};

/// How a session may exceed its budget before it stops between two processes.
const GRACE: f64 = 1.15;

/// A trial that is thought to take longer in the workload isn't made.
const LONGEST_TRIAL: Duration = Duration::from_secs(1);

/// The scale of a session's workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// What the budget allows.
    Auto,
    /// Each workload's own.
    Default,
    /// The same number for all.
    Fixed(u64),
}

/// What the user asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The workloads.
    pub workloads: Vec<Workload>,
    /// The configurations, peers included.
    pub configurations: Vec<Configuration>,
    /// Invocations of each pair; `None` for what the budget allows.
    pub invocations: Option<u32>,
    /// The scale.
    pub scale: Scale,
    /// The range in which smallest heaps are searched, where a configuration has a factor.
    pub range: Range,
    /// What the session may take.
    pub budget: Duration,
    /// What a process may take.
    pub timeout: Duration,
    /// The seed of the order.
    pub seed: u64,
    /// The directory of the session.
    pub directory: PathBuf,
    /// GNU Emacs, where it takes part.
    pub emacs: Option<PathBuf>,
}

/// Runs a new session; gives its directory's page.
///
/// # Errors
///
/// If processes can't be started, or files can't be written.
pub fn run(request: &Request) -> anyhow::Result<PathBuf> {
    let clock = Instant::now();
    anyhow::ensure!(
        !request.directory.join(store::SESSION).exists(),
        "{} has a session: expected a directory without one (or --resume to continue it)",
        request.directory.display()
    );
    let bench = prepare(&request.directory, &request.workloads, request.emacs.as_deref(), request.timeout)?;
    let (mut plan, expected) = make_plan(request, &bench, clock)?;
    let searching = Instant::now();
    let min_heaps = search(&bench, &plan, request.range)?;
    let searched = searching.elapsed();
    plan.smallest = smallest(&min_heaps);
    let header = describe(request, &plan)?;
    let mut store = Store::create(&request.directory, &header, &plan)?;
    for min_heap in &min_heaps {
        store.append_min_heap(min_heap)?;
    }
    let jobs = plan.jobs();
    let about = if expected.is_zero() { String::new() } else { format!(", about {} s", expected.as_secs()) };
    eprintln!(
        "{} ({}, {}, {} each){about}; records in {}",
        plural(jobs.len(), "process", "processes"),
        plural(plan.workloads.len(), "workload", "workloads"),
        plural(plan.configurations.len(), "configuration", "configurations"),
        plural(plan.invocations as usize, "invocation", "invocations"),
        request.directory.join(store::SESSION).display()
    );
    let deadline = request.invocations.is_none().then(|| clock + searched + request.budget.mul_f64(GRACE));
    let means = Means::new(&plan, expected);
    execute(&bench, &plan, &jobs, &[], &mut store, means, deadline)?;
    finish(&request.directory)
}

/// Continues a session that was interrupted; gives its page.
///
/// # Errors
///
/// As [`run`], and if there is no session.
pub fn resume(directory: &Path) -> anyhow::Result<PathBuf> {
    let mut header = environment::header(0);
    let recorded = store::read(directory)?;
    header.seed = recorded.header.seed;
    let emacs = recorded.header.options.get("emacs").map(PathBuf::from);
    let (mut store, plan, session) = Store::resume(directory, &header)?;
    let left = store::left(&plan, &session);
    eprintln!("{} of {} processes are left", left.len(), plan.jobs().len());
    let bench = bench(directory, emacs, Duration::from_millis(plan.timeout_ms))?;
    let spent: u64 = session.invocations.iter().filter_map(|record| record.wall_ns).sum();
    let mean = Duration::from_nanos(spent / (session.invocations.len() as u64).max(1));
    let means = Means::new(&plan, mean * u32::try_from(plan.jobs().len()).unwrap_or(u32::MAX));
    execute(&bench, &plan, &left, &session.invocations, &mut store, means, None)?;
    finish(directory)
}

fn plural(count: usize, one: &str, more: &str) -> String {
    if count == 1 { format!("one {one}") } else { format!("{count} {more}") }
}

/// Draws a session's report beside it.
fn finish(directory: &Path) -> anyhow::Result<PathBuf> {
    let session = store::read(directory)?;
    write_report(&session, directory)
}

/// Draws a report into a directory; gives its page.
///
/// # Errors
///
/// If a file can't be written.
pub fn write_report(session: &Session, directory: &Path) -> anyhow::Result<PathBuf> {
    let report = tenure_reports::render(session);
    tenure_reports::write_report(&report, directory)?;
    Ok(directory.join(tenure_reports::report::PAGE))
}

fn bench(directory: &Path, emacs: Option<PathBuf>, timeout: Duration) -> anyhow::Result<Bench> {
    // Processes run elsewhere than this one, so their files need absolute names.
    let directory = std::path::absolute(directory)?;
    let scratch = directory.join("scratch");
    std::fs::create_dir_all(&scratch).with_context(|| scratch.display().to_string())?;
    let tenure = std::env::current_exe().context("the path of this binary")?;
    Ok(Bench { tenure, emacs, programs: directory.join("workloads"), scratch, timeout })
}

/// Writes the programs of a session, byte-compiled too where GNU Emacs takes part.
///
/// # Errors
///
/// If they can't be written or compiled.
pub fn prepare(
    directory: &Path,
    workloads: &[Workload],
    emacs: Option<&Path>,
    timeout: Duration,
) -> anyhow::Result<Bench> {
    let bench = bench(directory, emacs.map(Path::to_owned), timeout)?;
    std::fs::create_dir_all(&bench.programs).with_context(|| bench.programs.display().to_string())?;
    for workload in workloads {
        let path = bench.programs.join(format!("{}.el", workload.name));
        std::fs::write(&path, workload.source.as_bytes()).with_context(|| path.display().to_string())?;
    }
    if let Some(emacs) = emacs {
        let names: Vec<&str> = workloads.iter().map(|workload| workload.name.as_str()).collect();
        measure::compile_for_peer(emacs, &bench.programs, &names)?;
    }
    Ok(bench)
}

/// Chooses scales and the number of invocations; gives what all of it is thought to take as well.
fn make_plan(request: &Request, bench: &Bench, clock: Instant) -> anyhow::Result<(Plan, Duration)> {
    let mut candidates = Vec::new();
    let fixed = request.invocations.is_some() && request.scale != Scale::Auto;
    if !fixed {
        eprintln!("short trials of each workload, to choose how large and how often ...");
    }
    for workload in &request.workloads {
        let scales = match request.scale {
            Scale::Auto => workload.candidate_scales(),
            Scale::Default => vec![workload.default_scale],
            Scale::Fixed(scale) => vec![scale],
        };
        let trials = if fixed { Vec::new() } else { trials(request, bench, workload)? };
        candidates.push(Candidate { scales, trials });
    }
    let left = request.budget.saturating_sub(clock.elapsed());
    let choice = budget::choose(&candidates, left, request.invocations);
    let scaled = request.workloads.iter().zip(choice.scales);
    let plan = Plan {
        workloads: scaled.map(|(workload, scale)| Scaled { name: workload.name.clone(), scale }).collect(),
        configurations: request.configurations.clone(),
        invocations: choice.invocations,
        seed: request.seed,
        timeout_ms: u64::try_from(request.timeout.as_millis()).unwrap_or(u64::MAX),
        smallest: BTreeMap::new(),
    };
    Ok((plan, choice.estimate))
}

/// Runs a workload at small scales here and in the peer, if both take part.
/// A collector that frees stands for all of ours, since one that doesn't is the fastest.
fn trials(request: &Request, bench: &Bench, workload: &Workload) -> anyhow::Result<Vec<Trial>> {
    let (peers, own): (Vec<_>, Vec<_>) =
        request.configurations.iter().partition(|configuration| configuration.is_peer());
    let collects = |configuration: &&&Configuration| {
        tenure_gc::PLANS.iter().any(|plan| plan.name == configuration.collector && plan.collects)
    };
    let mut trials = Vec::new();
    for group in [own, peers] {
        let Some(configuration) = group.iter().find(collects).or(group.first()) else { continue };
        let configurations = u32::try_from(group.len()).unwrap_or(u32::MAX);
        let mut last: Option<Trial> = None;
        for scale in workload.trial_scales() {
            if last.is_some_and(|trial| trial.region(scale) > LONGEST_TRIAL) {
                break;
            }
            let scaled = Scaled { name: workload.name.clone(), scale };
            let (record, process) = bench.run(&scaled, configuration)?;
            let region = record.wall_ns.map_or(Duration::ZERO, Duration::from_nanos);
            last = Some(Trial { scale, region, process, configurations });
        }
        trials.extend(last);
    }
    Ok(trials)
}

/// Finds the smallest heaps of all workloads under all collectors, if a configuration has a factor.
fn search(bench: &Bench, plan: &Plan, range: Range) -> anyhow::Result<Vec<MinHeap>> {
    let mut found = Vec::new();
    let with_factor = plan.configurations.iter().filter(|configuration| configuration.heap_factor.is_some());
    let mut configurations: Vec<Configuration> = with_factor.cloned().collect();
    for configuration in &mut configurations {
        configuration.heap_factor = None;
    }
    configurations.dedup();
    if !configurations.is_empty() {
        eprintln!("searching the smallest heap of each workload under each collector, some ten processes each ...");
    }
    for workload in &plan.workloads {
        for configuration in &configurations {
            let min_heap = min_heap::find(bench, workload, configuration, range)?;
            let size = min_heap.heap_bytes.map_or_else(
                || format!("none up to {} MiB", range.high >> 20),
                |bytes| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
            );
            eprintln!("smallest heap of {} under {}: {size}", workload.name, configuration.label());
            found.push(min_heap);
        }
    }
    Ok(found)
}

/// The smallest over all collectors, by workload: all get the same sizes.
fn smallest(min_heaps: &[MinHeap]) -> BTreeMap<String, u64> {
    let mut smallest = BTreeMap::new();
    for min_heap in min_heaps {
        if let Some(bytes) = min_heap.heap_bytes {
            let least = smallest.entry(min_heap.workload.clone()).or_insert(bytes);
            *least = bytes.min(*least);
        }
    }
    smallest
}

fn describe(request: &Request, plan: &Plan) -> anyhow::Result<RunHeader> {
    let mut header = environment::header(request.seed);
    header.title = Some(format!(
        "{} on {}",
        plural(plan.configurations.len(), "configuration", "configurations"),
        plural(plan.workloads.len(), "workload", "workloads")
    ));
    header.order = Some("random".to_owned());
    header.planned_invocations = Some(plan.jobs().len() as u64);
    let baseline = tenure_gc::PLANS[tenure_gc::DEFAULT_PLAN].name;
    if plan.configurations.iter().any(|configuration| configuration.collector == baseline) {
        header.baseline = Some(baseline.to_owned());
    }
    header.options.insert("timeout".to_owned(), humantime::format_duration(request.timeout).to_string());
    header.notes.push(match request.scale {
        Scale::Auto => format!(
            "Scales were chosen from short trials of each workload, so that the session takes about {}; the result at a scale that a workload does not check was compared with the first one of the session.",
            humantime::format_duration(request.budget)
        ),
        Scale::Default => "Workloads ran at their default scales.".to_owned(),
        Scale::Fixed(scale) => format!("Workloads ran at scale {scale}."),
    });
    header.notes.push(
        "Wall time is that of the workload alone; processor time and peak memory are those of the whole process, start and loading included.".to_owned(),
    );
    if let Some(emacs) = &request.emacs {
        header.host.emacs = Some(measure::version(emacs)?);
        header.options.insert("emacs".to_owned(), emacs.display().to_string());
        header.notes.push(
            "GNU Emacs ran with --batch -Q and loaded the workload alone, byte-compiled by itself in another process; each of its collections marks its dumped image too. tenure loaded the same workload from its source.".to_owned(),
        );
        header.not_measured.push("Native code: GNU Emacs ran byte-code.".to_owned());
    }
    Ok(header)
}

/// Runs jobs one after the other, so that no measurement disturbs another.
fn execute(
    bench: &Bench,
    plan: &Plan,
    jobs: &[Job],
    done: &[Invocation],
    store: &mut Store,
    mut means: Means,
    deadline: Option<Instant>,
) -> anyhow::Result<()> {
    let mut results = Results::default();
    for record in done {
        results.check(&mut record.clone());
    }
    let mut progress = Progress::new(jobs.len() as u64);
    for (index, job) in jobs.iter().enumerate() {
        if job.invocation >= *ROUNDS.start() && deadline.is_some_and(|deadline| Instant::now() > deadline) {
            eprintln!("the time budget is used up: {} of {} processes are left out", jobs.len() - index, jobs.len());
            break;
        }
        let workload = &plan.workloads[job.workload];
        let configuration =
            plan.configurations[job.configuration].for_smallest(plan.smallest.get(&workload.name).copied());
        let (mut record, process) = bench.run(workload, &configuration)?;
        record.order = job.order;
        record.invocation = job.invocation;
        results.check(&mut record);
        store.append(&record)?;
        means.add(job, process);
        progress.finished(&configuration.label(), &record, means.sum(&jobs[index + 1..]));
    }
    progress.end();
    drop(std::fs::remove_dir_all(&bench.scratch));
    Ok(())
}

/// The first good result of each workload at each scale; all others must be the same.
#[derive(Debug, Default)]
struct Results(BTreeMap<(String, String), String>);

impl Results {
    fn check(&mut self, record: &mut Invocation) {
        if !record.outcome.is_ok() {
            return;
        }
        let key = (record.workload.clone(), record.scale.clone());
        let first = self.0.entry(key).or_insert_with(|| record.result.clone());
        if *first != record.result {
            record.outcome = Outcome::WrongResult { expected: first.clone() };
        }
    }
}

/// How long the processes of each pair took, to say how long the rest will.
#[derive(Debug)]
struct Means {
    guess: Duration,
    known: BTreeMap<(usize, usize), (Duration, u32)>,
}

impl Means {
    fn new(plan: &Plan, total: Duration) -> Self {
        let jobs = u32::try_from(plan.jobs().len()).unwrap_or(u32::MAX).max(1);
        Self { guess: total / jobs, known: BTreeMap::new() }
    }

    fn add(&mut self, job: &Job, process: Duration) {
        let (sum, count) = self.known.entry((job.workload, job.configuration)).or_default();
        *sum += process;
        *count += 1;
    }

    fn sum(&self, jobs: &[Job]) -> Duration {
        let one = |job: &Job| match self.known.get(&(job.workload, job.configuration)) {
            Some((sum, count)) => *sum / *count,
            None => self.guess,
        };
        jobs.iter().map(one).sum()
    }
}

/// Lists of values to make configurations of.
#[derive(Clone, Debug, Default)]
pub struct Lists {
    /// Collectors.
    pub collectors: Vec<String>,
    /// Values of options of the heap.
    pub heap: BTreeMap<String, Vec<String>>,
    /// Multiples of the smallest heap.
    pub factors: Vec<String>,
    /// Values of Lisp variables.
    pub variables: BTreeMap<String, Vec<String>>,
    /// How source files run; the default if there is none.
    pub eval_modes: Vec<String>,
}

impl Lists {
    /// Every collector with every combination of the values, and the peer with those of the variables.
    ///
    /// A collector that never frees has no smallest heap, so it runs without factors.
    #[must_use]
    pub fn configurations(&self, peer: bool) -> Vec<Configuration> {
        let heaps = combinations(&self.heap);
        let variable_sets = combinations(&self.variables);
        let modes: Vec<Option<String>> = match &self.eval_modes[..] {
            [] => vec![None],
            modes => modes.iter().cloned().map(Some).collect(),
        };
        let mut all = Vec::new();
        for collector in &self.collectors {
            let collects = tenure_gc::PLANS.iter().any(|plan| plan.name == collector && plan.collects);
            let factors: Vec<Option<String>> = match &self.factors[..] {
                factors if collects && !factors.is_empty() => factors.iter().cloned().map(Some).collect(),
                _ => vec![None],
            };
            for heap in &heaps {
                for variables in &variable_sets {
                    for heap_factor in &factors {
                        all.extend(modes.iter().map(|eval_mode| Configuration {
                            collector: collector.clone(),
                            heap: heap.clone(),
                            variables: variables.clone(),
                            heap_factor: heap_factor.clone(),
                            eval_mode: eval_mode.clone(),
                        }));
                    }
                }
            }
        }
        if peer {
            let threshold = |value: &str| BTreeMap::from([("gc-cons-threshold".to_owned(), value.to_owned())]);
            let sets = if self.variables.is_empty() { PEER_THRESHOLDS.map(threshold).into() } else { variable_sets };
            all.extend(sets.into_iter().map(|variables| Configuration {
                collector: plan::PEER.to_owned(),
                heap: BTreeMap::new(),
                variables,
                heap_factor: None,
                eval_mode: None,
            }));
        }
        all
    }
}

/// The thresholds of the peer where the user names none: Emacs's default, and one at which the cost of marking its image hardly counts.
const PEER_THRESHOLDS: [&str; 2] = ["800000", "67108864"];

fn combinations(lists: &BTreeMap<String, Vec<String>>) -> Vec<BTreeMap<String, String>> {
    let mut all = vec![BTreeMap::new()];
    for (name, values) in lists {
        let extend = |set: BTreeMap<String, String>| {
            values.iter().map(move |value| {
                let mut set = set.clone();
                set.insert(name.clone(), value.clone());
                set
            })
        };
        all = all.into_iter().flat_map(extend).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(pairs: &[(&str, &[&str])]) -> BTreeMap<String, Vec<String>> {
        pairs
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(|value| (*value).to_owned()).collect()))
            .collect()
    }

    #[test]
    fn every_combination_once() {
        let all = Lists {
            collectors: vec!["a".to_owned(), "b".to_owned()],
            heap: lists(&[("heap-size", &["8M", "16M"])]),
            factors: Vec::new(),
            variables: lists(&[("gc-cons-threshold", &["1", "2", "3"])]),
            eval_modes: Vec::new(),
        };
        let all = all.configurations(true);
        let labels: Vec<String> = all.iter().map(Configuration::label).collect();
        assert_eq!(all.len(), 2 * 2 * 3 + 3);
        assert_eq!(labels[1], "a heap-size=8M gc-cons-threshold=2");
        assert_eq!(labels[12], "gnu-emacs gc-cons-threshold=1");
    }

    #[test]
    fn the_peer_has_its_own_thresholds() {
        let all = Lists::default().configurations(true);
        let labels: Vec<String> = all.iter().map(Configuration::label).collect();
        assert_eq!(labels, ["gnu-emacs gc-cons-threshold=800000", "gnu-emacs gc-cons-threshold=67108864"]);
    }

    #[test]
    fn factors_are_for_collectors_that_free() {
        let all = Lists {
            collectors: vec!["no-gc".to_owned(), "semispace".to_owned()],
            factors: vec!["1.5".to_owned(), "2".to_owned()],
            ..Lists::default()
        };
        let labels: Vec<String> = all.configurations(false).iter().map(Configuration::label).collect();
        assert_eq!(labels, ["no-gc", "semispace 1.5x", "semispace 2x"]);
    }

    #[test]
    fn the_smallest_over_all_collectors_counts() {
        let found = |collector: &str, heap_bytes| MinHeap {
            workload: "a".to_owned(),
            collector: collector.to_owned(),
            heap_bytes,
            ..MinHeap::default()
        };
        let all = [found("x", Some(7)), found("y", Some(5)), found("z", None)];
        assert_eq!(smallest(&all), BTreeMap::from([("a".to_owned(), 5)]));
    }

    #[test]
    fn another_result_than_the_first_is_wrong() {
        let mut results = Results::default();
        let mut record = Invocation { result: "1".to_owned(), ..Invocation::default() };
        results.check(&mut record);
        assert!(record.outcome.is_ok());
        record.result = "2".to_owned();
        results.check(&mut record);
        assert_eq!(record.outcome, Outcome::WrongResult { expected: "1".to_owned() });
    }
}
