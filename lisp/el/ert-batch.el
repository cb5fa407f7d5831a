;;; ert-batch.el --- Running tests and showing results  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)

;;;; Running a test

(defvar ert--current-run nil
  "The tag to throw a result to, and the test that is run.")

(defun ert-running-test ()
  "Return the test that is run, or nil."
  (cdr ert--current-run))

(defun ert--debugger (&rest args)
  "End the test that is run because of the signal that ARGS tell of.
Other reasons to enter the debugger are ignored."
  ;; The debugger is entered once for each input event, in batch mode too.
  (setq num-nonmacro-input-events (1+ num-nonmacro-input-events))
  (when (and (eq (car args) 'error) ert--current-run)
    (let* ((condition (cadr args))
           (make (cond ((eq (car condition) 'quit) #'make-ert-test-quit)
                       ((eq (car condition) 'ert-test-skipped)
                        #'make-ert-test-skipped)
                       (t #'make-ert-test-failed))))
      (throw (car ert--current-run)
             (funcall make :condition condition
                      :backtrace (ert--backtrace)
                      :infos ert--infos)))))

(defun ert--backtrace ()
  "Return the frames from the signal to the test: (EVALD FUNCTION ARGS) each."
  (let ((frames nil)
        (inside nil)
        (outside nil))
    (mapbacktrace
     (lambda (evald function args _flags)
       (cond (outside)
             (inside
              (push (list evald function args) frames)
              (setq outside (eq function
                                (ert-test-body (ert-running-test)))))
             ((eq function 'ert--debugger) (setq inside t)))))
    (nreverse frames)))

(defun ert-run-test (ert-test)
  "Run ERT-TEST and return its result, which is also noted in it."
  (let* ((tag (list 'ert--run))
         (start (float-time))
         (ert--infos nil)
         (completed nil)
         (result nil))
    (unwind-protect
        (progn
          (setq result
                (catch tag
                  (let ((ert--current-run (cons tag ert-test))
                        (debugger #'ert--debugger)
                        (debug-on-error t)
                        (debug-on-quit t)
                        (debug-ignored-errors nil))
                    (catch 'ert--pass
                      (funcall (ert-test-body ert-test)))
                    (make-ert-test-passed))))
          (setq completed t))
      (unless completed
        (setq result (make-ert-test-aborted-with-non-local-exit)))
      (setf (ert-test-result-duration result) (- (float-time) start))
      (setf (ert-test-most-recent-result ert-test) result))
    result))

;;;; Kinds of results

(defun ert-test-result-type-p (result result-type)
  "Return non-nil if RESULT is of the kind RESULT-TYPE."
  (cond
   ((null result-type) nil)
   ((eq result-type t) t)
   ((eq result-type :failed) (ert-test-failed-p result))
   ((eq result-type :passed) (ert-test-passed-p result))
   ((eq result-type :skipped) (ert-test-skipped-p result))
   ((consp result-type)
    (let ((operands (cdr result-type)))
      (cl-ecase (car result-type)
        (and (cl-every (lambda (type) (ert-test-result-type-p result type))
                       operands))
        (or (and (cl-some (lambda (type) (ert-test-result-type-p result type))
                          operands)
                 t))
        (not (not (ert-test-result-type-p result (car operands))))
        (satisfies (funcall (car operands) result)))))
   (t (error "No clause matching `%S'" result-type))))

(defun ert-test-result-expected-p (test result)
  "Return non-nil if RESULT is what TEST expects; skipping always is."
  (or (ert-test-result-type-p result :skipped)
      (ert-test-result-type-p result (ert-test-expected-result-type test))))

(defun ert-string-for-test-result (result expectedp)
  "Return a word for RESULT, in capitals unless EXPECTEDP."
  (let ((word (cond ((ert-test-passed-p result) "passed")
                    ((ert-test-failed-p result) "failed")
                    ((ert-test-skipped-p result) "skipped")
                    ((ert-test-quit-p result) "quit")
                    ((null result) "unknown")
                    (t "aborted"))))
    (if (and expectedp (not (ert-test-quit-p result)))
        word
      (upcase word))))

;;;; Selecting tests

(defun ert-select-tests (selector universe)
  "Return a list of the tests that SELECTOR selects of UNIVERSE.
That is a list of tests, or t for all tests."
  (cond
   ((null selector) nil)
   ((eq selector t)
    (if (listp universe)
        universe
      (ert-select-tests "" universe)))
   ((memq selector '(:new :failed :passed :expected :unexpected))
    (cl-remove-if-not
     (lambda (test)
       (let ((result (ert-test-most-recent-result test)))
         (cl-ecase selector
           (:new (null result))
           (:failed (ert-test-result-type-p result :failed))
           (:passed (ert-test-result-type-p result :passed))
           (:expected (ert-test-result-expected-p test result))
           (:unexpected (not (ert-test-result-expected-p test result))))))
     (ert-select-tests t universe)))
   ((stringp selector)
    (cl-remove-if-not
     (lambda (test)
       (and (ert-test-name test)
            (or (equal selector "")
                (string-match-p selector
                                (symbol-name (ert-test-name test))))))
     (if (listp universe) universe (ert--all-tests))))
   ((ert-test-p selector)
    (if (or (eq universe t) (memq selector universe))
        (list selector)))
   ((symbolp selector)
    (cl-assert (ert-test-boundp selector))
    (ert-select-tests (ert-get-test selector) universe))
   ((consp selector) (ert--select-compound selector universe))
   (t (error "No clause matching `%S'" selector))))

(defun ert--all-tests ()
  "Return all tests that have names, in the order of these."
  (let ((names nil))
    (mapatoms (lambda (symbol)
                (when (ert-test-boundp symbol)
                  (push symbol names))))
    (mapcar #'ert-get-test (sort names #'string<))))

(defun ert--select-compound (selector universe)
  "Return the tests that SELECTOR, a list, selects of UNIVERSE."
  (let ((operands (cdr selector)))
    (when (memq (car selector) '(eql not tag satisfies))
      (cl-assert (eql (length operands) 1)))
    (cl-ecase (car selector)
      (member
       (mapcar (lambda (one)
                 (if (ert-test-p one) one (ert-get-test one)))
               operands))
      (eql (ert-select-tests `(member ,(car operands)) universe))
      (and
       (dolist (operand operands universe)
         (setq universe (ert-select-tests operand universe)))
       (if operands universe (ert-select-tests t universe)))
      (not
       (let ((all (ert-select-tests t universe)))
         (cl-set-difference all (ert-select-tests (car operands) all))))
      (or
       (let ((result nil))
         (dolist (operand operands)
           (setq result (cl-union result
                                  (ert-select-tests operand universe))))
         result))
      (tag
       (cl-remove-if-not (lambda (test)
                           (memq (car operands) (ert-test-tags test)))
                         (ert-select-tests t universe)))
      (satisfies
       (cl-remove-if-not (car operands) (ert-select-tests t universe))))))

;;;; Statistics

(cl-defstruct ert--stats
  selector tests results
  (passed-expected 0) (passed-unexpected 0)
  (failed-expected 0) (failed-unexpected 0)
  (skipped 0) start-time end-time)

(defun ert-stats-completed-expected (stats)
  "Return the number of tests in STATS with results as expected."
  (+ (ert--stats-passed-expected stats) (ert--stats-failed-expected stats)))

(defun ert-stats-completed-unexpected (stats)
  "Return the number of tests in STATS with results that are not expected."
  (+ (ert--stats-passed-unexpected stats)
     (ert--stats-failed-unexpected stats)))

(defun ert-stats-skipped (stats)
  "Return the number of tests in STATS that were skipped."
  (ert--stats-skipped stats))

(defun ert-stats-completed (stats)
  "Return the number of tests in STATS that were run."
  (+ (ert-stats-completed-expected stats)
     (ert-stats-completed-unexpected stats)
     (ert-stats-skipped stats)))

(defun ert-stats-total (stats)
  "Return the number of tests in STATS."
  (length (ert--stats-tests stats)))

(defun ert--stats-count (stats result expected)
  "Count RESULT, which is as expected if EXPECTED, in STATS."
  (cond ((ert-test-passed-p result)
         (if expected
             (cl-incf (ert--stats-passed-expected stats))
           (cl-incf (ert--stats-passed-unexpected stats))))
        ((ert-test-failed-p result)
         (if expected
             (cl-incf (ert--stats-failed-expected stats))
           (cl-incf (ert--stats-failed-unexpected stats))))
        ((ert-test-skipped-p result)
         (cl-incf (ert--stats-skipped stats)))))

(defun ert-run-tests (selector listener &optional _interactively)
  "Run the tests of SELECTOR; LISTENER is a function that is told of it.
It gets `run-started' or `run-ended' and the statistics, or `test-started' or
`test-ended' with a test too, and in the end its result."
  (let* ((tests (vconcat (ert-select-tests selector t)))
         (stats (make-ert--stats :selector selector :tests tests
                                 :results (make-vector (length tests) nil)
                                 :start-time (float-time)))
         (i 0))
    (funcall listener 'run-started stats)
    (mapc (lambda (test)
            (funcall listener 'test-started stats test)
            (let ((result (ert-run-test test)))
              (aset (ert--stats-results stats) i result)
              (setq i (1+ i))
              (ert--stats-count stats result
                                (ert-test-result-expected-p test result))
              (funcall listener 'test-ended stats test result)))
          tests)
    (setf (ert--stats-end-time stats) (float-time))
    (funcall listener 'run-ended stats nil)
    stats))

;;;; Showing

(defun ert--time-string (seconds)
  "Return the date and the time of SECONDS since 1970, in UTC."
  (let* ((total (floor seconds))
         (days (floor total 86400))
         (second (mod total 86400))
         ;; Years begin in March, and 400 of them are an era (H. Hinnant).
         (shifted (+ days 719468))
         (era (floor shifted 146097))
         (day (- shifted (* era 146097)))
         (year (/ (- day (/ day 1460) (/ day -36524) (/ day 146096)) 365))
         (year-day (- day (+ (* 365 year) (/ year 4) (- (/ year 100)))))
         (month (/ (+ (* 5 year-day) 2) 153)))
    (format "%04d-%02d-%02d %02d:%02d:%02d+0000"
            (+ year (* era 400) (if (>= month 10) 1 0))
            (if (< month 10) (+ month 3) (- month 9))
            (1+ (- year-day (/ (+ (* 153 month) 2) 5)))
            (/ second 3600) (% (/ second 60) 60) (% second 60))))

(defun ert--clip (object depth)
  "Return OBJECT with a symbol for what is too deep or too long.
DEPTH is that of OBJECT."
  (cond
   ((not (consp object)) object)
   ((> depth ert-batch-print-level) 'ert--ellipsis)
   (t
    (let ((result nil)
          (count 0))
      (while (and (consp object) (< count ert-batch-print-length))
        (push (ert--clip (car object) (1+ depth)) result)
        (setq object (cdr object)
              count (1+ count)))
      (nconc (nreverse result)
             (if (consp object) (list 'ert--ellipsis) object))))))

(defun ert--print (object)
  "Return the text of OBJECT, shortened."
  (let* ((print-escape-newlines t)
         (print-escape-control-characters t)
         (text (prin1-to-string (ert--clip object 1)))
         (start 0)
         (found nil)
         (parts nil))
    (while (setq found (string-search "ert--ellipsis" text start))
      (push (substring text start found) parts)
      (push "..." parts)
      (setq start (+ found (length "ert--ellipsis"))))
    (push (substring text start) parts)
    (apply #'concat (nreverse parts))))

(defun ert--message-lines (text)
  "Show the lines of TEXT."
  (dolist (line (split-string text "\n"))
    (message "%s" line)))

(defun ert--frame-text (frame)
  "Return the line for FRAME of a backtrace, not too long."
  (let* ((text (if (car frame)
                   (concat (ert--print (nth 1 frame))
                           (if (nth 2 frame)
                               (ert--print (nth 2 frame))
                             "()"))
                 (ert--print (cons (nth 1 frame) (nth 2 frame)))))
         (line (concat "  " text)))
    (if (> (length line) ert-batch-backtrace-right-margin)
        (substring line 0 ert-batch-backtrace-right-margin)
      line)))

(defun ert--show-condition (test result)
  "Show why TEST has RESULT, which it should not have."
  (message "Test %S backtrace:" (ert-test-name test))
  (dolist (frame (ert-test-result-with-condition-backtrace result))
    (message "%s" (ert--frame-text frame)))
  (message "Test %S condition:" (ert-test-name test))
  (dolist (info (reverse (ert-test-result-with-condition-infos result)))
    (let ((prefix (concat "    " (car info))))
      (dolist (line (split-string (cdr info) "\n"))
        (message "%s%s" prefix line)
        (setq prefix (make-string (length prefix) ?\s)))))
  (ert--message-lines
   (concat "    "
           (ert--pretty
            (ert--print (ert-test-result-with-condition-condition result))
            4))))

(defun ert--show-result (stats test result)
  "Show the RESULT of TEST, one of those of STATS."
  (let ((expected (ert-test-result-expected-p test result)))
    (unless expected
      (cond ((ert-test-passed-p result)
             (message "Test %S passed unexpectedly" (ert-test-name test)))
            ((ert-test-result-with-condition-p result)
             (ert--show-condition test result))
            (t (message "Test %S aborted with non-local exit"
                        (ert-test-name test)))))
    (unless (and ert-quiet expected)
      (let* ((total (ert-stats-total stats))
             (width (length (number-to-string total)))
             (number (1+ (cl-position test (ert--stats-tests stats)))))
        (message "%9s  %s/%d  %S (%f sec)"
                 (ert-string-for-test-result result expected)
                 (let ((text (number-to-string number)))
                   (concat (make-string (max 0 (- width (length text))) ?\s)
                           text))
                 total
                 (ert-test-name test)
                 (ert-test-result-duration result))))))

(defun ert--show-list (stats title wanted)
  "Show TITLE and the tests of STATS for whose result WANTED holds."
  (message "%s" title)
  (cl-mapc (lambda (test result)
             (when (funcall wanted test result)
               (message "%9s  %S"
                        (ert-string-for-test-result result nil)
                        (ert-test-name test))))
           (ert--stats-tests stats) (ert--stats-results stats))
  (message "%s" ""))

(defun ert--show-end (stats)
  "Show what STATS say in the end."
  (let ((unexpected (ert-stats-completed-unexpected stats))
        (skipped (ert-stats-skipped stats))
        (failed (ert--stats-failed-expected stats)))
    (message "\nRan %d tests, %d results as expected, %d unexpected%s (%s, %f sec)%s\n"
             (ert-stats-total stats)
             (ert-stats-completed-expected stats)
             unexpected
             (if (zerop skipped) "" (format ", %d skipped" skipped))
             (ert--time-string (ert--stats-end-time stats))
             (- (ert--stats-end-time stats) (ert--stats-start-time stats))
             (if (zerop failed)
                 ""
               (format "\n%d expected failures" failed)))
    (unless (zerop unexpected)
      (ert--show-list stats (format "%d unexpected results:" unexpected)
                      (lambda (test result)
                        (not (ert-test-result-expected-p test result)))))
    (unless (zerop skipped)
      (ert--show-list stats (format "%d skipped results:" skipped)
                      (lambda (_test result)
                        (ert-test-skipped-p result))))))

(defun ert-run-tests-batch (&optional selector)
  "Run the tests of SELECTOR, t by default, and show the results by messages."
  (ert-run-tests
   (or selector t)
   (lambda (event stats &optional test result)
     (cond
      ((eq event 'run-started)
       (unless ert-quiet
         (message "Running %d tests (%s, selector `%S')"
                  (ert-stats-total stats)
                  (ert--time-string (ert--stats-start-time stats))
                  (ert--stats-selector stats))))
      ((eq event 'run-ended) (ert--show-end stats))
      ((eq event 'test-ended) (ert--show-result stats test result))))))

(defun ert-run-tests-batch-and-exit (&optional selector)
  "Run the tests of SELECTOR, and exit.
The code is 0 if all results are as expected, 1 if not, 2 if tests could not be
run."
  (let ((code 2))
    (unwind-protect
        (let ((stats (ert-run-tests-batch selector)))
          (setq code (if (zerop (ert-stats-completed-unexpected stats)) 0 1)))
      (kill-emacs code))))

;;; ert-batch.el ends here
