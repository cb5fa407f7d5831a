//! The command line of the laboratory.
//!
//! Options of the heap and names of collectors come from [`tenure_gc::OPTIONS`] and [`tenure_gc::PLANS`], so a new row of those tables is an option here, in the records, and in the help text.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Args, CommandFactory as _, FromArgMatches, Parser, Subcommand};

use crate::min_heap::{self, Range};
use crate::plan::{Configuration, HEAP_SIZE, Scaled, VARIABLES};
use crate::session::{self, Lists, Request, Scale};
use crate::workload::{self, Workload};
use crate::{environment, store};

/// A laboratory for garbage collectors, with Emacs Lisp as the mutator
#[derive(Debug, Parser)]
#[command(
    name = "tenure",
    version,
    after_help = "With Emacs's options instead of a command (--batch, -Q, -l FILE, -f FUNCTION, --eval FORM, ...) it runs Lisp as `emacs --batch` does; with nothing at all it reads Lisp from the terminal.\n--trace LEVEL as the first words prints what the program does: at `info` the command line of each process that it starts, at `debug` each collection of the Lisp program that it runs, with its cause and how long it took (`--gc-log FILE` keeps more of them).\n\nExamples:\n  tenure bench --collector incremental,mark-sweep --gc-cons-threshold 800000,8M,64M   # what the threshold does\n  tenure bench lru gcbench --emacs --collector incremental                            # beside GNU Emacs\n  tenure bench --collector no-gc,generational --heap-factor 1.5,2,3                   # time against memory\n  tenure report results/DATE --out page                                               # the page again\n  tenure export results/DATE --format csv                                             # every record and pause as a table"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run workloads under collectors, keep the records, draw a report
    Bench(Box<BenchArgs>),
    /// List the workloads
    List(WorkloadsArgs),
    /// Find the smallest fixed heap in which each workload completes
    Minheap(Box<MinheapArgs>),
    /// Draw the report of a session again
    Report(ReportArgs),
    /// Write a session in the format of another tool
    Export(ExportArgs),
    /// Print a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
struct WorkloadsArgs {
    /// Take the workloads of a directory instead of those in the binary
    #[arg(long, value_name = "DIR")]
    workloads: Option<PathBuf>,
}

impl WorkloadsArgs {
    fn all(&self) -> Result<Vec<Workload>, workload::WorkloadError> {
        match &self.workloads {
            Some(directory) => workload::from_directory(directory),
            None => workload::embedded(),
        }
    }
}

#[derive(Debug, Args)]
struct BenchArgs {
    /// Names of workloads; all of them by default (see `tenure list`)
    #[arg(value_name = "WORKLOAD")]
    names: Vec<String>,
    #[command(flatten)]
    workloads: WorkloadsArgs,
    #[command(flatten)]
    lists: ListArgs,
    /// Processes for each workload and configuration; what the time budget allows by default
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    invocations: Option<u32>,
    /// The workloads' size: `auto` (what the time budget allows), `default` (each workload's own), or a number
    #[arg(long, default_value = "auto", value_parser = parse_scale)]
    scale: Scale,
    /// Fixed heaps as multiples of the smallest one in which a workload completes, which is searched first (see `minheap`)
    #[arg(long, value_name = "FACTOR,...", value_delimiter = ',', value_parser = factor, conflicts_with = HEAP_SIZE)]
    heap_factor: Vec<String>,
    /// How the workloads run: compiled when they are loaded (the default), interpreted, or both
    #[arg(long, value_name = "MODE,...", value_delimiter = ',', value_parser = eval_modes())]
    eval_mode: Vec<String>,
    /// What the session may take, for example 90s or 10m
    #[arg(long, value_name = "TIME", default_value = "140s", value_parser = humantime::parse_duration)]
    time_budget: Duration,
    /// What one process may take
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = humantime::parse_duration)]
    timeout: Duration,
    /// The seed of the order
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The directory of the session; by default a new one in `results`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Run GNU Emacs too, byte-compiled, at its default threshold and at 64 MiB
    #[arg(long, value_name = "PROGRAM", num_args = 0..=1, default_missing_value = "emacs", require_equals = true)]
    emacs: Option<PathBuf>,
    /// Continue the session of a directory; all other options are the session's
    #[arg(long, value_name = "DIR", exclusive = true)]
    resume: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct MinheapArgs {
    /// Names of workloads; all of them by default (see `tenure list`)
    #[arg(value_name = "WORKLOAD")]
    names: Vec<String>,
    #[command(flatten)]
    workloads: WorkloadsArgs,
    /// Collectors; all of them by default
    #[arg(long, value_name = "NAME,...", value_delimiter = ',', value_parser = collectors())]
    collector: Vec<String>,
    /// The workloads' size: `default` (each workload's own), or a number
    #[arg(long, default_value = "default", value_parser = parse_scale)]
    scale: Scale,
    /// The smallest heap to try
    #[arg(long, value_name = "SIZE", default_value = "1M", value_parser = size)]
    from: u64,
    /// The largest heap to try
    #[arg(long, value_name = "SIZE", default_value = "2G", value_parser = size)]
    to: u64,
    /// How exact, as a share of the result
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    precision: f64,
    /// What one process may take
    #[arg(long, value_name = "TIME", default_value = "1m", value_parser = humantime::parse_duration)]
    timeout: Duration,
}

