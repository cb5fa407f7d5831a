//! The bootstrap (Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993), with percentile intervals.
//!
//! An invocation is the unit that is drawn again: it is a fresh process, so invocations are independent, while iterations and pauses within one are not.
//! What is computed from several cells (a ratio, a geometric mean of ratios, a lower-bound overhead) is computed from the replicates of its cells one by one, and the interval is read off the results.
//!
//! Limits: with few invocations a percentile interval is too narrow (for 5, nominal 95 % covers about 85 %); a page says how many there were.

use super::mean::mean;
use super::quantile::{median, quantile, sorted};
use super::rng::SplitMix64;

/// How many times a cell is drawn again.
pub const RESAMPLES: usize = 2000;
/// The share of replicates within an interval.
pub const LEVEL: f64 = 0.95;
/// The seed of all resampling; the names of a cell are mixed into it.
pub const SEED: u64 = 0x7465_6e75_7265;

/// A confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// A value and, where there were enough observations, its interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value that the observations themselves give.
    pub value: f64,
    /// `None` where it rests on a single observation.
    pub interval: Option<Interval>,
}

/// `resamples` values of `statistic`, each of a list of the same length drawn from `values` with replacement.
pub fn replicates(
    values: &[f64],
    resamples: usize,
    rng: &mut SplitMix64,
    statistic: impl Fn(&[f64]) -> f64,
) -> Vec<f64> {
    if values.is_empty() {
        return Vec::new();
    }
    let mut drawn = vec![0.0; values.len()];
    (0..resamples)
        .map(|_| {
            for place in &mut drawn {
                *place = values[rng.below(values.len())];
            }
            statistic(&drawn)
        })
        .collect()
}

/// The interval that holds the middle `level` of the replicates; `None` if a replicate isn't a number, or there is none.
#[must_use]
pub fn percentile_interval(replicates: &[f64], level: f64) -> Option<Interval> {
    if replicates.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let sorted = sorted(replicates);
    let tail = (1.0 - level) / 2.0;
    Some(Interval { low: quantile(&sorted, tail)?, high: quantile(&sorted, 1.0 - tail)? })
}

/// The mean of `values`; `None` of nothing.
pub fn mean_estimate(values: &[f64], rng: &mut SplitMix64) -> Option<Estimate> {
    estimate(values, rng, |values| mean(values).unwrap_or(f64::NAN))
}

/// The median of `values`; `None` of nothing.
pub fn median_estimate(values: &[f64], rng: &mut SplitMix64) -> Option<Estimate> {
    estimate(values, rng, |values| median(values).unwrap_or(f64::NAN))
}

/// The ratio of the means of `values` and `baseline`; `None` if either is of nothing, or the baseline's is 0.
pub fn ratio_estimate(values: &[f64], baseline: &[f64], rng: &mut SplitMix64) -> Option<Estimate> {
    let of = |values: &[f64]| mean(values).unwrap_or(f64::NAN);
    let value = of(values) / of(baseline);
    let above = replicates(values, RESAMPLES, rng, of);
    let below = replicates(baseline, RESAMPLES, rng, of);
    let ratios: Vec<f64> = above.iter().zip(&below).map(|(above, below)| above / below).collect();
    value.is_finite().then(|| Estimate {
        value,
        interval: if values.len() > 1 || baseline.len() > 1 { percentile_interval(&ratios, LEVEL) } else { None },
    })
}

