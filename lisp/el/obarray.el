;;; obarray.el --- Functions of obarrays  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defconst obarray-default-size 59
  "How many buckets a new obarray has by default.")

(defun obarray-make (&optional size)
  "Return a new obarray of SIZE buckets."
  (make-vector (if size
                   (if (< 0 size) size (signal 'wrong-type-argument '(size 0)))
                 obarray-default-size)
               0))

(defun obarray-size (ob)
  "Return the number of buckets of the obarray OB."
  (length ob))

(defun obarrayp (object)
  "Return t if OBJECT may be an obarray."
  (and (vectorp object)
       (< 0 (length object))))

(defun obarray-get (ob name)
  "Return the symbol called NAME in the obarray OB, or nil."
  (intern-soft name ob))

(defun obarray-put (ob name)
  "Return the symbol called NAME in the obarray OB; make it if need be."
  (intern name ob))

(defun obarray-remove (ob name)
  "Take the symbol called NAME out of the obarray OB; return t if it was there."
  (unintern name ob))

(defun obarray-map (fn ob)
  "Call FN on each symbol of the obarray OB."
  (mapatoms fn ob))

(provide 'obarray)

;;; obarray.el ends here
