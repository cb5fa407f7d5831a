;;; benchmark.el --- Time the evaluation of forms  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defmacro benchmark-elapse (&rest forms)
  "Return the seconds that evaluating FORMS takes."
  (let ((start (make-symbol "start")))
    `(let ((,start (current-time)))
       ,@forms
       (float-time (time-subtract nil ,start)))))

(defun benchmark--times (function repetitions)
  "Return the seconds that REPETITIONS calls of FUNCTION take."
  (let ((start (current-time)))
    (while (> repetitions 0)
      (setq repetitions (1- repetitions))
      (funcall function))
    (float-time (time-subtract nil start))))

;;;###autoload
(defun benchmark-call (function &optional repetitions)
  "Return (ELAPSED GCS GC-ELAPSED) of REPETITIONS calls of FUNCTION.
If REPETITIONS is a float, FUNCTION is called for at least that many seconds,
and their number comes first in the list."
  (if (floatp repetitions)
      (benchmark--adaptive function repetitions)
    (let* ((gc gc-elapsed)
           (gcs gcs-done)
           (elapsed (benchmark--times function (max 1 (or repetitions 1)))))
      (list elapsed (- gcs-done gcs) (- gc-elapsed gc)))))

(defun benchmark--adaptive (function seconds)
  "Call FUNCTION for at least SECONDS.
Return (REPETITIONS ELAPSED GCS GC-ELAPSED)."
  (let ((gc gc-elapsed)
        (gcs gcs-done)
        (total 0)
        (repetitions 1)
        (elapsed 0.0))
    (while (< elapsed seconds)
      (setq elapsed (+ elapsed (benchmark--times function repetitions))
            total (+ total repetitions))
      ;; As many calls again as the time that is left seems to need, but not
      ;; more than ten times what was done.
      (setq repetitions
            (max 1 (min (* 10 total)
                        (ceiling (* total
                                    (/ (- seconds elapsed)
                                       (max elapsed 1e-6))))))))
    (list total elapsed (- gcs-done gcs) (- gc-elapsed gc))))

;;;###autoload
(defmacro benchmark-run (&optional repetitions &rest forms)
  "Evaluate FORMS REPETITIONS times and return (ELAPSED GCS GC-ELAPSED)."
  (unless (or (natnump repetitions)
              (and repetitions (symbolp repetitions)))
    (setq forms (cons repetitions forms)
          repetitions 1))
  `(benchmark-call (lambda () ,@forms) ,repetitions))

;;;###autoload
(defmacro benchmark-run-compiled (&optional repetitions &rest forms)
  "Like `benchmark-run', with the function of FORMS compiled if possible."
  (unless (or (natnump repetitions)
              (and repetitions (symbolp repetitions)))
    (setq forms (cons repetitions forms)
          repetitions 1))
  `(benchmark-call (byte-compile '(lambda () ,@forms)) ,repetitions))

(defun benchmark--report (elapsed gcs gc-elapsed)
  "Show a message of the seconds ELAPSED, the collections GCS and GC-ELAPSED."
  (message "Elapsed time: %fs%s" elapsed
           (if (> gcs 0)
               (format " (%fs in %d GCs)" gc-elapsed gcs)
             "")))

;;;###autoload
(defun benchmark (repetitions form)
  "Evaluate FORM REPETITIONS times and show the time it took."
  (let ((result (eval `(benchmark-run ,repetitions ,form) t)))
    (benchmark--report (nth 0 result) (nth 1 result) (nth 2 result))))

;;;###autoload
(defmacro benchmark-progn (&rest body)
  "Do BODY, show the time it took, and return its value."
  (let ((value (make-symbol "value"))
        (start (make-symbol "start"))
        (gc (make-symbol "gc"))
        (gcs (make-symbol "gcs")))
    `(let* ((,gc gc-elapsed)
            (,gcs gcs-done)
            (,start (current-time))
            (,value (progn ,@body)))
       (benchmark--report (float-time (time-subtract nil ,start))
                          (- gcs-done ,gcs) (- gc-elapsed ,gc))
       ,value)))

(provide 'benchmark)

;;; benchmark.el ends here
