;;; seq.el --- Functions of sequences  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'macroexp)

(defun seqp (object)
  "Return t if OBJECT is a sequence."
  (sequencep object))

(defun seq-elt (sequence n)
  "Return the element of SEQUENCE at the index N."
  (elt sequence n))
(gv-define-setter seq-elt (store sequence n) `(setf (elt ,sequence ,n) ,store))

(defun seq-length (sequence)
  "Return the length of SEQUENCE."
  (length sequence))

(defun seq-first (sequence)
  "Return the first element of SEQUENCE."
  (if (listp sequence) (car sequence) (elt sequence 0)))

(defun seq-rest (sequence)
  "Return SEQUENCE without its first element."
  (seq-drop sequence 1))

(defun seq-empty-p (sequence)
  "Return t if SEQUENCE is empty."
  (if (listp sequence) (null sequence) (= (length sequence) 0)))

(defun seq-copy (sequence)
  "Return a copy of SEQUENCE."
  (copy-sequence sequence))

(defun seq-into-sequence (sequence)
  "Return SEQUENCE, which must be one."
  (unless (sequencep sequence)
    (error "Cannot convert %S into a sequence" sequence))
  sequence)

(defun seq-into (sequence type)
  "Return the elements of SEQUENCE as a sequence of TYPE."
  (cond ((memq type '(vector array))
         (when (eq type 'array)
           (error "Not a sequence type name: %S" type))
         (if (vectorp sequence) sequence (vconcat sequence)))
        ((eq type 'string)
         (if (stringp sequence) sequence (concat sequence)))
        ((eq type 'list)
         (if (listp sequence) sequence (append sequence nil)))
        (t (error "Not a sequence type name: %S" type))))

(defun seq-concatenate (type &rest sequences)
  "Return a sequence of TYPE of the elements of SEQUENCES."
  (cond ((eq type 'vector) (apply #'vconcat sequences))
        ((eq type 'string) (apply #'concat sequences))
        ((eq type 'list) (apply #'append (append sequences '(nil))))
        (t (error "Not a sequence type name: %S" type))))

;;;; Parts

;;;###autoload
(defun seq-subseq (sequence start &optional end)
  "Return the part of SEQUENCE from START to END."
  (require 'cl-lib)
  (cl-subseq sequence start end))

(defun seq-drop (sequence n)
  "Return SEQUENCE without its first N elements."
  (cond ((<= n 0) sequence)
        ((listp sequence) (nthcdr n sequence))
        (t (let ((size (length sequence)))
             (seq-subseq sequence (min n size) size)))))

;;;###autoload
(defun seq-take (sequence n)
  "Return the first N elements of SEQUENCE."
  (if (listp sequence)
      (let ((result nil))
        (while (and sequence (> n 0))
          (setq n (1- n))
          (push (pop sequence) result))
        (nreverse result))
    (seq-subseq sequence 0 (min (max n 0) (length sequence)))))

(defun seq--count-while (pred sequence)
  "Return the number of elements at the start of SEQUENCE that PRED holds for."
  (let ((n 0))
    (catch 'seq--break
      (mapc (lambda (element)
              (unless (funcall pred element)
                (throw 'seq--break nil))
              (setq n (1+ n)))
            sequence))
    n))

(defun seq-drop-while (pred sequence)
  "Return SEQUENCE from the first element on for which PRED does not hold."
  (seq-drop sequence (seq--count-while pred sequence)))

(defun seq-take-while (pred sequence)
  "Return the elements of SEQUENCE up to the first that PRED does not hold for."
  (seq-take sequence (seq--count-while pred sequence)))

(defun seq-partition (sequence n)
  "Return a list of the parts of SEQUENCE of N elements each."
  (unless (< n 1)
    (let ((result nil))
      (while (not (seq-empty-p sequence))
        (push (seq-take sequence n) result)
        (setq sequence (seq-drop sequence n)))
      (nreverse result))))

;;;; Mapping

(defun seq-do (function sequence)
  "Call FUNCTION for each element of SEQUENCE."
  (mapc function sequence))

(defalias 'seq-each #'seq-do)

(defun seq-do-indexed (function sequence)
  "Call FUNCTION for each element of SEQUENCE and its index."
  (let ((index 0))
    (mapc (lambda (element)
            (funcall function element index)
            (setq index (1+ index)))
          sequence))
  nil)

(defun seq-map (function sequence)
  "Return a list of the values of FUNCTION for the elements of SEQUENCE."
  (mapcar function sequence))

(defun seq-map-indexed (function sequence)
  "Return a list of the values of FUNCTION for elements of SEQUENCE and indices."
  (let ((index -1))
    (mapcar (lambda (element)
              (funcall function element (setq index (1+ index))))
            sequence)))

(defun seq-mapn (function sequence &rest sequences)
  "Return the values of FUNCTION for tuples of elements of the sequences."
  (let* ((lists (mapcar (lambda (one) (append one nil))
                        (cons sequence sequences)))
         (result nil))
    (while (not (memq nil lists))
      (push (apply function (mapcar #'car lists)) result)
      (setq lists (mapcar #'cdr lists)))
    (nreverse result)))

(defun seq-mapcat (function sequence &optional type)
  "Return a sequence of TYPE of those that FUNCTION gives for each element."
  (apply #'seq-concatenate (or type 'list) (seq-map function sequence)))

;;;###autoload
(defun seq-filter (pred sequence)
  "Return a list of the elements of SEQUENCE for which PRED holds."
  (let ((result nil))
    (mapc (lambda (element)
            (when (funcall pred element)
              (push element result)))
          sequence)
    (nreverse result)))

;;;###autoload
(defun seq-remove (pred sequence)
  "Return a list of the elements of SEQUENCE for which PRED does not hold."
  (seq-filter (lambda (element) (not (funcall pred element))) sequence))

;;;###autoload
(defun seq-reduce (function sequence initial-value)
  "Combine INITIAL-VALUE and the elements of SEQUENCE in turn by FUNCTION."
  (let ((value initial-value))
    (mapc (lambda (element)
            (setq value (funcall function value element)))
          sequence)
    value))

;;;###autoload
(defun seq-group-by (function sequence)
  "Return an alist from a value of FUNCTION to the elements that give it."
  (let ((groups nil))
    (mapc (lambda (element)
            (let* ((key (funcall function element))
                   (group (assoc key groups)))
              (if group
                  (setcdr group (cons element (cdr group)))
                (push (list key element) groups))))
          (reverse sequence))
    groups))

;;;; Searching

;;;###autoload
(defun seq-some (pred sequence)
  "Return the first non-nil value of PRED for elements of SEQUENCE."
  (catch 'seq--break
    (mapc (lambda (element)
            (let ((value (funcall pred element)))
              (when value
                (throw 'seq--break value))))
          sequence)
    nil))

;;;###autoload
(defun seq-every-p (pred sequence)
  "Return t if PRED holds for all elements of SEQUENCE."
  (catch 'seq--break
    (mapc (lambda (element)
            (unless (funcall pred element)
              (throw 'seq--break nil)))
          sequence)
    t))

;;;###autoload
(defun seq-find (pred sequence &optional default)
  "Return the first element of SEQUENCE for which PRED holds, or DEFAULT."
  (catch 'seq--break
    (mapc (lambda (element)
            (when (funcall pred element)
              (throw 'seq--break element)))
          sequence)
    default))

(defun seq-count (pred sequence)
  "Return the number of elements of SEQUENCE for which PRED holds."
  (let ((count 0))
    (mapc (lambda (element)
            (when (funcall pred element)
              (setq count (1+ count))))
          sequence)
    count))

(defun seq-contains-p (sequence elt &optional testfn)
  "Return t if SEQUENCE contains what is equal to ELT, by TESTFN."
  (catch 'seq--break
    (let ((test (or testfn #'equal)))
      (mapc (lambda (element)
              (when (funcall test element elt)
                (throw 'seq--break t)))
            sequence))
    nil))

(defun seq-contains (sequence elt &optional testfn)
  "Return the first element of SEQUENCE that is equal to ELT, by TESTFN."
  (seq-some (lambda (element)
              (and (funcall (or testfn #'equal) elt element)
                   element))
            sequence))

;;;###autoload
(defun seq-position (sequence elt &optional testfn)
  "Return the index of the first element of SEQUENCE that is equal to ELT."
  (let ((index 0)
        (test (or testfn #'equal)))
    (catch 'seq--break
      (mapc (lambda (element)
              (when (funcall test element elt)
                (throw 'seq--break index))
              (setq index (1+ index)))
            sequence)
      nil)))

(defun seq-min (sequence)
  "Return the smallest number in SEQUENCE."
  (apply #'min (append sequence nil)))

;;;###autoload
(defun seq-max (sequence)
  "Return the largest number in SEQUENCE."
  (apply #'max (append sequence nil)))

;;;###autoload
(defun seq-random-elt (sequence)
  "Return an element of SEQUENCE by chance."
  (if (seq-empty-p sequence)
      (error "Sequence cannot be empty")
    (elt sequence (random (length sequence)))))

;;;; Sets

;;;###autoload
(defun seq-uniq (sequence &optional testfn)
  "Return a list of the elements of SEQUENCE without repetitions, by TESTFN."
  (let ((result nil))
    (mapc (lambda (element)
            (unless (seq-contains-p result element testfn)
              (push element result)))
          sequence)
    (nreverse result)))

;;;###autoload
(defun seq-union (sequence1 sequence2 &optional testfn)
  "Return a list of what is in SEQUENCE1 or SEQUENCE2, by TESTFN."
  (seq-uniq (append sequence1 sequence2 nil) testfn))

;;;###autoload
(defun seq-intersection (sequence1 sequence2 &optional testfn)
  "Return a list of what is in SEQUENCE1 and SEQUENCE2, by TESTFN."
  (seq-filter (lambda (element) (seq-contains-p sequence2 element testfn))
              sequence1))

(defun seq-difference (sequence1 sequence2 &optional testfn)
  "Return a list of what is in SEQUENCE1 and not in SEQUENCE2, by TESTFN."
  (seq-remove (lambda (element) (seq-contains-p sequence2 element testfn))
              sequence1))

(defun seq-set-equal-p (sequence1 sequence2 &optional testfn)
  "Return t if SEQUENCE1 and SEQUENCE2 have the same elements, by TESTFN."
  (and (seq-every-p (lambda (element)
                      (seq-contains-p sequence2 element testfn))
                    sequence1)
       (seq-every-p (lambda (element)
                      (seq-contains-p sequence1 element testfn))
                    sequence2)))

;;;; Order

(defun seq-sort (pred sequence)
  "Return a copy of SEQUENCE sorted by PRED."
  (let ((sorted (sort (append sequence nil) pred)))
    (cond ((listp sequence) (sort (copy-sequence sequence) pred))
          ((stringp sequence) (concat sorted))
          (t (vconcat sorted)))))

;;;###autoload
(defun seq-sort-by (function pred sequence)
  "Return a copy of SEQUENCE sorted by PRED of the values of FUNCTION."
  (seq-sort (lambda (a b)
              (funcall pred (funcall function a) (funcall function b)))
            sequence))

(defun seq-reverse (sequence)
  "Return SEQUENCE in reverse."
  (reverse sequence))

;;;; Macros

(defmacro seq-doseq (spec &rest body)
  "Do BODY for each element of a sequence; SPEC is (VARIABLE SEQUENCE)."
  (declare (indent 1))
  `(seq-do (lambda (,(car spec)) ,@body) ,(cadr spec)))

