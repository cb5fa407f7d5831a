;;; lru.el --- A least-recently-used cache  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: A least-recently-used cache
;; Stresses: hash tables with string keys, doubly linked nodes, objects that die in the order of their age
;; Default-scale: 400
;; Live-size: 7.7 MB
;; Allocation-rate: 116 MB/s, 66.1 MB in all

;;; Commentary:

;; A cache of pages by address: a hash table finds a node by its key, and a ring
;; of doubly linked nodes keeps them in the order of use.  Requests follow a
;; skewed distribution whose centre drifts.  What the cache evicts has lived long,
;; which is the worst case for a collector that bets on the death of the young.
;; SCALE is the capacity in units of 50 pages and the number of requests in units of 1000.

;;; Code:

(defvar tenure-lru--seed 1
  "State of the pseudo-random generator.")

(defun tenure-lru--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-lru--seed (% (* tenure-lru--seed 48271) 2147483647))
  (% tenure-lru--seed limit))

;;;; The cache

;; A node is a record with the slots key, value, previous and next.  The head of
;; the ring is a node without key: after it comes the most recently used page.

(defsubst tenure-lru--key (node) (aref node 1))
(defsubst tenure-lru--value (node) (aref node 2))
(defsubst tenure-lru--previous (node) (aref node 3))
(defsubst tenure-lru--next (node) (aref node 4))

(defun tenure-lru--make-node (key value)
  "Return a node with KEY and VALUE that is linked to itself."
  (let ((node (record 'tenure-lru-node key value nil nil)))
    (aset node 3 node)
    (aset node 4 node)
    node))

(defun tenure-lru--unlink (node)
  "Take NODE out of its ring."
  (aset (tenure-lru--previous node) 4 (tenure-lru--next node))
  (aset (tenure-lru--next node) 3 (tenure-lru--previous node)))

(defun tenure-lru--link-after (head node)
  "Put NODE into the ring after HEAD."
  (let ((next (tenure-lru--next head)))
    (aset node 3 head)
    (aset node 4 next)
    (aset head 4 node)
    (aset next 3 node)))

;; A cache is a vector of its table, the head of its ring, its capacity, and the
;; numbers of its hits and evictions.

(defun tenure-lru--make (capacity)
  "Return an empty cache of CAPACITY pages."
  (vector (make-hash-table :test 'equal)
          (tenure-lru--make-node nil nil)
          capacity 0 0))

(defun tenure-lru--evict (cache)
  "Drop the least recently used page of CACHE."
  (let ((oldest (tenure-lru--previous (aref cache 1))))
    (tenure-lru--unlink oldest)
    (remhash (tenure-lru--key oldest) (aref cache 0))
    (aset cache 4 (1+ (aref cache 4)))))

(defun tenure-lru--get (cache key make)
  "Return the page of KEY in CACHE; call MAKE with KEY if it isn't there."
  (let ((node (gethash key (aref cache 0))))
    (if node
        (progn
          (aset cache 3 (1+ (aref cache 3)))
          (tenure-lru--unlink node)
          (tenure-lru--link-after (aref cache 1) node)
          (tenure-lru--value node))
      (when (>= (hash-table-count (aref cache 0)) (aref cache 2))
        (tenure-lru--evict cache))
      (setq node (tenure-lru--make-node key (funcall make key)))
      (puthash key node (aref cache 0))
      (tenure-lru--link-after (aref cache 1) node)
      (tenure-lru--value node))))

(defun tenure-lru--check (cache)
  "Check the links of CACHE and return a checksum of its pages in order."
  (let* ((head (aref cache 1))
         (node (tenure-lru--next head))
         (count 0)
         (sum 0))
    (while (not (eq node head))
      (unless (and (eq node (tenure-lru--previous (tenure-lru--next node)))
                   (eq node (gethash (tenure-lru--key node) (aref cache 0))))
        (error "The node of %S is not linked well" (tenure-lru--key node)))
      (setq count (1+ count))
      (setq sum (% (+ (* 31 sum) (cadr (tenure-lru--value node))) 1000003))
      (setq node (tenure-lru--next node)))
    (unless (= count (hash-table-count (aref cache 0)))
      (error "The ring has %d nodes, the table %d"
             count (hash-table-count (aref cache 0))))
    sum))

;;;; Requests

(defun tenure-lru--make-page (key)
  "Return a fresh page for KEY: (TEXT WEIGHT . LINKS)."
  (let ((weight 0)
        (links nil))
    (dotimes (i (length key))
      (setq weight (logand (+ (* 33 weight) (aref key i)) #xffff)))
    (dotimes (i (% weight 12))
      (push (+ i weight) links))
    (cons (make-string (+ 16 (% weight 100)) (+ ?a (% weight 26)))
          (cons weight links))))

(defun tenure-lru--next-key (pages drift)
  "Return the address of a random one of PAGES, most often one close to DRIFT."
  (let* ((near (1+ (tenure-lru--random pages)))
         ;; The smaller of several draws is skewed towards zero.
         (rank (/ (* (tenure-lru--random near) (tenure-lru--random pages))
                  pages)))
    (format "page/%d" (% (+ drift rank) pages))))

(defun tenure-lru-entry (scale)
  "Run the workload at SCALE and return (HITS EVICTIONS CHECKSUM)."
  (let* ((tenure-lru--seed 1299709)
         (capacity (* 50 scale))
         (pages (* 4 capacity))
         (cache (tenure-lru--make capacity))
         (sum 0))
    (dotimes (i (* 1000 scale))
      (let* ((key (tenure-lru--next-key pages (/ i 4)))
             (page (tenure-lru--get cache key #'tenure-lru--make-page)))
        (setq sum (% (+ (* 31 sum) (cadr page) (length (car page)))
                     1000003))))
    (list (aref cache 3)
          (aref cache 4)
          (% (+ sum (tenure-lru--check cache)) 1000003))))

(defconst tenure-lru-expected
  '((1 . (568 382 762863))
    (20 . (11172 7828 403631))
    (400 . (221974 158026 575157)))
  "Alist of (SCALE . RESULT).")

;;; lru.el ends here
