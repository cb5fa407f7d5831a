;;; cl-sets.el --- Lists as sets, and trees  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'cl-lib)

(defconst cl--set-keys '(:test :test-not :key)
  "The keywords of functions of sets.")

;;;; Members and pairs

(defun cl-member (cl-item cl-list &rest cl-keys)
  "Return the tail of CL-LIST from what matches CL-ITEM on, or nil.
Keywords: `:test', `:test-not', `:key'."
  (if (null cl-keys)
      (memql cl-item cl-list)
    (cl--keys cl-keys :test :test-not :key :if :if-not)
    (let ((match (cl--matcher cl-item cl-keys)))
      (while (and cl-list (not (funcall match (car cl-list))))
        (setq cl-list (cdr cl-list)))
      cl-list)))

(defun cl-member-if (cl-pred cl-list &rest cl-keys)
  "Return the tail of CL-LIST from where CL-PRED holds on, or nil.
Keywords: `:key'."
  (apply #'cl-member nil cl-list :if cl-pred cl-keys))

(defun cl-member-if-not (cl-pred cl-list &rest cl-keys)
  "Return the tail of CL-LIST from where CL-PRED does not hold on, or nil.
Keywords: `:key'."
  (apply #'cl-member nil cl-list :if-not cl-pred cl-keys))

(defun cl--adjoin (cl-item cl-list &rest cl-keys)
  "Return CL-LIST with CL-ITEM in front, unless it is there as CL-KEYS say."
  (if (apply #'cl-member
             (let ((key (plist-get cl-keys :key)))
               (if key (funcall key cl-item) cl-item))
             cl-list cl-keys)
      cl-list
    (cons cl-item cl-list)))

(defun cl--pair (cl-alist match part)
  "Return the first pair of CL-ALIST for whose PART, a function, MATCH holds."
  (let ((found nil))
    (while (and cl-alist (not found))
      (when (and (consp (car cl-alist))
                 (funcall match (funcall part (car cl-alist))))
        (setq found (car cl-alist)))
      (setq cl-alist (cdr cl-alist)))
    found))

(defun cl-assoc (cl-item cl-alist &rest cl-keys)
  "Return the first pair of CL-ALIST whose key matches CL-ITEM, or nil.
Keywords: `:test', `:test-not', `:key'."
  (cl--keys cl-keys :test :test-not :key :if :if-not)
  (cond (cl-keys (cl--pair cl-alist (cl--matcher cl-item cl-keys) #'car))
        ((and (numberp cl-item) (not (fixnump cl-item)))
         (assoc cl-item cl-alist #'eql))
        (t (assq cl-item cl-alist))))

(defun cl-assoc-if (cl-pred cl-list &rest cl-keys)
  "Return the first pair of CL-LIST for whose key CL-PRED holds, or nil.
Keywords: `:key'."
  (apply #'cl-assoc nil cl-list :if cl-pred cl-keys))

(defun cl-assoc-if-not (cl-pred cl-list &rest cl-keys)
  "Return the first pair of CL-LIST for whose key CL-PRED does not hold, or nil.
Keywords: `:key'."
  (apply #'cl-assoc nil cl-list :if-not cl-pred cl-keys))

(defun cl-rassoc (cl-item cl-alist &rest cl-keys)
  "Return the first pair of CL-ALIST whose value matches CL-ITEM, or nil.
Keywords: `:test', `:test-not', `:key'."
  (cl--keys cl-keys :test :test-not :key :if :if-not)
  (cl--pair cl-alist (cl--matcher cl-item cl-keys) #'cdr))

(defun cl-rassoc-if (cl-pred cl-list &rest cl-keys)
  "Return the first pair of CL-LIST for whose value CL-PRED holds, or nil.
Keywords: `:key'."
  (apply #'cl-rassoc nil cl-list :if cl-pred cl-keys))

(defun cl-rassoc-if-not (cl-pred cl-list &rest cl-keys)
  "Return the first pair of CL-LIST for whose value CL-PRED is nil, or nil.
Keywords: `:key'."
  (apply #'cl-rassoc nil cl-list :if-not cl-pred cl-keys))

;;;; Sets

(defun cl--set-member-p (element list keys)
  "Return non-nil if ELEMENT is in LIST as KEYS say, which hold for it too."
  (let ((key (plist-get keys :key)))
    (apply #'cl-member (if key (funcall key element) element) list keys)))

(defun cl-union (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in CL-LIST1 or CL-LIST2.
Keywords: `:test', `:test-not', `:key'."
  (apply #'cl--keys cl-keys cl--set-keys)
  (cond ((null cl-list1) cl-list2)
        ((null cl-list2) cl-list1)
        ((and (null cl-keys) (equal cl-list1 cl-list2)) cl-list1)
        (t
         (unless (>= (length cl-list1) (length cl-list2))
           (setq cl-list1 (prog1 cl-list2 (setq cl-list2 cl-list1))))
         (dolist (element cl-list2)
           (unless (cl--set-member-p element cl-list1 cl-keys)
             (push element cl-list1)))
         cl-list1)))

(defun cl-nunion (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in CL-LIST1 or CL-LIST2, which it may reuse.
Keywords: `:test', `:test-not', `:key'."
  (apply #'cl-union cl-list1 cl-list2 cl-keys))

(defun cl-intersection (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in CL-LIST1 and in CL-LIST2.
Keywords: `:test', `:test-not', `:key'."
  (apply #'cl--keys cl-keys cl--set-keys)
  (and cl-list1 cl-list2
       (if (equal cl-list1 cl-list2)
           cl-list1
         (unless (>= (length cl-list1) (length cl-list2))
           (setq cl-list1 (prog1 cl-list2 (setq cl-list2 cl-list1))))
         (let ((result nil))
           (dolist (element cl-list2)
             (when (cl--set-member-p element cl-list1 cl-keys)
               (push element result)))
           result))))

(defun cl-nintersection (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in CL-LIST1 and in CL-LIST2, which it may reuse.
Keywords: `:test', `:test-not', `:key'."
  (and cl-list1 cl-list2 (apply #'cl-intersection cl-list1 cl-list2 cl-keys)))

(defun cl-set-difference (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in CL-LIST1 and not in CL-LIST2.
Keywords: `:test', `:test-not', `:key'."
  (apply #'cl--keys cl-keys cl--set-keys)
  (if (or (null cl-list1) (null cl-list2))
      cl-list1
    (let ((result nil))
      (dolist (element cl-list1)
        (unless (cl--set-member-p element cl-list2 cl-keys)
          (push element result)))
      (nreverse result))))

(defun cl-nset-difference (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in CL-LIST1, which it may reuse, and not in CL-LIST2.
Keywords: `:test', `:test-not', `:key'."
  (if (or (null cl-list1) (null cl-list2))
      cl-list1
    (apply #'cl-set-difference cl-list1 cl-list2 cl-keys)))

(defun cl-set-exclusive-or (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in only one of CL-LIST1 and CL-LIST2.
Keywords: `:test', `:test-not', `:key'."
  (cond ((null cl-list1) cl-list2)
        ((null cl-list2) cl-list1)
        ((equal cl-list1 cl-list2) nil)
        (t (append (apply #'cl-set-difference cl-list1 cl-list2 cl-keys)
                   (apply #'cl-set-difference cl-list2 cl-list1 cl-keys)))))

(defun cl-nset-exclusive-or (cl-list1 cl-list2 &rest cl-keys)
  "Return a list of what is in only one of CL-LIST1 and CL-LIST2; it may reuse them.
Keywords: `:test', `:test-not', `:key'."
  (apply #'cl-set-exclusive-or cl-list1 cl-list2 cl-keys))

(defun cl-subsetp (cl-list1 cl-list2 &rest cl-keys)
  "Return non-nil if all of CL-LIST1 is in CL-LIST2.
Keywords: `:test', `:test-not', `:key'."
  (cond ((null cl-list1) t)
        ((null cl-list2) nil)
        ((equal cl-list1 cl-list2) t)
        (t
         (apply #'cl--keys cl-keys cl--set-keys)
         (while (and cl-list1
                     (cl--set-member-p (car cl-list1) cl-list2 cl-keys))
           (setq cl-list1 (cdr cl-list1)))
         (null cl-list1))))

;;;; Trees

(defun cl--subst-tree (function tree destructive)
  "Return TREE with its parts replaced by FUNCTION.
FUNCTION gives a list of the replacement, or nil.  If DESTRUCTIVE, conses are
changed in place."
  (let ((replacement (funcall function tree)))
    (cond
     (replacement (car replacement))
     ((not (consp tree)) tree)
     (destructive
      (setcar tree (cl--subst-tree function (car tree) t))
      (setcdr tree (cl--subst-tree function (cdr tree) t))
      tree)
     (t
      (let ((first (cl--subst-tree function (car tree) nil))
            (rest (cl--subst-tree function (cdr tree) nil)))
        (if (and (eq first (car tree)) (eq rest (cdr tree)))
            tree
          (cons first rest)))))))

(defun cl--sublis-function (alist keys)
  "Return a function from a part to a list of its value in ALIST, or nil."
  (let* ((key (plist-get keys :key))
         (test (plist-get keys :test))
         (test-not (plist-get keys :test-not)))
    (lambda (part)
      (let* ((part (if key (funcall key part) part))
             (rest alist)
             (pair nil))
        (while (and rest (not pair))
          (let* ((next (pop rest))
                 (old (car next)))
            (when (and next
                       (cond (test (funcall test old part))
                             (test-not (not (funcall test-not old part)))
                             (t (eql old part))))
              (setq pair next))))
        (and pair (list (cdr pair)))))))

(defun cl-sublis (cl-alist cl-tree &rest cl-keys)
  "Return CL-TREE with its parts that are keys of CL-ALIST replaced.
Keywords: `:test', `:test-not', `:key'."
  (cl--keys cl-keys :test :test-not :key :if :if-not)
  (cl--subst-tree (cl--sublis-function cl-alist cl-keys) cl-tree nil))

(defun cl-nsublis (cl-alist cl-tree &rest cl-keys)
  "Replace in CL-TREE the parts that are keys of CL-ALIST.
Keywords: `:test', `:test-not', `:key'."
  (cl--keys cl-keys :test :test-not :key :if :if-not)
  (cl--subst-tree (cl--sublis-function cl-alist cl-keys) cl-tree t))

(defun cl--subst-if (new predicate wanted tree destructive keys)
  "Return TREE with NEW for parts where PREDICATE is WANTED, t or nil.
DESTRUCTIVE allows to change TREE; KEYS may have `:key'."
  (let ((key (plist-get keys :key)))
    (cl--subst-tree
     (lambda (part)
       (let ((value (funcall predicate (if key (funcall key part) part))))
         (and (if wanted value (not value))
              (list new))))
     tree destructive)))

(defun cl-subst-if (cl-new cl-pred cl-tree &rest cl-keys)
  "Return CL-TREE with CL-NEW for the parts for which CL-PRED holds.
Keywords: `:key'."
  (cl--subst-if cl-new cl-pred t cl-tree nil cl-keys))

(defun cl-subst-if-not (cl-new cl-pred cl-tree &rest cl-keys)
  "Return CL-TREE with CL-NEW for the parts for which CL-PRED does not hold.
Keywords: `:key'."
  (cl--subst-if cl-new cl-pred nil cl-tree nil cl-keys))

(defun cl-nsubst (cl-new cl-old cl-tree &rest cl-keys)
  "Put CL-NEW in the place of each CL-OLD in CL-TREE.
Keywords: `:test', `:test-not', `:key'."
  (apply #'cl-nsublis (list (cons cl-old cl-new)) cl-tree cl-keys))

(defun cl-nsubst-if (cl-new cl-pred cl-tree &rest cl-keys)
  "Put CL-NEW in the place of the parts of CL-TREE for which CL-PRED holds.
Keywords: `:key'."
  (cl--subst-if cl-new cl-pred t cl-tree t cl-keys))

(defun cl-nsubst-if-not (cl-new cl-pred cl-tree &rest cl-keys)
  "Put CL-NEW in the place of the parts of CL-TREE that CL-PRED is nil for.
Keywords: `:key'."
  (cl--subst-if cl-new cl-pred nil cl-tree t cl-keys))

(defun cl-tree-equal (cl-x cl-y &rest cl-keys)
  "Return t if the trees CL-X and CL-Y have the same shape and leaves.
Keywords: `:test', `:test-not', `:key'."
  (cl--keys cl-keys :test :test-not :key)
  (cl--tree-equal cl-x cl-y (cl--comparer cl-keys)))

(defun cl--tree-equal (x y same)
  "Return t if the trees X and Y are alike, their leaves by SAME."
  (while (and (consp x) (consp y)
              (cl--tree-equal (car x) (car y) same))
    (setq x (cdr x)
          y (cdr y)))
  (and (not (consp x)) (not (consp y)) (funcall same x y) t))

;;; cl-sets.el ends here
