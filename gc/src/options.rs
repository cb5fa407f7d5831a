//! The options of a heap, in one table.
//!
//! The command line, the record of a run and the documentation all derive from [`OPTIONS`].

use crate::native_allocator::NATIVE_ALLOCATOR;
use crate::plan::{PLANS, PlanInfo};
use crate::space::nursery::MOST_AGE;

/// How big the heap may grow and when to collect.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Trigger {
    /// Emacs's rule: collect after `max(gc-cons-threshold, gc-cons-percentage × live)` bytes (`alloc.c`, 28.2).
    Emacs,
    /// Collect when the heap reaches a fixed size in bytes; `memory-full` when it is still full afterwards.
    Fixed(usize),
    /// Collect when the heap has grown to this multiple of what lived after the last collection.
    Multiple(f64),
    /// MemBalancer: the heap may grow by `sqrt(L g / (s c))` bytes beyond what lives, where `L` bytes live, `g` bytes a
    /// second are allocated, `s` bytes a second are collected, and `c` (per MiB) says how dear memory is (Kirisame, Shenoy
    /// and Panchekha, *Optimal heap limits for reducing browser memory use*, 2022).
    MemBalancer(f64),
}

/// Everything that is chosen when a heap is made.
#[derive(Clone, Debug)]
pub struct Config {
    /// The collector, a row of [`PLANS`].
    pub plan: &'static PlanInfo,
    /// When to collect.
    pub trigger: Trigger,
    /// Bytes beyond which the heap never grows; `memory-full` comes first. `None`: three quarters of the machine's memory.
    pub hard_limit: Option<usize>,
    /// Bytes of the nursery, for plans that have one.
    pub nursery_bytes: usize,
    /// Collections of the young that an object survives before it is old, for plans with a nursery: 1 is at once.
    pub tenure_age: usize,
    /// Microseconds that an incremental collector marks in one pause.
    pub slice_us: u32,
    /// Collect at every n-th safepoint; 0 switches stress mode off.
    pub stress: u32,
    /// Run the heap verifier after each collection.
    pub verify: bool,
    /// Overwrite freed memory.
    pub poison: bool,
    /// Words of the Lisp stack.
    pub stack_words: usize,
    /// Pauses that the event buffer holds before it drops (and counts) further ones.
    pub event_capacity: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            plan: &PLANS[crate::plan::DEFAULT_PLAN],
            trigger: Trigger::Emacs,
            hard_limit: None,
            nursery_bytes: 1 << 20,
            tenure_age: 1,
            slice_us: 300,
            stress: 0,
            verify: cfg!(debug_assertions),
            poison: cfg!(debug_assertions),
            stack_words: 4 << 20,
            event_capacity: 1 << 16,
        }
    }
}

impl Config {
    /// The default configuration of the collector called `name`.
    pub fn named(name: &str) -> Result<Config, OptionError> {
        let mut config = Config::default();
        config.set("collector", name)?;
        Ok(config)
    }

    /// Set one option from text.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), OptionError> {
        let option = OPTIONS.iter().find(|o| o.name == name).ok_or_else(|| OptionError {
            option: name.to_owned(),
            found: value.to_owned(),
            expected: format!("an option of the heap: {}", OPTIONS.map(|o| o.name).join(", ")),
        })?;
        (option.set)(self, value).map_err(|expected| OptionError {
            option: name.to_owned(),
            found: value.to_owned(),
            expected,
        })
    }

    /// All options as name and value, for the record of a run.
    pub fn flatten(&self) -> Vec<(&'static str, String)> {
        OPTIONS.iter().map(|o| (o.name, (o.get)(self))).collect()
    }
}

