//! Forms of random programs that are macros of the library, and calls, bindings and handlers nested in other ways.

use super::{CONSTANTS, KEYS, NAMES, SPECIAL, Writer};

/// Places that hold a list or a number, made anew each time, with what makes them.
const PLACES: &[(&str, &str)] = &[
    ("(car p)", "(list 1 2 3)"),
    ("(cdr p)", "(list 1 2)"),
    ("(cadr p)", "(list 1 2)"),
    ("(nth 1 p)", "(list 1 2 3)"),
    ("(aref p 0)", "(vector 1 2)"),
    ("(gethash 'k p 5)", "(make-hash-table)"),
    ("(alist-get 'b p)", "(list (cons 'a 1) (cons 'b 2))"),
    ("(alist-get 'z p 7)", "(list (cons 'a 1))"),
    ("(plist-get p :k)", "(list :j 1 :k 2)"),
    ("(elt p 1)", "(list 4 5)"),
    ("(get 'diff-p 'k)", "(setplist 'diff-p (list 'k 1))"),
    ("(symbol-value 'diff-a)", "1"),
    ("(nthcdr 1 p)", "(list 1 2)"),
    ("(if p (car p) diff-b)", "(list 1)"),
    ("diff-b", "nil"),
];

/// Patterns of `pcase`, with the names that they bind.
const PATTERNS: &[(&str, &[&str])] = &[
    ("'a", &[]),
    ("1", &[]),
    ("\"ab\"", &[]),
    ("(or 'a 'b 2)", &[]),
    ("(pred integerp)", &[]),
    ("(pred (not symbolp))", &[]),
    ("`(,x . ,y)", &["x", "y"]),
    ("`(1 ,z ,_)", &["z"]),
    ("`[,w ,x]", &["w", "x"]),
    ("(and z (guard (numberp z)) (let w (1+ z)))", &["z", "w"]),
    ("(and (pred stringp) x)", &["x"]),
    ("(app car-safe 'a)", &[]),
    ("`(,(and x (pred symbolp)) ,(or 'b 2))", &["x"]),
    ("(or `(a ,x) `(b ,_ ,x))", &["x"]),
    ("(cl-type integer)", &[]),
    ("(seq x y)", &["x", "y"]),
];

/// Clauses of `cl-loop` that give a list of values.
const LOOPS: &[&str] = &[
    "for v from 1 to 3",
    "for v in '(1 2 a)",
    "for v across [3 b]",
    "for v downfrom 3 to 1 for x in '(7 8 9)",
    "for (v . x) in '((1 . 2) (a . b))",
    "for v on '(1 2 3) by #'cddr",
    "repeat 2 for v = 5 then (list v)",
    "with x = 2 for v below 3",
    "for v being the elements of [1 2]",
    "for v from 0 below 9 by 4",
];

impl Writer {
    pub(super) fn library(&mut self, d: usize) -> String {
        match self.below(24) {
            0..=2 => self.pcase(d),
            3 | 4 => self.cl_loop(d),
            5 | 6 => self.place(d),
            7 => self.local_functions(d),
            8 => self.local_defvar(d),
            9 => self.definition(d),
            10 => self.counters(d),
            11 => self.exits(d),
            12 => self.cl_case(d),
            13 => self.destructuring(d),
            14 => self.blocks(d),
            15 => self.call_with_list(d),
            16 => format!("(nreverse (copy-sequence {}))", self.form(d)),
            17 => format!(
                "(sort (list {} {} 2) (lambda (v w) (< {} v)))",
                self.leaf(),
                self.leaf(),
                self.random.of(&["w", "(length w)", "(or w 0)"])
            ),
            18 => self.conditional_binding(d),
            19 => format!("(ignore-errors {})", self.body(d)),
            20 => format!("(format \"%s-%S\" {} {})", self.form(d), self.form(d)),
            21 => self.string_dispatch(d),
            22 => self.dynamic_binding(d),
            _ => self.nested_handlers(d),
        }
    }