#[derive(Debug, Args)]
struct ReportArgs {
    /// Files or directories of sessions
    #[arg(value_name = "SESSION", required = true)]
    sessions: Vec<PathBuf>,
    /// The directory of the report; several sessions get one below it each
    #[arg(short, long, value_name = "DIR", default_value = "report")]
    out: PathBuf,
}

#[derive(Debug, Args)]
struct ExportArgs {
    /// The file or the directory of a session
    #[arg(value_name = "SESSION")]
    session: PathBuf,
    /// The format
    #[arg(short, long, value_name = "FORMAT", value_parser = formats())]
    format: String,
    /// A directory for the files; by default a format of one file is printed
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// The options that take lists of values; every combination is a configuration.
#[derive(Debug, Default)]
struct ListArgs(Lists);

/// The option that names collectors: it has a default of its own, and names from a table.
const COLLECTOR: &str = "collector";

impl Args for ListArgs {
    fn augment_args(command: clap::Command) -> clap::Command {
        let list = |name: &'static str, value: &'static str, doc: &str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .help(doc.to_owned())
                .value_delimiter(',')
                .action(clap::ArgAction::Append)
        };
        let mut command = command;
        for option in &tenure_gc::OPTIONS {
            let arg = if option.name == COLLECTOR {
                list(option.name, "NAME,...", "Collectors; all of them by default").value_parser(collectors())
            } else {
                let name = option.name;
                let check = move |text: &str| {
                    let mut config = tenure_gc::Config::default();
                    config.set(name, text).map(|()| text.to_owned())
                };
                list(option.name, option.value, option.doc)
                    .value_parser(check)
                    .help_heading("Options of the heap (lists)")
            };
            command = command.arg(arg);
        }
        for variable in &VARIABLES {
            let arg = list(variable.name, "VALUE,...", variable.doc).value_parser(variable.check);
            command = command.arg(arg.help_heading("Lisp variables (lists)"));
        }
        command
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for ListArgs {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut lists = Self::default();
        lists.update_from_arg_matches(matches)?;
        Ok(lists)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let values = |name: &str| matches.get_many::<String>(name).map(|values| values.cloned().collect::<Vec<_>>());
        self.0.collectors =
            values(COLLECTOR).unwrap_or_else(|| tenure_gc::PLANS.iter().map(|plan| plan.name.to_owned()).collect());
        let names = tenure_gc::OPTIONS.iter().map(|option| option.name).filter(|name| *name != COLLECTOR);
        self.0.heap = names.filter_map(|name| Some((name.to_owned(), values(name)?))).collect();
        let names = VARIABLES.iter().map(|variable| variable.name);
        self.0.variables = names.filter_map(|name| Some((name.to_owned(), values(name)?))).collect();
        Ok(())
    }
}

/// Whether the first word of a command line is the laboratory's.
#[must_use]
pub fn is_ours(word: &str) -> bool {
    matches!(word, "help" | "--help" | "-h") || commands().iter().any(|name| name == word)
}

/// The names of the laboratory's commands.
#[must_use]
pub fn commands() -> Vec<String> {
    Cli::command().get_subcommands().map(|sub| sub.get_name().to_owned()).collect()
}

/// Runs the laboratory; gives the exit code.
#[must_use]
pub fn main(words: Vec<OsString>) -> i32 {
    let cli = match Cli::try_parse_from(words) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no reason to complain about the complaint.
            drop(error.print());
            return error.exit_code();
        }
    };
    let done = match cli.command {
        Command::Bench(arguments) => bench(&arguments),
        Command::List(arguments) => list(&arguments),
        Command::Minheap(arguments) => minheap(&arguments),
        Command::Report(arguments) => report(&arguments),
        Command::Export(arguments) => export(&arguments),
        Command::Completions { shell } => completions(shell),
    };
    match done {
        Ok(()) => 0,
        Err(error) if is_broken_pipe(&error) => 0,
        Err(error) => {
            eprintln!("tenure: {error:#}");
            1
        }
    }
}

