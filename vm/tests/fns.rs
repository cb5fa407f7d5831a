//! Equality, hash tables, lists, sequences, mapping and sorting against what GNU Emacs 28.2 does: each row is a form and
//! what it gives.

mod support;

use support::{evaluate, under_every_plan};

fn check(rows: &[(&str, &str)]) {
    under_every_plan(|cx| {
        for (form, expected) in rows {
            assert_eq!(&evaluate(form, true, cx), expected, "{form} ({:?})", cx.plan().name);
        }
    });
}

/// A list nested 200 or 201 deep.
const NEST: &str =
    "(progn (fset 'nest #'(lambda (n) (let (l) (mapc #'(lambda (x) (setq l (list l))) (make-list n 0)) l))) 'done)";

#[test]
fn equality() {
    check(&[
        (NEST, "done"),
        ("(equal (nest 200) (nest 200))", "t"),
        ("(equal (nest 201) (nest 201))", "(ERR error \"Stack overflow in equal\")"),
        ("(equal (make-list 100000 1) (make-list 100000 1))", "t"),
        ("(equal '(1 2) '(1 . 2))", "nil"),
        ("(equal \"a\" \"a\")", "t"),
        ("(equal (vector 1 \"a\") (vector 1 \"a\"))", "t"),
        ("(equal (vector 1) (record 1))", "nil"),
        ("(equal (make-hash-table) (make-hash-table))", "nil"),
        (
            "(let ((a (list 1 2)) (b (list 1 2))) (nconc a a) (nconc b b) (condition-case e (equal a b) (circular-list 'round)))",
            "round",
        ),
        ("(eql \"a\" \"a\")", "nil"),
    ]);
}

#[test]
fn lists() {
    check(&[
        ("(length '(1 2 . 3))", "(ERR wrong-type-argument listp 3)"),
        ("(length 'foo)", "(ERR wrong-type-argument sequencep foo)"),
        ("(let ((l (list 1 2 3))) (nconc l l) (condition-case e (length l) (error (car e))))", "circular-list"),
        ("(let ((l (list 1 2 3))) (nconc l l) (list (safe-length l) (proper-list-p l)))", "(5 nil)"),
        ("(let ((l (list 1 2))) (nconc l l) (safe-length l))", "4"),
        ("(let ((l (list 1))) (nconc l l) (safe-length l))", "1"),
        ("(let ((l (make-list 1000 1))) (nconc l (nthcdr 500 l)) (safe-length l))", "1010"),
        ("(let ((l (list 1 2 3))) (nconc l l) (list (nth 1000000 l) (nth 1000001 l)))", "(2 3)"),
        ("(nthcdr 2 '(1 . 2))", "(ERR wrong-type-argument listp (1 . 2))"),
        ("(nth 1 '(1 . 2))", "(ERR wrong-type-argument listp 2)"),
        ("(nth 'a '(1))", "(ERR wrong-type-argument integerp a)"),
        ("(memq 'd '(b a . c))", "(ERR wrong-type-argument listp (b a . c))"),
        ("(member \"b\" '(\"a\" \"b\" c))", "(\"b\" c)"),
        ("(assq 'z '(5 (a . 1) . 3))", "(ERR wrong-type-argument listp (5 (a . 1) . 3))"),
        ("(assoc 2 '(a (1) nil (2 . 3)))", "(2 . 3)"),
        ("(assoc 1 '((2) (3)) #'(lambda (a b) (equal (list a b) '(3 1))))", "(3)"),
        ("(let ((l (list 1 2))) (nconc l l) (condition-case e (assoc 1 l #'equal) (circular-list 'round)))", "round"),
        ("(rassoc \"x\" '((a . \"x\")))", "(a . \"x\")"),
        ("(delq 1 (list 1 1 2 1))", "(2)"),
        ("(delq 'a '(a . b))", "(ERR wrong-type-argument listp b)"),
        ("(delete \"x\" (list \"x\" 1 \"x\"))", "(1)"),
        ("(append (delete 1 (vector 1 2 1 3)) nil)", "(2 3)"),
        ("(delete 97 \"abca\")", "\"bc\""),
        ("(nconc (list 1) 2 (list 3))", "(ERR wrong-type-argument consp 2)"),
        ("(nconc nil (list 1) nil (list 2) nil)", "(1 2)"),
        ("(nconc '(1 . 2) nil)", "(1)"),
        ("(copy-alist '((a . 1) b))", "((a . 1) b)"),
        ("(plist-get '(a 1 b 2 . 3) 'b)", "2"),
        ("(plist-put (list 'a 1 'b) 'c 2)", "(ERR wrong-type-argument plistp (a 1 b))"),
        ("(plist-put (list 'a 1) 'c 2)", "(a 1 c 2)"),
        ("(lax-plist-get '(\"a\" 1) \"a\")", "1"),
        ("(lax-plist-get '(\"a\" 1 b) \"c\")", "(ERR wrong-type-argument plistp (\"a\" 1 b))"),
        ("(lax-plist-put (list \"a\" 1) \"a\" 2)", "(\"a\" 2)"),
        ("(plist-member '(a 1 b) 'b)", "(b)"),
        ("(plist-member '(a 1 . b) 'c)", "(ERR wrong-type-argument plistp (a 1 . b))"),
        ("(list (put 'zork 'p 2) (get 'zork 'p) (get 'zork 'q))", "(2 2 nil)"),
        ("(get 5 'x)", "(ERR wrong-type-argument symbolp 5)"),
    ]);
}

