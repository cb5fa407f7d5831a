//! Every function of native code, called with absurd arguments: no call may panic, hang or spoil the heap.
//!
//! A collection comes at every few safepoints, and the heap is verified.  What a call may cost is bounded by fuel, so an
//! endless loop of Lisp ends; one of native code would not, and the test would never end.
//! In the environment ABSURD_SEED chooses other arguments, ABSURD_ONLY names one function, and ABSURD_LOUD prints each call.

use tenure_gc::{Config, Context, Kind, NIL, Object, T};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, funcall, state};

/// Calls of each function.
const ROUNDS: usize = 16;

/// Functions that end the program, wait for someone to type, wait for time to pass, or are for this test's own tools.
const NOT_CALLED: &[&str] = &[
    "kill-emacs",
    "read-from-minibuffer",
    "read-string",
    "yes-or-no-p",
    "sleep-for",
    "tenure-repl",
    "redirect-debugging-output",
    // These change what every later call meets.
    "fset",
    "defalias",
    "fmakunbound",
    "makunbound",
    "set",
    "set-default",
    "set-default-toplevel-value",
    "unintern",
    "setplist",
    "defvaralias",
    "put",
    "define-obsolete-function-alias",
    "set-standard-syntax-table",
];

/// Expressions of arguments.
const ARGUMENTS: &[&str] = &[
    "nil",
    "t",
    "0",
    "1",
    "-1",
    "7",
    "most-positive-fixnum",
    "most-negative-fixnum",
    "(expt 2 70)",
    "(- (expt 2 70))",
    "(ash 1 62)",
    "(ash 1 40)",
    "0.0",
    "-0.0",
    "1.5e300",
    "1.0e+INF",
    "0.0e+NaN",
    "4194303",
    "4194304",
    "1114112",
    "128",
    "\"\"",
    "\"abc\"",
    "\"\\300\\377\"",
    "\"\\u00e9\\U0001F600\"",
    "(make-string 3000 ?x)",
    "(propertize \"abc\" 'face 'bold)",
    "(string-to-multibyte \"\\377a\")",
    "\"[\"",
    "\"\\\\(\"",
    "\"%s%d%99999999d\"",
    "\"%\"",
    "\"\\0\"",
    "'foo",
    "'absurd-unbound",
    ":key",
    "(make-symbol \"u\")",
    "'(1 2 3)",
    "'(1 . 2)",
    "'(a . (b . c))",
    "'((a . 1) (b . 2))",
    "(list 1 \"a\" [1] 2.0)",
    "absurd-circle",
    "absurd-car-circle",
    "absurd-self-vector",
    "absurd-deep",
    "absurd-deep-vector",
    "[]",
    "[1 2 3]",
    "[0 0 0]",
    "(make-vector 3 '(1))",
    "(make-bool-vector 70 t)",
    "(make-bool-vector 0 t)",
    "(make-char-table 'foo 1)",
    "(record 'foo 1)",
    "(record nil)",
    "(make-hash-table)",
    "absurd-self-table",
    "(make-hash-table :test 'equal :weakness 'key)",
    "'car",
    "'cons",
    "(lambda (&rest r) (signal 'error r))",
    "(lambda (x) x)",
    "(lambda (x y) (throw 'absurd x))",
    "(lambda (&rest _) (while t))",
    "'(lambda (x) . 3)",
    "'(closure)",
    "(symbol-function 'if)",
    "(symbol-function 'car)",
    "(symbol-function 'apply)",
    "(make-byte-code 257 \"\\300\\207\" [1] 2)",
    "(make-byte-code 0 \"\\377\\377\" [] 0)",
    "#[0 \"\\10\\11\" [] 9]",
    "(make-marker)",
    "(make-finalizer 'ignore)",
    "(current-buffer)",
    "'quote",
    "'lambda",
    "''''a",
    "'(quote . a)",
    "'(macro . car)",
    "'(autoload \"absurd-none\")",
    "obarray",
    "(lambda (&optional &rest) 1)",
    "load-history",
    "'(&rest)",
    "'error",
    "'(error \"x\" . 3)",
];

