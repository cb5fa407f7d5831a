;;; memory.el --- Allocation without end  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Under a fixed heap each case fills the memory with objects of one kind, handles `memory-full', and lets go of what it
;; made; a line for each says so.

;;; Code:

(defmacro limits-fill (name form)
  "Keep values of FORM until the memory is full, and print NAME."
  `(princ (format "%s %s\n" ',name
                  (condition-case nil
                      (let ((kept nil))
                        (while t (setq kept (cons ,form kept))))
                    (memory-full 'full)))))

(limits-fill conses (list 1 2))
(limits-fill vectors (make-vector 10 0))
(limits-fill large-vectors (make-vector 100000 0))
(limits-fill strings (make-string 30 ?x))
(limits-fill large-strings (make-string 100000 ?x))
(limits-fill multibyte (make-string 1000 ?é))
(limits-fill floats (float 1))
(limits-fill bignums (ash 1 1000))
(limits-fill tables (make-hash-table))
(limits-fill closures (let ((x 1)) (lambda () x)))
(limits-fill records (record 'limits 1 2))
(limits-fill bits (make-bool-vector 1000 t))
(limits-fill symbols (make-symbol "limits"))
(let ((table (make-hash-table)) (i 0))
  (princ (format "entries %s\n"
                 (condition-case nil
                     (while t (puthash (setq i (1+ i)) i table))
                   (memory-full 'full)))))
(princ (format "list %s\n" (condition-case nil (make-list 100000000 1) (memory-full 'full))))
(princ (format "vector %s\n" (condition-case nil (make-vector 100000000 1) (memory-full 'full))))
(princ (format "string %s\n" (condition-case nil (make-string 1000000000 ?x) (memory-full 'full))))
(princ (format "sum %d\n" (apply #'+ (make-list 1000 1))))

;;; memory.el ends here
