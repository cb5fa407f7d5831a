//! The rank test of Mann & Whitney (1947), also Wilcoxon's rank-sum test: do two samples come from the same distribution?
//!
//! It assumes no shape, which suits run times with their long right tails.
//! The p-value is exact for samples without ties of up to [`EXACT_LIMIT`] values each, and from the normal approximation with tie and continuity correction otherwise.

/// Largest sample for which the exact distribution is counted.
///
/// All counts are at most C(50, 25), which a double holds exactly.
pub const EXACT_LIMIT: usize = 25;

/// The result of the test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RankTest {
    /// How many pairs have the first sample's value above the second's, a tie counting one half.
    pub u: f64,
    /// Two-sided p-value.
    pub p: f64,
}

/// Tests two samples; `None` if either is empty or holds something that isn't a number.
#[must_use]
pub fn mann_whitney(first: &[f64], second: &[f64]) -> Option<RankTest> {
    if first.is_empty() || second.is_empty() || first.iter().chain(second).any(|value| value.is_nan()) {
        return None;
    }
    let (n, m) = (first.len(), second.len());
    let Ranks { sum_of_first, tie_term } = ranks(first, second);
    let u = sum_of_first - (n * (n + 1)) as f64 / 2.0;
    let p = if tie_term == 0.0 && n <= EXACT_LIMIT && m <= EXACT_LIMIT {
        exact(u, n, m)
    } else {
        approximate(u, n as f64, m as f64, tie_term)
    };
    Some(RankTest { u, p })
}

struct Ranks {
    sum_of_first: f64,
    /// The sum of t³ - t over groups of t tied values.
    tie_term: f64,
}

fn ranks(first: &[f64], second: &[f64]) -> Ranks {
    let mut all: Vec<(f64, bool)> =
        first.iter().map(|&value| (value, true)).chain(second.iter().map(|&value| (value, false))).collect();
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = Ranks { sum_of_first: 0.0, tie_term: 0.0 };
    let mut begin = 0;
    for group in all.chunk_by(|a, b| a.0 == b.0) {
        let size = group.len() as f64;
        // Tied values share the mean of the ranks begin + 1 ..= begin + size.
        let rank = begin as f64 + (size + 1.0) / 2.0;
        ranks.sum_of_first += rank * group.iter().filter(|(_, of_first)| *of_first).count() as f64;
        ranks.tie_term += size.powi(3) - size;
        begin += group.len();
    }
    ranks
}

fn exact(u: f64, n: usize, m: usize) -> f64 {
    let counts = counts(n, m);
    let total: f64 = counts.iter().sum();
    let low = u.min((n * m) as f64 - u) as usize;
    let tail: f64 = counts[..=low].iter().sum();
    (2.0 * tail / total).min(1.0)
}

/// For each u, how many of the orders of n + m values have it: the coefficients of a Gaussian binomial.
///
/// Multiplies by (1 - q^(m+i)) / (1 - q^i) for i in 1..=n, each step exact for samples up to [`EXACT_LIMIT`].
fn counts(n: usize, m: usize) -> Vec<f64> {
    let mut counts = vec![0.0; n * m + 1];
    counts[0] = 1.0;
    for i in 1..=n {
        for u in (m + i..counts.len()).rev() {
            counts[u] -= counts[u - m - i];
        }
        for u in i..counts.len() {
            counts[u] += counts[u - i];
        }
    }
    counts
}

fn approximate(u: f64, n: f64, m: f64, tie_term: f64) -> f64 {
    let all = n + m;
    let variance = n * m / 12.0 * (all + 1.0 - tie_term / (all * (all - 1.0)));
    if variance <= 0.0 {
        return 1.0;
    }
    let distance = ((u - n * m / 2.0).abs() - 0.5).max(0.0);
    erfc(distance / variance.sqrt() / std::f64::consts::SQRT_2).min(1.0)
}

/// The complementary error function for x ≥ 0.
///
/// Below 3 the series of erf that has no alternating signs, from there the continued fraction (Abramowitz & Stegun 7.1.6 and 7.1.14).
fn erfc(x: f64) -> f64 {
    let scale = (-x * x).exp();
    if x < 3.0 {
        let mut term = x;
        let mut sum = x;
        let mut k = 0.0;
        while term > sum * 1e-17 {
            k += 1.0;
            term *= 2.0 * x * x / (2.0 * k + 1.0);
            sum += term;
        }
        1.0 - std::f64::consts::FRAC_2_SQRT_PI * scale * sum
    } else {
        let fraction = (1..=60).rev().fold(x, |below, k| x + f64::from(k) / 2.0 / below);
        std::f64::consts::FRAC_2_SQRT_PI / 2.0 * scale / fraction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(first: &[f64], second: &[f64], u: f64, p: f64) {
        let found = mann_whitney(first, second).expect("a result");
        assert_eq!(found.u, u);
        assert!((found.p - p).abs() < 1e-10, "p = {} is not {p}", found.p);
    }

    // The reference values are those of scipy.stats.mannwhitneyu.

    #[test]
    fn exact_values_agree_with_scipy() {
        // Permeability constants of the chorioamnion, Hollander & Wolfe 1973, p. 69; R's example of wilcox.test.
        let term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46];
        let weeks = [1.15, 0.88, 0.90, 0.74, 1.21];
        check(&term, &weeks, 35.0, 0.254_412_254_412_254_4);
        // Survival times of mice, Efron & Tibshirani, table 2.1.
        let treated = [94.0, 197.0, 16.0, 38.0, 99.0, 141.0, 23.0];
        let control = [52.0, 104.0, 146.0, 10.0, 51.0, 30.0, 40.0, 27.0, 46.0];
        check(&treated, &control, 36.0, 0.680_594_405_594_405_6);
        check(&[1.0, 2.0, 3.0, 4.0, 5.0], &[6.0, 7.0, 8.0, 9.0, 10.0], 0.0, 0.007_936_507_936_507_936);
    }

    #[test]
    fn ties_agree_with_scipy() {
        let first = [1.0, 2.0, 2.0, 3.0, 4.0, 4.0, 4.0, 5.0];
        let second = [2.0, 3.0, 3.0, 4.0, 5.0, 6.0, 6.0, 7.0, 7.0];
        check(&first, &second, 18.0, 0.088_001_746_597_395_7);
    }

    #[test]
    fn equal_samples_are_no_evidence() {
        check(&[3.0, 3.0], &[3.0, 3.0, 3.0], 3.0, 1.0);
        assert_eq!(mann_whitney(&[], &[1.0]), None);
        assert_eq!(mann_whitney(&[f64::NAN], &[1.0]), None);
    }

    #[test]
    fn error_function_agrees_with_tables() {
        for (x, expected) in [
            (0.0, 1.0),
            (0.5, 0.479_500_122_186_953_5),
            (1.0, 0.157_299_207_050_285_13),
            (2.5, 4.069_520_174_449_589e-4),
            (3.5, 7.430_983_723_414_128e-7),
            (5.0, 1.537_459_794_428_034_8e-12),
        ] {
            let found = erfc(x);
            assert!((found - expected).abs() <= 1e-9 * expected, "erfc({x}) = {found}, expected {expected}");
        }
    }
}