#[test]
fn sequences() {
    check(&[
        ("(append (vector 1 2) \"ab\" '(3) 4)", "(1 2 97 98 3 . 4)"),
        ("(append '(1 . 2) nil)", "(ERR wrong-type-argument listp 2)"),
        ("(append 5 nil)", "(ERR wrong-type-argument sequencep 5)"),
        ("(append \"aé\" nil)", "(97 233)"),
        ("(append (vconcat \"a\" '(1) nil) nil)", "(97 1)"),
        ("(reverse '(1 2 3))", "(3 2 1)"),
        ("(reverse \"aéb\")", "\"béa\""),
        ("(nreverse (list 1 2 3))", "(3 2 1)"),
        ("(nreverse '(1 2 . 3))", "(ERR wrong-type-argument listp (1))"),
        ("(nreverse 'foo)", "(ERR wrong-type-argument arrayp foo)"),
        ("(let ((l (list 1 2))) (nconc l l) (condition-case e (nreverse l) (circular-list 'round)))", "round"),
        ("(elt '(1 2 . 3) 2)", "(ERR wrong-type-argument listp 3)"),
        ("(elt '(1 2) 5)", "nil"),
        (
            "(let ((c (make-char-table 'foo 7))) (list (elt c 5) (length c) (equal c (copy-sequence c)) (elt (fillarray c 3) 233)))",
            "(7 4194303 t 3)",
        ),
        ("(elt (make-char-table 'foo) 'a)", "(ERR wrong-type-argument fixnump a)"),
        ("(elt (vector 1) 'a)", "(ERR wrong-type-argument fixnump a)"),
        ("(elt \"abc\" 1)", "98"),
        ("(list (length= '(1 . 2) 1) (length< '(1 2) 3) (length> '(1 2) -3) (length= 5 -1))", "(t t t nil)"),
        ("(let ((l (list 1))) (nconc l l) (length< l 4611686018427387))", "nil"),
        ("(length< '(1) 'a)", "(ERR wrong-type-argument fixnump a)"),
        ("(copy-sequence '(1 . 2))", "(ERR wrong-type-argument listp 2)"),
        ("(length (copy-sequence (record 'a 1)))", "2"),
        ("(fillarray (make-string 3 97) 98)", "\"bbb\""),
        ("(fillarray (copy-sequence \"aé\") 97)", "(ERR error \"Attempt to change byte length of a string\")"),
        (
            "(list (featurep 'emacs) (featurep 'zz) (provide 'zz '(a b)) (featurep 'zz 'b) (featurep 'zz 'c))",
            "(t nil zz t nil)",
        ),
        ("(provide 'zz 5)", "(ERR wrong-type-argument listp 5)"),
        ("(let (l) (setq after-load-alist (list (list 'yy #'(lambda () (setq l 'ran))))) (provide 'yy) l)", "ran"),
        ("(random 1)", "0"),
        ("(equal (list (random \"a\") (random 1000)) (list (random \"a\") (random 1000)))", "t"),
    ]);
}

#[test]
fn mapping() {
    check(&[
        ("(mapcar #'identity \"aé\")", "(97 233)"),
        ("(mapcar #'identity '(1 2 . 3))", "(ERR wrong-type-argument listp 3)"),
        ("(mapcar #'identity 5)", "(ERR wrong-type-argument sequencep 5)"),
        ("(mapcar #'identity (record 'a 1))", "nil"),
        ("(mapcar 5 nil)", "nil"),
        ("(mapcar 5 '(1))", "(ERR invalid-function 5)"),
        ("(mapcar #'list (vector 1 2))", "((1) (2))"),
        ("(let ((l (list 1 2 3))) (mapcar #'(lambda (x) (if (eql x 1) (nreverse l)) x) l))", "(1)"),
        ("(mapc #'identity '(1 2))", "(1 2)"),
        ("(mapcan #'identity (list (list 1 2) nil (list 3) 4))", "(1 2 3 . 4)"),
        ("(mapcan #'identity (list (list 1 2) 5 (list 3)))", "(ERR wrong-type-argument consp 5)"),
        ("(mapconcat #'identity '(\"a\" \"b\") \",\")", "\"a,b\""),
        ("(mapconcat #'identity '(\"a\" 5) \",\")", "(ERR wrong-type-argument sequencep 5)"),
        ("(mapconcat #'identity nil 5)", "\"\""),
        ("(mapconcat #'list '(97 98) \",\")", "\"a,b\""),
        ("(length (mapconcat #'identity (make-list 600 \"ab\") \",\"))", "1799"),
    ]);
}

