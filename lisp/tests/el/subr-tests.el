;;; subr-tests.el --- Small functions of lists, strings and symbols  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'subr-x)

(defvar subr-tests--list nil)
(defvar subr-tests--history nil)
(defun subr-tests--box () (list nil))
(defun subr-tests--get (b) (car b))
(defun subr-tests--set (b v) (setcar b v))
(gv-define-simple-setter subr-tests--get subr-tests--set)
(gv-define-setter subr-tests--second (v l) `(setcar (cdr ,l) ,v))
(defun subr-tests--second (l) (cadr l))
(defun subr-tests--third (l) (declare (gv-setter (lambda (v) `(setcar (cddr ,l) ,v)))) (nth 2 l))

(ert-deftest subr-setf-of-lists ()
  (should (equal (let ((l (list 1 2 3 4))) (setf (car l) 'a (cadr l) 'b (nth 2 l) 'c (cdr (cddr l)) '(d)) l)
                 '(a b c d)))
  (should (equal (let ((l (list 1 2 3))) (setf (nthcdr 1 l) '(x)) l) '(1 x)))
  (should (equal (let ((l (list 1 2 3))) (setf (nthcdr 0 l) '(x)) l) '(x)))
  (should (equal (let ((l (list (list 1) 2))) (setf (caar l) 5 (cddr l) 6) l)
                 '((5) 2 . 6)))
  (should (equal (let ((l (list 1 2 3))) (setf (elt l 1) 'x) (push 0 (cdr l)) (list (pop (cdr l)) l))
                 '(0 (1 x 3)))))

(ert-deftest subr-setf-of-arrays ()
  (should (equal (let ((v (vector 1 2 3))) (setf (aref v 0) 'a (elt v 2) 'c) v)
                 [a 2 c]))
  (should (equal (let ((s (copy-sequence "hello"))) (setf (aref s 0) ?J (substring s 1 3) "EL") s)
                 "JELlo")))

(ert-deftest subr-setf-of-symbols ()
  (should (equal (progn (setf (symbol-value 'subr-tests--a) 5 (get 'subr-tests--a 'p) 6) (list (symbol-value 'subr-tests--a) (get 'subr-tests--a 'p)))
                 '(5 6)))
  (should (equal (progn (setf (symbol-function 'subr-tests--f) (lambda (x) (* 2 x))) (funcall 'subr-tests--f 4))
                 8))
  (should (equal (progn (setf (default-value 'subr-tests--a) 8) (default-value 'subr-tests--a))
                 8))
  (should (equal (progn (setf (symbol-plist 'subr-tests--b) '(x 1)) (symbol-plist 'subr-tests--b))
                 '(x 1))))

(ert-deftest subr-setf-evaluates-once-in-order ()
  (should (equal (let ((n 0) (v (vector 1 2 3))) (cl-incf (aref v (setq n (1+ n))) 10) (list n v))
                 '(1 [1 12 3])))
  (should (equal (let (log) (let ((v (vector 1 2))) (setf (aref (progn (push 'array log) v) (progn (push 'index log) 0)) (progn (push 'value log) 5))) (reverse log))
                 '(array index value)))
  (should (equal (let ((i 0) (l (list 1 2 3))) (push 'x (nthcdr (setq i (1+ i)) l)) (list i l))
                 '(1 (1 x 2 3)))))

(ert-deftest subr-setf-of-other-places ()
  (should (equal (let ((a 1) (b 2)) (setf (if (> a 0) a b) 5) (list a b))
                 '(5 2)))
  (should (equal (let ((a 1) (b 2)) (setf (cond ((> a 5) a) (t b)) 7) (list a b))
                 '(1 7)))
  (should (equal (let ((a (list 1))) (setf (let ((x a)) (car x)) 9) a) '(9)))
  (should (equal (let (a b) (setf (cons a b) '(1 . 2)) (list a b)) '(1 2)))
  (should (equal (let ((x 255)) (setf (logand x 15) 0) x) 240))
  (should (equal (let ((p (list 'a 1))) (setf (plist-get p 'a) 2 (plist-get p 'b) 3) p)
                 '(b 3 a 2)))
  (should (equal (let ((h (make-hash-table))) (setf (gethash 'a h) 1) (cl-incf (gethash 'a h)) (cl-incf (gethash 'b h 10)) (list (gethash 'a h) (gethash 'b h)))
                 '(2 11))))

(ert-deftest subr-setf-rejects ()
  (should (equal (should-error (eval '(setf 5 1))) '(gv-invalid-place 5)))
  (should (equal (should-error (eval '(setf "a" 1))) '(gv-invalid-place "a")))
  (should (equal (should-error (eval '(setf a)))
                 '(wrong-number-of-arguments setf 1)))
  (should (equal (should-error (eval '(setf (no-such-place 1) 2)))
                 '(void-function \(setf\ no-such-place\))))
  (should-not (setf)))

(ert-deftest subr-setf-values ()
  (should (equal (let ((l (list 1))) (list (setf (car l) 5) (setf (alist-get 'a l) 6) (let ((x 1)) (setf x 2))))
                 '(5 6 2))))

(ert-deftest subr-gv-definitions ()
  (should (equal (let ((b (subr-tests--box))) (setf (subr-tests--get b) 3) (cl-incf (subr-tests--get b)) b)
                 '(4)))
  (should (equal (let ((l (list 1 2 3))) (setf (subr-tests--second l) 'x) (push 'y (subr-tests--third l)) l)
                 '(1 x (y . 3))))
  (should (equal (let* ((l (list 1 2)) (r (gv-ref (car l)))) (setf (gv-deref r) 7) (list (gv-deref r) l))
                 '(7 (7 2)))))

(ert-deftest subr-push-and-pop ()
  (should (equal (let ((l (list 1 2)) (c (list (list 1)))) (push 0 l) (push 5 (car c)) (list (pop l) l (pop (car c)) c))
                 '(0 (1 2) 5 ((1)))))
  (should (equal (let ((l nil)) (list (pop l) l)) '(nil nil))))

(ert-deftest subr-dolist-and-dotimes ()
  (should (equal (let (r) (list (dolist (x '(1 2 3) (nreverse r)) (push (* x x) r)) (dotimes (i 3 'done) i) (dolist (x nil 5)) (dotimes (i 0))))
                 '((1 4 9) done 5 nil)))
  (should (equal (let (r) (dolist (x '(1 2 3)) (setq x (* 2 x)) (push x r)) r)
                 '(6 4 2)))
  (should (equal (let (r) (dotimes (i 3) (push i r) (setq i 10)) r) '(2 1 0)))
  (should (equal (should-error (dolist (x 5) x))
                 '(wrong-type-argument listp 5))))

(ert-deftest subr-string-lines ()
  (should (equal (string-lines "a\nb\n\nc") '("a" "b" "" "c")))
  (should (equal (string-lines "a\nb\n") '("a" "b" "")))
  (should (equal (string-lines "") '("")))
  (should (equal (string-lines "a\n\nb" t) '("a" "b")))
  (should (equal (string-lines "\na") '("" "a"))))

(ert-deftest subr-string-pad ()
  (should (equal (string-pad "a" 3) "a  "))
  (should (equal (string-pad "a" 3 ?.) "a.."))
  (should (equal (string-pad "a" 3 ?. t) "..a"))
  (should (equal (string-pad "abcd" 3) "abcd"))
  (should (equal (should-error (string-pad "a" -1))
                 '(wrong-type-argument natnump -1))))

(ert-deftest subr-string-limit ()
  (should (equal (string-limit "abcdef" 3) "abc"))
  (should (equal (string-limit "abcdef" 3 t) "def"))
  (should (equal (string-limit "ab" 3) "ab"))
  (should (equal (should-error (string-limit "ab" -3))
                 '(wrong-type-argument natnump -3))))

(ert-deftest subr-string-truncate-left ()
  (should (equal (string-truncate-left "abcdef" 5) "...def"))
  (should (equal (string-truncate-left "abc" 5) "abc"))
  (should (equal (string-truncate-left "abcdef" 2) "...f")))

(ert-deftest subr-string-join ()
  (should (equal (string-join '("a" "b") "-") "a-b"))
  (should (equal (string-join '("a" "b")) "ab"))
  (should (equal (string-join nil "x") ""))
  (should (equal (string-join '("a") "x") "a"))
  (should (equal (string-join '("a" nil)) "a")))

(ert-deftest subr-string-empty-p ()
  (should (eq (string-empty-p "") t))
  (should-not (string-empty-p "a")))

(ert-deftest subr-string-remove-prefix ()
  (should (equal (string-remove-prefix "ab" "abc") "c"))
  (should (equal (string-remove-prefix "x" "abc") "abc")))

(ert-deftest subr-string-remove-suffix ()
  (should (equal (string-remove-suffix "bc" "abc") "a"))
  (should (equal (string-remove-suffix "x" "abc") "abc")))

(ert-deftest subr-string-chop-newline ()
  (should (equal (string-chop-newline "a\n") "a"))
  (should (equal (string-chop-newline "a") "a")))

(ert-deftest subr-puthash ()
  (should (equal (let ((h (make-hash-table))) (puthash 'a 1 h) (puthash 'b 2 h) (list (hash-table-keys h) (hash-table-values h) (hash-table-empty-p h)))
                 '((a b) (1 2) nil))))

(ert-deftest subr-thread-first ()
  (should (equal (thread-first 5 (- 2) 1+ (list 3)) '(4 3)))
  (should (equal (thread-first 5) 5)))

(ert-deftest subr-thread-last ()
  (should (equal (thread-last 5 (- 2) 1+ (list 3)) '(3 -2)))
  (should (equal (thread-last 5) 5)))

(ert-deftest subr-if-let ()
  (should (equal (if-let ((a 1) (b (1+ a))) (list a b) 'no) '(1 2)))
  (should (equal (if-let ((a nil) (b (error "x"))) 1 'no 'no2) 'no2))
  (should (equal (should-error (if-let a 1 2))
                 '(wrong-type-argument sequencep a))))

(ert-deftest subr-when-let ()
  (should (equal (when-let ((a 1)) 2 a) 1))
  (should (equal (when-let (a 5) a) 5))
  (should (equal (let ((x 5)) (when-let (x) x)) 5))
  (should (equal (let ((x 5)) (when-let ((x)) x)) 5))
  (should (equal (when-let () 3) 3)))

(ert-deftest subr-and-let* ()
  (should (equal (let ((x 5)) (and-let* ((x) ((> x 3)) (y (* 2 x))) y)) 10))
  (should (eq (and-let* ()) t))
  (should (equal (and-let* ((x 3))) 3)))

(ert-deftest subr-when-let* ()
  (should (equal (when-let* ((_ 3)) 4) 4)))

(ert-deftest subr-if-let* ()
  (should (equal (if-let* () 1 2) 1))
  (should (equal (let ((z 3)) (if-let* (z (y 2)) (list z y))) '(3 2))))

(ert-deftest subr-lsh ()
  (should (equal (lsh -1 -1) 2305843009213693951))
  (should (equal (lsh 1 3) 8))
  (should (equal (lsh 8 -2) 2))
  (should (equal (lsh -8 -1) 2305843009213693948))
  (should (equal (lsh -1 3) -8))
  (should (equal (should-error (lsh (1- most-negative-fixnum) -1))
                 '(args-out-of-range -2305843009213693953 -1))))

(ert-deftest subr-log10 ()
  (should (equal (log10 100) 2.0)))

(ert-deftest subr-subst-char-in-string ()
  (should (equal (subst-char-in-string ?a ?b "banana") "bbnbnb"))
  (should (equal (let ((s (copy-sequence "aba"))) (subst-char-in-string ?a ?x s t) s)
                 "xbx"))
  (should (equal (subst-char-in-string ?a ?é "banana") "b\351n\351n\351")))

(ert-deftest subr-shell-quote-argument ()
  (should (equal (shell-quote-argument "") "''"))
  (should (equal (shell-quote-argument "a b'c") "a\\ b\\'c"))
  (should (equal (shell-quote-argument "a\nb") "a'\n'b")))

(ert-deftest subr-add-to-ordered-list ()
  (should (equal (let ((l nil)) (setq subr-tests--list '(b d)) (add-to-ordered-list 'subr-tests--list 'a 1) (add-to-ordered-list 'subr-tests--list 'c 2) (add-to-ordered-list 'subr-tests--list 'd 0) subr-tests--list)
                 '(d a c b))))

(ert-deftest subr-add-to-history ()
  (should (equal (progn (setq subr-tests--history '("a" "b")) (add-to-history 'subr-tests--history "c") (add-to-history 'subr-tests--history "c") (add-to-history 'subr-tests--history "a") subr-tests--history)
                 '("a" "c" "a" "b"))))

(ert-deftest subr-dotimes ()
  (should (equal (progn (setq subr-tests--history nil) (dotimes (i 5) (add-to-history 'subr-tests--history (format "%d" i) 3)) subr-tests--history)
                 '("4" "3" "2"))))

(ert-deftest subr-string-or-null-p ()
  (should (eq (string-or-null-p nil) t))
  (should-not (string-or-null-p 3)))

(ert-deftest subr-primitive-p ()
  (should (eq (subr-primitive-p (symbol-function 'car)) t)))

(ert-deftest subr-flatten-list ()
  (should (equal (flatten-list '(1 (2 . 3) nil)) '(1 2 3))))

(ert-deftest subr-ignore-error ()
  (should-not (ignore-error wrong-type-argument (car 5)))
  (should-not (ignore-error (void-function arith-error) (/ 1 0)))
  (should (equal (should-error (ignore-error end-of-file (car 5)))
                 '(wrong-type-argument listp 5))))

(ert-deftest subr-caaddr ()
  (should (equal (caaddr '(1 2 (3))) 3)))

(ert-deftest subr-cddddr ()
  (should (equal (cddddr '(1 2 3 4 5)) '(5))))

(ert-deftest subr-setf ()
  (should (equal (let ((x (list 1 2 (list 3)))) (setf (caaddr x) 9) x)
                 '(1 2 (9))))
  (should (equal (let ((l (list (cons 'a 1)))) (setf (alist-get 'b l) 2 (alist-get 'a l nil 'remove) nil) l)
                 '((b . 2))))
  (should-not (let ((l (list (cons 'a 1.5)))) (setf (alist-get 'a l 1.5 t) 1.5) l)))

(ert-deftest subr-with-output-to-string ()
  (should (equal (with-output-to-string (princ "a") (print 'b) (terpri))
                 "a\nb\n\n")))

(ert-deftest subr-define-symbol-prop ()
  (should (equal (define-symbol-prop 'zz 'p 3) 3)))

(ert-deftest subr-get ()
  (should (equal (get 'zz 'p) 3)))

(ert-deftest subr-number-sequence ()
  (should (equal (number-sequence 1 10 3) '(1 4 7 10)))
  (should (equal (number-sequence 5 1 -2) '(5 3 1)))
  (should (equal (number-sequence 1) '(1)))
  (should (equal (should-error (number-sequence 1 2 0))
                 '(error "The increment can not be zero")))
  (should (equal (number-sequence 1.0 2.0 0.3) '(1.0 1.3 1.6 1.9)))
  (should-not (number-sequence 3 1)))

(ert-deftest subr-delete-dups ()
  (should (equal (delete-dups (list 1 2 1 "a" "a")) '(1 2 "a"))))

(ert-deftest subr-delete-consecutive-dups ()
  (should (equal (delete-consecutive-dups (list 1 1 2 1 1)) '(1 2 1)))
  (should (equal (delete-consecutive-dups (list 1 2 1) t) '(1 2))))

(ert-deftest subr-alist-get ()
  (should (equal (alist-get 'a '((a . 1))) 1))
  (should (equal (alist-get "a" '(("a" . 1)) nil nil #'equal) 1)))

(ert-deftest subr-cl-incf ()
  (should (equal (let ((l nil)) (cl-incf (alist-get 'a l 0)) (push 1 (alist-get 'b l)) l)
                 '((b 1) (a . 1)))))

(ert-deftest subr-assoc-default ()
  (should (equal (assoc-default "a" '(("a" . 1))) 1))
  (should (equal (assoc-default "b" '("b") nil 'def) 'def)))

(ert-deftest subr-rassq-delete-all ()
  (should (equal (rassq-delete-all 1 (list '(a . 1) '(b . 2))) '((b . 2)))))

(ert-deftest subr-assoc-delete-all ()
  (should (equal (assoc-delete-all "a" (list '("a" . 1) 5 '("b" . 2)))
                 '(5 ("b" . 2)))))

(ert-deftest subr-copy-tree ()
  (should (equal (copy-tree '(1 (2 [3 (4)])) t) '(1 (2 [3 (4)])))))

(ert-deftest subr-last ()
  (should (equal (last '(1 2 3) 2) '(2 3)))
  (should (equal (last '(1 . 2)) '(1 . 2)))
  (should-not (last nil))
  (should-not (last '(1 2) 0)))

(ert-deftest subr-butlast ()
  (should (equal (butlast '(1 2 3) 2) '(1)))
  (should-not (butlast '(1) 5)))

(ert-deftest subr-nbutlast ()
  (should (equal (nbutlast (list 1 2)) '(1))))

(ert-deftest subr-xor ()
  (should (eq (xor t nil) t))
  (should-not (xor 1 2))
  (should-not (xor nil nil)))

(ert-deftest subr-ensure-list ()
  (should (equal (ensure-list 5) '(5)))
  (should-not (ensure-list nil)))

(ert-deftest subr-remove ()
  (should (equal (remove 1 '(1 2 1)) '(2)))
  (should (equal (remove ?a "banana") "bnn")))

(ert-deftest subr-remq ()
  (should (equal (remq 'a '(a b a)) '(b))))

(ert-deftest subr-member-ignore-case ()
  (should (equal (member-ignore-case "A" '("b" "a")) '("a"))))

(ert-deftest subr-string-prefix-p ()
  (should (eq (string-prefix-p "A" "abc" t) t))
  (should (eq (string-prefix-p "" "") t)))

(ert-deftest subr-string-suffix-p ()
  (should (eq (string-suffix-p "c" "abc") t)))

(ert-deftest subr-string-replace ()
  (should (equal (string-replace "a" "xx" "banana") "bxxnxxnxx"))
  (should (equal (should-error (string-replace "" "x" "a"))
                 '(wrong-length-argument 0))))

(ert-deftest subr-string-greaterp ()
  (should (eq (string-greaterp "b" "a") t)))

(ert-deftest subr-letrec ()
  (should (equal (letrec ((a (lambda (n) (if (= n 0) 'z (funcall a (1- n)))))) (funcall a 5))
                 'z))
  (should (equal (letrec ((a 1) (b (list a))) b) '(1))))

(ert-deftest subr-booleanp ()
  (should (eq (booleanp nil) t)))

(ert-deftest subr-special-form-p ()
  (should (eq (special-form-p 'if) t)))

(ert-deftest subr-macrop ()
  (should (eq (macrop 'when) t))
  (should-not (macrop 'car)))

(ert-deftest subr-autoloadp ()
  (should (eq (autoloadp '(autoload "x")) t)))

;;; subr-tests.el ends here
