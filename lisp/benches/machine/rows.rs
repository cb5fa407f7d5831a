//! The operations that are measured, as Lisp: `machine` times them here with criterion, `operations` beside GNU Emacs.

/// The row of what is between two operations: its time is taken off those of the rows behind it.
pub const ADDITION: &str = "add 1 to a variable";

/// Name, what surrounds the loop (`%` is the loop), and what is done in each turn, where `i` counts.
pub const ROWS: &[(&str, &str, &str)] = &[
    ("loop", "%", "nil"),
    (ADDITION, "%", "nil"),
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
    ("concat", "(let ((s nil)) %)", "(setq s (concat bench-string \"abcdefghijklmn\"))"),
    ("format", "%", "(format \"%d:%s\" i \"abc\")"),
    ("assq tenth", "(let ((l '((a) (b) (c) (d) (e) (f) (g) (h) (i) (j)))) %)", "(assq 'j l)"),
    (
        "assoc tenth",
        "(let ((l '((\"a\") (\"b\") (\"c\") (\"d\") (\"e\") (\"f\") (\"g\") (\"h\") (\"i\") (\"j\")))) %)",
        "(assoc \"j\" l)",
    ),
    ("nth tenth", "(let ((l (number-sequence 0 20))) %)", "(nth 10 l)"),
    ("puthash of a new key", "(let ((h (make-hash-table))) %)", "(puthash i i h)"),
    ("float product and sum", "(let ((f 0.5) (g 1.000001)) %)", "(setq f (+ (* f g) 0.25))"),
    ("bignum sum", "(let ((b (expt 2 70)) (s 0)) %)", "(setq s (+ b i))"),
    ("substring", "(let ((s nil)) %)", "(setq s (substring bench-string 4 12))"),
    ("aref of a string", "(let ((c nil)) %)", "(setq c (aref bench-string 9))"),
    (
        "string-match",
        "(let ((a (copy-sequence \"key = some value\"))) %)",
        "(string-match \"\\\\([a-z]+\\\\) *= *\\\\(.*\\\\)\" a)",
    ),
    ("string equal", "(let ((b (copy-sequence bench-string)) (s nil)) %)", "(setq s (equal bench-string b))"),
    ("jump table", "%", "(pcase (logand i 3) (0 'a) (1 'b) (2 'c) (_ 'd))"),
];

/// Operations on a list of [`TURNS`] elements: name, and the form.
pub const LIST_ROWS: &[(&str, &str)] = &[
    ("walk a list, per element", "(let ((s 0)) (dolist (x bench-numbers) (setq s (+ s x))) s)"),
    ("mapcar of a closure, per element", "(let ((k 2)) (mapcar (lambda (x) (+ x k)) bench-numbers))"),
    ("mapc of a primitive, per element", "(mapc #'natnump bench-numbers)"),
    ("maphash, per entry", "(let ((s 0)) (maphash (lambda (k v) (setq s (+ s k v))) bench-table) s)"),
    ("mapconcat, per element", "(mapconcat #'number-to-string bench-numbers \" \")"),
    ("reverse, per element", "(reverse bench-numbers)"),
    ("sort with a lambda, per element", "(sort (copy-sequence bench-numbers) (lambda (a b) (< a b)))"),
    ("sort with <, per element", "(sort (copy-sequence bench-numbers) #'<)"),
];

/// Calls of a function by itself: name, the form, and how many calls that makes.
pub const CALL_ROWS: &[(&str, &str, u64)] =
    &[("fib 20, per call", "(bench-fib 20)", 21_891), ("tak 18 12 6, per call", "(bench-tak 18 12 6)", 63_609)];

/// The functions of [`PRELUDE`] that are compiled.
pub const FUNCTIONS: &[&str] = &["bench-identity", "bench-list", "bench-fib", "bench-tak"];

/// Turns of a loop, and elements of a list, that are measured at a time.
pub const TURNS: u64 = 10_000;

/// How often the operation of a row is in the loop, each time with the next `i`; it divides [`TURNS`].
///
/// A processor does an operation beside the loop's own instructions, more so the more of these there are, so the time of an
/// empty loop that is taken off must be short.
const COPIES: usize = 8;

/// The body of a function of `n` that takes `n` turns of a row.
pub fn turns(name: &str, around: &str, turn: &str) -> String {
    let copies = if name == "loop" { 1 } else { COPIES };
    let body = format!("{turn} (setq i (1+ i)) ").repeat(copies);
    around.replace('%', &format!("(let ((i 0)) (while (< i n) {body}))"))
}

/// What the rows need.
pub const PRELUDE: &str = "(progn
  (defvar bench-variable 1)
  (defvar bench-string (copy-sequence \"abcdefghijklmnopqrst\"))
  (defvar bench-numbers
    (let ((l nil) (x 1)) (dotimes (_ 10000) (setq x (% (+ (* x 1103515245) 12345) 2147483648)) (push x l)) l))
  (defun bench-identity (x) x)
  (defun bench-list (a b c) (list a b c))
  (defun bench-fib (n) (if (< n 2) n (+ (bench-fib (1- n)) (bench-fib (- n 2)))))
  (defun bench-tak (x y z)
    (if (not (< y x)) z (bench-tak (bench-tak (1- x) y z) (bench-tak (1- y) z x) (bench-tak (1- z) x y))))
  (defvar bench-table
    (let ((h (make-hash-table))) (dotimes (k 10000) (puthash k k h)) h))
  (setq gc-cons-threshold most-positive-fixnum))";
