//! Statistics: small, seeded, and checked against reference values that other programs computed.
//!
//! Everything here is a pure function of its arguments, so the same records give the same page.
//!
//! | module | what it gives | after |
//! |---|---|---|
//! | [`mean`] | arithmetic and geometric mean, standard deviation | Fleming & Wallace 1986 for the geometric mean of ratios |
//! | [`quantile`] | interpolated quantiles of few values, nearest-rank percentiles of many | Hyndman & Fan 1996, types 7 and 1 |
//! | [`bootstrap`] | percentile intervals of a mean, a median, a ratio of means, and what is computed from them | Efron & Tibshirani 1993 |
//! | [`rank`] | Mann-Whitney test, exact where it can be | Mann & Whitney 1947 |
//! | [`mmu`] | minimum mutator utilisation | Cheng & Blelloch 2001 |
//! | [`latency`] | simple and metered latency of requests | DaCapo Chopin's latency reporter |
//! | [`rng`] | the generator that resampling draws from | Steele, Lea & Flood 2014 (SplitMix64) |

pub mod bootstrap;
pub mod latency;
pub mod mean;
pub mod mmu;
pub mod quantile;
pub mod rank;
pub mod rng;
