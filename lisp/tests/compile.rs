//! The compiler: what it gives means what the source means, here and in GNU Emacs.
//!
//! Programs are made at random from fixed seeds; the workloads of the laboratory are compiled on each side and run on
//! both; each file of the library is compiled.

#[path = "differential/driver.rs"]
mod driver;
#[path = "differential/emacs.rs"]
mod emacs;
#[path = "compile/programs.rs"]
mod programs;

use driver::{DRIVER, answer, load_text};
use emacs::Emacs;
use programs::Writer;
use std::path::{Path, PathBuf};
use std::process::Command;
use tenure_gc::{Config, Context, T};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, state};

/// Random programs that are tried.
const PROGRAMS: u64 = 400;
/// Values for the two parameters of a program.
const ARGUMENTS: &[&str] = &["1 2", "'a nil", "'(1 2 3)", "[a 2.5] 7"];

/// What programs need, and `compile-print`, which gives a compiled function as a line of ASCII.
const EXCHANGE: &str = r#"
(require 'cl-lib)
(require 'pcase)
(require 'seq)
(require 'subr-x)
(require 'gv)
(defun compile-print (function)
  (let ((print-escape-newlines t) (print-escape-control-characters t) (print-escape-multibyte t)
        (print-escape-nonascii t) (print-circle t) (print-gensym t) (lexical-binding t))
    (prin1-to-string (byte-compile function))))
"#;

/// A form that compiles a program and gives its text.
fn compilation(program: &str) -> String {
    format!("(compile-print '{program})")
}

/// The string that an answer has for value, as it was printed.
fn quoted(answer: &str) -> Result<String, String> {
    let text = answer.strip_prefix("(value ").and_then(|t| t.strip_suffix(')')).filter(|t| t.starts_with('"'));
    text.map(str::to_owned).ok_or_else(|| answer.to_owned())
}

/// Call a program, in a fresh state, and show the variables as well.
fn call(function: &str, arguments: &str) -> String {
    format!("(progn (diff-reset) (list (funcall {function} {arguments}) diff-a diff-b diff-c))")
}

#[test]
fn random_programs_mean_the_same_compiled_here_and_run_in_emacs() {
    let Some(mut emacs) = Emacs::start() else { return };
    state::run_on_big_stack(move || {
        let cx = &mut tenure_lisp::new_context(Config::default());
        load_text(DRIVER, cx);
        load_text(EXCHANGE, cx);
        emacs.ask(&format!("(progn {})", EXCHANGE.replace('\n', " "))).expect("an answer");
        let programs = std::env::var("COMPILE_PROGRAMS").ok().and_then(|n| n.parse().ok()).unwrap_or(PROGRAMS);
        let mut wrong = Vec::new();
        let first = std::env::var("COMPILE_FIRST").ok().and_then(|n| n.parse().ok()).unwrap_or(0);
        for seed in first..first + programs {
            let program = Writer::new(seed).program();
            let read = |code: &str| format!("(car (read-from-string {code}))");
            let ours = quoted(&answer(&compilation(&program), cx));
            let of_emacs = quoted(&emacs.ask(&compilation(&program)).expect("an answer"));
            let (code, code_of_emacs) = match (ours, of_emacs) {
                (Ok(ours), of_emacs) => (read(&ours), of_emacs.map(|code| read(&code))),
                // A macro may signal.
                (Err(ours), Err(of_emacs)) if ours == of_emacs => continue,
                (Err(ours), of_emacs) => {
                    wrong.push(format!("{seed}: {program}\n  does not compile: {ours}, there {of_emacs:?}"));
                    continue;
                }
            };
            for arguments in ARGUMENTS {
                let expected = emacs.ask(&call(&program, arguments)).expect("an answer");
                let evaluated = answer(&call(&program, arguments), cx);
                let run_there = emacs.ask(&call(&code, arguments)).expect("an answer");
                let run_here = answer(&call(&code, arguments), cx);
                if let Ok(code) = &code_of_emacs {
                    let there = emacs.ask(&call(code, arguments)).expect("an answer");
                    let here = answer(&call(code, arguments), cx);
                    if here != there {
                        wrong.push(format!(
                            "{seed}: {program} of {arguments}\n  compiled by Emacs, run here gives {here}\n  run there {there}"
                        ));
                    }
                }
                let answers = [
                    ("evaluated here", evaluated),
                    ("compiled here, run in Emacs", run_there),
                    ("compiled and run here", run_here),
                ];
                for (what, found) in answers {
                    if found != expected {
                        wrong.push(format!(
                            "{seed}: {program} of {arguments}\n  {what} gives {found}\n  Emacs's evaluator {expected}"
                        ));
                    }
                }
            }
        }
        wrong.sort_by_key(String::len);
        let shown = &wrong[..wrong.len().min(20)];
        assert!(wrong.is_empty(), "{} answers differ\n{}", wrong.len(), shown.join("\n"));
    });
}

/// The directory of the workloads.
fn workloads() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../bench-suite/workloads")
}

/// The files of Lisp in a directory, sorted.
fn lisp_files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "el")).collect();
    files.sort();
    files
}

/// A directory that is removed when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("tenure-compile-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Scratch(path)
    }

    /// A copy of a file.
    fn copy(&self, file: &Path) -> PathBuf {
        let copy = self.0.join(file.file_name().expect("a name"));
        std::fs::copy(file, &copy).expect("a copy");
        copy
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Evaluate a form here; gives what it prints.
fn value(form: &str, cx: &mut Context) -> String {
    let scope = cx.scope();
    let form = read_one(form.as_bytes(), &mut 0, cx).expect("a form");
    let (form, lexical) = (scope.root(form), scope.root(T));
    let value = match eval::eval(form, lexical, cx) {
        Ok(value) => value.get(cx),
        Err(throw) => return format!("{:?}", cx.caught(throw)),
    };
    let text = tenure_lisp::print::print_to_text(value, true, cx).expect("text");
    String::from_utf8_lossy(&text).into_owned()
}

/// A form that loads a compiled workload and compares its results at small scales with those that it expects.
fn check_workload(file: &Path) -> String {
    let name = file.file_stem().and_then(|s| s.to_str()).expect("a name");
    format!(
        "(progn (load {:?} nil t) (let ((wrong nil)) (dolist (pair tenure-{name}-expected) (when (<= (car pair) 10) \
         (let ((result (tenure-{name}-entry (car pair)))) (unless (equal result (cdr pair)) (push result wrong))))) \
         (list 'wrong wrong)))",
        file.with_extension("elc").to_str().expect("a name")
    )
}

#[test]
fn workloads_compiled_here_give_the_right_results_here_and_in_emacs() {
    let scratch = Scratch::new("ours");
    let emacs = Emacs::start();
    state::run_on_big_stack(|| {
        let cx = &mut tenure_lisp::new_context(Config::default());
        let mut emacs = emacs;
        for file in lisp_files(&workloads()) {
            let copy = scratch.copy(&file);
            assert_eq!(
                value(&format!("(byte-compile-file {:?})", copy.to_str().expect("a name")), cx),
                "t",
                "{file:?}"
            );
            assert_eq!(value(&check_workload(&copy), cx), "(wrong nil)", "{file:?} run here");
            if let Some(emacs) = &mut emacs {
                let answer = emacs.ask(&check_workload(&copy)).expect("an answer");
                assert_eq!(answer, "(value (wrong nil))", "{file:?} run in Emacs");
            }
        }
    });
}

#[test]
fn workloads_compiled_by_emacs_give_the_right_results_here() {
    if Emacs::start().is_none() {
        return;
    }
    let scratch = Scratch::new("emacs");
    let copies: Vec<PathBuf> = lisp_files(&workloads()).iter().map(|file| scratch.copy(file)).collect();
    let status = Command::new("emacs")
        .args(["--batch", "-Q", "-f", "batch-byte-compile"])
        .args(&copies)
        .stderr(std::process::Stdio::null())
        .status();
    assert!(status.is_ok_and(|status| status.success()), "Emacs compiles the workloads");
    state::run_on_big_stack(|| {
        let cx = &mut tenure_lisp::new_context(Config::default());
        for copy in &copies {
            assert_eq!(value(&check_workload(copy), cx), "(wrong nil)", "{copy:?}");
        }
    });
}

#[test]
fn what_macros_expand_to_runs_in_emacs_too() {
    const ANSWERS: &str = "(mapcar (lambda (form) (condition-case e (eval form t) (error e))) macros-forms)";
    let scratch = Scratch::new("macros");
    let copy = scratch.copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compile/macros.el"));
    let answers = |file: &Path| format!("(progn (load {:?} nil t t) {ANSWERS})", file.to_str().expect("a name"));
    let emacs = Emacs::start();
    state::run_on_big_stack(|| {
        let cx = &mut tenure_lisp::new_context(Config::default());
        assert_eq!(value(&format!("(byte-compile-file {:?})", copy.to_str().expect("a name")), cx), "t");
        let compiled = copy.with_extension("elc");
        let here = value(&answers(&compiled), cx);
        if let Some(mut emacs) = emacs {
            let from_source = emacs.ask(&answers(&copy)).expect("an answer");
            assert_eq!(emacs.ask(&answers(&compiled)).expect("an answer"), from_source, "Emacs");
            assert_eq!(format!("(value {here})"), from_source, "here");
        }
    });
}

#[test]
fn every_file_of_the_library_compiles() {
    let scratch = Scratch::new("library");
    state::run_on_big_stack(|| {
        let cx = &mut tenure_lisp::new_context(Config::default());
        for file in lisp_files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("el")) {
            let copy = scratch.copy(&file);
            assert_eq!(
                value(&format!("(byte-compile-file {:?})", copy.to_str().expect("a name")), cx),
                "t",
                "{file:?}"
            );
        }
    });
}

