;;; pcase-tests.el --- Patterns  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)

(pcase-defmacro pcase-tests--pair (a b) `(,'\` (,(list '\, a) . ,(list '\, b))))

(ert-deftest pcase-quote ()
  (should (equal (pcase 5 (1 'a) (5 'b)) 'b))
  (should-not (pcase 5 (1 'a)))
  (should (equal (pcase 'x ('x 1)) 1))
  (should (equal (pcase nil ('nil 'n)) 'n))
  (should (equal (should-error (pcase nil (nil 'n)))
                 '(error "Unknown pattern ‘nil’")))
  (should (equal (pcase t ('t 1)) 1))
  (should (equal (should-error (pcase 1.0 (1.0 'f)))
                 '(error "Unknown pattern ‘1.0’")))
  (should (equal (pcase ?a (?a 'c)) 'c))
  (should (equal (pcase '(a . b) ('(a . b) 'quoted)) 'quoted))
  (should (equal (pcase "x" ('"x" 'quoted)) 'quoted))
  (should (equal (should-error (pcase [1] ([1] 'vec)))
                 '(error "Unknown pattern ‘[1]’")))
  (should (equal (pcase 5 ((quote 5) 1)) 1)))

(ert-deftest pcase-exhaustive ()
  (should (equal (should-error (pcase-exhaustive 5 (1 'a)))
                 '(error "No clause matching ‘5’")))
  (should (equal (should-error (pcase-exhaustive 5))
                 '(error "No clause matching ‘5’")))
  (should (equal (pcase-exhaustive '(1) (`(,x) x)) 1))
  (should (equal (should-error (pcase-exhaustive 'foo ('bar 1)))
                 '(error "No clause matching ‘foo’"))))

(ert-deftest pcase-basics ()
  (should (equal (pcase "a" ("a" 1)) 1))
  (should (equal (pcase :k (:k 1)) 1))
  (should (equal (pcase 5 (_ 1)) 1))
  (should (equal (pcase 5 (x x)) 5))
  (should (equal (should-error (pcase 5 ((foo 3) 2)))
                 '(error "Unknown foo pattern: (foo 3)")))
  (should (equal (let ((r nil)) (pcase '(1 2) (`(,a ,b) (push a r) (push b r))) r)
                 '(2 1)))
  (should (equal (pcase (quote (1 . 2)) ((pcase-tests--pair x y) (list x y)))
                 '(1 2)))
  (should (equal (let ((x 5)) (pcase 5 ((pred (= x)) 'eq))) 'eq))
  (should (equal (let ((x 5)) (pcase 6 ((and y (guard (eq y x))) 'eq) (_ 'ne)))
                 'ne))
  (should-not (pcase 5 (5)))
  (should-not (pcase 5 (5 nil)))
  (should (equal (let ((l '(a b))) (pcase 'a ((guard (memq 'a l)) 1))) 1))
  (should (equal (funcall (lambda (v) (pcase v ((or (pred stringp) (pred symbolp)) 's) ((pred numberp) 'n))) 4)
                 'n)))

(ert-deftest pcase-pred-quote ()
  (should (equal (pcase 5 ((pred integerp) 'int)) 'int))
  (should (equal (pcase 5 ((pred (< 3)) 'gt)) 'gt))
  (should (equal (pcase 5 ((pred (lambda (x) (= x 5))) 'l)) 'l))
  (should (equal (pcase nil ((pred null) 'n)) 'n))
  (should (equal (pcase '(5) ((pred (member 5)) 1) (_ 'no)) 1)))

(ert-deftest pcase-pred-not-quote ()
  (should (equal (pcase 5 ((pred (not integerp)) 'nint) (_ 'int)) 'int)))

(ert-deftest pcase-and-guard ()
  (should (equal (pcase 5 ((and x (guard (> x 3))) x)) 5)))

(ert-deftest pcase-and-pred-guard ()
  (should (equal (pcase 5 ((and x (pred integerp) (guard (> x 7))) x) ((or 3 5 7) 'or))
                 'or)))

(ert-deftest pcase-backquote ()
  (should (equal (pcase '(1 2) (`(,a ,b) (list a b))) '(1 2)))
  (should (equal (pcase '(1 2 3) (`(,a . ,b) (list a b))) '(1 (2 3))))
  (should (equal (pcase [1 2] (`[,a ,b] (list a b))) '(1 2)))
  (should (equal (pcase '(lambda (x) y) (`(lambda ,args . ,body) (list args body)))
                 '((x) (y))))
  (should (equal (pcase '(1 2) (`(,x ,y) (setq x 10) (list x y))) '(10 2)))
  (should (equal (pcase '(nil) (`(nil) 1)) 1))
  (should (equal (pcase '(t) (`(t) 1)) 1)))

(ert-deftest pcase-backquote-quote ()
  (should (equal (pcase '(1 2 3) (`(,a ,b) (list a b)) (_ 'no)) 'no))
  (should (equal (pcase [1 2 3] (`[,a ,b] (list a b)) (_ 'no)) 'no))
  (should (equal (pcase '("a" b) (`("a" b) 'm)) 'm))
  (should (equal (pcase '(1 . 2) (`(,a . ,a) 'dup) (_ 'n)) 'n))
  (should (equal (pcase '(1 . 1) (`(,a . ,a) (list 'dup a)) (_ 'n)) '(dup 1))))

(ert-deftest pcase-backquote-pred-quote ()
  (should (equal (pcase '(a 1) (`(a ,(pred stringp)) 's) (`(a ,(and n (pred integerp))) n))
                 1)))

(ert-deftest pcase-backquote-backquote ()
  (should (equal (pcase '(add 1 2) (`(add ,x ,y) (+ x y)) (`(sub ,x ,y) (- x y)))
                 3))
  (should (equal (pcase nil (`(,a) 1) (`nil 2)) 2)))

(ert-deftest pcase-backquote-and-guard ()
  (should (equal (pcase '(1 1) (`(,x ,(and y (guard (= x y)))) 'same)) 'same)))

(ert-deftest pcase-app-quote ()
  (should (equal (pcase 5 ((app 1+ 6) 'six)) 'six))
  (should (equal (pcase '(1 2) ((app car 1) 'one)) 'one)))

(ert-deftest pcase-app-and-pred ()
  (should (equal (pcase 5 ((app 1+ (and x (pred cl-evenp))) x)) 6)))

(ert-deftest pcase-app ()
  (should (equal (pcase 5 ((app (+ 3) x) x)) 8))
  (should (equal (pcase '(1 2) ((app (lambda (l) (nth 1 l)) x) x)) 2)))

(ert-deftest pcase-cl-type-quote ()
  (should (equal (pcase 5 ((cl-type integer) 'i)) 'i)))

(ert-deftest pcase-cl-type-or-quote ()
  (should (equal (pcase "a" ((cl-type (or integer string)) 'i)) 'i)))

(ert-deftest pcase-or-and-let ()
  (should (equal (pcase 5 ((or (and 5 (let x 'five)) (let x 'other)) x))
                 'five))
  (should (equal (pcase 6 ((or (and 5 (let x 'five)) (let x 'other)) x))
                 'other)))

(ert-deftest pcase-or-backquote-backquote ()
  (should (equal (pcase '(1 . 2) ((or `(1 . ,x) `(,x . 1)) x)) 2))
  (should (equal (pcase '(2 . 1) ((or `(1 . ,x) `(,x . 1)) x)) 2)))

(ert-deftest pcase-backquote-or-quote ()
  (should (equal (pcase '(1 (2 3)) (`(1 (2 ,(or 3 4))) 'y)) 'y))
  (should (equal (pcase '(k v) (`(,(or 'k 'j) ,val) val)) 'v)))

(ert-deftest pcase-and ()
  (should (equal (pcase 5 ((and) 3)) 3)))

(ert-deftest pcase-or ()
  (should (equal (should-error (pcase 5 ((or) 3) (_ 4)))
                 '(error "Please avoid it"))))

(ert-deftest pcase-or-quote-and ()
  (should (equal (pcase 'sym ((or 'a 'b) 1) ((and s (pred symbolp)) (list s)))
                 '(sym))))

(ert-deftest pcase-let ()
  (should (equal (pcase-let ((`(,a ,b) '(1 2)) (c 3)) (list a b c)) '(1 2 3)))
  (should (equal (pcase-let ((`(,a ,b) '(1))) (list a b)) '(1 nil)))
  (should (equal (pcase-let ((`(,a . ,b) 5)) (list a b)) '(nil nil)))
  (should (equal (pcase-let ((`(foo ,a) '(bar 2))) a) 2))
  (should (equal (pcase-let ((`[,a ,b] [1 2])) (list a b)) '(1 2)))
  (should (equal (should-error (pcase-let ((`[,a ,b] [1])) (list a b)))
                 '(args-out-of-range [1] 1)))
  (should (equal (pcase-let ((a 1)) a) 1))
  (should (equal (pcase-let ((`(,_ ,x) '(1 2))) x) 2))
  (should (equal (pcase 5 ((let x 3) x)) 3)))

(ert-deftest pcase-let* ()
  (should (equal (pcase-let* ((`(,a ,b) '(1 2)) (`(,c) (list a))) (list a b c))
                 '(1 2 1)))
  (should (equal (pcase-let* nil 3) 3)))

(ert-deftest pcase-dolist ()
  (should (equal (let (r) (pcase-dolist (`(,a . ,b) '((1 . 2) (3 . 4))) (push (+ a b) r)) r)
                 '(7 3)))
  (should-not (pcase-dolist (`(,a) '((1)) ) a)))

(ert-deftest pcase-setq ()
  (should (equal (let (a b) (pcase-setq `(,a ,b) '(1 2)) (list a b)) '(1 2)))
  (should (equal (let (a b) (pcase-setq a 1 `(,b) '(2)) (list a b)) '(1 2)))
  (should (equal (let (a b) (pcase-setq `(,a ,b) '(1)) (list a b)) '(1 nil)))
  (should (equal (let (a b) (pcase-setq `(,a ,b) 5) (list a b)) '(nil nil))))

(ert-deftest pcase-lambda ()
  (should (equal (funcall (pcase-lambda (`(,a ,b) &optional c) (list a b c)) '(1 2) 3)
                 '(1 2 3)))
  (should (equal (funcall (pcase-lambda (a &rest `(,b ,c)) (list a b c)) 1 2 3)
                 '(1 2 3)))
  (should (equal (mapcar (pcase-lambda (`(,k . ,v)) (list v k)) '((a . 1) (b . 2)))
                 '((1 a) (2 b)))))

(ert-deftest pcase-guard ()
  (should (equal (pcase 5 ((guard nil) 1) ((guard t) 2)) 2)))

(ert-deftest pcase-and-backquote-backquote ()
  (should (equal (pcase '(1 2 3) ((and `(,a . ,_) `(,_ ,b . ,_)) (list a b)))
                 '(1 2))))

(ert-deftest pcase-pred ()
  (should (equal (should-error (pcase 5 ((pred (memq 5)) 1)))
                 '(wrong-type-argument listp 5))))

(ert-deftest pcase-or-quote ()
  (should (equal (pcase 5 ((or 1 2) 'a) ((or 'x "y" 5) 'b)) 'b)))

(ert-deftest pcase-backquote-and-pred ()
  (should (equal (pcase (list 1 2) (`(,(and a 1) ,(and b (pred (< a)))) (list a b)))
                 '(1 2))))

(ert-deftest pcase-and-or-quote ()
  (should (equal (pcase 'a ((and x (or 'a 'b)) (list x))) '(a))))

(ert-deftest pcase-and-let-guard ()
  (should (equal (pcase 3 ((and n (let m (* n 2)) (guard (= m 6))) m)) 6)))

(ert-deftest pcase-app-not-quote ()
  (should (equal (should-error (pcase 5 ((app not nil) 'truthy)))
                 '(error "Unknown pattern ‘nil’"))))

;;; pcase-tests.el ends here