const PRELUDE: &str = "(progn
  (defvar absurd-circle (list 1 2 3)) (nconc absurd-circle absurd-circle)
  (defvar absurd-car-circle (list 1)) (setcar absurd-car-circle absurd-car-circle)
  (defvar absurd-self-vector (vector 1 2)) (aset absurd-self-vector 0 absurd-self-vector)
  (defvar absurd-self-table (make-hash-table)) (puthash absurd-self-table absurd-self-table absurd-self-table)
  (defvar absurd-deep nil) (let ((i 0)) (while (< i 20000) (setq absurd-deep (list absurd-deep) i (1+ i))))
  (defvar absurd-deep-vector nil) (let ((i 0)) (while (< i 20000) (setq absurd-deep-vector (vector absurd-deep-vector) i (1+ i)))))";

fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

fn value<'ob>(text: &str, cx: &'ob mut Context) -> Object<'ob> {
    let scope = cx.scope();
    let form = read_one(text.as_bytes(), &mut 0, cx).expect("an argument is well-formed");
    let (form, lexical) = (scope.root(form), scope.root(T));
    match eval::eval(form, lexical, cx) {
        Ok(value) => value.get(cx),
        Err(throw) => {
            cx.caught(throw);
            NIL
        }
    }
}

/// The names of the functions of native code that a program can call.
fn functions(cx: &Context) -> Vec<String> {
    let symbols = cx.obarray_symbols().into_iter();
    let native = symbols.filter(|s| matches!(s.function(cx).untag(), Kind::Subr(_)));
    let names = native.map(|s| String::from_utf8_lossy(s.name(cx).bytes()).into_owned());
    let mut names: Vec<String> = names.filter(|name| !NOT_CALLED.contains(&name.as_str())).collect();
    names.sort();
    names
}

#[test]
fn absurd_calls_are_answered() {
    // Some of the calls make files.
    let scratch = std::env::temp_dir().join(format!("tenure-absurd-{}", std::process::id()));
    std::fs::create_dir_all(&scratch).expect("a directory");
    std::env::set_current_dir(&scratch).expect("a directory to be in");
    state::run_on_big_stack(|| {
        let config = Config { stress: 64, verify: true, ..Config::default() };
        let cx = &mut tenure_lisp::new_context(config);
        let only = std::env::var("ABSURD_ONLY").ok();
        let loud = std::env::var_os("ABSURD_LOUD").is_some();
        value(PRELUDE, cx);
        let caller = "(lambda (absurd-f &rest absurd-arguments) (let ((standard-output 'ignore) (standard-input \"(a)\") (max-lisp-eval-depth 400))
            (condition-case nil (progn (catch 'absurd (apply absurd-f absurd-arguments)) nil) ((error debug quit) nil))))";
        let mut seed = std::env::var("ABSURD_SEED").map_or(1, |seed| seed.parse().expect("ABSURD_SEED is a number"));
        for name in functions(cx).iter().filter(|name| only.as_ref().is_none_or(|only| only == *name)) {
            for _ in 0..ROUNDS {
                let arguments: Vec<&str> =
                    (0..next(&mut seed) % 6).map(|_| ARGUMENTS[next(&mut seed) % ARGUMENTS.len()]).collect();
                if loud {
                    eprintln!("({name} {})", arguments.join(" "));
                }
                let scope = cx.scope();
                let list = scope.root(NIL);
                for argument in arguments.iter().rev() {
                    let v = value(argument, cx);
                    let root = scope.root(v);
                    list.set(cx, cx.cons(root.get(cx), list.get(cx)).into());
                }
                let v = value(caller, cx);
                let caller = scope.root(v);
                state::set_fuel(2_000, cx);
                let call = funcall!(cx, tenure_vm::sym::APPLY, caller.get(cx), cx.intern(name).into(), list.get(cx));
                if let Err(throw) = call {
                    cx.caught(throw);
                }
                state::set_fuel(u64::MAX, cx);
            }
            // What a call may have spoilt that the next ones need.
            value("(setq absurd-circle (list 1 2 3))", cx);
            value("(nconc absurd-circle absurd-circle)", cx);
        }
        cx.collect();
        assert_eq!(value("(car (list 1 2))", cx).as_fixnum(), Some(1));
    });
    std::fs::remove_dir_all(&scratch).expect("the directory is still there");
}
