// A correct program: what two threads read of an order and then write is kept apart by a lock that is taken without a call,
// because nobody waits for it. Neither happens while the other does, and neither may be said to be able to.
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

static ORDER: Mutex<()> = Mutex::new(());

fn ask(stream: &mut BufReader<UnixStream>, words: &[&str]) {
    let mut request = format!("*{}\r\n", words.len());
    for word in words {
        request += &format!("${}\r\n{}\r\n", word.len(), word);
    }
    stream.get_mut().write_all(request.as_bytes()).unwrap();
    let mut line = String::new();
    stream.read_line(&mut line).unwrap();
    if let (true, Ok(length)) = (line.starts_with('$'), line[1..].trim_end().parse::<usize>()) {
        stream.read_exact(&mut vec![0; length + 2]).unwrap();
    }
}

fn fulfill(me: u64) {
    thread::sleep(Duration::from_millis(100 + 200 * me));
    let mut redis = BufReader::new(UnixStream::connect(env::var("SHOP_SOCKET").unwrap()).unwrap());
    let _held = ORDER.lock().unwrap();
    ask(&mut redis, &["GET", "order:1"]);
    ask(&mut redis, &["SET", "order:1", &format!("fulfilled by {}", me)]);
    ask(&mut redis, &["LPUSH", "shipments", "1"]);
}

fn main() {
    let handlers: Vec<_> = (0..2).map(|me| thread::spawn(move || fulfill(me))).collect();
    for handler in handlers {
        handler.join().unwrap();
    }
}