/// A bad value of an option.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("option `{option}`: expected {expected}, found `{found}`")]
pub struct OptionError {
    /// The option's name.
    pub option: String,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// A row of the table of options.
pub struct OptionInfo {
    /// The name, as on the command line without dashes.
    pub name: &'static str,
    /// What the value looks like.
    pub value: &'static str,
    /// One line for `--help` and the manual.
    pub doc: &'static str,
    set: fn(&mut Config, &str) -> Result<(), String>,
    get: fn(&Config) -> String,
}

/// The options of a heap.
pub const OPTIONS: [OptionInfo; 12] = [
    OptionInfo {
        name: "collector",
        value: "NAME",
        doc: "The collector",
        set: |c, v| {
            let plan = PLANS.iter().find(|p| p.name == v).ok_or_else(|| {
                format!("a collector: {}", PLANS.iter().map(|p| p.name).collect::<Vec<_>>().join(", "))
            })?;
            if c.tenure_age > 1 && !plan.nursery {
                return Err(format!("a collector with a nursery, for tenure-age {}: {}", c.tenure_age, with_nursery()));
            }
            c.plan = plan;
            Ok(())
        },
        get: |c| c.plan.name.to_owned(),
    },
    OptionInfo {
        name: "heap-size",
        value: "SIZE|emacs|multiple:K|membalancer:C",
        doc: "A fixed heap of SIZE bytes (suffixes K, M, G); or a growing one: by Emacs's rule, to K times what lives, or by \
              MemBalancer's rule with memory price C per MiB (for instance 0.05)",
        set: |c, v| {
            c.trigger = match v.split_once(':') {
                None if v == "emacs" => Trigger::Emacs,
                None => Trigger::Fixed(parse_size(v)?),
                Some(("multiple", k)) => Trigger::Multiple(parse_factor(k, 1.0)?),
                Some(("membalancer", c)) => Trigger::MemBalancer(parse_factor(c, 0.0)?),
                Some(_) => return Err("a size, emacs, multiple:K or membalancer:C".to_owned()),
            };
            Ok(())
        },
        get: |c| match c.trigger {
            Trigger::Emacs => "emacs".to_owned(),
            Trigger::Fixed(bytes) => bytes.to_string(),
            Trigger::Multiple(k) => format!("multiple:{k}"),
            Trigger::MemBalancer(c) => format!("membalancer:{c}"),
        },
    },
    OptionInfo {
        name: "heap-limit",
        value: "SIZE|auto",
        doc: "Bytes beyond which the heap never grows; `auto` is three quarters of the machine's memory",
        set: |c, v| {
            c.hard_limit = if v == "auto" { None } else { Some(parse_size(v)?) };
            Ok(())
        },
        get: |c| c.hard_limit.map_or_else(|| "auto".to_owned(), |b| b.to_string()),
    },
    OptionInfo {
        name: "nursery-size",
        value: "SIZE",
        doc: "Bytes of the nursery, for collectors that have one",
        set: |c, v| {
            c.nursery_bytes = parse_size(v)?;
            Ok(())
        },
        get: |c| c.nursery_bytes.to_string(),
    },
    OptionInfo {
        name: "tenure-age",
        value: "N",
        doc: "Collections of the young that an object survives before it is old, 1 to 4, for collectors that have a nursery",
        set: |c, v| {
            let age = parse_number(v)? as usize;
            if !(1..=MOST_AGE).contains(&age) {
                return Err(format!("a number from 1 to {MOST_AGE}"));
            }
            if age > 1 && !c.plan.nursery {
                return Err(format!(
                    "1 for the collector `{}`; others have a nursery: {}",
                    c.plan.name,
                    with_nursery()
                ));
            }
            c.tenure_age = age;
            Ok(())
        },
        get: |c| c.tenure_age.to_string(),
    },
    OptionInfo {
        name: "slice-budget",
        value: "N",
        doc: "Microseconds that an incremental collector marks in one pause",
        set: |c, v| {
            c.slice_us = parse_number(v)?.clamp(1, 1_000_000);
            Ok(())
        },
        get: |c| c.slice_us.to_string(),
    },
    OptionInfo {
        name: "native-allocator",
        value: "NAME",
        doc: "Checks which allocator the collector `malloc` calls: it is chosen when the program is built",
        set: |_, v| if v == NATIVE_ALLOCATOR { Ok(()) } else { Err(format!("`{NATIVE_ALLOCATOR}` in this build")) },
        get: |_| NATIVE_ALLOCATOR.to_owned(),
    },
    OptionInfo {
        name: "stress",
        value: "N",
        doc: "Collect at every N-th safepoint; 0 is off",
        set: |c, v| {
            c.stress = parse_number(v)?;
            Ok(())
        },
        get: |c| c.stress.to_string(),
    },
    OptionInfo {
        name: "verify",
        value: "BOOL",
        doc: "Run the heap verifier after each collection; after short pauses, unless under stress, only after every 16th",
        set: |c, v| {
            c.verify = parse_bool(v)?;
            Ok(())
        },
        get: |c| c.verify.to_string(),
    },
    OptionInfo {
        name: "poison",
        value: "BOOL",
        doc: "Overwrite freed memory",
        set: |c, v| {
            c.poison = parse_bool(v)?;
            Ok(())
        },
        get: |c| c.poison.to_string(),
    },
    OptionInfo {
        name: "stack-words",
        value: "N",
        doc: "Words of the Lisp stack",
        set: |c, v| {
            c.stack_words = parse_size(v)?.max(1 << 12);
            Ok(())
        },
        get: |c| c.stack_words.to_string(),
    },
    OptionInfo {
        name: "event-capacity",
        value: "N",
        doc: "Pauses that the event buffer holds before it drops and counts further ones",
        set: |c, v| {
            c.event_capacity = parse_size(v)?;
            Ok(())
        },
        get: |c| c.event_capacity.to_string(),
    },
];

/// The names of the collectors that have a nursery.
fn with_nursery() -> String {
    PLANS.iter().filter(|p| p.nursery).map(|p| p.name).collect::<Vec<_>>().join(", ")
}

/// Parse a size: a whole number with an optional suffix K, M or G (powers of 1024).
pub fn parse_size(text: &str) -> Result<usize, String> {
    let expected = || "a size such as 65536, 64K, 64M or 2G".to_owned();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let shift = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" => 0,
        "K" | "KB" | "KIB" => 10,
        "M" | "MB" | "MIB" => 20,
        "G" | "GB" | "GIB" => 30,
        _ => return Err(expected()),
    };
    let number: usize = digits.parse().map_err(|_| expected())?;
    number.checked_mul(1 << shift).filter(|&n| n <= 1 << 46).ok_or_else(expected)
}

