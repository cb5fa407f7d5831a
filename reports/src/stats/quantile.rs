//! Quantiles, in the two ways that fit the two uses.
//!
//! A median of ten run times is interpolated ([`quantile`], Hyndman & Fan's type 7, R's default).
//! The 99.9th percentile of a thousand pauses is one of the pauses ([`percentile`], nearest rank, type 1): a pause that nobody felt has no place in a table of pauses.

/// The interpolated quantile at `p` in 0..=1 of values in ascending order; `None` of nothing.
#[must_use]
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let position = p.clamp(0.0, 1.0) * last as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(last);
    let weight = position - below as f64;
    Some(sorted[below] + weight * (sorted[above] - sorted[below]))
}

/// The interpolated median of values in any order; `None` of nothing.
#[must_use]
pub fn median(values: &[f64]) -> Option<f64> {
    quantile(&sorted(values), 0.5)
}

/// The smallest of the ascending values that at least a share of `p` in 0..=1 of them doesn't exceed; `None` of nothing.
#[must_use]
pub fn percentile<T: Copy>(sorted: &[T], p: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    // The subtraction keeps 0.999 * 1000 from being rounded up to 1000.
    let rank = (p.clamp(0.0, 1.0) * sorted.len() as f64 - 1e-9).ceil() as usize;
    Some(sorted[rank.saturating_sub(1).min(last)])
}

/// Like [`percentile`], but `None` where fewer than one of the values is expected beyond it, so that the answer would only be the maximum under another name.
#[must_use]
pub fn supported_percentile<T: Copy>(sorted: &[T], p: f64) -> Option<T> {
    let beyond = (1.0 - p) * sorted.len() as f64;
    (beyond >= 1.0 - 1e-9).then(|| percentile(sorted, p)).flatten()
}

/// The values in ascending order; values that aren't numbers are at the end.
#[must_use]
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;

    const CARS: [f64; 10] = [21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2];

    #[test]
    fn agree_with_numpy() {
        let cars = sorted(&CARS);
        // p, linear, inverted_cdf
        for (p, linear, nearest) in [
            (0.0, 14.3, 14.3),
            (0.1, 17.72, 14.3),
            (0.25, 18.825, 18.7),
            (0.5, 21.0, 21.0),
            (0.9, 22.96, 22.8),
            (0.99, 24.256, 24.4),
            (1.0, 24.4, 24.4),
        ] {
            let found = quantile(&cars, p).unwrap();
            assert!((found - linear).abs() < 1e-9, "quantile {p}: {found} is not {linear}");
            assert_eq!(percentile(&cars, p), Some(nearest), "percentile {p}");
        }
    }

    #[test]
    fn a_percentile_is_an_observation() {
        let thousand: Vec<u64> = (1..=1000).collect();
        assert_eq!(percentile(&thousand, 0.5), Some(500));
        assert_eq!(percentile(&thousand, 0.99), Some(990));
        assert_eq!(percentile(&thousand, 0.999), Some(999));
        assert_eq!(percentile(&thousand, 0.9999), Some(1000));
    }

    #[test]
    fn a_percentile_without_support_is_not_given() {
        let thousand: Vec<u64> = (1..=1000).collect();
        assert_eq!(supported_percentile(&thousand, 0.999), Some(999));
        assert_eq!(supported_percentile(&thousand, 0.9999), None);
        assert_eq!(supported_percentile(&thousand[..99], 0.99), None);
        assert_eq!(supported_percentile(&thousand[..100], 0.99), Some(99));
    }

    #[test]
    fn of_nothing_is_nothing() {
        assert_eq!(quantile(&[], 0.5), None);
        assert_eq!(percentile::<u64>(&[], 0.5), None);
        assert_eq!(median(&[]), None);
        assert_eq!(median(&[4.0, 1.0]), Some(2.5));
    }
}
