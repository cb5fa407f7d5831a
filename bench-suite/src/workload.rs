//! Workloads: Lisp programs that stress a collector and say what their result must be.
//!
//! A workload `NAME` is one file `NAME.el` that defines the function `tenure-NAME-entry` of one argument, the scale, and the constant `tenure-NAME-expected`, an alist from some scales to results.
//! Its head says in `;; Field: value` lines what it is; [`Workload::parse`] reads them.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

/// A workload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its name: that of its file, and the middle of its entry's name.
    pub name: String,
    /// What it is, in a few words.
    pub title: String,
    /// What it stresses in a collector.
    pub stresses: String,
    /// The scale that makes it run for seconds.
    pub default_scale: u64,
    /// How much of its data is live at once at the default scale.
    pub live_size: String,
    /// How fast it allocates.
    pub allocation_rate: String,
    /// The scales whose results are known, ascending.
    pub checked_scales: Vec<u64>,
    /// The program.
    pub source: Cow<'static, str>,
}

/// Why a workload can't be used.
#[derive(Debug, thiserror::Error)]
pub enum WorkloadError {
    /// Its head lacks a field.
    #[error("workload {name}: expected a line `;; {field}: ...` in its head, found none")]
    NoField {
        /// The workload.
        name: String,
        /// The field.
        field: &'static str,
    },
    /// Its default scale is no number.
    #[error("workload {name}: expected a whole number above 0 as its Default-scale, found {found:?}")]
    BadScale {
        /// The workload.
        name: String,
        /// What stands there.
        found: String,
    },
    /// It has no definition that it must have.
    #[error("workload {name}: expected it to define {symbol}, found no `({form} {symbol} `")]
    NoDefinition {
        /// The workload.
        name: String,
        /// The form that defines.
        form: &'static str,
        /// The symbol.
        symbol: String,
    },
    /// A file or a directory can't be read.
    #[error("{path}: {error}", path = path.display())]
    Read {
        /// The file or directory.
        path: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// A directory has no workload.
    #[error("{path}: expected files NAME.el, found none", path = path.display())]
    None {
        /// The directory.
        path: PathBuf,
    },
    /// No workload has this name.
    #[error("expected the name of a workload ({known}), found {found:?}")]
    Unknown {
        /// What was asked for.
        found: String,
        /// What there is.
        known: String,
    },
}

const EMBEDDED: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/workloads.rs"));

/// The workloads that are part of the binary, by name.
///
/// # Errors
///
/// If one of them has not the form that it must have, which a test rules out.
pub fn embedded() -> Result<Vec<Workload>, WorkloadError> {
    EMBEDDED.iter().map(|(name, source)| Workload::parse(name, Cow::Borrowed(*source))).collect()
}

/// The workloads of a directory, by name.
///
/// # Errors
///
/// If it or one of its files can't be read, if it has none, or if one has not the form that it must have.
pub fn from_directory(directory: &Path) -> Result<Vec<Workload>, WorkloadError> {
    let read_error = |path: &Path| {
        let path = path.to_owned();
        move |error| WorkloadError::Read { path, error }
    };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(read_error(directory))? {
        let path = entry.map_err(read_error(directory))?.path();
        if path.extension().is_some_and(|extension| extension == "el") && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(WorkloadError::None { path: directory.to_owned() });
    }
    let parse = |path: PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let source = std::fs::read_to_string(&path).map_err(read_error(&path))?;
        Workload::parse(&name, Cow::Owned(source))
    };
    files.into_iter().map(parse).collect()
}

