//! Configurations side by side: ratios to a baseline, their geometric mean over workloads, and lower-bound overhead.

use crate::matrix::Matrix;
use crate::metric::{self, Metric};
use crate::stats::bootstrap::{Estimate, LEVEL, percentile_interval};
use crate::stats::mean::{geometric_mean, mean};
use crate::stats::rank::{RankTest, mann_whitney};

/// A value that is computed from the means of several cells, with its replicates.
#[derive(Clone, Debug)]
struct Derived {
    value: f64,
    replicates: Vec<f64>,
    /// Whether a cell behind it has more than one invocation.
    varies: bool,
}

impl Derived {
    fn of(matrix: &Matrix<'_>, workload: usize, config: usize, metric: Metric) -> Option<Self> {
        let values = matrix.cell(workload, config)?.values(metric);
        let replicates = matrix.replicates(workload, config, metric)?;
        Some(Self { value: mean(&values)?, replicates, varies: values.len() > 1 })
    }

    fn over(&self, baseline: &Self) -> Option<Self> {
        let value = self.value / baseline.value;
        let replicates = self.replicates.iter().zip(&baseline.replicates).map(|(a, b)| a / b).collect();
        // A ratio of or to nothing has no place in a geometric mean.
        (value.is_finite() && value > 0.0).then_some(Self { value, replicates, varies: self.varies || baseline.varies })
    }

    fn estimate(&self) -> Estimate {
        let interval = if self.varies { percentile_interval(&self.replicates, LEVEL) } else { None };
        Estimate { value: self.value, interval }
    }
}

/// A geometric mean over workloads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverWorkloads {
    /// The mean.
    pub estimate: Estimate,
    /// Over how many workloads: those on which both sides have the metric, and it isn't zero.
    pub workloads: usize,
}

/// The ratio of a metric's mean to the baseline's mean on one workload.
#[must_use]
pub fn ratio(matrix: &Matrix<'_>, workload: usize, config: usize, metric: Metric) -> Option<Estimate> {
    Some(derived_ratio(matrix, workload, config, metric)?.estimate())
}

/// The rank test of a metric against the baseline on one workload.
#[must_use]
pub fn rank_test(matrix: &Matrix<'_>, workload: usize, config: usize, metric: Metric) -> Option<RankTest> {
    let baseline = matrix.baseline_of(config).filter(|&baseline| baseline != config)?;
    let values = matrix.cell(workload, config)?.values(metric);
    mann_whitney(&values, &matrix.cell(workload, baseline)?.values(metric))
}

/// The geometric mean over workloads of the ratios to the baseline.
#[must_use]
pub fn mean_ratio(matrix: &Matrix<'_>, config: usize, metric: Metric) -> Option<OverWorkloads> {
    let ratios: Vec<Derived> =
        (0..matrix.workloads.len()).filter_map(|workload| derived_ratio(matrix, workload, config, metric)).collect();
    over_workloads(&ratios)
}

/// What the total is counted in for a lower-bound overhead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cost {
    /// Wall-clock time.
    Wall,
    /// Processor time of all threads.
    Cpu,
}

impl Cost {
    fn metrics(self) -> (Metric, Metric) {
        match self {
            Self::Wall => (metric::WALL, metric::MUTATOR),
            Self::Cpu => (metric::CPU, metric::CPU_WITHOUT_GC),
        }
    }
}

/// Lower-bound overheads of all configurations (Cai et al., *Distilling the real cost of production garbage collectors*, ISPASS 2022).
///
/// The cost of running without any collector is at most the smallest total less collector that any configuration shows; the overhead is the total over that.
/// Peers take no part: their mutators are other programs.
#[derive(Clone, Debug)]
pub struct LowerBoundOverhead {
    /// By workload and configuration.
    cells: Vec<Vec<Option<Derived>>>,
}

impl LowerBoundOverhead {
    /// Computes all of them.
    #[must_use]
    pub fn new(matrix: &Matrix<'_>, cost: Cost) -> Self {
        let (total, without) = cost.metrics();
        let row = |workload: usize| -> Vec<Option<Derived>> {
            let own = |config: usize| !matrix.configs[config].is_peer();
            let bound = (0..matrix.configs.len())
                .filter(|&config| own(config))
                .filter_map(|config| Derived::of(matrix, workload, config, without))
                .filter(|derived| derived.value > 0.0)
                .reduce(|a, b| Derived {
                    value: a.value.min(b.value),
                    replicates: a.replicates.iter().zip(&b.replicates).map(|(a, b)| a.min(*b)).collect(),
                    varies: a.varies || b.varies,
                });
            (0..matrix.configs.len())
                .map(|config| {
                    let total = own(config).then(|| Derived::of(matrix, workload, config, total))??;
                    total.over(bound.as_ref()?)
                })
                .collect()
        };
        Self { cells: (0..matrix.workloads.len()).map(row).collect() }
    }

    /// The overhead on one workload.
    #[must_use]
    pub fn on(&self, workload: usize, config: usize) -> Option<Estimate> {
        Some(self.cells[workload][config].as_ref()?.estimate())
    }

    /// The geometric mean over the workloads.
    #[must_use]
    pub fn mean(&self, config: usize) -> Option<OverWorkloads> {
        let overheads: Vec<Derived> = self.cells.iter().filter_map(|row| row[config].clone()).collect();
        over_workloads(&overheads)
    }
}