/// A predicate of Lisp on strings of one letter, which conses.
const LESS: &str = "(progn (fset 'less #'(lambda (a b) (list a b) (string-lessp a b))) 'done)";

#[test]
fn sorting() {
    check(&[
        (LESS, "done"),
        ("(sort (list \"c\" \"a\" \"b\") #'string-lessp)", "(\"a\" \"b\" \"c\")"),
        ("(sort (list \"c\" \"a\" \"b\") #'less)", "(\"a\" \"b\" \"c\")"),
        ("(append (sort (vector \"c\" \"a\" \"d\" \"b\") #'less) nil)", "(\"a\" \"b\" \"c\" \"d\")"),
        (
            "(sort (list '(b 1) '(a 2) '(b 3) '(a 4)) #'(lambda (x y) (string-lessp (nth 0 x) (nth 0 y))))",
            "((a 2) (a 4) (b 1) (b 3))",
        ),
        ("(let* ((l (list 'c 'a 'b)) (r (sort l #'string-lessp))) (list l r))", "((c) (a b c))"),
        ("(sort \"bac\" #'string-lessp)", "(ERR wrong-type-argument list-or-vector-p \"bac\")"),
        ("(sort '(a . b) #'string-lessp)", "(ERR wrong-type-argument listp b)"),
        ("(sort (list 1) 5)", "(1)"),
        ("(sort (list 2 1) 5)", "(ERR invalid-function 5)"),
        ("(sort (list 'a 2) #'string-lessp)", "(ERR wrong-type-argument stringp 2)"),
        ("(length (sort (list 1 2 3 4 5 6 7) #'(lambda (a b) t)))", "7"),
        ("(let ((l (list 'e 'c 'd 'a 'b))) (length (sort l #'(lambda (a b) (nreverse l) (string-lessp a b)))))", "5"),
    ]);
}

#[test]
fn hash_tables() {
    check(&[
        (
            "(let ((h (make-hash-table :test 'equal))) (puthash (list \"a\") 1 h) (list (gethash (list \"a\") h) (gethash 2 h 'none) (hash-table-count h)))",
            "(1 none 1)",
        ),
        (
            "(let ((h (make-hash-table))) (puthash \"a\" 1 h) (list (gethash \"a\" h) (hash-table-test h) (hash-table-size h)))",
            "(nil eql 65)",
        ),
        (
            "(let ((h (make-hash-table :test 'eq)) (k (list 1))) (puthash k 1 h) (garbage-collect) (list (gethash k h) (remhash k h) (gethash k h)))",
            "(1 nil nil)",
        ),
        (
            "(let ((h (make-hash-table)) l) (mapc #'(lambda (i) (puthash i i h)) '(0 1 2)) (maphash #'(lambda (k v) (setq l (append (list k) l)) (remhash k h)) h) (list l (hash-table-count h)))",
            "((2 1 0) 0)",
        ),
        ("(make-hash-table :test 'foo)", "(ERR error \"Invalid hash table test\" foo)"),
        ("(make-hash-table :test 5)", "(ERR wrong-type-argument symbolp 5)"),
        ("(make-hash-table :size -1)", "(ERR error \"Invalid hash table size\" -1)"),
        ("(make-hash-table :size '(1 2))", "(ERR error \"Invalid hash table size\" 1 2)"),
        ("(make-hash-table :rehash-size 0)", "(ERR error \"Invalid hash table rehash size\" 0)"),
        ("(make-hash-table :rehash-threshold 1)", "(ERR error \"Invalid hash table rehash threshold\" 1)"),
        ("(make-hash-table :weakness 'x)", "(ERR error \"Invalid hash table weakness\" x)"),
        ("(make-hash-table :test 'eq :test 'equal)", "(ERR error \"Invalid argument list\" :test)"),
        ("(make-hash-table :test)", "(ERR error \"Invalid argument list\" :test)"),
        ("(hash-table-weakness (make-hash-table :weakness t))", "key-and-value"),
        (
            "(list (hash-table-rehash-size (make-hash-table)) (hash-table-rehash-threshold (make-hash-table)))",
            "(1.5 0.8125)",
        ),
        ("(gethash 1 5)", "(ERR wrong-type-argument hash-table-p 5)"),
        (
            "(let ((h (make-hash-table :size 0)) l) (mapc #'(lambda (i) (puthash i i h) (setq l (append l (list (hash-table-size h))))) '(1 2 3 4 5 6 7)) l)",
            "(1 2 3 4 6 6 9)",
        ),
    ]);
}

