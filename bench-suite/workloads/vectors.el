;;; vectors.el --- Numeric kernels on vectors of floats  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: Numeric kernels on vectors of floats
;; Stresses: boxed floats that die at once, large old vectors that are filled with young floats, arithmetic
;; Default-scale: 8000
;; Live-size: 1.6 MB
;; Allocation-rate: 368 MB/s, 246.7 MB in all

;;; Commentary:

;; A product of matrices, a fast Fourier transform (after Cooley and Tukey) there
;; and back, and bodies that attract each other (leapfrog integration).
;; Results are rounded to integers, so no digits of a float are printed.
;; SCALE bounds the work of each kernel; the transform's length is the largest
;; power of two up to 64 times SCALE, and at most 32768.

;;; Code:

(defvar tenure-vectors--seed 1
  "State of the pseudo-random generator.")

(defun tenure-vectors--random ()
  "Return the next pseudo-random float between -1 and 1, in steps of 1/512."
  (setq tenure-vectors--seed (% (* tenure-vectors--seed 48271) 2147483647))
  (/ (- (% tenure-vectors--seed 1025) 512) 512.0))

(defun tenure-vectors--make-random (size)
  "Return a vector of SIZE random floats."
  (let ((vector (make-vector size 0.0)))
    (dotimes (i size)
      (aset vector i (tenure-vectors--random)))
    vector))

;;;; Matrices

(defun tenure-vectors--make-matrix (size)
  "Return a random square matrix of SIZE, a vector of rows."
  (let ((matrix (make-vector size nil)))
    (dotimes (i size)
      (aset matrix i (tenure-vectors--make-random size)))
    matrix))

(defun tenure-vectors--transpose (matrix)
  "Return the transpose of the square MATRIX."
  (let* ((size (length matrix))
         (result (make-vector size nil)))
    (dotimes (i size)
      (let ((row (make-vector size 0.0)))
        (dotimes (j size)
          (aset row j (aref (aref matrix j) i)))
        (aset result i row)))
    result))

(defun tenure-vectors--inner (a b)
  "Return the inner product of the vectors A and B."
  (let ((sum 0.0))
    (dotimes (i (length a))
      (setq sum (+ sum (* (aref a i) (aref b i)))))
    sum))

(defun tenure-vectors--multiply (a b)
  "Return the product of the square matrices A and B."
  (let* ((columns (tenure-vectors--transpose b))
         (size (length a))
         (product (make-vector size nil)))
    (dotimes (i size)
      (let ((row (make-vector size 0.0)))
        (dotimes (j size)
          (aset row j (tenure-vectors--inner (aref a i) (aref columns j))))
        (aset product i row)))
    product))

(defun tenure-vectors--matrices (work)
  "Multiply matrices with about 64 times WORK multiplications."
  (let ((size 1))
    (while (<= (* size size size) (* 32 work))
      (setq size (1+ size)))
    (let* ((a (tenure-vectors--make-matrix size))
           (b (tenure-vectors--make-matrix size))
           (ab (tenure-vectors--multiply a b))
           ;; The transpose of a product is the product of transposes reversed.
           ;; Each sum has the same terms in the same order, so it is equal.
           (ba (tenure-vectors--multiply (tenure-vectors--transpose b)
                                         (tenure-vectors--transpose a)))
           (trace 0.0))
      (unless (equal (tenure-vectors--transpose ab) ba)
        (error "The two products of matrices differ"))
      (dotimes (i size)
        (setq trace (+ trace (abs (aref (aref ab i) (- size i 1))))))
      (round (* 1000 trace)))))

;;;; Fourier transform

(defun tenure-vectors--reverse-bits (re im)
  "Permute the vectors RE and IM, of a power of two, by reversing index bits."
  (let* ((size (length re))
         (j 0))
    (dotimes (i (1- size))
      (when (< i j)
        (let ((x (aref re i))
              (y (aref im i)))
          (aset re i (aref re j))
          (aset im i (aref im j))
          (aset re j x)
          (aset im j y)))
      (let ((bit (ash size -1)))
        (while (/= 0 (logand j bit))
          (setq j (logxor j bit))
          (setq bit (ash bit -1)))
        (setq j (logior j bit))))))

(defun tenure-vectors--transform (re im sign)
  "Transform the complex numbers of RE and IM in place; SIGN is 1 or -1."
  (let ((size (length re))
        (half 1))
    (tenure-vectors--reverse-bits re im)
    (while (< half size)
      (let ((angle (/ (* sign 3.141592653589793) half))
            (stride (* 2 half)))
        (dotimes (k half)
          (let ((c (cos (* angle k)))
                (s (sin (* angle k)))
                (i k))
            (while (< i size)
              (let* ((j (+ i half))
                     (x (- (* c (aref re j)) (* s (aref im j))))
                     (y (+ (* s (aref re j)) (* c (aref im j)))))
                (aset re j (- (aref re i) x))
                (aset im j (- (aref im i) y))
                (aset re i (+ (aref re i) x))
                (aset im i (+ (aref im i) y)))
              (setq i (+ i stride)))))
        (setq half stride)))))

