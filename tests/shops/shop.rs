// The shop in Rust: the standard library alone, a thread for each connection, a connection of its own to Redis.
//
// usage: shop PORT      SHOP_SOCKET names the server's socket; FIXED in the environment mends the shop
use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::thread;

struct Redis {
    reader: BufReader<UnixStream>,
}

impl Redis {
    fn open() -> Redis {
        let stream = UnixStream::connect(env::var("SHOP_SOCKET").unwrap()).unwrap();
        Redis { reader: BufReader::new(stream) }
    }

    // The reply to a command, if it is of one line, or a string; None where there is nothing.
    fn ask(&mut self, words: &[&str]) -> Option<String> {
        let mut request = format!("*{}\r\n", words.len());
        for word in words {
            request += &format!("${}\r\n{}\r\n", word.len(), word);
        }
        self.reader.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.reader.read_line(&mut line).unwrap();
        let rest = line[1..].trim_end().to_string();
        if !line.starts_with('$') {
            return Some(rest);
        }
        let length: usize = rest.parse().ok()?;
        let mut bytes = vec![0; length + 2];
        self.reader.read_exact(&mut bytes).unwrap();
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }
}

fn fulfill(redis: &mut Redis) -> bool {
    if env::var("FIXED").is_ok() {
        if redis.ask(&["SETNX", "order:1:fulfilled", "yes"]).unwrap() == "0" {
            return false;
        }
    } else if redis.ask(&["GET", "order:1"]).unwrap() != "pending" {
        return false;
    }
    redis.ask(&["SET", "order:1", "fulfilled"]);
    redis.ask(&["RPUSH", "shipments", "order 1"]);
    true
}

fn answer(stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim_end().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let body = format!("{{\"fulfilled\": {}}}", fulfill(&mut Redis::open()));
    write!(reader.get_mut(), "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", body.len(), body)
}

fn main() {
    let port: u16 = env::args().nth(1).unwrap().parse().unwrap();
    for stream in TcpListener::bind(("127.0.0.1", port)).unwrap().incoming() {
        thread::spawn(|| answer(stream.unwrap()));
    }
}
