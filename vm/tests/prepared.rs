//! Prepared functions against the evaluator of lists and GNU Emacs 28.2: each row is a form, and what both give.
//!
//! Every function is called often enough to be prepared, and then something happens that it must see: its source changes,
//! a function or primitive is redefined, a variable becomes special, something is signalled deep within quiet forms.

mod support;

use support::{evaluate, under_every_plan};

/// Forms, and what GNU Emacs 28.2 gives for each under lexical binding.
const ROWS: &[(&str, &str)] = &[
    // Plain programs.
    (
        "(progn (fset 'f #'(lambda (n) (if (< n 2) n (+ (f (1- n)) (f (- n 2)))))) (list (f 5) (f 10) (f 15)))",
        "(5 55 610)",
    ),
    (
        "(progn (fset 'f #'(lambda (a &optional b &rest c) (list a b c))) (list (f 1) (f 1 2) (f 1 2 3) (f 1 2 3 4)))",
        "((1 nil nil) (1 2 nil) (1 2 (3)) (1 2 (3 4)))",
    ),
    (
        "(progn (fset 'f #'(lambda (a &optional b) (setq b (cons a b)) b)) (f 1) (f 1) (condition-case e (f) (error e)))",
        "(wrong-number-of-arguments ((t) (a &optional b) (setq b (cons a b)) b) 0)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let ((i 0) (l nil)) (while (< i n) (setq l (cons (* i i) l) i (1+ i))) l)))
            (list (f 3) (f 4) (f 0)))",
        "((4 1 0) (9 4 1 0) nil)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let* ((a n) (b (* a 2)) (c (list a b))) (cond ((eq a 1)) ((> a 2) a b) (t c)))))
            (list (f 1) (f 2) (f 3)))",
        "(t (2 4) 6)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (prog1 (and n (or nil n)) (setq n 5)))) (list (f 1) (f nil) (f 3)))",
        "(1 nil 3)",
    ),
    // Closures share the cells of variables with the function that made them.
    (
        "(progn (fset 'make #'(lambda (n) (let ((m (* 2 n))) (list #'(lambda () (setq n (1+ n))) #'(lambda () (list n m))))))
            (make 1) (make 1)
            (let ((p (make 10))) (funcall (car p)) (funcall (car p)) (funcall (car p)) (funcall (nth 1 p)) (funcall (nth 1 p))))",
        "(13 20)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let ((g #'(lambda () (setq n (* n 2))))) (funcall g) (funcall g) (funcall g) n)))
            (list (f 1) (f 2) (f 3)))",
        "(8 16 24)",
    ),
    (
        "(progn (fset 'f #'(lambda (x) (let ((y (1+ x))) #'(lambda (z) (list x y z))))) (f 1) (f 2) (nth 1 (f 3)))",
        "((y . 4) (x . 3) t)",
    ),
    (
        "(progn (fset 'f #'(lambda (l) (mapcar #'(lambda (x) (mapcar #'(lambda (y) (+ x y)) l)) l)))
            (list (f '(1 2)) (f '(3)) (f '(1 2 3))))",
        "(((2 3) (3 4)) ((6)) ((2 3 4) (3 4 5) (4 5 6)))",
    ),
    // Dynamic binding.
    (
        "(progn (defvar dyn 1) (fset 'g #'(lambda () dyn)) (fset 'f #'(lambda (n) (let ((dyn n) (x dyn)) (list (g) x))))
            (list (f 5) (f 6) (f 7) dyn))",
        "((5 1) (6 1) (7 1) 1)",
    ),
    (
        "(progn (fset 'g #'(lambda () late)) (fset 'f #'(lambda (n) (let ((late n)) (condition-case e (g) (error e)))))
            (list (f 1) (f 2) (f 3) (progn (eval '(defvar late 0) t) (f 4)) (f 5) late))",
        "((void-variable late) (void-variable late) (void-variable late) 4 5 0)",
    ),
    (
        "(progn (fset 'g #'(lambda () later)) (fset 's #'(lambda () (eval '(defvar later 0) t) 7))
            (fset 'f #'(lambda (n) (let* ((x (if (eq n 3) (s) 1)) (later n)) (condition-case e (list x (g)) (error (car e))))))
            (list (f 1) (f 2) (f 3) (f 4)))",
        "(void-variable void-variable (7 3) (1 4))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (defvar own) (let ((own n)) (boundp 'own)))) (list (f 1) (f 2) (f 3)))",
        "(t t t)",
    ),
    // Exits.
    (
        "(progn (fset 'f #'(lambda (n) (catch 'out (while t (if (> n 5) (throw 'out n)) (setq n (1+ n))))))
            (list (f 1) (f 7) (f 2)))",
        "(6 7 6)",
    ),
    (
        "(progn (setq log nil)
            (fset 'f #'(lambda (n) (condition-case e (unwind-protect (/ 10 n) (setq log (cons n log))) (arith-error (list n e)))))
            (list (f 1) (f 0) (f 2) (f 0) log))",
        "(10 (0 (arith-error)) 5 (0 (arith-error)) (0 2 0 1))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (condition-case v (if (< n 0) (signal 'error (list n)) n) (:success (list 'ok v)) (error (cons 'no v)))))
            (list (f 1) (f -1) (f 2) (f -2)))",
        "((ok 1) (no error -1) (ok 2) (no error -2))",
    ),
    // The source changes.
    (
        "(progn (fset 'f #'(lambda (n) (list n 1))) (f 0) (f 0)
            (setcar (cdr (cdr (nth 3 (symbol-function 'f)))) 2) (list (f 0) (f 0) (f 0)))",
        "((0 2) (0 2) (0 2))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (list (quote (a)) n))) (f 0) (f 0)
            (setcdr (nth 3 (symbol-function 'f)) '((quote b) n n)) (list (f 0) (f 1) (f 2)))",
        "((b 0 0) (b 1 1) (b 2 2))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let ((a n)) (list a)))) (f 0) (f 0)
            (setcar (car (nth 1 (nth 3 (symbol-function 'f)))) 'n) (setcdr (cdr (nth 3 (symbol-function 'f))) '((list n)))
            (list (f 1) (f 2) (f 3)))",
        "((1) (2) (3))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (if n 'yes 'no))) (f 0) (f 0)
            (setcar (nth 3 (symbol-function 'f)) 'list) (condition-case e (f 1) (error e)))",
        "(1 yes no)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (list n))) (f 0) (f 0)
            (setcar (cdr (cdr (symbol-function 'f))) '(m n)) (list (f 1 2) (condition-case e (f 1) (error (car e)))))",
        "((2) wrong-number-of-arguments)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (setcar (cdr (nth 5 (symbol-function 'f))) n) 0 (list 1)))
            (fset 'h #'(lambda (n) (g n) (list 0))) (fset 'g #'(lambda (n) (setcar (cdr (nth 4 (symbol-function 'h))) n)))
            (list (h 1) (h 2) (h 3) (f 4) (f 5) (f 6)))",
        "((1) (2) (3) (4) (5) (6))",
    ),
    (
        "(progn (setq inc (list '+ 'i 1))
            (fset 'f (eval (list 'function (list 'lambda '(n) (list 'let '((i 0) (l nil)) (list 'while '(< i n) '(setq l (cons i l)) '(if (eq i 3) (g)) (list 'setq 'i inc)) 'l))) t))
            (fset 'g #'(lambda () (setcar (cdr (cdr inc)) 2))) (list (f 3) (f 3) (f 8) (f 5)))",
        "((2 1 0) (2 1 0) (7 5 3 2 1 0) (4 2 0))",
    ),
    (
        "(progn (setq test (list '< 'i 'n)) (setq rest (list '(setq i (1+ i))))
            (fset 'f (eval (list 'function (list 'lambda '(n) (list 'let '((i 0)) (cons 'while (cons test (cons '(if (eq i 3) (g n)) rest))) 'i))) t))
            (fset 'g #'(lambda (n) (if (> n 9) (setcar test '>=) (setcdr rest '((setq i (+ i 10))))))) (list (f 2) (f 3) (f 20) (f 5)))",
        "(2 3 4 0)",
    ),
    // Functions change.
    (
        "(progn (fset 'g #'(lambda (x) (list x))) (fset 'f #'(lambda (n) (g n))) (f 1) (f 1) (fset 'g #'(lambda (x) (vector x) 'new))
            (list (f 1) (progn (fset 'g 'car) (f '(3))) (progn (fset 'g '(macro . (lambda (x) (list 'quote x)))) (f 1))))",
        "(new 3 n)",
    ),
    (
        "(progn (fset 'old-car (symbol-function 'car-safe)) (fset 'car-safe #'(lambda (x) 'mine))
            (fset 'h #'(lambda (x) (car-safe x))) (list (h '(1)) (h '(1)) (progn (fset 'car-safe (symbol-function 'old-car)) (h '(1))) (h '(1))))",
        "(mine mine 1 1)",
    ),
    (
        "(progn (fset 'm '(macro . (lambda (x) (setq count (1+ count)) (list 'list x 1)))) (setq count 0) (fset 'f #'(lambda (n) (let ((k n)) (m k))))
            (list (f 1) (f 2) (f 3) count))",
        "((1 1) (2 1) (3 1) 3)",
    ),
    // Signals within quiet forms, and who is told.
    (
        "(progn (fset 'f #'(lambda (n) (condition-case e (let ((x (list 1))) (setq x (cons (+ 1 (car n)) x)) x) (error e))))
            (list (f '(1)) (f '(2)) (f '(a)) (f 5) (f '(3))))",
        "((2 1) (3 1) (wrong-type-argument number-or-marker-p a) (wrong-type-argument listp 5) (4 1))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (if (and n (> (+ n nothing) 1)) 1 2))) (list (f nil) (f nil) (condition-case e (f 1) (error e))))",
        "(2 2 (void-variable nothing))",
    ),
    (
        "(progn (fset 'note #'(lambda (&rest _) (let ((l nil) (more t))
                (mapbacktrace #'(lambda (e f a o) (if more (setq l (cons (if e (cons f a) (list f)) l))) (if (eq f 'f) (setq more nil))) 'note) (setq frames l))))
            (fset 'f #'(lambda (n) (progn (if (and n (> (+ 1 (nth 0 n)) 1)) 1 2))))
            (f (list 1)) (f (list 1)) (setq signal-hook-function 'note)
            (condition-case nil (f (list 'a)) (error nil)) (setq signal-hook-function nil)
            (list frames (progn (setq signal-hook-function 'note) (condition-case nil (f 'a) (error nil)) (setq signal-hook-function nil) frames)))",
        "(((f (a)) (progn) (if) (and) (>) (+ 1 a) (note wrong-type-argument (number-or-marker-p a))) ((f a) (progn) (if) (and) (>) (+) (nth 0 a) (note wrong-type-argument (listp a))))",
    ),
    (
        "(progn (fset 'note #'(lambda () (let ((frames nil)) (mapbacktrace #'(lambda (e f a o) (setq frames (cons (if e (cons f a) (list f)) frames))) 'note)
                (let ((l nil)) (while (null (eq (car (car frames)) 'f)) (setq frames (cdr frames))) (while frames (setq l (cons (car frames) l) frames (cdr frames))) l))))
            (fset 'f #'(lambda (n) (let ((x (list 0 n))) (cond ((null n) 1) (t (if x (list 1 (note)) 2))))))
            (f nil) (f nil) (f 1) (nth 1 (f 1)))",
        "((note) (list) (if) (cond) (let) (f 1))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (if (= n 0) (backtrace-eval '(list n m) 0 'g) (let ((m (* n 2))) (g n)))))
            (fset 'g #'(lambda (n) (f 0))) (f 1) (f 2) (f 3))",
        "(3 6)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (f (1+ n)))) (let ((max-lisp-eval-depth 200)) (condition-case e (f 0) (error (car e)))))",
        "error",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (setq last n) (if (>= n 0) (f (1+ n))))) (fset 'try #'(lambda () (condition-case nil (f 0) (error nil)) last))
            (let ((max-lisp-eval-depth 300)) (let ((a (try)) (b (try)) (c (try))) (list (= a b) (= b c) (> a 50)))))",
        "(t t t)",
    ),
];

#[test]
fn prepared_functions_do_as_lists_do() {
    under_every_plan(|cx| {
        for (form, expected) in ROWS {
            assert_eq!(&evaluate(form, true, cx), expected, "{form} ({:?})", cx.plan().name);
        }
    });
}
