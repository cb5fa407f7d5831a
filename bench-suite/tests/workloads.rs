//! Every workload at scale 1 gives its result: under every plan, with collections in the worst places, and in GNU Emacs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tenure_bench::measure::{self, Bench};
use tenure_bench::plan::{Configuration, PEER, Scaled};
use tenure_bench::{session, workload};

/// Far more than any of these processes takes, so that it only ends an endless loop.
const LIMIT: Duration = Duration::from_secs(600);

fn configuration(collector: &str, options: &[(&str, &str)]) -> Configuration {
    let pairs = options.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Configuration {
        collector: collector.to_owned(),
        heap: pairs.collect(),
        variables: BTreeMap::new(),
        heap_factor: None,
        eval_mode: None,
    }
}

/// A configuration with these options for each plan that `accepts`; and one more with aging if it has a nursery.
fn with_and_without_aging(
    accepts: impl Fn(&tenure_gc::PlanInfo) -> bool,
    options: impl Fn(&tenure_gc::PlanInfo) -> Vec<(&'static str, &'static str)>,
) -> Vec<Configuration> {
    let of_plan = |plan: &&'static tenure_gc::PlanInfo| {
        let plain = options(plan);
        let aging = plan.nursery.then(|| [&plain[..], &[("tenure-age", "2")]].concat());
        let name = plan.name;
        std::iter::once(plain).chain(aging).map(move |options| configuration(name, &options)).collect::<Vec<_>>()
    };
    tenure_gc::PLANS.iter().filter(|plan| accepts(plan)).collect::<Vec<_>>().iter().flat_map(of_plan).collect()
}

/// Runs all workloads at scale 1 and says which didn't give their result.
fn failures(configurations: &[Configuration], emacs: Option<&Path>) -> Vec<String> {
    let workloads = workload::embedded().expect("well formed");
    assert!(!workloads.is_empty());
    let directory = tempfile::tempdir().expect("a directory for the test");
    let prepared = session::prepare(directory.path(), &workloads, emacs, LIMIT).expect("programs are written");
    let bench = Bench { tenure: PathBuf::from(env!("CARGO_BIN_EXE_tenure")), ..prepared };
    let mut failures = Vec::new();
    for configuration in configurations {
        for workload in &workloads {
            let scaled = Scaled { name: workload.name.clone(), scale: 1 };
            let (record, _) = bench.run(&scaled, configuration).expect("the process runs");
            if !record.outcome.is_ok() {
                failures.push(format!(
                    "{} under {}: {:?}, result {}",
                    workload.name,
                    configuration.label(),
                    record.outcome,
                    record.result
                ));
            }
        }
    }
    failures
}

#[test]
fn under_every_plan() {
    let configurations = with_and_without_aging(|_| true, |_| vec![("verify", "true"), ("poison", "true")]);
    assert_eq!(failures(&configurations, None), Vec::<String>::new());
}

/// The evaluator walks the forms of each workload, under a plan that moves what is young and one that moves nothing.
#[test]
fn interpreted() {
    let configurations = ["generational", "mark-sweep"].map(|plan| Configuration {
        eval_mode: Some("interpreted".to_owned()),
        ..configuration(plan, &[("verify", "true"), ("poison", "true")])
    });
    assert_eq!(failures(&configurations, None), Vec::<String>::new());
}

/// How many safepoints apart the collections of a plan may be, so that the test ends in a minute.
///
/// A minor collection costs what is young, so there are many; the other plans go through the whole heap at each.  The
/// numbers are primes, so that loops of the workloads don't run in step with them.
fn distance(plan: &tenure_gc::PlanInfo) -> &'static str {
    if plan.nursery { "3" } else { "401" }
}

/// Collections in the worst places find a value that is not rooted.
#[test]
fn in_stress_mode() {
    let configurations = with_and_without_aging(
        |plan| plan.collects,
        |plan| vec![("stress", distance(plan)), ("verify", "false"), ("poison", "true")],
    );
    assert_eq!(failures(&configurations, None), Vec::<String>::new());
}

/// The verifier walks the whole heap, so it gets fewer collections to look at.
#[test]
fn in_stress_mode_with_the_verifier() {
    let configurations = with_and_without_aging(
        |plan| plan.collects,
        |_| vec![("stress", "4001"), ("verify", "true"), ("poison", "true")],
    );
    assert_eq!(failures(&configurations, None), Vec::<String>::new());
}

#[test]
fn in_gnu_emacs() {
    let emacs = Path::new("emacs");
    match measure::version(emacs) {
        Ok(version) if version.contains("28.2") => {
            let peer = configuration(PEER, &[]);
            assert_eq!(failures(&[peer], Some(emacs)), Vec::<String>::new());
        }
        found => {
            assert!(std::env::var_os("CI").is_none(), "expected GNU Emacs 28.2, found {found:?}");
            eprintln!("skipped: expected GNU Emacs 28.2, found {found:?}");
        }
    }
}
