use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc;

use super::*;

fn cost(memory_bytes: u64, work: u64) -> Cost {
    Cost { memory_bytes, work, class: crate::CostClass::Weak }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

/// A computation that runs until it is told to end, and says when it has begun.
struct Gate {
    begun: mpsc::Receiver<()>,
    end: mpsc::Sender<()>,
}

impl Gate {
    fn new() -> (Self, impl FnOnce() + Send + 'static) {
        let (starting, begun) = mpsc::channel();
        let (end, ended) = mpsc::channel();
        let work = move || {
            let _ = starting.send(());
            let _ = ended.recv();
        };
        (Self { begun, end }, work)
    }
}

/// Polls a future once, which submits its computation.
fn submit<F: Future>(future: F) -> std::pin::Pin<Box<F>> {
    let mut future = Box::pin(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    assert!(future.as_mut().poll(&mut context).is_pending());
    future
}

#[test]
fn threads_and_memory_are_bounded() {
    let options = SchedulerOptions::new().threads(3).memory_bytes(10);
    let scheduler = Arc::new(HashScheduler::new(options));
    let (running, most, memory, most_memory) =
        (AtomicUsize::new(0), AtomicUsize::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let seen = Arc::new((running, most, memory, most_memory));
    run(async {
        let compute = |n: u64| {
            let (scheduler, seen, bytes) = (Arc::clone(&scheduler), Arc::clone(&seen), n % 7 + 1);
            let work = move || {
                let (running, most, memory, most_memory) = &*seen;
                most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                most_memory
                    .fetch_max(memory.fetch_add(bytes, Ordering::SeqCst) + bytes, Ordering::SeqCst);
                thread::yield_now();
                memory.fetch_sub(bytes, Ordering::SeqCst);
                running.fetch_sub(1, Ordering::SeqCst);
                n
            };
            tokio::spawn(async move { scheduler.run(cost(bytes, 10), work).await })
        };
        let tasks: Vec<_> = (0..200).map(compute).collect();
        for (n, task) in (0..).zip(tasks) {
            assert_eq!(task.await.unwrap(), Ok(n));
        }
    });
    assert!(seen.1.load(Ordering::SeqCst) <= 3);
    assert!(seen.3.load(Ordering::SeqCst) <= 10);
    let stats = scheduler.stats();
    assert_eq!((stats.finished, stats.refused, stats.queued), (200, 0, 0));
    assert!(stats.peak_memory_bytes <= 10, "{stats:?}");
}

#[test]
fn who_finds_the_queue_full_is_refused_at_once() {
    let scheduler = HashScheduler::new(SchedulerOptions::new().threads(1).queue(2));
    let (gate, work) = Gate::new();
    let running = submit(scheduler.run(cost(0, 0), work));
    gate.begun.recv().unwrap();
    let number = |n| move || n;
    let waiting = [0, 1].map(|n| submit(scheduler.run(cost(0, 0), number(n))));
    let refused = run(scheduler.run(cost(0, 0), || 2));
    assert_eq!(refused, Err(ScheduleError::Overloaded { queued: 2 }));
    // A place is free as soon as somebody gives up.
    let [first, second] = waiting;
    drop(first);
    let third = submit(scheduler.run(cost(0, 0), number(3)));
    gate.end.send(()).unwrap();
    assert_eq!(run(running), Ok(()));
    assert_eq!([second, third].map(run), [Ok(1), Ok(3)]);
    assert_eq!((scheduler.stats().refused, scheduler.stats().abandoned), (1, 1));
}

#[test]
fn who_would_wait_too_long_is_refused_at_once() {
    let options = SchedulerOptions::new().threads(1).deadline(Duration::from_secs(3));
    let scheduler = HashScheduler::new(options);
    let (gate, work) = Gate::new();
    let running = submit(scheduler.run(cost(0, 2_000_000), work));
    gate.begun.recv().unwrap();
    let waiting = submit(scheduler.run(cost(0, 2_000_000), || ()));
    let refused = run(scheduler.run(cost(0, 1), || ()));
    assert_eq!(refused, Err(ScheduleError::Overloaded { queued: 1 }));
    gate.end.send(()).unwrap();
    assert_eq!(run(running), Ok(()));
    assert_eq!(run(waiting), Ok(()));
}

#[test]
fn who_has_waited_too_long_is_refused_when_its_turn_comes() {
    let options = SchedulerOptions::new().threads(1).deadline(Duration::ZERO);
    let scheduler = HashScheduler::new(options);
    let (gate, work) = Gate::new();
    let running = submit(scheduler.run(cost(0, 0), work));
    // It may be late itself, where a thread takes its time to start.
    if gate.begun.recv().is_ok() {
        let late = submit(scheduler.run(cost(0, 0), || ()));
        gate.end.send(()).unwrap();
        assert_eq!(run(late), Err(ScheduleError::Overloaded { queued: 0 }));
        assert_eq!(run(running), Ok(()));
    } else {
        assert_eq!(run(running), Err(ScheduleError::Overloaded { queued: 0 }));
    }
}

#[test]
fn giving_up_makes_no_room() {
    let scheduler = HashScheduler::new(SchedulerOptions::new().threads(2).memory_bytes(10));
    let (gate, work) = Gate::new();
    let running = submit(scheduler.run(cost(6, 0), work));
    gate.begun.recv().unwrap();
    drop(running);
    assert_eq!(scheduler.stats().memory_bytes, 6, "what runs holds its memory");
    // Given up while it waits, it is never computed.
    let given_up = submit(scheduler.run(cost(6, 0), || panic!("it must not run")));
    drop(given_up);
    let next = submit(scheduler.run(cost(6, 0), || "its turn"));
    assert_eq!(scheduler.stats().running, 1);
    gate.end.send(()).unwrap();
    assert_eq!(run(next), Ok("its turn"));
    let stats = scheduler.stats();
    assert_eq!((stats.finished, stats.abandoned, stats.peak_memory_bytes), (2, 1, 6));
}

#[test]
fn what_never_fits_and_what_panics_is_told() {
    let scheduler = HashScheduler::new(SchedulerOptions::new().threads(1).memory_bytes(10));
    let refused = run(scheduler.run(cost(11, 0), || ()));
    assert_eq!(refused, Err(ScheduleError::OverBudget { bytes: 11, budget: 10 }));
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let panicked = run(scheduler.run(cost(0, 0), || panic!("a bug")));
    std::panic::set_hook(hook);
    assert_eq!(panicked, Err::<(), _>(ScheduleError::Panicked));
    assert_eq!(run(scheduler.run(cost(0, 0), || 1)), Ok(1), "the thread lives on");
}

#[test]
fn those_of_a_kind_are_verified_together_and_each_hears_its_own() {
    let limits = crate::Limits::default();
    let hash = |algorithm: &str, text: &str| {
        PasswordHash::import(algorithm, text, &crate::HashOptions::new(), &limits).unwrap()
    };
    let bcrypt = hash("bcrypt", "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy");
    // Passwords "test12345" and "".
    let phpass = hash("phpass", "$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0");
    let argon2 =
        hash("argon2", "$argon2id$v=19$m=16,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$AAAAAAAAAAAAAAAAAAAAAA");
    let scheduler = HashScheduler::new(SchedulerOptions::new().threads(1).memory_bytes(1 << 20));
    let (gate, work) = Gate::new();
    let running = submit(scheduler.run(cost(0, 0), work));
    gate.begun.recv().unwrap();
    let mut waiting = Vec::new();
    for round in 0..6 {
        for hash in [&bcrypt, &phpass, &argon2] {
            for password in ["test12345", "", "wrong"] {
                let password = Zeroizing::new(password.as_bytes().to_vec());
                let expected = hash.verify(&password);
                let then = move |verified: Result<(), VerifyError>| (round, verified);
                let one = scheduler.verify(hash.cost(), hash.clone(), password, then);
                waiting.push((submit(one), Ok((round, expected))));
            }
        }
    }
    gate.end.send(()).unwrap();
    assert_eq!(run(running), Ok(()));
    let mut right = 0;
    for (future, expected) in waiting {
        let result = run(future);
        right += u32::from(matches!(result, Ok((_, Ok(())))));
        assert_eq!(result, expected);
    }
    assert_eq!(right, 12, "one password of bcrypt and of phpass is right, six times each");
    let stats = scheduler.stats();
    assert_eq!((stats.finished, stats.queued, stats.memory_bytes), (55, 0, 0));
    // Of bcrypt all 18, wherever there are kernels; of phpass as the lanes are.
    assert_eq!(stats.together >= 18, cfg!(feature = "kernels"), "{stats:?}");
}

#[test]
fn nobody_is_computed_beside_others_over_the_memory() {
    let limits = crate::Limits::default();
    let text = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy";
    let options = crate::HashOptions::new();
    let bcrypt = PasswordHash::import("bcrypt", text, &options, &limits).unwrap();
    // Room for one and a half.
    let scheduler = HashScheduler::new(SchedulerOptions::new().threads(1).memory_bytes(6 * 1024));
    let (gate, work) = Gate::new();
    let running = submit(scheduler.run(cost(0, 0), work));
    gate.begun.recv().unwrap();
    let verify = |_| {
        let (hash, password) = (bcrypt.clone(), Zeroizing::default());
        submit(scheduler.verify(bcrypt.cost(), hash, password, |verified| verified))
    };
    let waiting: Vec<_> = (0..4).map(verify).collect();
    gate.end.send(()).unwrap();
    assert_eq!(run(running), Ok(()));
    let results: Vec<_> = waiting.into_iter().map(run).collect();
    assert!(results.iter().all(|result| matches!(result, Ok(Ok(())))), "{results:?}");
    assert_eq!((scheduler.stats().together, scheduler.stats().peak_memory_bytes), (0, 4 * 1024));
}