/// Entries come and go, and the table grows, while it is walked; numbers whose kinds differ are different keys.
#[test]
fn hash_tables_that_change() {
    check(&[
        (
            "(let ((h (make-hash-table :size 2)) (n 0) l) (puthash 0 0 h) (maphash #'(lambda (k v) (setq n (1+ n) l (cons k l)) (if (< k 40) (puthash (1+ k) v h))) h) (list n (hash-table-count h) (car l) (hash-table-size h)))",
            "(41 41 40 42)",
        ),
        (
            "(let ((h (make-hash-table :size 2)) l) (mapc #'(lambda (i) (puthash i i h)) '(0 1 2 3 4 5 6)) (remhash 2 h) (remhash 5 h) (puthash 'a 1 h) (puthash 'b 2 h) (puthash 'c 3 h) (maphash #'(lambda (k v) (setq l (cons k l))) h) (nreverse l))",
            "(0 1 b 3 4 a 6 c)",
        ),
        (
            "(let ((h (make-hash-table :size 3)) l) (mapc #'(lambda (i) (puthash i i h)) '(0 1 2)) (maphash #'(lambda (k v) (setq l (cons k l)) (if (< k 3) (progn (remhash k h) (puthash (+ k 100) v h)))) h) (list (nreverse l) (hash-table-count h)))",
            "((0 1 2) 3)",
        ),
        (
            "(let ((h (make-hash-table)) (b (expt 2 70))) (puthash (float 0) 'z h) (puthash (* -1 (float 0)) 'm h) (puthash b 'b h) (puthash 1 'i h) (puthash (float 1) 'f h) (list (gethash (float 0) h) (gethash (* -1 (float 0)) h) (gethash (expt 2 70) h) (gethash (1+ b) h) (gethash 1 h) (gethash (float 1) h) (gethash (expt 2 61) h) (hash-table-count h)))",
            "(z m b nil i f nil 5)",
        ),
        (
            "(let ((h (make-hash-table :test 'eq))) (puthash (float 1) 1 h) (puthash (expt 2 70) 2 h) (list (gethash (float 1) h) (gethash (expt 2 70) h) (hash-table-count h)))",
            "(nil nil 2)",
        ),
        (
            "(let ((h (make-hash-table)) (i -1) (n 0)) (mapc #'(lambda (_) (setq i (1+ i)) (puthash (float i) i h) (puthash (* i (expt 2 61)) i h)) (make-list 300 0)) (setq i -1) (mapc #'(lambda (_) (setq i (1+ i)) (if (and (eq i (gethash (float i) h)) (eq i (gethash (* i (expt 2 61)) h))) (setq n (1+ n)))) (make-list 300 0)) (list n (hash-table-count h)))",
            "(300 600)",
        ),
        (
            "(let ((h (make-hash-table)) l) (mapc #'(lambda (i) (puthash i i h)) '(0 1 2 3)) (clrhash h) (mapc #'(lambda (i) (puthash i i h)) '(7 8 9)) (maphash #'(lambda (k v) (setq l (cons k l))) h) (list l (hash-table-count h) (hash-table-size h)))",
            "((9 8 7) 3 65)",
        ),
    ]);
}

#[test]
fn hash_tables_with_a_test_of_lisp() {
    check(&[
        (
            "(length (define-hash-table-test 'letters #'(lambda (a b) (list 1) (equal (upcase a) (upcase b))) #'(lambda (k) (sxhash-equal (upcase k)))))",
            "2",
        ),
        (
            "(let ((h (make-hash-table :test 'letters))) (puthash \"a\" 1 h) (puthash \"A\" 2 h) (list (hash-table-count h) (gethash \"a\" h) (hash-table-test h) (remhash \"A\" h) (hash-table-count h)))",
            "(1 2 letters nil 0)",
        ),
        ("(setq table nil)", "nil"),
        (
            "(progn (define-hash-table-test 'bad #'(lambda (a b) (clrhash table) t) #'(lambda (k) 1)) (setq table (make-hash-table :test 'bad)) (puthash 1 2 table))",
            "2",
        ),
        ("(condition-case e (puthash 2 2 table) (error (nth 1 e)))", "\"hash table test modifies table\""),
        (
            "(list (hash-table-count table) (gethash 1 table) (progn (clrhash table) (hash-table-count table)))",
            "(1 2 0)",
        ),
        (
            "(progn (define-hash-table-test 'odd #'eql #'(lambda (k) 'same)) (setq table (make-hash-table :test 'odd)) (puthash 1 2 table) (puthash 2 3 table) (list (gethash 1 table) (gethash 2 table)))",
            "(2 3)",
        ),
    ]);
}
