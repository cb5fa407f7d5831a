;;; live-heap.el --- A large live structure with churn  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: A large live structure with churn
;; Stresses: marking a big live heap, old objects mutated to hold young ones, remembered sets, partial replacement
;; Default-scale: 300
;; Live-size: 40.0 MB
;; Allocation-rate: 84 MB/s, 75.1 MB in all

;;; Commentary:

;; An issue tracker in memory.  Issues are vectors that hold strings, property
;; lists, a bounded history and links to other issues; a hash table finds an
;; issue by its number.  A long run of operations pushes fresh events onto old
;; issues, redraws links, renames, and closes issues in favour of new ones.
;; SCALE is the number of issues in units of 100 and of operations in units of 1500.

;;; Code:

(defconst tenure-live-heap--history-limit 8
  "Number of events that an issue keeps.")

(defvar tenure-live-heap--seed 1
  "State of the pseudo-random generator.")

(defvar tenure-live-heap--serial 0
  "Number of the newest issue.")

(defvar tenure-live-heap--table nil
  "Hash table from number to issue.")

(defvar tenure-live-heap--open nil
  "Vector of the numbers of the open issues.")

(defun tenure-live-heap--random (limit)
  "Return the next pseudo-random integer below LIMIT."
  (setq tenure-live-heap--seed (% (* tenure-live-heap--seed 48271) 2147483647))
  (% tenure-live-heap--seed limit))

;; An issue is [NUMBER TITLE PROPERTIES HISTORY LINKS WEIGHT].

(defun tenure-live-heap--random-issue ()
  "Return a random open issue."
  (gethash (aref tenure-live-heap--open
                 (tenure-live-heap--random (length tenure-live-heap--open)))
           tenure-live-heap--table))

(defun tenure-live-heap--title (number)
  "Return a fresh title for the issue NUMBER."
  (concat (aref ["Crash" "Leak" "Question" "Wish" "Regression"]
                (tenure-live-heap--random 5))
          " in "
          (aref ["display" "keyboard" "lisp" "network"]
                (tenure-live-heap--random 4))
          " #" (number-to-string number)))

(defun tenure-live-heap--event (kind)
  "Return a fresh event of KIND: (KIND AMOUNT . NOTE)."
  (cons kind
        (cons (/ (tenure-live-heap--random 1000) 8.0)
              (if (= 0 (tenure-live-heap--random 4))
                  (make-string (1+ (tenure-live-heap--random 24)) ?n)
                (list (tenure-live-heap--random 100) kind)))))

