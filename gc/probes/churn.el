;;; churn.el --- The share of collections in a loop that conses  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Runs in tenure and in GNU Emacs:
;;
;;   tenure --batch -Q --eval-mode compiled --collector generational -l churn.el
;;   emacs --batch -Q -f batch-byte-compile churn.el
;;   emacs --batch -Q -l churn.elc
;;
;; 20 million conses that die at once, at the default `gc-cons-threshold' of 0.8 MB: the share of the time that is in
;; collections (`gc-elapsed').

;;; Code:

(defun probe-conses (n)
  "Make N conses."
  (let ((cell nil))
    (while (> n 0)
      (setq cell (cons n cell)
            cell nil
            n (1- n)))))

(let* ((before (float-time))
       (in-gc gc-elapsed))
  (probe-conses 20000000)
  (let ((time (- (float-time) before)))
    (setq in-gc (- gc-elapsed in-gc))
    (princ (format "20 M conses: %.3f s, of which %.3f s in collections, %.1f %%\n" time in-gc (/ (* 100 in-gc) time)))))

;;; churn.el ends here