fn bench(arguments: &BenchArgs) -> anyhow::Result<()> {
    let page = match &arguments.resume {
        Some(directory) => session::resume(directory)?,
        None => session::run(&request(arguments)?)?,
    };
    Ok(writeln!(std::io::stdout(), "{}", page.display())?)
}

fn request(arguments: &BenchArgs) -> anyhow::Result<Request> {
    let mut lists = arguments.lists.0.clone();
    // A collector that never frees must not take the machine's memory; all get the same limit.
    lists.heap.entry("heap-limit".to_owned()).or_insert_with(|| vec![heap_limit().to_string()]);
    lists.factors.clone_from(&arguments.heap_factor);
    lists.eval_modes.clone_from(&arguments.eval_mode);
    let configurations = lists.configurations(arguments.emacs.is_some());
    Ok(Request {
        workloads: workload::select(arguments.workloads.all()?, &arguments.names)?,
        configurations,
        invocations: arguments.invocations,
        scale: arguments.scale,
        range: Range { low: 1 << 20, high: heap_limit(), precision: 0.05 },
        budget: arguments.time_budget,
        timeout: arguments.timeout,
        seed: arguments.seed,
        directory: arguments.out.clone().unwrap_or_else(new_directory),
        emacs: arguments.emacs.clone(),
    })
}

/// Half of the memory that is left, and not above 4 GiB.
fn heap_limit() -> u64 {
    let limit = environment::available_memory().map_or(1 << 30, |available| available / 2);
    limit.min(4 << 30)
}

/// A directory of `results` named after the time.
fn new_directory() -> PathBuf {
    let now = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    PathBuf::from("results").join(now.replace(':', ""))
}

fn list(arguments: &WorkloadsArgs) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    for workload in arguments.all()? {
        writeln!(out, "{}: {}", workload.name, workload.title)?;
        writeln!(out, "    stresses         {}", workload.stresses)?;
        writeln!(out, "    default scale    {}", workload.default_scale)?;
        writeln!(out, "    live size        {}", workload.live_size)?;
        writeln!(out, "    allocation rate  {}", workload.allocation_rate)?;
    }
    Ok(())
}

/// Prints a table, a line as soon as it is known.
fn minheap(arguments: &MinheapArgs) -> anyhow::Result<()> {
    let workloads = workload::select(arguments.workloads.all()?, &arguments.names)?;
    let directory = tempfile::tempdir()?;
    let bench = session::prepare(directory.path(), &workloads, None, arguments.timeout)?;
    let collectors = match &arguments.collector[..] {
        [] => tenure_gc::PLANS.iter().map(|plan| plan.name.to_owned()).collect(),
        some => some.to_vec(),
    };
    let range = Range { low: arguments.from, high: arguments.to, precision: arguments.precision };
    let mut out = std::io::stdout();
    writeln!(out, "workload\tscale\tcollector\tsmallest heap\tlargest that failed\tprocesses")?;
    for workload in &workloads {
        let scale = match arguments.scale {
            Scale::Fixed(scale) => scale,
            Scale::Default | Scale::Auto => workload.default_scale,
        };
        let scaled = Scaled { name: workload.name.clone(), scale };
        for collector in &collectors {
            let configuration = Configuration {
                collector: collector.clone(),
                heap: BTreeMap::new(),
                variables: BTreeMap::new(),
                heap_factor: None,
                eval_mode: None,
            };
            let found = min_heap::find(&bench, &scaled, &configuration, range)?;
            let size = |bytes: Option<u64>| bytes.map_or_else(|| "none".to_owned(), |bytes| bytes.to_string());
            let (smallest, failed) = (size(found.heap_bytes), size(found.failed_bytes));
            writeln!(out, "{}\t{scale}\t{collector}\t{smallest}\t{failed}\t{}", workload.name, found.probes)?;
        }
    }
    Ok(())
}

fn size(text: &str) -> Result<u64, String> {
    let bytes = tenure_gc::parse_size(text)?;
    u64::try_from(bytes).ok().filter(|&bytes| bytes > 0).ok_or_else(|| "a size above 0".to_owned())
}

