;;; structures.el --- Long, deep and cyclic structures  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; They live through two collections of the whole heap, and are walked afterwards.

;;; Code:

(defconst limits-count 10000000)

(defun limits-depth (chain)
  "The length of CHAIN by its cars."
  (let ((n 0))
    (while (consp chain)
      (setq n (1+ n)
            chain (car chain)))
    n))

(let ((list (make-list limits-count 1))
      (chain (read (concat (make-string limits-count ?\() (make-string limits-count ?\)))))
      (table (make-hash-table :test 'eq))
      (strings (make-hash-table :test 'equal :weakness 'key))
      (ring (make-list 1000 0))
      (self (make-vector 3 nil))
      (i 0))
  (setcdr (last ring) ring)
  (aset self 1 self)
  (puthash self table table)
  (while (< i 1000000)
    (puthash i (cons i i) table)
    (setq i (1+ i)))
  (let ((tail list))
    (dotimes (n 1000)
      (puthash (number-to-string n) tail strings)
      (setq tail (cdr tail))))
  (garbage-collect)
  (garbage-collect)
  (princ (format "list %d\n" (length list)))
  (princ (format "chain %d\n" (limits-depth chain)))
  (princ (format "table %d %S\n" (hash-table-count table) (gethash 999999 table)))
  (princ (format "cycles %S %S %S\n" (eq (nthcdr 1000 ring) ring) (eq (aref self 1) self) (eq (gethash self table) table))))

;;; structures.el ends here
