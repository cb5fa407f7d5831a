//! What the machine's own operations cost: each line is the time of one operation in a compiled loop, the loop included;
//! `loop` is what an empty one takes.  `docs/machine.md` has the figures.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use tenure_gc::{Config, Context, Object, T};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, funcall};

/// Turns of a loop that are measured at a time.
const TURNS: u64 = 10_000;

/// Name, what surrounds the loop (`%` is the loop), and what is done in each turn, where `i` counts.
const ROWS: &[(&str, &str, &str)] = &[
    ("loop", "%", "nil"),
    ("call", "%", "(bench-identity i)"),
    ("call of a closure", "(let* ((s 0) (f (lambda (x) (setq s (+ s x))))) %)", "(funcall f i)"),
    ("call with &rest", "(let ((f (lambda (&rest l) l))) %)", "(funcall f i i i)"),
    ("apply", "(let ((l '(1 2 3))) %)", "(apply #'bench-list l)"),
    ("make a closure", "(let (f) %)", "(setq f (let ((k i)) (lambda () k)))"),
    ("dynamic binding", "%", "(let ((bench-variable i)) (bench-identity bench-variable))"),
    ("condition-case entered", "%", "(condition-case nil (bench-identity i) (error nil))"),
    ("signal caught", "%", "(condition-case nil (car i) (error nil))"),
    ("catch and throw", "%", "(catch 'tag (throw 'tag i))"),
    ("unwind-protect", "%", "(unwind-protect (bench-identity i) (setq bench-variable i))"),
    ("cons", "(let (c) %)", "(setq c (cons i nil))"),
    ("float sum", "(let ((f 0.5)) %)", "(setq f (+ f 1.5))"),
    ("vector of 4", "(let (v) %)", "(setq v (vector i i i i))"),
    ("aref and aset", "(let ((v (make-vector 8 0))) %)", "(aset v 3 (aref v 4))"),
    ("gethash eql", "(let ((h (make-hash-table))) (dotimes (k 1000) (puthash k k h)) %)", "(gethash 500 h)"),
    (
        "gethash equal, string",
        "(let ((h (make-hash-table :test 'equal))) (dotimes (k 1000) (puthash (number-to-string k) k h)) %)",
        "(gethash \"500\" h)",
    ),
    ("concat", "(let ((a \"abcdef\") (s nil)) %)", "(setq s (concat a \"abcdefghijklmn\"))"),
    ("format", "%", "(format \"%d:%s\" i \"abc\")"),
    ("assq tenth", "(let ((l '((a) (b) (c) (d) (e) (f) (g) (h) (i) (j)))) %)", "(assq 'j l)"),
    ("jump table", "%", "(pcase (logand i 3) (0 'a) (1 'b) (2 'c) (_ 'd))"),
];

/// Operations on a list of [`TURNS`] elements: name, and the form.
const LIST_ROWS: &[(&str, &str)] = &[
    ("walk a list, per element", "(let ((s 0)) (dolist (x bench-numbers) (setq s (+ s x))) s)"),
    ("mapcar of a closure, per element", "(let ((k 2)) (mapcar (lambda (x) (+ x k)) bench-numbers))"),
    ("sort with a lambda, per element", "(sort (copy-sequence bench-numbers) (lambda (a b) (< a b)))"),
    ("sort with <, per element", "(sort (copy-sequence bench-numbers) #'<)"),
];

const PRELUDE: &str = "(progn
  (defvar bench-variable 1)
  (defvar bench-numbers
    (let ((l nil) (x 1)) (dotimes (_ 10000) (setq x (% (+ (* x 1103515245) 12345) 2147483648)) (push x l)) l))
  (defun bench-identity (x) x)
  (defun bench-list (a b c) (list a b c))
  (defun bench-fib (n) (if (< n 2) n (+ (bench-fib (1- n)) (bench-fib (- n 2)))))
  (mapc #'byte-compile '(bench-identity bench-list bench-fib))
  (setq gc-cons-threshold 64000000))";

fn run(source: &str, cx: &mut Context) {
    let scope = cx.scope();
    let form = read_one(source.as_bytes(), &mut 0, cx).expect("a form");
    let (form, lexical) = (scope.root(form), scope.root(T));
    eval::eval(form, lexical, cx).expect("a value").get(cx);
}

fn machine(c: &mut Criterion) {
    let mut cx = tenure_lisp::new_context(Config::default());
    let cx = &mut cx;
    run(PRELUDE, cx);
    let mut group = c.benchmark_group("machine");
    let mut measure = |name: &str, body: &str, per: u64, cx: &mut Context| {
        run(&format!("(fset 'bench-run (byte-compile '(lambda (n) {body})))"), cx);
        group.throughput(Throughput::Elements(per));
        group.bench_function(name, |b| {
            b.iter(|| {
                let run = cx.intern("bench-run").into();
                funcall!(cx, run, Object::fixnum(TURNS as i64)).expect("a value").get(cx);
            });
        });
    };
    for (name, around, turn) in ROWS {
        let turns = format!("(let ((i 0)) (while (< i n) {turn} (setq i (1+ i))))");
        measure(name, &around.replace('%', &turns), TURNS, cx);
    }
    for (name, body) in LIST_ROWS {
        measure(name, body, TURNS, cx);
    }
    measure("fib 20, per call", "(bench-fib 20)", 21_891, cx);
    group.finish();
}

criterion_group!(benches, machine);
criterion_main!(benches);
