;;; avl.el --- A balanced search tree  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: A balanced search tree
;; Stresses: old nodes that are linked to young ones, pointer chasing, recursion, a live tree in random address order
;; Default-scale: 1000
;; Live-size: 7.3 MB
;; Allocation-rate: 22 MB/s, 17.6 MB in all

;;; Commentary:

;; A mutable AVL tree (Adelson-Velsky and Landis 1962) as an index of words by
;; number: it is filled, then keys are deleted and inserted in a random order, and
;; ranges are collected into lists.  Order, heights and balance are checked.
;; SCALE is the number of keys in units of 50 and of later operations in units of 200.

;;; Code:

(defvar tenure-avl--seed 1
  "State of the pseudo-random generator.")

(defvar tenure-avl--size 0
  "Number of keys in the tree that is being changed.")

(defun tenure-avl--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-avl--seed (% (* tenure-avl--seed 48271) 2147483647))
  (% tenure-avl--seed limit))

;;;; Nodes

;; A tree is nil or a vector [LEFT KEY VALUE RIGHT HEIGHT].

(defsubst tenure-avl--left (tree) (aref tree 0))
(defsubst tenure-avl--key (tree) (aref tree 1))
(defsubst tenure-avl--right (tree) (aref tree 3))

(defsubst tenure-avl--height (tree)
  "Return the height of TREE."
  (if tree (aref tree 4) 0))

(defun tenure-avl--update (tree)
  "Set the height of TREE from its subtrees, and return TREE."
  (aset tree 4 (1+ (max (tenure-avl--height (tenure-avl--left tree))
                        (tenure-avl--height (tenure-avl--right tree)))))
  tree)

(defun tenure-avl--rotate-right (tree)
  "Lift the left child of TREE above it, and return it."
  (let ((child (tenure-avl--left tree)))
    (aset tree 0 (tenure-avl--right child))
    (aset child 3 (tenure-avl--update tree))
    (tenure-avl--update child)))

(defun tenure-avl--rotate-left (tree)
  "Lift the right child of TREE above it, and return it."
  (let ((child (tenure-avl--right tree)))
    (aset tree 3 (tenure-avl--left child))
    (aset child 0 (tenure-avl--update tree))
    (tenure-avl--update child)))

(defsubst tenure-avl--slope (tree)
  "Return the height of the left subtree of TREE above that of the right."
  (- (tenure-avl--height (tenure-avl--left tree))
     (tenure-avl--height (tenure-avl--right tree))))

(defun tenure-avl--balance (tree)
  "Return TREE, whose subtrees differ in height by two at most, balanced."
  (let ((slope (tenure-avl--slope tree)))
    (cond ((> slope 1)
           (when (< (tenure-avl--slope (tenure-avl--left tree)) 0)
             (aset tree 0 (tenure-avl--rotate-left (tenure-avl--left tree))))
           (tenure-avl--rotate-right tree))
          ((< slope -1)
           (when (> (tenure-avl--slope (tenure-avl--right tree)) 0)
             (aset tree 3 (tenure-avl--rotate-right (tenure-avl--right tree))))
           (tenure-avl--rotate-left tree))
          (t
           (tenure-avl--update tree)))))

;;;; Operations

(defun tenure-avl--insert (tree key value)
  "Return TREE with VALUE at KEY."
  (cond ((null tree)
         (setq tenure-avl--size (1+ tenure-avl--size))
         (vector nil key value nil 1))
        ((< key (tenure-avl--key tree))
         (aset tree 0 (tenure-avl--insert (tenure-avl--left tree) key value))
         (tenure-avl--balance tree))
        ((> key (tenure-avl--key tree))
         (aset tree 3 (tenure-avl--insert (tenure-avl--right tree) key value))
         (tenure-avl--balance tree))
        (t
         (aset tree 2 value)
         tree)))

(defun tenure-avl--first (tree)
  "Return the node of TREE with the least key."
  (while (tenure-avl--left tree)
    (setq tree (tenure-avl--left tree)))
  tree)

(defun tenure-avl--delete-first (tree)
  "Return TREE without its least key."
  (if (null (tenure-avl--left tree))
      (tenure-avl--right tree)
    (aset tree 0 (tenure-avl--delete-first (tenure-avl--left tree)))
    (tenure-avl--balance tree)))