#[test]
fn what_byte_compile_gives() {
    for (form, expected) in [
        ("(byte-code-function-p (byte-compile '(lambda (x) (1+ x))))", "t"),
        ("(funcall (byte-compile '(lambda (x &optional y) (list x y))) 1)", "(1 nil)"),
        ("(progn (defalias 'f #'(lambda (x) (* 2 x))) (list (byte-code-function-p (byte-compile 'f)) (f 4)))", "(t 8)"),
        (
            "(progn (defmacro m (x) (list '1+ x)) (byte-compile 'm) (list (car (symbol-function 'm)) (m 4)))",
            "(macro 5)",
        ),
        // The callers that an error has left are not returned to.
        (
            "(progn (fset 'f (byte-compile '(lambda (x) (car x)))) (fset 'g (byte-compile '(lambda (x) (1+ (f x))))) \
             (fset 'h (byte-compile '(lambda (x) (list (g x))))) (list (condition-case e (h 1) (error 'no)) (h '(2)) (g '(3))))",
            "(no (3) 4)",
        ),
        // A closure keeps the variables that it shares.
        ("(let* ((n 1) (f (byte-compile (lambda () (setq n (1+ n)))))) (list (funcall f) (funcall f)))", "(2 3)"),
        ("(eval (byte-compile '(let ((a 1)) (list a a))))", "(1 1)"),
        ("(byte-compile '(+ 1 2))", "3"),
        ("(byte-compile ''a)", "'a"),
        ("(condition-case e (byte-compile '(lambda (&rest) 1)) (error e))", "(error \"&rest without variable name\")"),
        ("(condition-case e (byte-compile '(let ((x . 3)) x)) (error e))", "(wrong-type-argument listp 3)"),
        ("(condition-case e (byte-compile 'no-such-function-here) (error (car e)))", "error"),
        ("(aref (byte-compile '(lambda (x _y &rest z) \"Doc.\" x)) 4)", "\"Doc.\n\n(fn X Y &rest Z)\""),
        ("(interactive-form (byte-compile '(lambda (x) (interactive \"p\") x)))", "(interactive \"p\")"),
        ("(func-arity (byte-compile '(lambda (a &optional b &rest c) a)))", "(1 . many)"),
        ("(let ((lexical-binding nil)) (funcall (byte-compile '(lambda (x) (boundp 'x))) 1))", "t"),
        ("(funcall (byte-compile '(lambda (x) (boundp 'x))) 1)", "nil"),
        // A compiler macro that finds nothing to do at first sees the arguments expanded.
        (
            "(progn (put 'f 'compiler-macro (lambda (form x) (if (eq x 'c) ''done form))) (defmacro m () ''c) \
             (defmacro c () 'c) (list (macroexpand-all '(f c)) (macroexpand-all '(f (c))) (macroexpand-all '(f 1)) \
             (macroexpand-all '(funcall #'f c))))",
            "('done 'done (f 1) 'done)",
        ),
        (
            "(progn (defsubst s (x) (list x x)) (let ((n 0)) (list (funcall (byte-compile '(lambda (y) (s (1+ y)))) 1))))",
            "((2 2))",
        ),
        (
            "(let* ((text nil) (standard-output (lambda (c) (push c text)))) \
             (disassemble '(lambda (x) (if x (car x) #'(lambda () 'in)))) (apply #'string (nreverse text)))",
            "\"byte code:\n  args: (arg1)\n0       dup\n1       goto-if-nil 1\n4       dup\n5       car\n6       return\n\
             7:1     constant   <compiled-function>\n      args: ()\n    0       constant   in\n    1       return\n\
             8       return\n\"",
        ),
    ] {
        let found = state::run_on_big_stack(|| {
            let cx = &mut tenure_lisp::new_context(Config::default());
            value(&format!("(let ((lexical-binding t)) {form})"), cx)
        });
        assert_eq!(found, expected, "{form}");
    }
}

#[test]
fn deep_code_is_an_error() {
    for depth in [1_000, 100_000] {
        let form = format!("{}1{}", "(list ".repeat(depth), ")".repeat(depth));
        let found = state::run_on_big_stack(|| {
            let cx = &mut tenure_lisp::new_context(Config::default());
            value(&format!("(condition-case e (progn (byte-compile '{form}) 'fine) (error (car e)))"), cx)
        });
        assert_eq!(found, if depth == 1_000 { "fine" } else { "error" });
    }
}
