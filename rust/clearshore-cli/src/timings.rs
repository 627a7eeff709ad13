//! How long the stages of a run take.

use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is done before the first stage begins.
const FIRST: &str = "opening";

/// Seconds of every stage since the last [`Timings::take`].
pub struct Timings(Mutex<Watch>);

struct Watch {
    stage: &'static str,
    began: (Duration, Instant),
    finished: Vec<Stage>,
}

/// A stage that is over.
struct Stage {
    name: &'static str,
    cpu: Duration,
    wall: Duration,
}

/// CPU time of the process, all its threads, user and system; and the wall clock.
fn now() -> (Duration, Instant) {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    (time.try_into().unwrap_or_default(), Instant::now())
}

impl Watch {
    fn start() -> Self {
        Self {
            stage: FIRST,
            began: now(),
            finished: Vec::new(),
        }
    }

    /// Ends the present stage; what takes up its name later goes on with its row.
    fn change(&mut self, stage: &'static str) {
        let (cpu, wall) = now();
        let name = std::mem::replace(&mut self.stage, stage);
        let (cpu_then, wall_then) = std::mem::replace(&mut self.began, (cpu, wall));
        let (cpu, wall) = (cpu.saturating_sub(cpu_then), wall - wall_then);
        match self.finished.iter_mut().find(|stage| stage.name == name) {
            Some(stage) => {
                stage.cpu += cpu;
                stage.wall += wall;
            }
            None => self.finished.push(Stage { name, cpu, wall }),
        }
    }
}

impl Timings {
    /// The first stage begins now.
    pub fn start() -> Self {
        Self(Mutex::new(Watch::start()))
    }

    /// The present stage ends and another begins.
    pub fn stage(&self, name: &'static str) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .change(name);
    }

    /// The stages until now, in their order: name, CPU-seconds, seconds. Counts from zero again.
    pub fn take(&self) -> Value {
        let mut watch = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        watch.change(FIRST);
        let finished = std::mem::replace(&mut *watch, Watch::start()).finished;
        let rows = finished.iter().map(|stage| {
            json!({
                "stage": stage.name,
                "cpu": stage.cpu.as_secs_f64(),
                "wall": stage.wall.as_secs_f64(),
            })
        });
        rows.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_stage_has_its_seconds_and_a_name_that_returns_one_row() {
        let begin = Instant::now();
        let timings = Timings::start();
        timings.stage("sleeping");
        std::thread::sleep(Duration::from_millis(60));
        timings.stage("working");
        let until = Instant::now() + Duration::from_millis(60);
        while Instant::now() < until {
            std::hint::spin_loop();
        }
        timings.stage("sleeping");
        std::thread::sleep(Duration::from_millis(60));
        let rows = timings.take();
        let names: Vec<_> = (0..3).map(|row| rows[row]["stage"].as_str()).collect();
        assert_eq!(names, [Some("opening"), Some("sleeping"), Some("working")]);
        assert_eq!(rows.as_array().map(Vec::len), Some(3));
        let wall = |row: usize| rows[row]["wall"].as_f64().unwrap();
        assert!(wall(1) >= 0.12 && wall(2) >= 0.06, "{rows}");
        assert!(wall(0) + wall(1) + wall(2) <= begin.elapsed().as_secs_f64());
        // Other tests of this process may work at the same time: CPU-seconds have only a lower bound.
        assert!(rows[2]["cpu"].as_f64().unwrap() > 0.01, "{rows}");
        assert_eq!(timings.take().as_array().map(Vec::len), Some(1));
    }
}
