//! A session as a table: workloads down, configurations across, the invocations of each pair in its cell.
//!
//! A configuration is a collector together with those options that the experiment varied.
//! An option was varied if some workload ran under one collector with two values of it; what differs only between collectors, or only between workloads, is a consequence of the choice and stays out of the name.
//! So in a sweep over `heap-factor`, `heap-size` follows from the factor and the workload's smallest heap, and only the factor is in the name.
//!
//! Everything is in one order, whatever the order of the records: the baseline's collector first, the others by name, GNU Emacs last, and option values by size.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use tenure_record::{Invocation, Session};

use crate::metric::Metric;
use crate::stats::bootstrap::{self, Estimate};
use crate::stats::mean::mean;
use crate::stats::rng::SplitMix64;

/// How many configurations a figure draws; more can't be told apart.
pub const MAX_SHOWN: usize = 8;

/// A workload at a scale.
#[derive(Clone, Debug)]
pub struct Workload {
    /// Its name in the records.
    pub name: String,
    /// Its scale in the records.
    pub scale: String,
    /// Its name on a page: with the scale, where the session has several.
    pub label: String,
}

/// A collector and the values of the options that were varied.
#[derive(Clone, Debug)]
pub struct Config {
    /// The collector's name in the records.
    pub collector: String,
    /// The varied options.
    pub options: BTreeMap<String, String>,
    /// Its name on a page.
    pub label: String,
}

impl Config {
    /// Whether this is another runtime, whose mutator can't be compared with ours as collectors are.
    #[must_use]
    pub fn is_peer(&self) -> bool {
        is_peer(&self.collector)
    }
}

/// The invocations of one workload under one configuration.
#[derive(Clone, Debug, Default)]
pub struct Cell<'a> {
    /// All of them, by number.
    pub runs: Vec<&'a Invocation>,
}

impl<'a> Cell<'a> {
    /// Those that finished with the right result.
    pub fn ok(&self) -> impl Iterator<Item = &'a Invocation> + Clone {
        self.runs.iter().copied().filter(|run| run.outcome.is_ok())
    }

    /// The values of a metric; of a failed invocation none.
    #[must_use]
    pub fn values(&self, metric: Metric) -> Vec<f64> {
        self.ok().filter_map(metric.of).collect()
    }

    /// How many invocations failed, by the words for how.
    #[must_use]
    pub fn failures(&self) -> BTreeMap<&'static str, usize> {
        let mut failures = BTreeMap::new();
        for run in self.runs.iter().filter(|run| !run.outcome.is_ok()) {
            *failures.entry(run.outcome.label()).or_insert(0) += 1;
        }
        failures
    }

    /// The invocation whose total time is the median (the lower one of two); the one that a timeline shows.
    pub fn typical(&self) -> Option<&'a Invocation> {
        let mut runs: Vec<&Invocation> = self.ok().collect();
        runs.sort_by_key(|run| (run.wall_ns, run.invocation, run.order));
        let middle = runs.len().checked_sub(1)? / 2;
        Some(runs[middle])
    }
}

/// The session as a table.
#[derive(Clone, Debug)]
pub struct Matrix<'a> {
    /// The records.
    pub session: &'a Session,
    /// The rows.
    pub workloads: Vec<Workload>,
    /// The columns.
    pub configs: Vec<Config>,
    /// The column that the others are compared with; `None` of a session without invocations.
    pub baseline: Option<usize>,
    /// Whether the session names that baseline.
    pub baseline_was_named: bool,
    /// The columns that figures draw, at most [`MAX_SHOWN`].
    pub shown: Vec<usize>,
    /// The options that were varied.
    pub varied: Vec<String>,
    cells: BTreeMap<(usize, usize), Cell<'a>>,
}

