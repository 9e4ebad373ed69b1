#!/usr/bin/perl
# The shop in Perl: DBD::Pg, a process for each connection, as plain preforking servers do it.
#
# usage: shop.pl PORT      SHOP_URL names the database; FIXED in the environment mends it
use strict;
use warnings;
use DBI;
use IO::Socket::INET;

my ($name, $host, $user) = $ENV{SHOP_URL} =~ m{^postgresql:///(\w+)\?host=([^&]+)&user=(\w+)} or die "SHOP_URL\n";

sub fulfill {
    my $db = shift;
    if ($ENV{FIXED}) {
        my $taken = $db->do("UPDATE orders SET status = 'fulfilled' WHERE id = 1 AND status = 'pending'");
        return 0 if $taken == 0;
    } else {
        my ($status) = $db->selectrow_array('SELECT status FROM orders WHERE id = 1');
        return 0 if $status ne 'pending';
        $db->do("UPDATE orders SET status = 'fulfilled' WHERE id = 1");
    }
    $db->do('INSERT INTO shipments (order_id) VALUES (1)');
    return 1;
}

sub answer {
    my $client = shift;
    my $length = 0;
    while (my $line = <$client>) {
        $length = $1 if $line =~ /^content-length:\s*(\d+)/i;
        last if $line =~ /^\r?\n$/;
    }
    read $client, my $order, $length;
    my $db = DBI->connect("dbi:Pg:dbname=$name;host=$host", $user, '', { RaiseError => 1, AutoCommit => 0 });
    my $fulfilled = fulfill($db);
    $db->commit;
    $db->disconnect;
    my $body = $fulfilled ? '{"fulfilled": true}' : '{"fulfilled": false}';
    print $client "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: ", length $body, "\r\n\r\n", $body;
    close $client;
}

my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], Listen => 5, ReuseAddr => 1) or die "$!\n";
$SIG{CHLD} = 'IGNORE';
while (1) {
    my $client = $server->accept or next;
    if (fork == 0) {
        answer($client);
        exit 0;
    }
    close $client;
}
