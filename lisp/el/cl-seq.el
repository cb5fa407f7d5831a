;;; cl-seq.el --- Sequences of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Most functions work on the indices that `cl--selected' gives: those of the
;; elements that match, within `:start', `:end', `:count' and `:from-end'.

;;; Code:

(require 'cl-lib)

;;;; Keywords

(defun cl--keys (given &rest known)
  "Return GIVEN, a list of keywords and values, all of which must be KNOWN."
  (let ((rest given))
    (while rest
      (unless (or (memq (car rest) known)
                  (eq (car rest) :allow-other-keys)
                  (car (cdr (memq :allow-other-keys given))))
        (error "Bad keyword argument %s" (car rest)))
      (setq rest (cddr rest))))
  given)

(defun cl--matcher (item keys)
  "Return a predicate of elements that match ITEM, as KEYS say."
  (let* ((test (plist-get keys :test))
         (test-not (plist-get keys :test-not))
         (if (plist-get keys :if))
         (if-not (plist-get keys :if-not))
         (key (plist-get keys :key))
         (match (cond (test (lambda (x) (funcall test item x)))
                      (test-not (lambda (x) (not (funcall test-not item x))))
                      (if if)
                      (if-not (lambda (x) (not (funcall if-not x))))
                      (t (lambda (x) (eql item x))))))
    (if key
        (lambda (x) (funcall match (funcall key x)))
      match)))

(defun cl--comparer (keys)
  "Return a predicate of two elements that are the same, as KEYS say."
  (let* ((test (plist-get keys :test))
         (test-not (plist-get keys :test-not))
         (key (plist-get keys :key))
         (same (cond (test test)
                     (test-not (lambda (a b) (not (funcall test-not a b))))
                     (t #'eql))))
    (if key
        (lambda (a b) (funcall same (funcall key a) (funcall key b)))
      same)))

(defun cl--selected (match sequence keys)
  "Return the indices of the elements of SEQUENCE for which MATCH holds.
KEYS may have `:start', `:end', `:count' and `:from-end'.  They ascend."
  (let* ((count (plist-get keys :count))
         (from-end (plist-get keys :from-end))
         (start (or (plist-get keys :start) 0))
         (end (plist-get keys :end))
         (i start)
         (left (if from-end nil count))
         (found nil))
    (unless (and count (<= count 0))
      (if (listp sequence)
          (let ((tail (nthcdr start sequence)))
            (while (and tail
                        (or (null end) (< i end))
                        (or (null left) (> left 0)))
              (when (funcall match (car tail))
                (push i found)
                (when left (setq left (1- left))))
              (setq i (1+ i)
                    tail (cdr tail))))
        (let ((end (or end (length sequence))))
          (while (and (< i end)
                      (or (null left) (> left 0)))
            (when (funcall match (elt sequence i))
              (push i found)
              (when left (setq left (1- left))))
            (setq i (1+ i)))))
      (when (and from-end count (> (length found) count))
        (setcdr (nthcdr (1- count) found) nil))
      (nreverse found))))

(defun cl--to-change (match sequence keys)
  "Like `cl--selected', but an `:end' beyond that of an array may be no error.
It is one if nothing is found there.  MATCH, SEQUENCE and KEYS are as there."
  (let ((end (and (not (listp sequence)) (plist-get keys :end)))
        (size (length sequence)))
    (cond ((and (= size 0) (not (listp sequence))
                (not (plist-get keys :count)))
           nil)
          ((or (null end) (<= end size)) (cl--selected match sequence keys))
          ((plist-get keys :from-end) (elt sequence (1- end)))
          ((cl--selected match sequence (append (list :end size) keys)))
          (t (elt sequence size)))))

(defun cl--to-substitute (match sequence keys)
  "Like `cl--selected', but for at most as many as an array SEQUENCE has.
MATCH and KEYS are as there."
  (cl--selected match sequence
                (if (or (listp sequence) (plist-get keys :count))
                    keys
                  (cons :count (cons (length sequence) keys)))))

(defun cl--same-kind (list sequence)
  "Return the elements of LIST as a sequence of the kind of SEQUENCE."
  (cond ((listp sequence) list)
        ((stringp sequence) (concat list))
        (t (vconcat list))))

;;;; Reducing and filling

(defun cl-reduce (cl-func cl-seq &rest cl-keys)
  "Combine the elements of CL-SEQ by the two-argument function CL-FUNC.
Keywords: `:start', `:end', `:from-end', `:initial-value', `:key'."
  (cl--keys cl-keys :from-end :start :end :initial-value :key)
  (let* ((from-end (plist-get cl-keys :from-end))
         (initial (plist-member cl-keys :initial-value))
         (key (plist-get cl-keys :key))
         (list (append (cl-subseq (if (listp cl-seq) cl-seq
                                    (append cl-seq nil))
                                  (or (plist-get cl-keys :start) 0)
                                  (plist-get cl-keys :end))
                       nil)))
    (when from-end
      (setq list (reverse list)))
    (if (and (null list) (null initial))
        (funcall cl-func)
      (let ((value (cond (initial (cadr initial))
                         (key (funcall key (pop list)))
                         (t (pop list)))))
        (while list
          (let ((next (if key (funcall key (pop list)) (pop list))))
            (setq value (if from-end
                            (funcall cl-func next value)
                          (funcall cl-func value next)))))
        value))))

(defun cl-fill (cl-seq cl-item &rest cl-keys)
  "Set the elements of CL-SEQ to CL-ITEM.
Keywords: `:start', `:end'."
  (cl--keys cl-keys :start :end)
  (let ((start (or (plist-get cl-keys :start) 0))
        (end (plist-get cl-keys :end)))
    (if (listp cl-seq)
        (let ((tail (nthcdr start cl-seq))
              (left (and end (- end start))))
          (while (and tail (or (null left) (> left 0)))
            (setcar tail cl-item)
            (setq tail (cdr tail)
                  left (and left (1- left)))))
      (let ((end (or end (length cl-seq))))
        (while (< start end)
          (aset cl-seq start cl-item)
          (setq start (1+ start)))))
    cl-seq))

(defun cl-replace (cl-seq1 cl-seq2 &rest cl-keys)
  "Set the elements of CL-SEQ1 to those of CL-SEQ2.
Keywords: `:start1', `:end1', `:start2', `:end2'."
  (cl--keys cl-keys :start1 :end1 :start2 :end2)
  (let* ((start1 (or (plist-get cl-keys :start1) 0))
         (start2 (or (plist-get cl-keys :start2) 0))
         (count (min (- (or (plist-get cl-keys :end1) (length cl-seq1)) start1)
                     (- (or (plist-get cl-keys :end2) (length cl-seq2)) start2)))
         (source (if (eq cl-seq1 cl-seq2) (copy-sequence cl-seq2) cl-seq2))
         (from (and (listp source) (nthcdr start2 source)))
         (to (and (listp cl-seq1) (nthcdr start1 cl-seq1)))
         (i 0))
    (while (< i count)
      (let ((element (if (listp source) (pop from) (aref source (+ start2 i)))))
        (if (listp cl-seq1)
            (progn (setcar to element)
                   (setq to (cdr to)))
          (aset cl-seq1 (+ start1 i) element)))
      (setq i (1+ i)))
    cl-seq1))

;;;; Removing

(defun cl-remove (cl-item cl-seq &rest cl-keys)
  "Return a copy of CL-SEQ without what matches CL-ITEM.
Keywords: `:test', `:test-not', `:key', `:count', `:start', `:end',
`:from-end'."
  (cl--keys cl-keys :test :test-not :key :if :if-not :count :from-end
            :start :end)
  (let ((indices (cl--to-change (cl--matcher cl-item cl-keys) cl-seq cl-keys)))
    (if (null indices)
        cl-seq
      (let ((result nil)
            (i 0))
        (mapc (lambda (element)
                (if (eq i (car indices))
                    (setq indices (cdr indices))
                  (push element result))
                (setq i (1+ i)))
              cl-seq)
        (cl--same-kind (nreverse result) cl-seq)))))

(defun cl-remove-if (cl-pred cl-list &rest cl-keys)
  "Return a copy of CL-LIST without the elements for which CL-PRED holds.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-remove nil cl-list :if cl-pred cl-keys))

(defun cl-remove-if-not (cl-pred cl-list &rest cl-keys)
  "Return a copy of CL-LIST with only the elements for which CL-PRED holds.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-remove nil cl-list :if-not cl-pred cl-keys))

(defun cl--delete-at (indices list)
  "Remove the elements at INDICES, which ascend, from LIST by changing it."
  (let* ((head (cons nil list))
         (before head)
         (i 0))
    (while indices
      (if (eq i (car indices))
          (progn (setcdr before (cddr before))
                 (setq indices (cdr indices)))
        (setq before (cdr before)))
      (setq i (1+ i)))
    (cdr head)))

(defun cl-delete (cl-item cl-seq &rest cl-keys)
  "Delete from CL-SEQ, in place if it is a list, what matches CL-ITEM.
Keywords: `:test', `:test-not', `:key', `:count', `:start', `:end',
`:from-end'."
  (cl--keys cl-keys :test :test-not :key :if :if-not :count :from-end
            :start :end)
  (if (not (listp cl-seq))
      (apply #'cl-remove cl-item cl-seq cl-keys)
    (cl--delete-at (cl--to-change (cl--matcher cl-item cl-keys) cl-seq cl-keys) cl-seq)))

(defun cl-delete-if (cl-pred cl-list &rest cl-keys)
  "Delete from CL-LIST the elements for which CL-PRED holds.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-delete nil cl-list :if cl-pred cl-keys))

(defun cl-delete-if-not (cl-pred cl-list &rest cl-keys)
  "Delete from CL-LIST the elements for which CL-PRED does not hold.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-delete nil cl-list :if-not cl-pred cl-keys))

(defun cl--duplicates (sequence keys)
  "Return the indices of the elements of SEQUENCE that others repeat.
KEYS may have `:test', `:key', `:start', `:end' and `:from-end'."
  (let* ((same (cl--comparer keys))
         (from-end (plist-get keys :from-end))
         (start (or (plist-get keys :start) 0))
         (vector (if (vectorp sequence) sequence (vconcat sequence)))
         (end (or (plist-get keys :end) (length vector)))
         (i start)
         (kept nil)
         (found nil))
    (if from-end
        ;; The first of equals stays.
        (while (< i end)
          (let ((rest kept)
                (element (aref vector i)))
            (while (and rest (not (funcall same (car rest) element)))
              (setq rest (cdr rest)))
            (if rest
                (push i found)
              (setq kept (nconc kept (list element)))))
          (setq i (1+ i)))
      ;; The last of equals stays.
      (while (< i end)
        (let ((j (1+ i))
              (element (aref vector i)))
          (while (and (< j end) (not (funcall same element (aref vector j))))
            (setq j (1+ j)))
          (when (< j end)
            (push i found)))
        (setq i (1+ i))))
    (nreverse found)))

(defun cl-remove-duplicates (cl-seq &rest cl-keys)
  "Return a copy of CL-SEQ in which no two elements are the same.
Keywords: `:test', `:test-not', `:key', `:start', `:end', `:from-end'."
  (cl--keys cl-keys :test :test-not :key :start :end :from-end :if)
  (let ((indices (cl--duplicates cl-seq cl-keys))
        (result nil)
        (i 0))
    (if (and (null indices) (listp cl-seq))
        cl-seq
      (mapc (lambda (element)
              (if (eq i (car indices))
                  (setq indices (cdr indices))
                (push element result))
              (setq i (1+ i)))
            cl-seq)
      (cl--same-kind (nreverse result) cl-seq))))

(defun cl-delete-duplicates (cl-seq &rest cl-keys)
  "Delete from CL-SEQ what is there more than once.
Keywords: `:test', `:test-not', `:key', `:start', `:end', `:from-end'."
  (if (not (listp cl-seq))
      (apply #'cl-remove-duplicates cl-seq cl-keys)
    (cl--delete-at (cl--duplicates cl-seq cl-keys) cl-seq)))

;;;; Substituting

(defun cl-substitute (cl-new cl-old cl-seq &rest cl-keys)
  "Return a copy of CL-SEQ with CL-NEW in place of what matches CL-OLD.
Keywords: `:test', `:test-not', `:key', `:count', `:start', `:end',
`:from-end'."
  (cl--keys cl-keys :test :test-not :key :if :if-not :count :start :end
            :from-end)
  ;; What is the same is not looked for, even if a predicate is given.
  (let ((indices (unless (eq cl-new cl-old)
                   (cl--to-substitute (cl--matcher cl-old cl-keys)
                                      cl-seq cl-keys))))
    (if (null indices)
        cl-seq
      (let ((copy (copy-sequence cl-seq)))
        (cl--set-indices copy indices cl-new)))))

(defun cl--set-indices (sequence indices value)
  "Set the elements of SEQUENCE at INDICES, which ascend, to VALUE."
  (if (listp sequence)
      (let ((tail sequence)
            (i 0))
        (while indices
          (when (eq i (car indices))
            (setcar tail value)
            (setq indices (cdr indices)))
          (setq tail (cdr tail)
                i (1+ i))))
    (dolist (index indices)
      (aset sequence index value)))
  sequence)

(defun cl-substitute-if (cl-new cl-pred cl-list &rest cl-keys)
  "Return a copy of CL-LIST with CL-NEW where CL-PRED holds.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-substitute cl-new nil cl-list :if cl-pred cl-keys))

(defun cl-substitute-if-not (cl-new cl-pred cl-list &rest cl-keys)
  "Return a copy of CL-LIST with CL-NEW where CL-PRED does not hold.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-substitute cl-new nil cl-list :if-not cl-pred cl-keys))

(defun cl-nsubstitute (cl-new cl-old cl-seq &rest cl-keys)
  "Put CL-NEW in the place of each element of CL-SEQ that matches CL-OLD.
Keywords: `:test', `:test-not', `:key', `:count', `:start', `:end',
`:from-end'."
  (cl--keys cl-keys :test :test-not :key :if :if-not :count :start :end
            :from-end)
  (if (eq cl-new cl-old)
      cl-seq
    (cl--set-indices
     cl-seq
     (cl--to-substitute (cl--matcher cl-old cl-keys) cl-seq cl-keys)
     cl-new)))

(defun cl-nsubstitute-if (cl-new cl-pred cl-list &rest cl-keys)
  "Put CL-NEW in the place of the elements of CL-LIST for which CL-PRED holds.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-nsubstitute cl-new nil cl-list :if cl-pred cl-keys))

(defun cl-nsubstitute-if-not (cl-new cl-pred cl-list &rest cl-keys)
  "Put CL-NEW in the place of other elements than those CL-PRED holds for.
Keywords: `:key', `:count', `:start', `:end', `:from-end'."
  (apply #'cl-nsubstitute cl-new nil cl-list :if-not cl-pred cl-keys))

;;;; Finding

(defun cl-position (cl-item cl-seq &rest cl-keys)
  "Return the index of the first element of CL-SEQ that matches CL-ITEM, or nil.
Keywords: `:test', `:test-not', `:key', `:start', `:end', `:from-end'."
  (cl--keys cl-keys :test :test-not :key :if :if-not :start :end :from-end)
  (let ((from-end (plist-get cl-keys :from-end)))
    (if from-end
        (car (last (cl--selected (cl--matcher cl-item cl-keys) cl-seq
                                 (list :start (plist-get cl-keys :start)
                                       :end (plist-get cl-keys :end)))))
      (car (cl--selected (cl--matcher cl-item cl-keys) cl-seq
                         (append '(:count 1) cl-keys))))))

(defun cl-position-if (cl-pred cl-list &rest cl-keys)
  "Return the index of the first element of CL-LIST for which CL-PRED holds.
Keywords: `:key', `:start', `:end', `:from-end'."
  (apply #'cl-position nil cl-list :if cl-pred cl-keys))

(defun cl-position-if-not (cl-pred cl-list &rest cl-keys)
  "Return the index of the first element of CL-LIST that CL-PRED is nil for.
Keywords: `:key', `:start', `:end', `:from-end'."
  (apply #'cl-position nil cl-list :if-not cl-pred cl-keys))

(defun cl-find (cl-item cl-seq &rest cl-keys)
  "Return the first element of CL-SEQ that matches CL-ITEM, or nil.
Keywords: `:test', `:test-not', `:key', `:start', `:end', `:from-end'."
  (let ((index (apply #'cl-position cl-item cl-seq cl-keys)))
    (and index (elt cl-seq index))))

(defun cl-find-if (cl-pred cl-list &rest cl-keys)
  "Return the first element of CL-LIST for which CL-PRED holds, or nil.
Keywords: `:key', `:start', `:end', `:from-end'."
  (apply #'cl-find nil cl-list :if cl-pred cl-keys))

(defun cl-find-if-not (cl-pred cl-list &rest cl-keys)
  "Return the first element of CL-LIST for which CL-PRED does not hold, or nil.
Keywords: `:key', `:start', `:end', `:from-end'."
  (apply #'cl-find nil cl-list :if-not cl-pred cl-keys))

(defun cl-count (cl-item cl-seq &rest cl-keys)
  "Return the number of elements of CL-SEQ that match CL-ITEM.
Keywords: `:test', `:test-not', `:key', `:start', `:end'."
  (cl--keys cl-keys :test :test-not :key :if :if-not :start :end)
  (length (cl--selected (cl--matcher cl-item cl-keys) cl-seq cl-keys)))

(defun cl-count-if (cl-pred cl-list &rest cl-keys)
  "Return the number of elements of CL-LIST for which CL-PRED holds.
Keywords: `:key', `:start', `:end'."
  (apply #'cl-count nil cl-list :if cl-pred cl-keys))

(defun cl-count-if-not (cl-pred cl-list &rest cl-keys)
  "Return the number of elements of CL-LIST for which CL-PRED does not hold.
Keywords: `:key', `:start', `:end'."
  (apply #'cl-count nil cl-list :if-not cl-pred cl-keys))

(defun cl-mismatch (cl-seq1 cl-seq2 &rest cl-keys)
  "Return the index of the first element of CL-SEQ1 that differs, or nil.
Keywords: `:test', `:test-not', `:key', `:start1', `:end1', `:start2', `:end2',
`:from-end'."
  (cl--keys cl-keys :test :test-not :key :from-end :start1 :end1 :start2 :end2)
  (let ((same (cl--comparer cl-keys))
        (start1 (or (plist-get cl-keys :start1) 0))
        (start2 (or (plist-get cl-keys :start2) 0))
        (end1 (or (plist-get cl-keys :end1) (length cl-seq1)))
        (end2 (or (plist-get cl-keys :end2) (length cl-seq2))))
    (if (plist-get cl-keys :from-end)
        (progn
          (while (and (< start1 end1) (< start2 end2)
                      (funcall same (elt cl-seq1 (1- end1))
                               (elt cl-seq2 (1- end2))))
            (setq end1 (1- end1)
                  end2 (1- end2)))
          (and (or (< start1 end1) (< start2 end2))
               (1- end1)))
      (let ((tail1 (and (listp cl-seq1) (nthcdr start1 cl-seq1)))
            (tail2 (and (listp cl-seq2) (nthcdr start2 cl-seq2))))
        (while (and (< start1 end1) (< start2 end2)
                    (funcall same
                             (if (listp cl-seq1) (car tail1) (aref cl-seq1 start1))
                             (if (listp cl-seq2) (car tail2) (aref cl-seq2 start2))))
          (setq start1 (1+ start1)
                start2 (1+ start2)
                tail1 (cdr tail1)
                tail2 (cdr tail2)))
        (and (or (< start1 end1) (< start2 end2))
             start1)))))

(defun cl-search (cl-seq1 cl-seq2 &rest cl-keys)
  "Return the index in CL-SEQ2 of the first part that is like CL-SEQ1, or nil.
Keywords: `:test', `:test-not', `:key', `:start1', `:end1', `:start2', `:end2',
`:from-end'."
  (cl--keys cl-keys :test :test-not :key :from-end :start1 :end1 :start2 :end2)
  (let* ((same (cl--comparer cl-keys))
         (one (vconcat (cl-subseq cl-seq1 (or (plist-get cl-keys :start1) 0)
                                  (plist-get cl-keys :end1))))
         (two (if (vectorp cl-seq2) cl-seq2 (vconcat cl-seq2)))
         (size (length one))
         (start (or (plist-get cl-keys :start2) 0))
         (end (- (or (plist-get cl-keys :end2) (length two)) size))
         (from-end (plist-get cl-keys :from-end))
         (i (if from-end end start))
         (found nil))
    (if (= size 0)
        (if from-end (+ end size) start)
      (while (and (not found) (>= i start) (<= i end))
        (let ((j 0))
          (while (and (< j size)
                      (funcall same (aref one j) (aref two (+ i j))))
            (setq j (1+ j)))
          (when (= j size)
            (setq found i)))
        (setq i (if from-end (1- i) (1+ i))))
      found)))

;;;; Sorting

(defun cl-sort (cl-seq cl-pred &rest cl-keys)
  "Sort CL-SEQ in place by CL-PRED, stably.
Keywords: `:key'."
  (cl--keys cl-keys :key)
  (if (listp cl-seq)
      (let ((key (plist-get cl-keys :key)))
        (if (memq key '(nil identity))
            (sort cl-seq cl-pred)
          (sort cl-seq (lambda (a b)
                         (funcall cl-pred (funcall key a) (funcall key b))))))
    (cl-replace cl-seq (apply #'cl-sort (append cl-seq nil) cl-pred cl-keys))))

(defun cl-stable-sort (cl-seq cl-pred &rest cl-keys)
  "Sort CL-SEQ in place by CL-PRED, stably.
Keywords: `:key'."
  (apply #'cl-sort cl-seq cl-pred cl-keys))

(defun cl-merge (cl-type cl-seq1 cl-seq2 cl-pred &rest cl-keys)
  "Return a CL-TYPE of the elements of CL-SEQ1 and CL-SEQ2, sorted by CL-PRED.
Keywords: `:key'."
  (cl--keys cl-keys :key)
  (let ((key (or (plist-get cl-keys :key) #'identity))
        (one (append cl-seq1 nil))
        (two (append cl-seq2 nil))
        (result nil))
    (while (and one two)
      (push (if (funcall cl-pred (funcall key (car two)) (funcall key (car one)))
                (pop two)
              (pop one))
            result))
    (cl-coerce (nconc (nreverse result) one two) cl-type)))

;;; cl-seq.el ends here