fn estimate(values: &[f64], rng: &mut SplitMix64, statistic: impl Fn(&[f64]) -> f64) -> Option<Estimate> {
    if values.is_empty() {
        return None;
    }
    let value = statistic(values);
    let interval = if values.len() > 1 {
        percentile_interval(&replicates(values, RESAMPLES, rng, statistic), LEVEL)
    } else {
        None
    };
    Some(Estimate { value, interval })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Scores of the 15 law schools of Efron & Tibshirani, table 3.1.
    const LAW: [f64; 15] =
        [576.0, 635.0, 558.0, 578.0, 666.0, 580.0, 555.0, 661.0, 651.0, 605.0, 653.0, 575.0, 545.0, 572.0, 594.0];

    fn check(found: Option<Estimate>, value: f64, low: f64, high: f64, tolerance: f64) {
        let found = found.expect("an estimate");
        let interval = found.interval.expect("an interval");
        assert!((found.value - value).abs() < 1e-9 * value, "{found:?}");
        assert!((interval.low - low).abs() < tolerance, "{found:?}, low {low}");
        assert!((interval.high - high).abs() < tolerance, "{found:?}, high {high}");
    }

    // The reference intervals are those of scipy.stats.bootstrap (method 'percentile', 200 000 resamples);
    // the tolerances are a few times the error of 2000 resamples.

    #[test]
    fn mean_agrees_with_scipy() {
        check(mean_estimate(&LAW, &mut SplitMix64::new(1)), 600.266_666_666_666_7, 580.53, 621.13, 1.5);
    }

    #[test]
    fn the_distribution_of_a_median_is_the_binomial_one() {
        // The median of 15 draws is at most the k-th value if 8 or more of them are: scipy's binom.sf(7, 15, k / 15).
        let medians = replicates(&LAW, 20_000, &mut SplitMix64::new(2), |v| median(v).unwrap());
        for (kth, expected) in
            [(572.0, 0.025_450_375), (575.0, 0.088_231_598), (580.0, 0.603_658_817), (635.0, 0.974_549_625)]
        {
            let found = medians.iter().filter(|&&median| median <= kth).count() as f64 / 20_000.0;
            // Four standard deviations of a share of one half are 0.0141.
            assert!((found - expected).abs() < 0.0141, "at most {kth}: {found}, expected {expected}");
        }
        let found = median_estimate(&LAW, &mut SplitMix64::new(2)).unwrap();
        assert_eq!(found.value, 580.0);
        assert_eq!(found.interval, percentile_interval(&medians[..RESAMPLES], LEVEL));
    }

    #[test]
    fn ratio_agrees_with_scipy() {
        let above = [101.0, 104.0, 99.0, 108.0, 97.0, 103.0, 100.0, 106.0];
        let below = [80.0, 82.0, 79.0, 85.0, 81.0, 78.0, 84.0, 80.0];
        let found = ratio_estimate(&above, &below, &mut SplitMix64::new(1));
        check(found, 1.260_400_616_332_819_6, 1.222_561, 1.298_762, 0.004);
    }

    #[test]
    fn the_distribution_of_three_values_is_the_enumerated_one() {
        // Of the 27 equally likely draws from 0, 3, 6 the mean is 0, 1, ... 6 in 1, 3, 6, 7, 6, 3, 1 cases.
        let means = replicates(&[0.0, 3.0, 6.0], 27_000, &mut SplitMix64::new(9), |v| mean(v).unwrap());
        let expected = [1_000_i64, 3_000, 6_000, 7_000, 6_000, 3_000, 1_000];
        for (value, expected) in expected.into_iter().enumerate() {
            let found = means.iter().filter(|&&mean| (mean - value as f64).abs() < 1e-9).count() as i64;
            // Four standard deviations of the binomial distribution are at most 290.
            assert!((found - expected).abs() < 290, "mean {value}: {found} times, expected about {expected}");
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_interval() {
        let once = mean_estimate(&LAW, &mut SplitMix64::new(5));
        assert_eq!(once, mean_estimate(&LAW, &mut SplitMix64::new(5)));
    }

    #[test]
    fn one_observation_has_no_interval() {
        let found = mean_estimate(&[4.0], &mut SplitMix64::new(1));
        assert_eq!(found, Some(Estimate { value: 4.0, interval: None }));
        assert_eq!(mean_estimate(&[], &mut SplitMix64::new(1)), None);
        assert_eq!(ratio_estimate(&[1.0], &[], &mut SplitMix64::new(1)), None);
        assert_eq!(ratio_estimate(&[1.0], &[0.0], &mut SplitMix64::new(1)), None);
    }
}
