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
    // Leaves, environments that are made late, dynamic bindings, strings.
    (
        "(progn (fset 'leaf #'(lambda (x) (car x))) (fset 'f #'(lambda (l) (list (leaf l) (leaf l)))) (f '(1))
            (f '(2)) (list (f '(3)) (progn (fset 'leaf #'(lambda (x) (cdr x))) (f '(3))) (f '(4 5)) (progn (fset
            'leaf 'consp) (f '(3))) (f nil) (progn (fset 'leaf #'(lambda (x) (f2 x))) (fset 'f2 #'(lambda (x)
            (vector x))) (aref (car (f 1)) 0)) (aref (car (f 2)) 0)))",
        "((3 3) (nil nil) ((5) (5)) (t t) (nil nil) 1 2)",
    ),
    (
        "(progn (fset 'leaf #'(lambda (x) (list x 1))) (fset 'f #'(lambda (n) (leaf (leaf n)))) (f 0) (f 0)
            (let ((a (f 1))) (setcar (cdr (cdr (nth 3 (symbol-function 'leaf)))) 2) (list a (f 1) (f 2))))",
        "(((1 1) 1) ((1 2) 2) ((2 2) 2))",
    ),
    (
        "(progn (fset 'leaf #'(lambda (x &optional y) (let ((z (if y y 5))) (+ x z)))) (fset 'f #'(lambda (n)
            (list (leaf n) (leaf n 1) (condition-case e (leaf n 1 2) (error (car e))) (condition-case e (leaf)
            (error (car e)))))) (f 1) (f 1) (list (f 2) (f 3)))",
        "((7 3 wrong-number-of-arguments wrong-number-of-arguments) (8 4 wrong-number-of-arguments wrong-number-of-arguments))",
    ),
    (
        "(progn (fset 'note #'(lambda (&rest _) (let ((l nil) (more t)) (mapbacktrace #'(lambda (e f a o) (if
            more (setq l (cons (if e (cons f a) (list f)) l))) (if (eq f 'f) (setq more nil))) 'note) (setq
            frames l)))) (fset 'leaf #'(lambda (x) (let ((y (cdr x))) (if y (+ 1 (car x)) 0)))) (fset 'f
            #'(lambda (n) (let ((m (list n))) (if (> (leaf n) 1) (leaf (cdr n)) 2)))) (f (list 1 2 3)) (f (list 1
            2 3)) (setq signal-hook-function 'note) (condition-case nil (f (list 'a 2)) (error nil)) (let ((first
            frames)) (condition-case nil (f '(2 . 5)) (error nil)) (setq signal-hook-function nil) (list first
            frames (f (list 1 2)))))",
        "(((f (a 2)) (let) (if) (>) (leaf (a 2)) (let) (if) (+ 1 a) (note wrong-type-argument (number-or-marker-p a))) ((f (2 . 5)) (let) (if) (leaf 5) (let) (cdr 5) (note wrong-type-argument (listp 5))) 0)",
    ),
    (
        "(progn (fset 'see #'(lambda () (backtrace-eval '(list n m) 0 'see))) (fset 'change #'(lambda ()
            (backtrace-eval '(setq m (+ m n)) 0 'change))) (fset 'f #'(lambda (n) (let ((m 1) (k nil)) (change)
            (setq m (1+ m)) (let ((p m)) (change) (setq k (see)) (list m n p k))))) (f 1) (list (f 5) (f 7)))",
        "((12 5 7 (5 12)) (16 7 9 (7 16)))",
    ),
    (
        "(progn (fset 'fill #'(lambda (s c) (let ((i 0)) (while (< i (length s)) (aset s i c) (setq i (1+ i)))
            s))) (list (append (fill (make-string 3 97) 98) nil) (append (fill (make-string 2 97) 955) nil)
            (append (fill (make-vector 2 0) 5) nil) (append (fill (make-string 3 955) 97) nil) (condition-case e
            (fill (make-string 1 97) 'x) (error e)) (append (fill (make-string 4 97) 955) nil)))",
        "((98 98 98) (955 955) (5 5) (97 97 97) (wrong-type-argument characterp x) (955 955 955 955))",
    ),
    (
        "(progn (defvar dyn 1) (fset 'g #'(lambda () dyn)) (fset 'f #'(lambda (n) (let ((dyn n) (x 1)) (let*
            ((y (+ x dyn)) (dyn 10) (z (+ dyn y))) (list x y z dyn (g)))))) (list (f 2) (f 3) (f 4) dyn))",
        "((1 3 13 10 10) (1 4 14 10 10) (1 5 15 10 10) 1)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let ((i 0) (l nil)) (while (< i n) (let ((j i)) (if (> i 1) (setq l
            (cons #'(lambda () (setq j (+ j n i))) l)))) (setq i (1+ i))) (list (mapcar 'funcall l) (mapcar
            'funcall l))))) (list (f 1) (f 3) (f 5)))",
        "((nil nil) ((8) (14)) ((14 13 12) (24 23 22)))",
    ),
    (
        "(progn (fset 'f #'(lambda (x) (let ((a 1)) (condition-case e (let ((b (car x)) (c 2)) (+ b c)) (error
            (list a e (condition-case e2 (+ b 1) (error e2)))))))) (list (f '(1)) (f '(2)) (f 'q) (f '(q)) (f
            '(3))))",
        "(3 4 (1 (wrong-type-argument listp q) (void-variable b)) (1 (wrong-type-argument number-or-marker-p q) (void-variable b)) 5)",
    ),
    (
        "(progn (setq free1 0) (fset 'f #'(lambda (n) (setq free1 (+ n 1)))) (f 1) (f 2) (f 2) (setq changes
            nil) (let ((w #'(lambda (s v o b) (setq changes (cons (list s v o) changes))))) (add-variable-watcher
            'free1 w) (f 3) (f 4) (remove-variable-watcher 'free1 w) (f 5) (list free1 changes)))",
        "(6 ((free1 5 set) (free1 4 set)))",
    ),
    (
        "(progn (fset 'f #'(lambda (g x) (condition-case e (funcall g x) (error e)))) (list (f 'car '(1)) (f
            #'(lambda (x) (list x x)) 2) (f #'(lambda (x y) x) 2) (f 'nothing-there 1) (f '(1) 1) (f 'car 1) (f
            #'(lambda () 1) 2)))",
        "(1 (2 2) (wrong-number-of-arguments ((t) (x y) x) 1) (void-function nothing-there) (invalid-function (1)) (wrong-type-argument listp 1) (wrong-number-of-arguments ((t) nil 1) 1))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let ((a (list n)) (r nil)) (catch 'done (let ((b 1)) (while t (let ((c
            b)) (if (> c n) (throw 'done nil)) (setq b (1+ c) r (cons c r)))))) (let* ((d (car a)) (e #'(lambda
            () (list a d r)))) (funcall e))))) (list (f 1) (f 2) (f 3)))",
        "(((1) 1 (1)) ((2) 2 (2 1)) ((3) 3 (3 2 1)))",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let (late2 (x n)) (setq late2 x) (h)))) (fset 'h #'(lambda ()
            (condition-case e late2 (error (car e))))) (list (f 1) (f 2) (f 3) (progn (eval '(defvar late2 0) t)
            (f 4)) (f 5)))",
        "(void-variable void-variable void-variable 4 5)",
    ),
    (
        "(progn (fset 'f #'(lambda (n) (let ((l nil)) (mapc #'(lambda (x) (let ((y (* x n))) (setq l (cons y
            l)))) '(1 2 3)) (let ((m (apply '+ l))) (cond ((> m 20) (list 'big m)) ((= m 12) 'twelve) (t l))))))
            (list (f 1) (f 2) (f 5)))",
        "((3 2 1) twelve (big 30))",
    ),
    (
        "(progn (fset 'even #'(lambda (n) (if (= n 0) t (odd (1- n))))) (fset 'odd #'(lambda (n) (if (= n 0)
            nil (even (1- n))))) (list (even 10) (odd 10) (even 7)))",
        "(t nil nil)",
    ),
    (
        "(progn (fset 'f #'(lambda (v i x) (prog1 (aref v i) (aset v i x)))) (fset 'swap #'(lambda (v i j)
            (aset v i (f v j (aref v i))) v)) (list (append (swap (vector 1 2 3) 0 2) nil) (append (swap (vector
            4 5) 0 1) nil) (condition-case e (swap (vector 1) 0 1) (error (list (car e) (nth 2 e))))
            (condition-case e (swap 'x 0 1) (error e))))",
        "((3 2 1) (5 4) (args-out-of-range 1) (wrong-type-argument arrayp x))",
    ),
    (
        "(progn (fset 'see #'(lambda () (backtrace-eval 'n 0 'b))) (fset 'b #'(lambda () (list (see)
            (condition-case e n (error (car e)))))) (fset 'f #'(lambda (n) (if (= n 3) (b) 0))) (list (f 1) (f 2)
            (f 3)))",
        "(0 0 (3 void-variable))",
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
