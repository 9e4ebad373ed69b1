#!/usr/bin/env ruby
# The shop in Ruby: the pg gem, a thread for each connection.
#
# usage: shop.rb PORT      SHOP_URL names the database; FIXED in the environment mends it
require 'pg'
require 'socket'

def fulfill(db)
  db.transaction do
    if ENV['FIXED']
      taken = db.exec("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'").cmd_tuples
      next false if taken.zero?
    else
      next false if db.exec('SELECT status FROM orders WHERE id = 1').getvalue(0, 0) != 'pending'
      db.exec("UPDATE orders SET status = 'fulfilled' WHERE id = 1")
    end
    db.exec('INSERT INTO shipments (order_id) VALUES (1)')
    true
  end
end

def answer(client)
  length = 0
  while (line = client.gets) && line !~ /\A\r?\n\z/
    length = Regexp.last_match(1).to_i if line =~ /\Acontent-length:\s*(\d+)/i
  end
  client.read(length)
  db = PG.connect(ENV['SHOP_URL'])
  body = %({"fulfilled": #{fulfill(db)}})
  db.close
  client.write("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: #{body.bytesize}\r\n\r\n#{body}")
  client.close
end

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop { Thread.new(server.accept) { |client| answer(client) } }
