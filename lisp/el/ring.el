;;; ring.el --- Rings of elements  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A ring is (HEAD LENGTH . VECTOR).  HEAD is the index of the oldest element;
;; LENGTH elements are used.

;;; Code:

;;;###autoload
(defun ring-p (x)
  "Return t if X is a ring."
  (and (consp x) (integerp (car x))
       (consp (cdr x)) (integerp (cadr x))
       (vectorp (cddr x))))

;;;###autoload
(defun make-ring (size)
  "Return a new ring that holds SIZE elements."
  (cons 0 (cons 0 (make-vector size nil))))

(defun ring-size (ring)
  "Return the number of elements that RING can hold."
  (length (cddr ring)))

(defun ring-length (ring)
  "Return the number of elements in RING."
  (cadr ring))

(defun ring-empty-p (ring)
  "Return t if RING is empty."
  (zerop (cadr ring)))

(defun ring-index (index head ringlen veclen)
  "Return the place of the element INDEX of a ring in its vector.
HEAD, RINGLEN and VECLEN are those of the ring."
  (setq index (mod index ringlen))
  (mod (1- (+ head (- ringlen index))) veclen))

(defun ring-plus1 (index veclen)
  "Return INDEX and 1 in a vector of the length VECLEN."
  (let ((next (1+ index)))
    (if (= next veclen) 0 next)))

(defun ring-minus1 (index veclen)
  "Return INDEX less 1 in a vector of the length VECLEN."
  (- (if (= 0 index) veclen index) 1))

(defun ring-copy (ring)
  "Return a copy of RING."
  (cons (car ring) (cons (cadr ring) (copy-sequence (cddr ring)))))

(defun ring-ref (ring index)
  "Return the element INDEX of RING; 0 is the newest one."
  (if (ring-empty-p ring)
      (error "Accessing an empty ring")
    (aref (cddr ring)
          (ring-index index (car ring) (cadr ring) (ring-size ring)))))

(defun ring-elements (ring)
  "Return a list of the elements of RING, the newest first."
  (let ((result nil)
        (start (car ring))
        (size (ring-size ring))
        (vector (cddr ring))
        (i 0))
    (while (< i (cadr ring))
      (push (aref vector (mod (+ start i) size)) result)
      (setq i (1+ i)))
    result))

(defun ring-insert (ring item)
  "Put ITEM into RING as the newest; the oldest goes if RING is full."
  (let* ((vector (cddr ring))
         (size (length vector))
         (head (car ring))
         (length (cadr ring)))
    (prog1 (aset vector (mod (+ head length) size) item)
      (if (= length size)
          (setcar ring (ring-plus1 head size))
        (setcar (cdr ring) (1+ length))))))

(defun ring-insert-at-beginning (ring item)
  "Put ITEM into RING as the oldest; the newest goes if RING is full."
  (let* ((vector (cddr ring))
         (size (length vector))
         (head (ring-minus1 (car ring) size)))
    (setcar ring head)
    (setcar (cdr ring) (min size (1+ (cadr ring))))
    (aset vector head item)))

(defun ring-remove (ring &optional index)
  "Remove the element INDEX of RING, the oldest by default, and return it."
  (if (ring-empty-p ring)
      (error "Ring empty")
    (let* ((head (car ring))
           (length (cadr ring))
           (vector (cddr ring))
           (size (length vector))
           (newest (mod (1- (+ head length)) size))
           (place (ring-index (or index (1- length)) head length size))
           (item (aref vector place)))
      ;; Those that are newer move towards the head.
      (while (/= place newest)
        (let ((next (ring-plus1 place size)))
          (aset vector place (aref vector next))
          (setq place next)))
      (aset vector newest nil)
      (setcar (cdr ring) (1- length))
      item)))

(defun ring-member (ring item)
  "Return the index of ITEM in RING, or nil."
  (let ((elements (ring-elements ring))
        (i 0))
    (while (and elements (not (equal (car elements) item)))
      (setq elements (cdr elements)
            i (1+ i)))
    (and elements i)))

(defun ring-next (ring item)
  "Return the element of RING behind ITEM."
  (let ((index (ring-member ring item)))
    (unless index
      (error "Item is not in the ring: `%s'" item))
    (ring-ref ring (ring-plus1 index (ring-length ring)))))

(defun ring-previous (ring item)
  "Return the element of RING before ITEM."
  (let ((index (ring-member ring item)))
    (unless index
      (error "Item is not in the ring: `%s'" item))
    (ring-ref ring (ring-minus1 index (ring-length ring)))))

(defun ring-resize (ring size)
  "Make RING hold SIZE elements; the oldest go if they are too many."
  (when (integerp size)
    (let* ((elements (nreverse (ring-elements ring)))
           (extra (- (length elements) size))
           (vector (make-vector size nil))
           (count 0))
      (when (> extra 0)
        (setq elements (nthcdr extra elements)))
      (dolist (element elements)
        (aset vector count element)
        (setq count (1+ count)))
      (setcar ring 0)
      (setcdr ring (cons count vector)))))

(defun ring-extend (ring x)
  "Make RING hold X more elements."
  (when (and (integerp x) (> x 0))
    (ring-resize ring (+ x (ring-size ring)))))

(defun ring-insert+extend (ring item &optional grow-p)
  "Put ITEM into RING as the newest; let a full RING grow if GROW-P."
  (when (and grow-p (= (ring-length ring) (ring-size ring)))
    (ring-extend ring 1))
  (ring-insert ring item))

(defun ring-remove+insert+extend (ring item &optional grow-p)
  "Put ITEM into RING as the newest, and remove it elsewhere.
Let a full RING grow if GROW-P."
  (let (index)
    (while (setq index (ring-member ring item))
      (ring-remove ring index)))
  (ring-insert+extend ring item grow-p))

(defun ring-convert-sequence-to-ring (seq)
  "Return SEQ, or a ring of its elements if it is a sequence.
An element that equals the first of those before it is left out."
  (if (ring-p seq)
      seq
    (let ((ring (make-ring (length seq))))
      (mapc (lambda (element)
              (when (or (ring-empty-p ring)
                        (not (equal (ring-ref ring 0) element)))
                (ring-insert-at-beginning ring element)))
            seq)
      ring)))

(provide 'ring)

;;; ring.el ends here