(defun tenure-vectors--waves (work)
  "Transform a random signal of a length of at most 64 times WORK and back."
  (let* ((size (min 32768 (ash 64 (logb work))))
         (signal (tenure-vectors--make-random size))
         (re (copy-sequence signal))
         (im (make-vector size 0.0))
         (power 0.0)
         (worst 0.0))
    (tenure-vectors--transform re im 1)
    (dotimes (i size)
      (setq power (+ power (sqrt (+ (* (aref re i) (aref re i))
                                    (* (aref im i) (aref im i)))))))
    (tenure-vectors--transform re im -1)
    (dotimes (i size)
      (setq worst (max worst (abs (- (aref signal i)
                                     (/ (aref re i) size))))))
    (unless (< worst 1e-9)
      (error "The transform back is off by more than a billionth"))
    (round (* 1000 (/ power size)))))

;;;; Bodies

;; A body is the vector [X Y Z VX VY VZ MASS].

(defun tenure-vectors--kick (bodies step)
  "Change the velocities of BODIES by their attraction during STEP."
  (dotimes (i (length bodies))
    (let ((a (aref bodies i))
          (j (1+ i)))
      (while (< j (length bodies))
        (let* ((b (aref bodies j))
               (dx (- (aref a 0) (aref b 0)))
               (dy (- (aref a 1) (aref b 1)))
               (dz (- (aref a 2) (aref b 2)))
               (square (+ (* dx dx) (* dy dy) (* dz dz) 0.01))
               (pull (/ step (* square (sqrt square))))
               (pull-a (* pull (aref b 6)))
               (pull-b (* pull (aref a 6))))
          (aset a 3 (- (aref a 3) (* dx pull-a)))
          (aset a 4 (- (aref a 4) (* dy pull-a)))
          (aset a 5 (- (aref a 5) (* dz pull-a)))
          (aset b 3 (+ (aref b 3) (* dx pull-b)))
          (aset b 4 (+ (aref b 4) (* dy pull-b)))
          (aset b 5 (+ (aref b 5) (* dz pull-b))))
        (setq j (1+ j))))))

(defun tenure-vectors--drift (bodies step)
  "Move BODIES by their velocities during STEP."
  (dotimes (i (length bodies))
    (let ((body (aref bodies i)))
      (dotimes (axis 3)
        (aset body axis (+ (aref body axis)
                           (* step (aref body (+ 3 axis)))))))))

(defun tenure-vectors--energy (bodies)
  "Return the kinetic and potential energy of BODIES."
  (let ((energy 0.0))
    (dotimes (i (length bodies))
      (let* ((a (aref bodies i))
             (j (1+ i))
             (square 0.0))
        (dotimes (axis 3)
          (let ((v (aref a (+ 3 axis))))
            (setq square (+ square (* v v)))))
        (setq energy (+ energy (* 0.5 (aref a 6) square)))
        (while (< j (length bodies))
          (let ((b (aref bodies j))
                (distance 0.01))
            (dotimes (axis 3)
              (let ((d (- (aref a axis) (aref b axis))))
                (setq distance (+ distance (* d d)))))
            (setq energy (- energy (/ (* (aref a 6) (aref b 6))
                                      (sqrt distance))))
            (setq j (1+ j))))))
    energy))

(defun tenure-vectors--orbits (steps)
  "Move six bodies for STEPS and return their energy."
  (let ((bodies (make-vector 6 nil)))
    (dotimes (i 6)
      (let ((body (tenure-vectors--make-random 7)))
        ;; One heavy body at rest, light ones around it.
        (dotimes (axis 3)
          (aset body axis (* (float i) (aref body axis)))
          (aset body (+ 3 axis) (* 0.25 i (aref body (+ 3 axis)))))
        (aset body 6 (if (= i 0) 10.0 (/ 1.0 (+ i 10))))
        (aset bodies i body)))
    (let ((before (tenure-vectors--energy bodies))
          (step 0.001))
      (dotimes (_ steps)
        (tenure-vectors--kick bodies (* 0.5 step))
        (tenure-vectors--drift bodies step)
        (tenure-vectors--kick bodies (* 0.5 step)))
      (let ((after (tenure-vectors--energy bodies)))
        (unless (< (abs (- after before)) 1.0)
          (error "The energy of the bodies is not conserved"))
        (round (* 1000 after))))))

(defun tenure-vectors-entry (scale)
  "Run the workload at SCALE and return (MATRICES WAVES ORBITS)."
  (let ((tenure-vectors--seed 15485863))
    (list (tenure-vectors--matrices scale)
          (tenure-vectors--waves scale)
          (tenure-vectors--orbits (* 4 scale)))))

(defconst tenure-vectors-expected
  '((1 . (4016 4183 -1876))
    (300 . (24540 65605 -1753))
    (8000 . (130400 92738 -1450)))
  "Alist of (SCALE . RESULT).")

;;; vectors.el ends here
