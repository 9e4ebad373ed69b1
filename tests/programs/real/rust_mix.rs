/* What a Rust program uses of the standard library to run things side by side. Its output is the same in every order.
 * output:
 * counter: 9
 * channel: 6 items, sum 21
 * bounded channel: 3 items in order
 * parked: woken after the flag
 * condvar: 2 waiters saw 7
 * timed: timeout, not before 20 ms
 * rwlock: 2 versions
 * once: made 1 time
 * barrier: 1 leader of 3
 * panic: caught, mutex poisoned
 * scoped: 1 2 3 4
 * thread_local: dropped 2
 */
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{channel, sync_channel};
use std::sync::{Arc, Barrier, Condvar, Mutex, Once, RwLock};
use std::thread;
use std::time::{Duration, Instant};

fn run<F: Fn(usize) + Send + Sync + 'static>(nthreads: usize, work: F) {
    let work = Arc::new(work);
    let threads: Vec<_> = (0..nthreads)
        .map(|i| {
            let work = work.clone();
            thread::spawn(move || work(i))
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}

fn counter() {
    let sum = Arc::new(Mutex::new(0));
    let ours = sum.clone();
    run(3, move |_| {
        for _ in 0..3 {
            let mut held = ours.lock().unwrap();
            let seen = *held;
            thread::yield_now();
            *held = seen + 1;
        }
    });
    println!("counter: {}", sum.lock().unwrap());
}

fn channels() {
    let (sender, receiver) = channel();
    for i in 0..2 {
        let sender = sender.clone();
        thread::spawn(move || {
            for j in 1..4 {
                sender.send(i * 3 + j).unwrap();
            }
        });
    }
    drop(sender);
    let items: Vec<i32> = receiver.iter().collect();
    println!("channel: {} items, sum {}", items.len(), items.iter().sum::<i32>());
    let (sender, receiver) = sync_channel(1);
    let producer = thread::spawn(move || {
        for i in 0..3 {
            sender.send(i).unwrap();
        }
    });
    let items: Vec<i32> = receiver.iter().collect();
    producer.join().unwrap();
    assert_eq!(items, [0, 1, 2]);
    println!("bounded channel: {} items in order", items.len());
}

fn parking() {
    let flag = Arc::new(AtomicBool::new(false));
    let seen = flag.clone();
    let parked = thread::spawn(move || {
        while !seen.load(Ordering::Acquire) {
            thread::park();
        }
    });
    flag.store(true, Ordering::Release);
    parked.thread().unpark();
    parked.join().unwrap();
    println!("parked: woken after the flag");
}

fn condition() {
    let pair = Arc::new((Mutex::new(0), Condvar::new()));
    let sum = Arc::new(AtomicUsize::new(0));
    let waiters: Vec<_> = (0..2)
        .map(|_| {
            let (pair, sum) = (pair.clone(), sum.clone());
            thread::spawn(move || {
                let value = pair.1.wait_while(pair.0.lock().unwrap(), |value| *value == 0).unwrap();
                sum.fetch_add(*value, Ordering::SeqCst);
            })
        })
        .collect();
    *pair.0.lock().unwrap() = 7;
    pair.1.notify_all();
    for waiter in waiters {
        waiter.join().unwrap();
    }
    println!("condvar: 2 waiters saw {}", sum.load(Ordering::SeqCst) / 2);
    let begin = Instant::now();
    let (_guard, result) = pair.1.wait_timeout_while(pair.0.lock().unwrap(), Duration::from_millis(20), |_| true).unwrap();
    assert!(result.timed_out() && begin.elapsed() >= Duration::from_millis(20));
    println!("timed: timeout, not before 20 ms");
}

fn versions() {
    let versions = Arc::new(RwLock::new(HashMap::from([(0, "first")])));
    let ours = versions.clone();
    run(4, move |i| {
        if i == 0 {
            ours.write().unwrap().insert(1, "second");
        } else {
            let seen = ours.read().unwrap().len();
            assert!(seen == 1 || seen == 2);
        }
    });
    println!("rwlock: {} versions", versions.read().unwrap().len());
}

fn once() {
    static ONCE: Once = Once::new();
    static NMADE: AtomicUsize = AtomicUsize::new(0);
    run(3, |_| {
        ONCE.call_once(|| {
            thread::sleep(Duration::from_millis(1));
            NMADE.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(NMADE.load(Ordering::SeqCst), 1);
    });
    println!("once: made {} time", NMADE.load(Ordering::SeqCst));
}

fn meeting() {
    let barrier = Arc::new(Barrier::new(3));
    let nleaders = Arc::new(AtomicUsize::new(0));
    let ours = nleaders.clone();
    run(3, move |_| {
        if barrier.wait().is_leader() {
            ours.fetch_add(1, Ordering::SeqCst);
        }
    });
    println!("barrier: {} leader of 3", nleaders.load(Ordering::SeqCst));
}

fn panics() {
    std::panic::set_hook(Box::new(|_| {}));
    let poisoned = Arc::new(Mutex::new(()));
    let ours = poisoned.clone();
    let failing = thread::spawn(move || {
        let _held = ours.lock().unwrap();
        panic!("on purpose");
    });
    let caught = failing.join().is_err();
    println!("panic: {}, mutex {}", if caught { "caught" } else { "lost" }, if poisoned.lock().is_err() { "poisoned" } else { "whole" });
}

fn scopes() {
    let mut values = vec![4, 3, 2, 1];
    thread::scope(|scope| {
        for value in values.iter_mut() {
            scope.spawn(move || *value = 5 - *value);
        }
    });
    println!("scoped: {}", values.iter().map(|value| value.to_string()).collect::<Vec<_>>().join(" "));
}

static NDROPPED: AtomicUsize = AtomicUsize::new(0);

struct Farewell;

impl Drop for Farewell {
    fn drop(&mut self) {
        NDROPPED.fetch_add(1, Ordering::SeqCst);
    }
}

thread_local!(static FAREWELL: Farewell = Farewell);

fn locals() {
    run(2, |_| FAREWELL.with(|_| ()));
    println!("thread_local: dropped {}", NDROPPED.load(Ordering::SeqCst));
}

fn main() {
    counter();
    channels();
    parking();
    condition();
    versions();
    once();
    meeting();
    panics();
    scopes();
    locals();
}