(defun tenure-live-heap--make-issue ()
  "Return a new issue with the next number, entered in the table."
  (setq tenure-live-heap--serial (1+ tenure-live-heap--serial))
  (let* ((number tenure-live-heap--serial)
         (issue (vector number
                        (tenure-live-heap--title number)
                        (list 'severity (tenure-live-heap--random 5)
                              'owner (tenure-live-heap--random 200)
                              'estimate (+ 0.5 (tenure-live-heap--random 40)))
                        nil nil
                        (float (tenure-live-heap--random 100)))))
    (dotimes (_ 4)
      (tenure-live-heap--record issue 'created))
    (puthash number issue tenure-live-heap--table)
    issue))

(defun tenure-live-heap--record (issue kind)
  "Push an event of KIND onto the history of ISSUE and forget the oldest."
  (let* ((history (cons (tenure-live-heap--event kind) (aref issue 3)))
         (end (nthcdr (1- tenure-live-heap--history-limit) history)))
    (when end
      (setcdr end nil))
    (aset issue 3 history)))

(defun tenure-live-heap--link (issue count)
  "Give ISSUE fresh links to COUNT random issues."
  (let ((links nil))
    (dotimes (_ count)
      (push (tenure-live-heap--random-issue) links))
    (aset issue 4 links)))

(defun tenure-live-heap--estimate (issue)
  "Update the weight of ISSUE from its links, and return it rounded."
  (let ((weight (* 0.5 (aref issue 5))))
    (dolist (other (aref issue 4))
      (setq weight (+ weight (* 0.125 (aref other 5)))))
    (dolist (event (aref issue 3))
      (setq weight (+ weight (* 0.0625 (cadr event)))))
    (setq weight (if (> weight 1000.0) (* 0.5 weight) weight))
    (aset issue 5 weight)
    (round weight)))

(defun tenure-live-heap--close (index)
  "Replace the open issue at INDEX by a new one; return the old one's number."
  (let* ((number (aref tenure-live-heap--open index))
         (old (gethash number tenure-live-heap--table))
         (new (tenure-live-heap--make-issue)))
    (remhash number tenure-live-heap--table)
    ;; The new issue takes the links over, so the dead one can be reached only
    ;; from issues that still link to it.
    (aset new 4 (aref old 4))
    (aset old 4 nil)
    (aset tenure-live-heap--open index (aref new 0))
    number))

(defun tenure-live-heap--operate ()
  "Perform one random operation and return an integer that depends on it."
  (let ((choice (tenure-live-heap--random 100)))
    (cond ((< choice 45)
           (let ((issue (tenure-live-heap--random-issue)))
             (tenure-live-heap--record issue 'comment)
             (aref issue 0)))
          ((< choice 60)
           (let ((issue (tenure-live-heap--random-issue)))
             (tenure-live-heap--link issue (1+ (tenure-live-heap--random 5)))
             (length (aref issue 4))))
          ((< choice 70)
           (let* ((issue (tenure-live-heap--random-issue))
                  (properties (aref issue 2)))
             (plist-put properties 'owner (tenure-live-heap--random 200))
             (plist-put properties 'estimate
                        (+ (plist-get properties 'estimate) 1.5))
             (truncate (plist-get properties 'estimate))))
          ((< choice 75)
           (let ((issue (tenure-live-heap--random-issue)))
             (aset issue 1 (tenure-live-heap--title (aref issue 0)))
             (length (aref issue 1))))
          ((< choice 80)
           (tenure-live-heap--close
            (tenure-live-heap--random (length tenure-live-heap--open))))
          (t
           (tenure-live-heap--estimate (tenure-live-heap--random-issue))))))

(defun tenure-live-heap--census ()
  "Return a checksum over all that is live."
  (let ((sum 0))
    (dotimes (i (length tenure-live-heap--open))
      (let* ((issue (gethash (aref tenure-live-heap--open i)
                             tenure-live-heap--table))
             (title (aref issue 1)))
        (dolist (event (aref issue 3))
          (setq sum (+ sum (round (cadr event)))))
        (dolist (other (aref issue 4))
          (setq sum (+ sum (aref other 0))))
        (setq sum (% (+ (* 31 sum)
                        (aref title (1- (length title)))
                        (plist-get (aref issue 2) 'owner))
                     1000003))))
    sum))

(defun tenure-live-heap-entry (scale)
  "Run the workload at SCALE and return (OPEN NEWEST CHECKSUM)."
  (let* ((issues (* 100 scale))
         (tenure-live-heap--seed 3571)
         (tenure-live-heap--serial 0)
         (tenure-live-heap--table (make-hash-table :test 'eql :size issues))
         (tenure-live-heap--open (make-vector issues nil))
         (sum 0))
    (dotimes (i issues)
      (aset tenure-live-heap--open i
            (aref (tenure-live-heap--make-issue) 0)))
    (dotimes (i issues)
      (tenure-live-heap--link
       (gethash (aref tenure-live-heap--open i) tenure-live-heap--table) 3))
    (dotimes (_ (* 1500 scale))
      (setq sum (% (+ (* 31 sum) (tenure-live-heap--operate)) 1000003)))
    (unless (= issues (hash-table-count tenure-live-heap--table))
      (error "The table holds %d issues, not %d"
             (hash-table-count tenure-live-heap--table) issues))
    (list issues tenure-live-heap--serial
          (% (+ sum (tenure-live-heap--census)) 1000003))))

(defconst tenure-live-heap-expected
  '((1 . (100 175 77090))
    (20 . (2000 3543 321681))
    (300 . (30000 52294 442062)))
  "Alist of (SCALE . RESULT).")

;;; live-heap.el ends here