    fn with_named(&mut self, names: &[&str], f: impl FnOnce(&mut Self) -> String) -> String {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        self.with(&names, f)
    }

    fn pcase(&mut self, d: usize) -> String {
        let subject = self.form(d);
        let clauses: Vec<String> = (0..1 + self.below(4))
            .map(|_| {
                let n = self.below(PATTERNS.len());
                let (pattern, names) = PATTERNS[n];
                let body = self.with_named(names, |w| w.form(d));
                format!("({pattern} {body})")
            })
            .collect();
        format!("(pcase {subject} {})", clauses.join(" "))
    }

    fn cl_loop(&mut self, d: usize) -> String {
        if self.loops >= 2 {
            return self.leaf();
        }
        self.loops += 1;
        let clause = self.random.of(LOOPS);
        // Nothing may set the variable of the loop, which could be endless then.
        let text = self.with_named(&["w"], |w| {
            let d = d.min(2);
            let body = format!("(let ((w v)) {})", w.form(d));
            let condition = format!("(let ((w v)) {})", w.form(d));
            let rest = match w.below(9) {
                0 => format!("collect {body}"),
                1 => format!("if {condition} collect {body} else collect v"),
                2 => format!("do (list {body})"),
                3 => format!("while {condition} collect {body}"),
                4 => format!("until {condition} do (list {body}) finally return {}", w.leaf()),
                5 => format!("for u = {body} when {condition} append (list u v)"),
                6 => format!("thereis (and {condition} {body})"),
                7 => format!("count {body}"),
                _ => format!("unless {condition} do (cl-return {body})"),
            };
            format!("(cl-loop {clause} {rest})")
        });
        self.loops -= 1;
        text
    }

    /// A place that is read, set and read again.
    fn place(&mut self, d: usize) -> String {
        let n = self.below(PLACES.len());
        let (place, make) = PLACES[n];
        let value = self.form(d);
        let action = match self.below(8) {
            0 | 1 => format!("(setf {place} {value})"),
            2 => format!("(push {value} {place})"),
            3 => format!("(pop {place})"),
            4 => format!("(cl-incf {place} {value})"),
            5 => format!("(cl-decf {place})"),
            6 => format!("(cl-callf list {place} {value})"),
            _ => format!("(cl-letf (({place} {value})) (list {place} {}))", self.leaf()),
        };
        format!("(let ((p {make})) (list {action} {place}))")
    }

    fn local_functions(&mut self, d: usize) -> String {
        let functions = std::mem::take(&mut self.functions);
        let inner = self.with_named(&["n"], |w| w.form(d));
        self.functions = functions;
        let argument = self.form(d);
        match self.below(4) {
            0 => format!("(cl-flet ((g (n) {inner})) (list (g {argument}) (funcall #'g 2)))"),
            1 => format!("(cl-labels ((g (n) (if (and (integerp n) (< 0 n 4)) (list (g (1- n)) {inner}) n))) (g 3))"),
            2 => format!(
                "(cl-labels ((g (n) (if (< n 1) {argument} (h (1- n)))) (h (n) (list {inner} (g n)))) (list (g 2) (mapcar #'h '(1 0))))"
            ),
            _ => format!("(named-let g ((n 3) (r nil)) (if (= n 0) r (g (1- n) (cons {inner} r))))"),
        }
    }

    /// A variable that is special from here on.
    fn local_defvar(&mut self, d: usize) -> String {
        let name = format!("u{}", self.below(3));
        let value = self.form(d);
        let set = self.form(d);
        format!(
            "(progn (defvar {name}) (let (({name} {value})) (funcall (lambda () (set '{name} (list {name} {set})))) (list {name} (symbol-value '{name}))))"
        )
    }