(defmacro seq-let (args sequence &rest body)
  "Do BODY with ARGS bound to the elements of SEQUENCE."
  (declare (indent 2))
  (require 'pcase)
  `(pcase-let ((,(seq--pattern args) ,sequence)) ,@body))

(defmacro seq-setq (args sequence)
  "Set the variables ARGS to the elements of SEQUENCE."
  (declare (indent 1))
  (require 'pcase)
  `(progn (pcase-setq ,(seq--pattern args) ,sequence) nil))

(defun seq--pattern (args)
  "Return a pattern that takes a sequence apart by ARGS, in which lists nest."
  (cons 'seq
        (mapcar (lambda (arg)
                  (if (listp arg) (seq--pattern arg) arg))
                args)))

(defun seq--elt-safe (sequence n)
  "Return the element of SEQUENCE at N, or nil if it has none."
  (condition-case nil
      (elt sequence n)
    (error nil)))

(defun seq--pcase-macroexpander (&rest patterns)
  "Return the pattern for a sequence whose elements fit PATTERNS."
  (let ((index -1)
        (parts nil))
    (while patterns
      (let ((pattern (pop patterns)))
        (setq index (1+ index))
        (if (eq pattern '&rest)
            (progn
              (push `(app (pcase--flip seq-drop ,index) ,(car patterns)) parts)
              (setq patterns nil))
          (push `(app (pcase--flip seq--elt-safe ,index) ,pattern) parts))))
    `(and (pred seqp) ,@(nreverse parts))))
(put 'seq 'pcase-macroexpander #'seq--pcase-macroexpander)

(provide 'seq)

;;; seq.el ends here