/// Lower-bound overheads in both costs, which are shown side by side.
#[derive(Clone, Debug)]
pub struct Overheads {
    /// In wall-clock time.
    pub wall: LowerBoundOverhead,
    /// In processor time.
    pub cpu: LowerBoundOverhead,
}

impl Overheads {
    /// Computes all of them.
    #[must_use]
    pub fn new(matrix: &Matrix<'_>) -> Self {
        Self { wall: LowerBoundOverhead::new(matrix, Cost::Wall), cpu: LowerBoundOverhead::new(matrix, Cost::Cpu) }
    }
}

fn derived_ratio(matrix: &Matrix<'_>, workload: usize, config: usize, metric: Metric) -> Option<Derived> {
    let baseline = matrix.baseline_of(config)?;
    let values = Derived::of(matrix, workload, config, metric)?;
    values.over(&Derived::of(matrix, workload, baseline, metric)?)
}

fn over_workloads(ratios: &[Derived]) -> Option<OverWorkloads> {
    let values: Vec<f64> = ratios.iter().map(|ratio| ratio.value).collect();
    let value = geometric_mean(&values)?;
    let length = ratios.iter().map(|ratio| ratio.replicates.len()).min()?;
    let replicates = (0..length)
        .map(|index| {
            let drawn: Vec<f64> = ratios.iter().map(|ratio| ratio.replicates[index]).collect();
            geometric_mean(&drawn).unwrap_or(f64::NAN)
        })
        .collect();
    let varies = ratios.iter().any(|ratio| ratio.varies);
    Some(OverWorkloads { estimate: Derived { value, replicates, varies }.estimate(), workloads: ratios.len() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{GC, WALL};
    use tenure_record::{Invocation, RunHeader, Session};

    /// Two workloads, two collectors, three invocations; times in the order of the arguments.
    fn session(times: [[[u64; 3]; 2]; 2]) -> Session {
        let mut session = Session::new(RunHeader::new("tenure", "0", 1));
        session.header.baseline = Some("ms".into());
        for (workload, times) in ["a", "b"].iter().zip(times) {
            for (collector, times) in ["ms", "gen"].iter().zip(times) {
                for (invocation, wall) in (0..).zip(times) {
                    session.invocations.push(Invocation {
                        workload: (*workload).into(),
                        collector: (*collector).into(),
                        invocation,
                        wall_ns: Some(wall),
                        gc_ns: Some(if *collector == "ms" { wall / 2 } else { wall / 10 }),
                        ..Invocation::default()
                    });
                }
            }
        }
        session
    }

    const TIMES: [[[u64; 3]; 2]; 2] = [[[100, 110, 90], [50, 55, 45]], [[1000, 1000, 1000], [2000, 2000, 2000]]];

    #[test]
    fn the_baseline_is_one_to_itself() {
        let session = session(TIMES);
        let matrix = Matrix::new(&session);
        let found = ratio(&matrix, 0, 0, WALL).unwrap();
        assert_eq!((found.value, found.interval.map(|i| (i.low, i.high))), (1.0, Some((1.0, 1.0))));
        assert_eq!(rank_test(&matrix, 0, 0, WALL), None);
    }

    #[test]
    fn a_half_and_a_double_have_the_geometric_mean_one() {
        let session = session(TIMES);
        let matrix = Matrix::new(&session);
        let half = ratio(&matrix, 0, 1, WALL).unwrap();
        let interval = half.interval.unwrap();
        assert_eq!(half.value, 0.5);
        // The means of three draws reach from 45 to 55 and from 90 to 110.
        assert!(interval.low >= 45.0 / 110.0 && interval.low < 0.5, "{interval:?}");
        assert!(interval.high <= 55.0 / 90.0 && interval.high > 0.5, "{interval:?}");
        assert_eq!(rank_test(&matrix, 0, 1, WALL).map(|test| test.p), Some(0.1));
        let found = mean_ratio(&matrix, 1, WALL).unwrap();
        assert_eq!(found.workloads, 2);
        assert!((found.estimate.value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn lower_bound_overhead_takes_the_smallest_mutator_time() {
        let session = session(TIMES);
        let matrix = Matrix::new(&session);
        let overheads = LowerBoundOverhead::new(&matrix, Cost::Wall);
        // Workload a: ms 100 of which 50 collecting, gen 50 of which about 5; the least is gen's 50 - 14/3.
        let least = 50.0 - 14.0 / 3.0;
        assert!((overheads.on(0, 0).unwrap().value - 100.0 / least).abs() < 1e-12);
        // Workload b: ms's mutator, 500, is the least.
        assert_eq!(overheads.on(1, 0).unwrap().value, 2.0);
        assert_eq!(overheads.on(1, 1).unwrap().value, 4.0);
        let mean = overheads.mean(1).unwrap();
        assert!((mean.estimate.value - (50.0 / least * 4.0_f64).sqrt()).abs() < 1e-12);
        assert!(LowerBoundOverhead::new(&matrix, Cost::Cpu).mean(1).is_none());
    }

    #[test]
    fn a_baseline_of_zero_gives_no_ratio() {
        let mut session = session(TIMES);
        for run in session.invocations.iter_mut().filter(|run| run.workload == "a" && run.collector == "ms") {
            run.gc_ns = Some(0);
        }
        let matrix = Matrix::new(&session);
        assert_eq!(ratio(&matrix, 0, 1, GC), None);
        assert_eq!(mean_ratio(&matrix, 1, GC).map(|mean| mean.workloads), Some(1));
    }
}
