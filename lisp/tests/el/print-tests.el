;;; print-tests.el --- pp, cl-print, and the names of keys  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'cl-print)
(require 'pp)

(cl-defstruct print-tests--point x y)

(ert-deftest cl-print-objects ()
  (should (equal (cl-prin1-to-string (make-print-tests--point :x 1 :y "a"))
                 "#s(print-tests--point :x 1 :y \"a\")"))
  (should (equal (cl-prin1-to-string '(1 . [2 (3 'a #'b `(c ,d ,@e))]))
                 "(1 . [2 (3 'a #'b `(c ,d ,@e))])")))

(ert-deftest cl-print-limits ()
  (cl-flet ((print (object) (substring-no-properties (cl-prin1-to-string object))))
    (let ((print-length 2))
      (should (equal (print '(1 2 3)) "(1 2 ...)"))
      (should (equal (print "abc") "\"ab...\"")))
    (let ((print-level 1))
      (should (equal (print '(1 (2) [3] 'a)) "(1 ... ... ...)")))))

(ert-deftest cl-print-circles ()
  (let ((x (list 1 2)))
    (setcdr (cdr x) x)
    (should (equal (cl-prin1-to-string x) "(1 2 . #0)"))
    (let ((print-circle t))
      (should (equal (cl-prin1-to-string x) "#1=(1 2 . #1#)"))))
  (let ((x (list 1)) (print-circle t))
    (should (equal (cl-prin1-to-string (list x x)) "(#1=(1) #1#)"))))

(ert-deftest cl-print-methods ()
  (cl-defstruct print-tests--shown name)
  (cl-defmethod cl-print-object ((object print-tests--shown) stream)
    (princ (format "<%s>" (print-tests--shown-name object)) stream))
  (should (equal (cl-prin1-to-string
                  (list (make-print-tests--shown :name 'foo) 1))
                 "(<foo> 1)")))

(ert-deftest pp-code ()
  (should (equal (pp-to-string '(defun f (x) "Doc." (let ((y 1)) (+ x y))))
                 "(defun f\n    (x)\n  \"Doc.\"\n  (let\n      ((y 1))\n    (+ x y)))\n"))
  (should (equal (pp-to-string '(if (a) (b) (c) d))
                 "(if\n    (a)\n    (b)\n  (c)\n  d)\n"))
  (should (equal (pp-to-string '(setq a (b) c 'd))
                 "(setq a\n      (b)\n      c 'd)\n")))

(ert-deftest pp-data ()
  (should (equal (pp-to-string '((a . 1) (b 2 "x(y")))
                 "((a . 1)\n (b 2 \"x(y\"))\n"))
  (should (equal (pp-to-string [1 (2) 3]) "[1\n (2)\n 3]\n"))
  (should (equal (pp-to-string "a\n") "\"a\\n\""))
  (should (equal (with-output-to-string (pp '(a (b)))) "(a\n (b))\n")))

(ert-deftest keys-of-texts ()
  (should (equal (kbd "C-x C-f") "\C-x\C-f"))
  (should (equal (kbd "<f1> SPC M-a") [f1 ?\s ?\M-a]))
  (should (equal (kbd "C-M-<return> s-b") [C-M-return ?\s-b]))
  (should (equal (kbd "3*a \\101 ;; no more") "aaaA"))
  (should-error (kbd "C-ab")))

(ert-deftest keys-described ()
  (should (equal (key-description "\C-x\M-a\r") "C-x M-a RET"))
  (should (equal (key-description [?\e ?a C-f1 ?\C-\M-%] [?\C-c])
                 "C-c M-a C-<f1> C-M-%"))
  (should (equal (single-key-description 'f1 t) "f1"))
  (should (equal (text-char-description ?\C-c) "^C")))

(ert-deftest arguments-documented ()
  (cl-defun print-tests--documented (a &optional (b 2) &key c) "Doc." (list a b c))
  (should (equal (documentation 'print-tests--documented)
                 "Doc.\n\n(fn A &optional (B 2) &key C)"))
  (should (equal (help-function-arglist (lambda (a &optional b) (list a b)))
                 '(a &optional b)))
  (should (equal (help-split-fundoc "Doc.\n\n(fn A)" 'f) '("(f A)" . "Doc."))))

;;; print-tests.el ends here
