//! What a session runs, and in which order: fixed before it starts, so that it can be resumed.
//!
//! The order is a randomised block design: each round has every pair of a workload and a configuration once, in a random order of its own.
//! A slow drift of the machine then falls on all pairs alike, and a session that ends early has nearly as many invocations of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tenure_gc::Config;
use tenure_lisp::EvalMode;
use tenure_reports::stats::rng::SplitMix64;

/// The name of the peer in records.
pub const PEER: &str = "gnu-emacs";

/// The option that sets a fixed heap.
pub const HEAP_SIZE: &str = "heap-size";

/// What a record calls the multiple of the smallest heap.
pub const HEAP_FACTOR: &str = "heap-factor";

/// The option that says how source files run.
pub const EVAL_MODE: &str = "eval-mode";

/// A collector (or the peer) and the options it runs under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Configuration {
    /// A row of [`tenure_gc::PLANS`], or [`PEER`].
    pub collector: String,
    /// Options of the heap that differ from their defaults, as in [`tenure_gc::OPTIONS`].
    pub heap: BTreeMap<String, String>,
    /// Values of Lisp variables that are set before the workload is loaded.
    pub variables: BTreeMap<String, String>,
    /// The heap's size as a multiple of the smallest one in which the workload completes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap_factor: Option<String>,
    /// How source files run, if not compiled: see [`tenure_lisp::EvalMode`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eval_mode: Option<String>,
}

impl Configuration {
    /// Whether GNU Emacs runs it.
    #[must_use]
    pub fn is_peer(&self) -> bool {
        self.collector == PEER
    }

    /// How source files run: as workloads do in GNU Emacs, compiled, if nothing else was asked for.
    #[must_use]
    pub fn mode(&self) -> String {
        self.eval_mode.clone().unwrap_or_else(|| EvalMode::Compiled.name().to_owned())
    }

    /// All options in effect, as text.
    ///
    /// # Errors
    ///
    /// If an option of the heap has a bad value.
    pub fn flatten(&self) -> Result<BTreeMap<String, String>, tenure_gc::OptionError> {
        let mut all: BTreeMap<String, String> =
            VARIABLES.iter().map(|variable| (variable.name.to_owned(), variable.default.to_owned())).collect();
        if !self.is_peer() {
            let mut config = Config::named(&self.collector)?;
            for (name, value) in &self.heap {
                config.set(name, value)?;
            }
            all.extend(config.flatten().into_iter().map(|(name, value)| (name.to_owned(), value)));
            all.insert(EVAL_MODE.to_owned(), self.mode());
        }
        all.extend(self.variables.clone());
        all.extend(self.heap_factor.clone().map(|factor| (HEAP_FACTOR.to_owned(), factor)));
        Ok(all)
    }

    /// The configuration for a workload whose smallest heap is known: a factor becomes a size.
    #[must_use]
    pub fn for_smallest(&self, smallest: Option<u64>) -> Self {
        let mut resolved = self.clone();
        let factor = self.heap_factor.as_ref().and_then(|factor| factor.parse::<f64>().ok());
        if let (Some(factor), Some(smallest)) = (factor, smallest) {
            resolved.heap.insert(HEAP_SIZE.to_owned(), ((smallest as f64 * factor) as u64).to_string());
        }
        resolved
    }

    /// A few words for a line of progress.
    #[must_use]
    pub fn label(&self) -> String {
        let options = self.heap.iter().filter(|(name, _)| *name != "heap-limit").chain(&self.variables);
        let options = options.map(|(name, value)| format!(" {name}={value}"));
        let factor = self.heap_factor.iter().map(|factor| format!(" {factor}x"));
        let mode = self.eval_mode.iter().map(|mode| format!(" {mode}"));
        options.chain(factor).chain(mode).fold(self.collector.clone(), |label, option| label + &option)
    }
}

/// A Lisp variable that a session can set.
#[derive(Debug)]
pub struct Variable {
    /// Its name, which is that of the option too.
    pub name: &'static str,
    /// Emacs's default.
    pub default: &'static str,
    /// For the help text.
    pub doc: &'static str,
    /// Checks a value; the error says what was expected.
    pub check: fn(&str) -> Result<String, String>,
}

/// The Lisp variables that a session can set.
pub const VARIABLES: [Variable; 2] = [
    Variable {
        name: "gc-cons-threshold",
        default: "800000",
        doc: "Values of gc-cons-threshold, in bytes (suffixes K, M, G)",
        check: |text| tenure_gc::parse_size(text).map(|bytes| bytes.to_string()),
    },
    Variable {
        name: "gc-cons-percentage",
        default: "0.1",
        doc: "Values of gc-cons-percentage: shares of the live heap, or nil",
        check: |text| match text.parse::<f64>() {
            Ok(share) if share.is_finite() && share >= 0.0 && text.contains('.') => Ok(text.to_owned()),
            _ if text == "nil" => Ok(text.to_owned()),
            _ => Err("a number with a decimal point that is not negative, or nil".to_owned()),
        },
    },
];