(defun tenure-avl--delete (tree key)
  "Return TREE without KEY."
  (cond ((null tree) nil)
        ((< key (tenure-avl--key tree))
         (aset tree 0 (tenure-avl--delete (tenure-avl--left tree) key))
         (tenure-avl--balance tree))
        ((> key (tenure-avl--key tree))
         (aset tree 3 (tenure-avl--delete (tenure-avl--right tree) key))
         (tenure-avl--balance tree))
        (t
         (setq tenure-avl--size (1- tenure-avl--size))
         (cond ((null (tenure-avl--left tree)) (tenure-avl--right tree))
               ((null (tenure-avl--right tree)) (tenure-avl--left tree))
               (t
                (let ((heir (tenure-avl--first (tenure-avl--right tree))))
                  (aset heir 3 (tenure-avl--delete-first
                                (tenure-avl--right tree)))
                  (aset heir 0 (tenure-avl--left tree))
                  (tenure-avl--balance heir)))))))

(defun tenure-avl--find (tree key)
  "Return the value at KEY in TREE, or nil."
  (while (and tree (/= key (tenure-avl--key tree)))
    (setq tree (if (< key (tenure-avl--key tree))
                   (tenure-avl--left tree)
                 (tenure-avl--right tree))))
  (and tree (aref tree 2)))

(defun tenure-avl--range (tree low high tail)
  "Return the entries of TREE between LOW and HIGH, in order, before TAIL."
  (cond ((null tree) tail)
        ((< (tenure-avl--key tree) low)
         (tenure-avl--range (tenure-avl--right tree) low high tail))
        ((> (tenure-avl--key tree) high)
         (tenure-avl--range (tenure-avl--left tree) low high tail))
        (t
         (tenure-avl--range
          (tenure-avl--left tree) low high
          (cons (cons (tenure-avl--key tree) (aref tree 2))
                (tenure-avl--range (tenure-avl--right tree) low high tail))))))

(defun tenure-avl--check (tree)
  "Check the heights and the balance of TREE; return its number of nodes."
  (if (null tree)
      0
    (let ((height (aref tree 4)))
      (unless (and (<= (abs (tenure-avl--slope tree)) 1)
                   (= height (aref (tenure-avl--update tree) 4)))
        (error "The node of key %d is out of balance" (tenure-avl--key tree)))
      (+ 1
         (tenure-avl--check (tenure-avl--left tree))
         (tenure-avl--check (tenure-avl--right tree))))))

(defun tenure-avl--check-all (tree limit)
  "Check TREE, whose keys are below LIMIT, and return a checksum of it."
  (let ((nodes (tenure-avl--check tree))
        (entries (tenure-avl--range tree 0 limit nil))
        (last -1)
        (sum 0))
    (unless (= nodes (length entries) tenure-avl--size)
      (error "%d nodes, %d entries and a size of %d"
             nodes (length entries) tenure-avl--size))
    (dolist (entry entries)
      (unless (< last (car entry))
        (error "Key %d comes after %d" (car entry) last))
      (setq last (car entry))
      (setq sum (% (+ (* 31 sum) last (length (cdr entry))) 1000003)))
    sum))

(defun tenure-avl--make-value (key)
  "Return a fresh value for KEY."
  (if (= 0 (% key 3))
      (list key (tenure-avl--random 100))
    (make-string (1+ (% key 20)) ?v)))

(defun tenure-avl-entry (scale)
  "Run the workload at SCALE and return (SIZE HEIGHT CHECKSUM)."
  (let* ((tenure-avl--seed 32452843)
         (tenure-avl--size 0)
         (keys (* 50 scale))
         (limit (* 2 keys))
         (tree nil)
         (sum 0))
    (dotimes (_ keys)
      (let ((key (tenure-avl--random limit)))
        (setq tree (tenure-avl--insert tree key (tenure-avl--make-value key)))))
    (setq sum (tenure-avl--check-all tree limit))
    (dotimes (i (* 200 scale))
      (let ((key (tenure-avl--random limit))
            (choice (% i 8)))
        (cond ((memq choice '(0 2 5))
               (setq tree (tenure-avl--insert
                           tree key (tenure-avl--make-value key))))
              ((memq choice '(1 4))
               (setq tree (tenure-avl--delete tree key)))
              ((= choice 7)
               (dolist (entry (tenure-avl--range tree key (+ key 16) nil))
                 (setq sum (+ sum (car entry)))))
              (t
               (let ((value (tenure-avl--find tree key)))
                 (setq sum (+ sum (length value))))))
        (setq sum (% (* 31 sum) 1000003))))
    (list tenure-avl--size
          (tenure-avl--height tree)
          (% (+ sum (tenure-avl--check-all tree limit)) 1000003))))

(defconst tenure-avl-expected
  '((1 . (55 7 266556))
    (50 . (2734 13 704049))
    (1000 . (54194 19 887391)))
  "Alist of (SCALE . RESULT).")

;;; avl.el ends here