fn parse_number(text: &str) -> Result<u32, String> {
    text.parse().map_err(|_| "a whole number".to_owned())
}

/// A number above `least`.
fn parse_factor(text: &str, least: f64) -> Result<f64, String> {
    let number: Option<f64> = text.parse().ok().filter(|n: &f64| n.is_finite() && *n > least);
    number.ok_or_else(|| format!("a number above {least}"))
}

fn parse_bool(text: &str) -> Result<bool, String> {
    match text {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err("true or false".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        assert_eq!(parse_size("64M"), Ok(64 << 20));
        assert_eq!(parse_size("123"), Ok(123));
        for bad in ["", "M", "-1", "1T", "1.5M", "99999999999999999999", "9999999999G"] {
            assert!(parse_size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn every_option_reads_back_what_it_printed() {
        for heap in ["emacs", "8M", "multiple:2.5", "membalancer:0.05"] {
            let mut config = Config::default();
            config.set("heap-size", heap).expect("a rule");
            for (name, value) in config.flatten() {
                let mut copy = config.clone();
                copy.set(name, &value).expect("own output");
                assert_eq!(copy.flatten(), config.flatten());
            }
        }
    }

    #[test]
    fn a_bad_value_says_what_was_expected() {
        let error = Config::named("mark-swep").expect_err("no such collector").to_string();
        assert!(error.contains("mark-sweep") && error.contains("`mark-swep`"), "{error}");
        for bad in ["multiple:1", "multiple:x", "membalancer:0", "membalancer:inf", "median:3"] {
            assert!(Config::default().set("heap-size", bad).is_err(), "{bad}");
        }
    }
}