    /// A function defined inside the program.
    fn definition(&mut self, d: usize) -> String {
        let name = self.random.of(&["diff-f1", "diff-f2", "diff-f3"]);
        let functions = std::mem::take(&mut self.functions);
        let inner = self.with_named(&["n", "o", "r"], |w| w.body(d));
        self.functions = functions;
        let a = self.form(d);
        let b = self.leaf();
        let definer = self.random.of(&["defun", "cl-defun", "defun"]);
        let calls = match self.below(3) {
            0 => format!("({name} {a})"),
            1 => format!("({name} {a} {b} 3)"),
            _ => format!("(apply #'{name} {b} (list {a}))"),
        };
        format!("(progn ({definer} {name} (n &optional o &rest r) {inner}) {calls})")
    }

    /// Closures that share variables which they set.
    fn counters(&mut self, d: usize) -> String {
        let (start, step) = (self.form(d), self.form(d));
        let first = self.with_named(&["c"], |w| w.form(d));
        let make = format!("(lambda () (setq c (list {step} c)))");
        if self.below(2) == 0 {
            return format!(
                "(let ((all nil)) (dolist (c '(1 2)) (push {make} all)) (list (mapcar #'funcall all) (funcall (car all))))"
            );
        }
        let last = self.leaf();
        format!(
            "(let* ((c {start}) (g {make}) (h (lambda (v) (prog1 c (setq c v))))) (list (funcall g) (funcall h {last}) {first} (funcall g) c))"
        )
    }

    /// Ways out through `unwind-protect`.
    fn exits(&mut self, d: usize) -> String {
        let (body, value, clean) = (self.form(d), self.form(d), self.body(d));
        let name = self.random.of(NAMES);
        match self.below(4) {
            0 => format!(
                "(let (({name} 1)) (list (catch 'tag (unwind-protect (progn {body} (throw 'tag {value})) (setq {name} (list {name} 2)) {clean})) {name}))"
            ),
            1 => format!(
                "(let ((e 0)) (list (condition-case v (unwind-protect (signal 'diff-error (list {value})) (setq e (1+ e)) {clean}) (diff-error (list v e))) e))"
            ),
            2 => format!(
                "(catch 'a (catch 'b (funcall (lambda () (unwind-protect (throw 'a {value}) (throw 'b {body}))))) {value})"
            ),
            _ => format!(
                "(let ((e nil)) (dolist (v '(1 2)) (catch 'next (unwind-protect (when {body} (throw 'next 1)) (push v e)) (push {value} e))) e)"
            ),
        }
    }

    fn cl_case(&mut self, d: usize) -> String {
        let subject = self.form(d);
        let first = self.below(5);
        let keys = ["a", "(b c)", "1", "(2 7)", "(nil)", "1.5", "(t x)", "-1"];
        let clauses: Vec<String> =
            keys[first..].iter().take(4).map(|keys| format!("({keys} {})", self.form(d))).collect();
        format!("(cl-case {subject} {} (t {}))", clauses.join(" "), self.leaf())
    }

    fn destructuring(&mut self, d: usize) -> String {
        let value = self.form(d);
        let body = self.with_named(&["x", "y"], |w| w.body(d));
        match self.below(6) {
            0 => format!("(cl-destructuring-bind (x &optional (y 3) &rest z) (list {value} 1) z {body})"),
            1 => format!("(cl-destructuring-bind (&key (x 4) ((:k y))) (list :k {value}) {body})"),
            2 => format!("(pcase-let ((`(,x ,y) (list {value} 2))) {body})"),
            3 => format!("(seq-let (x y) (list 1 {value}) {body})"),
            4 => format!("(cl-multiple-value-bind (x y) (list {value} 'v) {body})"),
            _ => format!("(pcase-dolist (`(,x . ,y) (list (cons 1 {value}) '(2))) {body})"),
        }
    }