impl<'a> Matrix<'a> {
    /// Sorts the records of a session into a table.
    #[must_use]
    pub fn new(session: &'a Session) -> Self {
        let workloads = workloads(session);
        let varied = varied(session);
        let named = session.header.baseline.as_deref();
        let mut configs: Vec<Config> = Vec::new();
        for run in &session.invocations {
            if !configs.iter().any(|config| names(config, run, &varied)) {
                configs.push(config(run, &varied));
            }
        }
        let first = baseline_collector(&configs, named);
        configs.sort_by(|a, b| compare_configs(a, b, first.as_deref()));
        let baseline = named
            .and_then(|named| configs.iter().position(|config| config.label == named))
            .or_else(|| configs.iter().position(|config| Some(&config.collector) == first.as_ref()));
        let baseline_was_named = baseline.is_some_and(|index| {
            Some(configs[index].label.as_str()) == named || Some(configs[index].collector.as_str()) == named
        });
        let mut cells: BTreeMap<(usize, usize), Cell<'a>> = BTreeMap::new();
        for run in &session.invocations {
            let row = workloads.iter().position(|w| w.name == run.workload && w.scale == run.scale);
            let column = configs.iter().position(|config| names(config, run, &varied));
            if let (Some(row), Some(column)) = (row, column) {
                cells.entry((row, column)).or_default().runs.push(run);
            }
        }
        for cell in cells.values_mut() {
            cell.runs.sort_by_key(|run| (run.invocation, run.order));
        }
        let shown = shown(&configs);
        Self { session, workloads, configs, baseline, baseline_was_named, shown, varied, cells }
    }

    /// The invocations of a workload under a configuration; none where that pair didn't run.
    #[must_use]
    pub fn cell(&self, workload: usize, config: usize) -> Option<&Cell<'a>> {
        self.cells.get(&(workload, config))
    }

    /// The column that `config` is compared with: the baseline itself, or in a sweep the baseline's collector with the same options.
    #[must_use]
    pub fn baseline_of(&self, config: usize) -> Option<usize> {
        let baseline = self.baseline?;
        let one_point = self.session.header.baseline.as_deref() == Some(self.configs[baseline].label.as_str())
            && !self.configs[baseline].options.is_empty();
        if one_point {
            return Some(baseline);
        }
        let collector = &self.configs[baseline].collector;
        let options = &self.configs[config].options;
        let same = |other: &Config| &other.collector == collector && &other.options == options;
        self.configs.iter().position(same).or(Some(baseline))
    }

    /// Whether `config` is what others are compared with.
    #[must_use]
    pub fn is_baseline(&self, config: usize) -> bool {
        self.baseline_of(config) == Some(config)
    }

    /// The baseline in words: in a sweep it has the options of what is compared with it.
    #[must_use]
    pub fn baseline_name(&self) -> String {
        let Some(baseline) = self.baseline else { return "nothing".to_owned() };
        let several = (0..self.configs.len()).filter(|&config| self.is_baseline(config)).count() > 1;
        if several {
            format!("{} at the same options", self.configs[baseline].collector)
        } else {
            self.configs[baseline].label.clone()
        }
    }

    /// The mean of a metric over a cell's invocations.
    #[must_use]
    pub fn mean(&self, workload: usize, config: usize, metric: Metric) -> Option<Estimate> {
        let values = self.cell(workload, config)?.values(metric);
        bootstrap::mean_estimate(&values, &mut self.rng(workload, config))
    }

    /// Means of a metric over a cell's invocations, drawn again and again.
    ///
    /// The draws depend on the names of the cell alone, so the same invocations are drawn for each metric, and a difference of two metrics may be taken replicate by replicate.
    #[must_use]
    pub fn replicates(&self, workload: usize, config: usize, metric: Metric) -> Option<Vec<f64>> {
        let values = self.cell(workload, config)?.values(metric);
        let of = |values: &[f64]| mean(values).unwrap_or(f64::NAN);
        let replicates = bootstrap::replicates(&values, bootstrap::RESAMPLES, &mut self.rng(workload, config), of);
        (!replicates.is_empty()).then_some(replicates)
    }

    /// The colour and dash of a column, where figures draw it.
    #[must_use]
    pub fn slot(&self, config: usize) -> usize {
        self.shown
            .iter()
            .position(|&shown| shown == config)
            .or_else(|| {
                let collector = &self.configs[config].collector;
                self.shown.iter().position(|&shown| &self.configs[shown].collector == collector)
            })
            .unwrap_or(config % MAX_SHOWN)
    }

    /// The fewest and the most invocations of a cell of this workload.
    #[must_use]
    pub fn invocations(&self, workload: usize) -> Option<(usize, usize)> {
        let counts = || {
            let row = self.cells.range((workload, 0)..(workload + 1, 0));
            row.map(|(_, cell)| cell.runs.len())
        };
        Some((counts().min()?, counts().max()?))
    }

    fn rng(&self, workload: usize, config: usize) -> SplitMix64 {
        let names = [self.workloads[workload].label.as_str(), self.configs[config].label.as_str()];
        SplitMix64::named(bootstrap::SEED, &names)
    }
}

