;;; progress.el --- Messages of progress  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A reporter is (NEXT . [TIME MIN MAX TEXT CHANGE INTERVAL SUFFIX]): nothing is
;; said of values below NEXT, nor before TIME.  Without MIN and MAX, NEXT is a
;; place in a row of characters instead.

;;; Code:

(defun make-progress-reporter (message &optional min-value max-value
                                       current-value min-change min-time)
  "Return a reporter of progress from MIN-VALUE to MAX-VALUE, and show MESSAGE.
CURRENT-VALUE is where it starts.  It tells of a change of MIN-CHANGE percent,
not sooner than MIN-TIME seconds after it told of another."
  (when (string-match "[[:alnum:]]\\'" message)
    (setq message (concat message "...")))
  (let* ((interval (or min-time 0.2))
         (reporter (cons (or min-value 0)
                         (vector (and (>= interval 0.02) (float-time))
                                 min-value max-value message
                                 (if min-change (max (min min-change 50) 1) 1)
                                 interval nil))))
    (progress-reporter-update reporter (or current-value min-value))
    reporter))

(defun progress-reporter-update (reporter &optional value suffix)
  "Tell of the progress of REPORTER, which is at VALUE, if it is time to.
SUFFIX is shown behind the message."
  (when (or (not (numberp value)) (>= value (car reporter)))
    (progress-reporter-do-update reporter value suffix)))

(defun progress-reporter-force-update (reporter &optional value new-message
                                                new-suffix)
  "Tell that REPORTER is at VALUE, with NEW-MESSAGE and NEW-SUFFIX if given."
  (let ((parameters (cdr reporter)))
    (when new-message
      (aset parameters 3 new-message))
    (when (aref parameters 0)
      (aset parameters 0 (float-time)))
    (progress-reporter-do-update reporter value new-suffix)))

(defun progress-reporter-do-update (reporter value &optional suffix)
  "Tell that REPORTER is at VALUE, unless it is too soon, with SUFFIX."
  (let* ((parameters (cdr reporter))
         (least (aref parameters 1))
         (most (aref parameters 2))
         (text (aref parameters 3))
         (time (aref parameters 0))
         (due (or (not time)
                  (when (>= (float-time) time)
                    (aset parameters 0 (+ (float-time) (aref parameters 5)))
                    t)))
         (suffix (if suffix
                     (aset parameters 6 suffix)
                   (or (aref parameters 6) ""))))
    (if (and least most)
        (let* ((percent (/ (- most least) 100.0))
               (percentage (if (= most least)
                               0
                             (truncate (/ (- value least) percent))))
               (next (+ least (* percent
                                 (+ percentage (aref parameters 4))))))
          (setcar reporter (min most (if (integerp value) (ceiling next) next)))
          (when due
            (if (> percentage 0)
                (message "%s%d%% %s" text percentage suffix)
              (message "%s %s" text suffix))))
      (when due
        (let ((place (mod (1+ (car reporter)) 4)))
          (setcar reporter place)
          (message "%s %s %s" text (nth place '("-" "\\" "|" "/")) suffix))))))

(defun progress-reporter-done (reporter)
  "Tell that REPORTER is done."
  (message "%sdone" (aref (cdr reporter) 3)))

(defmacro dotimes-with-progress-reporter (spec reporter-or-message &rest body)
  "Do BODY as `dotimes' with SPEC, and tell of the progress.
REPORTER-OR-MESSAGE is a reporter or the message of one."
  (declare (indent 2))
  (let ((reporter (make-symbol "--dotimes-prep--"))
        (end (make-symbol "--dotimes-end--")))
    `(let ((,reporter ,reporter-or-message)
           (,end ,(cadr spec)))
       (when (stringp ,reporter)
         (setq ,reporter (make-progress-reporter ,reporter 0 ,end)))
       (dotimes (,(car spec) ,end)
         ,@body
         (progress-reporter-update ,reporter (1+ ,(car spec))))
       (progress-reporter-done ,reporter)
       (or ,@(cddr spec) nil))))

(defmacro dolist-with-progress-reporter (spec reporter-or-message &rest body)
  "Do BODY as `dolist' with SPEC, and tell of the progress.
REPORTER-OR-MESSAGE is a reporter or the message of one."
  (declare (indent 2))
  (let ((reporter (make-symbol "--dolist-progress-reporter--"))
        (count (make-symbol "--dolist-count--"))
        (list (make-symbol "--dolist-list--")))
    `(let ((,reporter ,reporter-or-message)
           (,count 0)
           (,list ,(cadr spec)))
       (when (stringp ,reporter)
         (setq ,reporter (make-progress-reporter ,reporter 0 (length ,list))))
       (dolist (,(car spec) ,list)
         ,@body
         (progress-reporter-update ,reporter (setq ,count (1+ ,count))))
       (progress-reporter-done ,reporter)
       (or ,@(cddr spec) nil))))

;;; progress.el ends here