fn factor(text: &str) -> Result<String, String> {
    match text.parse::<f64>() {
        Ok(factor) if factor >= 1.0 && factor.is_finite() => Ok(text.to_owned()),
        _ => Err("expected a number of at least 1".to_owned()),
    }
}

/// The ways in which source files run.
fn eval_modes() -> PossibleValuesParser {
    PossibleValuesParser::new(tenure_lisp::EvalMode::ALL.iter().map(|(name, _)| *name))
}

/// The names of the collectors, with their help.
fn collectors() -> PossibleValuesParser {
    let value = |plan: &tenure_gc::PlanInfo| clap::builder::PossibleValue::new(plan.name).help(plan.doc);
    PossibleValuesParser::new(tenure_gc::PLANS.iter().map(value))
}

fn report(arguments: &ReportArgs) -> anyhow::Result<()> {
    for (index, path) in arguments.sessions.iter().enumerate() {
        let directory = match arguments.sessions.len() {
            1 => arguments.out.clone(),
            _ => arguments.out.join((index + 1).to_string()),
        };
        let page = session::write_report(&store::read(path)?, &directory)?;
        writeln!(std::io::stdout(), "{}", page.display())?;
    }
    Ok(())
}

fn export(arguments: &ExportArgs) -> anyhow::Result<()> {
    let format = tenure_reports::export::format(&arguments.format)
        .with_context(|| format!("expected a format of the table of exports, found {:?}", arguments.format))?;
    let session = store::read(&arguments.session)?;
    let files = (format.files)(&session);
    let Some(directory) = &arguments.out else {
        let [(_, text)] = &files[..] else {
            anyhow::bail!("the format {} makes {} files: expected --out DIR", format.name, files.len());
        };
        return Ok(std::io::stdout().write_all(text.as_bytes())?);
    };
    std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
    for (name, text) in files {
        let path = directory.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        writeln!(std::io::stdout(), "{}", path.display())?;
    }
    Ok(())
}

/// The names of the formats, with their help.
fn formats() -> clap::builder::PossibleValuesParser {
    let value =
        |format: &tenure_reports::export::Format| clap::builder::PossibleValue::new(format.name).help(format.help);
    PossibleValuesParser::new(tenure_reports::export::FORMATS.iter().map(value))
}

fn completions(shell: clap_complete::Shell) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "tenure", &mut script);
    Ok(std::io::stdout().write_all(&script)?)
}

fn parse_scale(text: &str) -> Result<Scale, String> {
    match text {
        "auto" => Ok(Scale::Auto),
        "default" => Ok(Scale::Default),
        number => match number.parse() {
            Ok(scale) if scale > 0 => Ok(Scale::Fixed(scale)),
            _ => Err("expected auto, default or a whole number above 0".to_owned()),
        },
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::BrokenPipe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn words_of_the_laboratory() {
        for word in ["bench", "list", "report", "export", "minheap", "completions", "help", "--help"] {
            assert!(is_ours(word), "{word}");
        }
        for word in ["--batch", "-Q", "--version", "file.el", ""] {
            assert!(!is_ours(word), "{word}");
        }
    }

    #[test]
    fn lists_come_from_the_tables() {
        let words = [
            "tenure",
            "bench",
            "--collector",
            "no-gc,semispace",
            "--heap-size",
            "8M,emacs",
            "--gc-cons-threshold",
            "1M",
        ];
        let Command::Bench(arguments) = Cli::try_parse_from(words).expect("well formed").command else {
            panic!("expected the command bench");
        };
        assert_eq!(arguments.lists.0.collectors, ["no-gc", "semispace"]);
        assert_eq!(arguments.lists.0.heap["heap-size"], ["8M", "emacs"]);
        assert_eq!(arguments.lists.0.variables["gc-cons-threshold"], ["1048576"]);
    }

    #[test]
    fn bad_values_say_what_was_expected() {
        for (words, message) in [
            (["--collector", "mark-swep"], "mark-sweep"),
            (["--heap-size", "big"], "a size such as"),
            (["--scale", "0"], "whole number above 0"),
            (["--gc-cons-percentage", "x"], "a decimal point"),
        ] {
            let words = ["tenure", "bench"].into_iter().chain(words);
            let error = Cli::try_parse_from(words).expect_err("a bad value").to_string();
            assert!(error.contains(message), "{error}");
        }
    }
}