/// A number with an optional suffix for its size, as options have them: `0.1`, `800000`, `64M`, `1.5x`.
#[must_use]
pub fn option_number(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: f64 = digits.parse().ok()?;
    let factor = match text[digits.len()..].to_ascii_lowercase().as_str() {
        "" | "x" | "b" => 1.0,
        "k" | "kb" | "kib" => 1024.0,
        "m" | "mb" | "mib" => 1024.0 * 1024.0,
        "g" | "gb" | "gib" => 1024.0 * 1024.0 * 1024.0,
        _ => return None,
    };
    number.is_finite().then_some(number * factor)
}

fn is_peer(collector: &str) -> bool {
    collector.starts_with("gnu-emacs")
}

fn workloads(session: &Session) -> Vec<Workload> {
    let mut scales: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for run in &session.invocations {
        scales.entry(&run.workload).or_default().insert(&run.scale);
    }
    let mut workloads = Vec::new();
    for (name, scales) in scales {
        let mut scales: Vec<&str> = scales.into_iter().collect();
        scales.sort_by(|a, b| compare_values(a, b));
        let several = scales.len() > 1;
        for scale in scales {
            let label = if several { format!("{name} (scale {scale})") } else { name.to_owned() };
            workloads.push(Workload { name: name.to_owned(), scale: scale.to_owned(), label });
        }
    }
    workloads
}

/// The names of the options that were varied, in order.
fn varied(session: &Session) -> Vec<String> {
    type Values<'a> = BTreeMap<&'a str, BTreeSet<Option<&'a str>>>;
    let keys: BTreeSet<&str> =
        session.invocations.iter().flat_map(|run| run.options.keys().map(String::as_str)).collect();
    let mut groups: BTreeMap<(&str, &str, &str), Values<'_>> = BTreeMap::new();
    for run in &session.invocations {
        let values = groups.entry((&run.workload, &run.scale, &run.collector)).or_default();
        for &key in &keys {
            values.entry(key).or_default().insert(run.options.get(key).map(String::as_str));
        }
    }
    let mut varied: BTreeSet<&str> = BTreeSet::new();
    for values in groups.values() {
        varied.extend(values.iter().filter(|(_, values)| values.len() > 1).map(|(key, _)| *key));
    }
    if varied.contains("heap-factor") {
        varied.remove("heap-size");
    }
    varied.into_iter().map(str::to_owned).collect()
}

fn config(run: &Invocation, varied: &[String]) -> Config {
    let options: BTreeMap<String, String> =
        varied.iter().filter_map(|key| Some((key.clone(), run.options.get(key)?.clone()))).collect();
    let mut label = run.collector.clone();
    for (key, value) in &options {
        label.push_str(&format!(" · {key} {value}"));
    }
    Config { collector: run.collector.clone(), options, label }
}

fn names(config: &Config, run: &Invocation, varied: &[String]) -> bool {
    config.collector == run.collector && varied.iter().all(|key| config.options.get(key) == run.options.get(key))
}

/// The collector that others are compared with: the named one, or else the first of our own.
fn baseline_collector(configs: &[Config], named: Option<&str>) -> Option<String> {
    let by_name = |config: &&Config| Some(config.label.as_str()) == named || Some(config.collector.as_str()) == named;
    let first = configs.iter().min_by(|a, b| compare_configs(a, b, None));
    configs.iter().find(by_name).or(first).map(|config| config.collector.clone())
}