/// A workload at the scale that the session chose for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaled {
    /// The workload.
    pub name: String,
    /// The scale.
    pub scale: u64,
}

/// What a session runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The workloads.
    pub workloads: Vec<Scaled>,
    /// The configurations.
    pub configurations: Vec<Configuration>,
    /// Processes for each pair of them.
    pub invocations: u32,
    /// The seed of the order.
    pub seed: u64,
    /// Milliseconds that a process may take.
    pub timeout_ms: u64,
    /// The smallest heap of each workload over all collectors, where factors need it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub smallest: BTreeMap<String, u64>,
}

/// One process of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its place in the order.
    pub order: u64,
    /// Index of its workload.
    pub workload: usize,
    /// Index of its configuration.
    pub configuration: usize,
    /// Its number among those of the same pair.
    pub invocation: u32,
}

impl Plan {
    /// All processes in their order.
    #[must_use]
    pub fn jobs(&self) -> Vec<Job> {
        let mut rng = SplitMix64::named(self.seed, &["order"]);
        let mut jobs = Vec::new();
        for invocation in 0..self.invocations {
            let mut round: Vec<(usize, usize)> = (0..self.workloads.len())
                .flat_map(|workload| (0..self.configurations.len()).map(move |configuration| (workload, configuration)))
                .collect();
            shuffle(&mut round, &mut rng);
            for (workload, configuration) in round {
                jobs.push(Job { order: jobs.len() as u64, workload, configuration, invocation });
            }
        }
        jobs
    }
}

/// Fisher and Yates.
fn shuffle<T>(items: &mut [T], rng: &mut SplitMix64) {
    for last in (1..items.len()).rev() {
        items.swap(last, rng.below(last + 1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(seed: u64) -> Plan {
        let workload = |name: &str| Scaled { name: name.to_owned(), scale: 1 };
        let configuration = |collector: &str| Configuration {
            collector: collector.to_owned(),
            heap: BTreeMap::new(),
            variables: BTreeMap::new(),
            heap_factor: None,
            eval_mode: None,
        };
        Plan {
            workloads: vec![workload("a"), workload("b"), workload("c")],
            configurations: tenure_gc::PLANS.iter().map(|plan| configuration(plan.name)).collect(),
            invocations: 4,
            seed,
            timeout_ms: 1000,
            smallest: BTreeMap::new(),
        }
    }

    #[test]
    fn each_round_has_each_pair_once() {
        let jobs = plan(1).jobs();
        let pairs = 3 * tenure_gc::PLANS.len();
        assert_eq!(jobs.len(), 4 * pairs);
        for (number, round) in jobs.chunks(pairs).enumerate() {
            let mut seen: Vec<_> = round.iter().map(|job| (job.workload, job.configuration)).collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), pairs);
            assert!(round.iter().all(|job| job.invocation as usize == number));
        }
    }

    #[test]
    fn the_seed_decides_the_order() {
        assert_eq!(plan(1).jobs(), plan(1).jobs());
        assert_ne!(plan(1).jobs(), plan(2).jobs());
    }

    #[test]
    fn options_are_flattened() {
        let mut configuration = plan(1).configurations[0].clone();
        configuration.heap.insert("heap-size".to_owned(), "64M".to_owned());
        configuration.variables.insert("gc-cons-threshold".to_owned(), "8000000".to_owned());
        let all = configuration.flatten().expect("good values");
        assert_eq!(all["heap-size"], (64 << 20).to_string());
        assert_eq!(all["gc-cons-threshold"], "8000000");
        assert_eq!(all["gc-cons-percentage"], "0.1");
        assert_eq!(all[EVAL_MODE], "compiled");
        assert_eq!(all["collector"], tenure_gc::PLANS[0].name);
    }

    #[test]
    fn a_factor_becomes_a_size() {
        let mut configuration = plan(1).configurations[0].clone();
        configuration.heap_factor = Some("1.5".to_owned());
        let resolved = configuration.for_smallest(Some(1000));
        assert_eq!(resolved.heap[HEAP_SIZE], "1500");
        assert_eq!(resolved.flatten().expect("good values")[HEAP_FACTOR], "1.5");
        assert_eq!(configuration.for_smallest(None), configuration);
    }

    #[test]
    fn values_of_variables() {
        let check = |name: &str, text: &str| {
            let variable = VARIABLES.iter().find(|variable| variable.name == name).expect("a variable");
            (variable.check)(text)
        };
        assert_eq!(check("gc-cons-threshold", "8M"), Ok("8388608".to_owned()));
        assert_eq!(check("gc-cons-percentage", "0.5"), Ok("0.5".to_owned()));
        assert!(check("gc-cons-percentage", "half").is_err());
        assert!(check("gc-cons-percentage", "1").is_err());
    }
}