/// The workloads with these names in this order, or all where no name is given.
///
/// # Errors
///
/// If no workload has one of the names.
pub fn select(all: Vec<Workload>, names: &[String]) -> Result<Vec<Workload>, WorkloadError> {
    if names.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| {
        all.iter().find(|workload| workload.name == *name).cloned().ok_or_else(|| WorkloadError::Unknown {
            found: name.clone(),
            known: all.iter().map(|workload| workload.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    };
    names.iter().map(find).collect()
}

impl Workload {
    /// Reads the head of a workload, and which results it knows.
    ///
    /// # Errors
    ///
    /// If a field or a definition is missing.
    pub fn parse(name: &str, source: Cow<'static, str>) -> Result<Self, WorkloadError> {
        let field = |field: &'static str| {
            let prefix = format!(";; {field}:");
            source
                .lines()
                .take_while(|line| line.is_empty() || line.starts_with(';'))
                .find_map(|line| line.strip_prefix(&prefix))
                .map(|value| value.trim().to_owned())
                .ok_or_else(|| WorkloadError::NoField { name: name.to_owned(), field })
        };
        let scale = field("Default-scale")?;
        let default_scale = scale
            .parse()
            .ok()
            .filter(|&scale| scale > 0)
            .ok_or(WorkloadError::BadScale { name: name.to_owned(), found: scale })?;
        definition(&source, name, "defun", format!("tenure-{name}-entry"))?;
        let expected = definition(&source, name, "defconst", format!("tenure-{name}-expected"))?;
        let mut checked_scales = alist_numbers(expected);
        checked_scales.sort_unstable();
        Ok(Self {
            name: name.to_owned(),
            title: field("Title")?,
            stresses: field("Stresses")?,
            default_scale,
            live_size: field("Live-size")?,
            allocation_rate: field("Allocation-rate")?,
            checked_scales,
            source,
        })
    }

    /// The scales that a run within a time budget chooses from: those whose result is known, and the default halved again and again.
    #[must_use]
    pub fn candidate_scales(&self) -> Vec<u64> {
        let halved =
            std::iter::successors(Some(self.default_scale), |scale| Some(scale / 2)).take_while(|&scale| scale > 0);
        let mut scales: Vec<u64> = halved.chain(self.checked_scales.iter().copied()).collect();
        scales.retain(|&scale| scale <= self.default_scale);
        scales.sort_unstable();
        scales.dedup();
        scales
    }

    /// Scales for trials, ascending: the smallest whose result is known, and the next one, at which it runs for a moment.
    #[must_use]
    pub fn trial_scales(&self) -> Vec<u64> {
        let known = self.checked_scales.iter().copied().filter(|&scale| scale <= self.default_scale);
        let scales: Vec<u64> = known.take(2).collect();
        if scales.is_empty() { vec![self.default_scale] } else { scales }
    }
}

/// The text after the start of a definition.
fn definition<'a>(source: &'a str, name: &str, form: &'static str, symbol: String) -> Result<&'a str, WorkloadError> {
    let start = format!("({form} {symbol}");
    source
        .find(&start)
        .map(|at| &source[at + start.len()..])
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .ok_or_else(|| WorkloadError::NoDefinition { name: name.to_owned(), form, symbol })
}

/// The whole numbers that are the keys of a quoted alist at the start of a text.
fn alist_numbers(text: &str) -> Vec<u64> {
    let mut numbers = Vec::new();
    let mut depth = 0_usize;
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '(' => {
                depth += 1;
                let digits: String = text[at + 1..].chars().take_while(char::is_ascii_digit).collect();
                if depth == 2 && text[at + 1 + digits.len()..].starts_with(" .") {
                    numbers.extend(digits.parse::<u64>());
                }
            }
            ')' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    break;
                }
            }
            '"' => {
                while let Some((_, inside)) = characters.next() {
                    match inside {
                        '\\' => {
                            characters.next();
                        }
                        '"' => break,
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    const TINY: &str = ";;; tiny.el --- Tiny  -*- lexical-binding: t -*-\n\n;; Title: A tiny one\n;; Stresses: nothing\n\
        ;; Default-scale: 100\n;; Live-size: 1 MB\n;; Allocation-rate: 2 MB/s\n\n(defun tenure-tiny-entry (scale)\n  scale)\n\
        (defconst tenure-tiny-expected\n  '((1 . (\"a) (7 . 8\" (3 . 4)))\n    (10 . x)))\n(defvar a '((5 . 6)))\n";

    #[test]
    fn head_and_scales() {
        let workload = Workload::parse("tiny", Cow::Borrowed(TINY)).expect("well formed");
        assert_eq!(workload.title, "A tiny one");
        assert_eq!(workload.default_scale, 100);
        assert_eq!(workload.checked_scales, [1, 10]);
        assert_eq!(workload.trial_scales(), [1, 10]);
        assert_eq!(workload.candidate_scales(), [1, 3, 6, 10, 12, 25, 50, 100]);
    }

    #[test]
    fn what_is_missing_is_named() {
        let broken = [
            (TINY.replace(";; Title", ";; Titel"), "`;; Title: ...`"),
            (TINY.replace("scale: 100", "scale: many"), "\"many\""),
            (TINY.replace("-entry", "-start"), "tenure-tiny-entry"),
            (TINY.replace("-expected", "-expectation"), "tenure-tiny-expected"),
        ];
        for (source, message) in broken {
            let error = Workload::parse("tiny", Cow::Owned(source)).expect_err("broken").to_string();
            assert!(error.contains(message), "{error}");
        }
    }

    #[test]
    fn unknown_names_are_refused() {
        let all = vec![Workload::parse("tiny", Cow::Borrowed(TINY)).expect("well formed")];
        let error = select(all, &["tinny".to_owned()]).expect_err("no such workload").to_string();
        assert_eq!(error, "expected the name of a workload (tiny), found \"tinny\"");
    }

    #[test]
    fn the_embedded_ones_are_well_formed() {
        for workload in embedded().expect("well formed") {
            assert!(workload.checked_scales.contains(&1), "{} knows no result at scale 1", workload.name);
        }
    }
}
