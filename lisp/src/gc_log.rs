//! `--gc-log FILE`: the events of the heap as lines of JSON.
//!
//! A thread of its own takes the events out of the buffer about every 50 ms and once more at the end, so nothing is
//! formatted or written inside a pause.  A pause is a line with the fields of a record's pause; a request is a line
//! `{"request":{...}}`; the last line has the totals and the number of events that the buffer had no room for.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tenure_gc::{Event, EventSink, Pause, Phase};

const PERIOD: Duration = Duration::from_millis(50);

/// A log being written; [`GcLog::finish`] ends it.
pub struct GcLog {
    stop: Sender<()>,
    thread: JoinHandle<io::Result<()>>,
}

impl GcLog {
    /// Begin to write the events of `sink` to a new file.
    pub fn start(file: &Path, sink: EventSink) -> io::Result<GcLog> {
        let mut writer =
            Writer { out: BufWriter::new(File::create(file)?), totals: Totals::default(), open: Vec::new() };
        let (stop, stopped) = channel();
        let thread = std::thread::Builder::new().name("gc-log".to_owned()).spawn(move || {
            let mut events = Vec::new();
            loop {
                let last = !matches!(stopped.recv_timeout(PERIOD), Err(RecvTimeoutError::Timeout));
                writer.totals.dropped += sink.lock().drain_into(&mut events);
                for event in events.drain(..) {
                    writer.event(event)?;
                }
                if last {
                    return writer.finish();
                }
            }
        })?;
        Ok(GcLog { stop, thread })
    }

    /// Write what is left and the totals.
    pub fn finish(self) -> io::Result<()> {
        // If the thread is gone already, joining tells why.
        _ = self.stop.send(());
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the log's thread panicked")))
    }
}

#[derive(Default)]
struct Totals {
    pauses: u64,
    pause_ns: u64,
    requests: u64,
    dropped: u64,
}

struct Writer<W: Write> {
    out: W,
    totals: Totals,
    /// When the requests that are not over began.
    open: Vec<u64>,
}

impl<W: Write> Writer<W> {
    fn event(&mut self, event: Event) -> io::Result<()> {
        match event {
            Event::Pause(pause) => self.pause(&pause),
            Event::RequestBegin(at) => {
                self.open.push(at);
                Ok(())
            }
            Event::RequestEnd(end_ns) => {
                // The beginning may have been dropped.
                let Some(start_ns) = self.open.pop() else { return Ok(()) };
                self.totals.requests += 1;
                writeln!(self.out, "{{\"request\":{{\"start_ns\":{start_ns},\"end_ns\":{end_ns}}}}}")
            }
        }
    }

    fn pause(&mut self, pause: &Pause) -> io::Result<()> {
        self.totals.pauses += 1;
        self.totals.pause_ns += pause.pause_ns;
        write!(
            self.out,
            "{{\"start_ns\":{},\"pause_ns\":{},\"kind\":\"{}\",\"cause\":\"{}\",\"phases\":{{",
            pause.start_ns,
            pause.pause_ns,
            pause.kind.name(),
            pause.cause.name(),
        )?;
        for (i, (phase, ns)) in Phase::ALL.iter().zip(pause.phases).enumerate() {
            write!(self.out, "{}\"{}\":{ns}", if i == 0 { "" } else { "," }, phase.name())?;
        }
        writeln!(
            self.out,
            "}},\"bytes_before\":{},\"bytes_after\":{},\"objects_before\":{},\"objects_after\":{},\"bytes_copied\":{},\"bytes_promoted\":{},\"roots\":{},\"remembered\":{}}}",
            pause.bytes_before,
            pause.bytes_after,
            pause.objects_before,
            pause.objects_after,
            pause.bytes_copied,
            pause.bytes_promoted,
            pause.roots,
            pause.remembered,
        )
    }

    fn finish(mut self) -> io::Result<()> {
        let Totals { pauses, pause_ns, requests, dropped } = self.totals;
        writeln!(
            self.out,
            "{{\"totals\":{{\"pauses\":{pauses},\"pause_ns\":{pause_ns},\"requests\":{requests},\"dropped\":{dropped}}}}}"
        )?;
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_nest_and_a_lost_beginning_is_skipped() {
        let mut out = Vec::new();
        let mut writer = Writer { out: &mut out, totals: Totals::default(), open: Vec::new() };
        for event in [Event::RequestEnd(1), Event::RequestBegin(2), Event::RequestBegin(3), Event::RequestEnd(4)] {
            writer.event(event).expect("written");
        }
        writer.event(Event::RequestEnd(5)).expect("written");
        writer.finish().expect("written");
        let expected = "{\"request\":{\"start_ns\":3,\"end_ns\":4}}\n\
                        {\"request\":{\"start_ns\":2,\"end_ns\":5}}\n\
                        {\"totals\":{\"pauses\":0,\"pause_ns\":0,\"requests\":2,\"dropped\":0}}\n";
        assert_eq!(String::from_utf8(out).expect("text"), expected);
    }
}
