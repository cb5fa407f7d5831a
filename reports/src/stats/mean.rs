//! Means.

/// The arithmetic mean; `None` of nothing.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

/// The geometric mean, which is the only mean of ratios that doesn't depend on the baseline
/// (Fleming & Wallace, *How not to lie with statistics*, CACM 1986).
///
/// `None` of nothing, and where a value isn't positive.
#[must_use]
pub fn geometric_mean(values: &[f64]) -> Option<f64> {
    if values.iter().any(|&value| value.is_nan() || value <= 0.0) {
        return None;
    }
    let logs: Vec<f64> = values.iter().map(|value| value.ln()).collect();
    mean(&logs).map(f64::exp)
}

/// The sample standard deviation (divisor n - 1); `None` of fewer than two values.
#[must_use]
pub fn standard_deviation(values: &[f64]) -> Option<f64> {
    if values.len() < 2 {
        return None;
    }
    let mean = mean(values)?;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    Some((squares / (values.len() - 1) as f64).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Miles per gallon of the first ten cars of the `mtcars` data of R.
    const CARS: [f64; 10] = [21.0, 21.0, 22.8, 21.4, 18.7, 18.1, 14.3, 24.4, 22.8, 19.2];

    fn close(found: Option<f64>, expected: f64) {
        let found = found.expect("a value");
        assert!((found - expected).abs() < 1e-12 * expected.abs(), "{found} is not {expected}");
    }

    #[test]
    fn agree_with_scipy() {
        close(mean(&CARS), 20.37);
        close(standard_deviation(&CARS), 2.907_098_591_761_590_4);
        close(geometric_mean(&[1.0, 24.4, 0.5, 3.75]), 2.600_745_014_266_939);
        close(geometric_mean(&[2.0, 8.0]), 4.0);
    }

    #[test]
    fn of_nothing_is_nothing() {
        assert_eq!(mean(&[]), None);
        assert_eq!(geometric_mean(&[]), None);
        assert_eq!(geometric_mean(&[1.0, 0.0]), None);
        assert_eq!(geometric_mean(&[1.0, f64::NAN]), None);
        assert_eq!(standard_deviation(&[1.0]), None);
    }
}
