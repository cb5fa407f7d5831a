;;; recursion.el --- Recursion without end  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Each case recurs without end through another primitive, with both limits of depth at their maximum.  A line for each
;; says how it ended: `nesting' for the error that Emacs gives when its limit is reached.

;;; Code:

(setq max-lisp-eval-depth most-positive-fixnum
      max-specpdl-size most-positive-fixnum
      ;; A deep stack is scanned by each collection; there need not be many here.
      gc-cons-threshold 200000000)

(defun limits-outcome (err)
  "Say what ERR is."
  (cond ((not (eq (car err) 'error)) (car err))
        ((equal (cadr err) "Lisp nesting exceeds ‘max-lisp-eval-depth’") 'nesting)
        ((equal (cadr err) "Variable binding depth exceeds max-specpdl-size") 'nesting)
        (t (cadr err))))

(defmacro limits-case (name &rest body)
  "Print NAME and the outcome of BODY."
  `(princ (format "%s %s\n" ',name (condition-case err (progn ,@body 'finished) (error (limits-outcome err))))))

(defvar limits-dynamic 1)
(defvar limits-hook '(limits-run-hook))
(defvar limits-watched 1)

(defun limits-plain (n) (1+ (limits-plain n)))
(defun limits-mapcar (n) (mapcar #'limits-mapcar (list n)))
(defun limits-mapc (n) (mapc #'limits-mapc (vector n)))
(defun limits-mapcan (n) (mapcan #'limits-mapcan (list n)))
(defun limits-mapconcat (n) (mapconcat #'limits-mapconcat (list n) ""))
(defun limits-maphash (n)
  (let ((table (make-hash-table :size 1)))
    (puthash 1 n table)
    (maphash (lambda (_key value) (limits-maphash value)) table)))
(defun limits-mapatoms () (mapatoms (lambda (_symbol) (limits-mapatoms)) (let ((o (make-vector 1 0))) (intern "a" o) o)))
(defun limits-sort (_a _b) (sort (list 1 2) #'limits-sort))
(defun limits-apply (&rest arguments) (apply #'limits-apply arguments))
(defun limits-funcall (n) (funcall #'limits-funcall n))
(defun limits-eval () (eval '(limits-eval)))
(defun limits-let (n) (let ((m (limits-let n))) m))
(defun limits-let-dynamic (n) (let ((limits-dynamic (limits-let-dynamic n))) limits-dynamic))
(defun limits-bound (n) (let ((limits-dynamic n)) (1+ (limits-bound n))))
(defun limits-if (n) (if (limits-if n) 1 2))
(defun limits-cond (n) (cond ((limits-cond n) 1)))
(defun limits-and-or (n) (and t (or nil (limits-and-or n)) t))
(defun limits-while (n) (while (limits-while n)))
(defun limits-condition-case (n) (condition-case nil (limits-condition-case n) (arith-error 1)))
(defun limits-catch (n) (catch 'limits (limits-catch n)))
(defun limits-unwind-protect (n) (unwind-protect (limits-unwind-protect n) (setq n 1)))
(define-hash-table-test 'limits-test #'equal (lambda (key) (limits-hash-test key)))
(defun limits-hash-test (key) (puthash key 1 (make-hash-table :test 'limits-test :size 1)))
(defmacro limits-macro (n) `(1+ (limits-macro ,n)))
(defmacro limits-expander (n) (macroexpand `(limits-expander ,n)))
(defun limits-run-hook () (run-hooks 'limits-hook))
(defun limits-assoc (n) (assoc n '((2 . 1)) (lambda (a _b) (limits-assoc a))))
(defun limits-closure () (let (f) (setq f (lambda (n) (1+ (funcall f n)))) (funcall f 1)))

(limits-case plain (limits-plain 1))
(limits-case mapcar (limits-mapcar 1))
(limits-case mapc (limits-mapc 1))
(limits-case mapcan (limits-mapcan 1))
(limits-case mapconcat (limits-mapconcat 1))
(limits-case maphash (limits-maphash 1))
(limits-case mapatoms (limits-mapatoms))
(limits-case sort (limits-sort 1 2))
(limits-case apply (limits-apply 1 2))
(limits-case funcall (limits-funcall 1))
(limits-case eval (limits-eval))
(limits-case let (limits-let 1))
(limits-case let-dynamic (limits-let-dynamic 1))
(limits-case bound (limits-bound 1))
(limits-case if (limits-if 1))
(limits-case cond (limits-cond 1))
(limits-case and-or (limits-and-or 1))
(limits-case while (limits-while 1))
(limits-case condition-case (limits-condition-case 1))
(limits-case catch (limits-catch 1))
(limits-case unwind-protect (limits-unwind-protect 1))
(limits-case hash-test (limits-hash-test 1))
(limits-case macro (eval '(limits-macro 1)))
(limits-case macroexpand-all (macroexpand-all '(limits-macro 1)))
(limits-case expander (eval '(limits-expander 1)))
(limits-case hook (run-hooks 'limits-hook))
(limits-case assoc (limits-assoc 1))
(limits-case closure (limits-closure))
(limits-case signal-hook (let ((signal-hook-function (lambda (&rest _) (car 1)))) (car 1)))
(limits-case watcher
  (add-variable-watcher 'limits-watched (lambda (&rest _) (set 'limits-watched 2)))
  (unwind-protect (setq limits-watched 3)
    (remove-variable-watcher 'limits-watched (car (get-variable-watchers 'limits-watched)))))
(limits-case backquote
  (let ((form 1))
    (dotimes (_ 100000) (setq form (list '\` form)))
    (eval form)))

;;; recursion.el ends here