    fn blocks(&mut self, d: usize) -> String {
        let (value, body, last) = (self.form(d), self.body(d), self.form(d));
        match self.below(3) {
            0 => format!("(cl-block b (when {last} (cl-return-from b {value})) {body})"),
            1 => format!(
                "(cl-block b (mapc (lambda (v) (when v (cl-return-from b (list v {value})))) (list nil {last})) {body})"
            ),
            _ => format!("(cl-dolist (v '(1 2 3)) (when (eql v 2) (cl-return {value})) {body})"),
        }
    }

    fn call_with_list(&mut self, d: usize) -> String {
        let (a, b) = (self.form(d), self.form(d));
        match self.below(5) {
            0 => format!("(apply #'list {a} (list {b}))"),
            1 => format!("(apply (lambda (v &rest r) (list r v)) (list {a} {b}))"),
            2 => format!("(apply (lambda (&optional v w) (list w v)) (list {a}))"),
            3 => format!("(funcall #'cons {a} {b})"),
            _ => format!("(mapcar (apply-partially #'list {a}) (list {b} 1))"),
        }
    }

    fn conditional_binding(&mut self, d: usize) -> String {
        let (test, other) = (self.form(d), self.form(d));
        let body = self.with_named(&["x"], |w| w.body(d));
        match self.below(4) {
            0 => format!("(if-let ((x {test})) (progn {body}) {other})"),
            1 => format!("(when-let* ((x {test}) (y {other})) {body})"),
            2 => format!(
                "(let (x) (dotimes (_ 2) (and (null x) (setq x {test}) (list {body}))) (setq y {other}) (list x y))"
            ),
            _ => format!("(and-let* ((x {test}) ((consp x))) {body})"),
        }
    }

    /// A chain of comparisons of strings and numbers.
    fn string_dispatch(&mut self, d: usize) -> String {
        let variable = self.variable();
        let clauses: Vec<String> = (0..3 + self.below(4))
            .map(|_| {
                let key = match self.below(3) {
                    0 => self.random.of(KEYS),
                    1 => self.random.of(CONSTANTS),
                    _ => self.random.of(&["\"ab\"", "\"\"", "\"b\"", "2.0", "0.0", "-0.0"]),
                };
                let test = self.random.of(&["equal", "equal", "eql"]);
                let sides = if self.below(2) == 0 { format!("{variable} {key}") } else { format!("{key} {variable}") };
                format!("(({test} {sides}) {})", self.form(d.min(1)))
            })
            .collect();
        format!("(cond {})", clauses.join(" "))
    }

    fn dynamic_binding(&mut self, d: usize) -> String {
        let name = self.random.of(SPECIAL);
        let (value, set) = (self.form(d), self.form(d));
        let body = self.body(d);
        match self.below(3) {
            0 => format!(
                "(let* (({name} {value}) (f (lambda () {name}))) (list (funcall f) (setq {name} {set}) (funcall f) {body}))"
            ),
            1 => format!("(let ((x {name}) ({name} {value})) (list x {name} (let (({name} {set})) {body}) {name}))"),
            _ => format!(
                "(let ((g (let (({name} {value})) (lambda (v) (list v {name}))))) (setq {name} {set}) (funcall g {name}))"
            ),
        }
    }

    fn nested_handlers(&mut self, d: usize) -> String {
        let (a, b, c) = (self.form(d), self.form(d), self.form(d));
        match self.below(3) {
            0 => format!(
                "(condition-case e (condition-case e {a} (arith-error (list 'inner e {b}))) (wrong-type-argument (list 'outer (car e))) (error {c}))"
            ),
            1 => format!(
                "(condition-case e (list {a} (condition-case nil (car 1) (error {b}))) (:success (list e 'fine)) ((debug error) (car e)))"
            ),
            _ => format!(
                "(let ((v 1)) (condition-case v (progn (setq v {a}) (signal 'diff-error (list v))) (diff-error (setq v (list v {b})) v)))"
            ),
        }
    }
}