fn compare_configs(a: &Config, b: &Config, first: Option<&str>) -> Ordering {
    let class = |config: &Config| (Some(config.collector.as_str()) != first, config.is_peer());
    let by_options = || {
        let values = a.options.iter().zip(&b.options);
        let mut orders = values.map(|((ka, va), (kb, vb))| ka.cmp(kb).then_with(|| compare_values(va, vb)));
        orders.find(|order| order.is_ne()).unwrap_or_else(|| a.options.len().cmp(&b.options.len()))
    };
    class(a).cmp(&class(b)).then_with(|| a.collector.cmp(&b.collector)).then_with(by_options)
}

/// Numbers by size, before words, which are in the order of the alphabet.
fn compare_values(a: &str, b: &str) -> Ordering {
    match (option_number(a), option_number(b)) {
        (Some(x), Some(y)) => x.total_cmp(&y).then_with(|| a.cmp(b)),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => a.cmp(b),
    }
}

/// The columns to draw: all of them if they are few, or else one for each collector.
///
/// In a sweep over the heap's size that one is at the factor nearest to 2, where collectors differ and all run; in another, in the middle.
fn shown(configs: &[Config]) -> Vec<usize> {
    if configs.len() <= MAX_SHOWN {
        return (0..configs.len()).collect();
    }
    let mut by_collector: Vec<Vec<usize>> = Vec::new();
    for (index, config) in configs.iter().enumerate() {
        match by_collector.last_mut() {
            Some(group) if configs[group[0]].collector == config.collector => group.push(index),
            _ => by_collector.push(vec![index]),
        }
    }
    let factor = |index: usize| configs[index].options.get("heap-factor").and_then(|value| option_number(value));
    let chosen = |group: &Vec<usize>| {
        let distance = |index: usize| factor(index).map(|factor| (factor / 2.0).ln().abs());
        let middle = group[(group.len() - 1) / 2];
        group
            .iter()
            .copied()
            .filter(|&index| distance(index).is_some())
            .min_by(|&a, &b| distance(a).partial_cmp(&distance(b)).unwrap_or(Ordering::Equal))
            .unwrap_or(middle)
    };
    by_collector.iter().map(chosen).take(MAX_SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_record::{Outcome, RunHeader};

    fn run(workload: &str, collector: &str, options: &[(&str, &str)], wall: u64) -> Invocation {
        Invocation {
            workload: workload.into(),
            collector: collector.into(),
            options: options.iter().map(|&(key, value)| (key.into(), value.into())).collect(),
            wall_ns: Some(wall),
            ..Invocation::default()
        }
    }

    fn session(baseline: Option<&str>, runs: Vec<Invocation>) -> Session {
        let mut session = Session::new(RunHeader::new("tenure", "0", 1));
        session.header.baseline = baseline.map(str::to_owned);
        session.invocations = runs;
        session
    }

    fn labels(session: &Session) -> Vec<String> {
        Matrix::new(session).configs.into_iter().map(|config| config.label).collect()
    }

    #[test]
    fn options_that_only_follow_a_choice_are_not_in_the_name() {
        let session = session(
            None,
            vec![
                run("a", "semi", &[("heap-size", "4M")], 1),
                run("a", "gen", &[("heap-size", "4M"), ("nursery-size", "1M")], 1),
                run("b", "gen", &[("heap-size", "9M"), ("nursery-size", "1M")], 1),
            ],
        );
        assert_eq!(labels(&session), ["gen", "semi"]);
    }

    #[test]
    fn a_sweep_is_named_by_its_option_and_ordered_by_size() {
        let sizes = ["10M", "900K", "2M"];
        let session = session(None, sizes.iter().map(|size| run("a", "gen", &[("heap-size", size)], 1)).collect());
        assert_eq!(labels(&session), ["gen · heap-size 900K", "gen · heap-size 2M", "gen · heap-size 10M"]);
    }

    #[test]
    fn a_heap_factor_stands_for_the_size() {
        let runs = [("a", "1.5", "3M"), ("a", "2", "4M"), ("b", "1.5", "30M"), ("b", "2", "40M")];
        let runs =
            runs.iter().map(|(w, factor, size)| run(w, "gen", &[("heap-factor", factor), ("heap-size", size)], 1));
        let session = session(None, runs.collect());
        assert_eq!(labels(&session), ["gen · heap-factor 1.5", "gen · heap-factor 2"]);
    }

    #[test]
    fn the_baseline_is_first_and_emacs_last() {
        let collectors = ["gen", "gnu-emacs", "ms", "semi"];
        let runs: Vec<_> = collectors.iter().map(|collector| run("a", collector, &[], 1)).collect();
        let named = session(Some("ms"), runs.clone());
        assert_eq!(labels(&named), ["ms", "gen", "semi", "gnu-emacs"]);
        assert!(Matrix::new(&named).baseline_was_named);
        let unnamed = session(Some("missing"), runs);
        assert_eq!(
            labels(&unnamed),
            collectors.iter().filter(|c| **c != "gnu-emacs").chain(&["gnu-emacs"]).copied().collect::<Vec<_>>()
        );
        assert!(!Matrix::new(&unnamed).baseline_was_named);
    }

    #[test]
    fn in_a_sweep_the_baseline_has_the_same_options() {
        let mut runs = Vec::new();
        for collector in ["ms", "gen"] {
            for factor in ["1.5", "3"] {
                runs.push(run("a", collector, &[("heap-factor", factor)], 1));
            }
        }
        let session = session(Some("ms"), runs);
        let matrix = Matrix::new(&session);
        assert_eq!(matrix.configs[3].label, "gen · heap-factor 3");
        assert_eq!(matrix.baseline_of(3).map(|index| matrix.configs[index].label.as_str()), Some("ms · heap-factor 3"));
    }

    #[test]
    fn many_configurations_are_drawn_one_a_collector() {
        let mut runs = Vec::new();
        for collector in ["ms", "gen", "semi"] {
            for factor in ["1", "1.5", "2.2", "3", "6"] {
                runs.push(run("a", collector, &[("heap-factor", factor)], 1));
            }
        }
        let session = session(Some("ms"), runs);
        let matrix = Matrix::new(&session);
        let shown: Vec<&str> = matrix.shown.iter().map(|&index| matrix.configs[index].label.as_str()).collect();
        assert_eq!(shown, ["ms · heap-factor 2.2", "gen · heap-factor 2.2", "semi · heap-factor 2.2"]);
        let last_gen = matrix.configs.iter().position(|config| config.label == "gen · heap-factor 6").unwrap();
        assert_eq!(matrix.slot(last_gen), 1);
    }

    #[test]
    fn failures_stay_in_their_cell_and_out_of_the_values() {
        let mut runs = vec![run("a", "gen", &[], 10), run("a", "gen", &[], 30), run("a", "gen", &[], 20)];
        runs.push(Invocation { outcome: Outcome::OutOfMemory, ..run("a", "gen", &[], 5) });
        let session = session(None, runs);
        let matrix = Matrix::new(&session);
        let cell = matrix.cell(0, 0).unwrap();
        assert_eq!(cell.values(crate::metric::WALL), [10.0, 30.0, 20.0]);
        assert_eq!(cell.failures(), BTreeMap::from([("out of memory", 1)]));
        assert_eq!(cell.typical().and_then(|run| run.wall_ns), Some(20));
        assert_eq!(matrix.mean(0, 0, crate::metric::WALL).map(|estimate| estimate.value), Some(20.0));
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(option_number("64M"), Some(64.0 * 1024.0 * 1024.0));
        assert_eq!(option_number("1.5x"), Some(1.5));
        assert_eq!(option_number("800000"), Some(800_000.0));
        assert_eq!(option_number("fast"), None);
        assert_eq!(option_number(""), None);
        assert_eq!(option_number("3 parsecs"), None);
    }
}
