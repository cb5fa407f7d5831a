;;; text.el --- How fast text becomes objects and objects become text  -*- lexical-binding: t -*-

(defvar text-seed 1)
(defun text-random (limit)
  (setq text-seed (% (+ (* text-seed 1103515245) 12345) 2147483648))
  (% (/ text-seed 8) limit))

(defun text-integer () (- (text-random 2000000) 1000000))
(defun text-symbol () (intern (format "symbol-%d-name" (text-random 3000))))
(defun text-string () (format "some text of %d words,\nwith \"quotes\"" (text-random 100000)))
(defun text-wide () (format "naïve café %d — 中文" (text-random 100000)))
(defun text-float () (/ (text-integer) 1024.0))
(defun text-decimal () (/ (text-integer) 1000.0))
(defun text-vector ()
  (vector (text-integer) (vector (text-symbol) (vector (text-integer) (text-symbol))) (text-integer)))
(defun text-code ()
  (let ((n (text-random 1000)))
    `(defun ,(text-symbol) (first &optional second)
       "Return FIRST and SECOND."
       (let ((sum (+ first ,n)) (name ',(text-symbol)))
         (if (> sum 97) (list sum `(,name . ,second) "text") [1 2 3 ,n])))))
(defun text-mixed ()
  (funcall (aref [text-integer text-symbol text-string text-float text-vector text-code text-wide] (text-random 7))))

(defun text-list (make count)
  (let (list)
    (dotimes (_ count) (push (funcall make) list))
    list))

(defun text-median (times) (nth (/ (length times) 2) (sort times #'<)))

(defun text-clock ()
  "The seconds of processor time that this process has used: what else the machine does matters less to it."
  (float-time (get-internal-run-time)))

(defun text-speed (bytes function)
  "Megabytes a second of FUNCTION, which is about BYTES bytes: the median of seven runs."
  (let (times)
    (dotimes (_ 7)
      (garbage-collect)
      (let ((start (text-clock)))
        (funcall function)
        (push (- (text-clock) start) times)))
    (/ bytes 1e6 (text-median times))))

(defvar text-rows
  '((integers text-integer 500000)
    (symbols text-symbol 250000)
    (strings text-string 100000)
    (non-ascii-strings text-wide 100000)
    (binary-floats text-float 300000)
    (decimal-floats text-decimal 300000)
    (nested-vectors text-vector 60000)
    (code text-code 20000)
    (mixed text-mixed 80000))
  "What lists are made of, how, and of how many.")

(defun text-report ()
  "A line for each kind of data: name, bytes, megabytes a second of reading and of printing."
  (mapconcat
   (lambda (row)
     (setq text-seed 1)
     (let* ((data (text-list (nth 1 row) (nth 2 row)))
            (text (prin1-to-string data))
            (bytes (string-bytes text)))
       (unless (equal (prin1-to-string (read text)) text) (error "Read differently: %s" (car row)))
       (format "%s\t%d\t%.1f\t%.1f" (car row) bytes
               (text-speed bytes (lambda () (read text)))
               (text-speed bytes (lambda () (prin1-to-string data))))))
   text-rows "\n"))
